/** What ovs-vsctl and ovs-ofctl print, as a model. The encodings are RFC 7047's; single-element sets are bare. */
import { NetplayError } from '../shared/errors.js';
import { isMap } from '../shared/is-map.js';
import {
  flowKey,
  OVS_COLUMNS,
  OVS_MARK,
  type Ovs,
  type OvsAtom,
  type OvsBridge,
  type OvsColumns,
  type OvsFlow,
  type OvsInterface,
  type OvsKind,
  type OvsMap,
  type OvsPort,
  type OvsQos,
  type OvsQueue,
  type OvsStray,
  type OvsTable,
  type OvsTrouble,
  type OvsValue,
  unsetValue,
} from './ovs.js';
import { numbered, parseFlow, standIns } from './ovs-flow-text.js';
import { bridgesOf, EVERY_BRIDGE, OVS_TABLES, type WantedFlow } from './ovs-script.js';

/** A command of the probe. */
interface Answer {
  content: string;
  code: number;
  errors: string;
}

/** A row by its columns, still encoded. */
type Row = ReadonlyMap<string, unknown>;
type Rows = Readonly<Record<(typeof OVS_TABLES)[number], readonly Row[]>>;

/** References and columns of a bridge that hold what netplay can't bring back. */
const FOREIGN = ['auto_attach', 'flow_tables', 'ipfix', 'mirrors', 'netflow', 'sflow'];

/**
 * @param section an answer of `ovsScript`, by the section's name
 * @throws NetplayError `probe` where ovs-vsctl prints what is no list of its tables
 */
export function parseOvs(section: (name: string) => Answer | undefined, wanted: readonly WantedFlow[]): Ovs {
  const [list, daemon] = [section('ovs'), section('ovs-vswitchd')];
  if (list === undefined)
    return { ...EMPTY, trouble: { kind: 'missing', words: 'there is no command ovs-vsctl' } };
  if (list.code !== 0) return { ...EMPTY, trouble: { kind: 'unread', words: wordsOf(list) } };
  const rows = parseTables(list.content);
  const tables = {
    ...{ bridges: bridgesIn(rows), ports: portsIn(rows), interfaces: interfacesIn(rows) },
    ...{ qos: qosIn(rows), strays: straysIn(rows) },
  };
  return {
    trouble: daemon?.code === 0 ? null : idle(daemon),
    police: { yes: true, no: false }[section('ovs-police')?.content.trim() ?? ''] ?? null,
    ...tables,
    flows: flowsIn(section, wanted, tables),
    spelled: spelledIn(section, wanted),
  };
}

const EMPTY: Omit<Ovs, 'trouble'> = {
  ...{ police: null, bridges: new Map(), ports: new Map(), interfaces: new Map(), qos: new Map() },
  ...{ strays: new Map(), flows: new Map(), spelled: new Map() },
};

function idle(daemon: Answer | undefined): OvsTrouble {
  return { kind: 'idle', words: daemon === undefined ? 'it was not asked' : wordsOf(daemon) };
}

/** The tool's own words, in one line and without its clock. */
function wordsOf({ errors, code }: Answer): string {
  const lines = errors.split('\n').filter((line) => line !== '' && !/^\d{4}-\d\d-\d\dT/.test(line));
  if (code === 142) return 'it does not answer';
  return (lines.at(-1) ?? errors.split('\n').at(-1) ?? '') || `exit code ${code}, without a word`;
}

/** One JSON document a line, with its columns in an order of its own. */
function parseTables(content: string): Rows {
  const lines = content.split('\n').filter((line) => line.startsWith('{'));
  if (lines.length !== OVS_TABLES.length) throw unreadable(content);
  return Object.fromEntries(
    OVS_TABLES.map((table, index) => [table, parseTable(lines[index] ?? '')]),
  ) as unknown as Rows;
}

function parseTable(line: string): Row[] {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    throw unreadable(line);
  }
  const { headings, data } = isMap(document) ? document : {};
  if (!Array.isArray(headings) || !Array.isArray(data)) throw unreadable(line);
  return data.map(
    (row) => new Map(headings.map((name, at) => [String(name), Array.isArray(row) ? row[at] : undefined])),
  );
}

function unreadable(text: string): NetplayError {
  return new NetplayError(
    'probe',
    `ovs-vsctl printed what can't be understood: "${text.slice(0, 200).trim()}"`,
  );
}

