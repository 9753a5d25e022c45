/** Folders are made with those above, and where none can be, that is told. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from '../../../src/shared/make-folder.js';

const folder = mkdtempSync(join(tmpdir(), 'netplay-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('makes it with those above, and takes one that is there', async () => {
  const deep = join(folder, 'a', 'b', 'c');
  await makeFolder(deep, 0o700);
  await makeFolder(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});

it('says where it can not be', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow('EEXIST');
  await expect(makeFolder(join(folder, 'file', 'x'))).rejects.toThrow('ENOTDIR');
  await expect(makeFolder('/proc/netplay/x')).rejects.toThrow('ENOENT');
});
