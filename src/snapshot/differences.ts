/**
 * What effects come to in the end, each thing with its value before and after: kept with a transaction, so
 * that somebody can tell later whether its result still stands, and what stood there before it.
 */
import { isDeepStrictEqual } from 'node:util';
import { bondFields } from './bond.js';
import { type BridgeVlan, type FdbEntry, portsDiffer } from './bridge.js';
import type { Effect } from './effects.js';
import { type EthtoolDifference, ethtoolDifferences, ethtoolEffect, ethtoolValue } from './ethtool.js';
import { fdbText, neighbourText, routeText, vlanText } from './identity.js';
import { settingsOf } from './kinds/kinds.js';
import type { Address, HostFile, Link, Neighbour, Read, Route, Rule, Snapshot } from './model.js';
import type { Ve } from './openvz.js';
import { differingRow, type OvsDifference, ovsDifferences, ovsEffect } from './ovs-differences.js';
import { routesTo } from './route-index.js';
import type { TcItem } from './tc.js';
import { sameItem } from './tc-compare.js';
import { sameTc, tcText } from './tc-tree.js';

/** Null is nothing there. A route or rule that is replaced is two: one that goes and one that comes. */
export type Difference =
  | { kind: 'link'; name: string; before: Link | null; after: Link | null }
  /** `there`: whether it stands there after. */
  | { kind: 'address'; item: Address; there: boolean }
  | { kind: 'route'; item: Route; there: boolean }
  | { kind: 'rule'; item: Rule; there: boolean }
  | { kind: 'neighbour'; item: Neighbour; there: boolean }
  | { kind: 'bridge_vlan'; item: BridgeVlan; there: boolean }
  | { kind: 'fdb'; item: FdbEntry; there: boolean }
  | { kind: 'tc'; item: TcItem; there: boolean }
  | { kind: 'sysctl'; path: string; before: string | null; after: string | null }
  | { kind: 'file'; path: string; before: HostFile | null; after: HostFile | null }
  | EthtoolDifference
  | { kind: 'openvz'; before: Ve; after: Ve }
  | OvsDifference;

const PROTOCOL_KERNEL = 2;
const SCOPE_LINK = 253;
/** Those that somebody sets; the others tell what the link does by itself. */
const LINK_FLAGS = ['UP', 'NOARP', 'MULTICAST', 'ALLMULTI', 'PROMISC', 'DYNAMIC', 'NOTRAILERS'];
/** Those of an address that count; `tentative` and its like come and go. */
const ADDRESS_FLAGS = ['secondary', 'home', 'mngtmpaddr', 'nodad', 'noprefixroute', 'autojoin'];

/**
 * What effects change of a snapshot, with what the kernel takes along. What it makes by itself and no
 * effect names (routes to an address's own network, link-local addresses) is left out.
 * @param after the effects folded into `before`
 */
export function differencesOf(before: Snapshot, after: Snapshot, effects: readonly Effect[]): Difference[] {
  return [
    ...linkDifferences(before, after),
    ...changed('address', before.addresses, after.addresses, addressText, effects),
    ...changed('route', before.routes, after.routes, routeText, effects),
    ...changed('rule', before.rules, after.rules, ruleText, effects),
    ...changed('neighbour', before.neighbours, after.neighbours, neighbourText, effects),
    ...changed('bridge_vlan', before.bridgeVlans ?? [], after.bridgeVlans ?? [], vlanText, effects),
    ...changed('fdb', before.fdb ?? [], after.fdb ?? [], fdbText, effects),
    ...changed('tc', before.tc?.items ?? [], after.tc?.items ?? [], tcText, effects),
    ...settings(before, after, effects),
    ...ethtoolDifferences(before, after),
    ...veDifferences(before, after),
    ...ovsDifferences(before.ovs, after.ovs),
  ];
}

