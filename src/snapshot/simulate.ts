/**
 * What a snapshot will be once changes are made: their effects, and with them what the kernel does by
 * itself. Link-local IPv6 addresses and multicast routes, which it makes and drops at its own pace, are not
 * foretold.
 */
import { type Draft, insertBehind, withEntry } from './draft.js';
import type { Effect } from './effects.js';
import { sameRule } from './identity.js';
import type { HostFile, NameEntry, Rule, Snapshot } from './model.js';
import { nameFile } from './names.js';
import type { Ve } from './openvz.js';
import { setAddress, unsetAddress } from './simulate-address.js';
import { setLink, unsetLink } from './simulate-link.js';
import { setNeighbour, unsetNeighbour } from './simulate-neighbour.js';
import { appendRoute, setRoute, unsetRoute } from './simulate-route.js';
import { setTc, unsetTc } from './simulate-tc.js';

/** Pure: the snapshot given is not changed. */
export function applyEffects(snapshot: Snapshot, effects: readonly Effect[]): Snapshot {
  const draft: Draft = { ...snapshot };
  for (const effect of effects) applyEffect(draft, effect);
  return draft;
}

function applyEffect(draft: Draft, effect: Effect): void {
  switch (effect.kind) {
    case 'route':
      if ('set' in effect && effect.append) appendRoute(draft, effect.set);
      else if ('set' in effect) setRoute(draft, effect.set, effect.replaces);
      else unsetRoute(draft, effect.unset);
      return;
    case 'rule':
      if ('set' in effect) setRule(draft, effect.set);
      else unsetRule(draft, effect.unset);
      return;
    case 'address':
      if ('set' in effect) setAddress(draft, effect.set);
      else unsetAddress(draft, effect.unset);
      return;
    case 'link':
      if ('set' in effect) setLink(draft, effect.set);
      else unsetLink(draft, effect.unset);
      return;
    case 'neighbour':
      if ('set' in effect) setNeighbour(draft, effect.set);
      else unsetNeighbour(draft, effect.unset);
      return;
    case 'sysctl':
      draft.sysctls = withEntry(draft.sysctls, effect.path, effect.value);
      return;
    case 'file':
      setFile(draft, effect.path, effect.file);
      return;
    case 'table-name':
      if ('set' in effect) setTableName(draft, effect.set);
      else unsetTableName(draft, effect.unset);
      return;
    case 'tc':
      if ('set' in effect) setTc(draft, effect.set);
      else unsetTc(draft, effect.unset);
      return;
    case 'openvz':
      setVe(draft, effect.set);
      return;
  }
}

/** A rule stands behind those of its family with the same or a lower priority. */
function setRule(draft: Draft, wanted: Rule): void {
  const missing = (name: string | null): boolean => name !== null && !draft.links.has(name);
  const rule = { ...wanted, iifDetached: missing(wanted.iif), oifDetached: missing(wanted.oif) };
  const at = ruleIndex(draft.rules, wanted);
  draft.rules =
    at < 0
      ? insertBehind(
          draft.rules,
          rule,
          (other) => other.family === rule.family && other.priority <= rule.priority,
        )
      : draft.rules.toSpliced(at, 1, rule);
}

function unsetRule(draft: Draft, rule: Rule): void {
  const at = ruleIndex(draft.rules, rule);
  if (at >= 0) draft.rules = draft.rules.toSpliced(at, 1);
}

/** Of twins that differ in their protocol alone, the one with the same protocol is meant first. */
function ruleIndex(rules: readonly Rule[], wanted: Rule): number {
  const exact = rules.findIndex((rule) => rule.protocol === wanted.protocol && sameRule(rule, wanted));
  return exact >= 0 ? exact : rules.findIndex((rule) => sameRule(rule, wanted));
}

function setFile(draft: Draft, path: string, file: HostFile | null): void {
  draft.saved ??= draft.files;
  draft.files = withEntry(draft.files, path, file);
  const slash = path.lastIndexOf('/');
  const directory = path.slice(0, slash);
  const name = path.slice(slash + 1);
  const names = draft.directories.get(directory);
  if (names === undefined || (names === null && file === null)) return;
  const others = (names ?? []).filter((other) => other !== name);
  draft.directories = withEntry(
    draft.directories,
    directory,
    file === null ? others : [...others, name].sort(),
  );
}

function setTableName(draft: Draft, entry: NameEntry): void {
  const { entries } = draft.names.tables;
  const at = entries.findIndex((other) => other.file === entry.file && other.id === entry.id);
  renameTables(
    draft,
    at < 0
      ? insertBehind(entries, entry, (other) => other.file === entry.file)
      : entries.toSpliced(at, 1, entry),
  );
}

function unsetTableName(draft: Draft, entry: NameEntry): void {
  const { file, id, name } = entry;
  renameTables(
    draft,
    draft.names.tables.entries.filter(
      (other) => other.file !== file || other.id !== id || other.name !== name,
    ),
  );
}

function setVe(draft: Draft, ve: Ve): void {
  if (draft.openvz == null) return;
  const ves = draft.openvz.ves.map((other) => (other.id === ve.id ? ve : other));
  draft.openvz = { ...draft.openvz, ves };
}

function renameTables(draft: Draft, entries: readonly NameEntry[]): void {
  draft.names = { ...draft.names, tables: nameFile('tables', entries) };
}
