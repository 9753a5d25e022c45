/** Offloads and channels of real drivers, as far as a namespace has them: a veth's. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  applyIn,
  changesIn,
  planBackIn,
  planIn,
  problemsIn,
  stepsOf,
  undoOf,
  type Wish,
} from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';

const HOST = `set -e
ip link add eth0 numrxqueues 4 numtxqueues 4 type veth peer name p0
ip link set eth0 up; ip link set p0 up`;
const DUMP = 'ethtool -k eth0; ethtool -l eth0';

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(HOST);
});
afterEach(() => netns.close());

interface Case {
  name: string;
  before?: string;
  task: Wish;
  changes: readonly string[];
  shows?: readonly string[];
  warnings?: readonly string[];
}

const GSO = 'generic-segmentation-offload';
const TSO = 'tcp-segmentation-offload';
const GRO = 'generic-receive-offload';

describe('ethtool', () => {
  test.each<Case>([
    {
      name: 'features by short names, by long ones and by one of a group',
      task: { features: { tso: false, gro: true, 'tx-udp-segmentation': false } },
      changes: [
        `ethtool eth0 features: ${TSO} on ${GRO} off tx-udp-segmentation on → ${TSO} off ${GRO} on tx-udp-segmentation off`,
      ],
      shows: [`${TSO}: off`, '\ttx-tcp6-segmentation: off', `${GRO}: on`, 'tx-udp-segmentation: off'],
    },
    {
      name: 'a group of which one is off already: the undo leaves that off',
      before: 'ethtool -K eth0 tx-tcp-ecn-segmentation off',
      task: { features: { [TSO]: false } },
      changes: [`ethtool eth0 features: ${TSO} on → ${TSO} off`],
    },
    {
      name: 'what others hang on: they come back with it',
      task: { features: { tx: false } },
      changes: ['ethtool eth0 features: tx-checksumming on → tx-checksumming off'],
      shows: ['tx-tcp-segmentation: off [requested on]'],
    },
    {
      name: 'what is held back by another one is asked for already',
      before: 'ethtool -K eth0 sg off',
      task: { features: { gso: true } },
      changes: [],
      warnings: [`${GSO} of eth0 is asked to be on and is not: another feature holds it back`],
    },
    {
      name: 'channels',
      task: { channels: { rx: 2, tx: 3 } },
      changes: ['ethtool eth0 channels: rx 4 tx 4 → rx 2 tx 3'],
      warnings: ['changing the channels of eth0 may take its link down for a moment'],
    },
  ])('$name', ({ before, task, changes, shows = [], warnings }) => {
    if (before !== undefined) netns.must(before);
    const first = netns.must(DUMP);
    const tasks = [{ ethtool: { dev: 'eth0', ...task } }];
    const plan = planIn(netns, tasks);
    expect(problemsIn(plan)).toEqual([]);
    expect(changesIn(plan)).toEqual(changes);
    if (warnings !== undefined) expect(plan.tasks.flatMap((one) => one.warnings)).toEqual(warnings);
    expect(netns.must(DUMP)).toBe(first);
    expect(applyIn(netns, stepsOf(plan))).toEqual([]);
    for (const line of shows) expect(netns.must(DUMP)).toContain(line);
    expect(changesIn(planIn(netns, tasks))).toEqual([]);
    expect(applyIn(netns, undoOf(plan))).toEqual([]);
    expect(netns.must(DUMP)).toBe(first);
  });

  test('what a transaction set is taken back from its journal, unless somebody set it otherwise', () => {
    const first = netns.must(DUMP);
    const plan = planIn(netns, [{ ethtool: { dev: 'eth0', features: { tso: false }, channels: { rx: 1 } } }]);
    applyIn(netns, stepsOf(plan));
    const back = planBackIn(netns, plan);
    expect(back.problems ?? []).toEqual([]);
    expect(
      applyIn(
        netns,
        back.changes.flatMap((change) => change.do),
      ),
    ).toEqual([]);
    expect(netns.must(DUMP)).toBe(first);

    applyIn(netns, stepsOf(plan));
    netns.must('ethtool -L eth0 rx 2');
    const problems = planBackIn(netns, plan)
      .problems?.map(({ message }) => message)
      .join('\n');
    expect(problems).toContain('rx of eth0');
    expect(problems).toContain('is now 2, not 1');
  });

  test.each<[task: Wish, message: string, path: readonly string[]]>([
    [{ dev: 'eth9', features: { tso: true } }, 'no device eth9', ['dev']],
    [
      { dev: 'eth0', features: { lro: true } },
      'large-receive-offload of eth0 is fixed off',
      ['features', 'lro'],
    ],
    [{ dev: 'eth0', features: { tsoo: true } }, 'has no features tsoo', ['features', 'tsoo']],
    [{ dev: 'eth0', channels: { rx: 9 } }, 'channels rx of eth0 is 4 at most, not 9', ['channels', 'rx']],
    [{ dev: 'eth0', channels: { combined: 1 } }, 'has no channels combined', ['channels', 'combined']],
    [{ dev: 'eth0', ring: { rx: 9 } }, 'tells no ring (ethtool -g: Operation not supported)', ['ring']],
    [{ dev: 'eth0', private_flags: { x: true } }, 'tells no private_flags', ['private_flags']],
  ])('%j is refused before anything is touched', (task, message, path) => {
    const plan = planIn(netns, [{ ethtool: { features: { gro: true }, ...task } }]);
    const [problem] = plan.tasks.flatMap(({ problems }) => problems);
    expect(problem?.message).toContain(message);
    expect(problem?.path).toEqual(path);
    expect(changesIn(plan)).toEqual([]);
  });

  test('a host without ethtool, and a device that the play itself makes', () => {
    const task = { ethtool: { dev: 'eth0', features: { tso: false } } };
    const tool = netns.must('command -v ethtool').trim();
    netns.must(`mount --bind /dev/null ${tool}`);
    expect(problemsIn(planIn(netns, [task]))).toEqual(['this host has no ethtool']);
    netns.must(`umount ${tool}`);
    const made = [{ dummy: { name: 'd0' } }, { ethtool: { dev: 'd0', features: { tso: false } } }];
    expect(problemsIn(planIn(netns, made)).join()).toMatch(/d0/);
  });
});