/** The way back: what was after is before. */
export function reversed(differences: readonly Difference[]): Difference[] {
  return differences.map((difference): Difference => {
    if ('there' in difference) return { ...difference, there: !difference.there };
    return { ...difference, before: difference.after, after: difference.before } as Difference;
  });
}

/** The effects that lead from before to after; what goes comes first. */
export function effectsOf(differences: readonly Difference[]): Effect[] {
  const comes = (difference: Difference): boolean =>
    'there' in difference ? difference.there : difference.after !== null;
  const coming = differences.filter(comes);
  const going = differences
    .filter((difference) => !comes(difference) && !isAltered(difference, coming))
    .reverse();
  return [...going, ...coming].flatMap(effectOf);
}

/** A qdisc or class that stays, with other options: what hangs on it does not go. */
function isAltered(difference: Difference, coming: readonly Difference[]): boolean {
  if (difference.kind !== 'tc') return false;
  const { item } = difference;
  return coming.some(
    (other) =>
      other.kind === 'tc' &&
      sameTc(other.item, item) &&
      (item.type !== 'qdisc' || (other.item.type === 'qdisc' && other.item.handle === item.handle)),
  );
}

function effectOf(difference: Difference): Effect[] {
  if ('there' in difference) {
    const { kind, item, there } = difference;
    return [{ kind, ...(there ? { set: item } : { unset: item }) } as Effect];
  }
  const { kind, after } = difference;
  if (kind === 'ovs') return [ovsEffect(difference)];
  if (kind === 'ethtool') return [ethtoolEffect(difference)];
  if (kind === 'openvz') return [{ kind, set: difference.after }];
  if (kind === 'file') return [{ kind, path: difference.path, file: after }];
  if (kind === 'link') {
    if (after === null) return [{ kind, unset: difference.name }];
    // A port begins with what all begin with; its own settings come second.
    const joins = after.port.length > 0 && difference.before?.master !== after.master;
    return joins
      ? [
          { kind, set: after },
          { kind, set: after },
        ]
      : [{ kind, set: after }];
  }
  // A setting of a device that goes has no value any more.
  return after === null ? [] : [{ kind, path: difference.path, value: after }];
}

/** What must be read to tell whether they stand, and what hangs on them. */
export function readsOfDifferences(differences: readonly Difference[]): Read[] {
  const paths = differences.flatMap((difference): Read[] =>
    'path' in difference ? [{ kind: difference.kind, path: difference.path }] : [],
  );
  return [
    { kind: 'links' },
    { kind: 'addresses' },
    ...([4, 6] as const).flatMap((family): Read[] => [
      { kind: 'routes', family },
      { kind: 'rules', family },
    ]),
    { kind: 'neighbours' },
    { kind: 'bridge_vlans' },
    { kind: 'fdb' },
    ...paths,
    ...(['openvz', 'ovs'] as const).flatMap((kind) =>
      differences.some((difference) => difference.kind === kind) ? [{ kind }] : [],
    ),
    ...differences.flatMap(ovsFlowReads),
    ...differences.flatMap(ethtoolReads),
    ...tcDevices(differences).map((dev) => ({ kind: 'tc', dev }) as const),
    // What goes with a device that is removed.
    ...(differences.some(({ kind }) => kind === 'link') ? [{ kind: 'tc' } as const] : []),
  ];
}

function tcDevices(differences: readonly Difference[]): string[] {
  return [
    ...new Set(differences.flatMap((difference) => (difference.kind === 'tc' ? [difference.item.dev] : []))),
  ];
}

function ethtoolReads(difference: Difference): Read[] {
  if (difference.kind !== 'ethtool') return [];
  const { kind, dev, part } = difference;
  return [{ kind, dev, part }];
}

function ovsFlowReads(difference: Difference): Read[] {
  const flow = difference.kind === 'ovs' ? (difference.before ?? difference.after) : null;
  return flow !== null && 'match' in flow ? [{ kind: 'ovs-flow', bridge: flow.bridge, text: null }] : [];
}

