import type { Change, Problem } from '../shared/change.js';
import type { NameEntry, Route, Snapshot } from '../snapshot/model.js';
import type { Declared, PlanResult, Resource } from './resource.js';
import { PROTOCOL, TABLE } from './routing/names.js';
import { removals } from './routing/route-absent.js';
import { satisfies } from './routing/route-match.js';
import { type RouteParams, type RouteWish, readRoute, sameKey } from './routing/route-wish.js';
import {
  isBare,
  ownFile,
  ownLines,
  TABLES_DIRECTORY,
  tableFile,
  withEntry,
  withoutEntries,
} from './routing/table-file.js';

export interface RtTableParams {
  id?: number;
  name: string;
  exclusive?: boolean;
  state?: 'present' | 'absent';
}

/** iproute2 reads ids into a signed int and skips the negative ones (lib/rt_names.c). */
const MAX_ID = 0x7fff_ffff;
/** In main, routes of routing daemons, DHCP and router advertisements are never surplus. */
const MAIN_SURPLUS: ReadonlySet<number> = new Set([PROTOCOL.boot, PROTOCOL.static, PROTOCOL.netplay]);

/** A routing table's name, and, where it is exclusive, that it holds the play's routes and no other. */
export const rtTable: Resource<RtTableParams> = {
  name: 'rt_table',
  plural: 'rt_tables',
  mapKey: 'name',
  mapValue: 'id',
  summary: 'The name of a routing table',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    if: { required: ['state'], properties: { state: { const: 'absent' } } },
    else: { required: ['id'] },
    properties: {
      id: {
        type: 'integer',
        minimum: 1,
        maximum: MAX_ID,
        description: "The table's number: what the kernel knows. 253, 254 and 255 are taken.",
        examples: [100],
      },
      name: {
        type: 'string',
        format: 'table-name',
        description: 'Its name, for people and for ip. A name that looks like a number is refused.',
        examples: ['local100'],
      },
      exclusive: {
        type: 'boolean',
        description:
          'At the end of the play, remove the routes of this table that no route task of the play declares. In main only those of the protocols boot, static and netplay.',
        examples: [true],
      },
      state: {
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent removes the name, where netplay gave it. The routes in the table stay.',
        examples: ['absent'],
      },
    },
  },
  examples: [
    { rt_table: { id: 100, name: 'local100' } },
    { rt_table: { id: 200, name: 'local200', exclusive: true } },
    { rt_table: { name: 'local100', state: 'absent' } },
  ],
  reads: (params) => [
    { kind: 'directory', path: TABLES_DIRECTORY },
    { kind: 'file', path: tableFile(true) },
    { kind: 'file', path: tableFile(false) },
    ...(params.exclusive
      ? ([{ kind: 'links' }, { kind: 'routes', family: 4 }, { kind: 'routes', family: 6 }] as const)
      : []),
  ],
  plan: (params, snapshot) =>
    params.state === 'absent' ? planAbsent(params, snapshot) : planPresent(params, snapshot),
  settle,
};

function refused(message: string, path: string, hint?: string): PlanResult {
  const problem: Problem = { message, path: [path], ...(hint === undefined ? {} : { hint }) };
  return { changes: [], problems: [problem] };
}

/** Tables that have their name without any file: to name them so again is nothing to do. */
function planBuiltIn(params: RtTableParams): PlanResult | undefined {
  const { id, name, exclusive } = params;
  if (exclusive && (id === TABLE.local || name === 'local'))
    return refused("table local is the kernel's: it can't be exclusive", 'exclusive');
  const known = Object.entries(TABLE).find(([word, number]) => word === name || number === id);
  if (known === undefined && name !== 'all' && name !== 'unspec') return undefined;
  if (known?.[0] === name && known[1] === id) return { changes: [], reason: 'known without a file' };
  return known === undefined || known[0] === name
    ? refused(`the name ${name} is iproute2's own`, 'name')
    : refused(`table ${id} is always named ${known[0]}`, 'id', 'Take an id from 1 to 252, or above 255.');
}

function planPresent(params: RtTableParams, snapshot: Snapshot): PlanResult {
  const builtIn = planBuiltIn(params);
  if (builtIn !== undefined) return builtIn;
  const { id = 0, name } = params;
  const { entries, byName } = snapshot.names.tables;
  const own = ownFile(snapshot);
  const mine = (entry: NameEntry) =>
    ownLines(snapshot).some((line) => line.id === entry.id && line.name === entry.name && entry.file === own);
  const clash = entries.find((entry) => (entry.name === name) !== (entry.id === id) && !mine(entry));
  if (clash !== undefined)
    return clash.name === name
      ? refused(
          `${name} already names table ${clash.id} in ${clash.file}`,
          'name',
          `Use id ${clash.id}, or another name.`,
        )
      : refused(
          `table ${id} is already named ${clash.name} in ${clash.file}`,
          'id',
          `Use the name ${clash.name}, or another id.`,
        );
  const stale = entries.filter((entry) => (entry.name === name) !== (entry.id === id));
  if (stale.length === 0 && byName.get(name) === id) return { changes: [] };
  return { changes: [writeNames({ id, name, file: own }, stale, snapshot)] };
}

