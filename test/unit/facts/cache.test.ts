import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFactCache, writeTree } from '../../../src/facts/cache.js';
import { namedFacts } from '../../../src/facts/names.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'netplay-facts-'));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const FACTS = { hostname: 'a', eth0: { mtu: 1500 } };

describe('the cache', () => {
  test('gives back what it was given, until its time is over', async () => {
    let now = Date.now();
    const cache = openFactCache(join(root, 'a', 'b'), 60, () => now);
    expect(await cache.get('web1')).toBeUndefined();
    await cache.set('web1', FACTS);
    expect(await cache.get('web1')).toEqual(FACTS);
    expect(await cache.get('web2')).toBeUndefined();
    now += 59_000;
    expect(await cache.get('web1')).toEqual(FACTS);
    now += 2_000;
    expect(await cache.get('web1')).toBeUndefined();
    expect(await openFactCache(join(root, 'a', 'b'), 0, () => now).get('web1')).toEqual(FACTS);
  });

  test('is its owner’s alone, and leaves nothing but whole files', async () => {
    const folder = join(root, 'owned');
    const cache = openFactCache(folder, 0);
    await Promise.all(Array.from({ length: 20 }, (_, at) => cache.set('web1', { ...FACTS, at })));
    expect(readdirSync(folder)).toEqual(['web1.json']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'web1.json')).mode & 0o777).toBe(0o600);
    expect(await cache.get('web1')).toMatchObject(FACTS);
  });

  test('flushes the hosts that are named', async () => {
    const cache = openFactCache(join(root, 'flushed'), 0);
    for (const host of ['a', 'b', 'c']) await cache.set(host, FACTS);
    await cache.flush(['a', 'c', 'never-there']);
    expect(await Promise.all(['a', 'b', 'c'].map((host) => cache.get(host)))).toEqual([
      undefined,
      FACTS,
      undefined,
    ]);
  });

  test.each(['../../etc/passwd', '..', '.', '.hidden', 'a/b', 'fe80::1%eth0', 'ü'])(
    'keeps the host %s in its folder',
    async (host) => {
      const folder = join(root, `odd-${encodeURIComponent(host).length}-${host.length}`);
      const cache = openFactCache(folder, 0);
      await cache.set(host, { hostname: host });
      expect(await cache.get(host)).toEqual({ hostname: host });
      expect(readdirSync(folder)).toHaveLength(1);
      expect(readdirSync(folder)[0]).toMatch(/^[^.].*\.json$/);
    },
  );

  test.each(['{"hostname": ', '[]', '3', ''])('takes a file of %j for none', async (text) => {
    const cache = openFactCache(join(root, 'broken'), 0);
    await cache.set('a', FACTS);
    writeFileSync(join(root, 'broken', 'a.json'), text);
    expect(await cache.get('a')).toBeUndefined();
  });

  test('a folder that can not be written is said', async () => {
    writeFileSync(join(root, 'file'), '');
    const cache = openFactCache(join(root, 'file', 'x'), 0);
    await expect(cache.set('a', FACTS)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining("Can't write to"),
    });
    expect(await cache.get('a')).toBeUndefined();
  });
});

test('--tree writes what `ansible -m setup --tree` does', async () => {
  const folder = join(root, 'tree');
  mkdirSync(folder);
  const facts = namedFacts({ ...FACTS, gather_subset: ['all'], module_setup: true });
  await writeTree(folder, 'web1', { ansible_facts: facts, changed: false });
  expect(JSON.parse(readFileSync(join(folder, 'web1'), 'utf8'))).toEqual({
    ansible_facts: {
      ansible_hostname: 'a',
      ansible_eth0: { mtu: 1500 },
      gather_subset: ['all'],
      module_setup: true,
    },
    changed: false,
  });
});
