/** What the matches of a class stand for: filters, each of one kind and one family. */
import { type Family, familyOf, formatPrefix, hasHostBits, parsePrefix } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Snapshot } from '../../snapshot/model.js';
import { addressesOf, chooseVes, noNode } from '../openvz/find-ve.js';
import { keysOf, type Match } from '../tc/match.js';
import type { Side } from './classes.js';
import { BLOCK } from './filter-order.js';
import type { ClassParams, MatchParams } from './shape-schema.js';

/** One filter, but for where it hangs. */
export interface Sort {
  kind: 'u32' | 'fw';
  protocol: 'ip' | 'ipv6' | 'all';
  /** fw: the mark. */
  handle?: string;
  /** u32. */
  match?: Match;
}

interface Context {
  dev: string;
  side: Side;
  snapshot: Snapshot;
  problems: Problem[];
  warnings: string[];
}

/** Of a class's block: before it stand those of IPv4 and IPv6. */
export const FIRST_MASK = 2;
const FAMILIES: readonly Family[] = [4, 6];
/** Protocols that only one family has, by name and number. */
const FAMILY_OF: Readonly<Record<string, Family>> = { icmp: 4, 1: 4, icmpv6: 6, 58: 6 };
/** With ports, where a match says none. */
const WITH_PORTS = ['tcp', 'udp'];
const PORTLESS: ReadonlySet<string> = new Set([
  'icmp',
  'icmpv6',
  'gre',
  'esp',
  'ah',
  '1',
  '58',
  '47',
  '50',
  '51',
]);
/** RFC 4594 and its successors (RFC 5865, 8622). */
const DSCP: Readonly<Record<string, number>> = { ef: 46, va: 44, le: 1 };

/**
 * Each class's filters, in the order of the list. Two that are one are a problem: only one class could get the packets.
 * @param warnings grows by what will be, but is not yet: a container without an address
 */
export function sortsOf(context: Context): readonly (readonly Sort[])[] {
  const { side, problems } = context;
  const seen = new Map<string, string>();
  return side.classes.map((one, at) => {
    const path = [...side.paths.classes, at, 'match'];
    const sorts = new Map<string, Sort>();
    for (const [index, match] of matchesOf(one).entries()) {
      const place = Array.isArray(one.match) ? [...path, index] : path;
      for (const sort of readMatch(match, place, context)) sorts.set(identityOf(sort), sort);
    }
    if (masksOf([...sorts.values()]).length > BLOCK - FIRST_MASK)
      problems.push({
        message: `class ${one.name}: there is room for ${BLOCK - FIRST_MASK} masks of marks`,
        path,
      });
    for (const [identity, sort] of sorts) {
      const other = seen.get(identity);
      if (other !== undefined)
        problems.push({
          message: `class ${other} has a match that class ${one.name} has too: ${textOf(sort)}`,
          path,
        });
      seen.set(identity, one.name);
    }
    return [...sorts.values()];
  });
}

/** The masks of those that look for marks, each once. */
export function masksOf(sorts: readonly Sort[]): string[] {
  return [...new Set(sorts.flatMap(({ kind, handle }) => (kind === 'fw' ? [maskOf(handle)] : [])))];
}

/** Of a mark with its mask; empty where all of it counts. */
export function maskOf(handle = ''): string {
  return handle.split('/')[1] ?? '';
}

/** The same for two that the kernel can't tell apart. */
function identityOf({ kind, protocol, handle, match = {} }: Sort): string {
  return kind === 'fw' ? `mark ${handle}` : `${protocol} ${JSON.stringify(keysOf(match, protocol))}`;
}

/** The matches of a class as a list. */
export function matchesOf({ match }: ClassParams): readonly MatchParams[] {
  return match === undefined ? [] : [match].flat();
}

function textOf({ kind, protocol, handle, match = {} }: Sort): string {
  const words = Object.entries(match).map(([key, value]) => `${key} ${value}`);
  return [...(kind === 'fw' ? ['mark', handle] : [protocol]), ...words].join(' ');
}

function readMatch(match: MatchParams, path: readonly (string | number)[], context: Context): Sort[] {
  if (match.mark !== undefined) return markSorts(match, path, context);
  const problem = contradiction(match, context);
  if (problem !== undefined) {
    context.problems.push({ ...problem, path });
    return [];
  }
  return addressed(match, path, context).flatMap((each) => familySorts(each, path, context));
}

