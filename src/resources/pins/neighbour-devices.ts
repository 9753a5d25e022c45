import { lookup } from '../../snapshot/lookup.js';
import type { Link, Snapshot } from '../../snapshot/model.js';

/** Flags of devices that vzctl's helpers pass over (vzgetnetdev in vps-functions). */
const PASSED_OVER = ['LOOPBACK', 'SLAVE', 'NOARP'];

/**
 * The devices on which OpenVZ itself answers for a container's address: those that are up and have an address;
 * vzctl 4 takes fewer where NEIGHBOUR_DEVS in vz.conf says so (vzctl(8), vps-functions).
 */
export function neighbourDevices(address: string, snapshot: Snapshot): string[] {
  const devs = [...snapshot.links.values()]
    .filter((link) => isNeighbour(link, snapshot))
    .map(({ name }) => name);
  const setting = snapshot.openvz?.version === '7' ? undefined : snapshot.openvz?.conf.get('NEIGHBOUR_DEVS');
  if (setting?.startsWith('list:')) {
    const listed = setting.slice('list:'.length).split(/\s+/);
    return devs.filter((dev) => listed.includes(dev));
  }
  if (setting !== 'detect') return devs;
  const way = lookup(snapshot, { dst: address });
  return devs.filter((dev) => way?.kind === 'taken' && way.dev === dev);
}

function isNeighbour({ name, flags }: Link, { addresses }: Snapshot): boolean {
  // A real venet0 has no ARP, and is passed over for that.
  if (name === 'venet0' || !flags.includes('UP') || PASSED_OVER.some((flag) => flags.includes(flag)))
    return false;
  return addresses.some(({ dev }) => dev === name);
}
