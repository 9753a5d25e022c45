import { address } from './address.js';
import { bond } from './bond.js';
import { bridge } from './bridge.js';

import { bridgePort } from './bridge_port.js';
import { tcClass } from './class.js';
import { dummy } from './dummy.js';
import { ethtool } from './ethtool.js';
import { fdb } from './fdb.js';

import { filter } from './filter.js';
import { gre } from './gre.js';
import { gretap } from './gretap.js';
import { ifb } from './ifb.js';
import { arpProfile } from './intents/arp_profile.js';
import { containerPin } from './intents/container_pin.js';
import { multihome } from './intents/multihome.js';
import { rpFilter } from './intents/rp_filter.js';
import { shape } from './intents/shape.js';
import { vePin } from './intents/ve_pin.js';
import { ipip } from './ipip.js';
import { link } from './link.js';
import { macvlan } from './macvlan.js';
import { neighbour } from './neighbour.js';
import { ovsBridge } from './ovs_bridge.js';
import { ovsFlow } from './ovs_flow.js';
import { ovsInterface } from './ovs_interface.js';
import { ovsPort } from './ovs_port.js';
import { ovsQos } from './ovs_qos.js';
import { ovsRateLimit } from './ovs_rate_limit.js';
import { pinRecord } from './pin_record.js';
import { qdisc } from './qdisc.js';
import type { AnyKind } from './resource.js';
import { route } from './route.js';
import { rtTable } from './rt_table.js';
import { rule } from './rule.js';
import { sysctl } from './sysctl.js';
import { tap } from './tap.js';
import { ve } from './ve.js';
import { veHook } from './ve_hook.js';
import { veth } from './veth.js';
import { vlan } from './vlan.js';
import { vrf } from './vrf.js';
import { vxlan } from './vxlan.js';

/** Every resource and intent that a playbook can name. Adding one is adding its file and a line here. */
export const resources: readonly AnyKind[] = [
  address,
  arpProfile,
  bond,
  bridge,
  bridgePort,
  tcClass,
  containerPin,
  dummy,
  ethtool,
  fdb,
  filter,
  gre,
  gretap,
  ifb,
  ipip,
  link,
  macvlan,
  multihome,
  neighbour,
  ovsBridge,
  ovsFlow,
  ovsInterface,
  ovsPort,
  ovsQos,
  ovsRateLimit,
  pinRecord,
  qdisc,
  route,
  rpFilter,
  rtTable,
  rule,
  shape,
  sysctl,
  tap,
  ve,
  veHook,
  vePin,
  veth,
  vlan,
  vrf,
  vxlan,
];
