/** Made-up links of the kinds that this kernel has, made, changed, made anew, removed and undone. */
import { linkKindCases } from '../support/link-runs.js';
import { createNetns } from '../support/netns.js';

linkKindCases(['veth', 'ifb', 'macvlan', 'vxlan'], createNetns);
