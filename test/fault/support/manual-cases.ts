/** What breaks while changes are on trial and a person is asked, as data. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIRM_TIMEOUT, type FaultCase } from './case.js';
import { both, cutBoth, type Fault, kill, mendBoth } from './cases.js';

const answer =
  (words: string): Fault =>
  async ({ run }) =>
    run.type(`${words}\r`);
const outwait: Fault = () => sleep((CONFIRM_TIMEOUT + 2) * 1000);

/** What breaks while a person is asked, and what is said in the end. */
function asked(...faults: readonly Fault[]): Pick<FaultCase, 'play' | 'manual' | 'fault'> {
  return { play: 'much', manual: true, fault: both(({ run }) => run.asks, ...faults) };
}

/** Beside the random instants of `manual.test.ts`. */
export const MANUAL_CASES: readonly FaultCase[] = [
  {
    name: 'another controller while it waits, which does not wait itself, and then yes',
    ...asked(async ({ another }) => void (await another('little').ended), answer('yes')),
    // Time enough for the other one on a busy machine.
    options: ['--confirm-timeout', '30s'],
    another: { code: 2, words: /run \S+ of root from \S+ has this host since .* left/ },
    ends: 'after',
    says: 'changed',
  },
  { name: 'controller killed while it waits for the answer', ...asked(kill), ends: 'before' },
  {
    name: 'controller stopped while it waits, and then yes',
    ...asked(
      async ({ run }) => run.signal('SIGSTOP'),
      outwait,
      async ({ run }) => run.signal('SIGCONT'),
      answer('yes'),
    ),
    ends: 'before',
    says: 'rolled_back',
  },
  {
    name: 'cut while it waits for the answer, for good, and then yes',
    ...asked(cutBoth, outwait, answer('yes')),
    mend: mendBoth,
    cut: true,
    ends: 'before',
  },
  {
    name: 'cut while it waits for the answer, for a second, and then yes',
    ...asked(cutBoth, () => sleep(1000), mendBoth, answer('yes')),
    cut: true,
    ends: 'after',
    says: 'changed',
  },
  {
    name: 'cut while it waits, for a second, the controller dies, confirmed from elsewhere',
    ...asked(
      cutBoth,
      kill,
      () => sleep(1000),
      mendBoth,
      ({ tell }) => tell('confirm'),
    ),
    cut: true,
    told: ['confirmed'],
    ends: 'after',
  },
  {
    name: 'cut while it waits until its time is up, confirmed from elsewhere, and then yes',
    ...asked(cutBoth, outwait, mendBoth, ({ tell }) => tell('confirm'), answer('yes')),
    cut: true,
    told: ['rolled_back_before'],
    ends: 'before',
    says: 'rolled_back',
  },
  {
    name: 'confirmed from elsewhere while it waits, and then yes',
    ...asked(({ tell }) => tell('confirm'), answer('yes')),
    told: ['confirmed'],
    ends: 'after',
    says: 'changed',
  },
  {
    name: 'confirmed from elsewhere while it waits, and then no',
    ...asked(({ tell }) => tell('confirm'), answer('no')),
    told: ['confirmed'],
    ends: 'after',
    says: 'failed',
  },
  {
    name: 'undone from elsewhere while it waits, and then yes',
    ...asked(({ tell }) => tell('rollback'), answer('yes')),
    told: ['rolled_back'],
    ends: 'before',
    says: 'rolled_back',
  },
  {
    name: 'given more time from elsewhere, and the controller dies',
    ...asked(({ tell }) => tell('extend'), kill),
    told: ['extended'],
    ends: 'before',
  },
];
