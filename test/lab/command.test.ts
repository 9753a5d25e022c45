/** `netplay run` where something goes wrong: exit codes, what is said, and what is not touched. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import type { HostSpec } from '../../src/lab/spec.js';
import type { NetplayEvent } from '../../src/shared/events.js';
import { netplay, ROOT, runJson } from '../support/cli.js';
import { acceptedConnections, type Folder, foretoldRun, makeFolder, ownName } from '../support/lab-runs.js';

const IP = realpathSync('/usr/sbin/ip');
const REAL = '/usr/lib/real/ip';

/** A host whose `ip` takes its time over what matches a pattern of `sh`. */
const slow = (address: string, pattern: string): HostSpec => ({
  nics: { eth0: { switch: 'lan', addresses: [address] } },
  files: {
    [REAL]: { source: IP, mode: '755' },
    [IP]: {
      content: `#!/bin/sh\ncase "$*" in ${pattern}) sleep 2;; esac\nexec ${REAL} "$@"\n`,
      mode: '755',
    },
  },
});

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('command'),
    hosts: {
      'h[1:3]': { groups: ['fleet'], nics: { eth0: { switch: 'lan', addresses: ['10.5.0.{n}/24'] } } },
      'without-ip': { run: [`rm ${IP}`] },
      dead: { run: ['kill "$(cat /run/sshd.pid)"'] },
      'slow-to-apply': slow('10.5.0.11/24', '*-batch*'),
      'slow-to-read': slow('10.5.0.12/24', "*'route show'*"),
      last: {},
    },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

const play = (hosts: string, tasks: readonly unknown[]): string =>
  folder.write('play.yml', [{ hosts, tasks }]);
const arguments_ = (playbook: string): string[] => [playbook, '-i', lab.inventory];
const rulesOf = async (host: string): Promise<string> => {
  const { stdout } = await lab.exec(host, [
    'sh',
    '-c',
    `if [ -e ${REAL} ]; then ${REAL} rule; else ip rule; fi`,
  ]);
  return stdout;
};
const only = (host: string, value: string, otherwise: string): string =>
  `{{ '${value}' if inventory_hostname == '${host}' else '${otherwise}' }}`;

/** How each host came out of a run. */
const statuses = (ends: readonly { host: string; status: string }[]): Record<string, string> =>
  Object.fromEntries(ends.map(({ host, status }) => [host, status]));

