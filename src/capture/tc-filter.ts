/** Filters by their parameters: what a packet must be, in words where netplay has some for it. */
import { isDeepStrictEqual } from 'node:util';
import type { Match } from '../resources/tc/match.js';
import { canonicalKeys, flowerMatch, keysOf, protocolOf } from '../resources/tc/match.js';
import { displayPrefix, formatPrefix, parsePrefix } from '../shared/addr.js';
import type { Filter, TcAction, U32Key } from '../snapshot/tc.js';
import { ACTION_SPECS, showValue } from '../snapshot/tc-options.js';
import { given, type Params, unless } from './reading.js';

/** @returns why it can't be said, where it can't */
export function filterParams(filter: Filter): Params | string {
  const { dev, parent, protocol, prio, kind, handle, classid, actions } = filter;
  const match = matchOf(filter);
  if (typeof match === 'string') return match;
  const done = actions.map(actionParams);
  if (done.includes(undefined)) return `netplay has no parameters for an action of filter ${kind}`;
  return given({
    dev,
    parent,
    prio,
    kind: unless(kind, 'u32'),
    handle: kind === 'fw' ? handle : undefined,
    protocol: unless(protocol, protocolOf(match) ?? 'all'),
    match: Object.keys(match).length === 0 ? undefined : match,
    classid: classid ?? undefined,
    action: done.length === 0 ? undefined : done.length === 1 ? done[0] : done,
  });
}

function matchOf({ kind, keys, match, protocol, other }: Filter): Match | string {
  if (other.length > 0) return `netplay has no parameter for ${other.join(' ')} of filter ${kind}`;
  if (kind === 'u32') return u32Match(keys, protocol);
  if (kind !== 'flower') return {};
  const found = flowerWords(match);
  return isDeepStrictEqual(flowerMatch(found), match)
    ? found
    : `netplay has no parameters for flower with ${Object.entries(match).flat().join(' ')}`;
}

/** Words for those of the keys that stand for something by themselves; the rest by their bits. */
function u32Match(keys: readonly U32Key[], protocol: string): Match {
  const wanted = canonicalKeys(keys);
  const words = protocol === 'ipv6' ? {} : ipWords(wanted);
  const spoken = canonicalKeys(keysOf(words, protocol));
  if (isDeepStrictEqual(spoken, wanted)) return words;
  return {
    u32: wanted.map(({ value, mask, at }) => ({
      value: `0x${value.toString(16).padStart(8, '0')}`,
      mask: `0x${mask.toString(16).padStart(8, '0')}`,
      at,
    })),
  };
}

/** Fields of an IPv4 header, and of what follows one without options (RFC 791). */
function ipWords(keys: readonly U32Key[]): Match {
  const at = (place: number): U32Key | undefined => keys.find((key) => key.at === place);
  const [first, third, ports] = [at(0), at(8), at(20)];
  const part = (
    key: U32Key | undefined,
    shift: number,
    bits: number,
  ): { value: number; mask: number } | undefined => {
    if (key === undefined) return undefined;
    const cut = (number: number): number => (number >>> shift) & (2 ** bits - 1);
    return cut(key.mask) === 0 ? undefined : { value: cut(key.value), mask: cut(key.mask) };
  };
  const tos = part(first, 16, 8);
  return given({
    src: prefixOf(at(12)),
    dst: prefixOf(at(16)),
    protocol: protocolWord(part(third, 16, 8)?.value),
    sport: part(ports, 16, 16)?.value,
    dport: part(ports, 0, 16)?.value,
    tos: tos && (tos.mask === 0xff ? hex(tos.value) : `${hex(tos.value)}/${hex(tos.mask)}`),
  });
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function prefixOf(key: U32Key | undefined): string | undefined {
  if (key === undefined) return undefined;
  // A mask that is none of a prefix is found out by whoever compares.
  const length = Math.clz32(~key.mask >>> 0);
  const bytes = [24, 16, 8, 0].map((shift) => (key.value >>> shift) & 0xff).join('.');
  const prefix = parsePrefix(`${bytes}/${length}`);
  return prefix && displayPrefix(formatPrefix(prefix));
}

const NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' };

function protocolWord(number: number | undefined): string | number | undefined {
  return number === undefined ? undefined : (NAMES[number] ?? number);
}

function flowerWords(match: Filter['match']): Match {
  const { ip_proto, src_ip, dst_ip, src_port, dst_port, ip_tos, src_mac, dst_mac, vlan_id, indev } = match;
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  return given({
    ...{ src: src_ip, dst: dst_ip, sport: number(src_port), dport: number(dst_port), tos: ip_tos },
    protocol: ip_proto === undefined || !/^\d+$/.test(ip_proto) ? ip_proto : Number(ip_proto),
    ...{ src_mac, dst_mac, vlan_id: number(vlan_id), indev },
  });
}

/** What each kind's listing has where nobody gave it. */
const USUAL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  police: { mtu: 2048, exceed: 'drop', mpu: 0, overhead: 0, linklayer: 'ethernet' },
  mirred: { direction: 'egress' },
};
const SPOKEN = new Set([
  ...['action', 'direction', 'redirect', 'mirror', 'rate', 'burst', 'mtu', 'conform', 'exceed', 'mark'],
  ...['queue_mapping', 'priority'],
]);

/** @returns undefined where the action has an option without a parameter */
function actionParams({ kind, options }: TcAction): string | Params | undefined {
  if (kind === 'gact') return String(options.action);
  const own = Object.entries(options).filter(([name, value]) => value !== USUAL[kind]?.[name]);
  if (own.some(([name]) => !SPOKEN.has(name))) return undefined;
  return {
    kind,
    ...Object.fromEntries(
      own.map(([name, value]) => {
        const unit = ACTION_SPECS[kind]?.[name]?.unit ?? 'word';
        return [name, unit === 'count' ? value : showValue(unit, value)];
      }),
    ),
  };
}