/** The members of a set, or the one that stands bare. */
function members(value: unknown): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value[0] === 'set' && Array.isArray(value[1])) return value[1];
  return [value];
}

/** The entries of a map. */
function entries(value: unknown): [unknown, unknown][] {
  return Array.isArray(value) && value[0] === 'map' && Array.isArray(value[1]) ? value[1] : [];
}

function isAtom(value: unknown): value is OvsAtom {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Of `["uuid", U]`. */
function uuidOf(value: unknown): string {
  return Array.isArray(value) && value[0] === 'uuid' ? String(value[1]) : '';
}

function uuids(value: unknown): string[] {
  return members(value)
    .map(uuidOf)
    .filter((uuid) => uuid !== '');
}

function text(row: Row, column: string): string | null {
  const [value] = members(row.get(column));
  return isAtom(value) ? String(value) : null;
}

/** The columns that can be set, with the value of one that nobody set where the database has no such column. */
function columnsOf(table: OvsTable, row: Row): OvsColumns {
  const kinds: Readonly<Record<string, OvsKind>> = OVS_COLUMNS[table];
  return Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      row.has(name) ? decode(row.get(name), kind) : unsetValue(kind),
    ]),
  );
}

function decode(value: unknown, kind: OvsKind): OvsValue {
  if (kind === 'map') return decodeMap(value);
  const atoms = members(value).filter(isAtom);
  if (kind === 'set') return sorted(atoms);
  return atoms[0] ?? unsetValue(kind);
}

function decodeMap(value: unknown): OvsMap {
  return Object.fromEntries(entries(value).map(([key, one]) => [String(key), String(one)]));
}

/** A set in the order in which it is compared and shown. */
export function sorted(atoms: readonly OvsAtom[]): OvsAtom[] {
  return [...atoms].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  );
}

function byUuid(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [uuidOf(row.get('_uuid')), row]));
}

/** What a row refers to by UUIDs, in the order of their names: that of the rows themselves is by chance. */
function namesOf(references: unknown, rows: ReadonlyMap<string, Row>): string[] {
  return uuids(references)
    .flatMap((uuid) => rows.get(uuid) ?? [])
    .map((row) => text(row, 'name') ?? '')
    .sort();
}

function bridgesIn(rows: Rows): Map<string, OvsBridge> {
  const controllers = byUuid(rows.Controller);
  return new Map(
    rows.Bridge.map((row) => [
      text(row, 'name') ?? '',
      {
        columns: columnsOf('Bridge', row),
        controllers: uuids(row.get('controller'))
          .map((uuid) => text(controllers.get(uuid) ?? new Map(), 'target') ?? '')
          .sort(),
        foreign: FOREIGN.filter((name) => [...uuids(row.get(name)), ...entries(row.get(name))].length > 0),
      },
    ]),
  );
}

function portsIn(rows: Rows): Map<string, OvsPort> {
  const [ports, interfaces] = [byUuid(rows.Port), byUuid(rows.Interface)];
  return new Map(
    rows.Bridge.flatMap((bridge) =>
      uuids(bridge.get('ports')).flatMap((uuid): [string, OvsPort][] => {
        const row = ports.get(uuid);
        if (row === undefined) return [];
        const own = {
          bridge: text(bridge, 'name') ?? '',
          interfaces: namesOf(row.get('interfaces'), interfaces),
        };
        return [[text(row, 'name') ?? '', { ...own, columns: columnsOf('Port', row) }]];
      }),
    ),
  );
}

function interfacesIn(rows: Rows): Map<string, OvsInterface> {
  return new Map(
    rows.Interface.map((row) => {
      const ofport = text(row, 'ofport');
      const seen = { error: text(row, 'error'), ofport: ofport === null ? null : Number(ofport) };
      return [text(row, 'name') ?? '', { columns: columnsOf('Interface', row), ...seen }];
    }),
  );
}

/** How many rows refer to each UUID. */
function counts(references: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const uuid of references) found.set(uuid, (found.get(uuid) ?? 0) + 1);
  return found;
}

function queuesOf(row: Row): [string, string][] {
  return entries(row.get('queues')).map(([id, reference]) => [String(id), uuidOf(reference)]);
}

