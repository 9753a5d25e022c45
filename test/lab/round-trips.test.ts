/**
 * What a play costs a host, counted on the host itself: connections by its kernel and its sshd, frames by
 * what comes in on the shell's standard input.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import type { HostSpec } from '../../src/lab/spec.js';
import { changesByHost, problemsOf, type RunReport, runJson } from '../support/cli.js';
import { acceptedConnections, type Folder, foretoldRun, makeFolder, ownName } from '../support/lab-runs.js';

type Task = Readonly<Record<string, unknown>>;

const INPUT = '/var/log/input';

/** A host that keeps all that is sent to a shell on it, and says of each connection that it was made. */
const host = (address: string): HostSpec => ({
  nics: { eth0: { switch: 'lan', addresses: [address] } },
  files: {
    '/etc/ssh/sshd_config.d/lab.conf': `LogLevel VERBOSE
ForceCommand tee -a ${INPUT} | sh -c "$SSH_ORIGINAL_COMMAND"
`,
  },
});

const route = (n: number): Task => ({
  route: { dst: `10.1.${n}.0/24`, via: '192.168.7.254', dev: 'eth0', table: 100 + (n % 5) },
});
const route6 = (n: number): Task => ({
  route: { dst: `2001:db8:${n}::/48`, dev: 'eth0', metric: 50, table: 100 },
});
const rule = (n: number): Task => ({
  rule: { from: `10.2.${n}.0/24`, table: 100 + (n % 5), priority: 1000 + n },
});
const SYSCTLS: readonly Task[] = [
  'arp_ignore',
  'arp_announce',
  'rp_filter',
  'arp_notify',
  'log_martians',
].map((key) => ({ sysctl: { name: `net.ipv4.conf.eth0.${key}`, value: 1 } }));
const times = (count: number, make: (n: number) => Task): Task[] =>
  Array.from({ length: count }, (_, n) => make(n));

const FIVE: readonly Task[] = [
  { rt_table: { id: 100, name: 'lan' } },
  { route: { dst: '192.168.7.0/24', dev: 'eth0', table: 'lan' } },
  { route: { dst: 'default', via: '192.168.7.254', dev: 'eth0', table: 'lan' } },
  { rule: { from: '192.168.7.1', table: 'lan', priority: 100 } },
  { sysctl: { name: 'net.ipv4.conf.all.arp_ignore', value: 1 } },
];
const TWO_HUNDRED = [...times(100, route), ...times(30, route6), ...times(65, rule), ...SYSCTLS];

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('round-trips'),
    hosts: { five: host('192.168.7.1/24'), many: host('192.168.7.2/24'), pair: host('192.168.7.3/24') },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

interface Cost {
  /** Connections that the host's kernel accepted. */
  accepted: number;
  /** Connections that sshd began to serve. */
  served: number;
  /** Shells and commands that sshd started. */
  sessions: number;
  /** Frames that came in. */
  frames: number;
}

async function costSoFar(name: string): Promise<Cost> {
  const read = async (file: string): Promise<string> => (await lab.exec(name, ['cat', file])).stdout;
  const log = await read('/var/log/sshd.log');
  const counted = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return {
    accepted: await acceptedConnections(lab, name),
    served: counted(log, /^Connection from /gm),
    sessions: counted(log, /^Starting session: /gm),
    frames: counted(await read(INPUT), /^echo NP''[0-9a-f]+x\d+b; /gm),
  };
}

/** What a run cost a host. */
async function costOf<Result>(name: string, run: () => Promise<Result>): Promise<[Cost, Result]> {
  const before = await costSoFar(name);
  const result = await run();
  const after = await costSoFar(name);
  const cost = {
    accepted: after.accepted - before.accepted,
    served: after.served - before.served,
    sessions: after.sessions - before.sessions,
    frames: after.frames - before.frames,
  };
  return [cost, result];
}

const once = { accepted: 1, served: 1, sessions: 1 };

const changedTasks = (report: RunReport): number =>
  report.ends.flatMap(({ tasks }) => tasks).filter(({ status }) => status === 'changed').length;

/** The frames that the events tell of, all plays together. */
const told = (report: RunReport): number => report.ends.reduce((sum, end) => sum + end.roundTrips, 0);

