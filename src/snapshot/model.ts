/**
 * The state of a host's network, as typed values in canonical form: prefixes with their length,
 * addresses and MACs in the kernel's spelling, tables and protocols as numbers. Resources compare
 * these; they never see a tool's text.
 */
import type { Family } from '../shared/addr.js';
import type { Boot } from './boot.js';
import type { BridgeState, BridgeVlan, FdbEntry } from './bridge.js';
import type { Containers } from './containers.js';
import type { EthtoolAnswer, EthtoolPart } from './ethtool.js';
import type { LinkCapability } from './link-kinds.js';
import type { OpenVz } from './openvz.js';
import type { Ovs } from './ovs.js';
import type { TrafficControl } from './tc.js';

/** What can be read of a host. A resource lists what it needs; the probe merges all lists. */
export type Read =
  | { kind: 'links' }
  | { kind: 'addresses' }
  | { kind: 'routes'; family: Family }
  | { kind: 'rules'; family: Family }
  /** Permanent and NOARP neighbours and proxy entries, of both families. */
  | { kind: 'neighbours' }
  /**
   * A file below /proc/sys, with slashes: `net/ipv4/conf/eth0.100/rp_filter`. A word that is `*` stands for
   * every name there is, as in net.ipv4.conf.*.forwarding: the snapshot then holds each by its own path.
   */
  | { kind: 'sysctl'; path: string }
  /** A file's content, mode and whether it is there. */
  | { kind: 'file'; path: string }
  /** Whether a directory is there, and the names in it. */
  | { kind: 'directory'; path: string }
  /** The VLANs of bridges and their ports. */
  | { kind: 'bridge_vlans' }
  /** The entries that somebody put into tables of bridges and devices. */
  | { kind: 'fdb' }
  /** What a device's driver tells of one of ethtool's parts. */
  | { kind: 'ethtool'; dev: string; part: EthtoolPart }
  /** OpenVZ's settings and containers. */
  | { kind: 'openvz' }
  /** Whether the kernel can make links of a kind, or knows VLANs of bridges: found out without making one. */
  | { kind: 'link-kind'; name: LinkCapability }
  /** What the host boots its network with, and the files of that. */
  | { kind: 'boot' }
  /** Open vSwitch's bridges, ports, interfaces and QoS. */
  | { kind: 'ovs' }
  /** The flows of one of its bridges (of all for `*`), and how its tools spell one that a task asks for. */
  | { kind: 'ovs-flow'; bridge: string; text: string | null }
  /** Containers, guests and named network namespaces, by the tools that the host has for them. */
  | { kind: 'containers' }
  /**
   * Qdiscs, classes and filters of a device; with the filters of a qdisc or class that is named. Without a device: of all,
   * where the host has tc, for what goes with a device.
   */
  | { kind: 'tc'; dev?: string; parent?: string };

export interface Snapshot {
  /** The SSH session that read this, as the host sees it; null for a local connection. */
  readonly session: SshSession | null;
  readonly tools: Tools;
  readonly names: Names;
  readonly links: ReadonlyMap<string, Link>;
  readonly addresses: readonly Address[];
  /** Both families and all tables; within a table in the kernel's own order. */
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  /** Those that somebody set, by address and device; what the kernel learns is not among them. */
  readonly neighbours: readonly Neighbour[];
  /** In order of device and number; null where the host has no tool to tell. Absent where they were not read. */
  readonly bridgeVlans?: readonly BridgeVlan[] | null;
  /** Null where the host has no tool to tell. Absent where it was not read. */
  readonly fdb?: readonly FdbEntry[] | null;
  /** By path below /proc/sys; null where the host has no such key. Absent where it was not read. */
  readonly sysctls: ReadonlyMap<string, string | null>;
  /** By path; null where there is no such file. Absent where it was not read. */
  readonly files: ReadonlyMap<string, HostFile | null>;
  /**
   * As `files`, of before the changes that are planned: the host has them so until all is confirmed. Absent where no
   * file is to change.
   */
  readonly saved?: ReadonlyMap<string, HostFile | null>;
  /** By path; null where there is no such directory. */
  readonly directories: ReadonlyMap<string, readonly string[] | null>;
  /** What tells the state of the host's journal of transactions from the next one; empty where it has none. */
  readonly journal: string;
  /** By device and part, see `ethtoolKey`. Absent where nothing of it was read. */
  readonly ethtool?: ReadonlyMap<string, EthtoolAnswer>;
  /** Null where the host is no OpenVZ node. Absent where it was not read. */
  readonly openvz?: OpenVz | null;
  /** Absent where it was not read. */
  readonly ovs?: Ovs;
  /** Absent where they were not read. */
  readonly containers?: Containers;
  /** Absent where it was not read. Its files are among `files`. */
  readonly boot?: Boot;
  /** By the kinds that were asked for; left out where it can't be told. Absent where none was. */
  readonly linkKinds?: ReadonlyMap<string, boolean>;
  /** Absent where it was not read. */
  readonly tc?: TrafficControl;
}

