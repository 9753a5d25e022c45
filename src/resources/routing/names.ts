/** Names and numbers of tables, protocols, scopes and the like. The kernel only ever gets the numbers. */
import type { Problem } from '../../shared/change.js';
import { nearest } from '../../shared/nearest.js';
import type { NameFile, Names } from '../../snapshot/model.js';

/** linux/rtnetlink.h, RT_TABLE_*: these resolve on every host, even without any file of names. */
export const TABLE = { default: 253, main: 254, local: 255 } as const;
/** linux/rtnetlink.h, RTPROT_*; `netplay` marks what this program made. */
export const PROTOCOL = { kernel: 2, boot: 3, static: 4, netplay: 201 } as const;
/** linux/rtnetlink.h, RT_SCOPE_*. */
export const SCOPE = { global: 0, site: 200, link: 253, host: 254 } as const;

const PROTOCOLS: Readonly<Record<string, number>> = { ...PROTOCOL, redirect: 1, ra: 9, dhcp: 16 };
const SCOPES: Readonly<Record<string, number>> = { ...SCOPE, universe: 0, nowhere: 255 };
export const MAX_U32 = 0xffff_ffff;

/** A number as a person writes it, decimal or `0x…`. A leading zero is refused: `ip` takes it for octal. */
export function parseNumber(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  return /^(0|[1-9]\d*|0[xX][0-9a-fA-F]+)$/.test(value) ? Number(value) : undefined;
}

/** A kind of name: what is known on every host, and the host's own file of names. */
interface Vocabulary {
  what: string;
  builtIn: Readonly<Record<string, number>>;
  file: NameFile;
  max: number;
  hint?: string;
}

function resolve(
  value: string | number,
  vocabulary: Vocabulary,
  path: Problem['path'] & object,
  problems: Problem[],
): number | undefined {
  const { what, builtIn, file, max } = vocabulary;
  const number = parseNumber(value);
  if (number !== undefined && number <= max) return number;
  // An own name only: `valueOf` is no table, though every object has one.
  const own = typeof value === 'string' && Object.hasOwn(builtIn, value) ? builtIn[value] : undefined;
  const known = own ?? (typeof value === 'string' ? file.byName.get(value) : undefined);
  if (known !== undefined) return known;
  if (typeof value === 'number' || /^\d/.test(value)) {
    problems.push({ message: `${what} ${value} is not a number from 0 to ${max}`, path });
    return undefined;
  }
  const names = [...new Set([...Object.keys(builtIn), ...file.byName.keys()])];
  const near = nearest(value, names);
  const guess = near === undefined ? '' : ` Did you mean '${near}'?`;
  problems.push({
    message: `no ${what} is named '${value}' on this host.${guess} Known: ${names.sort().join(', ')}`,
    ...(vocabulary.hint === undefined ? {} : { hint: vocabulary.hint }),
    path,
  });
  return undefined;
}

/**
 * Why a task with `state: absent` has nothing to remove: its table's name is not known any more, as after the run that removed
 * the name, too. One that is close to a known name is no such case, but a slip.
 */
export function absentTable(table: string | number | undefined, { tables }: Names): string | undefined {
  if (typeof table !== 'string' || parseNumber(table) !== undefined || Object.hasOwn(TABLE, table))
    return undefined;
  if (tables.byName.has(table) || /^\d/.test(table)) return undefined;
  const near = nearest(table, [...Object.keys(TABLE), ...tables.byName.keys()]);
  return near === undefined
    ? `no table is named '${table}' on this host: there is nothing to remove`
    : undefined;
}

/** A table's number. 0 is the kernel's way to say main. */
export function resolveTable(
  value: string | number,
  names: Names,
  problems: Problem[],
  path: readonly (string | number)[] = ['table'],
): number | undefined {
  const table = resolve(
    value,
    {
      what: 'table',
      builtIn: TABLE,
      file: names.tables,
      max: MAX_U32,
      hint: `Put an rt_table task before this one: rt_table: {id: NUMBER, name: ${value}}`,
    },
    path,
    problems,
  );
  return table === 0 ? TABLE.main : table;
}

export function resolveProtocol(
  value: string | number,
  names: Names,
  problems: Problem[],
): number | undefined {
  return resolve(
    value,
    { what: 'protocol', builtIn: PROTOCOLS, file: names.protocols, max: 255 },
    ['protocol'],
    problems,
  );
}

export function resolveScope(value: string | number, names: Names, problems: Problem[]): number | undefined {
  return resolve(
    value,
    { what: 'scope', builtIn: SCOPES, file: names.scopes, max: 255 },
    ['scope'],
    problems,
  );
}

/** A TOS value; the kernel keeps its two lowest bits (ECN) out of routing and refuses them. */
export function resolveTos(value: string | number, names: Names, problems: Problem[]): number | undefined {
  const vocabulary = { what: 'tos', builtIn: {}, file: names.dsfield, max: 255 };
  const tos = resolve(value, vocabulary, ['tos'], problems);
  if (tos !== undefined && (tos & 3) !== 0) {
    problems.push({
      message: `tos ${value} has one of its two lowest bits set: they belong to ECN`,
      path: ['tos'],
    });
    return undefined;
  }
  return tos;
}

/** `TO` or `FROM/TO` as iproute2 shows realms, each by name or number, in numbers. */
export function resolveRealms(value: string, names: Names, problems: Problem[]): string | undefined {
  const vocabulary = { what: 'realm', builtIn: {}, file: names.realms, max: 65_535 };
  const parts = value.split('/').map((part) => resolve(part, vocabulary, ['realms'], problems));
  if (parts.some((part) => part === undefined)) return undefined;
  if (parts.length === 2 && parts[0] === 0) return String(parts[1]);
  if (parts.length <= 2) return parts.join('/');
  problems.push({ message: `realms '${value}' is neither TO nor FROM/TO`, path: ['realms'] });
  return undefined;
}

/** The name that `ip` shows for a table, or its number where it has none. */
export function tableName(table: number, names: Names): string {
  const builtIn = Object.entries(TABLE).find(([, id]) => id === table);
  return names.tables.byId.get(table) ?? builtIn?.[0] ?? String(table);
}

export function protocolName(protocol: number, names: Names): string {
  const builtIn = Object.entries(PROTOCOLS).find(([, id]) => id === protocol);
  return names.protocols.byId.get(protocol) ?? builtIn?.[0] ?? String(protocol);
}

export function scopeName(scope: number, names: Names): string {
  const builtIn = Object.entries(SCOPE).find(([, id]) => id === scope);
  return builtIn?.[0] ?? names.scopes.byId.get(scope) ?? String(scope);
}
