/** `ip [-N] -d -o link show`, iproute2 2.6.33 to 7.1, with what /sys adds. */
import { portValue } from './bridge.js';
import type { Link } from './model.js';
import type { SysfsLink } from './parse-sysfs.js';
import type { Resolver } from './resolver.js';
import { misread, objectLines, segments, words } from './text.js';

/** Words of any kind of link, each with one value; those with a field of their own are not here. */
const DETAILS: ReadonlySet<string> = new Set([
  ...['qdisc', 'mode', 'promiscuity', 'allmulti', 'minmtu', 'maxmtu', 'numtxqueues', 'numrxqueues'],
  ...['gso_max_size', 'gso_max_segs', 'tso_max_size', 'tso_max_segs', 'gro_max_size', 'gso_ipv4_max_size'],
  ...['gro_ipv4_max_size', 'parentbus', 'parentdev', 'permaddr', 'link-netnsid', 'link-netns'],
]);

/** Words that begin a segment which is not that of the link's kind. */
const NOT_A_KIND = /^(link\/|alias|altname|vf|prog\/|xdp|RX:|TX:|parentbus|parentdev|.*_slave$)/;

const HARDWARE_ADDRESS = /^([0-9a-f]{2}:)+[0-9a-f]{2}$/i;

type MutableLink = { -readonly [K in keyof Link]: Link[K] };

/**
 * Reads all links, by name, in the kernel's order.
 * @param sysfs by the name of the link
 * @throws NetplayError `probe` naming a line that can't be understood
 */
export function parseLinks(
  text: string,
  sysfs: ReadonlyMap<string, SysfsLink>,
  resolve: Resolver,
): Map<string, Link> {
  const links = new Map<string, Link>();
  for (const line of objectLines(withoutAliases(text, sysfs))) {
    const link = parseLink(line, sysfs, resolve);
    links.set(link.name, link);
  }
  return links;
}

/** An alias may hold what reads like the rest of a listing; /sys has it whole, so it is taken out of the text. */
function withoutAliases(text: string, sysfs: ReadonlyMap<string, SysfsLink>): string {
  let rest = text;
  for (const { alias } of sysfs.values())
    if (alias !== null && /[\\\n]/.test(alias)) rest = rest.replaceAll(`alias ${alias}`, 'alias -');
  return rest;
}

function parseLink(line: string, sysfs: ReadonlyMap<string, SysfsLink>, resolve: Resolver): Link {
  const match = /^(\d+):\s+(\S+):\s+<([^>]*)>\s*(.*)$/s.exec(line);
  if (match === null) throw misread('ip link', line, 'it is not "INDEX: NAME: <FLAGS> …"');
  const [, index = '', shown = '', flags = '', rest = ''] = match;
  const name = ownName(shown, sysfs);
  const own = sysfs.get(name);
  const [head = '', ...others] = segments(rest);
  const link = emptyLink(name, Number(index), flags, own);
  link.lower = lowerName(shown, name, sysfs);
  const details: Record<string, string> = {};
  const top = words(head);
  for (let at = 0; at + 1 < top.length; at += 1)
    if (readField(link, top[at] ?? '', top[at + 1] ?? '', resolve)) at += 1;
  readDetails(link, details, top);
  const altnames: string[] = [];
  for (const segment of others) {
    const all = words(segment);
    const [opening = '', value = ''] = all;
    if (opening === 'alias') continue;
    // The maps of a VLAN stand in lines of their own.
    if (opening.endsWith('-qos-map')) link.info = [...link.info, ...ownWords(['', ...all])];
    if (opening.endsWith('_slave')) link.port = ownWords(all);
    if (opening === 'altname') altnames.push(value);
    else if (opening.startsWith('link/')) readHardware(link, all);
    else if (!NOT_A_KIND.test(opening) && link.kind === null && /^[a-z][a-z0-9_]*$/.test(opening)) {
      link.kind = opening;
      link.info = ownWords(all);
    }
    readDetails(link, details, all.slice(1));
  }
  if (link.port.length === 0) link.port = own?.port ?? [];
  if (link.kind === null && own?.bridge) link.kind = 'bridge';
  if (link.kind === null && own?.tun) link.kind = 'tun';
  return { ...link, altnames, details, bridge: wholeBridge(link) };
}