/** Whether a host shows what the difference has after. */
export function stands(difference: Difference, snapshot: Snapshot): boolean {
  switch (difference.kind) {
    case 'link':
      return linkStands(difference, snapshot.links.get(difference.name));
    case 'ethtool':
      return ethtoolValue(snapshot, difference) === difference.after;
    case 'openvz':
      return differingSettings(difference, snapshot).length === 0;
    case 'ovs':
      return differingRow(difference, snapshot.ovs).length === 0;
    case 'sysctl':
      return (snapshot.sysctls.get(difference.path) ?? null) === difference.after;
    case 'file':
      return isDeepStrictEqual(snapshot.files.get(difference.path) ?? null, difference.after);
    case 'route': {
      const routes = routesTo(snapshot.routes, difference.item.dst);
      return isListed(routes, difference.item, routeText) === difference.there;
    }
    case 'rule':
      return isListed(snapshot.rules, difference.item, ruleText) === difference.there;
    case 'neighbour':
      return isListed(snapshot.neighbours, difference.item, neighbourText) === difference.there;
    case 'bridge_vlan':
      return isListed(snapshot.bridgeVlans ?? [], difference.item, vlanText) === difference.there;
    case 'fdb':
      return isListed(snapshot.fdb ?? [], difference.item, fdbText) === difference.there;
    case 'tc':
      return (snapshot.tc?.items ?? []).some((item) => sameItem(difference.item, item)) === difference.there;
    case 'address':
      return isListed(snapshot.addresses, difference.item, addressText) === difference.there;
  }
}

function isListed<Item>(items: readonly Item[], wanted: Item, text: (item: Item) => string): boolean {
  const own = text(wanted);
  return items.some((item) => text(item) === own);
}

function ruleText({ iifDetached: _, oifDetached: __, ...rule }: Rule): string {
  const fields = Object.entries(rule).filter(([, value]) => value !== undefined);
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function addressText(address: Address): string {
  const { dev, local, length, peer, broadcast, label, scope, metric, flags } = address;
  const own = ADDRESS_FLAGS.filter((flag) => flags.includes(flag));
  return JSON.stringify([dev, local, length, peer, broadcast, label, scope, metric, own]);
}

type Listed = Address | Route | Rule | Neighbour | BridgeVlan | FdbEntry | TcItem;

/** Those of two lists that only one of them has, by their text; in the lists' order. */
function changed<Kind extends Extract<Difference, { there: boolean }>['kind'], Item extends Listed>(
  kind: Kind,
  before: readonly Item[],
  after: readonly Item[],
  text: (item: Item) => string,
  effects: readonly Effect[],
): Difference[] {
  if (before === after) return [];
  const [old, now] = [new Set(before.map(text)), new Set(after.map(text))];
  const named = new Set(effects.flatMap((effect) => (effect.kind === kind ? [text(itemOf(effect))] : [])));
  const counts = (item: Item): boolean => !isOfKernel(item) || named.has(text(item));
  const gone = before.filter((item) => !now.has(text(item)) && counts(item));
  const come = after.filter((item) => !old.has(text(item)) && counts(item));
  return [
    ...gone.map((item) => ({ kind, item, there: false })),
    ...come.map((item) => ({ kind, item, there: true })),
  ] as Difference[];

  function itemOf(effect: Effect): Item {
    return ('set' in effect ? effect.set : 'unset' in effect ? effect.unset : undefined) as Item;
  }
}

/** Whether the kernel makes and drops it by itself. */
function isOfKernel(item: Listed): boolean {
  if ('nexthops' in item) return item.protocol === PROTOCOL_KERNEL;
  // Each port begins with one VLAN, which is where the kernel has any.
  if ('vid' in item) return item.pvid && item.untagged;
  return 'local' in item && item.family === 6 && item.scope === SCOPE_LINK;
}

function settings(before: Snapshot, after: Snapshot, effects: readonly Effect[]): Difference[] {
  const paths = (kind: 'sysctl' | 'file'): string[] => [
    ...new Set(effects.flatMap((effect) => (effect.kind === kind ? [effect.path] : []))),
  ];
  const all = [
    ...paths('sysctl').map((path) => {
      const value = (snapshot: Snapshot): string | null => snapshot.sysctls.get(path) ?? null;
      return { kind: 'sysctl', path, before: value(before), after: value(after) } as const;
    }),
    ...paths('file').map((path) => {
      const file = (snapshot: Snapshot): HostFile | null => snapshot.files.get(path) ?? null;
      return { kind: 'file', path, before: file(before), after: file(after) } as const;
    }),
  ];
  return all.filter((difference) => !isDeepStrictEqual(difference.before, difference.after));
}

function linkDifferences(before: Snapshot, after: Snapshot): Difference[] {
  if (before.links === after.links) return [];
  return [...new Set([...before.links.keys(), ...after.links.keys()])].flatMap((name): Difference[] => {
    const [old, now] = [before.links.get(name) ?? null, after.links.get(name) ?? null];
    if (old === now || (old !== null && now !== null && differingFields(old, now).length === 0)) return [];
    return [{ kind: 'link', name, before: old, after: now }];
  });
}

/** A link that was changed shows what was changed of it; one that was made, that it is the one that was made. */
function linkStands(
  { before, after }: Extract<Difference, { kind: 'link' }>,
  now: Link | undefined,
): boolean {
  if (after === null || now === undefined) return after === null && now === undefined;
  const differs = new Set(differingFields(after, now));
  if (before === null) return !['kind', 'master', 'UP'].some((field) => differs.has(field));
  return !differingFields(before, after).some((field) => differs.has(field));
}

/** Names of what tells two states of a link apart, of all that somebody can set. */
export function differingFields(one: Link, other: Link): string[] {
  const [a, b] = [fieldsOf(one), fieldsOf(other)];
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (field) => !isDeepStrictEqual(a[field], b[field]),
  );
  return portsDiffer(one.port, other.port) ? [...fields, 'port'] : fields;
}

