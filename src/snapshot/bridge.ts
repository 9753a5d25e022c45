/** What a bridge, its ports and its tables hold, beyond what any link has. */
import type { Link, Snapshot } from './model.js';

/**
 * Files below /sys/class/net/X/bridge/ by the name that netplay has for each; `mcastVlanSnooping` has none, and is
 * told by `ip -d`. Times are centiseconds, as the kernel keeps them.
 */
export const BRIDGE_FILES = {
  stp: ['stp_state', 'switch'],
  forwardDelay: ['forward_delay', 'number'],
  helloTime: ['hello_time', 'number'],
  maxAge: ['max_age', 'number'],
  ageingTime: ['ageing_time', 'number'],
  priority: ['priority', 'number'],
  vlanFiltering: ['vlan_filtering', 'switch'],
  vlanProtocol: ['vlan_protocol', 'number'],
  vlanDefaultPvid: ['default_pvid', 'number'],
  vlanStats: ['vlan_stats_enabled', 'switch'],
  groupFwdMask: ['group_fwd_mask', 'number'],
  groupAddress: ['group_addr', 'text'],
  noLinklocalLearn: ['no_linklocal_learn', 'switch'],
  multicastSnooping: ['multicast_snooping', 'switch'],
  mcastVlanSnooping: ['', 'switch'],
  mcastRouter: ['multicast_router', 'number'],
  mcastQuerier: ['multicast_querier', 'switch'],
  mcastQueryUseIfaddr: ['multicast_query_use_ifaddr', 'switch'],
  mcastHashMax: ['hash_max', 'number'],
  mcastLastMemberCount: ['multicast_last_member_count', 'number'],
  mcastLastMemberInterval: ['multicast_last_member_interval', 'number'],
  mcastStartupQueryCount: ['multicast_startup_query_count', 'number'],
  mcastStartupQueryInterval: ['multicast_startup_query_interval', 'number'],
  mcastMembershipInterval: ['multicast_membership_interval', 'number'],
  mcastQuerierInterval: ['multicast_querier_interval', 'number'],
  mcastQueryInterval: ['multicast_query_interval', 'number'],
  mcastQueryResponseInterval: ['multicast_query_response_interval', 'number'],
  mcastStats: ['multicast_stats_enabled', 'switch'],
  mcastIgmpVersion: ['multicast_igmp_version', 'number'],
  mcastMldVersion: ['multicast_mld_version', 'number'],
  nfCallIptables: ['nf_call_iptables', 'switch'],
  nfCallIp6tables: ['nf_call_ip6tables', 'switch'],
  nfCallArptables: ['nf_call_arptables', 'switch'],
} as const satisfies Readonly<Record<string, readonly [file: string, type: 'switch' | 'number' | 'text']>>;

export type BridgeField = keyof typeof BRIDGE_FILES;

type Value<Type> = Type extends 'switch' ? boolean : Type extends 'number' ? number : string;

/** A bridge's own settings; null for one that the host's kernel does not have, or does not tell. */
export type BridgeState = {
  readonly [Field in BridgeField]: Value<(typeof BRIDGE_FILES)[Field][1]> | null;
};

/**
 * Files below /sys/class/net/X/brport/ by iproute2's word for what they hold; those of `SWITCHES` are `on` or
 * `off` to it. Of one setting with two words (`fastleave`, `mcast_fast_leave`) the older is here.
 */
export const PORT_FILES = {
  priority: 'priority',
  cost: 'path_cost',
  hairpin: 'hairpin_mode',
  guard: 'bpdu_guard',
  root_block: 'root_block',
  fastleave: 'multicast_fast_leave',
  learning: 'learning',
  flood: 'unicast_flood',
  proxy_arp: 'proxyarp',
  proxy_arp_wifi: 'proxyarp_wifi',
  mcast_router: 'multicast_router',
  mcast_flood: 'multicast_flood',
  bcast_flood: 'broadcast_flood',
  mcast_to_unicast: 'multicast_to_unicast',
  neigh_suppress: 'neigh_suppress',
  group_fwd_mask: 'group_fwd_mask',
  isolated: 'isolated',
  backup_port: 'backup_port',
} as const;

