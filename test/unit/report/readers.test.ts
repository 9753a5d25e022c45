/** Readers of a run's events beside the screen: JUnit, the log, the times, and who is to be run again. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunFlags } from '../../../src/cli/flags.js';
import { createRetry } from '../../../src/cli/retry.js';
import { createJunit } from '../../../src/report/junit.js';
import { createPlainLog } from '../../../src/report/plain-log.js';
import { createStyle } from '../../../src/report/style.js';
import { createTiming } from '../../../src/report/timing.js';
import type { HostEnd, NetplayEvent, Recap, TaskResult } from '../../../src/shared/events.js';

const START = Date.UTC(2026, 4, 4, 12) / 1000;

function task(name: string, more: Partial<TaskResult> = {}): TaskResult {
  return { index: 0, name, status: 'ok', changes: [], warnings: [], errors: [], ...more };
}

function play(name: string, hosts: readonly string[]): NetplayEvent {
  return { type: 'play_start', time: START, play: 0, name, hosts, tasks: 1 };
}

function ended(host: string, tasks: readonly TaskResult[], more: Partial<HostEnd> = {}): HostEnd {
  const ms = { connect: 100, read: 50 };
  return {
    type: 'host_end',
    time: START + 2,
    play: 0,
    host,
    status: 'ok',
    tasks,
    ms,
    roundTrips: 2,
    ...more,
  };
}

const ERROR = { code: 'task' as const, message: 'no </such> "thing" & \u001B[2J\nmore', hint: 'try <x>' };
const CHANGE = {
  resource: 'link',
  address: 'link eth0 mtu',
  action: 'update' as const,
  before: '1500',
  after: '1400',
  commands: [],
};

/** The XML's elements as `[tag, attributes, text]`, read by a parser that refuses what is no XML. */
function parsed(xml: string): [string, Record<string, string>, string | null][] {
  const script =
    'import sys,json,xml.etree.ElementTree as e;' +
    'print(json.dumps([[x.tag,x.attrib,x.text] for x in e.fromstring(sys.stdin.buffer.read()).iter()]))';
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { input: xml, encoding: 'utf8' }));
}

describe('JUnit', () => {
  async function xmlOf(events: readonly NetplayEvent[]): Promise<string> {
    let saved = '';
    const junit = createJunit({
      title: 'site.yml',
      save: async (xml) => {
        saved = xml;
      },
    });
    for (const event of events) junit.event(event);
    await junit.close();
    return saved;
  }

  test('has a suite for each play, and a case for each task on each host', async () => {
    const xml = await xmlOf([
      play('two <NICs>', ['a', 'b']),
      ended('a', [
        task('set the MTU', { status: 'changed', changes: [CHANGE], path: 'site.yml:7:5' }),
        task('left out', { status: 'skipped', reason: 'when: x < 1' }),
        task('bad', { status: 'failed', errors: [ERROR] }),
        task('made good', { status: 'failed', rescued: true, errors: [ERROR] }),
        task('all the same', { status: 'ignored', errors: [ERROR] }),
        task('taken back', { status: 'undone' }),
        task('who knows', { status: 'unknown' }),
      ]),
      ended('b', [], { status: 'unreachable', error: { code: 'unreachable', message: 'no route' } }),
      { type: 'play_end', time: START + 2.5, play: 0 },
      play('second', []),
    ]);
    const clean = 'no </such> "thing" & \uFFFD[2J';
    const words = `${clean}\nmore\nhint: try <x>`;
    const counted = { tests: '8', failures: '2', errors: '1', skipped: '2', time: '2.500' };
    const none = { tests: '0', failures: '0', errors: '0', skipped: '0', time: '0.000' };
    const timestamp = '2026-05-04T12:00:00';
    const kase = (classname: string, name: string, more = {}) => [
      'testcase',
      { classname, name, ...more },
      null,
    ];
    expect(parsed(xml).map(([tag, attributes, text]) => [tag, attributes, text?.trim() || null])).toEqual([
      ['testsuites', { name: 'site.yml', ...counted }, null],
      ['testsuite', { name: 'two <NICs>', ...counted, timestamp }, null],
      kase('a', 'set the MTU', { file: 'site.yml', line: '7' }),
      ['system-out', {}, 'link eth0 mtu: 1500 → 1400'],
      kase('a', 'left out'),
      ['skipped', { message: 'when: x < 1' }, null],
      kase('a', 'bad'),
      ['failure', { message: clean }, words],
      kase('a', 'made good'),
      ['system-out', {}, words],
      kase('a', 'all the same'),
      ['system-out', {}, words],
      kase('a', 'taken back'),
      ['failure', { message: 'undone: it was made, and taken back' }, 'undone: it was made, and taken back'],
      kase('a', 'who knows'),
      ['skipped', { message: 'nobody can tell before it is done' }, null],
      kase('b', 'connection'),
      ['error', { message: 'no route' }, 'no route'],
      ['testsuite', { name: 'second', ...none, timestamp }, null],
    ]);
  });

  test('of a run that did not begin is empty, and XML all the same', async () => {
    expect(parsed(await xmlOf([]))).toHaveLength(1);
  });
});