/** What /sys does not tell of a bridge. */
function wholeBridge({ bridge, info }: Pick<Link, 'bridge' | 'info'>): Link['bridge'] {
  const snooping = portValue(info, 'mcast_vlan_snooping');
  return bridge === null || snooping === undefined
    ? bridge
    : { ...bridge, mcastVlanSnooping: snooping === '1' };
}

/** Words of a kind, or of a port, up to those of any link that follow in the same segment. */
function ownWords([, ...all]: readonly string[]): readonly string[] {
  const end = all.findIndex((word) => word === 'addrgenmode' || word === 'numtxqueues');
  return end < 0 ? all : all.slice(0, end);
}

/** What follows the own name and `@`; a number (`if2`) is one of another namespace. */
function lowerName(shown: string, name: string, sysfs: ReadonlyMap<string, SysfsLink>): string | null {
  const lower = shown.slice(name.length + 1);
  return lower === '' || lower === 'NONE' || (/^if\d+$/.test(lower) && !sysfs.has(lower)) ? null : lower;
}

/**
 * The name before `@`, which parts it from its peer's (`eth0@if2`). A name may hold `@` itself:
 * what /sys knows decides.
 */
function ownName(shown: string, sysfs: ReadonlyMap<string, SysfsLink>): string {
  if (!shown.includes('@') || sysfs.has(shown)) return shown;
  for (let at = shown.lastIndexOf('@'); at > 0; at = shown.lastIndexOf('@', at - 1))
    if (sysfs.has(shown.slice(0, at))) return shown.slice(0, at);
  return shown.slice(0, shown.indexOf('@'));
}

function emptyLink(name: string, index: number, flags: string, sysfs: SysfsLink | undefined): MutableLink {
  return {
    name,
    index,
    flags: flags.split(',').filter((flag) => flag !== ''),
    mtu: 0,
    operstate: 'unknown',
    mac: null,
    broadcast: null,
    txqueuelen: null,
    alias: sysfs?.alias ?? null,
    master: null,
    group: 0,
    lower: null,
    kind: null,
    addrAssignType: sysfs?.addrAssignType ?? null,
    addrgenmode: null,
    protodown: false,
    altnames: [],
    bridge: sysfs?.bridge ?? null,
    tun: sysfs?.tun ?? null,
    info: [],
    port: [],
    details: {},
  };
}

/** `link/ether MAC brd MAC`, `link/[772] …` with `-N`, `link/none`, `link/ipip A peer B`. */
function readHardware(link: MutableLink, all: readonly string[]): void {
  const [, mac = '', word, broadcast = ''] = all;
  if (HARDWARE_ADDRESS.test(mac)) link.mac = mac.toLowerCase();
  if ((word === 'brd' || word === 'peer') && HARDWARE_ADDRESS.test(broadcast))
    link.broadcast = broadcast.toLowerCase();
}

/** Words that any segment may hold; the kind's own come first and may repeat the link's (`group` of a tap). */
function readDetails(link: MutableLink, details: Record<string, string>, all: readonly string[]): void {
  for (let at = 0; at + 1 < all.length; at++) {
    const word = all[at] ?? '';
    const value = all[at + 1] ?? '';
    if (word === 'addrgenmode') link.addrgenmode = value;
    else if (word === 'protodown') link.protodown = value === 'on';
    else if (DETAILS.has(word)) details[word] ??= value;
    else continue;
    at += 1;
  }
}

/** Words of the first segment. */
function readField(link: MutableLink, word: string, value: string, resolve: Resolver): boolean {
  switch (word) {
    case 'mtu':
      link.mtu = Number(value);
      return true;
    case 'state':
      link.operstate = value.toLowerCase();
      return true;
    case 'master':
      link.master = value;
      return true;
    case 'group':
      link.group = resolve('groups', value);
      return true;
    case 'qlen':
      link.txqueuelen = Number(value);
      return true;
    default:
      return false;
  }
}