const PORT_NUMBERS: ReadonlySet<string> = new Set(['priority', 'cost', 'mcast_router', 'group_fwd_mask']);

/** A port's words as `ip -d` prints them, from what /sys tells: for an `ip` that does not know them. */
export function portWords(files: ReadonlyMap<string, string>): string[] {
  return Object.entries(PORT_FILES).flatMap(([word, file]): string[] => {
    const value = files.get(`brport/${file}`);
    if (value === undefined || value === '') return [];
    const plain = PORT_NUMBERS.has(word) || word === 'backup_port';
    return [word, plain ? value : Number(value) === 0 ? 'off' : 'on'];
  });
}

/** The value behind a word of a port, or undefined where the host does not tell it. */
export function portValue(port: readonly string[], word: string): string | undefined {
  const at = port.indexOf(word);
  return at < 0 ? undefined : port[at + 1];
}

/** Words of a port that nobody sets: what the spanning tree made of it. */
const PORT_STATE: ReadonlySet<string> = new Set([
  ...['state', 'port_id', 'port_no', 'designated_port', 'designated_cost', 'designated_bridge'],
  ...['designated_root', 'hold_timer', 'message_age_timer', 'forward_delay_timer', 'topology_change_ack'],
  ...['config_pending', 'group_fwd_mask_str'],
]);

/** Whether two listings of a port differ in a setting that both tell. */
export function portsDiffer(one: readonly string[], other: readonly string[]): boolean {
  return one.some((word, at) => {
    if (at % 2 === 1 || PORT_STATE.has(word)) return false;
    const value = portValue(other, word);
    return value !== undefined && value !== one[at + 1];
  });
}

/** A VLAN that a bridge's port, or the bridge itself, lets pass. */
export interface BridgeVlan {
  /** The port, or the bridge for its own. */
  dev: string;
  vid: number;
  /** What comes in without a tag belongs to this VLAN. */
  pvid: boolean;
  /** What leaves by the port has its tag taken off. */
  untagged: boolean;
}

/** An entry that somebody put into the table of a bridge, or of a device itself (VXLAN; a NIC's further MACs). */
export interface FdbEntry {
  lladdr: string;
  dev: string;
  /** The device's own table, as a bridge's is for what is its own; else that of the bridge that it is a port of. */
  self: boolean;
  /** Null where it counts for frames without a VLAN. */
  vlan: number | null;
  /** `permanent` is an address of the host itself to a bridge; null for one that ages, or would without `extern_learn`. */
  nud: 'permanent' | 'static' | null;
  /** `sticky`, `extern_learn`, by iproute2's words. */
  flags: readonly string[];
  /** VXLAN: the other end, and how it is reached where that is not as the device has it. */
  dst: string | null;
  port: number | null;
  vni: number | null;
  via: string | null;
  srcVni: number | null;
}

/** The bridge whose table holds an entry; null for a device's own. */
export function fdbBridge({ dev, self }: FdbEntry, links: ReadonlyMap<string, Link>): string | null {
  const link = links.get(dev);
  if (link?.kind === 'bridge') return dev;
  return self ? null : (link?.master ?? null);
}

/**
 * The VLANs that an entry without one stands for as well: of a bridge's port, the kernel makes and removes that of each
 * VLAN of the port with it (br_fdb_add), whether the bridge looks at VLANs or not.
 */
export function impliedVlans(entry: FdbEntry, snapshot: Pick<Snapshot, 'links' | 'bridgeVlans'>): number[] {
  if (entry.vlan !== null || fdbBridge(entry, snapshot.links) === null) return [];
  return snapshot.bridgeVlans?.flatMap(({ dev, vid }) => (dev === entry.dev ? [vid] : [])) ?? [];
}