/** The two ends of the session's TCP connection, from sshd's SSH_CONNECTION; addresses are canonical. */
export interface SshSession {
  client: string;
  clientPort: number;
  server: string;
  serverPort: number;
  /** The host's device that link-local addresses are meant on; null for others. */
  dev: string | null;
}

/** What the host's tools are and can do: found by trying them on that very host. */
export interface Tools {
  /** As `ip -V` prints it: `iproute2-6.1.0`, `iproute2-ss130716`. */
  iproute2: string;
  /** `ip -N` works (5.3): names never stand for numbers in its output. */
  numeric: boolean;
  /** Rules can carry a protocol, our mark of ownership (4.17). */
  ruleProtocol: boolean;
  /** /etc/iproute2/rt_tables.d is read (4.4). */
  tablesDirectory: boolean;
  /** /etc/iproute2/rt_protos.d is read (4.10). */
  protocolsDirectory: boolean;
  /** The vendor's folder of names that is read besides /etc/iproute2 (6.5); false where none is. */
  vendorDirectory?: string | false;
  /** `ip tuntap` is there (after 2.6.33). */
  tuntap: boolean;
  /** `ip link set X master Y` works (3.10). */
  linkMaster: boolean;
  /** Where neighbours were read: `ip neighbour show proxy` works; old ones don't know it. */
  proxyListing?: boolean;
  /** Older tools that are there: `brctl`, `tunctl`. */
  others: readonly string[];
}

/** iproute2's files of names. Ids map to the name that `ip` shows: the last that the files give. */
export interface Names {
  tables: NameFile;
  protocols: NameFile;
  scopes: NameFile;
  dsfield: NameFile;
  realms: NameFile;
  groups: NameFile;
}

export interface NameFile {
  /** Every entry in reading order, those that are shadowed included. */
  entries: readonly NameEntry[];
  byId: ReadonlyMap<number, string>;
  byName: ReadonlyMap<string, number>;
}

export interface NameEntry {
  id: number;
  name: string;
  /** The file it stands in: `/etc/iproute2/rt_tables.d/netplay.conf`. */
  file: string;
}

export interface HostFile {
  content: string;
  /** Octal, as `chmod` takes it: `644`. */
  mode: string;
  /** It holds secrets, which `content` leaves out: it can't be written. */
  hidden?: true;
}

export interface Link {
  name: string;
  index: number;
  /** As `ip` prints them between `<>`, in capitals: UP, LOWER_UP, NOARP, PROMISC, … */
  flags: readonly string[];
  /** Bytes. */
  mtu: number;
  /** The operational state in lower case: up, down, unknown, lowerlayerdown, … */
  operstate: string;
  mac: string | null;
  broadcast: string | null;
  /** Packets. */
  txqueuelen: number | null;
  alias: string | null;
  /** The bridge, bond or VRF that the link belongs to. */
  master: string | null;
  group: number;
  /** The device that stands behind `@`: a VLAN's lower one, a veth's peer. Null for none, or one of another namespace. */
  lower: string | null;
  /** veth, bridge, tun, vlan, …; null for a physical or unknown one. */
  kind: string | null;
  /** /sys/class/net/X/addr_assign_type: 0 permanent, 1 random, 2 stolen, 3 set by a user; null if unknown. */
  addrAssignType: number | null;
  /** eui64, none, stable_secret, random; null where the tool does not tell. */
  addrgenmode: string | null;
  protodown: boolean;
  altnames: readonly string[];
  bridge: BridgeState | null;
  tun: TunState | null;
  /** What `ip -d` prints behind the kind: `protocol 802.1Q id 5 <REORDER_HDR>` of a VLAN, by words. */
  info: readonly string[];
  /** What it prints behind `bridge_slave`, `bond_slave` or `vrf_slave`, by words: the port's own settings. */
  port: readonly string[];
  /** `ip -d` details that have no field above, by iproute2's own word: gso_max_size, minmtu, … */
  details: Readonly<Record<string, string>>;
}

