/**
 * What an uplink had before it was changed: another table, address or network. No list of that is kept. netplay's routes
 * of an uplink carry protocol 201 and its address as their source, and a rule leads from that address to their table:
 * so they tell what is the uplink's. What other tasks put into the same tables has not all three, and stays.
 */
import { DEFAULT_PREFIX, MAX_LENGTH, prefixContains } from '../../shared/addr.js';
import type { Route, Rule, Snapshot } from '../../snapshot/model.js';
import { type Part, part } from '../resource.js';
import { PROTOCOL, TABLE } from '../routing/names.js';
import { ownLines } from '../routing/table-file.js';
import { rtTable } from '../rt_table.js';
import { rule } from '../rule.js';
import { absentRoute } from './main-default.js';
import type { Uplink } from './uplink.js';

const BUILT_IN: ReadonlySet<number> = new Set(Object.values(TABLE));

/** The tasks that remove it: rules first, then routes, then names of tables that are empty. */
export function staleParts(uplinks: readonly Uplink[], snapshot: Snapshot): Part[] {
  const rules = new Set<Rule>();
  const routes = new Set<Route>();
  for (const uplink of uplinks) {
    const own = snapshot.routes.filter((entry) => isLike(entry, uplink));
    for (const entry of own) {
      const leading = rulesOf(entry, snapshot);
      if (leading.length === 0 || !(isElsewhere(entry, uplink) || isOutgrown(entry, uplink, uplinks)))
        continue;
      if (!isReplaced(entry, uplinks)) routes.add(entry);
      for (const one of leading) if (!isWanted(one, uplinks)) rules.add(one);
    }
  }
  return [
    ...[...rules].map(absentRule),
    ...[...routes].map(absentRoute),
    ...staleNames([...routes], uplinks, snapshot),
  ];
}

/** A route as `multihome` makes them: netplay's, from an address, to everything or to that address's network. */
function isLike({ family, table, dst, src, protocol, type, nexthops }: Route, uplink: Uplink): boolean {
  return (
    family === uplink.family &&
    protocol === PROTOCOL.netplay &&
    type === 'unicast' &&
    !BUILT_IN.has(table) &&
    src !== null &&
    prefixContains(dst, src) &&
    (dst === DEFAULT_PREFIX[family] || nexthops.every(({ via }) => via === null))
  );
}

/** This uplink's, in a table that is no more its own. */
function isElsewhere({ src, table }: Route, uplink: Uplink): boolean {
  return src === uplink.address && table !== uplink.table;
}

/** In its table, of an address or a network that it had before. */
function isOutgrown({ src, table, dst }: Route, uplink: Uplink, uplinks: readonly Uplink[]): boolean {
  if (table !== uplink.table) return false;
  if (src !== uplink.address) return !uplinks.some((other) => other.address === src && other.table === table);
  return dst !== DEFAULT_PREFIX[uplink.family] && dst !== uplink.network;
}

/** A route that only changes is replaced in place. */
function isReplaced({ family, table, dst }: Route, uplinks: readonly Uplink[]): boolean {
  return uplinks.some(
    (uplink) =>
      uplink.family === family &&
      uplink.table === table &&
      (dst === DEFAULT_PREFIX[family] || dst === uplink.network),
  );
}

/** Rules that send what comes from the route's source to the route's table, by nothing else. */
function rulesOf({ family, table, src }: Route, { rules, tools }: Snapshot): Rule[] {
  return rules.filter(
    (one) =>
      one.family === family &&
      one.table === table &&
      one.from === `${src}/${MAX_LENGTH[family]}` &&
      // What an old `ip` can't mark is told by the route alone.
      (one.protocol === PROTOCOL.netplay || !tools.ruleProtocol) &&
      isPlain(one),
  );
}

function isPlain(one: Rule): boolean {
  const { to, iif, oif, fwmark, ipproto, sport, dport, uidrange, tunId } = one;
  const selectors = [to, iif, oif, fwmark, ipproto, sport, dport, uidrange, tunId];
  return !one.not && one.tos === 0 && one.other === undefined && selectors.every((word) => word === null);
}

function isWanted({ from, table, family }: Rule, uplinks: readonly Uplink[]): boolean {
  return uplinks.some(
    (uplink) => uplink.table === table && from === `${uplink.address}/${MAX_LENGTH[family]}`,
  );
}

function absentRule({ from, table, priority }: Rule): Part {
  return part(rule, {
    from: from?.split('/')[0] ?? null,
    table: table ?? TABLE.main,
    priority,
    state: 'absent',
  });
}

/** Names that netplay gave to tables which hold nothing else. */
function staleNames(doomed: readonly Route[], uplinks: readonly Uplink[], snapshot: Snapshot): Part[] {
  const tables = new Set(doomed.map(({ table }) => table));
  for (const { table } of [...snapshot.routes.filter((entry) => !doomed.includes(entry)), ...uplinks])
    tables.delete(table);
  return ownLines(snapshot)
    .filter(({ id, name }) => tables.has(id) && !uplinks.some((uplink) => uplink.name === name))
    .map(({ id, name }) => part(rtTable, { id, name, state: 'absent' }));
}
