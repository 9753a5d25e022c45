/** What `ip -d link` prints behind a link's kind, by version, as settings; and settings as words again. */
import { describe, expect, test } from 'vitest';
import { newLink } from '../../../src/resources/links/new-link.js';
import { KINDS, type KindName, settingsOf, withSettings } from '../../../src/snapshot/kinds/kinds.js';
import { parseLinks } from '../../../src/snapshot/parse-link.js';
import { resolverOf } from '../../support/names.js';

function settings(text: string): Record<string, string | null> {
  const [link] = parseLinks(
    `5: x@eth0: <BROADCAST> mtu 1500 qdisc noop state DOWN ${text}`,
    new Map(),
    resolverOf(),
  ).values();
  if (link === undefined) throw new Error('no link');
  return { ...settingsOf(link) };
}

const ETHER = '\\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 \\    ';

describe('what is printed', () => {
  test.each([
    [
      'vlan of 2.6.33',
      'vlan id 5 <REORDER_HDR> ',
      { link: 'eth0', protocol: '802.1Q', id: '5', reorder_hdr: 'on', gvrp: 'off' },
    ],
    [
      'vlan of 6.1 with -N, maps in lines of their own',
      'vlan protocol [34984] id 6 <GVRP,MVRP,LOOSE_BINDING> \\      ingress-qos-map { 1:2 3:4 } \\      egress-qos-map { 2:5 } addrgenmode eui64 numtxqueues 1',
      {
        ...{ protocol: '802.1ad', id: '6', reorder_hdr: 'off', gvrp: 'on', mvrp: 'on', loose_binding: 'on' },
        ...{ ingress_qos_map: '1:2 3:4', egress_qos_map: '2:5' },
      },
    ],
    ['macvlan of 3.10', 'macvlan  mode bridge ', { mode: 'bridge', macaddr: null }],
    [
      'macvlan of 6.1 as source, its list in the order of the kernel',
      'macvlan mode source bcqueuelen 500 usedbcqueuelen 1000 remotes (2) 02:00:00:00:00:03 02:00:00:00:00:02 addrgenmode eui64',
      { mode: 'source', bcqueuelen: '500', macaddr: '02:00:00:00:00:02 02:00:00:00:00:03' },
    ],
    [
      'vxlan of 3.10, without words for what is usual',
      'vxlan id 42 group 239.1.1.1 dev eth1 port 32768 61000 ageing 300 ',
      { id: '42', remote: '239.1.1.1', dev: 'eth1', ttl: 'auto', learning: 'on', udpcsum: 'on' },
    ],
    [
      'vxlan of 6.1, on a device that is called like a word',
      'vxlan id 7 dev ttl srcport 5 10 dstport 4789 proxy rsc l2miss l3miss nolearning tos inherit ttl 3 df inherit ageing 300 maxaddr 7 noudpcsum udp6zerocsumtx udp6zerocsumrx gbp addrgenmode eui64',
      {
        ...{
          id: '7',
          dev: 'ttl',
          srcport: '5-10',
          dstport: '4789',
          proxy: 'on',
          learning: 'off',
          tos: 'inherit',
        },
        ...{ ttl: '3', df: 'inherit', maxaddress: '7', udpcsum: 'off', udp6zerocsumtx: 'on', gbp: 'on' },
      },
    ],
    [
      'gre of 4.11',
      'gre remote 10.0.0.2 local any dev eth0 ttl inherit tos inherit nopmtudisc ikey 1.2.3.4 okey 0.0.0.5 iseq ocsum ',
      {
        ...{ remote: '10.0.0.2', local: null, dev: 'eth0', ttl: 'inherit', tos: 'inherit', pmtudisc: 'off' },
        ...{ ikey: '16909060', okey: '5', iseq: 'on', oseq: 'off', icsum: 'off', ocsum: 'on' },
      },
    ],
    [
      'gre in UDP',
      'gre remote 10.0.0.2 local 10.0.0.1 ttl 64 encap fou encap-sport auto encap-dport 5555 noencap-csum noencap-csum6 noencap-remcsum addrgenmode eui64',
      { ttl: '64', encap: 'fou', encap_sport: 'auto', encap_dport: '5555', encap_csum: 'off' },
    ],
    [
      'ipip of 6.1',
      'ipip external mplsip remote any local any ttl inherit pmtudisc fwmark 0x5 addrgenmode eui64',
      { mode: 'mplsip', external: 'on', remote: null, pmtudisc: 'on', fwmark: '0x5' },
    ],
    ['vrf', 'vrf table 10 addrgenmode eui64', { table: '10' }],
    [
      'veth',
      'veth addrgenmode eui64 numtxqueues 2 numrxqueues 3 gso_max_size 65536',
      { peer: 'eth0', peer_netns: null, numtxqueues: '2', numrxqueues: '3' },
    ],
  ])('%s', (_name, text, expected) => {
    expect(settings(`${ETHER}${text}`)).toMatchObject(expected);
  });

  test('the other end of a veth in another namespace has no name here', () => {
    const [link] = parseLinks(
      '5: x@if9: <BROADCAST> mtu 1500 \\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netns blue promiscuity 0 \\    veth',
      new Map(),
      resolverOf(),
    ).values();
    expect(link && settingsOf(link)).toMatchObject({ peer_netns: 'blue' });
    expect(link && settingsOf(link)).not.toHaveProperty('peer');
  });
});

/** Something else than a new link has, for each setting. */
const OTHER: Readonly<Record<string, unknown>> = {
  ...{
    link: 'eth1',
    protocol: '802.1ad',
    mode: 'mplsip',
    remote: '10.0.0.2',
    local: '10.0.0.1',
    dev: 'eth1',
  },
  ...{ srcport: '5-10', df: 'set', encap: 'gue', peer: 'b', macaddr: ['02:00:00:00:00:02'] },
  ...{ ingress_qos_map: { 1: 2 }, egress_qos_map: { 3: 4 }, peer_netns: null },
};

const all = (Object.keys(KINDS) as KindName[]).flatMap((kind) =>
  KINDS[kind].map((setting) => [kind, setting.name, setting] as const),
);

test.each(all)('%s: %s is found again by what prints it', (kind, name, setting) => {
  const usual = setting.initial === 'on' ? false : setting.initial === 'off' ? true : 7;
  const value = setting.canonical(name in OTHER ? OTHER[name] : usual);
  const made = withSettings(newLink('x', {}), kind, { [name]: value });
  expect(settingsOf(made)[name]).toBe(value);
  const others = KINDS[kind].filter((other) => other.name !== name && other.name !== 'peer_netns');
  for (const other of others) expect(settingsOf(made)[other.name]).toBe(other.initial);
});
