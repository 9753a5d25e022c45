/** The record as a play's tasks want it: what they set is kept, what they take away is not, nor what goes along. */
import type { Part } from '../resources/resource.js';
import { isMap } from '../shared/is-map.js';
import { type Kept, keptDev, keptKey, keptNeeds, keptThere } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import { below, branch } from '../snapshot/tc-tree.js';
import { isComeBack } from './come-back.js';
import { holds, withKept } from './holds.js';
import { merged } from './merge.js';
import type { PersistMode } from './mode.js';
import { type Entry, settled } from './record.js';
import { lostWithPorts, respoken, withdrawnOvs } from './wanted-ovs.js';

type Entries = ReadonlyMap<string, Entry>;

export class Wanted {
  readonly entries: Map<string, Entry>;
  /** The task that said so last, by key: also of what it wants to be absent. */
  readonly told = new Map<string, number>();
  /** The host with all that was kept. */
  #whole: Snapshot | undefined;

  constructor(
    private readonly record: Entries,
    private readonly after: Snapshot,
  ) {
    this.entries = new Map(record);
  }

  take(index: number, by: Exclude<PersistMode, 'off'>, { resource, params }: Part): void {
    if (isMap(params) && params.state === 'absent') {
      if (this.entries.size === 0) return;
      this.#whole ??= withKept(this.after, [...this.record.values()]);
      const keys = withdrawnBy({ resource, params }, this.entries, this.#whole);
      for (const key of [...keys, ...withdrawnOvs({ resource, params }, this.entries, this.after)])
        this.#drop(key, index);
      return;
    }
    for (const entry of respoken({ resource, params }, this.entries, this.after))
      this.entries.set(entry.key, entry);
    const kept = (resource.kept?.(params, this.after) ?? []).map(settled);
    for (const each of kept) {
      const key = keptKey(each);
      const before = this.entries.get(key)?.kept;
      this.told.set(key, index);
      // One that is there keeps its place.
      if (isWithdrawn(each)) this.entries.delete(key);
      else if (before !== undefined && isComeBack(before, each, params))
        this.entries.set(key, { key, by, kept: before });
      else this.entries.set(key, { key, by, kept: before ? merged(before, each, this.after) : each });
    }
    const own = new Set(kept.map(keptKey));
    for (const [key, entry] of this.entries)
      if (isMap(params) && !own.has(key) && isSurplus(entry.kept, params)) this.#drop(key, index);
  }

  /** What the play takes away along with something else: the routes of a link that it removes. */
  dropLost(before: Snapshot): void {
    const { after, entries, told } = this;
    if ([...entries.keys()].every((key) => told.has(key))) return;
    const [old, now] = [keptThere(before), keptThere(after)];
    const lost = new Set(
      [...before.links.keys()]
        .filter((name) => !after.links.has(name))
        .flatMap((name) => standingOn(name, entries)),
    );
    for (const key of lostWithPorts(before, after, entries)) if (!told.has(key)) entries.delete(key);
    for (const [key, { kept }] of entries) {
      if (told.has(key)) continue;
      const untrue = holds(kept, before) && !holds(kept, after);
      if (untrue || lost.has(key) || (old.has(key) && !now.has(key))) entries.delete(key);
    }
  }

  #drop(key: string, index: number): void {
    this.told.set(key, index);
    this.entries.delete(key);
  }
}

function isWithdrawn(kept: Kept): boolean {
  return kept.kind === 'setting' && kept.words.length === 0;
}

/** What a task that wants nothing beside its own does not name: ports, VLANs, proxy entries. */
function isSurplus(kept: Kept, { name, dev = name, dst, exclusive, exclusive_vlans }: Params): boolean {
  if (kept.kind === 'bridge_vlan') return exclusive_vlans === true && kept.item.dev === dev;
  if (exclusive !== true) return false;
  if (kept.kind === 'neighbour') return kept.item.proxy && kept.item.dst === dst;
  return kept.kind === 'setting' && kept.name === 'master' && kept.needs === name;
}

type Params = Readonly<Record<string, unknown>>;

/** Keys of what is kept and a task wants to be absent: what it would remove of a host with all that is kept. */
function withdrawnBy({ resource, params }: Part, entries: Entries, whole: Snapshot): string[] {
  const effects = resource.plan(params, whole).changes.flatMap((change) => change.effects);
  return effects.flatMap((effect): string[] => {
    if (effect.kind === 'link' && 'set' in effect) {
      const { name, master } = effect.set;
      const leaves = master === null && (whole.links.get(name)?.master ?? null) !== null;
      return leaves ? asPort(name, entries) : [];
    }
    if (effect.kind === 'ovs')
      return effect.part === 'flows' && effect.value === null ? [`ovs_flow ${effect.name}`] : [];
    if (!('unset' in effect) || effect.kind === 'table-name') return [];
    if (effect.kind === 'link') return standingOn(effect.unset, entries);
    if (effect.kind !== 'tc') return [keptKey({ kind: effect.kind, item: effect.unset } as Kept)];
    const { unset: item } = effect;
    const hanging =
      whole.tc === undefined || item.type === 'filter'
        ? []
        : item.type === 'class'
          ? branch(whole.tc, item)
          : below(whole.tc, item);
    return [item, ...hanging].map((each) => keptKey({ kind: 'tc', item: each }));
  });
}

/** What is kept of a device as a port of its bridge. */
function asPort(name: string, entries: Entries): string[] {
  return [...entries].flatMap(([key, { kept }]) => {
    if (keptDev(kept) !== name) return [];
    const own =
      kept.kind === 'bridge_vlan' ||
      (kept.kind === 'fdb' && !kept.item.self) ||
      (kept.kind === 'setting' && kept.needs !== undefined);
    return own ? [key] : [];
  });
}

/** A link and all that is on it, by key; rules stay, and wait for their device. */
function standingOn(root: string, entries: Entries): string[] {
  const links = [...entries.values()].flatMap(({ kept }) => (kept.kind === 'link' ? [kept] : []));
  const gone = new Set([root]);
  for (const name of gone)
    for (const link of links) {
      const ends = [link.item.name, ...(link.peer === undefined ? [] : [link.peer.name])];
      if (ends.includes(name) || keptNeeds(link).includes(name)) for (const end of ends) gone.add(end);
    }
  return [...entries].flatMap(([key, { kept }]) => {
    if (kept.kind === 'rule') return [];
    const devs = [keptDev(kept), ...keptNeeds(kept)];
    return devs.some((dev) => dev !== null && gone.has(dev)) ? [key] : [];
  });
}
