/** Plays whose hosts keep their changes together, probes that must go on passing, the journal, and what is resumed. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import { netplay, problemsOf, type RunReport, runJson } from '../support/cli.js';
import { acceptedConnections, type Folder, makeFolder, ownName, stateOf } from '../support/lab-runs.js';

const HOSTS = ['h1', 'h2', 'h3'] as const;

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('together'),
    hosts: {
      'h[1:3]': { groups: ['fleet'], nics: { eth0: { switch: 'lan', addresses: ['10.6.0.{n}/24'] } } },
      watcher: { nics: { eth0: { switch: 'lan', addresses: ['10.6.0.200/24'] } } },
    },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

let unique = 0;
/** A rule of its own for each run, and what only one host is asked for. */
function tasks(extra: readonly unknown[] = []): unknown[] {
  unique += 1;
  return [
    { rule: { from: `10.9.7.${unique}`, table: 100, priority: 2000 + unique } },
    { sysctl: { name: 'net.ipv4.conf.eth0.arp_notify', value: unique % 2 } },
    ...extra,
  ];
}

async function run(play: Readonly<Record<string, unknown>>, ...args: string[]): Promise<RunReport> {
  const file = folder.write('play.yml', [{ hosts: 'fleet', ...play }]);
  return runJson([file, '-i', lab.inventory, ...args]);
}

const statuses = (report: RunReport): Record<string, string> =>
  Object.fromEntries(report.ends.map(({ host, status }) => [host, status]));
const states = (): Promise<string[]> => Promise.all(HOSTS.map((host) => stateOf(lab, host)));
/** A congestion control that no kernel has, on one host alone: a step that fails while it is applied. */
const failsOn = (host: string) => ({
  sysctl: { name: 'net.ipv4.tcp_congestion_control', value: 'nosuch' },
  when: `inventory_hostname == '${host}'`,
});

test('transaction: play: one host that fails undoes all', async () => {
  const before = await states();
  const report = await run({ transaction: 'play', tasks: tasks([failsOn('h3')]) });
  expect(report.code).toBe(2);
  expect(statuses(report)).toMatchObject({ h3: 'rolled_back' });
  expect(Object.values(statuses(report)).every((status) => ['rolled_back', 'not_run'].includes(status))).toBe(
    true,
  );
  expect(await states()).toEqual(before);
});

test('transaction: host: one host that fails undoes itself alone', async () => {
  const before = await states();
  const report = await run({ tasks: tasks([failsOn('h3')]) });
  expect(statuses(report)).toEqual({ h1: 'changed', h2: 'changed', h3: 'rolled_back' });
  const after = await states();
  expect(after.map((state, index) => state === before[index])).toEqual([false, false, true]);
});

test('serial: the rest is never touched when the canary fails', async () => {
  const before = await states();
  const touched = await acceptedConnections(lab, 'h2');
  for (const transaction of ['host', 'batch', 'play']) {
    const report = await run({ serial: [1, 2], transaction, tasks: tasks([failsOn('h1')]) });
    expect(statuses(report)).toEqual({ h1: 'rolled_back', h2: 'not_run', h3: 'not_run' });
  }
  expect(await states()).toEqual(before);
  expect(await acceptedConnections(lab, 'h2')).toBe(touched);
});

test('verify from another host: what does not pass undoes all; what passes confirms', async () => {
  const before = await states();
  const silent = {
    sysctl: { name: 'net.ipv4.icmp_echo_ignore_all', value: 1 },
    when: "inventory_hostname == 'h2'",
  };
  const verify = HOSTS.map((_, index) => ({ ping: `10.6.0.${index + 1}`, from: 'watcher' }));
  const report = await run({ transaction: 'play', verify, tasks: tasks([silent]) });
  expect(report.code).toBe(2);
  expect(problemsOf(report).join('\n')).toContain('ping 10.6.0.2, asked from watcher');
  expect(statuses(report)).toEqual({ h1: 'rolled_back', h2: 'rolled_back', h3: 'rolled_back' });
  expect(await states()).toEqual(before);
  const good = await run({ transaction: 'play', verify, tasks: tasks() });
  expect(statuses(good)).toEqual({ h1: 'changed', h2: 'changed', h3: 'changed' });
});

test('probes: what worked before must work after; what did not is not asked of the changes', async () => {
  const before = await stateOf(lab, 'h1');
  const hole = { route: { dst: '10.6.0.200', type: 'blackhole' } };
  const play = { hosts: 'h1', probes: [{ ping: '10.6.0.200' }, { ping: '10.6.0.99' }] };
  const report = await run({ ...play, tasks: tasks([hole]) });
  expect(statuses(report)).toEqual({ h1: 'rolled_back' });
  expect(problemsOf(report).join()).toContain('ping 10.6.0.200 worked before the changes');
  expect(await stateOf(lab, 'h1')).toBe(before);
  expect(statuses(await run({ ...play, tasks: tasks() }))).toEqual({ h1: 'changed' });
});

test('verify may take longer than the time to confirm: the host is given more', async () => {
  const slow = { command: { cmd: 'sleep 5', timeout: 10 } };
  for (const transaction of ['host', 'play']) {
    const report = await run({ transaction, verify: [slow], tasks: tasks() }, '--confirm-timeout', '3s');
    expect(statuses(report)).toEqual({ h1: 'changed', h2: 'changed', h3: 'changed' });
  }
});

