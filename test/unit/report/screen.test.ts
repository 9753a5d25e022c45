import { describe, expect, test } from 'vitest';
import { createScreen, type ScreenOptions } from '../../../src/report/screen.js';
import { createStyle } from '../../../src/report/style.js';
import { createWindow } from '../../../src/report/window.js';
import type { HostEnd, NetplayEvent, ReportedChange, TaskResult } from '../../../src/shared/events.js';

const time = 1_000;
const table: ReportedChange = {
  resource: 'rt_table',
  address: 'rt_table 100',
  action: 'create',
  before: null,
  after: 'local100',
  commands: ['write /etc/iproute2/rt_tables.d/netplay.conf'],
};
const mtu: ReportedChange = {
  resource: 'link',
  address: 'link eth0 mtu',
  action: 'update',
  before: 'mtu 1500',
  after: 'mtu 1400',
  commands: ['ip link set dev eth0 mtu 1400'],
};

function task(name: string, changes: ReportedChange[], extra: Partial<TaskResult> = {}): TaskResult {
  const status = changes.length > 0 ? 'changed' : 'ok';
  return { index: 0, name, status, changes, warnings: [], errors: [], ...extra };
}

function hostEnd(host: string, tasks: TaskResult[], extra: Partial<HostEnd> = {}): HostEnd {
  const status = tasks.some((t) => t.status === 'changed') ? 'changed' : 'ok';
  return {
    type: 'host_end',
    time,
    play: 0,
    host,
    status,
    tasks,
    ms: { connect: 10, read: 5 },
    roundTrips: 3,
    ...extra,
  };
}

const zero = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

const LOOK: Omit<ScreenOptions, 'style' | 'print'> = {
  diff: false,
  explain: false,
  timing: false,
  verbosity: 0,
  format: 'json',
  hidden: new Set(),
};

function show(events: NetplayEvent[], options: Partial<ScreenOptions> = {}): string {
  const lines: string[] = [];
  const screen = createScreen({
    style: createStyle(false),
    ...LOOK,
    ...options,
    print: (more) => lines.push(...more),
  });
  for (const event of events) screen.event(event);
  return `\n${lines.join('\n')}\n`;
}

function runStart(check: boolean): NetplayEvent {
  return {
    type: 'run_start',
    time,
    v: 1,
    run: 'r',
    netplay: '0',
    args: [],
    playbook: 'p',
    inventory: [],
    digests: {},
    gitCommit: null,
    user: 'u',
    check,
    diff: false,
    hosts: 3,
  };
}

const playStart: NetplayEvent = {
  type: 'play_start',
  time,
  play: 0,
  name: 'two NICs',
  hosts: ['a', 'b', 'db1'],
  tasks: 2,
};

