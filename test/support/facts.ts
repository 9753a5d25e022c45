/** Reads a namespace as netplay reads a host, and what of it can be compared over time. */

import { neighbourText } from '../../src/snapshot/identity.js';
import type { Address, Read, Route, Snapshot } from '../../src/snapshot/model.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import { ROUTING_READS } from '../../src/snapshot/reads.js';
import type { Netns } from './netns.js';

export const ALL_READS: readonly Read[] = [...ROUTING_READS, { kind: 'neighbours' }];

export function readSnapshot(netns: Netns, reads: readonly Read[] = ALL_READS): Snapshot {
  // Through standard input: a script for thousands of sysctls is longer than an argument may be.
  return parseProbe(netns.must(['sh'], buildProbe(reads)), reads);
}

/** What the kernel makes and drops at its own pace is left out: link-local and multicast, duplicate detection. */
export function comparable(snapshot: Snapshot): unknown {
  return {
    routes: sorted(snapshot.routes.filter(isSteady).map(comparableRoute), (route) =>
      JSON.stringify([route.family, route.table, route.dst, route.tos, route.metric, route.from]),
    ),
    addresses: sorted(
      snapshot.addresses.filter((address) => !address.local.startsWith('fe80:')).map(comparableAddress),
      (address) =>
        JSON.stringify([address.dev, address.family, ...(address.family === 6 ? [address.local] : [])]),
    ),
    rules: snapshot.rules,
    neighbours: sorted(snapshot.neighbours, neighbourText),
    links: sorted(
      [...snapshot.links.values()].map((link) => ({
        name: link.name,
        up: link.flags.includes('UP'),
        mtu: link.mtu,
        master: link.master,
        mac: link.kind === 'bridge' ? link.mac : null,
      })),
      (link) => link.name,
    ),
  };
}

function isSteady(route: Route): boolean {
  if (route.family === 4) return true;
  return route.table !== 255 && !route.dst.startsWith('fe80:') && !route.dst.startsWith('ff00:');
}

function comparableRoute(route: Route): Omit<Route, 'flags' | 'expires'> {
  const { flags: _flags, expires: _expires, ...rest } = route;
  return rest;
}

function comparableAddress(address: Address): Omit<Address, 'preferredLft' | 'validLft'> {
  const { validLft: _validLft, preferredLft: _preferredLft, ...rest } = address;
  const volatile = new Set(['tentative', 'nodad', 'optimistic', 'deprecated']);
  return { ...rest, flags: rest.flags.filter((flag) => !volatile.has(flag)) };
}

/** Sorted by a key; what has the same key stays in the order that the kernel gave. */
function sorted<T>(list: readonly T[], key: (item: T) => string): T[] {
  return list.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
