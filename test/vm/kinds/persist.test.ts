/** Kinds of network state that need a stock kernel, over a reboot, by netplay's own script. */
import { afterAll, beforeAll } from 'vitest';
import { rebootCasesOf } from '../../support/persist-cases-kinds.js';
import { rebootCases } from '../../support/persist-runs.js';
import { sampleCases } from '../../support/sample.js';
import { startVmLab, type VmLab } from '../../support/vm-netns.js';

sampleCases(8);
let lab: VmLab;
beforeAll(async () => {
  lab = await startVmLab();
  // Devices that a module brings along (gre0, tunl0) are there before anything is compared.
  await lab.vm.must('modprobe -a 8021q dummy ip_gre ipip vrf fou; modprobe bonding max_bonds=0');
});
afterAll(() => lab?.stop());

const NEW = ['vlan', 'dummy', 'gre', 'gretap', 'ipip', 'vrf', 'bond', 'bridge_vlan'];

rebootCases(rebootCasesOf(NEW, [...NEW, 'bridge', 'veth', 'macvlan', 'vxlan', 'ifb', 'htb']), async () =>
  lab.createNetns(),
);
