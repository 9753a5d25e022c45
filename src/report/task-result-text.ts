/** What a task gave, as it is shown. */
import { stringify } from 'yaml';
import { sortedJson } from './sorted-json.js';

export type ResultFormat = 'json' | 'yaml';

/** What is told otherwise: by a caption, or as a diff. Source: ansible-core's `executor/task_result.py`. */
const NOT_SHOWN = new Set(['diff', 'failed', 'skipped']);

/** The keys that a user sees. */
export function shownResult(
  action: string | undefined,
  result: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const isShown = (key: string): boolean =>
    !NOT_SHOWN.has(key) && !key.startsWith('_') && !(key === 'changed' && action === 'debug');
  return Object.fromEntries(Object.entries(result).filter(([key]) => isShown(key)));
}

/** Lines of a value that is no text. */
export function valueLines(value: unknown, format: ResultFormat): string[] {
  if (value === undefined) return ['undefined'];
  if (format === 'json') return JSON.stringify(value, undefined, 2).split('\n');
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n');
}

/** A whole result: in one line, unless it is to be read by people. */
export function resultLines(
  result: Readonly<Record<string, unknown>>,
  { long, format }: { long: boolean; format: ResultFormat },
): string[] {
  if (format === 'yaml') return valueLines(result, format);
  return long ? sortedJson(result).split('\n') : [`=> ${sortedJson(result).replaceAll(/\n */g, ' ')}`];
}
