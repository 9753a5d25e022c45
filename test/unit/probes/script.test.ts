/** The script of the probes, run by each shell that a host may have: nothing of it looks at the network. */
import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { command } from '../../../src/probes/command.js';
import { makeProbe, type Probe } from '../../../src/probes/probe.js';
import { broken, longestMs, type ProbeResult, probeScript, readProbes } from '../../../src/probes/script.js';

const SHELLS = [['dash'], ['bash', '--posix'], ['bash'], ['busybox', 'sh']] as const;

const ask = (cmd: string, timeout = 2): Probe => makeProbe(command, { cmd, timeout });

interface Ran {
  results: ProbeResult[];
  stdout: string;
  stderr: string;
  ms: number;
}

function run(shell: readonly string[], probes: readonly Probe[], around = (script: string) => script): Ran {
  const [file = 'sh', ...args] = shell;
  const start = performance.now();
  const input = around(probeScript(probes));
  // The whole output is waited for: a process that is left behind with it would hold this up.
  const { stdout, stderr } = spawnSync(file, [...args, '-c', input], { encoding: 'utf8', timeout: 30_000 });
  return { results: readProbes(stdout, probes), stdout, stderr, ms: performance.now() - start };
}

/** Command lines of all processes that hold a word. */
function processesWith(word: string): string[] {
  const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(word) && !line.startsWith('ps '));
}

describe.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))('%s', (_, shell) => {
  test('tells for each probe whether it passed, and why not', () => {
    const probes = [
      ask('true'),
      ask('echo "no way"; exit 3'),
      ask('echo one; printf "two\\nthree\\ttabs\\n" >&2; false'),
      ask('exit 4'),
      ask("printf 'netplay-probed 0 1 forged\\nnetplay-probed 5 0 \\n'; exit 1"),
      ask('false'),
      ask('test "it\'s" = \'it\'"\'"\'s\' && test -z "$(cat)"'),
      ask('no-such-tool-at-all'),
    ];
    const { results, stderr } = run(shell, probes);
    expect(results.map(({ passed, words }) => (passed ? 'yes' : words))).toEqual([
      'yes',
      'no way',
      'one two three tabs',
      'exit code 4',
      'netplay-probed 0 1 forged netplay-probed 5 0',
      'exit code 1',
      'yes',
      expect.stringMatching(/^no-such-tool-at-all: (command )?not found$/),
    ]);
    expect(stderr).toBe('');
  });

  test('asks all at once, ends what takes too long with all that it started, and leaves nothing', () => {
    const nap = `3${process.pid}.${Math.floor(Math.random() * 1e6)}`;
    const probes = [
      ask(`sleep ${nap}`, 1),
      ask(`echo before; (sleep ${nap} & sleep ${nap}); true`, 1),
      ask(`trap '' TERM HUP INT; sleep ${nap} & wait`, 1),
      // What stays behind with the output open is ended too; the answer was yes all the same.
      ask(`sleep ${nap} & true`, 1),
      ask('sleep 0.7', 1),
    ];
    const { results, ms } = run(shell, probes);
    expect(results.map(({ passed, words }) => (passed ? 'yes' : words))).toEqual([
      'no end within 1 second',
      'no end within 1 second: before',
      'no end within 1 second',
      'yes',
      'yes',
    ]);
    expect(ms).toBeGreaterThan(950);
    expect(ms).toBeLessThan(4_000);
    expect(processesWith(nap)).toEqual([]);
  });

  test('a probe that ends at once leaves no timer behind, however often it is asked', () => {
    const seconds = 20_000 + Math.floor(Math.random() * 1_000_000);
    const probes = Array.from({ length: 40 }, (_unused, index) => ask(index % 2 ? 'true' : 'false', seconds));
    const { results, ms } = run(shell, probes);
    expect(results.map(({ words }) => words)).toEqual(
      probes.map((_probe, index) => (index % 2 ? 'exit code 0' : 'exit code 1')),
    );
    expect(ms).toBeLessThan(15_000);
    expect(processesWith(`sleep ${seconds}`)).toEqual([]);
  });

  test('what was seen is told where it passed, too', () => {
    const { results } = run(shell, [ask('echo one; printf "two\\nthree\\n" >&2')]);
    expect(results).toEqual([{ index: 0, passed: true, words: 'one two three' }]);
  });

  test('a flood of output is bounded', () => {
    const { results } = run(shell, [ask('yes "0123456789012345678901234567890123456789"', 1)]);
    expect(results[0]?.passed).toBe(false);
    expect(results[0]?.words.length).toBeLessThan(700);
  });

  test('stands within any script: options, signals, files, variables and jobs of that stay as they are', () => {
    const probes = [ask('false'), ask('sleep 5', 1)];
    const around = (script: string): string =>
      `set -efu
words=mine; trap '' TERM HUP; exec 3>&2
sleep 0.1 & first=$!
${script}echo "after $words $-" >&3
echo end
case $words in mine)
${script};; esac
wait $first && echo waited`;
    const { results, stdout, stderr } = run(shell, probes, around);
    expect(results.map(({ words }) => words)).toEqual(['exit code 1', 'no end within 1 second']);
    expect(stdout.split('\n').filter((line) => !line.startsWith('netplay-probed'))).toEqual([
      'end',
      'waited',
      '',
    ]);
    expect(stderr).toMatch(/^after mine .*e/);
    expect(stdout.match(/^netplay-probed /gm)).toHaveLength(4);
  });
});

