/** Neighbours that are set, and what the kernel drops of them by itself. Measured on Linux 6.18. */
import type { Family } from '../shared/addr.js';
import { type Draft, spliced } from './draft.js';
import { sameNeighbour } from './identity.js';
import type { Link, Neighbour } from './model.js';

/** A proxy entry of every device swallows that of one (pneigh_lookup). */
export function setNeighbour(draft: Draft, neighbour: Neighbour): void {
  const { dst, proxy } = neighbour;
  const wide = (other: Neighbour): boolean => other.proxy && other.dev === null && other.dst === dst;
  const at = draft.neighbours.findIndex((other) => sameNeighbour(other, neighbour));
  if (proxy && at < 0 && draft.neighbours.some(wide)) return;
  const place = at < 0 ? draft.neighbours.length : at;
  draft.neighbours = spliced(draft, draft.neighbours, place, at < 0 ? 0 : 1, neighbour);
}

export function unsetNeighbour(draft: Draft, neighbour: Neighbour): void {
  lose(draft, (other) => sameNeighbour(other, neighbour));
}

/** All of a device go, proxy entries too: with the device itself, and when it goes down (neigh_ifdown). */
export function loseNeighbours(draft: Draft, dev: string, family?: Family): void {
  lose(draft, (other) => other.dev === dev && (family === undefined || other.family === family));
}

/** A device's neighbours go with its MAC, and with ARP where it is up (neigh_changeaddr); proxy entries stay. */
export function loseLearned(draft: Draft, before: Link, after: Link): void {
  const switched = before.flags.includes('NOARP') !== after.flags.includes('NOARP');
  const renewed = before.mac !== after.mac || (switched && before.flags.includes('UP'));
  if (renewed) lose(draft, (other) => other.dev === after.name && !other.proxy);
}

function lose(draft: Draft, isGone: (neighbour: Neighbour) => boolean): void {
  if (draft.neighbours.some(isGone)) draft.neighbours = draft.neighbours.filter((other) => !isGone(other));
}
