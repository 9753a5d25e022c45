/** Which addresses a host's neighbours have to learn anew. */
import type { Family } from '../shared/addr.js';
import type { Announcement } from '../shared/announcement.js';
import type { Snapshot } from '../snapshot/model.js';

/**
 * The IPv4 addresses that have come to a device, its own and those that it answers for, or whose device has got
 * another MAC, between two states of a host: neighbours would keep the old MAC for minutes. IPv6's neighbours are
 * told by the kernel, which probes for duplicates.
 */
export function announcements(before: Snapshot, after: Snapshot): Announcement[] {
  const known = new Set(answers(before).map(({ mac, ...announcement }) => textOf(announcement, mac)));
  return answers(after).flatMap(({ mac, ...announcement }) =>
    known.has(textOf(announcement, mac)) ? [] : [announcement],
  );
}

function textOf({ dev, address }: Announcement, mac: string): string {
  return `${dev} ${address} ${mac}`;
}

/** What the host answers to ARP requests. */
function answers(snapshot: Snapshot): (Announcement & { mac: string })[] {
  const own = snapshot.addresses.map(({ family, dev, local }) => ({
    family,
    dev,
    address: local,
    foreign: false,
  }));
  const proxied = snapshot.neighbours
    .filter(({ proxy }) => proxy)
    .map(({ family, dev, dst }) => ({ family, dev, address: dst, foreign: true }));
  return [...own, ...proxied].flatMap(({ family, dev, address, foreign }) => {
    const mac = macFor(family, dev, snapshot);
    return mac === undefined || dev === null ? [] : [{ dev, address, foreign, mac }];
  });
}

/** Undefined where the device asks nobody and answers nobody. */
function macFor(family: Family, dev: string | null, { links }: Snapshot): string | undefined {
  const link = dev === null ? undefined : links.get(dev);
  if (family === 6 || link === undefined || !link.flags.includes('UP')) return undefined;
  return link.flags.includes('NOARP') || link.flags.includes('LOOPBACK')
    ? undefined
    : (link.mac ?? undefined);
}
