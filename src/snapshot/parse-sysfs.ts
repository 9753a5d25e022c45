/** What /sys/class/net tells of a link, from lines `/sys/class/net/NAME/FILE:VALUE`. */
import { BRIDGE_FILES, type BridgeState, portWords } from './bridge.js';
import type { TunState } from './model.js';

export interface SysfsLink {
  addrAssignType: number | null;
  alias: string | null;
  bridge: BridgeState | null;
  tun: TunState | null;
  /** A port's settings, as `ip -d` words them; read only where `ip` is too old to tell. */
  port: readonly string[];
}

/** Files below /sys/class/net/NAME that the probe reads. */
export const SYSFS_FILES = [
  'addr_assign_type',
  'ifalias',
  'tun_flags',
  'owner',
  'group',
  'bridge/*',
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
    port: portWords(files),
  };
}

function bridgeState(files: ReadonlyMap<string, string>): BridgeState | null {
  if (!files.has('bridge/stp_state')) return null;
  const fields = Object.entries(BRIDGE_FILES).map(([field, [file, type]]) => {
    const text = files.get(`bridge/${file}`);
    return [field, text === undefined ? null : settingOf(text, type)];
  });
  return Object.fromEntries(fields) as BridgeState;
}

/** A switch that has more than two states (of stp, 2 is a daemon's) is on in all but the first. */
function settingOf(text: string, type: 'switch' | 'number' | 'text'): boolean | number | string {
  if (type === 'text') return text;
  return type === 'switch' ? Number(text) !== 0 : Number(text);
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
