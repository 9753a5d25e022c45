/** Named cases as tests beside each other, each on a host of its own, with the table at the end. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { StartedLab } from '../../../src/lab/index.js';
import type { Folder } from '../../support/lab-runs.js';
import { type CaseResult, type FaultCase, learn, Reference, runCase } from './case.js';
import { faultLab, numbered } from './lab.js';
import type { PlayName } from './plays.js';
import { formatFailures, formatTable } from './table.js';

/** @param learnt the plays after which a host may be in its state after */
export function faultSuite(
  name: string,
  folder: Folder,
  cases: readonly FaultCase[],
  learnt: readonly PlayName[],
): void {
  const all = numbered([...learnt.map(() => ({})), ...cases.map(({ host = {} }) => host)]);
  const hosts = all.slice(learnt.length);
  const reference = new Reference();
  const results = new Map<string, CaseResult>();
  let lab: StartedLab;

  beforeAll(async () => {
    lab = await faultLab(name, all);
    for (const [index, play] of learnt.entries()) {
      const host = all[index];
      if (host !== undefined) await learn(reference, lab, folder, host, play);
    }
  });
  afterAll(async () => {
    const inOrder = cases.flatMap((one) => results.get(one.name) ?? []);
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
}
