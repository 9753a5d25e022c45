/** What /sys/class/net tells of a link, from lines `/sys/class/net/NAME/FILE:VALUE`. */
import type { BridgeState, TunState } from './model.js';

export interface SysfsLink {
  addrAssignType: number | null;
  alias: string | null;
  bridge: BridgeState | null;
  tun: TunState | null;
}

/** Files below /sys/class/net/NAME that the probe reads. */
export const SYSFS_FILES = [
  'addr_assign_type',
  'ifalias',
  'tun_flags',
  'owner',
  'group',
  'bridge/stp_state',
  'bridge/forward_delay',
  'bridge/hello_time',
  'bridge/max_age',
  'bridge/ageing_time',
  'bridge/priority',
  'bridge/vlan_filtering',
  'bridge/multicast_snooping',
] as const;

export const SYSFS_NET = '/sys/class/net/';

/** IFF_* of linux/if_tun.h. */
const IFF_TAP = 0x2;
const IFF_MULTI_QUEUE = 0x100;
const IFF_PERSIST = 0x800;
const IFF_VNET_HDR = 0x4000;

/** @param lines values by path; several lines of one file are joined by a newline. */
export function parseSysfs(lines: ReadonlyMap<string, string>): Map<string, SysfsLink> {
  const files = new Map<string, Map<string, string>>();
  for (const [path, value] of lines) {
    if (!path.startsWith(SYSFS_NET)) continue;
    const slash = path.indexOf('/', SYSFS_NET.length);
    const name = path.slice(SYSFS_NET.length, slash);
    let own = files.get(name);
    if (own === undefined) {
      own = new Map();
      files.set(name, own);
    }
    own.set(path.slice(slash + 1), value);
  }
  return new Map([...files].map(([name, own]) => [name, sysfsLink(own)]));
}

function sysfsLink(files: ReadonlyMap<string, string>): SysfsLink {
  const assign = files.get('addr_assign_type');
  return {
    addrAssignType: assign === undefined ? null : Number(assign),
    alias: files.get('ifalias') || null,
    bridge: bridgeState(files),
    tun: tunState(files),
  };
}

function bridgeState(files: ReadonlyMap<string, string>): BridgeState | null {
  if (!files.has('bridge/stp_state')) return null;
  const value = (file: string): number => Number(files.get(`bridge/${file}`) ?? 0);
  return {
    // 0 off, 1 the kernel's, 2 a daemon's.
    stp: value('stp_state') !== 0,
    forwardDelay: value('forward_delay'),
    helloTime: value('hello_time'),
    maxAge: value('max_age'),
    ageingTime: value('ageing_time'),
    priority: value('priority'),
    vlanFiltering: value('vlan_filtering') !== 0,
    multicastSnooping: value('multicast_snooping') !== 0,
  };
}

function tunState(files: ReadonlyMap<string, string>): TunState | null {
  const text = files.get('tun_flags');
  if (text === undefined) return null;
  const flags = Number(text);
  const id = (file: string): number | null => {
    const value = Number(files.get(file) ?? -1);
    return value < 0 ? null : value;
  };
  return {
    mode: (flags & IFF_TAP) !== 0 ? 'tap' : 'tun',
    owner: id('owner'),
    group: id('group'),
    multiQueue: (flags & IFF_MULTI_QUEUE) !== 0,
    vnetHdr: (flags & IFF_VNET_HDR) !== 0,
    persistent: (flags & IFF_PERSIST) !== 0,
  };
}
