/**
 * What the kernel makes of its network sysctls: which values mean something (it stores any number), how
 * the value of `all` joins that of an interface, and which writes change other keys. From the kernel's
 * Documentation/networking/ip-sysctl.rst and include/linux/inetdevice.h; the spreading keys are measured.
 */
import type { SysctlKey } from './sysctl-key.js';

type Range = readonly [min: number, max: number];
const SWITCH: Range = [0, 1];

const IPV4_CONF: Readonly<Record<string, Range>> = {
  accept_local: SWITCH,
  accept_redirects: SWITCH,
  accept_source_route: SWITCH,
  arp_accept: [0, 2],
  arp_announce: [0, 2],
  arp_evict_nocarrier: SWITCH,
  arp_filter: SWITCH,
  arp_ignore: [0, 8],
  arp_notify: SWITCH,
  bc_forwarding: SWITCH,
  bootp_relay: SWITCH,
  disable_policy: SWITCH,
  disable_xfrm: SWITCH,
  drop_gratuitous_arp: SWITCH,
  drop_unicast_in_l2_multicast: SWITCH,
  forwarding: SWITCH,
  ignore_routes_with_linkdown: SWITCH,
  log_martians: SWITCH,
  promote_secondaries: SWITCH,
  proxy_arp: SWITCH,
  proxy_arp_pvlan: SWITCH,
  route_localnet: SWITCH,
  rp_filter: [0, 2],
  secure_redirects: SWITCH,
  send_redirects: SWITCH,
  shared_media: SWITCH,
  src_valid_mark: SWITCH,
};

const IPV6_CONF: Readonly<Record<string, Range>> = {
  accept_dad: [0, 2],
  accept_ra: [0, 2],
  accept_ra_defrtr: SWITCH,
  accept_ra_pinfo: SWITCH,
  accept_redirects: SWITCH,
  addr_gen_mode: [0, 3],
  autoconf: SWITCH,
  disable_ipv6: SWITCH,
  forwarding: SWITCH,
  ignore_routes_with_linkdown: SWITCH,
  keep_addr_on_down: [-1, 1],
  ndisc_notify: SWITCH,
  proxy_ndp: SWITCH,
  use_tempaddr: [-1, 2],
};

const PLAIN: Readonly<Record<string, Range>> = {
  'net/ipv4/fib_multipath_hash_policy': [0, 3],
  'net/ipv4/fwmark_reflect': SWITCH,
  'net/ipv4/icmp_echo_ignore_all': SWITCH,
  'net/ipv4/icmp_echo_ignore_broadcasts': SWITCH,
  'net/ipv4/ip_forward': SWITCH,
  'net/ipv4/ip_nonlocal_bind': SWITCH,
  'net/ipv4/tcp_syncookies': [0, 2],
  'net/ipv6/ip_nonlocal_bind': SWITCH,
};

/** The values that mean something to the kernel, or undefined where netplay does not know the key. */
export function rangeOf(key: SysctlKey): Range | undefined {
  if (key.device === undefined) return PLAIN[key.path];
  if (key.device.table !== 'conf') return undefined;
  if (key.device.family === 'ipv4') return IPV4_CONF[key.device.key];
  return key.device.family === 'ipv6' ? IPV6_CONF[key.device.key] : undefined;
}

const LARGER = new Set([
  'accept_local',
  'arp_accept',
  'arp_announce',
  'arp_filter',
  'arp_ignore',
  'arp_notify',
  'log_martians',
  'promote_secondaries',
  'proxy_arp',
  'proxy_arp_pvlan',
  'route_localnet',
  'rp_filter',
  'secure_redirects',
  'send_redirects',
  'shared_media',
  'src_valid_mark',
]);

const BOTH = new Set([
  'accept_source_route',
  'arp_evict_nocarrier',
  'bc_forwarding',
  'bootp_relay',
  'mc_forwarding',
]);

/**
 * How the kernel joins an interface's value with that of `all` (IPv4): `larger` takes the larger of the
 * two, `both` asks for both. Undefined where the interface's own value counts alone.
 */
export function combinationOf(key: SysctlKey): 'larger' | 'both' | undefined {
  const { device } = key;
  if (device?.family !== 'ipv4' || device.table !== 'conf') return undefined;
  if (LARGER.has(device.key)) return 'larger';
  return BOTH.has(device.key) ? 'both' : undefined;
}

/** What a write to one key does to others. */
export interface Spread {
  /** Keys that take the same value; `*` is `all`, `default` and every interface. */
  same: readonly string[];
  /** Keys that take the opposite (0 for 1). */
  opposite: readonly string[];
}

const FORWARDING: Spread = {
  same: ['net/ipv4/ip_forward', 'net/ipv4/conf/*/forwarding'],
  opposite: ['net/ipv4/conf/all/accept_redirects'],
};

const SPREADS: Readonly<Record<string, Spread>> = {
  'net/ipv4/ip_forward': FORWARDING,
  'net/ipv4/conf/all/forwarding': FORWARDING,
  'net/ipv6/conf/all/addr_gen_mode': { same: ['net/ipv6/conf/*/addr_gen_mode'], opposite: [] },
  'net/ipv6/conf/all/disable_ipv6': { same: ['net/ipv6/conf/*/disable_ipv6'], opposite: [] },
  'net/ipv6/conf/all/forwarding': { same: ['net/ipv6/conf/*/forwarding'], opposite: [] },
  'net/ipv6/conf/all/ignore_routes_with_linkdown': {
    same: ['net/ipv6/conf/*/ignore_routes_with_linkdown'],
    opposite: [],
  },
};

/** The keys that the kernel changes by itself when `key` is written with another value than it had. */
export function spreadOf(key: SysctlKey): Spread | undefined {
  return SPREADS[key.path];
}

/** Whether a write to `key` may change the key at `path`. */
export function isSpreadTo(key: SysctlKey, path: string): boolean {
  const spread = spreadOf(key);
  return (
    spread !== undefined && [...spread.same, ...spread.opposite].some((pattern) => matches(pattern, path))
  );
}

/** `*` stands for one word of the path. */
export function matches(pattern: string, path: string): boolean {
  const [parts, words] = [pattern.split('/'), path.split('/')];
  return parts.length === words.length && parts.every((part, index) => part === '*' || part === words[index]);
}