test('the log is what the screen shows, each line with its time', async () => {
  let written = '';
  const look = { diff: false, explain: false, timing: false, verbosity: 0, format: 'json' as const };
  const log = createPlainLog({ ...look, hidden: new Set(), style: createStyle(false) }, async (text) => {
    written += text;
  });
  log.event(play('p', ['a']));
  log.event(ended('a', [], { time: START + 1.5 }));
  await log.close();
  expect(written).toBe(
    '2026-05-04 12:00:00,000 | PLAY [p] 1 host, 1 task\n' +
      '2026-05-04 12:00:01,500 |   a  ok, nothing to change (150 ms)\n',
  );
});

test('times are told play by play, of the slowest tasks and of the slowest hosts', () => {
  const timing = createTiming();
  const done = (host: string, name: string, after: number): NetplayEvent => {
    return { type: 'task_end', time: START + after, play: 0, host, task: task(name) };
  };
  const events: NetplayEvent[] = [
    play('p', ['a', 'b']),
    { type: 'host_start', time: START + 0.5, play: 0, host: 'a' },
    { type: 'host_start', time: START + 0.5, play: 0, host: 'b' },
    done('a', 'first', 0.75),
    done('b', 'first', 1.5),
    done('a', 'second', 2.75),
    ended('a', []),
    ended('b', [], { ms: { connect: 1500 }, roundTrips: 1 }),
    { type: 'play_end', time: START + 3, play: 0 },
  ];
  for (const event of events) timing.event(event);
  expect(timing.lines(createStyle(false))).toEqual([
    '',
    'TIMING',
    '  plays',
    '        3.00 s  p',
    '  slowest tasks',
    '        2.00 s  second  a',
    '        1.00 s  first  b',
    '        0.25 s  first  a',
    '  slowest hosts',
    '        1.50 s  b  connect 1.50, 1 round trip',
    '        0.15 s  a  connect 0.10, read 0.05, 2 round trips',
  ]);
});

describe('hosts that did not end well', () => {
  const zero: Recap = { ok: 1, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
  const recap = {
    good: { ...zero, rescued: 1, ignored: 1 },
    bad: { ...zero, failed: 1 },
    gone: { ...zero, unreachable: 1 },
    back: { ...zero, rolled_back: 1 },
  };

  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'netplay-retry-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  }

  async function told(
    flags: Partial<RunFlags>,
    { playbook = 'plays/site.yml', check = false, exitCode = 2, ended = recap as Record<string, Recap> } = {},
  ): Promise<string[]> {
    const retry = createRetry({ playbook, run: 'RUN', check }, flags as RunFlags);
    retry.event({ type: 'run_end', time: START, recap: ended, exitCode, ms: 1 });
    const lines: string[] = [];
    await retry.tell(
      (message) => lines.push(`warning: ${message}`),
      (line) => lines.push(line),
    );
    return lines;
  }

  test('are told with the command that goes on with them', async () => {
    expect(await told({})).toEqual(['to go on with the hosts that are left: netplay run --resume RUN']);
    expect(await told({}, { check: true })).toEqual([]);
    expect(await told({}, { exitCode: 130 })).toEqual([]);
    expect(await told({}, { playbook: 'netplay exec' })).toEqual([]);
    expect(await told({}, { ended: { good: zero } })).toEqual([]);
  });

  test('are named in a file beside the playbook, where that is asked for', async () => {
    const path = folder();
    const file = join(path, 'site.retry');
    expect(await told({ retryFilesEnabled: true }, { playbook: join(path, 'site.yml') })).toEqual([
      `to run again on them: --limit @${file}`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe('bad\ngone\nback\n');
  });

  test('or in a folder, which is made', async () => {
    const save = join(folder(), 'deep', 'er');
    await told({ retryFilesEnabled: true, retryFilesSavePath: save });
    expect(readFileSync(join(save, 'site.retry'), 'utf8')).toBe('bad\ngone\nback\n');
  });

  test('stay unnamed where the file can not be written, which is told', async () => {
    const path = folder();
    writeFileSync(join(path, 'file'), '');
    const save = join(path, 'file', 'folder');
    const [line = '', ...others] = await told({ retryFilesEnabled: true, retryFilesSavePath: save });
    expect(line).toMatch(/^warning: .*site\.retry can't be written: /);
    expect(others).toEqual([]);
    expect(existsSync(save)).toBe(false);
  });
});
