/** Which addresses a host's neighbours have to learn anew. */
import type { Announcement } from '../shared/announcement.js';
import type { Address, Snapshot } from '../snapshot/model.js';

/**
 * The IPv4 addresses that have come to a device, or whose device has got another MAC, between two states of
 * a host: neighbours would keep the old MAC for minutes. IPv6's neighbours are told by the kernel, which
 * probes for duplicates.
 */
export function announcements(before: Snapshot, after: Snapshot): Announcement[] {
  const known = new Set(before.addresses.flatMap((address) => answer(address, before) ?? []));
  return after.addresses.flatMap((address) => {
    const now = answer(address, after);
    return now === undefined || known.has(now)
      ? []
      : [{ dev: address.dev, address: address.local, foreign: false }];
  });
}

/** What the host answers to an ARP request for the address; undefined where it gets none. */
function answer({ family, dev, local }: Address, { links }: Snapshot): string | undefined {
  const link = links.get(dev);
  if (family === 6 || link === undefined || link.mac === null || !link.flags.includes('UP')) return undefined;
  if (link.flags.includes('NOARP') || link.flags.includes('LOOPBACK')) return undefined;
  return `${dev} ${local} ${link.mac}`;
}
