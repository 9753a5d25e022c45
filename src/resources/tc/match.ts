/** What a task says of packets, as u32's keys or flower's words. */
import {
  displayPrefix,
  type Family,
  familyOf,
  formatPrefix,
  parseMac,
  parsePrefix,
  wordsOfAddress,
} from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import { tosWord } from '../../shared/tc-units.js';
import type { U32Key } from '../../snapshot/tc.js';
import { parseNumber } from '../routing/names.js';

export interface Match {
  src?: string;
  dst?: string;
  protocol?: string | number;
  sport?: number;
  dport?: number;
  tos?: string | number;
  src_mac?: string;
  dst_mac?: string;
  vlan_id?: number;
  indev?: string;
  u32?: readonly { value: string | number; mask: string | number; at: number }[];
}

/** Numbers of IP's protocols (IANA), by the names that flower prints. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  ...{ icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, ah: 51, icmpv6: 58, sctp: 132 },
};
/** Those that flower prints by name (iproute2, tc/f_flower.c, flower_print_ip_proto). */
const NAMED = ['tcp', 'udp', 'sctp', 'icmp', 'icmpv6'];

/** Where u32 finds each thing: bytes from the begin of the IP header, and how far its bits are moved to the left. */
const PLACES = {
  4: { src: 12, dst: 16, protocol: [8, 16], tos: [0, 16], ports: 20 },
  6: { src: 8, dst: 24, protocol: [4, 8], tos: [0, 20], ports: 40 },
} as const satisfies Record<Family, object>;

const ONE_KIND: Readonly<Record<string, readonly (keyof Match)[]>> = {
  u32: ['u32'],
  flower: ['src_mac', 'dst_mac', 'vlan_id', 'indev'],
};

/** What a match says by words that the filter's kind does not have. */
export function matchProblems(match: Match, kind: string): Problem[] {
  const names = Object.keys(match) as (keyof Match)[];
  if (kind === 'fw' || kind === 'matchall')
    return names.length === 0
      ? []
      : [
          {
            message: `${kind} has no match`,
            hint: kind === 'fw' ? 'The mark is its handle.' : 'It takes every packet.',
            path: ['match'],
          },
        ];
  const foreign = Object.entries(ONE_KIND).flatMap(([owner, own]) =>
    owner === kind ? [] : names.filter((name) => own.includes(name)),
  );
  const problems: Problem[] = foreign.map((name) => ({
    message: `${kind} has no match for ${name}`,
    path: ['match', name],
  }));
  const families = [match.src, match.dst].flatMap((prefix) =>
    prefix === undefined ? [] : [familyOf(prefix)],
  );
  if (new Set(families).size > 1)
    problems.push({ message: 'src and dst are of two families', path: ['match', 'dst'] });
  return problems;
}

/** The frame's protocol that a match is for; undefined where it does not tell. */
export function protocolOf({ src, dst, protocol, sport, dport, tos }: Match): string | undefined {
  const prefix = src ?? dst;
  if (prefix !== undefined) return familyOf(prefix) === 6 ? 'ipv6' : 'ip';
  if (protocol === 'icmpv6') return 'ipv6';
  return [protocol, sport, dport, tos].some((value) => value !== undefined) ? 'ip' : undefined;
}

/** u32's keys, one for each place and in the order of the places; those without a mask say nothing. */
export function keysOf(match: Match, protocol: string): U32Key[] {
  const places = PLACES[protocol === 'ipv6' ? 6 : 4];
  const { tos, sport, dport } = match;
  const number = protocolNumber(match.protocol);
  const [value = 0, mask = 0xff] = String(tos ?? '')
    .split('/')
    .map(Number);
  return canonicalKeys([
    ...prefixKeys(match.src, places.src),
    ...prefixKeys(match.dst, places.dst),
    ...(number === undefined ? [] : [shifted(number, 0xff, places.protocol)]),
    ...(tos === undefined ? [] : [shifted(value, mask, places.tos)]),
    ...(sport === undefined ? [] : [shifted(sport, 0xffff, [places.ports, 16])]),
    ...(dport === undefined ? [] : [shifted(dport, 0xffff, [places.ports, 0])]),
    ...(match.u32 ?? []).map((key) => ({
      value: parseNumber(key.value) ?? 0,
      mask: parseNumber(key.mask) ?? 0,
      at: key.at,
    })),
  ]);
}

function shifted(value: number, mask: number, [at, bits]: readonly [number, number]): U32Key {
  return { value: value * 2 ** bits, mask: mask * 2 ** bits, at };
}

function prefixKeys(text: string | undefined, at: number): U32Key[] {
  const prefix = text === undefined ? undefined : parsePrefix(text);
  if (prefix === undefined) return [];
  return wordsOfAddress(prefix.network).map((value, index) => {
    const bits = Math.min(32, Math.max(0, prefix.length - 32 * index));
    return { value, mask: 2 ** 32 - 2 ** (32 - bits), at: at + 4 * index };
  });
}

/** tc joins keys of one place (pack_key); `>>> 0` keeps the 32 bits unsigned. */
export function canonicalKeys(keys: readonly U32Key[]): U32Key[] {
  const joined = new Map<number, U32Key>();
  for (const { value, mask, at } of keys) {
    const known = joined.get(at) ?? { value: 0, mask: 0, at };
    if (mask !== 0)
      joined.set(at, { value: (known.value | (value & mask)) >>> 0, mask: (known.mask | mask) >>> 0, at });
  }
  return [...joined.values()].sort((a, b) => a.at - b.at);
}

function protocolNumber(protocol: string | number | undefined): number | undefined {
  if (protocol === undefined) return undefined;
  return PROTOCOLS[protocol] ?? Number(protocol);
}

/** flower's words, in the values that it prints. */
export function flowerMatch(match: Match): Record<string, string> {
  const { src, dst, sport, dport, tos, src_mac, dst_mac, vlan_id, indev } = match;
  const number = protocolNumber(match.protocol);
  const name = NAMED.find((word) => PROTOCOLS[word] === number) ?? number;
  const given = {
    ...{
      ip_proto: name,
      src_ip: shownPrefix(src),
      dst_ip: shownPrefix(dst),
      src_port: sport,
      dst_port: dport,
    },
    ...{ ip_tos: tos === undefined ? undefined : tosWord(String(tos)) },
    ...{ src_mac: src_mac && parseMac(src_mac), dst_mac: dst_mac && parseMac(dst_mac), vlan_id, indev },
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}

function shownPrefix(text: string | undefined): string | undefined {
  const prefix = text === undefined ? undefined : parsePrefix(text);
  return prefix && displayPrefix(formatPrefix(prefix));
}
