/**
 * `netplay capture` on real hosts: what it writes of a host that was set up by hand makes another one its equal, for
 * random states; and what a person meets who uses it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { labUp } from '../../src/lab/index.js';
import { handMade, lacking, networkOf, randomMacs } from '../support/capture-states.js';
import { changesByHost, netplay, problemsOf, runJson } from '../support/cli.js';
import { makeFolder, ownName } from '../support/lab-runs.js';

const ALL = process.env.NETPLAY_TEST_ALL === '1';
/** Pairs of hosts in one lab, and how many labs. */
const [PAIRS, ROUNDS] = ALL ? [13, 4] : [6, 1];
const SEED = Number(process.env.NETPLAY_SEED ?? 7_2026);

const folder = makeFolder();
afterAll(() => folder.remove());

/** The same hosts under each other's names: what was read of `hand1` is made on `copy1`. */
function swapped(inventory: string): string {
  const { all } = parse(readFileSync(inventory, 'utf8'));
  const hosts = Object.entries(all.hosts).map(([name, vars]) => [
    name.startsWith('hand') ? name.replace('hand', 'copy') : name.replace('copy', 'hand'),
    vars,
  ]);
  return folder.write('copies.yml', { all: { ...all, hosts: Object.fromEntries(hosts) } });
}

function withoutComments(text: string): string {
  return text.replaceAll(/^ *#.*\n/gm, '').replaceAll(/\n+/g, '\n');
}

/** Two hosts each with the same NICs, on wires of their own. */
function pairs(count: number): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => index + 1).flatMap((n) =>
      ['hand', 'copy'].map((name) => [
        `${name}${n}`,
        {
          nics: {
            eth0: { switch: `${name}${n}a`, mac: `52:54:00:00:01:${(n + 16).toString(16)}` },
            eth1: { switch: `${name}${n}b`, mac: `52:54:00:00:02:${(n + 16).toString(16)}` },
          },
        },
      ]),
    ),
  );
}

describe.each(Array.from({ length: ROUNDS }, (_, round) => round))('random states, round %i', (round) => {
  test(`${PAIRS} hosts and their copies are equal (seed ${SEED + round})`, { timeout: 600_000 }, async () => {
    const states = fc.sample(handMade, { seed: SEED + round, numRuns: PAIRS });
    const lab = await labUp({ name: ownName(`capture${round}`), hosts: pairs(PAIRS) as never });
    try {
      await Promise.all(states.map((state, index) => lab.exec(`hand${index + 1}`, ['sh', '-c', state])));
      const copies = swapped(lab.inventory);
      const names = states.map((_, index) => `hand${index + 1}`);
      const out = join(folder.path, `out${round}`);
      const captured = await netplay(['capture', ...names, '-i', lab.inventory, '-o', out]);
      expect(captured.stderr).not.toContain('still change');
      expect(captured.code, captured.stderr).toBe(0);
      const site = join(out, 'site.yml');

      const run = await runJson(['-i', copies, site]);
      expect(problemsOf(run)).toEqual([]);
      expect(run.code).toBe(0);
      const again = await runJson(['-i', copies, site]);
      expect(Object.values(changesByHost(again)).flat()).toEqual([]);

      const compared = states.map(async (state, index) => {
        const [hand, copy] = [`hand${index + 1}`, `copy${index + 1}`];
        const random = await randomMacs(lab, copy);
        const [is, wanted] = await Promise.all([hand, copy].map((host) => networkOf(lab, host, random)));
        return { state, lost: lacking(is, wanted), surplus: lacking(wanted, is) };
      });
      for (const { state, ...found } of await Promise.all(compared))
        expect(found, state).toEqual({ lost: [], surplus: [] });
      const back = await netplay(['capture', ...names, '-i', copies]);
      expect(withoutComments(`${back.stdout}\n`)).toBe(withoutComments(readFileSync(site, 'utf8')));
    } finally {
      await lab.down();
    }
  });
});
