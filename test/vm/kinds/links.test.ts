/** Made-up links of the kinds that need a stock kernel: made, changed, made anew, removed and undone. */
import { afterAll, beforeAll } from 'vitest';
import { linkKindCases } from '../../support/link-runs.js';
import { sampleCases } from '../../support/sample.js';
import { startVmLab, type VmLab } from '../../support/vm-netns.js';

sampleCases(7);

let lab: VmLab;
beforeAll(async () => {
  lab = await startVmLab();
  // Devices that a module brings along (gre0, tunl0) are there before anything is compared.
  await lab.vm.must('modprobe -a 8021q dummy ip_gre ipip vrf fou');
});
afterAll(() => lab?.stop());

linkKindCases(['vlan', 'dummy', 'gre', 'gretap', 'ipip', 'vrf'], async () => lab.createNetns());