function planAbsent(params: RtTableParams, snapshot: Snapshot): PlanResult {
  const { id, name } = params;
  const own = ownFile(snapshot);
  const meant = snapshot.names.tables.entries.filter(
    (entry) => entry.name === name && (id ?? entry.id) === entry.id,
  );
  const lines = ownLines(snapshot);
  const doomed = meant.filter(
    (entry) => entry.file === own && lines.some((line) => line.id === entry.id && line.name === entry.name),
  );
  const foreign = meant.find((entry) => !doomed.includes(entry));
  const warnings =
    foreign === undefined ? [] : [`${foreign.name} stays: ${foreign.file} gives the name, not netplay`];
  return { changes: doomed.length === 0 ? [] : [writeNames(undefined, doomed, snapshot)], warnings };
}

/** Rewrites netplay's entries: `added` in, `stale` out. */
function writeNames(added: NameEntry | undefined, stale: readonly NameEntry[], snapshot: Snapshot): Change {
  const path = ownFile(snapshot);
  const old = snapshot.files.get(path) ?? null;
  const less = withoutEntries(old?.content ?? '', stale, snapshot);
  const content = added === undefined ? less : withEntry(less, added, snapshot);
  const made =
    snapshot.tools.tablesDirectory && old === null && snapshot.directories.get(TABLES_DIRECTORY) === null;
  // A file of its own goes with its last name.
  const gone = old !== null && isBare(content, snapshot);
  const shown = (entry: NameEntry | undefined) => (entry === undefined ? null : `${entry.id} ${entry.name}`);
  const [first] = stale;
  return {
    resource: 'rt_table',
    address: `rt_table ${added?.name ?? first?.name ?? ''}`,
    action: added === undefined ? 'delete' : first === undefined ? 'create' : 'update',
    before: shown(first),
    after: shown(added),
    do: [
      ...(made ? [{ kind: 'run', argv: ['mkdir', '-p', TABLES_DIRECTORY] } as const] : []),
      gone ? { kind: 'remove', path } : { kind: 'write', path, content },
    ],
    undo: [
      old === null ? { kind: 'remove', path } : { kind: 'write', path, content: old.content, mode: old.mode },
      ...(made ? [{ kind: 'run', argv: ['rmdir', TABLES_DIRECTORY] } as const] : []),
    ],
    effects: [
      { kind: 'file', path, file: gone ? null : { content, mode: old?.mode ?? '644' } },
      ...stale.map((entry) => ({ kind: 'table-name', unset: entry }) as const),
      ...(added === undefined ? [] : [{ kind: 'table-name', set: added } as const]),
    ],
  };
}

/** Removes the surplus of an exclusive table, when all that the play wants is there: no gap in service. */
function settle(params: RtTableParams, declared: readonly Declared[], snapshot: Snapshot): PlanResult {
  if (params.state === 'absent') return { changes: [] };
  const conflict = planPresent(params, snapshot);
  if (conflict.changes.length > 0 || (conflict.problems ?? []).length > 0)
    return refused(
      `a later task of this play gives ${params.name} or table ${params.id} another meaning`,
      'name',
    );
  if (!params.exclusive) return { changes: [] };
  const wishes = declared.flatMap(({ resource, params: given }) => {
    if (resource !== 'route') return [];
    const asked = given as RouteParams;
    const wish = asked.state === 'absent' ? undefined : readRoute(asked, snapshot, []);
    return wish === undefined ? [] : [wish];
  });
  const byDestination = new Map<string, RouteWish[]>();
  for (const wish of wishes) byDestination.set(wish.dst, [...(byDestination.get(wish.dst) ?? []), wish]);
  const isDeclared = (route: Route) =>
    byDestination
      .get(route.dst)
      ?.some((wish) => sameKey(route, wish) && satisfies(route, wish, snapshot.names)) === true;
  const surplus = snapshot.routes.filter(
    (route) =>
      route.table === params.id &&
      route.protocol !== PROTOCOL.kernel &&
      (route.table !== TABLE.main || MAIN_SURPLUS.has(route.protocol)) &&
      !isDeclared(route),
  );
  return { changes: removals(surplus, snapshot) };
}
