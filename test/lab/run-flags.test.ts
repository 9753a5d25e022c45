/** Flags of `netplay run` that choose what is done, and settings that stand for flags; on this machine alone. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf, netplay, type RunReport } from '../support/cli.js';
import { type Folder, makeFolder } from '../support/lab-runs.js';
import { netplayOnTerminal } from '../support/terminal.js';

const TASKS = `
- hosts: all
  gather_facts: false
  tasks:
    - {name: one, debug: {msg: 1}, tags: a}
    - {name: two, debug: {msg: 2}, tags: [b, never]}
    - block:
        - {name: three, debug: {msg: 3}}
        - {name: four, debug: {msg: 4}, tags: always}
      tags: c
    - {name: five, debug: {msg: 5}}
- hosts: all
  gather_facts: false
  tasks:
    - {name: six, debug: {msg: 6}}
`;

let folder: Folder;
let playbook: string;

beforeAll(() => {
  folder = makeFolder();
  playbook = folder.write('tasks.yml', TASKS);
});
afterAll(() => folder.remove());

const LOCAL = ['-i', 'h1,', '-c', 'local'];

/** Names of the tasks that were done. */
function done({ ends }: RunReport): string[] {
  return ends.flatMap(({ tasks }) =>
    tasks.filter(({ status }) => status !== 'skipped').map(({ name }) => name),
  );
}

const run = (...words: string[]) => eventsOf(['run', ...LOCAL, ...words]);

describe('a run is limited to tasks', () => {
  test.each([
    [[], 'one three four five six'],
    [['--tags', 'a,b'], 'one two four'],
    [['-t', 'c', '--skip-tags', 'always'], 'three'],
    [['--skip-tags', 'c', '--skip-tags', 'a'], 'five six'],
    [['--start-at-task', 'four'], 'four five six'],
    [['--start-at-task', 's*'], 'six'],
    [['--start-at-task', 'five', '--tags', 'always'], ''],
  ])('by %j', async (words, wanted) => {
    expect(done(await run(playbook, ...words)).join(' ')).toBe(wanted);
  });

  test('whose start is not there', async () => {
    const { code, stderr } = await run(playbook, '--start-at-task', 'fvie');
    expect(code).toBe(1);
    expect(stderr).toContain("no task is called 'fvie'\n  hint: Did you mean 'five'?");
  });

  test('of resources, too', async () => {
    const sysctl = (name: string, tag: string) => ({
      name: tag,
      sysctl: { name: `net.ipv4.conf.${name}.rp_filter`, value: 2 },
      tags: tag,
    });
    const plain = folder.write('plain.yml', [
      { hosts: 'all', gather_facts: false, tasks: [sysctl('all', 'a'), sysctl('default', 'b')] },
    ]);
    expect(done(await run(plain, '--check', '--tags', 'b'))).toEqual(['b']);
    expect(done(await run(plain, '--check', '--start-at-task', 'b'))).toEqual(['b']);
    expect(done(await run(plain, '--check'))).toEqual(['a', 'b']);
  });
});

