/** The one place that writes errors for people. */
import type { NetplayError } from '../shared/errors.js';
import { formatPlace, type Place } from '../shared/place.js';
import { printable } from './printable.js';
import { createStyle, type Style } from './style.js';

/** How much of a long line is shown around the fault. */
const WIDTH = 100;

/**
 * Each error with what the user needs to mend it: where, the line itself with the fault underlined, a hint.
 *
 *     ERROR The key "c" is given twice; the first is at site.yml:3:3
 *       --> site.yml:4:3
 *       |   c: 2
 *       |   ^
 *       hint: Keep one of the two.
 *
 * @returns the errors in their order with an empty line between them, and no newline at the end
 */
export function renderErrors(errors: readonly NetplayError[], { color }: { color: boolean }): string {
  const style = createStyle(color);
  return errors.map((error) => renderError(error, style).join('\n')).join('\n\n');
}

function renderError(error: NetplayError, style: Style): string[] {
  const context = [error.host, error.task && `task "${error.task}"`].filter((part) => part !== undefined);
  const heading = [context.join(', '), error.message].filter((part) => part !== '').join(': ');
  const lines = [`${style.red(style.bold('ERROR'))} ${printable(heading).replaceAll('\n', '\n  ')}`];
  if (error.place) lines.push(`  ${style.cyan('-->')} ${printable(formatPlace(error.place))}`);
  if (error.place?.source) lines.push(...excerpt(error.place, error.place.source, style));
  if (error.hint !== undefined) lines.push(`  ${style.cyan('hint:')} ${printable(error.hint)}`);
  return lines;
}

/** The line of `place`, or the part of it around the fault, and the carets under it. */
function excerpt(place: Place, source: string, style: Style): string[] {
  const line = printable(source).replaceAll(/[\t\n]/g, ' ');
  const column = Math.min(place.column - 1, line.length);
  const start = column < WIDTH * 0.8 ? 0 : column - Math.floor(WIDTH / 2);
  const head = start > 0 ? '…' : '';
  const tail = line.length > start + WIDTH ? '…' : '';
  const shown = line.slice(start, start + WIDTH);
  const carets = '^'.repeat(Math.max(1, Math.min(place.length ?? 1, shown.length - (column - start))));
  const bar = style.cyan('|');
  return [
    `  ${bar} ${head}${shown}${tail}`,
    `  ${bar} ${' '.repeat(head.length + column - start)}${style.red(carets)}`,
  ];
}
