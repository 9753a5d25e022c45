/**
 * Open vSwitch as its database has it: rows by name, with the columns that somebody can set. The names of the columns
 * and their kinds are those of ovs-vswitchd.conf.db(5).
 */

export type OvsAtom = string | number | boolean;
export type OvsMap = Readonly<Record<string, string>>;
/** Null is a column of at most one value that has none. */
export type OvsValue = OvsAtom | null | readonly OvsAtom[] | OvsMap;
export type OvsColumns = Readonly<Record<string, OvsValue>>;
export type OvsTable = 'Bridge' | 'Port' | 'Interface' | 'QoS' | 'Queue';

/** What a column holds; each has a value of its own where nobody set it. */
export type OvsKind = 'text' | 'number' | 'boolean' | 'optional' | 'set' | 'map';

const MAPS = { external_ids: 'map', other_config: 'map' } as const;

/** What can be set of each table's rows, and is brought back by an undo. A database of an older version lacks some. */
export const OVS_COLUMNS = {
  Bridge: {
    datapath_type: 'text',
    fail_mode: 'optional',
    flood_vlans: 'set',
    mcast_snooping_enable: 'boolean',
    protocols: 'set',
    rstp_enable: 'boolean',
    stp_enable: 'boolean',
    ...MAPS,
  },
  Port: {
    bond_downdelay: 'number',
    bond_fake_iface: 'boolean',
    bond_mode: 'optional',
    bond_updelay: 'number',
    cvlans: 'set',
    fake_bridge: 'boolean',
    lacp: 'optional',
    mac: 'optional',
    protected: 'boolean',
    tag: 'optional',
    trunks: 'set',
    vlan_mode: 'optional',
    ...MAPS,
  },
  Interface: {
    bfd: 'map',
    cfm_mpid: 'optional',
    ingress_policing_burst: 'number',
    ingress_policing_kpkts_burst: 'number',
    ingress_policing_kpkts_rate: 'number',
    ingress_policing_rate: 'number',
    lldp: 'map',
    mac: 'optional',
    mtu_request: 'optional',
    ofport_request: 'optional',
    options: 'map',
    type: 'text',
    ...MAPS,
  },
  QoS: { type: 'text', ...MAPS },
  Queue: { dscp: 'optional', ...MAPS },
} as const satisfies Readonly<Record<OvsTable, Readonly<Record<string, OvsKind>>>>;

/** The value of a column that nobody set. */
export function unsetValue(kind: OvsKind): OvsValue {
  return { text: '', number: 0, boolean: false, optional: null, set: [], map: {} }[kind];
}

/** The columns of a row as it is made. */
export function unsetColumns(table: OvsTable): OvsColumns {
  const columns: Readonly<Record<string, OvsKind>> = OVS_COLUMNS[table];
  return Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, unsetValue(kind)]));
}

export interface Ovs {
  /** Why no change would take effect now; null where all runs. What is below is empty where nothing could be read. */
  trouble: OvsTrouble | null;
  /** Whether the kernel can police (act_police); null where that is not known. */
  police: boolean | null;
  bridges: ReadonlyMap<string, OvsBridge>;
  ports: ReadonlyMap<string, OvsPort>;
  interfaces: ReadonlyMap<string, OvsInterface>;
  /** By the name of the port. */
  qos: ReadonlyMap<string, OvsQos>;
  /** QoS and queues that carry netplay's mark and that nobody refers to, by UUID. */
  strays: ReadonlyMap<string, OvsStray>;
  /** Of the bridges that were asked for, by `flowKey`. */
  flows: ReadonlyMap<string, OvsFlow>;
  /** Flows of tasks by their own text, as the host's ovs-ofctl understands them. */
  spelled: ReadonlyMap<string, OvsFlow | { words: string }>;
}

export interface OvsTrouble {
  /** `missing`: there is no ovs-vsctl. `unread`: its database does not answer. `idle`: ovs-vswitchd does not. */
  kind: 'missing' | 'unread' | 'idle';
  /** The tool's own. */
  words: string;
}

export interface OvsBridge {
  columns: OvsColumns;
  /** Targets, in order. */
  controllers: readonly string[];
  /** Columns that netplay can't bring back and that are set: mirrors, netflow, … */
  foreign: readonly string[];
}

export interface OvsPort {
  bridge: string;
  /** Several of a bond; else one of the port's own name. In order. */
  interfaces: readonly string[];
  columns: OvsColumns;
}

export interface OvsInterface {
  columns: OvsColumns;
  /** Why Open vSwitch can't use it. */
  error: string | null;
  /** Its number in flows; null before ovs-vswitchd has seen it, -1 where it can't be used. */
  ofport: number | null;
}

export interface OvsQos {
  /** Null for one that this play makes. */
  uuid: string | null;
  columns: OvsColumns;
  /** By their number. */
  queues: Readonly<Record<string, OvsQueue>>;
  /** Other ports that have the same row. */
  sharedWith: readonly string[];
}

export interface OvsQueue {
  uuid: string | null;
  columns: OvsColumns;
  /** Whether another QoS has the same row. */
  shared: boolean;
}

export interface OvsStray {
  table: 'QoS' | 'Queue';
  columns: OvsColumns;
}

export interface OvsFlow {
  bridge: string;
  table: number;
  priority: number;
  /** Fields in order of the alphabet, as ovs-ofctl spells them, with ports by their names; empty for every packet. */
  match: string;
  actions: string;
  /** `0x` and digits. */
  cookie: string;
  /** Timeouts, flags and other words that netplay does not take apart. */
  other: readonly string[];
  /** Match and actions as listed, for commands. */
  raw: { match: string; actions: string };
}

/** Says of a row which port, or which port's queue, netplay made it for. */
export const OVS_MARK = 'netplay';

export function flowKey({
  bridge,
  table,
  priority,
  match,
}: Omit<OvsFlow, 'raw' | 'actions' | 'cookie' | 'other'>): string {
  return `${bridge} table=${table} priority=${priority} ${match}`.trim();
}

/** What a change does to Open vSwitch; null is a thing that goes. A bridge takes its flows along. */
export type OvsEffect =
  | { kind: 'ovs'; part: 'bridges'; name: string; value: OvsBridge | null }
  | { kind: 'ovs'; part: 'ports'; name: string; value: OvsPort | null }
  | { kind: 'ovs'; part: 'interfaces'; name: string; value: OvsInterface | null }
  | { kind: 'ovs'; part: 'qos'; name: string; value: OvsQos | null }
  | { kind: 'ovs'; part: 'strays'; name: string; value: OvsStray | null }
  | { kind: 'ovs'; part: 'flows'; name: string; value: OvsFlow | null };

export type OvsPart = OvsEffect['part'];