describe('the screen', () => {
  test('folds equal changes on many hosts into one, under the recap', () => {
    const text = show([
      runStart(false),
      playStart,
      hostEnd('b', [task('t', [table]), task('m', [])]),
      hostEnd('a', [task('t', [table]), task('m', [mtu])]),
      hostEnd('db1', [task('t', []), task('m', [])]),
      { type: 'play_end', time, play: 0 },
      {
        type: 'run_end',
        time,
        exitCode: 0,
        ms: 1234,
        recap: {
          a: { ...zero, ok: 2, changed: 2 },
          b: { ...zero, ok: 2, changed: 1 },
          db1: { ...zero, ok: 2 },
        },
      },
    ]);
    expect(text).toBe(`
PLAY [two NICs] 3 hosts, 2 tasks
  b    changed: 1 change (15 ms)
  a    changed: 2 changes (15 ms)
  db1  ok, nothing to change (15 ms)

PLAY RECAP
a   : ok=2    changed=2    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
b   : ok=2    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
db1 : ok=2    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0

CHANGES
a, b (2 hosts)
  rt_table 100  absent → local100
a
  link eth0 mtu  mtu 1500 → mtu 1400

3 hosts, 2 changed in 1.2 s
`);
  });

  test('says that a check changed nothing, and shows a diff and the commands where asked to', () => {
    const text = show(
      [
        runStart(true),
        { ...playStart, hosts: ['a'] },
        hostEnd('a', [
          task('set the MTU', [mtu]),
          task('more', [], { status: 'skipped', reason: 'when: false' }),
        ]),
        {
          type: 'run_end',
          time,
          exitCode: 0,
          ms: 40,
          recap: { a: { ...zero, ok: 1, changed: 1, skipped: 1 } },
        },
      ],
      { diff: true, verbosity: 1 },
    );
    expect(text).toBe(`
CHECK MODE: nothing will be changed

PLAY [two NICs] 1 host, 2 tasks
  a  would change: 1 change (15 ms)
    changed  set the MTU
    skipped  more  when: false
PLAY RECAP
a : ok=1    changed=1    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0

WOULD CHANGE (check mode: nothing was changed)
a
  link eth0 mtu
    - mtu 1500
    + mtu 1400
      $ ip link set dev eth0 mtu 1400

1 host, 1 would change in 0.0 s
`);
  });

  test('shows of a long file the lines that differ, though only its task asks for a diff', () => {
    const lines = Array.from({ length: 30 }, (_, n) => `line ${n + 1}\n`).join('');
    const file: ReportedChange = {
      ...mtu,
      address: 'copy /etc/x',
      before: lines,
      after: lines.replace('line 20\n', 'twenty\n'),
    };
    const text = show([
      runStart(true),
      { ...playStart, hosts: ['a'] },
      hostEnd('a', [task('copy', [file])]),
      { type: 'run_end', time, exitCode: 0, ms: 40, recap: { a: { ...zero, ok: 1, changed: 1 } } },
    ]);
    expect(text).toContain(`
  copy /etc/x
    @@ -17,7 +17,7 @@
      line 17
      line 18
      line 19
    - line 20
    + twenty
      line 21
      line 22
      line 23

1 host`);
  });

  test('folds the same problem on many hosts, with its line and what to do', () => {
    const error = {
      code: 'plan' as const,
      message: "there is no device 'eht0'",
      hint: "did you mean 'eth0'?",
      place: { file: 'site.yml', line: 7, column: 9, source: '    - route: {dev: eht0}' },
      task: 'route default',
    };
    const failed = task('route default', [], { status: 'failed', errors: [error] });
    const unreachable = { code: 'unreachable' as const, message: 'no answer from 10.0.0.9:22 within 10 s' };
    const text = show([
      { ...playStart, hosts: ['a', 'b', 'c'] },
      hostEnd('a', [failed], { status: 'failed' }),
      hostEnd('b', [failed], { status: 'failed' }),
      hostEnd('c', [], { status: 'unreachable', error: unreachable }),
      {
        type: 'run_end',
        time,
        exitCode: 2,
        ms: 900,
        recap: { a: { ...zero, failed: 1 }, b: { ...zero, failed: 1 }, c: { ...zero, unreachable: 1 } },
      },
    ]);
    expect(text).toBe(`
PLAY [two NICs] 3 hosts, 2 tasks
  a  FAILED: there is no device 'eht0' (15 ms)
  b  FAILED: there is no device 'eht0' (15 ms)
  c  UNREACHABLE: no answer from 10.0.0.9:22 within 10 s (15 ms)
PROBLEMS
failed: a, b
    task: route default
    there is no device 'eht0'
    site.yml:7:9:  - route: {dev: eht0}
    hint: did you mean 'eth0'?
unreachable: c
    no answer from 10.0.0.9:22 within 10 s

PLAY RECAP
a : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0
b : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0
c : ok=0    changed=0    unreachable=1    failed=0    skipped=0    rescued=0    ignored=0

3 hosts, 0 changed, 2 failed, 1 unreachable in 0.9 s
`);
  });
});

test.each([
  [false, 'touches'],
  [true, 'would touch'],
])('what a plan does to its own session stands under its host at once (check: %s)', (check, verb) => {
  const warnings = [
    'this cuts the session itself: eth0 will be down',
    'link eth0 state: the session uses it',
  ];
  const session: NetplayEvent = { type: 'host_session', time, play: 0, host: 'b', warnings };
  expect(show([runStart(check), playStart, session])).toMatch(`
  b    ${verb} its own session:
    this cuts the session itself: eth0 will be down
    link eth0 state: the session uses it
`);
});

test('what probes saw is shown with -v alone', () => {
  const probe = (host: string, passed: boolean, seen: string): NetplayEvent => {
    return { type: 'probe', time, play: 0, host, probe: 'ping gw', passed, seen };
  };
  const events = [playStart, probe('a', true, '1 of 1 answered'), probe('b', false, 'no answer to a ping')];
  expect(show(events, { verbosity: 1 })).toMatch(
    /a +saw ping gw: 1 of 1 answered\n +b +did not see ping gw: no answer to a ping\n/,
  );
  expect(show(events)).not.toContain('ping gw');
});

