/** The commands beside `run`: changes on trial confirmed, extended and undone by others; history; taking back. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Lab, labUp } from '../../src/lab/index.js';
import type { ReportedTransaction } from '../../src/report/history.js';
import { eventsOf, netplay, problemsOf, type RunReport, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName, stateOf } from '../support/lab-runs.js';

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  const account = `useradd -m -s /bin/sh free && echo 'free:correct-horse' | chpasswd && mkdir -m 700 /home/free/.ssh &&
     cp .ssh/authorized_keys /home/free/.ssh && chown -R free: /home/free &&
     echo 'free ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/free`;
  // A lab's hosts show what the machine itself has below /var.
  const noPast = 'rm -rf /var/lib/netplay';
  lab = await labUp({
    name: ownName('trials'),
    hosts: {
      'h[1:3]': { nics: { eth0: { switch: 'lan', addresses: ['10.5.0.{n}/24'] } }, run: [noPast] },
      full: {
        nics: { eth0: { switch: 'lan', addresses: ['10.5.0.9/24'] }, eth1: { switch: 'lan' } },
        run: [noPast],
      },
      past: { nics: { eth0: { switch: 'lan', addresses: ['10.5.0.8/24'] } }, run: [noPast, account] },
    },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

type Task = Readonly<Record<string, unknown>>;

const args = (hosts: string, tasks: readonly Task[]): string[] => [
  folder.write('play.yml', [{ name: 'the play', hosts, tasks }]),
  '-i',
  lab.inventory,
];
const sh = async (host: string, script: string): Promise<string> =>
  (await lab.exec(host, ['sh', '-c', script])).stdout;
/** Nothing of a transaction is left beside the journal; its watchdogs look once a second. */
async function expectNoTrace(host: string): Promise<void> {
  const look = () => sh(host, 'ls -A /run/netplay 2>/dev/null; ps -e -o args | grep "[g]uard " || :');
  await expect.poll(look, { timeout: 4000 }).toBe('');
}

let next = 0;
/** Adds a rule of its own to hosts, on trial for `seconds`. */
async function onTrial(hosts: string, seconds: number): Promise<{ run: string; rule: string }> {
  next += 1;
  const rule = `10.9.0.${next}`;
  const tasks = [{ rule: { from: rule, table: 100, priority: 1000 + next } }];
  const given = ['--confirm=manual', '--confirm-timeout', `${seconds}s`];
  const report = await runJson([...args(hosts, tasks), ...given]);
  expect(problemsOf(report)).toEqual([]);
  expect(report.ends.every((end) => end.onTrial === seconds)).toBe(true);
  return { run: runOf(report), rule };
}

function runOf({ events }: RunReport): string {
  const start = events.find((event) => event.type === 'run_start');
  return start?.run ?? '';
}

const hasRule = async (host: string, rule: string): Promise<boolean> =>
  (await sh(host, 'ip rule')).includes(`from ${rule} `);

