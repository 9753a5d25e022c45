/** What a reboot loses of a bridge or port of Open vSwitch: its database does not say that devices are up. */
import type { Kept } from '../../snapshot/kept.js';
import type { Link } from '../../snapshot/model.js';
import { state } from '../links/attributes.js';
import { keptSetting } from '../links/kept.js';

/** @param up as a task says it; unless it says no, the device is brought up */
export function keptUp(link: Link | undefined, up: boolean | undefined): Kept[] {
  return keptSetting(link, state, up !== false).map((setting) => ({ ...setting, of: 'ovs' }));
}
