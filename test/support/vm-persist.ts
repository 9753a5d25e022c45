/** A virtual machine whose network is configured by one kind of manager, and the mission's scenarios on it over a reboot. */
import { expect } from 'vitest';
import { changesByHost, runJson } from './cli.js';
import type { Folder } from './lab-runs.js';
import type { Vm } from './vm.js';

/** How a machine boots its network. */
export interface Managed {
  /** What of netplay keeps things there. */
  backend: string;
  /** sh text, run once on the machine as it comes: puts the manager in charge of eth0, eth1 and eth2 for all boots to come. */
  setUp: string;
  /** sh text that ends once the manager is done after a boot. */
  settled: string;
  /** What else its bond must be told. */
  bond?: object;
  /** Lines of `networkState` that the manager adds by itself when it brings the network up; the docs tell of each. */
  adds?: readonly string[];
}

/** The stand-in of the image's own unit must not be in the manager's way. */
export const WITHOUT_UNIT = 'systemctl -q disable network.service';

/** Two NICs, each with a table of its own; links of all kinds on top; sysctls; a rule by mark. */
export const scenario = (bond: object = {}): readonly object[] => [
  {
    rt_tables: [
      { name: 'one', id: 101 },
      { name: 'two', id: 102 },
    ],
  },
  { address: { address: '10.9.1.16/24', dev: 'eth1' } },
  { route: { dst: '10.9.1.0/24', dev: 'eth1', src: '10.9.1.15', table: 'one' } },
  { route: { dst: 'default', via: '10.9.1.2', dev: 'eth1', table: 'one' } },
  { rule: { from: '10.9.1.15', table: 'one', priority: 101 } },
  { rule: { fwmark: '0x2', table: 'two', priority: 90 } },
  { route: { dst: '10.66.0.0/16', via: '10.9.1.2', dev: 'eth1', metric: 50 } },
  { route: { dst: '10.67.0.0/16', type: 'unreachable' } },
  { bridge: { name: 'br0', ports: ['eth2'], stp: false } },
  { link: { name: 'br0', state: 'up' } },
  { address: { address: '10.9.2.15/24', dev: 'br0' } },
  { route: { dst: 'default', via: '10.9.2.2', dev: 'br0', table: 'two' } },
  { rule: { from: '10.9.2.15', table: 'two', priority: 102 } },
  {
    bond: {
      name: 'bond0',
      mode: 'active-backup',
      miimon: 100,
      updelay: 200,
      primary: 'eth3',
      ports: ['eth3'],
      up: true,
      ...bond,
    },
  },
  { address: { address: '10.9.3.15/24', dev: 'bond0' } },
  { vlan: { name: 'eth1.5', link: 'eth1', id: 5, up: true } },
  { address: { address: '10.5.0.1/24', dev: 'eth1.5' } },
  // udev gives one of its own a moment after it is made.
  { dummy: { name: 'dum0', mac: '02:00:00:00:00:d0', up: true } },
  { address: { address: '2001:db8::1/64', dev: 'dum0' } },
  { vrf: { name: 'vrf9', table: 109, up: true } },
  { dummy: { name: 'dum1', mac: '02:00:00:00:00:d1', master: 'vrf9', up: true } },
  { address: { address: '10.9.9.1/24', dev: 'dum1' } },
  { gre: { name: 'gre7', local: '10.9.1.15', remote: '10.9.1.9', ttl: 64, up: true } },
  { address: { address: '10.77.0.1/30', dev: 'gre7' } },
  {
    gretap: { name: 'gt7', local: '10.9.1.15', remote: '10.9.1.10', mac: '02:00:00:00:00:e7', up: true },
  },
  { sysctls: { 'net.ipv4.conf.all.arp_announce': 2, 'net.ipv4.conf.br0.rp_filter': 2 } },
];

/** Two questions whose answer needs the tables: the gateways at the far ends answer. */
export const PROBES = ['ping -n -c 1 -W 5 -I 10.9.1.15 10.9.1.2', 'ping -n -c 1 -W 5 -I 10.9.2.15 10.9.2.2'];

/** The network state as the kernel tells it, without what it counts. */
export async function networkState(vm: Vm): Promise<string> {
  const state = await vm.must(`
    for f in 4 6; do echo "== routes $f"; ip -$f route show table all | sed 's/ *$//' | sort; echo "== rules $f"; ip -$f rule show; done
    echo == addresses; ip -o address show | sed 's/^[0-9]*: //; s/_lft [0-9]*sec/_lft Xsec/g' | sort
    echo == links; ip -d -o link show | sed -E 's/^[0-9]+: //; s/@if[0-9]+//; s/_timer +[0-9.]+/_timer/g; s/ (qlen|gc_timer) [0-9.]+//g' | sort
    echo == sysctls; grep -s . /proc/sys/net/ipv4/conf/*/arp_announce /proc/sys/net/ipv4/conf/*/rp_filter`);
  // Who brings it back signs it, and gives an address what is usual.
  return state
    .replaceAll(/ proto (netplay|static)\b/g, ' proto kept')
    .replaceAll(/ (brd [0-9.]+|noprefixroute)(?= )/g, '');
}

/** Runs the playbook with what the host boots with; a second run must find nothing. */
export async function runKept(vm: Vm, playbook: string, more: readonly string[] = []): Promise<string[]> {
  const args = ['-i', vm.inventory, '--persist', 'auto', ...more, playbook];
  const run = await runJson(args);
  expect(
    run.code,
    run.stderr +
      JSON.stringify(run.ends.flatMap(({ error, tasks }) => [error, tasks.flatMap((t) => t.errors)])),
  ).toBe(0);
  const again = await runJson([...args, '--check', '--exit-code']);
  expect(Object.values(changesByHost(again)).flat()).toEqual([]);
  expect(again.code).toBe(0);
  return run.ends.flatMap(({ tasks }) =>
    tasks.flatMap(({ changes }) => changes.map(({ address, after }) => `${address}: ${after}`)),
  );
}

export async function reboot(vm: Vm, settled: string): Promise<void> {
  await vm.ssh('systemctl reboot');
  await vm.booted();
  const script = `${settled}
    systemctl is-system-running --wait >/dev/null || systemctl --failed --no-legend --plain >&2; :`;
  // Under emulation a handshake of a machine that still starts may take longer than ssh waits.
  for (let tries = 5; ; tries -= 1) {
    const { code, stderr } = await vm.ssh(script);
    if (code === 0) return;
    if (tries === 0) throw new Error(stderr);
  }
}

export function playbookOf(folder: Folder, tasks: readonly object[], name = 'site.yml'): string {
  return folder.write(name, [{ name: 'kept', hosts: 'all', gather_facts: false, tasks }]);
}
