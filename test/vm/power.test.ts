/** Loss of power at every stage of a run: no daemon is asked, nothing in memory reaches the disk. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJson } from '../support/cli.js';
import { makeFolder } from '../support/lab-runs.js';
import { startVm, type Vm } from '../support/vm.js';
import { cutRun, stateOf, straysOn } from '../support/vm-runs.js';
import { MUCH, writePlay } from './plays.js';

const ROUNDS = process.env.NETPLAY_TEST_ALL === '1' ? 20 : 3;
/** Each has a file of its own. */
const KEYS = ['all.arp_ignore', 'all.arp_announce', 'default.arp_ignore', 'default.arp_announce'];

const folder = makeFolder();
let vm: Vm;

beforeAll(async () => {
  vm = await startVm();
});
afterAll(async () => {
  await vm?.stop();
  folder.remove();
});

const path = (key: string): string => `/etc/sysctl.d/60-${key}.conf`;

function persist(value: number): string {
  const tasks = KEYS.map((key) => ({ sysctl: { name: `net.ipv4.conf.${key}`, value, file: path(key) } }));
  return writePlay(folder, `persist-${value}`, tasks);
}

/** By key: what its file holds. */
async function persisted(): Promise<Record<string, string>> {
  const texts = (await vm.must(KEYS.map((key) => `cat ${path(key)} || :; echo ====`).join('\n'))).split(
    '====\n',
  );
  return Object.fromEntries(KEYS.map((key, index) => [key, texts[index] ?? '']));
}

/** What the kernel was told at boot. */
async function running(): Promise<string> {
  return vm.must(KEYS.map((key) => `cat /proc/sys/net/ipv4/conf/${key.replace('.', '/')}`).join('\n'));
}

interface Whole {
  files: Record<string, string>;
  /** Milliseconds that the confirmation took, in which files are written. */
  ms: number;
}

async function wholeRun(value: number): Promise<Whole> {
  const { code, stderr, ends } = await runJson(['-i', vm.inventory, persist(value)]);
  expect(code, stderr).toBe(0);
  expect(await straysOn(vm)).toEqual([]);
  return { files: await persisted(), ms: ends[0]?.ms.confirm ?? 0 };
}

test('before the confirmation: the machine comes up as it did before, and the controller says so', async () => {
  await vm.reset();
  await vm.booted();
  const before = await stateOf(vm);
  const run = await cutRun(
    ['-i', vm.inventory, '--confirm-timeout', '300s', writePlay(folder, 'much', MUCH)],
    {
      phase: 'reconnect',
      act: () => vm.reset(),
    },
  );
  await vm.booted();

  expect(run).toEqual({ code: 2, status: 'rolled_back', said: expect.stringContaining('rebooted') });
  expect(await stateOf(vm)).toEqual(before);
  expect(await straysOn(vm)).toEqual([]);
});

test('as soon as a run has said that it is done: its files are there after the boot', async () => {
  await wholeRun(1);
  const { code } = await runJson(['-i', vm.inventory, persist(2)]);
  await vm.reset();
  expect(code).toBe(0);
  await vm.booted();

  expect(await running()).toBe('2\n'.repeat(KEYS.length));
  expect(await straysOn(vm)).toEqual([]);
});

test(
  `at ${ROUNDS} instants while files are written: all are from before, or all from after`,
  async () => {
    const known: Record<1 | 2, Whole> = { 1: await wholeRun(1), 2: await wholeRun(2) };
    await vm.must('sync');
    let now: 1 | 2 = 2;
    for (let round = 0; round < ROUNDS; round += 1) {
      const next: 1 | 2 = now === 1 ? 2 : 1;
      // One instant in each slice of the time that it takes: none is left out by chance.
      const instant = ((round + Math.random()) / ROUNDS) * known[next].ms;
      await cutRun(['-i', vm.inventory, '--confirm-timeout', '20s', persist(next)], {
        phase: 'confirm',
        act: () => sleep(instant).then(vm.reset),
      });
      await vm.booted();

      const files = await persisted();
      const sides = KEYS.map((key) =>
        files[key] === known[now].files[key] ? now : files[key] === known[next].files[key] ? next : 'neither',
      );
      process.stdout.write(
        `power lost ${Math.round(instant)} of ${known[next].ms} ms in: ${sides.join(' ')}\n`,
      );
      expect(sides).not.toContain('neither');
      expect(new Set(sides).size).toBe(1);
      expect(await running()).toBe(sides.map((side) => `${side}\n`).join(''));
      expect(await straysOn(vm)).toEqual([]);
      const { files: whole, ms } = await wholeRun(next);
      // Where the cut run had written all, this one wrote nothing, and took no time.
      known[next] = { files: whole, ms: ms || known[next].ms };
      now = next;
    }
  },
  ROUNDS * 600_000,
);
