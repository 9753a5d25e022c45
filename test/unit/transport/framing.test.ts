import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameReader, frameInput, PREAMBLE } from '../../../src/transport/framing.js';

const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash', '--posix'], ['busybox', 'ash']];
const installed = SHELLS.filter(
  ([program = '', ...args]) => spawnSync(program, [...args, '-c', ':']).status === 0,
);

/** Runs scripts as frames of one real shell and gives back what the readers make of its output. */
function runFrames(shell: readonly string[], scripts: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [program = '', ...args] = shell;
  const input = scripts.map((script, index) => frameInput(script, `t${index}`)).join('');
  const run = spawnSync(program, args, {
    input: `${PREAMBLE}\n${input}`,
    env: { PATH: '/usr/bin:/bin', ...env },
    timeout: 10_000,
  });
  expect(run.signal).toBeNull();
  return scripts.map((_, index) => {
    const stdout = new FrameReader(`t${index}`);
    const stderr = new FrameReader(`t${index}`);
    stdout.push(run.stdout);
    stderr.push(run.stderr);
    expect([stdout.done, stderr.done]).toEqual([true, true]);
    return { code: stdout.code, stdout: stdout.text, stderr: stderr.text };
  });
}

const AFTER = 'printf still-here';

const CASES: readonly (readonly [string, string, { code: number; stdout: string }])[] = [
  ['exit does not end the shell', 'exit 7', { code: 7, stdout: '' }],
  ['set -e does not end the shell', 'set -e; false; echo no', { code: 1, stdout: '' }],
  ['the last command gives the code', 'echo a; false', { code: 1, stdout: 'a\n' }],
  ['output without a newline is kept as it is', 'printf x', { code: 0, stdout: 'x' }],
  ['standard input is empty', 'cat; read line; echo $?', { code: 0, stdout: '1\n' }],
  ['a comment at the end hides nothing', 'echo a # and', { code: 0, stdout: 'a\n' }],
  ['an empty script is fine', '', { code: 0, stdout: '' }],
  ['a here-document works', "cat <<'E'\n'$x\"\nE\n", { code: 0, stdout: '\'$x"\n' }],
  ['closing the streams stays inside', 'exec >/dev/null 2>&1; echo no', { code: 0, stdout: '' }],
  ['variables do not stay', 'x=1; export x; cd /', { code: 0, stdout: '' }],
  ['single quotes are kept', "echo \"it's\" 'a b'", { code: 0, stdout: "it's a b\n" }],
  ['tracing does not hide the marker', 'set -vx; echo a', { code: 0, stdout: 'a\n' }],
];

describe.each(installed)('%s', (...shell) => {
  test.each(CASES)('%s', (_, script, expected) => {
    const [result, after] = runFrames(shell, [script, AFTER]);
    expect(result).toMatchObject(expected);
    expect(after).toEqual({ code: 0, stdout: 'still-here', stderr: '' });
  });

  test.each([
    ["echo 'open"],
    ['echo "open'],
    ['if true; then'],
    ['echo `'],
    ['cat <<E'],
    [')'],
    ['}'],
    ['( echo'],
  ])('the broken script %j ends by itself', (script) => {
    const [, after] = runFrames(shell, [script, AFTER]);
    expect(after).toEqual({ code: 0, stdout: 'still-here', stderr: '' });
  });

  test('sbin is in the PATH, the language is C, what the environment brings is not used', () => {
    const [path, rest] = runFrames(shell, ['echo "$PATH"', 'echo "$LC_ALL:$ENV:$CDPATH:$LANGUAGE"; umask'], {
      PATH: '/opt/own:/usr/bin:/bin',
      ENV: '/nonexistent',
      CDPATH: '/tmp',
      LANGUAGE: 'de',
      LC_ALL: 'de_DE.UTF-8',
    });
    expect(path?.stdout.trim().split(':')).toEqual(
      expect.arrayContaining(['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/own']),
    );
    expect(rest?.stdout).toMatch(/^C:::\n0?022\n$/);
  });

  test('whatever text a script prints comes back byte for byte', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        const scripts = texts.map((value) => `printf %s '${value.replaceAll("'", `'\\''`)}'`);
        expect(runFrames(shell, scripts).map(({ stdout }) => stdout)).toEqual(texts);
      }),
      { numRuns: 15 },
    );
  });
});

test('at least one of the shells is there', () => {
  expect(installed.length).toBeGreaterThan(0);
});

describe('FrameReader', () => {
  const stream = Buffer.from('rc file says NPidb\x07\nNPidb\nNPide and é\nNPid\nNPide:12\ntail');

  test('is right however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const reader = new FrameReader('id');
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        places.slice(1).forEach((end, index) => {
          reader.push(stream.subarray(places[index], end));
        });
        expect({ done: reader.done, code: reader.code, text: reader.text }).toEqual({
          done: true,
          code: 12,
          text: 'NPide and é\nNPid\n',
        });
      }),
      { numRuns: 300 },
    );
  });

  test('keeps the end of the noise for messages', () => {
    const reader = new FrameReader('id');
    reader.push(Buffer.from(`${'x'.repeat(9000)}This account is not available.\n`));
    expect(reader.noise).toMatch(/x+This account is not available\.\n$/);
    expect(reader.noise.length).toBeLessThanOrEqual(2048);
  });

  test('a script with a NUL is a mistake of the program', () => {
    expect(() => frameInput('a\0b', 'id')).toThrow(/NUL/);
  });
});
