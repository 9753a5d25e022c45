/**
 * Facts of hosts of all kinds, gathered by the real script with BusyBox alone on folders of their files, against what
 * Ansible's own collectors say of the same folders.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectorsFor, factsScript, parseFacts } from '../../src/facts/index.js';
import { DISTRIBUTIONS } from '../support/fact-hosts.js';
import { INIS } from '../support/fact-inis.js';
import { type Answers, askAnsible, copyBusybox, makeRoot } from '../support/fact-judge.js';
import { FACT_MACHINES } from '../support/fact-machines.js';
import { FILTERED_NAMES, FILTERS, NO_SUBSETS, SUBSETS } from '../support/fact-subsets.js';

const HOSTS = [...DISTRIBUTIONS, ...FACT_MACHINES];
const folder = mkdtempSync(join(tmpdir(), 'netplay-facts-'));
const rootOf = (at: number): string => join(folder, String(at));
let judged: Answers = { facts: [], subsets: [], filters: [], inis: [] };

beforeAll(() => {
  const busybox = copyBusybox(folder);
  for (const [at, host] of HOSTS.entries()) makeRoot(rootOf(at), busybox, host);
  judged = askAnsible({
    roots: HOSTS.map((_, at) => rootOf(at)),
    subsets: [...SUBSETS.map(({ subset }) => subset), ...NO_SUBSETS],
    filters: FILTERS.map(({ patterns }) => [FILTERED_NAMES, patterns] as const),
    inis: INIS.map(({ text }) => text),
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The order of these says nothing. */
const comparable = (value: unknown): unknown =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.toSorted() : value;

/** What differs on every such host, and why. */
const ON_PURPOSE: Readonly<Record<string, string>> = {
  processor_nproc: "Ansible's is that of its own process; these files have none",
};

describe.each(HOSTS.map((host, at) => ({ ...host, at })))('$name', ({ at, facts, unlikeAnsible = {} }) => {
  test('has the same facts by the script on BusyBox, by its files, and by Ansible', () => {
    const result = spawnSync('/usr/sbin/chroot', [rootOf(at), '/bin/busybox', 'sh'], {
      input: factsScript(),
      encoding: 'utf8',
      env: { PATH: '/bin' },
    });
    expect(result.stderr).toBe('');
    const gathered = parseFacts(result.stdout);
    for (const [name, value] of Object.entries(facts))
      expect({ [name]: gathered[name] }).toEqual({ [name]: value });
    const theirs = judged.facts[at] ?? {};
    const names = Object.keys(theirs).filter((name) => name in gathered && !(name in ON_PURPOSE));
    expect(names.length).toBeGreaterThan(25);
    const differ = names.filter(
      (name) => !isDeepStrictEqual(comparable(gathered[name]), comparable(theirs[name])),
    );
    const both = differ.map((name) => ({ name, ours: gathered[name], theirs: theirs[name] }));
    expect(differ, JSON.stringify(both)).toEqual(Object.keys(unlikeAnsible));
  });
});

describe('Ansible agrees about', () => {
  test.each(SUBSETS.map((one, at) => ({ ...one, at })))('gather_subset $subset', ({ subset, at }) => {
    expect([...collectorsFor(subset)].toSorted()).toEqual(judged.subsets[at]);
  });

  test.each(NO_SUBSETS.map((subset, at) => ({ subset, at })))('no gather_subset $subset', ({ at }) => {
    expect(judged.subsets[SUBSETS.length + at]).toBeNull();
  });

  test.each(FILTERS.map((one, at) => ({ ...one, at })))('filter $patterns', ({ names, at }) => {
    expect(names.toSorted()).toEqual(judged.filters[at]);
  });

  test.each(INIS.map((one, at) => ({ ...one, at })))('INI: $name', ({ holds, at }) => {
    expect(holds).toEqual(judged.inis[at]);
  });
});