function qosIn(rows: Rows): Map<string, OvsQos> {
  const [qos, queues] = [byUuid(rows.QoS), byUuid(rows.Queue)];
  const uses = counts(rows.QoS.flatMap((row) => queuesOf(row).map(([, uuid]) => uuid)));
  const queue = (uuid: string): OvsQueue => ({
    uuid,
    columns: columnsOf('Queue', queues.get(uuid) ?? new Map()),
    shared: (uses.get(uuid) ?? 0) > 1,
  });
  return new Map(
    rows.Port.flatMap((port): [string, OvsQos][] => {
      const [uuid] = uuids(port.get('qos'));
      const row = qos.get(uuid ?? '');
      if (uuid === undefined || row === undefined) return [];
      const others = rows.Port.filter((other) => other !== port && uuids(other.get('qos')).includes(uuid));
      const own = Object.fromEntries(queuesOf(row).map(([id, reference]) => [id, queue(reference)]));
      const sharedWith = others.map((other) => text(other, 'name') ?? '').sort();
      return [[text(port, 'name') ?? '', { uuid, columns: columnsOf('QoS', row), queues: own, sharedWith }]];
    }),
  );
}

/** Rows with netplay's mark that nobody refers to. A queue of a QoS that is a stray itself is one as well. */
function straysIn(rows: Rows): Map<string, OvsStray> {
  const used = new Set(rows.Port.flatMap((port) => uuids(port.get('qos'))));
  const isOurs = (row: Row): boolean => OVS_MARK in decodeMap(row.get('external_ids'));
  const lost = rows.QoS.filter((row) => !used.has(uuidOf(row.get('_uuid'))) && isOurs(row));
  const kept = rows.QoS.filter((row) => !lost.includes(row));
  const inUse = new Set(kept.flatMap((row) => queuesOf(row).map(([, uuid]) => uuid)));
  const queues = rows.Queue.filter((row) => !inUse.has(uuidOf(row.get('_uuid'))) && isOurs(row));
  const stray =
    (table: OvsStray['table']) =>
    (row: Row): [string, OvsStray] => [uuidOf(row.get('_uuid')), { table, columns: columnsOf(table, row) }];
  return new Map([...lost.map(stray('QoS')), ...queues.map(stray('Queue'))]);
}

/** A bridge that is not there yet has no flows. */
function flowsIn(
  section: (name: string) => Answer | undefined,
  wanted: readonly WantedFlow[],
  { ports, interfaces }: Pick<Ovs, 'ports' | 'interfaces'>,
): Map<string, OvsFlow> {
  const named = bridgesOf(wanted);
  const every = wanted.some(({ bridge }) => bridge === EVERY_BRIDGE);
  const all = new Set([...ports.values()].map(({ bridge }) => bridge));
  const listings = [
    ...named.map((bridge, index) => [bridge, `ovs-flows:${index}`] as const),
    ...(every ? [...all].map((bridge) => [bridge, `ovs-flows-of ${bridge}`] as const) : []),
  ];
  return new Map(
    listings.flatMap(([bridge, listing]) => {
      const own = [...ports.values()]
        .filter((port) => port.bridge === bridge)
        .flatMap((port) => port.interfaces);
      const numbers = own.flatMap((name): [number, string][] => {
        const ofport = interfaces.get(name)?.ofport ?? null;
        return ofport === null ? [] : [[ofport, name]];
      });
      const lines = section(listing)?.content.split('\n') ?? [];
      const flows = lines.flatMap((line) => parseFlow(bridge, line, new Map(numbers)) ?? []);
      return flows.map((flow): [string, OvsFlow] => [flowKey(flow), flow]);
    }),
  );
}

function spelledIn(
  section: (name: string) => Answer | undefined,
  wanted: readonly WantedFlow[],
): Ovs['spelled'] {
  return new Map(
    wanted.flatMap(({ bridge, text: asked }, index): [string, OvsFlow | { words: string }][] => {
      const answer = section(`ovs-flow:${index}`);
      if (asked === null || answer === undefined) return [];
      const ports = standIns(numbered(asked).names);
      const flow = answer.content.split('\n').flatMap((line) => parseFlow(bridge, line, ports) ?? [])[0];
      return [
        [`${bridge} ${asked}`, answer.code === 0 && flow !== undefined ? flow : { words: wordsOf(answer) }],
      ];
    }),
  );
}
