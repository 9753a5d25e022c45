import { expect, test } from 'vitest';
import { BRIDGE_FILES, type BridgeState } from '../../../src/snapshot/bridge.js';
import type { Link } from '../../../src/snapshot/model.js';
import { parseLinks } from '../../../src/snapshot/parse-link.js';
import { parseSysfs, type SysfsLink } from '../../../src/snapshot/parse-sysfs.js';
import { resolverOf } from '../../support/names.js';

const NO_SYSFS: ReadonlyMap<string, SysfsLink> = new Map();

const sysfsOf = (files: Record<string, string>): Map<string, SysfsLink> =>
  parseSysfs(new Map(Object.entries(files).map(([path, value]) => [`/sys/class/net/${path}`, value])));

/** A bridge of which nothing is told. */
const UNTOLD_BRIDGE = Object.fromEntries(
  Object.keys(BRIDGE_FILES).map((field) => [field, null]),
) as unknown as BridgeState;

interface Case {
  name: string;
  versions: string;
  text: string;
  sysfs?: ReadonlyMap<string, SysfsLink>;
  expected: Partial<Link>;
}

const CASES: readonly Case[] = [
  {
    name: 'no mode, no group',
    versions: '2.6.33',
    text: '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP qlen 1000\\    link/ether 52:54:00:AA:00:01 brd ff:ff:ff:ff:ff:ff',
    expected: {
      name: 'eth0',
      index: 2,
      flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
      mtu: 1500,
      operstate: 'up',
      txqueuelen: 1000,
      group: 0,
      mac: '52:54:00:aa:00:01',
      broadcast: 'ff:ff:ff:ff:ff:ff',
      kind: null,
      master: null,
      addrAssignType: null,
    },
  },
  {
    name: 'a veth whose peer has the same name',
    versions: '2.6.33',
    text: '7: eth0@eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN qlen 1000\\    link/ether 52:54:00:aa:00:01 brd ff:ff:ff:ff:ff:ff\\    veth ',
    expected: { name: 'eth0', lower: 'eth0', kind: 'veth', operstate: 'down' },
  },
  {
    name: 'a VLAN: its lower device, and the words of its kind',
    versions: '6.1',
    text: '9: eth0.5@eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000\\    link/ether 52:54:00:aa:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 0 maxmtu 65535 \\    vlan protocol 802.1Q id 5 <REORDER_HDR> addrgenmode eui64 numtxqueues 1 numrxqueues 1 ',
    expected: {
      name: 'eth0.5',
      lower: 'eth0',
      kind: 'vlan',
      info: ['protocol', '802.1Q', 'id', '5', '<REORDER_HDR>'],
      port: [],
    },
  },
  {
    name: 'a tunnel that is bound to no device',
    versions: '4.18',
    text: '5: gre1@NONE: <POINTOPOINT,NOARP> mtu 1476 qdisc noop state DOWN mode DEFAULT group default qlen 1000\\    link/gre 10.0.0.1 peer 10.0.0.2 promiscuity 0 minmtu 0 maxmtu 0 \\    gre remote 10.0.0.2 local 10.0.0.1 ttl inherit nopmtudisc addrgenmode eui64 ',
    expected: {
      name: 'gre1',
      lower: null,
      kind: 'gre',
      info: ['remote', '10.0.0.2', 'local', '10.0.0.1', 'ttl', 'inherit', 'nopmtudisc'],
    },
  },
  {
    name: 'a peer in another namespace, and one on lines of its own',
    versions: '6.1 without -o',
    text: '7: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master br0 state UP mode DEFAULT group uplinks qlen 1000\n    link/ether 52:54:00:aa:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 1 minmtu 68 maxmtu 65535 \n    veth \n    bridge_slave state forwarding priority 32 cost 2 addrgenmode eui64 numtxqueues 2\n    altname enp1s0\n    altname second',
    expected: {
      name: 'eth0',
      lower: null,
      master: 'br0',
      group: 7,
      kind: 'veth',
      info: [],
      port: ['state', 'forwarding', 'priority', '32', 'cost', '2'],
      operstate: 'up',
      addrgenmode: 'eui64',
      altnames: ['enp1s0', 'second'],
      details: {
        qdisc: 'noqueue',
        mode: 'DEFAULT',
        'link-netnsid': '0',
        promiscuity: '1',
        minmtu: '68',
        maxmtu: '65535',
        numtxqueues: '2',
      },
    },
  },
  {
    name: 'types by number, and a tap whose group is not the link’s',
    versions: '6.1 with -N',
    text: '8: tap0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group 0 qlen 1000\\    link/[1] 92:78:95:09:7c:8d brd ff:ff:ff:ff:ff:ff promiscuity 0 \\    tun type tap pi off vnet_hdr off persist on user cloudsdk group 1001 addrgenmode none ',
    sysfs: sysfsOf({
      'tap0/tun_flags': '0x5902',
      'tap0/owner': '1000',
      'tap0/group': '-1',
      'tap0/addr_assign_type': '3',
    }),
    expected: {
      group: 0,
      kind: 'tun',
      mac: '92:78:95:09:7c:8d',
      addrgenmode: 'none',
      addrAssignType: 3,
      tun: { mode: 'tap', owner: 1000, group: null, multiQueue: true, vnetHdr: true, persistent: true },
    },
  },
  {
    name: 'a bridge of which the tool says nothing',
    versions: '2.6.33',
    text: '9: br0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN \\    link/ether 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff',
    sysfs: sysfsOf({
      'br0/bridge/stp_state': '1',
      'br0/bridge/forward_delay': '200',
      'br0/bridge/hello_time': '200',
      'br0/bridge/max_age': '2000',
      'br0/bridge/ageing_time': '30000',
      'br0/bridge/priority': '32768',
    }),
    expected: {
      kind: 'bridge',
      txqueuelen: null,
      bridge: {
        ...UNTOLD_BRIDGE,
        stp: true,
        forwardDelay: 200,
        helloTime: 200,
        maxAge: 2000,
        ageingTime: 30000,
        priority: 32768,
        vlanFiltering: null,
      },
    },
  },
  {
    name: 'no hardware address',
    versions: 'all',
    text: '10: tun0: <POINTOPOINT,MULTICAST,NOARP> mtu 1500 qdisc noop state DOWN qlen 500\\    link/none ',
    expected: { mac: null, broadcast: null, flags: ['POINTOPOINT', 'MULTICAST', 'NOARP'] },
  },
  {
    name: 'a tunnel’s addresses are no MACs',
    versions: 'all',
    text: '11: tunl0@NONE: <NOARP> mtu 1480 qdisc noop state DOWN mode DEFAULT group default qlen 1000\\    link/ipip 10.0.0.1 peer 10.0.0.2 protodown on \\    ipip remote any',
    expected: { name: 'tunl0', mac: null, broadcast: null, kind: 'ipip', protodown: true },
  },
  {
    name: 'a name with an at sign',
    versions: 'all',
    text: '12: a@b@c@d: <BROADCAST> mtu 1500 qdisc noop state DOWN\\    link/ether 52:54:00:aa:00:01 brd ff:ff:ff:ff:ff:ff',
    sysfs: sysfsOf({ 'a@b/addr_assign_type': '0', 'c@d/addr_assign_type': '0' }),
    expected: { name: 'a@b' },
  },
  {
    name: 'an alias that reads like the rest of a listing',
    versions: 'all',
    text: '13: v0: <BROADCAST> mtu 1500 qdisc noop state DOWN\\    link/ether 52:54:00:aa:00:01 brd ff:ff:ff:ff:ff:ff\\    veth \\    alias x \\    altname fake \n14: fake: <UP> mtu 1\\    altname real',
    sysfs: sysfsOf({ 'v0/ifalias': 'x \\    altname fake \n14: fake: <UP> mtu 1' }),
    expected: {
      name: 'v0',
      mtu: 1500,
      alias: 'x \\    altname fake \n14: fake: <UP> mtu 1',
      altnames: ['real'],
    },
  },
];

test.each(CASES)('$name ($versions)', ({ text, sysfs = NO_SYSFS, expected }) => {
  const links = parseLinks(text, sysfs, resolverOf({ groups: '7 uplinks\n' }));
  expect([...links.values()]).toEqual([expect.objectContaining(expected)]);
});

test('a line that is no link is an error that shows it', () => {
  expect(() => parseLinks('Cannot open netlink socket', NO_SYSFS, resolverOf())).toThrow(
    /Cannot open netlink socket/,
  );
});
