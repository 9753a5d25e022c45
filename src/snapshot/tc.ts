/** Traffic control: qdiscs, classes and filters, as `tc` lists them, in canonical form. */

/**
 * An option's value in base units: bits per second, bytes, microseconds, percent, packets; true for a word that
 * stands alone; a list of numbers with blanks between (prio's priomap); a class's minor in hexadecimal.
 */
export type TcValue = number | string | boolean;

/** By tc's own word, those that are as the kernel has them by itself (mpu 0, linklayer ethernet) left out. */
export type TcOptions = Readonly<Record<string, TcValue>>;

/** One that somebody set; those that the kernel makes by itself (handle 0:) are not there. */
export interface Qdisc {
  type: 'qdisc';
  dev: string;
  /** `root`, `ingress`, `clsact`, or the class that it is the leaf of: `1:10`. */
  parent: string;
  /** Hexadecimal, with its colon: `1:`; `ffff:` of ingress and clsact. */
  handle: string;
  kind: string;
  options: TcOptions;
  /** Words of the listing that netplay does not take apart; what has some can't be made anew. */
  other: readonly string[];
}

/** A class that somebody set; the bands of prio, and what fq_codel and others list as classes, are not there. */
export interface TcClass {
  type: 'class';
  dev: string;
  /** The qdisc, `1:`, or the class above it, `1:1`. */
  parent: string;
  /** `1:10`, hexadecimal. */
  classid: string;
  kind: string;
  options: TcOptions;
  other: readonly string[];
}

/** One of u32's matches: 32 bits of the packet, from `at` bytes on (of its network header), under a mask. */
export interface U32Key {
  value: number;
  mask: number;
  at: number;
}

export interface TcAction {
  /** gact, mirred, police, skbedit. */
  kind: string;
  /** police: rate, burst, mtu, conform, exceed; mirred: direction, redirect or mirror; gact: action; skbedit: its words. */
  options: TcOptions;
  other: readonly string[];
}

export interface Filter {
  type: 'filter';
  dev: string;
  /** The qdisc or class that it sorts for, `1:` or `1:1`, or `ingress` or `egress`. */
  parent: string;
  /** As tc names it: all, ip, ipv6, arp, 802.1Q, …. */
  protocol: string;
  /** tc's pref or prio: the lowest is asked first. */
  prio: number;
  kind: string;
  /** u32: `800::801`; where its table is not known before it is made, `::801`. fw: the mark. Others: `0x1`. */
  handle: string;
  chain: number;
  /** u32 alone; in the listing's order. */
  keys: readonly U32Key[];
  /** flower alone, by its own words. */
  match: Readonly<Record<string, string>>;
  /** The class that packets are sorted into. */
  classid: string | null;
  actions: readonly TcAction[];
  other: readonly string[];
}

export type TcItem = Qdisc | TcClass | Filter;

export interface TrafficControl {
  items: readonly TcItem[];
  /**
   * Those qdiscs (`eth0 1:`) that had tables of u32 when they were read, with or without filters: the kernel numbers
   * a further one in a way that can't be foretold.
   */
  tables: ReadonlySet<string>;
  /** Modules that the running kernel is known to lack: `sch_netem`, `act_police`. */
  lacking: ReadonlySet<string>;
  /** How many times a second the kernel's clock for shaping ticks; 1,000,000,000 with fine timers. */
  hz: number;
}