describe.sequential('exit codes', () => {
  test('0: hosts are changed, and 3: a check that asks for it finds changes', async () => {
    const args = arguments_(play('fleet', [{ rule: { from: '10.9.0.1', table: 100, priority: 1000 } }]));
    expect((await runJson([...args, '--check'])).code).toBe(0);
    const { check, run } = await foretoldRun(args);
    expect([check.code, run.code]).toEqual([3, 0]);
    expect((await runJson([...args, '--check', '--exit-code'])).code).toBe(0);
  });

  test('2: a task that can not be planned stops its host before anything is applied, and no other', async () => {
    const args = arguments_(
      play('fleet', [
        { rule: { from: '10.9.0.2', table: 100, priority: 1010 } },
        { route: { dst: '10.8.0.0/16', dev: only('h2', 'eth9', 'eth0'), table: 100 } },
      ]),
    );
    const run = await runJson(args);
    expect(run.code).toBe(2);
    expect(statuses(run.ends)).toEqual({ h1: 'changed', h2: 'failed', h3: 'changed' });
    expect(await rulesOf('h1')).toContain('10.9.0.2');
    expect(await rulesOf('h2')).not.toContain('10.9.0.2');
    const shown = await netplay(['run', ...args]);
    expect(shown.stdout).toContain(`failed: h2
    task: route 10.8.0.0/16 table 100
    there is no device eth9 on this host; did you mean eth0?
    ${join(folder.path, 'play.yml')}:9:14:  dev: "${only('h2', 'eth9', 'eth0')}"
    hint: Devices here: lo, eth0, mgmt0.`);
  });

  test('2: a task that fails while it is applied undoes its host, with the words of the host', async () => {
    const key = 'net.ipv4.tcp_congestion_control';
    const before = (await lab.exec('h3', ['cat', '/proc/sys/net/ipv4/tcp_congestion_control'])).stdout.trim();
    const args = arguments_(
      play('fleet', [
        { rule: { from: '10.9.0.3', table: 100, priority: 1020 } },
        { sysctl: { name: key, value: only('h1', 'nosuch', before) } },
        { rule: { from: '10.9.0.4', table: 100, priority: 1021 } },
      ]),
    );
    const run = await runJson(args);
    expect(run.code).toBe(2);
    expect(statuses(run.ends)).toEqual({ h1: 'rolled_back', h2: 'changed', h3: 'changed' });
    expect(run.end?.recap.h1).toMatchObject({ changed: 0, failed: 1, rolled_back: 1 });
    const failed = run.ends.find(({ host }) => host === 'h1');
    expect(failed?.tasks.map(({ status }) => status)).toEqual(['undone', 'failed', 'not-run']);
    expect(failed?.tasks[0]).toMatchObject({
      changes: [],
      undone: [{ address: expect.stringContaining('10.9.0.3') }],
    });
    expect(failed?.tasks[1]?.errors[0]).toMatchObject({
      code: 'apply',
      message: expect.stringContaining(`echo nosuch > /proc/sys/net/ipv4/tcp_congestion_control: `),
      place: { line: 7 },
    });
    expect(await rulesOf('h1')).not.toContain('10.9.0.3');
    expect(await rulesOf('h1')).not.toContain('10.9.0.4');
    expect(await rulesOf('h2')).toContain('10.9.0.4');
  });

  test('2: a host without iproute2 says so, and how to get it', async () => {
    const args = arguments_(
      play('without-ip,h1', [{ rule: { from: '10.9.0.5', table: 100, priority: 1030 } }]),
    );
    const { code, stdout } = await netplay(['run', ...args]);
    expect(code).toBe(2);
    expect(stdout).toContain('failed: without-ip\n    iproute2 is not installed: there is no command "ip"');
    expect(stdout).toContain(
      'hint: Install the package iproute2 (Debian, SUSE, Alpine) or iproute (Red Hat).',
    );
    expect(await rulesOf('h1')).toContain('10.9.0.5');
  });

  test('4: a host that is down is unreachable, the others are changed; with a failed one too it is 2', async () => {
    const tasks = [{ rule: { from: '10.9.0.6', table: 100, priority: 1040 } }];
    const run = await runJson(arguments_(play('dead,h1', tasks)));
    expect(run.code).toBe(4);
    expect(statuses(run.ends)).toEqual({ dead: 'unreachable', h1: 'changed' });
    expect(run.end?.recap.dead).toMatchObject({ ok: 0, unreachable: 1, failed: 0 });
    expect((await runJson(arguments_(play('dead,without-ip', tasks)))).code).toBe(2);
    const closed = folder.write('closed.yml', {
      all: { hosts: { nobody: { ansible_host: '127.0.0.1', ansible_port: 1 } } },
    });
    const refused = await runJson([play('nobody', tasks), '-i', lab.inventory, '-i', closed]);
    expect(refused.code).toBe(4);
    expect(refused.ends[0]?.error?.message).toMatch(/127\.0\.0\.1.* port 1\b/);
  });
});

/** Starts a run with one host at a time and interrupts it once an event is seen. */
async function interruptAt(
  playbook: string,
  isDue: (event: NetplayEvent) => boolean,
): Promise<{ code: number | undefined; stderr: string; events: NetplayEvent[] }> {
  const command = [join(ROOT, 'bin', 'netplay.js'), 'run', ...arguments_(playbook), '--json', '-f', '1'];
  const running = execa(process.execPath, command, {
    cwd: ROOT,
    reject: false,
    env: { XDG_STATE_HOME: folder.path },
  });
  const events: NetplayEvent[] = [];
  for await (const line of createInterface({ input: running.stdout })) {
    const event: NetplayEvent = JSON.parse(line);
    events.push(event);
    if (isDue(event)) running.kill('SIGINT');
  }
  const { exitCode, stderr } = await running;
  return { code: exitCode, stderr, events };
}

