/** What stands against a device's becoming a bridge's port, or is to be told of it. */
import type { Problem } from '../../shared/change.js';
import type { Snapshot } from '../../snapshot/model.js';
import { missingDevice } from '../routing/route-checks.js';
import { isPinned } from './mac.js';

/** The kernel moves a port from one bridge to another without a word: that must be said aloud. */
export function joinProblem(
  name: string,
  bridge: string,
  snapshot: Snapshot,
  path: (string | number)[],
): Problem | undefined {
  const port = snapshot.links.get(name);
  if (port === undefined) return missingDevice(name, snapshot, path);
  if (port.name === bridge || port.kind === 'bridge')
    return { message: `${name} is a bridge: it can't be a port of ${bridge}`, path };
  if (port.flags.includes('LOOPBACK')) return { message: `${name} can't be a port of a bridge`, path };
  if (port.master === null || port.master === bridge) return undefined;
  return {
    message: `${name} is a port of ${port.master}: putting it into ${bridge} would take it from there`,
    hint: `If that is meant, put before it: link: {name: ${name}, master: null}`,
    path,
  };
}

/** A bridge whose MAC nobody set has that of its lowest port: neighbours lose it when that comes or goes. */
export function pinWarnings(bridge: string, port: string, before: Snapshot, after: Snapshot): string[] {
  const [old, now] = [before.links.get(bridge), after.links.get(bridge)];
  if (old?.kind !== 'bridge' || isPinned(now)) return [];
  const moves =
    old.mac !== now?.mac ? `changes the MAC of ${bridge} from ${old.mac} to ${now?.mac}` : undefined;
  const why =
    moves === undefined ? `the MAC of ${bridge} changes as its ports come and go` : `${port} ${moves}`;
  return [`${why}, since it is not pinned; put before it: bridge: {name: ${bridge}}`];
}

/** What arrives at a port goes to the bridge: an address that stays on the port is not reached any more. */
export function portAddressWarnings(
  bridge: string,
  ports: readonly string[],
  { addresses }: Snapshot,
): string[] {
  return ports.flatMap((port) => {
    const found = addresses.filter(({ dev, scope, family }) => dev === port && (family === 4 || scope === 0));
    if (found.length === 0) return [];
    const list = found.map(({ local, length }) => `${local}/${length}`).join(', ');
    return [
      `${port} keeps ${list} though it is a port of ${bridge}: nothing reaches it there; give it to ${bridge}`,
    ];
  });
}
