import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../src/shared/change.js';
import { partsOf } from '../../../src/transaction/parts.js';
import {
  applyScript,
  type ChangeUnit,
  filesScript,
  readFailures,
  runtimeUnits,
} from '../../../src/transaction/script.js';
import { describeStep, partScript } from '../../../src/transaction/steps.js';

/** A stand-in for `ip` that writes down what it was asked for and refuses every command with `bad` in it. */
const FAKE_IP = `#!/bin/sh
refuse() { echo "RTNETLINK answers: File exists" >&2; }
case "$*" in
*-batch*)
  n=0
  while read -r line; do
    n=$((n + 1))
    case $line in *bad*) refuse; echo "Command failed -:$n" >&2; exit 1;; esac
    echo "batch:$* $line" >> "$LOG"
  done ;;
*bad*) refuse; exit 2 ;;
*) echo "single:$*" >> "$LOG" ;;
esac
`;

const SHELLS = ['dash', 'bash', 'busybox sh'];

/** What the scripts call of the guard's, without its bookkeeping. */
const GUARD = `part() { :; }
failed() { echo "netplay-failed $1 $2"; echo "netplay-failed $1" >&2; }
give_back() { exit 1; }
take_back() { :; }
made_by() { :; }
`;

function run(units: readonly ChangeUnit[], shell = 'dash') {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-script-'));
  writeFileSync(join(folder, 'ip'), FAKE_IP);
  chmodSync(join(folder, 'ip'), 0o755);
  const log = join(folder, 'log');
  writeFileSync(log, '');
  const [file = '', ...argv] = shell.split(' ');
  // A function, since busybox prefers its own `ip` to any that stands in PATH.
  const script = `ip() { "${folder}/ip" "$@"; }\n${GUARD}${applyScript(units)}${filesScript(units)}make_files`;
  const done = execaSync(file, [...argv, '-c', script], { env: { LOG: log }, reject: false });
  return {
    code: done.exitCode,
    stderr: done.stderr,
    failures: readFailures(runtimeUnits(units), done.stdout, done.stderr),
    log: readFileSync(log, 'utf8').split('\n').filter(Boolean),
  };
}

const ip = (...args: string[]): Step => ({ kind: 'ip', family: 4, args });
const unit = (...steps: Step[]): ChangeUnit => ({
  changes: steps.map((step) => ({ do: [step], undo: [] })),
  optional: false,
});
const optional = (...steps: Step[]): ChangeUnit => ({ ...unit(...steps), optional: true });

