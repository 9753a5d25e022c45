/** The tables of bridges: what is put there, and what the kernel makes and drops by itself. */
import { type BridgeVlan, type FdbEntry, fdbBridge, impliedVlans } from './bridge.js';
import { type Draft, withEntry } from './draft.js';
import { sameFdb } from './identity.js';
import type { Link } from './model.js';

/** A port has one VLAN for what has no tag: a new one takes that from the old one. */
export function setVlan(draft: Draft, vlan: BridgeVlan): void {
  if (draft.bridgeVlans == null) return;
  const others = draft.bridgeVlans
    .filter((other) => other.dev !== vlan.dev || other.vid !== vlan.vid)
    .map((other) => (vlan.pvid && other.dev === vlan.dev && other.pvid ? { ...other, pvid: false } : other));
  draft.bridgeVlans = [...others, vlan].sort(byVlan);
}

function byVlan(a: BridgeVlan, b: BridgeVlan): number {
  return a.dev === b.dev ? a.vid - b.vid : a.dev < b.dev ? -1 : 1;
}

export function unsetVlan(draft: Draft, vlan: BridgeVlan): void {
  if (draft.bridgeVlans == null) return;
  draft.bridgeVlans = draft.bridgeVlans.filter(({ dev, vid }) => dev !== vlan.dev || vid !== vlan.vid);
}

/** A bridge knows a MAC of a VLAN once, by whatever port. */
export function setFdb(draft: Draft, entry: FdbEntry): void {
  if (draft.fdb == null) return;
  const all = withImplied(draft, entry);
  const bridge = fdbBridge(entry, draft.links);
  const inWay = (other: FdbEntry): boolean =>
    all.some(
      (one) =>
        sameFdb(other, one) ||
        (bridge !== null &&
          other.lladdr === one.lladdr &&
          other.vlan === one.vlan &&
          fdbBridge(other, draft.links) === bridge),
    );
  draft.fdb = [...draft.fdb.filter((other) => !inWay(other)), ...all];
}

export function unsetFdb(draft: Draft, entry: FdbEntry): void {
  const all = withImplied(draft, entry);
  if (draft.fdb != null) draft.fdb = draft.fdb.filter((other) => !all.some((one) => sameFdb(other, one)));
}

function withImplied(draft: Draft, entry: FdbEntry): FdbEntry[] {
  return [entry, ...impliedVlans(entry, draft).map((vlan) => ({ ...entry, vlan }))];
}

/** Whoever changes his master loses what the former one knew of him, and gets what the new one gives to all. */
export function changeMaster(draft: Draft, after: Link): void {
  dropTables(draft, after.name, (entry) => !entry.self);
  const bridge = after.master === null ? undefined : draft.links.get(after.master);
  if (bridge?.kind === 'bridge') giveDefaultVlan(draft, after.name, bridge);
  if (after.port.length > 0) draft.links = withEntry(draft, draft.links, after.name, { ...after, port: [] });
}

/** A device that goes takes all along. */
export function dropTables(
  draft: Draft,
  dev: string,
  isGone: (entry: FdbEntry) => boolean = () => true,
): void {
  if (draft.bridgeVlans?.some((vlan) => vlan.dev === dev))
    draft.bridgeVlans = draft.bridgeVlans.filter((vlan) => vlan.dev !== dev);
  if (draft.fdb?.some((entry) => entry.dev === dev))
    draft.fdb = draft.fdb.filter((entry) => entry.dev !== dev || !isGone(entry));
}

/** Where the kernel has VLANs of bridges, all begin with one, filtered or not; 0 is none. */
export function giveDefaultVlan(draft: Draft, dev: string, { bridge }: Link): void {
  const vid = bridge?.vlanDefaultPvid ?? 0;
  if (vid !== 0) setVlan(draft, { dev, vid, pvid: true, untagged: true });
}

/** Another default takes the place of the old one wherever that still is what the kernel made it (br_vlan.c). */
export function changeDefaultVlan(draft: Draft, before: Link, after: Link): void {
  const [old, vid] = [before.bridge?.vlanDefaultPvid ?? 0, after.bridge?.vlanDefaultPvid ?? 0];
  if (old === vid || draft.bridgeVlans == null) return;
  const devs = [
    after.name,
    ...[...draft.links.values()].filter(({ master }) => master === after.name).map(({ name }) => name),
  ];
  for (const dev of devs) {
    const former = draft.bridgeVlans?.find(
      (vlan) => vlan.dev === dev && vlan.vid === old && vlan.pvid && vlan.untagged,
    );
    const taken = draft.bridgeVlans?.some(
      (vlan) => vlan.dev === dev && (vlan.vid === vid || (old === 0 && vlan.pvid)),
    );
    if (taken === true || (old !== 0 && former === undefined)) continue;
    if (former !== undefined) unsetVlan(draft, former);
    giveDefaultVlan(draft, dev, after);
  }
}