test('a host that the inventory names twice: one of the names does not end the changes of the other', async () => {
  const known = readFileSync(lab.inventory, 'utf8');
  const port = /h1:\n.*\n +ansible_port: (\d+)/.exec(known)?.[1];
  const twice = folder.write(
    'twice.yml',
    known.replace('    h2:\n', '    again:\n').replace(/ansible_port: \d+/g, `ansible_port: ${port}`),
  );
  const file = folder.write('twice-play.yml', [{ hosts: 'h1:again', tasks: tasks() }]);
  const report = await runJson([file, '-i', twice]);
  expect(Object.values(statuses(report)).sort()).toEqual(['changed', 'failed']);
  expect(problemsOf(report).join()).toContain('has this host since');
  const waiting = await runJson([
    folder.write('twice-play.yml', [{ hosts: 'h1:again', tasks: tasks() }]),
    '-i',
    twice,
    '--lock-timeout',
    '20s',
  ]);
  expect(Object.values(statuses(waiting)).sort()).toEqual(['changed', 'ok']);
});

test('what died while it was begun or cleared away is cleared away, and where no journal can be written it is said', async () => {
  await lab.exec('h1', ['sh', '-c', 'cd /run/netplay && mkdir new-x.999999 tx-x && : >tx-x/made']);
  await lab.exec('h1', ['sh', '-c', 'mv /var/lib/netplay /var/lib/kept && : >/var/lib/netplay']);
  const report = await run({ hosts: 'h1', tasks: tasks() });
  await lab.exec('h1', ['sh', '-c', 'rm /var/lib/netplay && mv /var/lib/kept /var/lib/netplay']);
  expect(statuses(report)).toEqual({ h1: 'changed' });
  expect(report.ends.flatMap((end) => end.tasks.flatMap(({ warnings }) => warnings)).join()).toContain(
    'its journal can not be written',
  );
  expect((await lab.exec('h1', ['ls', '-A', '/run/netplay'])).stdout).toBe('');
});

test('a controller whose clock is behind does not lose its entry of a full journal', async () => {
  const fill = 'cd /var/lib/netplay/journal; for n in $(seq 10 80); do echo {} > 9999-$n; done';
  await lab.exec('h1', ['sh', '-c', fill]);
  await run({ hosts: 'h1', tasks: tasks() });
  const { stdout } = await lab.exec('h1', [
    'sh',
    '-c',
    'cd /var/lib/netplay/journal; head -c 1 2*; rm 9999-*',
  ]);
  expect(stdout).toBe('{');
});

test('--no-confirm does not go with hosts that are undone together', async () => {
  const report = await run({ transaction: 'play', tasks: tasks() }, '--no-confirm');
  expect(report.code).toBe(1);
  expect(report.stderr).toMatch(
    /play\.yml:1:.*\n?.*transaction: play does not go with --no-confirm|transaction: play does not go with --no-confirm/,
  );
});

test('the journal keeps the newest fifty entries, each with what was done and its outcome', async () => {
  await lab.exec('h1', [
    'sh',
    '-c',
    'cd /var/lib/netplay/journal; for n in $(seq 1 70); do echo {} > 2000-$n; done',
  ]);
  const report = await run({ hosts: 'h1', tasks: tasks() });
  expect(statuses(report)).toEqual({ h1: 'changed' });
  const { stdout } = await lab.exec('h1', [
    'sh',
    '-c',
    'cd /var/lib/netplay/journal; ls | wc -l; cat $(ls | tail -n 1)',
  ]);
  const [count, entry = '', outcome] = stdout.split('\n');
  expect(count).toBe('50');
  expect(outcome).toMatch(/^outcome \d+ confirmed/);
  expect(JSON.parse(entry)).toMatchObject({
    play: 'h1',
    changes: expect.arrayContaining([expect.objectContaining({ resource: 'rule', action: 'create' })]),
  });
});

test('--resume goes on with the hosts that an earlier run left', async () => {
  const play = { tasks: tasks([failsOn('h2')]) };
  const first = await run(play);
  expect(statuses(first)).toEqual({ h1: 'changed', h2: 'rolled_back', h3: 'changed' });
  const name = first.events.find((event) => event.type === 'run_start')?.run ?? '';
  const again = await runJson([
    folder.write('play.yml', [{ hosts: 'fleet', tasks: play.tasks.slice(0, 2) }]),
    '--resume',
    name,
  ]);
  expect(statuses(again)).toEqual({ h2: 'changed' });
  const nothing = await netplay(['run', '--resume', 'nosuch']);
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain('there is no record of run nosuch');
});

test('a probe that takes as long as the host waits is refused before anything is touched', async () => {
  const before = await states();
  const file = folder.write('slow.yml', [
    { hosts: 'fleet', probes: [{ command: { cmd: 'true', timeout: 5 } }], tasks: tasks() },
  ]);
  const run = (time: string) => netplay(['run', file, '-i', lab.inventory, '--confirm-timeout', time]);
  const refused = await run('5s');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("probes: 'true' may take 5 s, and the host undoes its changes after 5 s");
  expect(await states()).toEqual(before);
  expect((await run('6s')).code).toBe(0);
});

test('a transaction that ends while a host is read makes what was read stale', async () => {
  const reads = [{ kind: 'links' }] as const;
  const journalBy = async (script: string): Promise<string> =>
    parseProbe((await lab.exec('h1', ['sh', '-c', script])).stdout, reads).journal;
  const entry = '/var/lib/netplay/journal/zz';
  const ending = `mkdir -p /var/lib/netplay/journal; : >${entry}`;
  const meanwhile = buildProbe(reads).replace(/^section rules4/m, `${ending}; section rules4`);
  expect(meanwhile).toContain(entry);
  const seen = await journalBy(meanwhile);
  expect(seen).not.toBe(await journalBy(buildProbe(reads)));
  await lab.exec('h1', ['rm', '-f', entry]);
});
