import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { unifiedDiff } from '../../../src/report/unified.js';

const MARKS = { kept: ' ', removed: '-', added: '+', gap: '' };

function shown(before: string | null, after: string | null): string[] {
  return unifiedDiff(before, after).map(({ kind, text }) => `${MARKS[kind]}${text}`);
}

const lines = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, index) => `${first + index}\n`).join('');

test.each<[string, string | null, string | null, string[]]>([
  ['a value', '1400', '1500', ['-1400', '+1500']],
  ['what was not there', null, 'a\n', ['+a']],
  ['what goes', 'a\nb\n', null, ['-a', '-b']],
  ['an empty file that gets a line', '', 'a\n', ['+a']],
  ['nothing', 'a\n', 'a\n', []],
  ['a line between others', 'a\nc\n', 'a\nb\nc\n', [' a', '+b', ' c']],
  [
    'far lines are left out',
    lines(1, 20),
    lines(1, 20).replace('10\n', 'x\n'),
    ['@@ -7,7 +7,7 @@', ' 7', ' 8', ' 9', '-10', '+x', ' 11', ' 12', ' 13'],
  ],
  [
    'two parts of a text',
    lines(1, 30),
    lines(3, 28),
    ['@@ -1,5 +1,3 @@', '-1', '-2', ' 3', ' 4', ' 5', '@@ -26,5 +24,3 @@', ' 26', ' 27', ' 28', '-29', '-30'],
  ],
  ['an end of line that is added', 'a', 'a\n', ['-a\n\\ No newline at end of file', '+a']],
  ['an end of line that neither has', 'a', 'b', ['-a', '+b']],
])('%s', (_, before, after, wanted) => expect(shown(before, after)).toEqual(wanted));

/** A number from 0 that follows from the one before, so that a failure can be seen again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

/** GNU diff's own lines without their heads. */
function judged(before: string, after: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-diff-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a'), before);
  writeFileSync(join(folder, 'b'), after);
  const told = execFileSync('sh', ['-c', 'diff -u --minimal a b || :'], { cwd: folder, encoding: 'utf8' });
  return told.split('\n').slice(2, -1);
}

test('is as short as what diff says, and makes the one text of the other', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const next = numbers(seed);
    const words = Array.from({ length: next(60) }, () => `${next(9)}\n`);
    const edited = words.flatMap((word) => (next(6) === 0 ? [] : next(6) === 0 ? [word, 'new\n'] : [word]));
    const [before, after] = [words.join(''), edited.join('')];
    const own = shown(before, after);
    const count = (all: readonly string[]) => all.filter((line) => /^[-+]/.test(line)).length;
    expect([seed, count(own)]).toEqual([seed, count(judged(before, after))]);
    const all = unifiedDiff(before, after);
    if (all.some(({ kind }) => kind === 'gap')) continue;
    const without = (kind: string) =>
      all.flatMap((line) => (line.kind === kind ? [] : [`${line.text}\n`])).join('');
    const texts = [without('added'), without('removed')];
    expect([seed, ...texts]).toEqual(before === after ? [seed, '', ''] : [seed, before, after]);
  }
});

test('texts that differ throughout cost no time to speak of', () => {
  const of = (word: string): string => Array.from({ length: 50_000 }, (_, n) => `${word}${n}\n`).join('');
  const start = performance.now();
  expect(unifiedDiff(of('a'), of('b'))).toHaveLength(100_000);
  expect(performance.now() - start).toBeLessThan(5_000);
});
