import { address } from './address.js';
import { bond } from './bond.js';
import { bridge } from './bridge.js';
import { arpProfile } from './intents/arp_profile.js';
import { containerPin } from './intents/container_pin.js';
import { multihome } from './intents/multihome.js';
import { rpFilter } from './intents/rp_filter.js';
import { vePin } from './intents/ve_pin.js';
import { link } from './link.js';
import { neighbour } from './neighbour.js';
import { pinRecord } from './pin_record.js';
import type { AnyKind } from './resource.js';
import { route } from './route.js';
import { rtTable } from './rt_table.js';
import { rule } from './rule.js';
import { sysctl } from './sysctl.js';
import { tap } from './tap.js';
import { ve } from './ve.js';
import { veHook } from './ve_hook.js';

/** Every resource and intent that a playbook can name. Adding one is adding its file and a line here. */
export const resources: readonly AnyKind[] = [
  address,
  arpProfile,
  bond,
  bridge,
  containerPin,
  link,
  multihome,
  neighbour,
  pinRecord,
  route,
  rpFilter,
  rtTable,
  rule,
  sysctl,
  tap,
  ve,
  veHook,
  vePin,
];