describe.sequential('changes on trial', () => {
  test('confirm keeps them on every host, and nothing is left of the trial', async () => {
    const { run, rule } = await onTrial('h1,h2', 5);
    const said = await netplay(['confirm', run]);
    expect(said).toEqual({ code: 0, stdout: 'h1  confirmed\nh2  confirmed', stderr: '' });
    await new Promise((resolve) => setTimeout(resolve, 6500));
    for (const host of ['h1', 'h2']) {
      expect(await hasRule(host, rule)).toBe(true);
      await expectNoTrace(host);
    }
    const again = await netplay(['confirm', run]);
    expect(again).toMatchObject({ code: 0, stdout: 'h1  confirmed before\nh2  confirmed before' });
  });

  test('extend leaves more time, then the host undoes them by itself', async () => {
    const { run, rule } = await onTrial('h1', 4);
    const said = await netplay(['extend', run, '8s', '--json']);
    expect(said.code).toBe(0);
    const answer = JSON.parse(said.stdout);
    expect(answer).toMatchObject({ host: 'h1', status: 'extended' });
    expect(answer.left).toBeGreaterThan(5);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(await hasRule('h1', rule)).toBe(true);
    await expect.poll(() => hasRule('h1', rule), { timeout: 8000 }).toBe(false);
    await expectNoTrace('h1');
    const late = await netplay(['confirm', run]);
    expect(late.code).toBe(2);
    expect(late.stdout).toBe('h1  rolled back before: nobody confirmed it within 4 s');
  });

  test('extend never leaves less time than there is', async () => {
    const { run, rule } = await onTrial('h1', 20);
    const { left } = JSON.parse((await netplay(['extend', run, '3s', '--json'])).stdout);
    expect(left).toBeGreaterThan(10);
    expect((await netplay(['confirm', run])).code).toBe(0);
    expect(await hasRule('h1', rule)).toBe(true);
  });

  test('a later play leaves a host alone that has changes on trial; --resume goes on once they are confirmed', async () => {
    const plays = [5001, 5002].map((priority) => ({
      hosts: 'h1',
      tasks: [{ rule: { from: '10.9.2.1', table: 100, priority } }],
    }));
    const report = await runJson([folder.write('two.yml', plays), '-i', lab.inventory, '--confirm=manual']);
    expect(report.ends.map(({ status }) => status)).toEqual(['changed', 'not_run']);
    expect(report.ends[1]?.error?.message).toContain(`go on with --resume ${runOf(report)}`);
    expect((await netplay(['confirm', runOf(report)])).code).toBe(0);
    const rest = await runJson(['--resume', runOf(report)]);
    expect(rest.ends.map(({ status }) => status)).toEqual(['ok', 'changed']);
  });

  test('rollback undoes them, and the host keeps the reason', async () => {
    const before = await stateOf(lab, 'h1');
    const { run } = await onTrial('h1', 20);
    expect(await stateOf(lab, 'h1')).not.toBe(before);
    const said = await netplay(['rollback', run, '--reason', 'not today']);
    expect(said).toMatchObject({ code: 0, stdout: 'h1  rolled back: not today' });
    expect(await stateOf(lab, 'h1')).toBe(before);
    await expectNoTrace('h1');
    const { stdout } = await netplay(['history', 'h1', '-i', lab.inventory, '-n', '1']);
    expect(stdout).toContain('rolled back: not today');
  });

  test('where one host has undone them, none of the others keeps them', async () => {
    const { run, rule } = await onTrial('h1,h2,h3', 20);
    await netplay(['rollback', run, '-l', 'h2']);
    expect([await hasRule('h1', rule), await hasRule('h2', rule)]).toEqual([true, false]);
    const said = await netplay(['confirm', run]);
    expect(said.code).toBe(2);
    expect(said.stdout.split('\n')).toEqual([
      'h1  rolled back: h2 has not got its changes any more',
      'h2  rolled back before: somebody said so',
      'h3  rolled back: h2 has not got its changes any more',
    ]);
    expect(await hasRule('h1', rule)).toBe(false);
  });

  test('where one host can’t write its files, none keeps them', async () => {
    const tasks = [{ rt_table: { id: 333, name: 'mine' } }, { rule: { from: '10.9.1.1', table: 333 } }];
    const before = await stateOf(lab, 'h1');
    const report = await runJson([...args('h1,h2', tasks), '--confirm=manual', '--confirm-timeout', '20s']);
    await sh('h2', 'mount -t tmpfs -o ro none /etc/iproute2');
    try {
      const said = await netplay(['confirm', runOf(report)]);
      expect(said.code).toBe(2);
      expect(said.stdout).toMatch(/^h1 {2}rolled back: h2 could not confirm\nh2 {2}rolled back: its files/);
    } finally {
      await sh('h2', 'umount /etc/iproute2');
    }
    expect(await stateOf(lab, 'h1')).toBe(before);
    for (const host of ['h1', 'h2']) await expectNoTrace(host);
  });

  test('from another machine: by an inventory, every host of it is asked', async () => {
    const { run, rule } = await onTrial('h1,h2', 20);
    const elsewhere = { XDG_STATE_HOME: folder.path };
    const unknown = await netplay(['confirm', run], elsewhere);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('give its -i INVENTORY');
    const said = await netplay(['confirm', run, '-i', lab.inventory, '-l', 'h1,h2,h3'], elsewhere);
    expect(said).toMatchObject({ code: 0, stdout: 'h1  confirmed\nh2  confirmed\nh3  nothing on trial' });
    expect(await hasRule('h2', rule)).toBe(true);
    const nobody = await netplay(['confirm', run, '-i', lab.inventory, '-l', 'h3'], elsewhere);
    expect(nobody).toMatchObject({ code: 2, stdout: 'h3  nothing on trial' });
  });

  test('a host that can’t be reached leaves all on trial: it may be again before their time is up', async () => {
    const { run, rule } = await onTrial('h1,h2', 15);
    const elsewhere = folder.write('elsewhere.yml', {
      all: { hosts: { h2: { ansible_host: '127.0.0.1', ansible_port: 1 } } },
    });
    const said = await netplay(['confirm', run, '-i', lab.inventory, '-i', elsewhere, '-l', 'h1,h2']);
    expect(said.code).toBe(4);
    expect(said.stdout).toMatch(
      /^h1 {2}still on trial, \d+ s left: h2 can't be reached\nh2 {2}unreachable: /,
    );
    expect((await netplay(['confirm', run])).code).toBe(0);
    expect(await hasRule('h1', rule)).toBe(true);
  });
});

