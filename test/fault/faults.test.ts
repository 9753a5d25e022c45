/** Every named fault: the host ends whole in its state from before or after, and nothing is left of the run. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { StartedLab } from '../../src/lab/index.js';
import { makeFolder } from '../support/lab-runs.js';
import { type CaseResult, learn, Reference, runCase } from './support/case.js';
import { allCases } from './support/cases.js';
import { faultLab, numbered } from './support/lab.js';
import type { PlayName } from './support/plays.js';
import { formatFailures, formatTable } from './support/table.js';

const folder = makeFolder();
const cases = allCases(folder);
const LEARNT: readonly PlayName[] = ['much', 'little', 'otherMac'];
const all = numbered([...LEARNT.map(() => ({})), ...cases.map(({ host = {} }) => host)]);
const hosts = all.slice(LEARNT.length);
const reference = new Reference();
const results = new Map<string, CaseResult>();
let lab: StartedLab;

beforeAll(async () => {
  lab = await faultLab('faults', all);
  for (const [index, play] of LEARNT.entries()) {
    const host = all[index];
    if (host !== undefined) await learn(reference, lab, folder, host, play);
  }
});
afterAll(async () => {
  const inOrder = cases.flatMap(({ name }) => results.get(name) ?? []);
  process.stdout.write(`\n${formatTable(inOrder)}\n${formatFailures(inOrder)}\n`);
  await lab?.down();
  folder.remove();
});

describe.concurrent('a fault', () => {
  for (const [index, one] of cases.entries())
    test(one.name, async ({ expect }) => {
      const host = hosts[index];
      if (host === undefined) throw new Error('there are fewer hosts than cases');
      const result = await runCase({ lab, folder, reference }, host, one);
      results.set(one.name, result);
      expect(result.problems).toEqual([]);
    });
});