describe('--step', () => {
  test('asks before each task, until it is told to go on', async () => {
    const terminal = netplayOnTerminal(['run', ...LOCAL, playbook, '--step', '-v']);
    await terminal.shows(/Perform task: TASK: one \(N\)o\/\(y\)es\/\(c\)ontinue: /);
    terminal.type('y\n');
    await terminal.shows(/TASK: three/);
    terminal.type('\n');
    await terminal.shows(/TASK: four/);
    terminal.type('c\n');
    expect(await terminal.ended).toBe(0);
    const recap = /^\s*h1 +: ok=(\d+)/m.exec(terminal.screen());
    expect(recap?.[1]).toBe('4');
    expect(terminal.screen()).not.toContain('TASK: five');
  });

  test('has done what was said yes to before it asks again', async () => {
    const [first, second] = [join(folder.path, 'first'), join(folder.path, 'second')];
    const file = folder.write('files.yml', [
      {
        hosts: 'all',
        gather_facts: false,
        tasks: [
          { name: 'first', copy: { dest: first, content: 'x' } },
          { name: 'second', copy: { dest: second, content: 'x' } },
        ],
      },
    ]);
    const terminal = netplayOnTerminal(['run', ...LOCAL, file, '--step']);
    await terminal.shows(/TASK: first/);
    terminal.type('y\n');
    await terminal.shows(/TASK: second/);
    expect([existsSync(first), existsSync(second)]).toEqual([true, false]);
    terminal.type('n\n');
    expect(await terminal.ended).toBe(0);
    expect(existsSync(second)).toBe(false);
  });

  test('needs somebody to ask', async () => {
    const { code, stderr } = await netplay(['run', ...LOCAL, playbook, '--step']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is no terminal to ask on')]);
  });
});

describe('several playbooks', () => {
  const failing = () =>
    folder.write('fails.yml', '- {hosts: all, gather_facts: false, tasks: [fail: {msg: no}]}\n');

  test('are run one after another', async () => {
    const { ends, events, code } = await run(playbook, playbook);
    expect(ends).toHaveLength(4);
    expect(events.filter(({ type }) => type === 'run_start')).toHaveLength(2);
    expect(code).toBe(0);
  });

  test('as long as none fails', async () => {
    const { ends, stderr, code } = await run(failing(), playbook);
    expect(ends).toHaveLength(1);
    expect(stderr).toContain(`did not end well: ${playbook}`);
    expect(code).toBe(2);
  });

  test('are all read before the first is run', async () => {
    const wrong = folder.write('wrong.yml', '- {hosts: all, tasks: [{debug: {msgg: 1}}]}\n');
    const { stdout, stderr, code } = await run(playbook, wrong);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('msgg');
  });
});

test('what a play asks for may name its hosts, and itself', async () => {
  const asking = folder.write('asking.yml', [
    {
      hosts: '{{ where }}',
      name: 'On {{ where }} for {{ nobody_knows }}, {{ why }}',
      gather_facts: false,
      vars_prompt: [{ name: 'where', default: 'h1' }],
      tasks: [{ name: 'one', debug: { msg: 1 } }],
    },
    { hosts: 'h1', name: 'For {{ why }}', gather_facts: false, tasks: [] },
  ]);
  const report = await run(asking, '-e', 'why=fun');
  expect(done(report)).toEqual(['one']);
  const plays = report.events.filter((event) => event.type === 'play_start');
  expect(plays.map(({ name }) => name)).toEqual([
    'On {{ where }} for {{ nobody_knows }}, {{ why }}',
    'For fun',
  ]);
});

test('--allow-empty makes a run on nobody one that went well', async () => {
  const nobody = folder.write('nobody.yml', [
    { hosts: 'nosuch', gather_facts: false, tasks: [{ name: 'one', debug: { msg: 1 } }] },
    { hosts: 'h1', gather_facts: false, tasks: [{ name: 'two', debug: { msg: 2 } }] },
  ]);
  expect((await run(nobody)).code).toBe(1);
  const allowed = await run(nobody, '--allow-empty');
  expect([allowed.code, done(allowed)]).toEqual([0, ['two']]);
  const none = await run(nobody, '--allow-empty', '-l', 'nobody');
  expect([none.code, none.stderr, none.ends, none.end?.recap]).toEqual([0, '', [], {}]);
});

test('--force-handlers runs handlers of hosts that failed', async () => {
  const file = folder.write('handlers.yml', [
    {
      hosts: 'all',
      gather_facts: false,
      tasks: [
        { name: 'tells', command: 'true', notify: 'told' },
        { name: 'fails', fail: { msg: 'no' } },
      ],
      handlers: [{ name: 'told', debug: { msg: 'told' } }],
    },
  ]);
  expect(done(await run(file))).toEqual(['tells', 'fails']);
  expect(done(await run(file, '--force-handlers'))).toEqual(['tells', 'fails', 'told']);
});

describe('facts', () => {
  const facts = () =>
    folder.write('facts.yml', [
      { hosts: 'all', tasks: [{ name: 'fact', debug: { msg: '{{ ansible_hostname }}' } }] },
    ]);
  /** A fact that is in the cache and nowhere else. */
  function plant(cache: string): void {
    const file = join(cache, 'h1.json');
    const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...known, hostname: 'planted' }));
  }
  const said = ({ ends }: RunReport): unknown => ends[0]?.tasks[0]?.result?.msg;

  test('are kept, and stand for new ones where gathering is smart, until they are forgotten', async () => {
    const cache = join(folder.path, 'cache');
    const keep = { NETPLAY_FACT_CACHING_CONNECTION: cache, NETPLAY_GATHERING: 'smart' };
    const call = (env: NodeJS.ProcessEnv, ...words: string[]) =>
      eventsOf(['run', ...LOCAL, facts(), ...words], env);
    const real = said(await call(keep));
    plant(cache);
    expect(said(await call(keep))).toBe('planted');
    expect(said(await call({ ...keep, NETPLAY_GATHERING: 'implicit' }))).toBe(real);
    plant(cache);
    expect(said(await call({ ...keep, NETPLAY_FACT_CACHING_TIMEOUT: '0' }))).toBe('planted');
    expect(said(await call(keep, '--flush-cache'))).toBe(real);
  });

  test('are not gathered where gathering is explicit, unless the play says so', async () => {
    const explicit = { NETPLAY_GATHERING: 'explicit' };
    expect((await eventsOf(['run', ...LOCAL, facts()], explicit)).code).toBe(2);
    const asking = folder.write('asking.yml', [
      { hosts: 'all', gather_facts: true, tasks: [{ debug: { msg: '{{ ansible_hostname }}' } }] },
    ]);
    expect((await eventsOf(['run', ...LOCAL, asking], explicit)).code).toBe(0);
  });
});