const EVERYTHING: readonly Task[] = [
  { rt_table: { id: 100, name: 'lan' } },
  { address: { dev: 'eth1', address: '10.6.0.1/24' } },
  { address: { dev: 'eth1', address: '2001:db8:6::1/64', nodad: true } },
  { link: { name: 'eth1', state: 'up', mtu: 1400, alias: 'to the lan' } },
  { route: { dst: '10.7.0.0/16', via: '10.6.0.9', dev: 'eth1', table: 'lan' } },
  { route: { dst: '10.8.0.0/16', via: '10.5.0.77', dev: 'eth0', mtu: 1300 } },
  { rule: { from: '10.6.0.1', table: 'lan', priority: 90 } },
  { sysctls: { 'net.ipv4.conf.eth1.rp_filter': 2, 'net.ipv4.ip_forward': 1 } },
  { bridge: { name: 'br0', mac: '52:54:00:12:34:56', stp: false } },
  { tap: { name: 'tap0', bridge: 'br0', owner: 'root', guest_mac: '52:54:00:84:e3:62' } },
];

describe.sequential('taking back what was confirmed', () => {
  const rollback = (words: readonly string[]): Promise<RunReport> =>
    eventsOf(['rollback', ...words, '-i', lab.inventory]);

  test('of every resource: the very state from before, through a guarded run of its own', async () => {
    await sh('full', 'ip route add 10.8.0.0/16 via 10.5.0.66 dev eth0');
    const before = await stateOf(lab, 'full');
    const run = await runJson(args('full', EVERYTHING));
    expect(problemsOf(run)).toEqual([]);
    const after = await stateOf(lab, 'full');
    const check = await rollback(['full', '--check']);
    expect(problemsOf(check)).toEqual([]);
    expect(await stateOf(lab, 'full')).toBe(after);
    const back = await rollback(['full']);
    expect(problemsOf(back)).toEqual([]);
    expect(back.code).toBe(0);
    expect(back.ends[0]?.tasks[0]?.changes).toEqual(check.ends[0]?.tasks[0]?.changes);
    expect(await stateOf(lab, 'full')).toBe(before);
    await expectNoTrace('full');
    const again = await rollback(['full']);
    expect(again.code).toBe(0);
    expect(again.ends[0]).toMatchObject({ status: 'ok' });
    expect(again.ends[0]?.tasks[0]?.warnings[0]).toContain(
      `${runOf(run)}.0 was taken back already, by ${runOf(back)}.0`,
    );
    // And that can be taken back in its turn.
    const forth = await rollback(['full', `${runOf(back)}.0`]);
    expect(problemsOf(forth)).toEqual([]);
    expect((await runJson([...args('full', EVERYTHING), '--check', '--exit-code'])).code).toBe(0);
  });

  test('refused where somebody has changed the result since, with what it is now', async () => {
    const route = { dst: '10.70.0.0/16', via: '10.5.0.1', dev: 'eth0' };
    const first = await runJson(args('past', [{ route }]));
    await sh('past', 'ip route change 10.70.0.0/16 via 10.5.0.2 dev eth0 proto 201');
    const state = await stateOf(lab, 'past');
    const back = await rollback(['past']);
    expect(back.code).toBe(2);
    expect(problemsOf(back).join()).toContain('route 10.70.0.0/16 is now 10.70.0.0/16 via 10.5.0.2 dev eth0');
    expect(await stateOf(lab, 'past')).toBe(state);
    await sh('past', 'ip route change 10.70.0.0/16 via 10.5.0.1 dev eth0 proto 201');
    const fine = await rollback(['past', `${runOf(first)}.0`]);
    expect(problemsOf(fine)).toEqual([]);
    expect(await sh('past', 'ip route show 10.70.0.0/16')).toBe('');
  });

  test('refused where something was built upon the result', async () => {
    await runJson(args('past', [{ address: { dev: 'eth0', address: '10.71.0.1/24' } }]));
    await sh('past', 'ip route add 10.72.0.0/16 via 10.71.0.9 src 10.71.0.1');
    const back = await rollback(['past']);
    expect(back.code).toBe(2);
    expect(problemsOf(back).join()).toContain(
      'route 10.72.0.0/16 via 10.71.0.9 dev eth0 src 10.71.0.1 would be lost',
    );
    expect(await sh('past', 'ip route show 10.72.0.0/16')).toContain('10.71.0.9');
    await sh('past', 'ip route del 10.72.0.0/16');
    expect((await rollback(['past'])).code).toBe(0);
  });

  test('one that was undone, and one that is not there, are refused with the reason', async () => {
    const { run } = await onTrial('past', 20);
    await netplay(['rollback', run]);
    const undone = await rollback(['past', `${run}.0`]);
    expect(undone.code).toBe(2);
    expect(problemsOf(undone).join()).toContain(
      `${run}.0 was not confirmed: it was undone (somebody said so)`,
    );
    const none = await rollback(['past', 'nothing']);
    expect(problemsOf(none).join()).toContain('it has no transaction nothing');
  });

  test('a user that is not root becomes root for it', async () => {
    const { all } = parse(readFileSync(lab.inventory, 'utf8'));
    const { ansible_user: _, ...vars } = all.vars;
    const inventory = folder.write('users.yml', { all: { ...all, vars } });
    await runJson(args('past', [{ rule: { from: '10.9.9.9', table: 100, priority: 999 } }]));
    const back = await netplay(['rollback', 'past', '-i', inventory, '-u', 'free']);
    expect(back.code).toBe(0);
    expect(await hasRule('past', '10.9.9.9')).toBe(false);
    // Who does not become root hears of one thing, and what to do.
    const refused = await runJson([
      ...args('past', [{ rule: { from: '10.9.9.8', table: 100, priority: 998 } }]).slice(0, 1),
      ...['-i', inventory, '-u', 'free'],
    ]);
    expect(refused.ends[0]?.error?.message).toMatch(/^nothing was changed: mkdir: .*Permission denied$/);
    expect(refused.ends[0]?.error?.hint).toContain('become: true');
  });
});