describe.sequential.each([
  ['5 tasks', 'five', FIVE, 5],
  ['200 tasks', 'many', TWO_HUNDRED, 200],
] as const)('a static play of %s', (_, name, tasks, count) => {
  let args: string[];
  beforeAll(() => {
    expect(tasks).toHaveLength(count);
    args = [folder.write(`${name}.yml`, [{ hosts: name, tasks }]), '-i', lab.inventory];
  });

  test('costs one connection and one round trip to check, three to run without a trial', async () => {
    const [cost, { check, run }] = await costOf(name, () => foretoldRun([...args, '--no-confirm']));
    expect(problemsOf(run)).toEqual([]);
    expect(changedTasks(run)).toBe(count);
    expect([told(check), told(run)]).toEqual([1, 3]);
    expect(cost).toEqual({ accepted: 2, served: 2, sessions: 2, frames: 4 });
  });

  test('costs one connection and one round trip where nothing is to be changed', async () => {
    const [cost, report] = await costOf(name, () => runJson(args));
    expect(changesByHost(report)[name]).toEqual([]);
    expect(told(report)).toBe(1);
    expect(cost).toEqual({ ...once, frames: 1 });
  });
});

test('a trial costs one round trip and one new connection more', async () => {
  const args = [folder.write('trial.yml', [{ hosts: 'pair', tasks: times(3, route6) }]), '-i', lab.inventory];
  const [cost, report] = await costOf('pair', () => runJson(args));
  expect(problemsOf(report)).toEqual([]);
  expect(told(report)).toBe(4);
  expect(cost).toEqual({ accepted: 2, served: 2, sessions: 2, frames: 4 });
});

test('two plays on one host share one connection and one shell', async () => {
  const plays = [
    { name: 'first', hosts: 'pair', tasks: times(3, route) },
    { name: 'second', hosts: 'pair', tasks: times(3, rule) },
  ];
  const args = [folder.write('pair.yml', plays), '-i', lab.inventory, '--no-confirm'];
  const [cost, report] = await costOf('pair', () => runJson(args));
  expect(problemsOf(report)).toEqual([]);
  expect(report.ends.map(({ roundTrips }) => roundTrips)).toEqual([3, 3]);
  expect(cost).toEqual({ ...once, frames: 6 });
  expect(changedTasks(report)).toBe(6);
});

describe('only what depends on an answer costs more frames, counted on the host', () => {
  /** A route of each case alone, so that it is new on the host. */
  const own = (n: number, more: Task = {}): Task => ({
    route: { dst: `10.3.${n}.0/24`, dev: 'eth0', table: 150 },
    ...more,
  });
  const TRIAL = 4;
  const plays: [what: string, tasks: Task[], frames: number][] = [
    ['three tasks', [own(1), own(2), own(3)], TRIAL],
    ['a result that nobody asks for', [own(4, { register: 'made' }), own(5), own(6)], TRIAL],
    [
      'a result that a later task asks for',
      [own(7, { register: 'made' }), own(8), own(9, { when: 'made.changed' }), own(10)],
      2 * TRIAL,
    ],
    [
      'a result that is shown alone',
      [own(11, { register: 'made' }), own(12), { debug: { var: 'made.changed' } }],
      TRIAL,
    ],
    ['a command between others', [own(13), { command: 'true', register: 'ran' }, own(14)], 2 * TRIAL + 1],
    [
      'ten tasks that ask for what a command said',
      [
        { command: 'echo 10.3', register: 'said' },
        ...times(10, (n) => ({
          route: { dst: `{{ said.stdout }}.${n + 20}.0/24`, dev: 'eth0', table: 150 },
        })),
      ],
      TRIAL + 1,
    ],
  ];
  test.each(plays)('%s', async (what, tasks, frames) => {
    const file = folder.write(`${what.replaceAll(' ', '-')}.yml`, [{ hosts: 'pair', tasks }]);
    const [cost, report] = await costOf('pair', () => runJson([file, '-i', lab.inventory]));
    expect(problemsOf(report)).toEqual([]);
    expect(changedTasks(report)).toBe(tasks.filter((task) => !('debug' in task)).length);
    expect({ counted: cost.frames, told: told(report) }).toEqual({ counted: frames, told: frames });
  });
});
