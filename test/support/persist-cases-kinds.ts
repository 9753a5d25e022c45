/** Plays of every kind that a reboot would lose, as data. */
import type { Wish } from './apply.js';
import { LINK_CASES } from './link-cases.js';

export interface RebootCase {
  name: string;
  /** What the kernel must have: kinds of links, `bridge_vlan`, qdiscs. */
  needs: readonly string[];
  tasks: readonly Wish[];
  host?: string;
}

/** Those of links.ts that begin with nothing: what was made by hand is not netplay's to keep. */
const MADE_LINKS: readonly RebootCase[] = LINK_CASES.filter(({ before, tasks }) => {
  const names = tasks.flatMap((task) => Object.values(task).map((params) => Object(params).name));
  return (
    before === undefined &&
    new Set(names).size === names.length &&
    !JSON.stringify(tasks).match(/"absent"|peer_netns/)
  );
}).map(({ kind, name, tasks }) => ({ name: `${kind}: ${name}`, needs: [kind], tasks }));

const MAC = '02:00:00:00:00:77';

const OWN: readonly RebootCase[] = [
  {
    name: 'link: every setting',
    needs: [],
    tasks: [
      {
        link: {
          ...{ name: 'eth1', mtu: 1400, mac: MAC, txqueuelen: 77, alias: "it's a $HOME", group: 7 },
          ...{ arp: false, multicast: false, allmulticast: true, promisc: true, state: 'up' },
          ...{ gso_max_size: 60000, altnames: ['uplink', 'long-name-of-it'] },
        },
      },
    ],
  },
  { name: 'link: down', needs: [], tasks: [{ link: { name: 'eth1', state: 'down', mtu: 1300 } }] },
  {
    name: 'bridge: options, ports, addresses, routes',
    needs: ['bridge'],
    tasks: [
      { bridge: { name: 'br0', ports: ['eth1'], stp: true, forward_delay: 4, ageing_time: 100, mtu: 1400 } },
      { bridge_port: { dev: 'eth1', cost: 7, priority: 9, hairpin: true, learning: false } },
      { address: { dev: 'br0', address: '10.5.0.1/24' } },
      { route: { dst: '10.6.0.0/16', via: '10.5.0.9', dev: 'br0' } },
      { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth1', nud: 'static' } },
      { neighbour: { dst: '10.5.0.7', dev: 'br0', lladdr: MAC } },
      { neighbour: { dst: '10.5.0.8', dev: 'br0', proxy: true } },
    ],
  },
  {
    name: 'bridges of taps and veths, one down',
    needs: ['bridge', 'veth'],
    tasks: [
      { bridge: { name: 'br0', mac: MAC } },
      { bridge: { name: 'br1', up: false } },
      { tap: { name: 'tap0', bridge: 'br0', owner: 'root', guest_mac: '52:54:00:84:e3:62', mtu: 1450 } },
      { tap: { name: 'vpn0', mode: 'tun', owner: 1000, up: true } },
      { tap: { name: 'tap1', multi_queue: true, up: false } },
      { veth: { name: 'v0', peer: 'v1', master: 'br0', peer_up: true, peer_mac: '02:00:00:00:00:78' } },
      { address: { dev: 'v1', address: '10.8.0.1/24' } },
      { bridge_port: { dev: 'tap0', isolated: true } },
    ],
  },
  {
    name: 'names with odd characters',
    needs: ['bridge', 'veth'],
    tasks: [
      { bridge: { name: "b'r$0" } },
      { veth: { name: 'v*0', peer: '@v"1', master: "b'r$0", alias: 'a `b`' } },
      { address: { dev: "b'r$0", address: '10.5.0.1/24' } },
      { route: { dst: '10.6.0.0/16', via: '10.5.0.9', dev: "b'r$0" } },
    ],
  },
  {
    name: 'macvlan on a link that is changed first',
    needs: ['macvlan'],
    tasks: [
      { link: { name: 'eth1', mtu: 9000 } },
      { macvlan: { name: 'mv', link: 'eth1', mode: 'bridge' } },
      { macvlan: { name: 'mx', link: 'eth1', mode: 'private', mtu: 1500, mac: MAC } },
      { address: { dev: 'mv', address: '10.9.0.1/24' } },
      { rule: { from: '10.9.0.1', table: 77, priority: 100 } },
      { route: { dst: '0.0.0.0/0', via: '10.9.0.254', dev: 'mv', table: 77 } },
    ],
  },
  {
    name: 'vxlan on a veth, with entries',
    needs: ['vxlan'],
    tasks: [
      { veth: { name: 'v0', peer: 'v1', mtu: 2000, peer_up: true } },
      { vxlan: { name: 'vx', id: 7, dev: 'v0', dstport: 4789, local: '10.1.0.1', learning: false } },
      { fdb: { lladdr: '00:00:00:00:00:00', dev: 'vx', dst: '10.1.0.2' } },
      { fdb: { lladdr: '00:00:00:00:00:00', dev: 'vx', dst: '10.1.0.3' } },
      { fdb: { lladdr: MAC, dev: 'vx', dst: '10.1.0.4' } },
    ],
  },
  {
    name: 'IPv6: addresses, two ways of one prefix, a neighbour, a proxy',
    needs: [],
    tasks: [
      { address: { dev: 'eth1', address: '2001:db8:5::1/64' } },
      { route: { dst: '2001:db8:6::/48', via: '2001:db8:5::9', dev: 'eth1' } },
      { route: { dst: '2001:db8:7::/48', via: '2001:db8:5::9', dev: 'eth1', metric: 7 } },
      { route: { dst: '2001:db8:7::/48', via: '2001:db8:1::9', dev: 'eth0', metric: 8 } },
      { neighbour: { dst: '2001:db8:5::7', dev: 'eth1', lladdr: MAC, router: true } },
      { neighbour: { dst: '2001:db8:5::8', dev: 'eth1', proxy: true } },
      { neighbour: { dst: '10.77.0.2', dev: 'eth1', proxy: true } },
    ],
  },
  {
    name: 'traffic control: a tree, leaves, filters, ingress',
    needs: ['htb', 'ifb'],
    tasks: [
      { ifb: { name: 'ifb7', numtxqueues: 2, txqueuelen: 50 } },
      { qdisc: { dev: 'eth1', kind: 'htb', handle: '1:', default: '20' } },
      { class: { dev: 'eth1', classid: '1:1', rate: '100mbit' } },
      { class: { dev: 'eth1', classid: '1:10', parent: '1:1', rate: '60mbit', ceil: '100mbit', prio: 1 } },
      { class: { dev: 'eth1', classid: '1:20', parent: '1:1', rate: '40mbit', burst: '32k' } },
      { qdisc: { dev: 'eth1', parent: '1:10', kind: 'pfifo', limit: 50 } },
      { filter: { dev: 'eth1', parent: '1:', prio: 5, match: { dst: '10.2.0.0/24' }, classid: '1:10' } },
      { filter: { dev: 'eth1', parent: '1:', prio: 5, match: { dst: '10.3.0.0/24' }, classid: '1:20' } },
      { filter: { dev: 'eth1', parent: '1:', prio: 6, match: { src: '2001:db8::/32' }, classid: '1:20' } },
      { qdisc: { dev: 'eth0', kind: 'ingress' } },
      {
        filter: {
          dev: 'eth0',
          parent: 'ingress',
          prio: 1,
          kind: 'u32',
          action: { kind: 'mirred', redirect: 'ifb7' },
        },
      },
    ],
  },
  {
    name: 'shape: as an intent',
    needs: ['htb', 'ifb'],
    tasks: [
      {
        shape: {
          ...{ dev: 'eth1', egress: '100mbit', ingress: '20mbit' },
          classes: [
            { name: 'voice', rate: '5%', priority: 0, leaf: 'pfifo', match: { dscp: 'ef' } },
            {
              name: 'bulk',
              rate: '60mbit',
              leaf: 'pfifo',
              match: [{ dst: '10.2.0.0/16' }, { protocol: 'udp' }],
            },
          ],
          default: 'bulk',
        },
      },
    ],
  },
  {
    name: 'multihome: as an intent',
    needs: [],
    tasks: [
      { address: { dev: 'eth1', address: '10.4.0.2/24' } },
      {
        multihome: {
          uplinks: [
            { dev: 'eth0', address: '192.168.1.1/24', gateway: '192.168.1.254', table: 102, name: 'wt' },
            { dev: 'eth1', address: '10.4.0.2/24', gateway: '10.4.0.1', table: 101, name: 'dx' },
          ],
        },
      },
    ],
  },
  {
    name: 'ethtool: features',
    needs: ['ethtool'],
    tasks: [{ ethtool: { dev: 'eth1', features: { tso: false, gso: false } } }],
  },
  {
    name: 'VLANs of a bridge: the usual one gone, ranges',
    needs: ['bridge_vlan'],
    tasks: [
      { bridge: { name: 'br0', vlan_filtering: true, ports: ['eth1'], vlans: [{ vid: 5 }] } },
      {
        bridge_port: {
          dev: 'eth1',
          vlans: [{ vid: 10, pvid: true, untagged: true }, { vid: '20-30' }, { vid: 40, untagged: true }],
          exclusive_vlans: true,
        },
      },
      { fdb: { lladdr: MAC, dev: 'eth1', vlan: 20, nud: 'static' } },
    ],
  },
  {
    name: 'bonds: a VLAN on one, one in a bridge',
    needs: ['bond', 'vlan', 'dummy'],
    tasks: [
      {
        bond: {
          name: 'bond0',
          mode: 'active-backup',
          ports: ['eth1'],
          miimon: 100,
          primary: 'eth1',
          mtu: 1600,
        },
      },
      { vlan: { name: 'bond0.5', link: 'bond0', id: 5 } },
      { address: { dev: 'bond0.5', address: '10.5.0.1/24' } },
      { dummy: { name: 'd0' } },
      { dummy: { name: 'd1', mac: MAC } },
      { bond: { name: 'bond1', mode: '802.3ad', ports: ['d0'], lacp_rate: 'fast' } },
      { bridge: { name: 'br0', ports: ['bond1'] } },
    ],
  },
  {
    name: 'a VRF with a VLAN in it',
    needs: ['vrf', 'vlan'],
    tasks: [
      { vrf: { name: 'blue', table: 100 } },
      { vlan: { name: 'eth1.7', link: 'eth1', id: 7, master: 'blue', protocol: '802.1ad' } },
      { address: { dev: 'eth1.7', address: '10.7.0.1/24' } },
      { route: { dst: '0.0.0.0/0', via: '10.7.0.9', dev: 'eth1.7', table: 100 } },
    ],
  },
];

/** @param has what the kernel has */
export function rebootCasesFor(has: readonly string[]): RebootCase[] {
  return [...OWN, ...MADE_LINKS].filter(({ needs }) => needs.every((need) => has.includes(need)));
}

/** Cases that need at least one of these. */
export function rebootCasesOf(some: readonly string[], has: readonly string[]): RebootCase[] {
  return rebootCasesFor(has).filter(({ needs }) => needs.some((need) => some.includes(need)));
}
