/**
 * What machines that rebooted have shown of each row of docs/persistence.md, in test/results/persistence: written by
 * the tests that reboot them (`NETPLAY_WRITE_DOCS=1`), which else demand that it is still so; the table is made of it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { BackendName } from '../../src/persist/mode.js';
import { PERSIST } from '../../src/persist/plan.js';
import type { Change } from '../../src/shared/change.js';
import { OVS_ROWS, ROWS } from './persist-scenario.js';

/**
 * By what there was to do after a reboot: `works`: nothing, before netplay's script had run; `part`: less than on a host
 * that has none of it; `boot`: all, and nothing once the script had run; `lost`: something even then.
 */
export type Verdict = 'works' | 'part' | 'boot' | 'lost';

export interface Result {
  rows: Readonly<Record<string, Verdict>>;
  /** Why the run's report said that `boot` keeps something instead. */
  reasons: readonly string[];
}

/** Changes that a check tells, by the task's name. */
export type Checked = ReadonlyMap<string, readonly string[]>;

/** Changes as texts, without those of files that keep something. */
export function changeTexts(
  changes: readonly Pick<Change, 'resource' | 'address' | 'before' | 'after'>[],
): string[] {
  return changes
    .filter(({ resource }) => resource !== PERSIST)
    .map(({ address, before, after }) => `${address}: ${before} → ${after}`);
}

/** `bare`: before the first run; `held`: after the reboot, netplay's script held back; `booted`: once that has run. */
export function verdicts({
  bare,
  held,
  booted,
}: Record<'bare' | 'held' | 'booted', Checked>): Result['rows'] {
  const of = (row: string): Verdict => {
    const [all, left, lost] = [bare, held, booted].map((check) => check.get(row)?.join('\n'));
    if (all === undefined || all === '') throw new Error(`${row}: nothing was to be done on the bare host`);
    if (lost !== '') return 'lost';
    if (left === '') return 'works';
    return left === all ? 'boot' : 'part';
  };
  const rows = [...ROWS, ...OVS_ROWS.filter((row) => bare.has(row))];
  return Object.fromEntries(rows.map((row) => [row, of(row)]));
}

/** @param told what a report says of files, in any number of texts */
export function reasonsTold(told: readonly string[], backend: BackendName): string[] {
  const marks = told.flatMap((text) => [
    ...text.matchAll(new RegExp(`boot \\(${backend}: (.*?)\\)(?=;|$)`, 'g')),
  ]);
  return [...new Set(marks.map(([, why = '']) => why))].sort();
}

const FOLDER = join(import.meta.dirname, '../results/persistence');

export function readResult(backend: BackendName): Result {
  return JSON.parse(readFileSync(join(FOLDER, `${backend}.json`), 'utf8'));
}

/** Fails where it is not what is written down. */
export function judgeResult(backend: BackendName, result: Result): void {
  if (process.env.NETPLAY_WRITE_DOCS === '1')
    writeFileSync(join(FOLDER, `${backend}.json`), `${JSON.stringify(result, null, 2)}\n`);
  else expect(result).toEqual(readResult(backend));
}