test('the live window names a few busy hosts, whatever their number', () => {
  const window = createWindow(createStyle(false));
  const hosts = Array.from({ length: 200 }, (_, index) => `h${index}`);
  window.event({ type: 'play_start', time, play: 0, name: 'p', hosts, tasks: 1 });
  for (const host of hosts.slice(0, 60)) window.event({ type: 'host_start', time, play: 0, host });
  window.event({ type: 'host_phase', time, play: 0, host: 'h1', phase: 'read' });
  window.event(hostEnd('h0', [], {}));
  expect(window.lines(time * 1000 + 6_500, 100)).toEqual([
    '[                        ] 1/200 hosts  1 ok, 6.5 s  p',
    '  h1: read (6.5 s)',
    '  h2: start (6.5 s)',
    '  h3: start (6.5 s)',
    '  h4: start (6.5 s)',
    '  h5: start (6.5 s)',
    '  and 54 more',
  ]);
  expect(window.lines(time * 1000, 20).every((line) => line.length < 20)).toBe(true);
});

test('escape sequences from playbooks and hosts never reach the terminal', () => {
  const lines: string[] = [];
  const print = (more: readonly string[]): void => void lines.push(...more);
  const screen = createScreen({
    style: createStyle(false),
    ...LOOK,
    diff: true,
    verbosity: 4,
    timing: true,
    print,
  });
  const evil = 'a\u001B[2J\u009B31mb\u202Ec\rd';
  const clean = 'a\uFFFD[2J\uFFFD31mb\uFFFDc\uFFFDd';
  const place = { file: evil, line: 1, column: 1, source: evil };
  const error = { code: 'apply', message: evil, hint: evil, task: evil, place } as const;
  const change = { ...mtu, address: evil, before: evil, after: `${evil}\n${evil}`, commands: [evil] };
  const failed = task(evil, [], { status: 'failed', errors: [error], warnings: [evil], reason: evil });
  screen.event({ type: 'play_start', time, play: 0, name: evil, hosts: [evil], tasks: 1 });
  screen.event(hostEnd(evil, [task(evil, [change]), failed], { status: 'failed', error }));
  const recap = { ok: 1, changed: 1, unreachable: 0, failed: 1, skipped: 0, rescued: 0, ignored: 0 };
  screen.event({ type: 'run_end', time, recap: { [evil]: recap }, exitCode: 2, ms: 1 });
  const text = lines.join('\n');
  for (const character of '\u001B\u009B\u202E\r') expect(text).not.toContain(character);
  expect(text.split(clean).length).toBeGreaterThan(12);
});

describe('the window on a narrow terminal', () => {
  const columns = 12;
  const window = createWindow(createStyle(true));
  window.event({ type: 'play_start', time, play: 0, name: 'p', hosts: ['日本語日本語', 'b'], tasks: 1 });
  window.event({ type: 'host_start', time, play: 0, host: '日本語日本語' });
  const [, host = ''] = window.lines(time * 1000 + 9_000, columns);

  test('a slow host that is cut still ends its colour', () => {
    expect(host.startsWith('\u001B[33m')).toBe(true);
    expect(host.endsWith('\u001B[39m')).toBe(true);
  });

  test('wide characters count for two columns', () => expect(host).toContain('m  日本語日\u001B'));
});

test('--explain shows what an intent stands for, once for the hosts where it is the same', () => {
  const parts = (value: number) => [{ sysctl: { name: 'net.ipv4.conf.all.arp_ignore', value } }];
  const intent = (host: string, value: number): NetplayEvent =>
    hostEnd(host, [task('one MAC an address', [], { parts: parts(value) })]);
  const events: NetplayEvent[] = [
    runStart(false),
    intent('a', 1),
    intent('b', 1),
    intent('c', 2),
    { type: 'run_end', time, recap: { a: zero, b: zero, c: zero }, exitCode: 0, ms: 1000 },
  ];
  expect(show(events, { explain: true })).toContain(`
EXPLAINED (the plain tasks that intents stand for)
  one MAC an address on a, b
    - sysctl: {name: net.ipv4.conf.all.arp_ignore, value: 1}
  one MAC an address on c
    - sysctl: {name: net.ipv4.conf.all.arp_ignore, value: 2}
`);
  expect(show(events)).not.toContain('EXPLAINED');
});

