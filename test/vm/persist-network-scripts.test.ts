/**
 * The scenario of test/vm/persist on a host of Red Hat's network-scripts: in namespaces, with a reader written from their
 * documentation (test/support/network-scripts.sh), since no package here has Red Hat's own. A reboot is a second namespace.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf } from '../support/apply.js';
import type { Host } from '../support/boot-host.js';
import { networkScriptsHost, reader } from '../support/network-scripts.js';
import { START_OVS } from '../support/ovs.js';
import { type Checked, changeTexts, judgeResult, reasonsTold, verdicts } from '../support/persist-results.js';
import { BOOT, SYSCTLS } from '../support/persist-runs.js';
import { SCENARIO } from '../support/persist-scenario.js';
import { startVmLab, type VmLab } from '../support/vm-netns.js';

let lab: VmLab;
beforeAll(async () => {
  lab = await startVmLab();
  await lab.vm.must('modprobe -a 8021q dummy ip_gre ipip vrf openvswitch; modprobe bonding max_bonds=0');
});
afterAll(() => lab?.stop());

const nic = (dev: string): string => `DEVICE=${dev}\nONBOOT=yes\nBOOTPROTO=none\nNOZEROCONF=yes\n`;
const FILES = {
  'ifcfg-eth1': `${nic('eth1')}IPADDR=10.9.1.15\nPREFIX=24\n`,
  ...Object.fromEntries(['eth0', 'eth2', 'eth3', 'eth4'].map((dev) => [`ifcfg-${dev}`, nic(dev)])),
};
const WISHES = SCENARIO.map(({ task }) => task);

/** What a reboot leaves, beside the files of the network. */
const LEFT = ['run/openvswitch/conf.db', 'etc/sysctl.d', 'etc/systemd', 'etc/udev'];

async function started(files: Parameters<typeof networkScriptsHost>[0]): Promise<Host> {
  const host = await networkScriptsHost(files, async () => lab.createNetns(), LEFT);
  // A NIC has it on; a veth has not.
  host.must(`ethtool -K eth1 gro on
ip link add eth0 address 02:00:00:00:00:10 type veth peer name p0
mkdir -p /run/systemd/system
${START_OVS.replace(/^ovsdb-tool create (\S+)/m, '[ -e $1 ] || $&').replace(/^mkdir /m, 'mkdir -p ')}`);
  // What is of a device that comes later waits for it.
  host.exec(SYSCTLS);
  reader(host, 'start');
  return host;
}

function planned(host: Host): ReturnType<typeof planIn> {
  const plan = planIn(host, WISHES, 'network-scripts');
  expect(problemsIn(plan)).toEqual([]);
  return plan;
}

function checked(plan: ReturnType<typeof planIn>): Checked {
  return new Map(SCENARIO.map(({ row = '' }, at) => [row, changeTexts(plan.tasks[at]?.changes ?? [])]));
}

/** An address has its usual broadcast address; MACs of what nobody asked one for are by chance. */
function stateOf(host: Host): string {
  return host
    .state()
    .replaceAll(/ brd (?!ff:)[0-9.]+|(?<=^(?:vrf9|p0|ovs-system): .*link\/ether )\S+/gm, '')
    .replaceAll(/^unicast 169\.254.* dev tap7 .*\n/gm, '');
}

test('the whole state is there after a reboot, by whom the table says', async () => {
  const host = await started(FILES);
  const bare = planned(host);
  expect(applyIn(host, stepsOf(bare))).toEqual([]);
  expect(changesIn(planned(host))).toEqual([]);

  const again = await started(host.files());
  const held = planned(again);
  expect(again.exec(BOOT)).toEqual({ code: 0, stdout: '', stderr: '' });
  const booted = planned(again);
  expect(changesIn(booted)).toEqual([]);
  expect(stateOf(again)).toBe(stateOf(host));
  judgeResult('network-scripts', {
    rows: verdicts({ bare: checked(bare), held: checked(held), booted: checked(booted) }),
    reasons: reasonsTold(changesIn(bare), 'network-scripts'),
  });
});
