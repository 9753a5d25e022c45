/**
 * What netplay writes for Red Hat's network-scripts, set again by a reader written from their documentation
 * (test/support/network-scripts.sh): the state is the one before.
 */
import { afterEach, expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from '../support/apply.js';
import type { Host } from '../support/boot-host.js';
import { networkScriptsHost, reader } from '../support/network-scripts.js';

const STATIC = {
  'ifcfg-eth1':
    'DEVICE=eth1\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=static\nIPADDR=10.0.0.5\nNETMASK=255.255.255.0\nNOZEROCONF=yes\n',
  'ifcfg-eth2': 'DEVICE="eth2"\nONBOOT="yes"\nBOOTPROTO="none"\nNOZEROCONF=yes',
};

interface Case {
  name: string;
  files?: Readonly<Record<string, string>>;
  tasks: readonly Wish[];
  /** What netplay's files, or its parts of others, hold by name, remarks left out. */
  holds: Readonly<Record<string, readonly string[]>>;
}

const CASES: readonly Case[] = [
  {
    name: 'routes and a rule, in the form of the documents',
    tasks: [
      { route: { dst: '10.0.0.0/24', dev: 'eth1', src: '10.0.0.5', table: 1 } },
      { route: { dst: 'default', via: '10.0.0.1', dev: 'eth1', table: 1 } },
      { rule: { from: '10.0.0.5/32', table: 1, priority: 100 } },
    ],
    holds: {
      'route-eth1': [
        '10.0.0.0/24 dev eth1 table 1 proto 201 src 10.0.0.5',
        'default via 10.0.0.1 dev eth1 table 1 proto 201',
      ],
      'rule-eth1': ['from 10.0.0.5 priority 100 table 1 protocol 201'],
    },
  },
  {
    name: 'addresses behind those of the administrator',
    tasks: [
      { address: { dev: 'eth1', address: '10.0.0.6/24', broadcast: '10.0.0.255' } },
      { address: { dev: 'eth1', address: '10.1.0.6/24', broadcast: '10.1.0.255' } },
      { address: { dev: 'eth2', address: '10.2.0.6/24', broadcast: '10.2.0.255' } },
    ],
    holds: {
      'ifcfg-eth1': ['IPADDR1=10.0.0.6', 'PREFIX1=24', 'IPADDR2=10.1.0.6', 'PREFIX2=24'],
      'ifcfg-eth2': ['IPADDR=10.2.0.6', 'PREFIX=24'],
    },
  },
  {
    name: 'IPv6, with a source',
    tasks: [
      { address: { dev: 'eth1', address: '2001:db8:1::5/64' } },
      { address: { dev: 'eth1', address: '2001:db8:2::5/64' } },
      { route: { dst: 'default', via: '2001:db8:1::1', dev: 'eth1', src: '2001:db8:1::5', table: 100 } },
      { rule: { from: '2001:db8:1::5', table: 100, priority: 1000 } },
    ],
    holds: {
      'ifcfg-eth1': ['IPV6INIT=yes', 'IPV6ADDR=2001:db8:1::5/64', 'IPV6ADDR_SECONDARIES=2001:db8:2::5/64'],
      'route6-eth1': ['default via 2001:db8:1::1 dev eth1 table 100 proto 201 src 2001:db8:1::5 metric 1024'],
      'rule6-eth1': ['from 2001:db8:1::5 priority 1000 table 100 protocol 201'],
    },
  },
  {
    name: "what the administrator's lines say is not said twice",
    files: {
      ...STATIC,
      'route-eth1': '# mine\n10.9.0.0/16 via 10.0.0.1 dev eth1 tab 1',
      'rule-eth1': 'from 10.0.0.5/32 tab 1 priority 100\n',
    },
    tasks: [
      { address: { dev: 'eth1', address: '10.0.0.5/24' } },
      { route: { dst: '10.9.0.0/16', via: '10.0.0.1', dev: 'eth1', table: 1 } },
      { route: { dst: '10.8.0.0/16', via: '10.0.0.1', dev: 'eth1', table: 1 } },
      { rule: { from: '10.0.0.5', table: 1, priority: 100 } },
      { rule: { from: '10.0.0.5', table: 2, priority: 101 } },
    ],
    holds: {
      'route-eth1': ['10.8.0.0/16 via 10.0.0.1 dev eth1 table 1 proto 201'],
      'rule-eth1': ['from 10.0.0.5 priority 101 table 2 protocol 201'],
    },
  },
  {
    name: 'a bridge of its own, its port, and what is on it',
    tasks: [
      { bridge: { name: 'br0', mac: '02:00:00:00:00:b0', stp: false, forward_delay: 4, ports: ['eth2'] } },
      { bridge_port: { dev: 'eth2', bridge: 'br0', cost: 7 } },
      { address: { dev: 'br0', address: '10.3.0.1/24', broadcast: '10.3.0.255' } },
      { route: { dst: '10.33.0.0/16', via: '10.3.0.9', dev: 'br0', table: 100 } },
      { rule: { from: '10.3.0.1', table: 100, priority: 1000 } },
      { link: { name: 'eth1', mtu: 1400 } },
    ],
    holds: {
      'ifcfg-br0': [
        ...[
          'DEVICE=br0',
          'ONBOOT=yes',
          'BOOTPROTO=none',
          'NM_CONTROLLED=no',
          'NOZEROCONF=yes',
          'TYPE=Bridge',
        ],
        ...['DELAY=4', 'STP=no', 'MACADDR=02:00:00:00:00:b0', 'IPADDR=10.3.0.1', 'PREFIX=24'],
      ],
      'ifcfg-eth2': ['BRIDGE=br0', 'BRIDGING_OPTS=path_cost=7'],
      'ifcfg-eth1': ['MTU=1400'],
      'route-br0': ['10.33.0.0/16 via 10.3.0.9 dev br0 table 100 proto 201'],
      'rule-br0': ['from 10.3.0.1 priority 1000 table 100 protocol 201'],
    },
  },
  {
    name: 'a route over two devices',
    tasks: [
      { address: { dev: 'eth2', address: '10.2.0.5/24', broadcast: '10.2.0.255' } },
      {
        route: {
          dst: '10.77.0.0/16',
          table: 100,
          nexthops: [
            { via: '10.0.0.1', dev: 'eth1', weight: 2 },
            { via: '10.2.0.1', dev: 'eth2' },
          ],
        },
      },
    ],
    holds: {
      'ifcfg-eth2': ['IPADDR=10.2.0.5', 'PREFIX=24'],
      'route-eth1': [
        '10.77.0.0/16 table 100 proto 201 nexthop via 10.0.0.1 dev eth1 weight 2 nexthop via 10.2.0.1 dev eth2 weight 1',
      ],
      'route-eth2': [
        '10.77.0.0/16 table 100 proto 201 nexthop via 10.0.0.1 dev eth1 weight 2 nexthop via 10.2.0.1 dev eth2 weight 1',
      ],
    },
  },
];

let hosts: Host[] = [];
afterEach(() => {
  for (const host of hosts) host.close();
  hosts = [];
});

async function started(files: Parameters<typeof networkScriptsHost>[0]): Promise<Host> {
  const host = await networkScriptsHost(files);
  hosts.push(host);
  reader(host, 'start');
  return host;
}

/** netplay's own lines of a file. */
function own(host: Host, name: string): string[] {
  const text = host.must(['cat', `/etc/sysconfig/network-scripts/${name}`]);
  const part = /^# netplay: begin\n([\s\S]*)^# netplay: end$/m.exec(text)?.[1] ?? text;
  return part.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test.each(CASES)('$name', async ({ files = STATIC, tasks, holds }) => {
  const host = await started(files);
  const [untouched, bare] = [host.files(), host.state()];
  const plan = planIn(host, tasks, 'auto');
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(host, stepsOf(plan))).toEqual([]);
  expect(changesIn(planIn(host, tasks, 'auto'))).toEqual([]);
  const [kept, state] = [host.files(), host.state()];
  for (const [name, lines] of Object.entries(holds)) expect(own(host, name)).toEqual(lines);
  expect(host.exec('cat /etc/netplay/boot').code).not.toBe(0);

  const again = await started(kept);
  expect(again.state()).toBe(state);
  reader(again, 'ifup eth1');
  expect(again.state()).toBe(state);
  reader(again, 'ifdown eth1');
  reader(again, 'ifup eth1');
  expect(again.state()).toBe(state);
  expect(changesIn(planIn(again, tasks, 'auto'))).toEqual([]);

  expect(applyIn(host, undoOf(plan))).toEqual([]);
  expect(host.files()).toBe(untouched);
  expect(host.state()).toBe(bare);
});