const isPhase = (host: string, phase: string) => (event: NetplayEvent) =>
  event.type === 'host_phase' && event.host === host && event.phase === phase;

describe.sequential('130: interrupted', () => {
  test('changes that are being made are finished and verified, and no further host is begun', async () => {
    const before = await acceptedConnections(lab, 'last');
    const playbook = play('slow-to-apply,last', [{ rule: { from: '10.9.1.1', table: 100, priority: 1100 } }]);
    const { code, stderr, events } = await interruptAt(playbook, isPhase('slow-to-apply', 'apply'));
    expect(code).toBe(130);
    expect(stderr).toContain(
      'interrupted: no further host is begun; changes that are being made are finished or undone first\nnetplay run --resume 2',
    );
    const ends = events.filter((event) => event.type === 'host_end');
    expect(ends).toMatchObject([{ host: 'slow-to-apply', status: 'changed', roundTrips: 4 }]);
    expect(await rulesOf('slow-to-apply')).toContain('10.9.1.1');
    expect(await acceptedConnections(lab, 'last')).toBe(before);
    expect(events.at(-1)).toMatchObject({ type: 'run_end', exitCode: 130 });
  });

  test('a host that is still being read is not changed', async () => {
    const playbook = play('slow-to-read', [{ route: { dst: '10.9.1.2/32', dev: 'eth0', table: 100 } }]);
    const { code, events } = await interruptAt(playbook, isPhase('slow-to-read', 'read'));
    expect(code).toBe(130);
    expect(events.filter(isPhase('slow-to-read', 'apply'))).toEqual([]);
    const { stdout } = await lab.exec('slow-to-read', [REAL, 'route', 'show', 'table', 'all']);
    expect(stdout).not.toContain('10.9.1.2');
  });
});

