/** A virtual machine whose network is configured by one kind of manager, and the mission's scenarios on it over a reboot. */
import { expect } from 'vitest';
import type { BackendName } from '../../src/persist/mode.js';
import { changesByHost, problemsOf, type RunReport, runJson } from './cli.js';
import type { Folder } from './lab-runs.js';
import { type Checked, changeTexts } from './persist-results.js';
import type { Vm } from './vm.js';

/** How a machine boots its network. */
export interface Managed {
  /** What of netplay keeps things there. */
  backend: BackendName;
  /** sh text, run once on the machine as it comes: puts the manager in charge of its NICs for all boots to come. */
  setUp: string;
  /** Whether Open vSwitch runs beside it: of its database, what configures the rest knows nothing. */
  ovs?: true;
  /** sh text that ends once the manager is done after a boot. */
  settled: string;
  /** Lines of `networkState` that the manager adds by itself when it brings the network up; the docs tell of each. */
  adds?: readonly string[];
  /** Beginnings of lines that it takes away; told of in the docs, too. */
  lacks?: readonly string[];
}

/** The stand-in of the image's own unit must not be in the manager's way. */
export const WITHOUT_UNIT = 'systemctl -q disable network.service';

/** Two questions whose answer needs the tables: the gateways at the far ends answer. */
export async function expectProbes(vm: Vm): Promise<void> {
  const pings = [1, 2].map((net) => `ping -n -c 1 -W 5 -I 10.9.${net}.15 10.9.${net}.2`);
  expect((await vm.must(pings.join(' && '))).match(/ 0% packet loss/g)).toHaveLength(2);
}

/** The network state as the kernel tells it, without what it counts. */
export async function networkState(vm: Vm): Promise<string> {
  const state = await vm.must(`
    for f in 4 6; do echo "== routes $f"; ip -$f route show table all | sed 's/ *$//' | sort; echo "== rules $f"; ip -$f rule show; done
    echo == addresses; ip -o address show | sed 's/^[0-9]*: //; s/_lft [0-9]*sec/_lft Xsec/g' | sort
    echo == links; ip -d -o link show | sed -E 's/^[0-9]+: //; s/@if[0-9]+//; s/_timer +[0-9.]+/_timer/g; s/ (qlen|gc_timer) [0-9.]+//g' | sort
    echo == neighbours; ip neighbour show nud permanent | sort
    echo == fdb; bridge fdb show | grep -w static | sort
    echo == tc; tc qdisc show | grep -vE '^qdisc [a-z_]* 0: ' | sort
    for dev in $(tc qdisc show | awk '$2 == "htb" || $2 == "tbf" { print $5 }' | sort); do tc class show dev $dev; done
    for place in $(tc qdisc show | awk '$2 == "ingress" { print $5 }' | sort); do tc filter show dev $place ingress; done
    echo == ethtool; ethtool -k eth1 | grep generic-receive
    echo == sysctls; grep -s . /proc/sys/net/ipv4/conf/*/arp_announce /proc/sys/net/ipv4/conf/*/rp_filter
    echo == ovs; systemctl -q is-active openvswitch-switch || exit 0
    ovs-vsctl --format=csv --columns=name,type,ofport,ingress_policing_rate list Interface | sort
    for bridge in $(ovs-vsctl list-br); do ovs-ofctl dump-flows --no-stats $bridge; done`);
  // Who brings it back signs it, and gives an address what is usual; what addrgenmode does is seen by the addresses. A NIC
  // whose MTU netplan sets has a .link file of netplan's, and none of udev's further names.
  return state
    .replaceAll(/ proto (netplay|static)\b/g, ' proto kept')
    .replaceAll(/ addrgenmode \S+|\\? *altname enp\S+|(?<=police )0x\S+|(?<=^vrf.*link\/ether )\S+/gm, '')
    .replaceAll(/ (brd [0-9.]+|noprefixroute)(?= )| direct_packets_stat \d+/g, '');
}

/** Runs the playbook with what the host boots with. */
export async function runKept(vm: Vm, playbook: string): Promise<RunReport> {
  const run = await runJson(['-i', vm.inventory, '--persist', 'auto', playbook]);
  expect(run.code, run.stderr + problemsOf(run).join('\n')).toBe(0);
  return run;
}

export async function check(vm: Vm, playbook: string): Promise<RunReport> {
  const report = await runJson(['-i', vm.inventory, '--persist', 'auto', playbook, '--check', '--exit-code']);
  expect(problemsOf(report)).toEqual([]);
  return report;
}

/** What a report says that was, or is to be, done, by task; files that keep something left out. */
export function checked(report: RunReport): Checked {
  return new Map(
    report.ends.flatMap(({ tasks }) => tasks.map(({ name, changes }) => [name, changeTexts(changes)])),
  );
}

export function expectNothingToDo(report: RunReport): void {
  expect(Object.values(changesByHost(report)).flat()).toEqual([]);
  expect(report.code).toBe(0);
}

/** Boots it anew, and waits for what configures its network. */
export async function reboot(vm: Vm, settled: string): Promise<void> {
  await vm.ssh('systemctl reboot');
  await vm.booted();
  await patiently(vm, settled);
}

/** As `reboot`, without a word to what runs: that takes less time. */
export async function powerCycle(vm: Vm, settled: string): Promise<void> {
  await vm.must('sync');
  await vm.reset();
  await vm.booted();
  await patiently(vm, settled);
}

/** Waits until all has been started, netplay's script included. */
export async function idle(vm: Vm): Promise<void> {
  await patiently(
    vm,
    'systemctl is-system-running --wait >/dev/null || systemctl --failed --no-legend --plain >&2',
  );
}

/** Under emulation a handshake of a machine that still starts may take longer than ssh waits. */
async function patiently(vm: Vm, script: string): Promise<void> {
  for (let tries = 5; ; tries -= 1) {
    const { code, stderr } = await vm.ssh(`${script}\n:`);
    if (code === 0) return;
    if (tries === 0) throw new Error(stderr);
  }
}

const HOLD = 'while [ ! -e /run/netplay-go ]; do sleep 1; done';

/** With the next boot netplay's script waits, whoever runs it, until it is let go: what is there then is others' work. */
export async function holdScript(vm: Vm): Promise<void> {
  const told = await vm.must(`f=/etc/netplay/boot; [ -e $f ] || exit 0
sed -i '/^only=\${1-}$/i ${HOLD}' $f; grep -c netplay-go $f`);
  expect(told.trim()).toMatch(/^1?$/);
}

/** The script is as it was, by a file of its own: the shells that wait go on reading the former one. */
export async function letScriptGo(vm: Vm): Promise<void> {
  await vm.must(`f=/etc/netplay/boot; [ ! -e $f ] || sed -i '/netplay-go/d' $f; : > /run/netplay-go`);
}

export function playbookOf(folder: Folder, tasks: readonly object[], name = 'site.yml'): string {
  return folder.write(name, [{ name: 'kept', hosts: 'all', gather_facts: false, tasks }]);
}
