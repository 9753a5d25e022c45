/**
 * One host with a thing of every kind that a reboot loses, as data: set on machines that reboot, and asked of each
 * backend. Begins with eth0, by which it is reached, eth1, which has 10.9.1.15/24, and eth2, eth3 and eth4, which have
 * nothing but are up; and with Open vSwitch.
 */
import type { Wish } from './apply.js';

export interface ScenarioTask {
  /** Its row in the table of docs/persistence.md. */
  row?: string;
  task: Wish;
}

export const SCENARIO: readonly ScenarioTask[] = [
  { row: '`rt_table`', task: { rt_table: { name: 'one', id: 101 } } },
  { task: { rt_table: { name: 'two', id: 102 } } },
  { row: '`address`', task: { address: { address: '10.9.1.16/24', dev: 'eth1' } } },
  { task: { route: { dst: '10.9.1.0/24', dev: 'eth1', src: '10.9.1.15', table: 'one' } } },
  { row: '`route`', task: { route: { dst: 'default', via: '10.9.1.2', dev: 'eth1', table: 'one' } } },
  { row: '`rule`', task: { rule: { from: '10.9.1.15', table: 'one', priority: 101 } } },
  { task: { rule: { fwmark: '0x2', table: 'two', priority: 90 } } },
  { task: { route: { dst: '10.66.0.0/16', via: '10.9.1.2', dev: 'eth1', metric: 50 } } },
  { task: { route: { dst: '10.67.0.0/16', type: 'unreachable' } } },
  {
    row: '`neighbour`',
    task: { neighbour: { dst: '10.9.1.77', dev: 'eth1', lladdr: '02:00:00:00:00:77' } },
  },
  { row: '`ethtool`', task: { ethtool: { dev: 'eth1', features: { gro: false } } } },
  { row: '`link`', task: { link: { name: 'eth0', mtu: 1400 } } },
  { row: '`bridge`', task: { bridge: { name: 'br0', ports: ['eth2'], stp: false } } },
  { row: '`bridge_port`', task: { bridge_port: { dev: 'eth2', cost: 7, hairpin: true } } },
  { row: '`fdb`', task: { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth2', nud: 'static' } } },
  { task: { address: { address: '10.9.2.15/24', dev: 'br0' } } },
  { task: { route: { dst: 'default', via: '10.9.2.2', dev: 'br0', table: 'two' } } },
  { task: { rule: { from: '10.9.2.15', table: 'two', priority: 102 } } },
  {
    row: '`bond`',
    task: {
      bond: {
        ...{ name: 'bond0', mode: 'active-backup', miimon: 100, updelay: 200 },
        ...{ primary: 'eth3', ports: ['eth3'], up: true },
      },
    },
  },
  { task: { address: { address: '10.9.3.15/24', dev: 'bond0' } } },
  {
    row: '`bond` with `mac`',
    task: {
      bond: { name: 'bond1', mode: '802.3ad', ports: ['eth4'], mac: '02:00:00:00:00:b1', up: true },
    },
  },
  { row: '`vlan`', task: { vlan: { name: 'eth1.5', link: 'eth1', id: 5, up: true } } },
  { task: { address: { address: '10.5.0.1/24', dev: 'eth1.5' } } },
  // udev gives one of its own a moment after it is made.
  { row: '`dummy`', task: { dummy: { name: 'dum0', mac: '02:00:00:00:00:d0', up: true } } },
  { task: { address: { address: '2001:db8::1/64', dev: 'dum0' } } },
  { row: '`vrf`', task: { vrf: { name: 'vrf9', table: 109, up: true } } },
  { task: { dummy: { name: 'dum1', mac: '02:00:00:00:00:d1', master: 'vrf9', up: true } } },
  { task: { address: { address: '10.9.9.1/24', dev: 'dum1' } } },
  {
    row: '`gre`',
    task: { gre: { name: 'gre7', local: '10.9.1.15', remote: '10.9.1.9', ttl: 64, up: true } },
  },
  { task: { address: { address: '10.77.0.1/30', dev: 'gre7' } } },
  {
    row: '`gretap`',
    task: {
      gretap: {
        ...{ name: 'gt7', local: '10.9.1.15', remote: '10.9.1.10' },
        ...{ mac: '02:00:00:00:00:e7', up: true },
      },
    },
  },
  { row: '`ipip`', task: { ipip: { name: 'ipip7', local: '10.9.1.15', remote: '10.9.1.11', up: true } } },
  { row: '`ifb`', task: { ifb: { name: 'ifb7', mac: '02:00:00:00:00:f7', up: true } } },
  {
    row: '`macvlan`',
    task: { macvlan: { name: 'mv7', link: 'eth1', mode: 'bridge', mac: '02:00:00:00:00:a7', up: true } },
  },
  { row: '`tap`', task: { tap: { name: 'tap7', owner: 0, mac: '02:00:00:00:00:c7', up: true } } },
  {
    row: '`veth`',
    task: {
      veth: {
        ...{ name: 'veth7', peer: 'peer7', mac: '02:00:00:00:00:67', peer_mac: '02:00:00:00:00:68' },
        ...{ up: true, peer_up: true },
      },
    },
  },
  {
    row: '`vxlan`',
    task: {
      vxlan: { name: 'vx7', id: 7, dev: 'eth1', dstport: 4789, mac: '02:00:00:00:00:57', up: true },
    },
  },
  {
    row: '`qdisc`',
    task: { qdisc: { dev: 'dum0', kind: 'tbf', rate: '10mbit', burst: '32k', latency: '50ms' } },
  },
  { task: { qdisc: { dev: 'eth1', kind: 'htb', handle: '1:', default: '10' } } },
  { row: '`class`', task: { class: { dev: 'eth1', classid: '1:10', rate: '10mbit' } } },
  { task: { qdisc: { dev: 'dum0', kind: 'ingress' } } },
  {
    row: '`filter`',
    task: {
      filter: {
        ...{ dev: 'dum0', parent: 'ingress', prio: 1, kind: 'u32' },
        action: { kind: 'mirred', redirect: 'ifb7' },
      },
    },
  },
  { task: { sysctl: { name: 'net.ipv4.conf.all.arp_announce', value: 2 } } },
  { row: '`sysctl`', task: { sysctl: { name: 'net.ipv4.conf.br0.rp_filter', value: 2 } } },
  { row: '`ovs_bridge`', task: { ovs_bridge: { name: 'ovs7', mac: '02:00:00:00:00:07' } } },
  {
    task: {
      veth: { name: 'veth8', peer: 'peer8', mac: '02:00:00:00:00:81', peer_mac: '02:00:00:00:00:82' },
    },
  },
  { task: { ovs_port: { bridge: 'ovs7', name: 'veth8', tag: 7 } } },
  { row: '`ovs_port`', task: { ovs_port: { bridge: 'ovs7', name: 'own8', type: 'internal' } } },
  // The kernel makes one up at each start, and of the first an address of IPv6.
  { task: { ovs_interface: { name: 'own8', mac: '02:00:00:00:00:88' } } },
  { task: { sysctl: { name: 'net.ipv6.conf.own8.disable_ipv6', value: 1 } } },
  { row: '`ovs_interface`', task: { ovs_interface: { name: 'veth8', ofport_request: 77 } } },
  {
    row: '`ovs_rate_limit`',
    task: { ovs_rate_limit: { interface: 'veth8', rate: '10mbit', burst: '10mbit' } },
  },
  {
    row: '`ovs_qos`',
    task: { ovs_qos: { port: 'veth8', max_rate: '20mbit', queues: [{ id: 0, max_rate: '20mbit' }] } },
  },
  {
    row: '`ovs_flow`',
    task: {
      ovs_flow: {
        bridge: 'ovs7',
        priority: 100,
        match: 'in_port=veth8,ip,nw_dst=192.0.2.7',
        actions: 'drop',
      },
    },
  },
];

/** Needs Open vSwitch, or is for it alone. */
export function isOvs(task: Wish): boolean {
  return /"ovs_|"veth8"|own8/.test(JSON.stringify(task));
}

/** Those of every machine. */
export const ROWS: readonly string[] = SCENARIO.flatMap(({ row, task }) => (isOvs(task) ? [] : (row ?? [])));

/** Those of machines with Open vSwitch. */
export const OVS_ROWS: readonly string[] = SCENARIO.flatMap(({ row, task }) =>
  isOvs(task) ? (row ?? []) : [],
);

/** What takes all of it away again; a NIC's settings are as they were. */
export const WITHDRAWN: readonly Wish[] = [
  { sysctl: { name: 'net.ipv6.conf.own8.disable_ipv6', state: 'absent' } },
  { ovs_bridge: { name: 'ovs7', state: 'absent' } },
  { veth: { name: 'veth8', state: 'absent' } },
  { rule: { from: '10.9.1.15', table: 'one', state: 'absent' } },
  { rule: { fwmark: '0x2', table: 'two', state: 'absent' } },
  { rule: { from: '10.9.2.15', table: 'two', state: 'absent' } },
  { route: { dst: '10.9.1.0/24', table: 'one', state: 'absent' } },
  { route: { dst: 'default', table: 'one', state: 'absent' } },
  { route: { dst: '10.66.0.0/16', metric: 50, state: 'absent' } },
  { route: { dst: '10.67.0.0/16', state: 'absent' } },
  { route: { dst: 'default', table: 'two', state: 'absent' } },
  { neighbour: { dst: '10.9.1.77', dev: 'eth1', state: 'absent' } },
  { qdisc: { dev: 'eth1', kind: 'htb', state: 'absent' } },
  { macvlan: { name: 'mv7', state: 'absent' } },
  { vxlan: { name: 'vx7', state: 'absent' } },
  { vlan: { name: 'eth1.5', state: 'absent' } },
  { dummy: { name: 'dum0', state: 'absent' } },
  { gretap: { name: 'gt7', state: 'absent' } },
  { gre: { name: 'gre7', state: 'absent' } },
  { ipip: { name: 'ipip7', state: 'absent' } },
  { ifb: { name: 'ifb7', state: 'absent' } },
  { tap: { name: 'tap7', state: 'absent' } },
  { veth: { name: 'veth7', state: 'absent' } },
  { dummy: { name: 'dum1', state: 'absent' } },
  { vrf: { name: 'vrf9', state: 'absent' } },
  { link: { name: 'eth0', mtu: 1500 } },
  { link: { name: 'eth2', master: null } },
  { bridge: { name: 'br0', state: 'absent' } },
  { link: { name: 'eth3', master: null } },
  { bond: { name: 'bond0', state: 'absent' } },
  { link: { name: 'eth4', master: null } },
  { bond: { name: 'bond1', state: 'absent' } },
  { address: { address: '10.9.1.16/24', dev: 'eth1', state: 'absent' } },
  { ethtool: { dev: 'eth1', features: { gro: true } } },
  { rt_table: { name: 'one', id: 101, state: 'absent' } },
  { rt_table: { name: 'two', id: 102, state: 'absent' } },
  { sysctl: { name: 'net.ipv4.conf.all.arp_announce', state: 'absent' } },
  { sysctl: { name: 'net.ipv4.conf.br0.rp_filter', state: 'absent' } },
];