/** u32 can look at marks too, but a kernel built without that takes such a filter for one that matches everything. */
function markSorts(match: MatchParams, path: readonly (string | number)[], context: Context): Sort[] {
  const { side, snapshot, problems } = context;
  if (Object.keys(match).length > 1)
    problems.push({
      message: "mark can't stand with other parameters in one match",
      hint: 'Let the firewall mark those packets alone that have the rest too.',
      path,
    });
  else if (side.name === 'ingress')
    problems.push({ message: 'what comes in has no mark yet: the firewall sees it later', path });
  else if (snapshot.tc?.lacking.has('cls_fw'))
    problems.push({ message: "this host's kernel can't sort by marks: it has no cls_fw", path });
  return [{ kind: 'fw', protocol: 'all', handle: markText(String(match.mark)) }];
}

/** As tc lists it: hexadecimal, with a mask unless it is whole. */
function markText(text: string): string {
  const [mark, mask] = text.split('/').map(Number);
  const hex = `0x${(mark ?? 0).toString(16)}`;
  return mask === undefined || mask === 0xffff_ffff ? hex : `${hex}/0x${mask.toString(16)}`;
}

function contradiction(match: MatchParams, { side, dev }: Context): Problem | undefined {
  const end = endOf(side, dev);
  if (match.ve !== undefined && match[end] !== undefined)
    return { message: `ve stands for ${end} here, which is given too` };
  const hasPort = match.sport !== undefined || match.dport !== undefined;
  if (hasPort && PORTLESS.has(String(match.protocol))) return { message: `${match.protocol} has no ports` };
  const families = [match.src, match.dst].flatMap((text) => (text === undefined ? [] : [familyOf(text)]));
  const only = FAMILY_OF[String(match.protocol)];
  if (new Set(only === undefined ? families : [...families, only]).size > 1)
    return { message: "a packet can't be both IPv4 and IPv6" };
  return undefined;
}

/** The container's end of what passes this side of a device: venet0 leads to the containers, NICs away from them. */
function endOf({ name }: Side, dev: string): 'src' | 'dst' {
  return (name === 'egress') === dev.startsWith('venet') ? 'dst' : 'src';
}

/** A match with addresses in the place of containers: one for each. */
function addressed(match: MatchParams, path: readonly (string | number)[], context: Context): MatchParams[] {
  const { ve, ...rest } = match;
  if (ve === undefined) return [match];
  const { snapshot, problems, warnings, side, dev } = context;
  if (snapshot.openvz == null) {
    problems.push(noNode([...path, 've']));
    return [];
  }
  return chooseVes([String(ve)], snapshot.openvz, [...path, 've'], problems).flatMap((each) => {
    const addresses = addressesOf(each);
    if (addresses.length === 0)
      warnings.push(`container ${each.id} has no address yet: run again once it has one`);
    return addresses.map((address) => ({ ...rest, [endOf(side, dev)]: address }));
  });
}

function familySorts(match: MatchParams, path: readonly (string | number)[], { problems }: Context): Sort[] {
  const { protocol, sport, dport, dscp } = match;
  const ends = endsOf(match, path, problems);
  const [family = FAMILY_OF[String(protocol)]] = Object.values(ends).map(familyOf);
  const ported = protocol === undefined && (sport !== undefined || dport !== undefined);
  const protocols = ported ? WITH_PORTS : [protocol];
  const tos = tosOf(dscp);
  return (family === undefined ? FAMILIES : [family]).flatMap((each) =>
    protocols.map((one): Sort => {
      const given: Match = {
        ...ends,
        ...(one !== undefined && { protocol: one }),
        ...(sport !== undefined && { sport }),
        ...(dport !== undefined && { dport }),
        ...(tos !== undefined && { tos }),
      };
      return { kind: 'u32', protocol: each === 4 ? 'ip' : 'ipv6', match: given };
    }),
  );
}

function endsOf(
  { src, dst }: MatchParams,
  path: readonly (string | number)[],
  problems: Problem[],
): { src?: string; dst?: string } {
  const ends = { ...(src !== undefined && { src }), ...(dst !== undefined && { dst }) };
  for (const [key, text] of Object.entries(ends)) {
    const prefix = parsePrefix(text);
    if (prefix === undefined || !hasHostBits(prefix)) continue;
    const message = `${key}: ${text} has bits beyond its length: ${formatPrefix(prefix)}`;
    problems.push({ message, path: [...path, key] });
  }
  return ends;
}

/** The upper six bits of the TOS byte, under their mask. */
function tosOf(dscp: string | number | undefined): string | undefined {
  if (dscp === undefined) return undefined;
  const [, kind, first = 0, second = 0] = /^(cs|af)(\d)(\d)?$/.exec(String(dscp)) ?? [];
  const number = kind === undefined ? (DSCP[dscp] ?? Number(dscp)) : Number(first) * 8 + Number(second) * 2;
  return `0x${(number << 2).toString(16)}/0xfc`;
}
