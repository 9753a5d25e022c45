/** Columns of Open vSwitch's database: what a task asks for, how it is shown, and the words that set it. */
import { isDeepStrictEqual } from 'node:util';
import type { Step } from '../../shared/change.js';
import { isMap } from '../../shared/is-map.js';
import {
  OVS_COLUMNS,
  type OvsAtom,
  type OvsColumns,
  type OvsKind,
  type OvsMap,
  type OvsTable,
  type OvsValue,
  unsetColumns,
  unsetValue,
} from '../../snapshot/ovs.js';
import { sorted } from '../../snapshot/parse-ovs.js';

/** A column's value as a task gives it: undefined is left alone, null is unset, and so is null for one key of a map. */
export type OvsWish =
  | OvsAtom
  | null
  | readonly OvsAtom[]
  | Readonly<Record<string, OvsAtom | null>>
  | undefined;

/** The columns of a row as a task wants it: those of now, with what the task says. */
export function wantedColumns(
  table: OvsTable,
  now: OvsColumns,
  wishes: Readonly<Record<string, OvsWish>>,
): OvsColumns {
  const kinds: Readonly<Record<string, OvsKind>> = OVS_COLUMNS[table];
  const given = Object.entries(wishes).flatMap(([name, wish]): [string, OvsValue][] => {
    const kind = kinds[name];
    if (wish === undefined || kind === undefined) return [];
    if (wish === null) return [[name, unsetValue(kind)]];
    if (kind === 'map' && isMap(wish)) return [[name, merged(mapOf(now[name]), wish)]];
    return [[name, Array.isArray(wish) ? sorted([...new Set<OvsAtom>(wish)]) : (wish as OvsAtom)]];
  });
  return { ...now, ...Object.fromEntries(given) };
}

function merged(now: OvsMap, wish: Readonly<Record<string, unknown>>): OvsMap {
  const all = Object.entries({ ...now, ...wish });
  return Object.fromEntries(
    all.filter(([, value]) => value !== null).map(([key, value]) => [key, String(value)]),
  );
}

/** A column of keys and values; empty where it is none. */
export function mapOf(value: OvsValue | undefined): OvsMap {
  return isMap(value) ? (value as OvsMap) : {};
}

/** One thing that can be set by itself: a column, or one key of it. */
interface Cell {
  column: string;
  key: string | null;
  before: OvsValue;
  after: OvsValue;
}

/** What differs; a key that is not there has null. */
function differingCells(before: OvsColumns, after: OvsColumns): Cell[] {
  return Object.keys(after).flatMap((column): Cell[] => {
    const [old, now] = [before[column] ?? null, after[column] ?? null];
    if (isDeepStrictEqual(old, now)) return [];
    if (!isMap(now) && !isMap(old)) return [{ column, key: null, before: old, after: now }];
    const [was, is] = [mapOf(old), mapOf(now)];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .sort()
      .filter((key) => was[key] !== is[key])
      .map((key) => ({ column, key, before: was[key] ?? null, after: is[key] ?? null }));
  });
}

export function differ(before: OvsColumns, after: OvsColumns): boolean {
  return differingCells(before, after).length > 0;
}

/** Both sides of what differs, for a reader: `tag none`, `tag 5`. */
export function showDifference(before: OvsColumns, after: OvsColumns): { before: string; after: string } {
  const cells = differingCells(before, after);
  const side = (pick: (cell: Cell) => OvsValue): string =>
    cells.map((cell) => `${cellName(cell)} ${showValue(pick(cell))}`).join(' ');
  return { before: side((cell) => cell.before), after: side((cell) => cell.after) };
}

/** What a row has beyond one that was just made: `tag 5 other_config:hwaddr 02:00:00:00:00:01`. */
export function showColumns(table: OvsTable, columns: OvsColumns): string {
  return showDifference(unsetColumns(table), columns).after;
}

function cellName({ column, key }: Cell): string {
  return key === null ? column : `${column}:${key}`;
}

function showValue(value: OvsValue): string {
  if (value === null || value === '') return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return String(value);
}

/** A record by its name or UUID, or `@` and a name of the same transaction. */
type Rec = string;

/** The commands that make a row's columns what they shall be. None where nothing differs. */
export function setCommands(table: OvsTable, rec: Rec, before: OvsColumns, after: OvsColumns): string[][] {
  const cells = differingCells(before, after);
  const set = cells.filter(({ key, after: value }) => key === null || value !== null);
  const gone = cells.filter(({ key, after: value }) => key !== null && value === null);
  return [
    ...(set.length === 0 ? [] : [['set', table, rec, ...set.map(assignment)]]),
    ...gone.map(({ column, key }) => ['remove', table, rec, column, word(key ?? '')]),
  ];
}

/** The words that follow `create TABLE`. */
export function createWords(table: OvsTable, columns: OvsColumns): string[] {
  return differingCells(unsetColumns(table), columns).map(assignment);
}

/** The commands for a row that was just made by add-br or add-port. */
export function fillCommands(table: OvsTable, rec: Rec, columns: OvsColumns): string[][] {
  return setCommands(table, rec, unsetColumns(table), columns);
}

function assignment({ column, key, after }: Cell): string {
  return `${column}${key === null ? '' : `:${word(key)}`}=${valueText(after)}`;
}

function valueText(value: OvsValue): string {
  if (value === null) return '[]';
  if (Array.isArray(value)) return `[${value.map(atomText).join(',')}]`;
  return atomText(value as OvsAtom);
}

function atomText(value: OvsAtom): string {
  return typeof value === 'string' ? word(value) : String(value);
}

/** A string as ovs-vsctl reads it: bare where nothing else can be meant, else as JSON has it. */
export function word(text: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(text) && text !== 'true' && text !== 'false';
  // Eight hexadecimal digits and more would be taken for the beginning of a UUID.
  return plain && !/^[0-9a-fA-F-]{8,}$/.test(text) ? text : JSON.stringify(text);
}

/** A transaction of its own, behind whatever stands before it. */
export function apart(commands: readonly (readonly string[])[]): Step[] {
  return commands.map((args, index) => ({ kind: 'ovs', args, ...(index === 0 && { apart: true }) }));
}

/** Commands as the steps of a change. */
export function ovsSteps(commands: readonly (readonly string[])[]): Step[] {
  return commands.map((args) => ({ kind: 'ovs', args }));
}