describe('settings', () => {
  test('of a folder stand for flags', async () => {
    const home = join(folder.path, 'project');
    mkdirSync(join(home, 'more', 'r', 'tasks'), { recursive: true });
    writeFileSync(join(home, 'more', 'r', 'tasks', 'main.yml'), '- {name: of the role, debug: {msg: r}}\n');
    writeFileSync(join(home, 'hosts'), 'h1\n');
    writeFileSync(
      join(home, 'netplay.yml'),
      'inventory: hosts\nconnection: local\nroles_path: more\nskip_tags: no\n',
    );
    const play =
      '- {hosts: all, gather_facts: false, roles: [r], tasks: [{name: x, debug: {msg: 1}, tags: "no"}]}\n';
    writeFileSync(join(home, 'site.yml'), play);
    const { stdout, code, stderr } = await netplay(['run', 'site.yml', '-v'], { NETPLAY_CONFIG: '' }, home);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('of the role');
    expect(stdout).toContain('h1 : ok=1');
    const { stdout: config } = await netplay(['config', '--only-changed'], { NETPLAY_CONFIG: home });
    expect(config).toContain(`roles_path  ${join(home, 'more')}`);
  });

  test('that are wrong end every command that would use them', async () => {
    const file = folder.write('bad.yml', 'forks: many\n');
    for (const words of [['run', playbook, ...LOCAL], ['exec', 'h1', ...LOCAL, '-m', 'ping'], ['config']]) {
      const { code, stderr } = await netplay(words, { NETPLAY_CONFIG: file });
      expect(code).toBe(1);
      expect(stderr).toContain(`forks: must be a whole number above 0\n  --> ${file}:1:8`);
    }
    expect((await netplay(['doc', 'route'], { NETPLAY_CONFIG: file })).code).toBe(0);
  });

  test('give passwords by files and scripts, which no output shows', async () => {
    const script = folder.write('secret.sh', '#!/bin/sh\necho plan""ted\n');
    chmodSync(script, 0o700);
    const { code, stderr } = await netplay(['run', ...LOCAL, playbook], {
      NETPLAY_BECOME_PASSWORD_FILE: script,
    });
    expect([code, stderr]).toEqual([0, '']);
    const bare = folder.write('bare', 'planted\n');
    chmodSync(bare, 0o700);
    const refused = await netplay(['run', ...LOCAL, playbook, '--become-password-file', bare]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is executable and can')]);
    expect(refused.stdout + refused.stderr).not.toContain('planted');
    for (const [text, message] of [
      ['', 'gives an empty one'],
      ['\n', 'gives an empty one'],
    ] as const) {
      const file = folder.write('empty', text);
      const wrong = await netplay(['run', ...LOCAL, playbook, '--connection-password-file', file]);
      expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining(message)]);
    }
    const none = await netplay(['run', ...LOCAL, playbook, '--become-password-file', '/no/such']);
    expect(none.stderr).toContain("BECOME password: can't read /no/such: there is no such file");
  });
});