describe.sequential('history', () => {
  const history = async (words: readonly string[]): Promise<ReportedTransaction[]> => {
    const { stdout } = await netplay(['history', ...words, '-i', lab.inventory, '--json']);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };

  test('the newest first: who, what, what became of it', async () => {
    const [newest, older] = await history(['full', '-n', '2']);
    expect(newest).toMatchObject({
      host: 'full',
      outcome: 'confirmed',
      play: expect.stringMatching(/^take back/),
    });
    expect(older?.takenBackBy).toBe(newest?.id);
    expect(newest?.takesBack).toBe(older?.id);
    expect(Math.abs((newest?.ended ?? 0) - Date.now() / 1000)).toBeLessThan(600);
    const [, , first] = await history(['full']);
    expect(first).toMatchObject({ play: 'the play', outcome: 'confirmed' });
    expect(first?.changes.map(({ address }) => address)).toContain('rule 90 from 10.6.0.1');
  });

  test('-v shows every change with its commands; a trial shows its time', async () => {
    const { run } = await onTrial('h3', 20);
    const { code, stdout } = await netplay(['history', 'h3', '-i', lab.inventory, '-v', '-n', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^h3\n {2}${run}\\.0 {2}on trial, \\d+ s left {2}\\d changes?\n`));
    expect(stdout).toMatch(/\n {4} *rule \d+ from [\d.]+ +absent → \d+: from/);
    expect(stdout).toMatch(/\$ ip -4 rule add|\$ ip rule add/);
    await netplay(['rollback', run]);
  });
});
