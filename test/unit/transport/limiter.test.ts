import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Limiter } from '../../../src/transport/limiter.js';

test('never more than allowed at once, in all and for one key; failures free their place; everything runs', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean(), turns: fc.nat(3) }), {
        maxLength: 30,
      }),
      async (jobs) => {
        const limiter = new Limiter(4, 2);
        const running: string[] = [];
        const outcomes = await Promise.allSettled(
          jobs.map(({ key, fails, turns }) =>
            limiter.run(key, async () => {
              running.push(key);
              expect(running.length).toBeLessThanOrEqual(4);
              expect(running.filter((other) => other === key).length).toBeLessThanOrEqual(2);
              for (let turn = 0; turn < turns; turn++) await setImmediate();
              running.splice(running.indexOf(key), 1);
              if (fails) throw new Error('job');
              return key;
            }),
          ),
        );
        expect(outcomes.map(({ status }) => status)).toEqual(
          jobs.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
        );
        expect(
          outcomes.every(
            (outcome) => outcome.status === 'fulfilled' || String(outcome.reason) === 'Error: job',
          ),
        ).toBe(true);
      },
    ),
    { numRuns: 100 },
  ));

test('as many as allowed do run at once', async () => {
  const limiter = new Limiter(3, 2);
  let most = 0;
  let now = 0;
  const job = async (): Promise<void> => {
    now += 1;
    most = Math.max(most, now);
    await setImmediate();
    now -= 1;
  };
  await Promise.all(['a', 'a', 'a', 'b', 'c'].map((key) => limiter.run(key, job)));
  expect(most).toBe(3);
});