test('a probe that passes at a later try has passed, and is asked no more', () => {
  const file = `/tmp/netplay-probe-${process.pid}`;
  const count = (cmd: string): Probe => ask(`echo x >> ${file}; ${cmd}`);
  const ran = (probe: Probe): [passed: boolean | undefined, times: number] => {
    const script = probeScript([probe], { tries: 3, waitMs: 50 });
    const stdout = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    const times = Number(execFileSync('sh', ['-c', `wc -l < ${file}; rm ${file}`], { encoding: 'utf8' }));
    return [readProbes(stdout, [probe])[0]?.passed, times];
  };
  expect(ran(count(`test $(wc -l < ${file}) -ge 2`))).toEqual([true, 2]);
  expect(ran(count('true'))).toEqual([true, 1]);
  expect(ran(count('false'))).toEqual([false, 3]);
});

test('how long the probes take at most', () => {
  const probes = [ask('true', 2), ask('true', 5)];
  expect(longestMs(probes)).toBe(5_000);
  expect(longestMs(probes, { tries: 3, waitMs: 500 })).toBe(16_000);
  expect(longestMs([])).toBe(0);
});

test('what did not pass before is not asked again', () => {
  const probes = [ask('true'), ask('echo asked >&3'), ask('exit 3')];
  const before = [true, false, true].map((passed, index) => ({ index, passed, words: '' }));
  const script = probeScript(probes, undefined, before);
  const after = readProbes(execFileSync('sh', ['-c', script], { encoding: 'utf8' }), probes);
  expect(after.map(({ words }) => words)).toEqual(['exit code 0', 'it was not run', 'exit code 3']);
  expect(broken(before, after).map(({ index }) => index)).toEqual([2]);
  expect(probeScript(probes.slice(1, 2), undefined, [{ index: 0, passed: false, words: '' }])).toBe('');
});

test('no probes are no script', () => expect(probeScript([])).toBe(''));

test('a probe that nothing is told of did not pass', () => {
  expect(readProbes('netplay-probed 1 0 \nNP', [ask('a'), ask('b')])).toEqual([
    { index: 0, passed: false, words: 'it was not run' },
    { index: 1, passed: true, words: 'exit code 0' },
  ]);
});

const result = (index: number) => (passed: boolean) => ({ index, passed, words: passed ? '' : 'no' });
test('broken: what passed before and does not now, whatever the rest does', () => {
  const answers = fc.array(fc.tuple(fc.boolean(), fc.constantFrom(true, false, undefined)));
  fc.assert(
    fc.property(answers, (pairs) => {
      const before = pairs.map(([passed], index) => result(index)(passed));
      const after = pairs.flatMap(([, passed], index) =>
        passed === undefined ? [] : [result(index)(passed)],
      );
      const expected = pairs.flatMap(([was, is], index) => (was && is !== true ? [index] : []));
      expect(broken(before, after).map(({ index }) => index)).toEqual(expected);
    }),
  );
});
