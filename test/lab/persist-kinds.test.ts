/** Every kind of network state over a reboot, by netplay's own script, on the real kernel. */
import { createNetns } from '../support/netns.js';
import { rebootCasesFor } from '../support/persist-cases-kinds.js';
import { rebootCases } from '../support/persist-runs.js';

rebootCases(
  rebootCasesFor(['bridge', 'veth', 'macvlan', 'vxlan', 'ifb', 'tun', 'htb', 'ethtool']),
  createNetns,
);