describe.sequential('1: nothing is touched', () => {
  const hosts = ['h1', 'h2', 'h3'];
  const accepted = (): Promise<number[]> => Promise.all(hosts.map((host) => acceptedConnections(lab, host)));

  /** Runs netplay and holds it to code 1 without a connection. */
  async function refused(args: readonly string[]): Promise<string> {
    const before = await accepted();
    const { code, stdout, stderr } = await netplay(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(await accepted()).toEqual(before);
    return stderr.replaceAll(folder.path, '.');
  }

  test('all of a playbook’s errors are told at once, each with its line and the nearest right word', async () => {
    const playbook = folder.write(
      'bad.yml',
      `- name: wrong in many ways
  hosts: fleet
  tasks:
    - route: {dst: 10.1.0.0/16, vai: 10.5.0.254, dev: eth0}
    - rout: {dst: 10.1.0.0/16}
    - rule: {from: 10.1.0.300, table: 100, priority: high}
    - sysctl: {name: net.ipv4.ip_forward, value: [1]}
    - rule: {from: 10.1.0.3, table: 100}
      wen: true
    - address: {dev: eth0}
    - link: {name: eth0, mtu: "{{ 1 +"}
`,
    );
    expect(await refused(['run', ...arguments_(playbook)])).toBe(`\
ERROR task "route": unknown parameter 'vai'
  --> ./bad.yml:4:33
  |     - route: {dst: 10.1.0.0/16, vai: 10.5.0.254, dev: eth0}
  |                                 ^^^
  hint: Did you mean via?

ERROR Unknown resource, action or keyword 'rout'
  --> ./bad.yml:5:7
  |     - rout: {dst: 10.1.0.0/16}
  |       ^^^^
  hint: Did you mean route?

ERROR task "rule": from: must be a network, an address or default, such as 192.168.1.0/24 or 2001:db8::/64, not '10.1.0.300'
  --> ./bad.yml:6:20
  |     - rule: {from: 10.1.0.300, table: 100, priority: high}
  |                    ^^^^^^^^^^

ERROR task "rule": priority: must be a whole number, not 'high'
  --> ./bad.yml:6:54
  |     - rule: {from: 10.1.0.300, table: 100, priority: high}
  |                                                      ^^^^

ERROR task "sysctl": value: must be text, a number or true or false, not a list
  --> ./bad.yml:7:50
  |     - sysctl: {name: net.ipv4.ip_forward, value: [1]}
  |                                                  ^^^

ERROR Unknown resource, action or keyword 'wen'
  --> ./bad.yml:9:7
  |       wen: true
  |       ^^^
  hint: Did you mean when?

ERROR task "address": missing parameter 'address'
  --> ./bad.yml:10:7
  |     - address: {dev: eth0}
  |       ^^^^^^^

ERROR '{{' is not closed, in "{{ 1 +"
  --> ./bad.yml:11:31
  |     - link: {name: eth0, mtu: "{{ 1 +"}
  |                               ^^^^^^^^`);
  });

  test('a variable that only one host lacks stops the run of all', async () => {
    const vars = folder.write('vars.yml', {
      fleet: { hosts: { h1: { priority: 10 }, h2: null, h3: { priority: 30 } } },
    });
    const playbook = play('fleet', [{ rule: { from: '10.9.2.1', table: 100, priority: '{{ priority }}' } }]);
    const said = await refused(['run', ...arguments_(playbook), '-i', vars]);
    expect(said).toMatch(/^ERROR h2.*'priority' is undefined/);
    expect(said).toContain('--> ./play.yml:6:23\n');
  });

  test('an inventory that can not be read right', async () => {
    const broken = folder.write('broken.yml', 'all:\n  hosts:\n    h9: {ansible_port: 22\n');
    const playbook = play('fleet', [{ rule: { from: '10.9.2.2', table: 100 } }]);
    expect(await refused(['run', ...arguments_(playbook), '-i', broken])).toContain('--> ./broken.yml:');
  });

  test.each([
    [
      'a playbook that is not there',
      ['nope.yml'],
      "ERROR Can't read the playbook nope.yml: there is no such file",
    ],
    ['an unknown option', ['play.yml', '--chek'], "error: unknown option '--chek'\n(Did you mean --check?)"],
    [
      'a limit that names nobody',
      ['play.yml', '-l', 'h4'],
      'ERROR --limit: No host or group of the inventory is named or matches "h4"\n  hint: Did you mean "h1"?',
    ],
    ['no forks', ['play.yml', '-f', '0'], 'It must be a whole number above 0.'],
    ['--exit-code without --check', ['play.yml', '--exit-code'], 'ERROR --exit-code goes with --check'],
    [
      'extra variables without a value',
      ['play.yml', '-e', 'x'],
      'ERROR --extra-vars: not of the form name=value',
    ],
  ])('%s', async (_, args, words) => {
    play('fleet', [{ rule: { from: '10.9.2.3', table: 100 } }]);
    const [playbook = '', ...options] = args;
    const file = playbook === 'play.yml' ? join(folder.path, playbook) : playbook;
    expect(await refused(['run', ...arguments_(file), ...options])).toContain(words);
  });

  test('no inventory', async () => {
    const playbook = play('fleet', [{ rule: { from: '10.9.2.4', table: 100 } }]);
    expect(await refused(['run', playbook])).toBe(
      'ERROR no inventory is given\n  hint: say -i FILE, or -i host1,host2,; `inventory: FILE` in netplay.yml says it for good',
    );
  });
});

test('where a host ignores an error, its check foretells the error and all that is done in spite of it', async () => {
  const playbook = play('fleet', [
    { name: 'may fail', route: { dst: '10.8.1.0/24', dev: only('h1', 'eth9', 'eth0') }, ignore_errors: true },
    { rule: { from: '10.9.3.1', table: 100, priority: 1300 } },
  ]);
  const { check, run } = await foretoldRun(arguments_(playbook));
  expect(run.code).toBe(0);
  for (const { ends } of [check, run]) {
    const tasks = ends.map(({ host, tasks }) => [host, tasks.map(({ status }) => status)]);
    const changed = ['changed', 'changed'];
    expect(Object.fromEntries(tasks)).toEqual({ h1: ['ignored', 'changed'], h2: changed, h3: changed });
  }
  expect(await rulesOf('h1')).toContain('10.9.3.1');
  const { stdout } = await netplay(['run', ...arguments_(playbook)]);
  expect(stdout).toContain('ignored: h1\n    task: may fail\n    there is no device eth9 on this host');
});