test('a failure that a rescue made good is told as such, and is not why a host failed', () => {
  const error = (message: string) => [{ code: 'task' as const, message, task: 'x' }];
  const tasks = [
    task('one', [], { status: 'failed', rescued: true, errors: error('made good') }),
    task('two', [], { status: 'failed', errors: error('this is it') }),
  ];
  const text = show([
    { type: 'play_start', time, play: 0, name: 'p', hosts: ['h1'], tasks: 2 },
    hostEnd('h1', tasks, { status: 'failed' }),
    { type: 'run_end', time, recap: { h1: { ...zero, failed: 1, rescued: 1 } }, exitCode: 2, ms: 10 },
  ]);
  expect(text).toContain('h1  FAILED: this is it');
  expect(text).toContain('rescued: h1\n    task: x\n    made good');
  expect(text).toContain('failed: h1\n    task: x\n    this is it');
});

describe('how much is told of a task', () => {
  const done = (more: Partial<TaskResult>): NetplayEvent[] => {
    const result = { changed: false, rc: 0, stdout: 'hello', diff: [], _ansible_no_log: false };
    const one = task('say hello', [], { action: 'command', path: 's.yml:3:5', result, ...more });
    return [
      { ...playStart, hosts: ['a'] },
      { type: 'host_phase', time, play: 0, host: 'a', phase: 'connect' },
      { type: 'task_end', time, play: 0, host: 'a', task: one },
      hostEnd('a', [one]),
    ];
  };

  test.each<[string, Partial<ScreenOptions>, Partial<TaskResult>, string[]]>([
    ['nothing where all is well', {}, {}, ['a  ok, nothing to change (15 ms)']],
    [
      '-v: what it gave',
      { verbosity: 1 },
      {},
      [
        'a  ok       say hello',
        '=> { "changed": false, "rc": 0, "stdout": "hello" }',
        'a  ok, nothing to change (15 ms)',
        'ok       say hello',
      ],
    ],
    [
      '-vv: where it stands',
      { verbosity: 2, format: 'yaml' },
      {},
      [
        'a  ok       say hello  s.yml:3:5',
        'changed: false',
        'rc: 0',
        'stdout: hello',
        'a  ok, nothing to change (15 ms)',
        'ok       say hello  s.yml:3:5',
      ],
    ],
    [
      '-v: of one that was skipped why',
      { verbosity: 1 },
      { status: 'skipped', reason: 'when: x' },
      ['a  skipped  say hello  when: x', 'a  ok, nothing to change (15 ms)', 'skipped  say hello  when: x'],
    ],
    [
      'nothing of what is hidden',
      { verbosity: 1, hidden: new Set(['skipped', 'ok'] as const) },
      { status: 'skipped' },
      [],
    ],
    [
      'in YAML, if that is wanted',
      { format: 'yaml' },
      { action: 'debug', result: { msg: { a: [1, 'b'] } } },
      ['a  ok       say hello', 'a:', '- 1', '- b', 'a  ok, nothing to change (15 ms)'],
    ],
  ])('%s', (_, options, more, wanted) => {
    const lines = show(done(more), options).trim().split('\n').slice(1);
    expect(lines.map((line) => line.trim())).toEqual(wanted);
  });

  test('-vvv: the times of each phase, -vvvv: each phase as it begins', () => {
    expect(show(done({}), { verbosity: 3 })).toMatch(/\(15 ms, .*\d+ round trips?\)/);
    expect(show(done({}), { verbosity: 3 })).not.toMatch(/^ +a +connect$/m);
    expect(show(done({}), { verbosity: 4 })).toMatch(/^ +a +connect$/m);
  });
});

test('who was not reached stands out from who failed', () => {
  const colored = createStyle(true);
  expect(colored.brightRed('x')).toBe('\u001B[91mx\u001B[39m');
  const lines: string[] = [];
  const screen = createScreen({ ...LOOK, style: colored, print: (more) => lines.push(...more) });
  screen.event(hostEnd('a', [], { status: 'unreachable', error: { code: 'unreachable', message: 'no' } }));
  expect(lines[0]).toContain('\u001B[91ma');
});
