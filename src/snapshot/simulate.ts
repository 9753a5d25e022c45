/**
 * What a snapshot will be once changes are made: their effects, and with them what the kernel does by
 * itself. Link-local IPv6 addresses and multicast routes, which it makes and drops at its own pace, are not
 * foretold.
 */
import { type Draft, insertBehind, spliced, withEntry } from './draft.js';
import type { Effect } from './effects.js';
import { setEthtool } from './ethtool.js';
import { sameRule } from './identity.js';
import type { HostFile, NameEntry, Rule, Snapshot } from './model.js';
import { nameFile } from './names.js';
import type { Ve } from './openvz.js';
import { addRule, dropRule, exchangeRule, rulesLike } from './rule-index.js';
import { setAddress, unsetAddress } from './simulate-address.js';
import { setFdb, setVlan, unsetFdb, unsetVlan } from './simulate-bridge.js';
import { setLink, unsetLink } from './simulate-link.js';
import { setNeighbour, unsetNeighbour } from './simulate-neighbour.js';
import { setOvs } from './simulate-ovs.js';
import { appendRoute, setRoute, unsetRoute } from './simulate-route.js';
import { setTc, unsetTc } from './simulate-tc.js';

/** Pure: the snapshot given is not changed. */
export function applyEffects(snapshot: Snapshot, effects: readonly Effect[]): Snapshot {
  const draft: Draft = { ...snapshot };
  foldEffects(draft, effects);
  return draft;
}

/** Folds effects into a snapshot of the caller's own. */
export function foldEffects(draft: Draft, effects: readonly Effect[]): void {
  for (const effect of effects) applyEffect(draft, effect);
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
    case 'bridge_vlan':
      if ('set' in effect) setVlan(draft, effect.set);
      else unsetVlan(draft, effect.unset);
      return;
    case 'fdb':
      if ('set' in effect) setFdb(draft, effect.set);
      else unsetFdb(draft, effect.unset);
      return;
    case 'sysctl':
      draft.sysctls = withEntry(draft, draft.sysctls, effect.path, effect.value);
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
    case 'ethtool':
      setEthtool(draft, effect);
      return;
    case 'openvz':
      setVe(draft, effect.set);
      return;
    case 'ovs':
      setOvs(draft, effect);
      return;
  }
}

function setRule(draft: Draft, wanted: Rule): void {
  const missing = (name: string | null): boolean => name !== null && !draft.links.has(name);
  const rule = { ...wanted, iifDetached: missing(wanted.iif), oifDetached: missing(wanted.oif) };
  const found = findRule(draft.rules, wanted);
  if (found === undefined) addRule(draft, rule);
  else exchangeRule(draft, found, rule);
}

function unsetRule(draft: Draft, rule: Rule): void {
  const found = findRule(draft.rules, rule);
  if (found !== undefined) dropRule(draft, found);
}

/** Of twins that differ in their protocol alone, the one with the same protocol is meant first. */
function findRule(rules: readonly Rule[], wanted: Rule): Rule | undefined {
  const { family, priority, from, to } = wanted;
  const twins = rulesLike(rules, { family, priority, from, to }).filter((rule) => sameRule(rule, wanted));
  return twins.find((rule) => rule.protocol === wanted.protocol) ?? twins[0];
}

function setFile(draft: Draft, path: string, file: HostFile | null): void {
  draft.saved ??= draft.files;
  draft.files = withEntry(draft, draft.files, path, file);
  const slash = path.lastIndexOf('/');
  const directory = path.slice(0, slash);
  const name = path.slice(slash + 1);
  const names = draft.directories.get(directory);
  if (names === undefined || (names === null && file === null)) return;
  const others = (names ?? []).filter((other) => other !== name);
  draft.directories = withEntry(
    draft,
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
      ? insertBehind(draft, entries, entry, (other) => other.file === entry.file)
      : spliced(draft, entries, at, 1, entry),
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
