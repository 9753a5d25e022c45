/** The plain tasks that a pin is made of, and those that take one away. */
import { displayPrefix, familyOf } from '../../shared/addr.js';
import type { Read, Rule, Snapshot } from '../../snapshot/model.js';
import { neighbour } from '../neighbour.js';
import { type Part, part } from '../resource.js';
import { route } from '../route.js';
import { PROTOCOL, TABLE } from '../routing/names.js';
import { rtTable } from '../rt_table.js';
import { rule } from '../rule.js';
import { type NicWay, tableName } from './nic.js';

/** What the parts read, for whatever addresses. */
export const pinReads: readonly Read[] = [
  ...['192.0.2.1', '2001:db8::1'].flatMap((address) => [
    ...route.reads({ dst: address, dev: 'eth0', table: 1 }),
    ...rule.reads({ from: address, table: 1 }),
    ...neighbour.reads({ dst: address, dev: 'eth0', proxy: true }),
  ]),
  ...rtTable.reads({ id: 1, name: 'pin' }),
];

/** A NIC's table: its networks and the default by it. */
export function tableParts({ dev, table, gateway, networks }: NicWay): Part[] {
  return [
    part(rtTable, { id: table, name: tableName(dev) }),
    ...networks.map((dst) => part(route, { dst: displayPrefix(dst), dev, table })),
    // `default` alone would be IPv4's.
    part(route, { dst: familyOf(gateway) === 4 ? 'default' : '::/0', via: gateway, dev, table }),
  ];
}

/**
 * What comes from the address looks its way up in the NIC's table, and what goes to it in main: the host's own
 * containers would look for it on the wire, where the NIC that they use does not answer itself (measured).
 */
export function ruleParts(address: string, table: number, priority: number): Part[] {
  return [
    part(rule, { to: address, table: 'main', priority: priority - 1 }),
    part(rule, { from: address, table, priority }),
  ];
}

/** The NIC answers for the address, and no other one does. */
export function proxyPart(address: string, { dev }: NicWay): Part {
  return part(neighbour, { dst: address, dev, proxy: true, exclusive: true });
}

/** The address with its whole length. */
export function hostPrefix(address: string): string {
  return `${address}/${familyOf(address) === 4 ? 32 : 128}`;
}

/** Rules that go, and the tasks that take them away. */
export interface Gone {
  parts: readonly Part[];
  rules: readonly Rule[];
}

/**
 * All rules of netplay's from the address at these priorities, but for one that stays; where none does, those to
 * the address as well.
 */
export function rulesGone(
  address: string,
  priorities: readonly number[],
  { rules, tools }: Snapshot,
  kept?: { table: number; priority: number },
): Gone {
  const prefix = hostPrefix(address);
  const own = rules.filter((each) => !tools.ruleProtocol || each.protocol === PROTOCOL.netplay);
  const doomed = own.filter(
    ({ from, table, priority }) =>
      from === prefix &&
      priorities.includes(priority) &&
      !(table === kept?.table && priority === kept?.priority),
  );
  const inbound = own.filter(
    ({ to, table, priority }) =>
      to === prefix &&
      table === TABLE.main &&
      priorities.includes(priority + 1) &&
      priority + 1 !== kept?.priority,
  );
  return {
    rules: doomed,
    parts: [
      ...doomed.map(({ table, priority }) =>
        part(rule, { from: address, ...(table !== null && { table }), priority, state: 'absent' }),
      ),
      ...inbound.map(({ priority }) => part(rule, { to: address, table: 'main', priority, state: 'absent' })),
    ],
  };
}

/** A pin's rules, by what they are made of. */
export interface Ruled {
  addresses: readonly string[];
  table: number;
  priority: number;
}

/**
 * What an earlier pin left: rules to other tables or of another priority, and all of addresses that were lost, but
 * for those that somebody else has now.
 */
export function leftovers(
  { addresses, table, priority }: Ruled,
  before: Pick<Ruled, 'addresses' | 'priority'> | undefined,
  others: readonly string[],
  snapshot: Snapshot,
): Gone[] {
  const priorities = [...new Set([priority, before?.priority ?? priority])];
  const lost = (before?.addresses ?? []).filter(
    (address) => !others.includes(address) && !addresses.includes(address),
  );
  return [
    ...addresses.map((address) => rulesGone(address, priorities, snapshot, { table, priority })),
    ...lost.map((address) => rulesGone(address, priorities, snapshot)),
    ...lost.map((address) => ({ parts: proxiesGone(address, snapshot), rules: [] })),
  ];
}

/** Takes away every proxy entry of the address. */
export function proxiesGone(address: string, { neighbours }: Snapshot): Part[] {
  return neighbours.flatMap(({ proxy, dst, dev }) =>
    proxy && dst === address
      ? [part(neighbour, { dst, ...(dev !== null && { dev }), proxy: true, state: 'absent' })]
      : [],
  );
}

/** Takes away the tables that no rule looks up any more once these rules are gone. */
export function unusedTables(gone: readonly Gone[], snapshot: Snapshot): Part[] {
  const doomed = new Set(gone.flatMap(({ rules }) => rules));
  const tables = new Set([...doomed].flatMap(({ table }) => table ?? []));
  const used = new Set(snapshot.rules.filter((each) => !doomed.has(each)).map(({ table }) => table));
  return [...tables].filter((table) => !used.has(table)).flatMap((table) => tableGone(table, snapshot));
}

function tableGone(table: number, { routes, names }: Snapshot): Part[] {
  const own = routes.filter((each) => each.table === table && each.protocol === PROTOCOL.netplay);
  const name = names.tables.byId.get(table);
  return [
    // The default first: it needs the network that its gateway is in.
    ...own
      .toSorted((a, b) => lengthOf(a.dst) - lengthOf(b.dst))
      .map(({ dst, nexthops }) => {
        const dev = nexthops[0]?.dev;
        return part(route, { dst, table, ...(dev != null && { dev }), state: 'absent' });
      }),
    ...(name?.startsWith('pin_') ? [part(rtTable, { id: table, name, state: 'absent' })] : []),
  ];
}

function lengthOf(prefix: string): number {
  return Number(prefix.split('/')[1]);
}
