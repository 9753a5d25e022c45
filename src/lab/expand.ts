/** Ranges: `web[1:3]` makes web1, web2 and web3, and `{n}` in the host's values becomes 1, 2 and 3. */
import type { HostSpec } from './spec.js';

export interface NamedHost {
  name: string;
  /** The key in the lab file that it came from. */
  key: string;
  spec: HostSpec;
}

const RANGE = /^(.*)\[(\d+):(\d+)\](.*)$/;

/** The most hosts that one range may make: a slip of the finger shall not take the machine down. */
export const RANGE_LIMIT = 1000;

/** Why a host's name is no proper range, or undefined where it is one or has none. */
export function rangeProblem(key: string): string | undefined {
  const match = RANGE.exec(key);
  if (match === null) return /[[\]]/.test(key) ? `"${key}" is not a range such as web[1:3]` : undefined;
  const size = Number(match[3]) - Number(match[2]) + 1;
  if (size < 1) return `the range of "${key}" runs backwards`;
  return size > RANGE_LIMIT ? `"${key}" makes ${size} hosts; ${RANGE_LIMIT} is the most` : undefined;
}

function fill(value: unknown, number: string): unknown {
  if (typeof value === 'string') return value.replace(/(?<!\$)\{n\}/g, number);
  if (Array.isArray(value)) return value.map((item) => fill(item, number));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [String(fill(key, number)), fill(item, number)]),
  );
}

/** All hosts in the order of the file. `${n}`, a shell's variable, is left alone. */
export function expandHosts(hosts: Readonly<Record<string, HostSpec | null>>): NamedHost[] {
  return Object.entries(hosts).flatMap(([key, spec]) => {
    const match = RANGE.exec(key);
    if (match === null || rangeProblem(key) !== undefined) return [{ name: key, key, spec: spec ?? {} }];
    const [, before = '', first = '', last = '', after = ''] = match;
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, offset) => {
      const number = Number(first) + offset;
      const padded = String(number).padStart(first.length, '0');
      return { name: before + padded + after, key, spec: fill(spec ?? {}, String(number)) as HostSpec };
    });
  });
}
