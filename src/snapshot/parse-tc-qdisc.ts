/**
 * What `tc -d qdisc show` and `tc -d class show dev X` print, by tokens: iproute2 2.6.33 to 7.1 differ in order,
 * units and blanks.
 */
import type { Qdisc, TcClass, TcOptions, TcValue } from './tc.js';
import { CLASS_SPECS, type OptionSpec, parseShown, QDISC_SPECS, type Specs } from './tc-options.js';
import { misread, objectLines, words } from './text.js';

/** Words of a listing that tell what happens, not what was set, with how many words follow each. */
const TOLD: Readonly<Record<string, number>> = {
  ...{ refcnt: 1, direct_packets_stat: 1, ver: 1, level: 1, leaf: 1, offloaded: 0, seed: 1, '[Unknown': 1 },
  ...{ '----------------': 0, multiqueue: 1, bw: 1 },
};

/** The parent of ingress and clsact, and by some versions their own. */
const INGRESS_PARENT = 'ffff:fff1';

/** Qdiscs that have a handle: the kernel's own defaults have none (0:). */
export function parseQdiscs(text: string, only?: string): Qdisc[] {
  return objectLines(text).flatMap((line) => {
    const [what, kind = '', handle = '', ...rest] = words(line);
    if (what !== 'qdisc' || !/^[\da-f]*:$/.test(handle))
      throw misread('tc qdisc', line, 'no qdisc begins here');
    if (handle === '0:' || handle === ':') return [];
    const [dev, behind] = rest[0] === 'dev' ? [rest[1] ?? '', rest.slice(2)] : [only ?? '', rest];
    const [parent, body] = parentOf(kind, behind);
    const found = optionsOf(body, QDISC_SPECS[kind] ?? {}, kind);
    const options = (SETTLED[kind] ?? ((given) => given))(found.options);
    return [{ type: 'qdisc', dev, parent, handle, kind, options, other: found.other }];
  });
}

/**
 * tbf lists its buckets as they are on the wire, with overhead and in whole ATM cells (psched_l2t_ns): takes both off,
 * as they were given; its latency, which is what the limit leaves beside the bucket, gets that.
 */
function bucketsOf(options: TcOptions): TcOptions {
  const { overhead = 0, linklayer, burst, mtu, latency, rate } = options;
  const given = (size: number): number =>
    (linklayer === 'atm' ? Math.round(size / 53) * 48 : size) - Number(overhead);
  if ((overhead === 0 && linklayer !== 'atm') || typeof burst !== 'number') return options;
  const longer = ((burst - given(burst)) * 8e6) / Number(rate);
  return {
    ...options,
    burst: given(burst),
    ...(typeof mtu === 'number' && { mtu: given(mtu) }),
    ...(typeof latency === 'number' && { latency: Math.max(0, Math.round(latency + longer)) }),
  };
}

/** sfq has no more flows than packets that may wait, but lists its 128 where nobody gave a limit. */
function flowsOf(options: TcOptions): TcOptions {
  const { flows, limit } = options;
  return typeof flows === 'number' && typeof limit === 'number'
    ? { ...options, flows: Math.min(flows, limit) }
    : options;
}

/** By kind, what a listing means. */
const SETTLED: Readonly<Record<string, (options: TcOptions) => TcOptions>> = { tbf: bucketsOf, sfq: flowsOf };

function parentOf(kind: string, rest: readonly string[]): [string, readonly string[]] {
  const named = rest[0] === 'parent' || rest[0] === 'ingress';
  const behind = rest[0] === 'parent' ? rest.slice(2) : rest[0] === 'root' || named ? rest.slice(1) : rest;
  if (kind === 'ingress' || kind === 'clsact') return [kind, behind];
  const parent = rest[0] === 'parent' ? (rest[1] ?? '') : 'root';
  return [parent === INGRESS_PARENT ? 'ingress' : parent, behind];
}

/** Kinds whose classes somebody makes; what else is listed as a class are bands and flows of a qdisc. */
const MADE = ['htb', 'hfsc', 'drr', 'qfq', 'cbq'];

export function parseClasses(text: string, dev: string): TcClass[] {
  return objectLines(text).flatMap((line) => {
    const [what, kind = '', classid = '', place, ...rest] = words(line);
    if (what !== 'class' || !/^[\da-f]*:[\da-f]*$/.test(classid))
      throw misread('tc class', line, 'no class begins here');
    if (!MADE.includes(kind)) return [];
    const [parent, body] =
      place === 'parent' ? [rest[0] ?? '', rest.slice(1)] : [`${classid.split(':')[0]}:`, rest];
    return [{ type: 'class', dev, parent, classid, kind, ...optionsOf(body, CLASS_SPECS[kind] ?? {}, kind) }];
  });
}

/** Takes a listing's words apart; what is as it is by itself is left out. */
export function optionsOf(
  body: readonly string[],
  specs: Specs,
  kind = '',
): { options: TcOptions; other: string[] } {
  const options: Record<string, TcValue> = {};
  const other: string[] = [];
  const named = byWord(specs);
  for (let at = 0; at < body.length; at++) {
    const word = body[at] ?? '';
    const found = named.get(word);
    const told = Object.hasOwn(TOLD, word) ? TOLD[word] : undefined;
    if (found === undefined && told !== undefined) at += told;
    else if (found === undefined) other.push(word);
    else if (found.spec.unit === 'flag') set(options, found.name, found.spec, word !== found.spec.off);
    else if (found.spec.unit === 'list') {
      const list = numbersBehind(body, at + 1);
      set(options, found.name, found.spec, list.join(' '));
      at += list.length;
    } else {
      const value = parseShown(found.spec.unit, body[at + 1] ?? '');
      if (value === undefined) other.push(word);
      else {
        set(options, found.name, found.spec, value);
        at += 1;
        if (kind === 'netem' && word === 'delay') at += jitter(options, body[at + 1]);
      }
    }
  }
  return { options, other };
}

/** netem prints the jitter behind the delay, without a word of its own. */
function jitter(options: Record<string, TcValue>, word = ''): number {
  const value = /^\d.*s$/.test(word) ? parseShown('time', word) : undefined;
  if (value === undefined) return 0;
  options.jitter = value;
  return 1;
}

function numbersBehind(body: readonly string[], from: number): readonly string[] {
  const end = body.findIndex((word, at) => at >= from && !/^\d+$/.test(word));
  return body.slice(from, end < 0 ? undefined : end);
}

function set(options: Record<string, TcValue>, name: string, spec: OptionSpec, value: TcValue): void {
  if (value !== spec.default) options[name] = value;
}

const wordsOf = new WeakMap<Specs, ReadonlyMap<string, { name: string; spec: OptionSpec }>>();

function byWord(specs: Specs): ReadonlyMap<string, { name: string; spec: OptionSpec }> {
  const known = wordsOf.get(specs);
  if (known !== undefined) return known;
  const made = new Map(
    Object.entries(specs).flatMap(([name, spec]) =>
      [spec.shown ?? name, ...(spec.off === undefined ? [] : [spec.off])].map(
        (word) => [word, { name, spec }] as const,
      ),
    ),
  );
  wordsOf.set(specs, made);
  return made;
}
