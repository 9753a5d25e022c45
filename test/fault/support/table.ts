/** The harness's table: what was tried, where the host ended, how long it took. */
import type { CaseResult } from './case.js';

/** How much is said of a case that failed: a line of `ip -d` is long, and a state has many. */
const SHOWN = { lines: 8, characters: 240 };

/** What was not as promised, in short. */
export function formatFailures(results: readonly CaseResult[]): string {
  return results
    .filter(({ problems }) => problems.length > 0)
    .map(({ name, problems }) => {
      const shown = problems.slice(0, SHOWN.lines).map((line) => `  ${line.slice(0, SHOWN.characters)}`);
      const more = problems.length - shown.length;
      return [name, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
    })
    .join('\n');
}

/** One line a case, in the order of the cases, with a last line of counts. */
export function formatTable(results: readonly CaseResult[]): string {
  const width = Math.max(4, ...results.map(({ name }) => name.length));
  const lines = results.map(
    ({ name, ended, said, settled, problems }) =>
      `${name.padEnd(width)}  ${ended.padEnd(7)}  ${settled.toFixed(1).padStart(7)}  ${said.padEnd(11)}  ${problems.length === 0 ? '' : 'FAILED'}`,
  );
  const held = results.filter(({ problems }) => problems.length === 0).length;
  return [
    `${'case'.padEnd(width)}  ${'ended'.padEnd(7)}  seconds  the run said`,
    ...lines.map((line) => line.trimEnd()),
    `${held} of ${results.length} as promised`,
  ].join('\n');
}
