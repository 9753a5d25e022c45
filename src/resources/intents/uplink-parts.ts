/** What an uplink is made of, and what takes it away again: its table and the rule that leads there. */
import { address } from '../address.js';
import { type Part, part } from '../resource.js';
import { route } from '../route.js';
import { rtTable } from '../rt_table.js';
import { rule } from '../rule.js';
import type { Uplink } from './uplink.js';

/** @param addresses whether the addresses are the task's own too */
export function presentParts(uplinks: readonly Uplink[], addresses: boolean): Part[] {
  return [
    ...names(uplinks).map(({ id, name }) => part(rtTable, { id, name })),
    ...(addresses ? uplinks.map((uplink) => part(address, addressOf(uplink))) : []),
    ...uplinks.flatMap((uplink) => tableRoutes(uplink)),
    ...uplinks.map(({ address: from, table, priority }) => part(rule, { from, table, priority })),
  ];
}

/** Rules first, so that no packet meets half a table. */
export function absentRules(uplinks: readonly Uplink[]): Part[] {
  return uplinks.map(({ address: from, table, priority }) =>
    part(rule, { from, table, priority, state: 'absent' }),
  );
}

/** All the rest of it. */
export function absentTables(uplinks: readonly Uplink[], addresses: boolean): Part[] {
  const routes = uplinks.flatMap(({ gateway: via, dev, address: src, network, table, family }) => [
    part(route, { dst: 'default', via, dev, src, table, family, state: 'absent' }),
    ...(network === null ? [] : [part(route, { dst: network, dev, src, table, state: 'absent' })]),
  ]);
  return [
    ...routes,
    ...(addresses ? uplinks.map((uplink) => part(address, { ...addressOf(uplink), state: 'absent' })) : []),
    ...names(uplinks).map(({ id, name }) => part(rtTable, { id, name, state: 'absent' })),
  ];
}

/** The network before the gateway that is in it. With `src`, since a device may have several addresses. */
function tableRoutes({ dev, address: src, network, gateway: via, table, onlink }: Uplink): Part[] {
  return [
    ...(network === null ? [] : [part(route, { dst: network, dev, src, table })]),
    part(route, { dst: 'default', via, dev, ...(onlink && { onlink }), src, table }),
  ];
}

function addressOf({ dev, address: local, length }: Uplink): { dev: string; address: string } {
  return { dev, address: `${local}/${length}` };
}

/** Each table's name once: IPv4 and IPv6 of one uplink share theirs. */
function names(uplinks: readonly Uplink[]): { id: number; name: string }[] {
  const byTable = new Map(uplinks.flatMap(({ table, name }) => (name === undefined ? [] : [[table, name]])));
  return [...byTable].map(([id, name]) => ({ id, name }));
}
