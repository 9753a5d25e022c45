/** What a host's own tool brings back after a reboot, which has no words for all that was kept. */
import { isMap } from '../shared/is-map.js';
import type { Kept } from '../snapshot/kept.js';
import { canonical } from './record.js';

/** Who made it where systemd-networkd, NetworkManager or netplan did, which know no other word. */
const STATIC = 4;
/** NetworkManager and systemd-networkd make the routes of addresses themselves. */
const OWN_ROUTE = 'noprefixroute';

/**
 * Whether it is as a host's own tool brings it back that has no words for all of it: who made a rule or a route, that an
 * address has no broadcast address, or that the kernel makes its route. What is written down stays then, unless the task
 * says otherwise.
 */
export function isComeBack(before: Kept, now: Kept, params: unknown): boolean {
  const says = (name: string): boolean => isMap(params) && params[name] != null;
  if (now.kind === 'route' || now.kind === 'rule') {
    if (says('protocol') || now.item.protocol !== STATIC || before.kind !== now.kind) return false;
    return canonical({ ...before.item, protocol: STATIC }) === canonical(now.item);
  }
  if (now.kind !== 'address' || before.kind !== 'address') return false;
  const { broadcast } = before.item.broadcast === null && !says('broadcast') ? now.item : before.item;
  const own = now.item.flags.includes(OWN_ROUTE) && !says(OWN_ROUTE);
  const flags = own ? [...before.item.flags, OWN_ROUTE] : before.item.flags;
  return (
    canonical({ ...before.item, broadcast, flags: sorted(flags) }) ===
    canonical({ ...now.item, flags: sorted(now.item.flags) })
  );
}

function sorted(flags: readonly string[]): string[] {
  return [...new Set(flags)].sort();
}
