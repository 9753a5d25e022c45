/** What goes to a host's shell: judged by shells of this machine. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { CODING, contentFunction, decoded } from '../../../src/actions/host/content.js';
import { modeFunction } from '../../../src/actions/host/mode.js';
import { touchTime } from '../../../src/actions/host/time.js';
import { expandedWord, globWord, pathWord } from '../../../src/actions/host/words.js';

const root = mkdtempSync(join(tmpdir(), 'netplay-host-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SHELLS = [['/bin/sh'], ['/bin/bash'], ['/bin/busybox', 'sh']];

function sh(script: string, [program = '/bin/sh', ...args]: readonly string[] = ['/bin/sh']): Buffer {
  const env = { PATH: '/usr/bin:/bin', HOME: '/home/me', WORD: 'a  b', LC_ALL: 'C' };
  const { stdout, stderr, status } = spawnSync(program, args, { input: script, env, cwd: root });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

test.each([
  ['plain', 'plain'],
  ["it's $HOME", "it's /home/me"],
  ['$WORD', 'a  b'],
  ['x${WORD}y', 'xa  by'],
  ['$NOSUCH/${NOSUCH}', '$NOSUCH/${NOSUCH}'],
  ['$(id) `id` ${WORD:-x} $1 $$', '$(id) `id` ${WORD:-x} $1 $$'],
  ['~', '/home/me'],
  ['~/a b', '/home/me/a b'],
  ['~root/x', '/root/x'],
  ['~nosuchuser/x', '~nosuchuser/x'],
  ['a~ ~', 'a~ ~'],
  ['~/$WORD', '/home/me/a  b'],
  ['*', '*'],
  ['', ''],
])('%j is one word: %j', (text, word) => {
  for (const shell of SHELLS)
    expect(sh(`printf '<%s>' ${expandedWord(text)}`, shell).toString()).toBe(`<${word}>`);
});

test('a path is no option', () => {
  expect(pathWord('-rf')).toBe('./-rf');
  expect(globWord('-x*')).toBe('./-x*');
});

test('patterns find what they should, and nothing else in them is the shell’s', () => {
  mkdirSync(join(root, 'a b'));
  for (const name of ['a b/f1', 'a b/f2', 'a b/g;', 'x$y']) writeFileSync(join(root, name), '');
  const found = (pattern: string): string =>
    sh(`cd '${root}'; for f in ${globWord(pattern)}; do printf '<%s>' "$f"; done`).toString();
  expect(found('a b/f*')).toBe('<a b/f1><a b/f2>');
  expect(found('a b/[fg]?')).toBe('<a b/f1><a b/f2><a b/g;>');
  expect(found('*;')).toBe('<*;>');
  expect(found('a b/*;')).toBe('<a b/g;>');
  expect(found('x$*')).toBe('<x$y>');
  expect(found('$(touch z)*')).toBe('<$(touch z)*>');
});

describe('content', () => {
  const contents = [
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ maxLength: 200 }).map((text) => Buffer.from(`${text}\n`)),
    fc
      .constantFrom('NP_END\n', 'a\nNP_END\nNP_ENDX\n', 'NP_END', '$x `y` \\\n', '\n', '')
      .map((text) => Buffer.from(text)),
  ];

  test.each([...SHELLS, ['without base64']])('is printed as it is by %s', (...shell) => {
    const bare = shell[0] === 'without base64';
    const hide = bare ? 'command() { case $2 in base64|openssl) return 1 ;; esac; }\n' : '';
    for (const content of contents.flatMap((kind) => fc.sample(kind, { numRuns: 12, seed: 7 }))) {
      const script = `${hide}${CODING}\n${contentFunction('np_x', content)}\nnp_x | np_enc`;
      const answer = sh(script, bare ? ['/bin/sh'] : shell).toString();
      expect(answer.startsWith(bare ? 'hex:' : 'b64:')).toBe(true);
      expect(decoded(answer.trimEnd())).toEqual(content);
    }
  });
});

/** Python's own arithmetic of ansible-core, in one process. */
test('modes are those that Ansible works out', () => {
  const clause = fc
    .tuple(
      fc.constantFrom('', 'u', 'g', 'o', 'a', 'ug', 'go', 'uo'),
      fc.array(
        fc.tuple(
          fc.constantFrom('+', '-', '='),
          fc.constantFrom('', 'r', 'rw', 'x', 'X', 'rwX', 's', 't', 'st', 'u', 'g', 'o'),
        ),
        {
          minLength: 1,
          maxLength: 2,
        },
      ),
    )
    .map(([who, parts]) => who + parts.flat().join(''));
  const modes = fc.sample(
    fc.array(clause, { minLength: 1, maxLength: 3 }).map((clauses) => clauses.join(',')),
    { numRuns: 120, seed: 3 },
  );
  const raws = fc.sample(
    fc
      .tuple(fc.constantFrom(0o100000, 0o040000), fc.integer({ min: 0, max: 0o7777 }))
      .map(([type, bits]) => type | bits),
    { numRuns: 120, seed: 4 },
  );
  const judge = `import json, os, sys
from ansible.module_utils.basic import AnsibleModule
class S: pass
os.umask(0o027)
out = []
for mode, raw in json.load(sys.stdin):
    s = S(); s.st_mode = raw
    out.append(AnsibleModule._symbolic_mode_to_octal(s, mode))
print(json.dumps(out))`;
  const pairs = modes.map((mode, index) => [mode, raws[index]]);
  const { stdout } = spawnSync('/usr/bin/python3', ['-c', judge], {
    input: JSON.stringify(pairs),
    encoding: 'utf8',
  });
  const theirs: number[] = JSON.parse(stdout);
  const lines = pairs.map(([mode, raw]) => `${modeFunction(String(mode))}\nnp_mode ${raw}; echo $np_new`);
  const ours = sh(`umask 027\n${lines.join('\n')}`)
    .toString()
    .trim()
    .split('\n')
    .map(Number);
  expect(pairs.map((pair, index) => [...pair, ours[index]])).toEqual(
    pairs.map((pair, index) => [...pair, theirs[index]]),
  );
});

test.each([
  ['now', '%Y', 'now'],
  ['202001311200.30', '%Y%m%d%H%M.%S', '202001311200.30'],
  ['31.01.2020', '%d.%m.%Y', '202001310000.00'],
  ['2020-13-01', '%Y-%m-%d', undefined],
  ['noon', '%Y', undefined],
  ['20', '%y', undefined],
])('%s as %s is %s', (text, format, time) => {
  expect(touchTime(text, format)).toBe(time);
});
