/** The classes of one side of a device: their rates, and the numbers that they have in the kernel. */
import { createHash } from 'node:crypto';
import type { Problem } from '../../shared/change.js';
import { bitsOf, exactRate, shownRate, wholeBytes } from './rates.js';
import { type ClassParams, PRIORITY } from './shape-schema.js';

/** One side of a device: what leaves by it, or what comes in by it. */
export interface Side {
  name: 'egress' | 'ingress';
  /** Bits per second. */
  rate: number;
  /** Bytes; undefined where it follows from the rate. */
  burst: number | undefined;
  classes: readonly ClassParams[];
  /** Where in the task's parameters its rate, burst and classes stand. */
  paths: Record<'rate' | 'burst' | 'classes', readonly string[]>;
}

export interface ShapeClass {
  /** Hexadecimal, without the qdisc's number. */
  minor: string;
  /** Bits per second. */
  rate: number;
  ceil: number;
  priority: number;
  /** Its place in the side's list; null for the default class that nobody asked for. */
  at: number | null;
}

/** netplay's number as a routing protocol, 201: what has it as its handle is a shape. */
export const HANDLE = 'c9';
/** The class above all others, with the rate of the whole. */
export const WHOLE = `${HANDLE}:1`;
/** The minor of the class that takes what nothing matches. It never changes: of an htb qdisc that would be a replacement. */
export const DEFAULT_MINOR = '2';
/** Minors of classes with a name. */
const FIRST = 0x10;
const COUNT = 0xff00;
/** Bits per second: with less, an SSH session does not get through. */
const LEAST = 64_000;
/** Less is a unit that was forgotten: one packet would take more than a second. */
const LEAST_CLASS = 8000;
/** Of the whole, for a class that nothing else is said of. */
const LEAST_SHARE = 0.01;

/** @returns in the list's order, the default class that nobody asked for last; what `problems` tells of is not right */
export function readClasses(side: Side, problems: Problem[]): ShapeClass[] {
  if (side.rate < LEAST) {
    problems.push({
      message: `${side.name}: ${shownRate(side.rate)} is too slow for an SSH session; ${shownRate(LEAST)} is the least`,
      hint: 'A number without a unit is bits per second: 100mbit, not 100.',
      path: side.paths.rate,
    });
    return [];
  }
  nameProblems(side, problems);
  const rates = ratesOf(side, problems);
  const minors = minorsOf(side.classes);
  const named = side.classes.map((one, at): ShapeClass => {
    const ceil = one.ceil === undefined ? side.rate : bitsOf(one.ceil, side.rate);
    const rate = one.rate === undefined ? Math.min(rates.each, ceil) : bitsOf(one.rate, side.rate);
    checkRates(one, { rate, ceil }, side, at, problems);
    return { minor: minors[at] ?? '', rate, ceil, priority: one.priority ?? PRIORITY, at };
  });
  if (hasDefault(side)) return named;
  const rest = { minor: DEFAULT_MINOR, rate: rates.each, ceil: side.rate, priority: PRIORITY, at: null };
  return [...named, rest];
}

function hasDefault({ classes }: Side): boolean {
  return classes.some((one) => one.default === true);
}

function nameProblems({ classes, paths }: Side, problems: Problem[]): void {
  classes.forEach(({ name, ...one }, at) => {
    if (classes.findIndex((other) => other.name === name) < at)
      problems.push({ message: `two classes are named ${name}`, path: [...paths.classes, at, 'name'] });
    const first = classes.find((other) => other.default === true);
    if (one.default === true && first?.name !== name)
      problems.push({
        message: `${first?.name} and ${name} are both the default class; there can be one`,
        path: [...paths.classes, at, 'default'],
      });
    if (one.match === undefined && one.default !== true)
      problems.push({
        message: `nothing gets into class ${name}: it has no match and is not the default`,
        path: [...paths.classes, at],
      });
  });
}

/** What each class gets that does not say its rate, the default class that nobody asked for among them. */
function ratesOf(side: Side, problems: Problem[]): { each: number } {
  const { classes, rate } = side;
  const said = classes.filter((one) => one.rate !== undefined);
  const given = said.map((one) => ({ name: one.name, bits: bitsOf(one.rate ?? 0, rate) }));
  const sum = given.reduce((total, { bits }) => total + bits, 0);
  const unsaid = classes.length - said.length + (hasDefault(side) ? 0 : 1);
  const all = given.map(({ name, bits }) => `${name} ${shownRate(bits)}`).join(', ');
  if (sum > rate) {
    problems.push({
      message: `the classes' rates come to ${shownRate(sum)} (${all}), and ${side.name} is ${shownRate(rate)}`,
      hint: 'rate is what a class gets in any case; what it may have besides is ceil.',
      path: side.paths.classes,
    });
    return { each: LEAST_CLASS };
  }
  const each = unsaid === 0 ? 0 : wholeBytes((rate - sum) / unsaid);
  if (unsaid > 0 && each < Math.max(LEAST_CLASS, rate * LEAST_SHARE)) {
    problems.push({
      message: `the classes' rates (${all}) leave ${shownRate(rate - sum)} of ${shownRate(rate)} for ${others(side)}: ARP and all that no class matches would starve`,
      hint: 'Leave a hundredth for each that does not say its rate, or make one class the default.',
      path: side.paths.classes,
    });
  }
  return { each };
}

function others(side: Side): string {
  const names = side.classes.flatMap(({ name, rate }) => (rate === undefined ? [name] : []));
  return [...names, ...(hasDefault(side) ? [] : ['the default class'])].join(', ');
}

function checkRates(
  { name, ...given }: ClassParams,
  { rate, ceil }: { rate: number; ceil: number },
  side: Side,
  at: number,
  problems: Problem[],
): void {
  const path = (key: string): (string | number)[] => [...side.paths.classes, at, key];
  const small = (['rate', 'ceil'] as const).find(
    (key) => given[key] !== undefined && { rate, ceil }[key] < LEAST_CLASS,
  );
  if (small !== undefined)
    problems.push({
      message: `class ${name}: ${small} ${exactRate({ rate, ceil }[small])} is less than a packet in a second`,
      hint: 'A number without a unit is bits per second: 10mbit, not 10.',
      path: path(small),
    });
  else if (ceil > side.rate)
    problems.push({
      message: `class ${name}: ceil ${shownRate(ceil)} is more than ${side.name} has, ${shownRate(side.rate)}`,
      path: path('ceil'),
    });
  else if (rate > ceil)
    problems.push({
      message: `class ${name}: rate ${shownRate(rate)} is more than its ceil ${shownRate(ceil)}`,
      path: path('rate'),
    });
}

/**
 * A number for each class that follows from its name, so that others that come and go leave it. Of two whose names
 * lead to one, the second in the alphabet takes the next that is free.
 */
function minorsOf(classes: readonly ClassParams[]): string[] {
  const taken = new Map<number, string>();
  const minors = new Map<string, string>();
  for (const name of classes.map((one) => one.name).sort()) {
    let number = createHash('sha256').update(name).digest().readUInt32BE(0) % COUNT;
    while (taken.has(number) && taken.get(number) !== name) number = (number + 1) % COUNT;
    taken.set(number, name);
    minors.set(name, (FIRST + number).toString(16));
  }
  return classes.map((one) => (one.default === true ? DEFAULT_MINOR : (minors.get(one.name) ?? '')));
}
