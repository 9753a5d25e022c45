/** What netplay writes for ifupdown, brought up by the real ifupdown and ifupdown2: the state is the one before. */
import { afterEach, describe, expect, test } from 'vitest';
import type { PersistMode } from '../../src/persist/mode.js';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from '../support/apply.js';
import type { Host } from '../support/boot-host.js';
import { IFUPDOWNS, type Ifupdown, ifupdownHost } from '../support/ifupdown.js';

const STATIC = `auto lo
iface lo inet loopback

auto eth1
iface eth1 inet static
    address 10.0.0.5/24
    gateway 10.0.0.1

allow-hotplug eth2
iface eth2 inet manual
`;

interface Case {
  name: string;
  /** The administrator's files below /etc/network; `interfaces` sources interfaces.d at its end where nothing is said. */
  interfaces?: Readonly<Record<string, string>>;
  tasks: readonly Wish[];
  /** Who keeps it; who is found out where nothing is said. */
  by?: PersistMode;
  /** What the other one does not know. */
  only?: Ifupdown;
  /** netplay's file. */
  file?: string;
}

const OWN = '/etc/network/interfaces.d/netplay';
const SOURCED = { interfaces: `${STATIC}source /etc/network/interfaces.d/*\n` };

const CASES: readonly Case[] = [
  {
    name: 'an address, routes and a rule',
    tasks: [
      { address: { dev: 'eth1', address: '10.0.0.6/24' } },
      { route: { dst: '10.0.0.0/24', dev: 'eth1', src: '10.0.0.6', table: 100 } },
      { route: { dst: 'default', via: '10.0.0.1', dev: 'eth1', table: 100 } },
      { rule: { from: '10.0.0.6', table: 100, priority: 1000 } },
    ],
  },
  {
    name: 'IPv6, with a source',
    tasks: [
      { address: { dev: 'eth1', address: '2001:db8:1::5/64' } },
      { route: { dst: 'default', via: '2001:db8:1::1', dev: 'eth1', src: '2001:db8:1::5', table: 100 } },
      { rule: { from: '2001:db8:1::5', table: 100, priority: 1000 } },
    ],
  },
  {
    name: "the folder is sourced first, as Debian's own file does",
    interfaces: { interfaces: `source /etc/network/interfaces.d/*\n${STATIC}` },
    file: '/etc/network/interfaces',
    tasks: [
      { route: { dst: '10.9.0.0/16', via: '10.0.0.1', dev: 'eth1', src: '10.0.0.5', table: 100 } },
      { rule: { from: '10.0.0.5', table: 100, priority: 1000 } },
    ],
  },
  {
    name: 'nothing is sourced',
    interfaces: { interfaces: STATIC },
    file: '/etc/network/interfaces',
    tasks: [{ route: { dst: '10.9.0.0/16', via: '10.0.0.1', dev: 'eth1', table: 100 } }],
  },
  {
    name: 'source-directory, which takes plain names only, and stanzas in files',
    only: 'ifupdown',
    interfaces: {
      interfaces: 'auto lo\niface lo inet loopback\nsource-directory interfaces.d\n',
      'interfaces.d/eth': STATIC.slice(STATIC.indexOf('auto eth1')),
    },
    tasks: [{ route: { dst: '10.9.0.0/16', via: '10.0.0.1', dev: 'eth1', table: 100 } }],
  },
  {
    name: 'a pattern with an ending',
    interfaces: { interfaces: `${STATIC}source /etc/network/interfaces.d/*.cfg\n` },
    file: '/etc/network/interfaces.d/netplay.cfg',
    tasks: [{ route: { dst: '10.9.0.0/16', via: '10.0.0.1', dev: 'eth1', table: 100 } }],
  },
  {
    name: 'routes without a device, and a rule that no device is near to',
    by: 'ifupdown',
    tasks: [
      { route: { dst: '10.66.0.0/16', type: 'blackhole' } },
      { route: { dst: '10.66.0.0/16', dev: 'eth1', table: 100 } },
      { rule: { fwmark: 5, table: 77, priority: 900 } },
    ],
  },
  {
    name: 'a bridge with a port, a veth in it, and an address on it',
    by: 'ifupdown',
    tasks: [
      { bridge: { name: 'br0', mac: '02:00:00:00:00:b0', stp: false, forward_delay: 4, ports: ['eth2'] } },
      { veth: { name: 'v1', peer: 'v2', mac: '02:00:00:00:00:c1', peer_mac: '02:00:00:00:00:c2', up: true } },
      { bridge_port: { dev: 'v2', bridge: 'br0', cost: 7 } },
      { fdb: { lladdr: '02:00:00:00:00:98', dev: 'v2', nud: 'static' } },
      { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth2', nud: 'static' } },
      { link: { name: 'v2', state: 'up', mtu: 1400 } },
      { address: { dev: 'br0', address: '10.3.0.1/24' } },
      { address: { dev: 'br0', address: '2001:db8:3::1/64' } },
      { route: { dst: '10.33.0.0/16', via: '10.3.0.9', dev: 'br0', table: 100 } },
      { rule: { from: '10.3.0.1', table: 100, priority: 1000 } },
    ],
  },
  {
    name: 'settings of a NIC, and a tap',
    by: 'ifupdown',
    tasks: [
      { link: { name: 'eth1', mtu: 1400, txqueuelen: 500 } },
      { tap: { name: 'tap0', up: true, mac: '02:00:00:00:00:d0' } },
      { neighbour: { dst: '10.0.0.77', dev: 'eth1', lladdr: '02:00:00:00:00:77' } },
    ],
  },
  {
    name: 'a route over two devices',
    interfaces: {
      interfaces: `${STATIC.replace('allow-hotplug', 'auto')}source /etc/network/interfaces.d/*\n`,
    },
    tasks: [
      { address: { dev: 'eth2', address: '10.2.0.5/24' } },
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
  },
];

let hosts: Host[] = [];
afterEach(() => {
  for (const host of hosts) host.close();
  hosts = [];
});

/** A machine that has just started. */
async function started(tool: Ifupdown, files: Parameters<typeof ifupdownHost>[1]): Promise<Host> {
  const host = await ifupdownHost(tool, files);
  hosts.push(host);
  boots(host);
  return host;
}

/** As networking.service does, and udev for what comes by itself. */
function boots(host: Host): void {
  host.must('ifup -a && ifup --allow=hotplug eth2 2>/dev/null || ifup eth2');
}

/** Runs tasks with all that is kept of them, and finds nothing left to do. */
function runs(host: Host, tasks: readonly Wish[], by: PersistMode): ReturnType<typeof planIn> {
  const plan = planIn(host, tasks, by);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(host, stepsOf(plan))).toEqual([]);
  expect(changesIn(planIn(host, tasks, by))).toEqual([]);
  return plan;
}

describe.each(IFUPDOWNS)('%s', (tool) => {
  test.each(CASES.filter(({ only = tool }) => only === tool))(
    '$name',
    async ({ interfaces = SOURCED, tasks, by = 'auto', file = OWN }) => {
      const host = await started(tool, interfaces);
      const [untouched, bare] = [host.files(), host.state()];
      const plan = runs(host, tasks, by);
      const [kept, state] = [host.files(), host.state()];
      expect(state).not.toBe(bare);
      expect(host.must(['cat', file])).toContain('netplay');
      expect(host.exec('cat /etc/netplay/boot').code).not.toBe(0);

      const again = await started(tool, kept);
      expect(again.state()).toBe(state);
      again.must('ifup --force eth1 2>/dev/null || ifup --force eth1 || true');
      expect(again.state()).toBe(state);
      again.must('ifdown eth1; ifup eth1');
      expect(again.state()).toBe(state);
      expect(changesIn(planIn(again, tasks, by))).toEqual([]);

      expect(applyIn(host, undoOf(plan))).toEqual([]);
      expect(host.files()).toBe(untouched);
      expect(host.state()).toBe(bare);
    },
  );
});

test('lines that ifupdown can not read never take their place, and leave nothing behind', async () => {
  const host = await started('ifupdown', SOURCED);
  const [{ tasks } = { tasks: [] }] = CASES;
  const steps = stepsOf(planIn(host, tasks, 'auto'));
  const spoilt = steps.map((step) =>
    step.kind === 'write' && step.path.startsWith('/run/')
      ? { ...step, content: 'iface eth1 inett\n' }
      : step,
  );
  expect(spoilt).not.toEqual(steps);
  expect(JSON.stringify(applyIn(host, spoilt))).toContain('unknown or no address type');
  expect(host.exec(['ls', OWN]).code).not.toBe(0);
  expect(host.must('ls /run')).not.toContain('netplay');
});
