/** Traffic control that ovs-vswitchd makes, and makes again, of what its database says. */
import type { Ovs } from './ovs.js';
import type { TcItem } from './tc.js';
import { filterMajor } from './tc-tree.js';

const INGRESS_MAJOR = 'ffff';

/** Policing is an ingress qdisc with a filter, a QoS a qdisc with classes at the root (netdev-linux.c). */
export function madeByOpenVswitch(item: TcItem, ovs: Ovs | undefined): boolean {
  if (ovs === undefined) return false;
  if (isIngress(item)) {
    const { ingress_policing_rate: rate, ingress_policing_kpkts_rate: packets } =
      ovs.interfaces.get(item.dev)?.columns ?? {};
    return Number(rate ?? 0) > 0 || Number(packets ?? 0) > 0;
  }
  return [...ovs.ports].some(([name, { interfaces }]) => interfaces.includes(item.dev) && ovs.qos.has(name));
}

function isIngress(item: TcItem): boolean {
  return item.parent === 'ingress' || filterMajor(item) === INGRESS_MAJOR;
}
