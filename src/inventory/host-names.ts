/** Hosts as a source names them: ranges (`web[01:10].example`) and ports (`web1:2222`, `[fe80::1]:22`). */
import { parseAddress } from '../shared/addr.js';

/** More than anybody means: a slip such as `[1:99999999]` would fill the memory. */
const MOST_HOSTS = 100_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export interface HostNames {
  names: readonly string[];
  port?: number;
}

/** What is wrong with a host's name, as a message; caught where the place is known. */
export class HostNameError extends Error {
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/**
 * The hosts that one name stands for, and the port behind it. Ranges are inclusive, `[01:10]` keeps its
 * zeroes, `[1:10:2]` has a step, `[a:f]` are letters; a name may hold several.
 * @throws HostNameError
 */
export function parseHostNames(text: string): HostNames {
  const [, within, behind] = /^\[([^[\]]*)\](?::(\d+))?$/.exec(text) ?? [];
  if (within !== undefined && isIpv6(within)) return withPort([within], behind);
  // Ansible takes brackets around any host that has a port.
  if (within !== undefined && behind !== undefined && !within.includes(':'))
    return withPort([within], behind);
  const [, name = text, port] = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(text) ?? [];
  const names = expandRanges(name);
  for (const expanded of names) checkName(expanded);
  return withPort(names, port);
}

function withPort(names: readonly string[], text: string | undefined): HostNames {
  if (text === undefined) return { names };
  const port = Number(text);
  if (port < 1 || port > 65_535) throw new HostNameError(`The port ${text} is not between 1 and 65535`);
  return { names, port };
}

function isIpv6(text: string): boolean {
  return parseAddress(text.replace(/%[\w.-]+$/, ''))?.family === 6;
}

function checkName(name: string): void {
  if (!name.includes(':') || isIpv6(name)) return;
  if (/^[^:]+:[^:]*$/.test(name))
    throw new HostNameError(`The port behind "${name}" is no number`, 'Write host:port, such as web1:2222.');
  throw new HostNameError(
    `"${name}" is no host name: it holds colons and is no IPv6 address`,
    'Write an IPv6 address with its port as [address]:port.',
  );
}

function expandRanges(name: string): string[] {
  const range = /^([^[\]]*)\[([^[\]]*)\](.*)$/.exec(name);
  if (range === null) {
    if (/[[\]]/.test(name)) throw new HostNameError(`A bracket in "${name}" has no counterpart`);
    return [name];
  }
  const [, head = '', bounds = '', tail = ''] = range;
  const tails = expandRanges(tail);
  const values = rangeValues(bounds);
  if (values.length * tails.length > MOST_HOSTS)
    throw new HostNameError(`"${name}" stands for more than ${MOST_HOSTS} hosts`);
  return values.flatMap((value) => tails.map((rest) => head + value + rest));
}

/** The values of `1:4`, `01:10`, `1:10:2`, `:3` (from 0), `a:f`. */
function rangeValues(bounds: string): string[] {
  const [first = '', last, stepText = '1', ...rest] = bounds.split(':');
  const begin = first === '' ? '0' : first;
  const step = /^\d+$/.test(stepText) ? Number(stepText) : 0;
  if (last === undefined || last === '' || rest.length > 0 || step < 1)
    throw new HostNameError(`[${bounds}] is no range`, 'Write [first:last] or [first:last:step].');
  if (isLetter(begin) && isLetter(last))
    return steps(bounds, LETTERS.indexOf(begin), LETTERS.indexOf(last), step, (at) => LETTERS.charAt(at));
  if (!/^\d+$/.test(begin) || !/^\d+$/.test(last))
    throw new HostNameError(
      `[${bounds}] is no range`,
      'Both ends must be numbers, or both be single letters.',
    );
  const padded = begin.startsWith('0') && begin.length > 1;
  if (padded && begin.length !== last.length)
    throw new HostNameError(`The ends of [${bounds}] differ in width`, 'Pad both: [01:10], [001:010].');
  return steps(bounds, Number(begin), Number(last), step, (value) =>
    String(value).padStart(padded ? begin.length : 0, '0'),
  );
}

function isLetter(text: string): boolean {
  return text.length === 1 && LETTERS.includes(text);
}

function steps(
  bounds: string,
  first: number,
  last: number,
  step: number,
  show: (at: number) => string,
): string[] {
  if (first > last) throw new HostNameError(`The range [${bounds}] ends before it begins`);
  const count = Math.floor((last - first) / step) + 1;
  if (count > MOST_HOSTS) throw new HostNameError(`[${bounds}] stands for more than ${MOST_HOSTS} hosts`);
  return Array.from({ length: count }, (_, index) => show(first + index * step));
}