function fieldsOf(link: Link): Record<string, unknown> {
  const { kind, mtu, mac, broadcast, txqueuelen, alias, master, group, addrgenmode, protodown } = link;
  return {
    ...{ kind, mtu, mac, broadcast, txqueuelen, alias, master, group, addrgenmode, protodown },
    altnames: [...link.altnames].sort(),
    ...Object.fromEntries(LINK_FLAGS.map((flag) => [flag, link.flags.includes(flag)])),
    ...link.bridge,
    ...(link.tun && { tun: link.tun }),
    ...bondFields(link),
    settings: settingsOf(link),
    ...link.details,
  };
}

function veDifferences(before: Snapshot, after: Snapshot): Difference[] {
  if (before.openvz === after.openvz) return [];
  return (before.openvz?.ves ?? []).flatMap((old): Difference[] => {
    const now = after.openvz?.ves.find(({ id }) => id === old.id);
    return now === undefined || isDeepStrictEqual(old, now)
      ? []
      : [{ kind: 'openvz', before: old, after: now }];
  });
}

/** Names of what was changed of a container and is not any more as it was left. */
export function differingSettings(
  { before, after }: Extract<Difference, { kind: 'openvz' }>,
  { openvz }: Snapshot,
): string[] {
  const now = openvz?.ves.find(({ id }) => id === after.id);
  const fields = Object.keys(after) as (keyof Ve)[];
  return fields.filter(
    (field) =>
      !isDeepStrictEqual(before[field], after[field]) &&
      (now === undefined || !isDeepStrictEqual(settled(now, field), settled(after, field))),
  );
}

/** The order of a running container's addresses is the kernel's own. */
function settled(ve: Ve, field: keyof Ve): unknown {
  return field === 'addresses' ? [...ve.addresses].sort() : ve[field];
}