/** From /sys/class/net/X/{tun_flags,owner,group}. */
export interface TunState {
  mode: 'tun' | 'tap';
  owner: number | null;
  group: number | null;
  multiQueue: boolean;
  vnetHdr: boolean;
  persistent: boolean;
}

export interface Address {
  family: Family;
  dev: string;
  /** Canonical, without its length. */
  local: string;
  length: number;
  /** The other end (with `length` as its length), null where it is the address's own network. */
  peer: string | null;
  broadcast: string | null;
  anycast: string | null;
  label: string | null;
  /** Number: 0 global, 200 site, 253 link, 254 host. */
  scope: number;
  /** secondary, tentative, dadfailed, deprecated, noprefixroute, home, nodad, mngtmpaddr, autojoin, dynamic, … */
  flags: readonly string[];
  /** Seconds; null for ever. */
  validLft: number | null;
  preferredLft: number | null;
  metric: number | null;
}

export const ROUTE_TYPES = [
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
] as const;
export type RouteType = (typeof ROUTE_TYPES)[number];

export interface Route {
  family: Family;
  type: RouteType;
  /** Canonical with its length: `0.0.0.0/0` for default. */
  dst: string;
  table: number;
  tos: number;
  /** IPv4: 0 where not given; IPv6: 1024. */
  metric: number;
  protocol: number;
  scope: number;
  src: string | null;
  /** IPv6 source-specific routing: `from` prefix. */
  from: string | null;
  /** One for a plain route, several for a multipath one, none for blackhole and its like. */
  nexthops: readonly Nexthop[];
  metrics: RouteMetrics;
  /** IPv6 router preference: low, medium, high. */
  pref: string | null;
  /** As printed: linkdown, dead, offload, …; one next hop's of several with its device: `eth0 dead`. Never compared. */
  flags: readonly string[];
  realms: string | null;
  /** Seconds until the kernel drops the route (IPv6), or null. */
  expires: number | null;
  /** A nexthop object's id, or null. */
  nhid: number | null;
}

export interface Nexthop {
  via: string | null;
  dev: string | null;
  weight: number;
  onlink: boolean;
  /** Encapsulation and other words that netplay does not take apart, as printed. */
  encap: string | null;
  /** IPv4: one next hop's own of several that differ; those that all share are the route's. */
  realms?: string;
}

/** As `ip route` names them; `lock` lists those that are locked. */
export interface RouteMetrics {
  mtu?: number;
  advmss?: number;
  window?: number;
  initcwnd?: number;
  initrwnd?: number;
  cwnd?: number;
  ssthresh?: number;
  reordering?: number;
  hoplimit?: number;
  quickack?: number;
  /** Milliseconds. */
  rtt?: number;
  rttvar?: number;
  rto_min?: number;
  features?: string;
  congctl?: string;
  lock?: readonly string[];
}

export interface Rule {
  family: Family;
  priority: number;
  not: boolean;
  /** Canonical prefixes; null for `all`. */
  from: string | null;
  to: string | null;
  iif: string | null;
  oif: string | null;
  /** Whether the named device is missing, so that the rule is there but dead. */
  iifDetached: boolean;
  oifDetached: boolean;
  fwmark: number | null;
  /** 0xffffffff where the listing gives none. */
  fwmask: number;
  tos: number;
  /** IP protocol number. */
  ipproto: number | null;
  sport: readonly [number, number] | null;
  dport: readonly [number, number] | null;
  uidrange: readonly [number, number] | null;
  tunId: number | null;
  l3mdev: boolean;
  action: 'lookup' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit' | 'nat';
  table: number | null;
  goto: number | null;
  suppressPrefixlength: number | null;
  suppressIfgroup: number | null;
  realms: string | null;
  /** Who made it; null where the host's tool can't tell. Not a part of the identity. */
  protocol: number | null;
  /** Selectors that netplay does not take apart (dscp, flowlabel, masked ports), as printed. */
  other?: string;
}

/** An entry of the ARP or NDP table that lasts, or a proxy entry: an address that the host answers for on a device. */
export interface Neighbour {
  family: Family;
  /** Canonical, without a length. */
  dst: string;
  /** Null is every device: IPv4 proxy entries alone can be so. */
  dev: string | null;
  proxy: boolean;
  /** As printed, a MAC on Ethernet; null for a proxy entry. */
  lladdr: string | null;
  /** Null for a proxy entry. */
  nud: 'permanent' | 'noarp' | null;
  /** `router`, `extern_learn` and others, by iproute2's words, in its order. */
  flags: readonly string[];
  /** Who made it, where somebody said so. */
  protocol: number | null;
}
