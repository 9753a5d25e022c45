import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readAtMost, readAtMostSync } from '../../../src/shared/read-at-most.js';

const MOST = 2 ** 20;

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-most-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), text);
  return join(folder, 'file');
}

const ways: readonly [string, (path: string) => Promise<Buffer>][] = [
  ['readAtMost', (path) => readAtMost(path, MOST)],
  ['readAtMostSync', async (path) => readAtMostSync(path, MOST)],
];

describe.each(ways)('%s', (_, read) => {
  test('gives a file whole, up to the last byte that may be', async () => {
    expect((await read(fileOf(''))).length).toBe(0);
    const text = 'é'.repeat(MOST / 2);
    expect((await read(fileOf(text))).toString('utf8') === text).toBe(true);
  });

  test('refuses one byte more, and what never ends', async () => {
    await expect(read(fileOf('x'.repeat(MOST + 1)))).rejects.toThrow('it is bigger than 1 MiB');
    await expect(read('/dev/zero')).rejects.toThrow('it is bigger than 1 MiB');
    const sparse = fileOf('');
    truncateSync(sparse, 2 ** 40);
    await expect(read(sparse)).rejects.toThrow('it is bigger than 1 MiB');
  });

  test('says why a file can not be read', async () => {
    await expect(read('/no/such/file')).rejects.toThrow('ENOENT');
    await expect(read(tmpdir())).rejects.toThrow('EISDIR');
  });
});

test('readAtMost reads a pipe to its end', async () => {
  const pipe = `${fileOf('')}.pipe`;
  execFileSync('mkfifo', [pipe]);
  const written = writeFile(pipe, 'from a pipe');
  expect((await readAtMost(pipe, MOST)).toString('utf8')).toBe('from a pipe');
  await written;
});
