import { describe, expect, test } from 'vitest';
import type { Link, Neighbour } from '../../../src/snapshot/model.js';
import { nameFile } from '../../../src/snapshot/names.js';
import { parseArpProxies, parseNeighbours } from '../../../src/snapshot/parse-neighbour.js';
import { createResolver } from '../../../src/snapshot/resolver.js';
import { nic } from '../../support/host-state.js';

const PROTOCOLS = nameFile('protocols', [{ id: 11, name: 'zebra', file: '/etc/iproute2/rt_protos' }]);
const NONE = nameFile('tables', []);
const resolve = createResolver(
  { tables: NONE, protocols: PROTOCOLS, scopes: NONE, dsfield: NONE, realms: NONE, groups: NONE },
  false,
);
const links = new Map<string, Link>(
  [nic('eth0'), nic('tun0', { flags: ['POINTOPOINT', 'NOARP', 'UP'] }), nic('proxy'), nic('lladdr')].map(
    (link) => [link.name, link],
  ),
);
const parse = (text: string): Neighbour[] => parseNeighbours(text, links, resolve);

const PERMANENT: Neighbour = {
  family: 4,
  dst: '10.0.0.9',
  dev: 'eth0',
  proxy: false,
  lladdr: '02:00:00:00:00:09',
  nud: 'permanent',
  flags: [],
  protocol: null,
};
const PROXY: Neighbour = { ...PERMANENT, proxy: true, lladdr: null, nud: null };

describe('ip neighbour show', () => {
  test.each<[string, string, Neighbour]>([
    ['permanent', '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 PERMANENT ', PERMANENT],
    ['noarp', '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 NOARP', { ...PERMANENT, nud: 'noarp' }],
    [
      'an IPv6 router',
      '2001:db8::9 dev eth0 lladdr 02:00:00:00:00:09 router PERMANENT ',
      { ...PERMANENT, family: 6, dst: '2001:db8::9', flags: ['router'] },
    ],
    [
      'learned by another program, and of its protocol by name',
      '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 extern_learn PERMANENT proto zebra ',
      { ...PERMANENT, flags: ['extern_learn'], protocol: 11 },
    ],
    ['a proxy entry', '10.0.0.9 dev eth0 proxy ', PROXY],
    ['a proxy entry of every device', '10.0.0.9 proxy ', { ...PROXY, dev: null }],
    [
      'an IPv6 proxy entry that answers as a router',
      '2001:db8::9 dev eth0 router proxy proto 7',
      { ...PROXY, family: 6, dst: '2001:db8::9', flags: ['router'], protocol: 7 },
    ],
    [
      'hostile: devices that are called as words of ip are',
      '10.0.0.9 dev lladdr lladdr 02:00:00:00:00:09 PERMANENT',
      { ...PERMANENT, dev: 'lladdr' },
    ],
    [
      'hostile: a device named proxy',
      '10.0.0.9 dev proxy lladdr 02:00:00:00:00:09 PERMANENT',
      { ...PERMANENT, dev: 'proxy' },
    ],
  ])('%s', (_, line, expected) => {
    expect(parse(`${line}\n`)).toEqual([expected]);
  });

  test.each([
    ['what was learned', '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 REACHABLE'],
    ['what nobody answered for', '10.0.0.9 dev eth0  FAILED'],
    ['a group', '224.0.0.22 dev eth0 lladdr 01:00:5e:00:00:16 NOARP'],
    ['a group of IPv6', 'ff02::16 dev eth0 lladdr 33:33:00:00:00:16 NOARP '],
    ['a broadcast', '10.0.0.255 dev eth0 lladdr ff:ff:ff:ff:ff:ff NOARP'],
    ['any on a device without ARP', '10.0.0.9 dev tun0 lladdr 02:00:00:00:00:09 NOARP'],
    ['one without an address', '10.0.0.9 dev eth0 NOARP'],
  ])("the kernel's own are left out: %s", (_, line) => {
    expect(parse(line)).toEqual([]);
  });

  test('what is no neighbour is refused, with its line', () => {
    expect(() => parse('what is this')).toThrow(
      `The output of ip neighbour can't be understood: "what" is no address: what is this`,
    );
  });
});

test('/proc/net/arp has the proxy entries of IPv4, with and without a device', () => {
  const text = `10.0.0.8         0x1         0x6         02:00:00:00:00:08     *        eth0
10.0.0.9         0x1         0xc         00:00:00:00:00:00     *        eth0
10.0.0.9         0x0         0xc         00:00:00:00:00:00     *        *
`;
  expect(parseArpProxies(text)).toEqual([PROXY, { ...PROXY, dev: null }]);
});
