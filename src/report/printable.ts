/** Text of files and hosts, made safe to show. */
import { isMap } from '../shared/is-map.js';

/** Control characters, and those that turn the direction of writing; a tab and a newline may stay. */
const UNSEEN = /[^\P{Cc}\t\n]|[\u202A-\u202E\u2066-\u2069]/gu;

/** A file or a host may say escape sequences; the terminal must not obey them. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, '\uFFFD');
}

/** `value` with all its text printable, keys included: for data that others wrote and that is shown in parts. */
export function printableAll<Value>(value: Value): Value {
  return cleaned(value) as Value;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [printable(key), cleaned(item)]));
}