describe.each(SHELLS)('a script under %s', (shell) => {
  test('runs consecutive ip commands of one family as one batch, over the borders of tasks', () => {
    const units = [
      unit(ip('rule', 'add', 'from', '10.0.0.1')),
      unit(ip('route', 'add', '10.0.0.0/8'), ip('link', 'show')),
    ];
    expect(run(units, shell)).toMatchObject({
      code: 0,
      failures: [],
      log: [
        'batch:-4 -batch - rule add from 10.0.0.1',
        'batch:-4 -batch - route add 10.0.0.0/8',
        'batch:-4 -batch - link show',
      ],
    });
  });

  test('names the task and the command that failed, and runs nothing after it', () => {
    const units = [
      unit(ip('route', 'add', 'a')),
      unit(ip('route', 'add', 'bad')),
      unit(ip('route', 'add', 'c')),
    ];
    expect(run(units, shell)).toMatchObject({
      code: 1,
      failures: [{ unit: 1, command: 'ip route add bad', code: 1, words: 'RTNETLINK answers: File exists' }],
      log: ['batch:-4 -batch - route add a'],
    });
  });

  test('goes on after a task that may fail, and leaves out the rest of that task', () => {
    const units = [
      optional(ip('link', 'set', 'bad'), { kind: 'run', argv: ['ip', 'never'] }),
      unit(ip('route', 'add', 'c')),
    ];
    expect(run(units, shell)).toMatchObject({
      code: 0,
      failures: [{ unit: 0, command: 'ip link set bad', code: 1, words: 'RTNETLINK answers: File exists' }],
      log: ['batch:-4 -batch - route add c'],
    });
  });

  test('passes hostile words as they are', () => {
    const word = `a b';touch /tmp/netplay-hostile;'$(id) "\\ *`;
    // No device has such a name, so that /sys takes nothing, and it is ip that is asked.
    const { log } = run([unit(ip('link', 'set', 'dev', 'no/where', 'alias', word))], shell);
    expect(log).toEqual([`single:-4 link set dev no/where alias ${word}`]);
    expect(existsSync('/tmp/netplay-hostile')).toBe(false);
  });

  test('replaces a file at once, keeps its mode, and follows a link to it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netplay-file-'));
    const real = join(folder, 'real');
    const link = join(folder, 'link');
    writeFileSync(real, 'before\n', { mode: 0o640 });
    symlinkSync('real', link);
    const content = "after 'quoted' $HOME %s\\n\n";
    const units = [
      unit({ kind: 'write', path: link, content }, { kind: 'write', path: join(folder, 'new'), content }),
    ];
    expect(run(units, shell).code).toBe(0);
    expect(readFileSync(real, 'utf8')).toBe(content);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe(content);
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o644);
  });

  test('writes a file that many tasks share once, with what the last of them leaves in it', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'netplay-file-')), 'sysctl.conf');
    const write = (content: string): Step => ({ kind: 'write', path, content });
    const units = [unit(write('one\n')), unit(write('one\ntwo\n')), unit(write('one\ntwo\nthree\n'))];
    expect(filesScript(units).match(/replace_file \//g)).toHaveLength(1);
    expect(run(units, shell).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test('says which file could not be written, in the words of the system', () => {
    const { code, stderr } = run([unit({ kind: 'write', path: '/nosuch/folder/file', content: 'x' })], shell);
    expect(code).toBe(1);
    expect(stderr).toMatch(/nosuch.*\n(.*\n)*write \/nosuch\/folder\/file/);
  });

  test('says which sysctl could not be written', () => {
    const { failures } = run([unit({ kind: 'sysctl', path: 'net/nosuch/key', value: '1' })], shell);
    expect(failures).toMatchObject([{ unit: 0, command: 'echo 1 > /proc/sys/net/nosuch/key' }]);
    expect(failures[0]?.words).not.toMatch(/sh:|printf/);
  });
});

test('a step is described as a person would type it', () => {
  expect(describeStep({ kind: 'ip', family: 6, args: ['route', 'add', '::/0'] })).toBe(
    'ip -6 route add ::/0',
  );
  expect(describeStep({ kind: 'remove', path: '/a b' })).toBe("rm -f '/a b'");
});

test('neighbours are told between what comes and what goes, each once', () => {
  const ip = (...args: string[]) => ({ do: [{ kind: 'ip', args } as const], undo: [] });
  const units: ChangeUnit[] = [
    { changes: [ip('address', 'add', '10.0.0.2/24', 'dev', 'eth1')], optional: false },
    { changes: [ip('rule', 'del', 'from', '10.0.0.1')], optional: false, late: true },
  ];
  const news = { dev: 'eth1', address: '10.0.0.2', foreign: false };
  const order = (text: string): string[] =>
    text.match(/address add|rule del|announce_all|announce eth1 \S+/g) ?? [];
  expect(order(applyScript(units, { made: [news], undone: [] }))).toEqual([
    'address add',
    'announce eth1 10.0.0.2',
    'announce_all',
    'rule del',
  ]);
  expect(order(applyScript(units))).toEqual(['address add', 'rule del']);
});

describe('tools beside ip', () => {
  const tc = (...args: string[]): Step => ({ kind: 'tc', args });
  const ovs = (...args: string[]): Step => ({ kind: 'ovs', args });

  test('tc has batches of its own, which ip’s don’t join', () => {
    const steps: Step[] = [
      tc('qdisc', 'add', 'dev', 'a'),
      tc('class', 'add'),
      { kind: 'ip', args: ['link'] },
    ];
    expect(partsOf([{ steps, optional: false }]).map((part) => partScript(part.steps))).toEqual([
      `printf '%s\\n' 'qdisc add dev a\nclass add' | tc -batch -`,
      "printf '%s\\n' link | ip -batch -",
    ]);
  });

  test('a command of Open vSwitch that stands apart begins a transaction of its own', () => {
    const steps: Step[] = [
      ovs('clear', 'Port', 'p', 'qos'),
      { kind: 'ovs', args: ['del-port', 'b', 'p'], apart: true },
      ovs('del-port', 'b', 'q'),
    ];
    expect(partsOf([{ steps, optional: false }]).map((part) => part.steps.length)).toEqual([1, 2]);
  });

  test('neighbouring commands of Open vSwitch are one transaction; its undo falls back to each alone', () => {
    const steps = [ovs('add-br', 'br 0'), ovs('set', 'bridge', 'br 0', 'stp_enable=true')];
    expect(partsOf([{ steps, optional: false }])).toHaveLength(1);
    const whole = `ovs-vsctl --timeout=10 -- add-br 'br 0' -- set bridge 'br 0' stp_enable=true`;
    expect(partScript(steps)).toBe(whole);
    expect(partScript(steps, true)).toBe(
      `${whole} 2>/dev/null || { ovs-vsctl --timeout=10 -- add-br 'br 0'; ovs-vsctl --timeout=10 -- set bridge 'br 0' stp_enable=true; }`,
    );
  });
});