describe('the debugger', () => {
  const opened = (keyword: string, more = ''): string =>
    folder.write(
      'debugged.yml',
      `- hosts: all
  gather_facts: false
  ${keyword}
  tasks:
    - {name: try, command: "test {{ n }} = 2", vars: {n: 1}${more}}
    - {name: next, debug: {msg: on}}
`,
    );

  test('shows a task that failed, and does it again with what it is given', async () => {
    const terminal = netplayOnTerminal(['run', ...LOCAL, opened('debugger: on_failed')]);
    await terminal.shows(/\[h1\] TASK: try \(debug\): /);
    terminal.type("p result._result.rc + 40\np task_vars['n'] + 70\np nosuch\nwhat\n");
    await terminal.shows(/\b41\s[\s\S]*\b71\s[\s\S]*nosuch[\s\S]*no such command: what[\s\S]*\(debug\): /);
    const asked = (): number => terminal.screen().split('(debug): ').length;
    const before = asked();
    terminal.type('r\n');
    await expect.poll(asked, { timeout: 20_000 }).toBe(before + 1);
    terminal.type("task_vars['n'] = 2\nr\n");
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toMatch(/ok=2 /);
  });

  test('goes on with the failure, or ends the run', async () => {
    const goesOn = netplayOnTerminal(['run', ...LOCAL, opened('debugger: always')]);
    await goesOn.shows(/\[h1\] TASK: try/);
    goesOn.type('c\n');
    expect(await goesOn.ended).toBe(2);
    const ends = netplayOnTerminal(['run', ...LOCAL, opened('debugger: on_failed')]);
    await ends.shows(/\[h1\] TASK: try/);
    ends.type('q\n');
    expect(await ends.ended).not.toBe(0);
    expect(ends.screen()).toContain('the debugger was left by quit');
    expect(ends.screen()).not.toContain('TASK: next');
  });

  test.each([
    ['a forgiven failure is no reason', 'debugger: on_failed', ', ignore_errors: true', 0],
    ['never', 'debugger: never', '', 2],
    ['nor is there one without a terminal', 'debugger: always', '', 2],
    ['a word that there is not', 'debugger: sometimes', '', 1],
  ])('%s', async (name, keyword, more, code) => {
    const file = opened(keyword, more);
    if (name.includes('without')) {
      expect((await netplay(['run', ...LOCAL, file])).code).toBe(code);
      return;
    }
    const terminal = netplayOnTerminal(['run', ...LOCAL, file]);
    expect(await terminal.ended).toBe(code);
    expect(terminal.screen()).not.toContain('(debug)');
    if (name.startsWith('a word')) expect(terminal.screen()).toContain('debugger: must be always, never');
  });
});
