/** Whoever reads what a run prints, and leaves early: the run goes on to its end. And plays with nothing to do. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { ROOT, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({ name: ownName('readers'), hosts: { 'h[1:2]': {} } });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

const rule = (n: number) => ({ rule: { from: `10.9.5.${n}`, table: 100, priority: 500 + n } });
const play = (hosts: string, tasks: readonly object[]): string =>
  folder.write('play.yml', [{ hosts, tasks }]);
const rules = async (host: string): Promise<string> => (await lab.exec(host, ['ip', 'rule'])).stdout;
const program = join(ROOT, 'bin', 'netplay.js');

describe.sequential('a reader that is gone', () => {
  test.each([
    ['a pipe', '"$@"', '| head -c 1', ''],
    ['a pipe of events', '"$@" --json', '| head -c 1', ''],
    ['a full disk', '"$@" >/dev/full', '', 'warning: output is lost'],
    ['a full disk for events', '"$@" --json >/dev/full', '', 'warning: output is lost'],
    ['a closed output', '"$@" >&-', '', ''],
  ])('%s: the changes are made all the same', async (name, command, reader, said) => {
    const n = name.length;
    const words = [
      process.execPath,
      program,
      'run',
      play('h1,h2', [rule(n)]),
      '-i',
      lab.inventory,
      '-f',
      '1',
    ];
    const script = `{ ${command}; echo "code $?" >&2; } ${reader}`;
    const env = { XDG_STATE_HOME: folder.path };
    const { stderr } = await execa('sh', ['-c', script, 'sh', ...words], { env, reject: false });
    expect(stderr).toMatch(said === '' ? /^code 0$/ : new RegExp(`^${said}.*\ncode 0$`));
    for (const host of ['h1', 'h2']) expect(await rules(host)).toContain(`from 10.9.5.${n} `);
  });

  test('a terminal that is closed says so twice: what is being changed is finished', async () => {
    const words = [program, 'run', play('h1,h2', [rule(99)]), '-i', lab.inventory, '-f', '1', '--json'];
    const running = execa(process.execPath, words, {
      reject: false,
      env: { XDG_STATE_HOME: folder.path },
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: running.stdout })) {
      lines.push(line);
      if (!line.includes('"phase":"apply"')) continue;
      running.kill('SIGHUP');
      setTimeout(() => running.kill('SIGHUP'), 5);
    }
    expect((await running).exitCode).toBe(130);
    expect(lines.at(-1)).toContain('"type":"run_end"');
    expect(await rules('h1')).toContain('from 10.9.5.99 ');
    expect(await rules('h2')).not.toContain('from 10.9.5.99 ');
  });
});

describe('a play with nothing to do on a host', () => {
  test.each([
    ['no tasks', []],
    ['only tasks that are skipped', [{ ...rule(1), when: false }]],
  ])('%s: the host is fine', async (_name, tasks) => {
    const run = await runJson([play('h1', tasks), '-i', lab.inventory]);
    expect(run.ends).toMatchObject([{ host: 'h1', status: 'ok' }]);
    expect(run.code).toBe(0);
  });
});

test('--limit takes the hosts of a file', async () => {
  const file = join(folder.path, 'retry');
  writeFileSync(file, 'h2\n');
  const run = await runJson([play('h1,h2', []), '-i', lab.inventory, '-l', `@${file}`]);
  expect(run.ends.map(({ host }) => host)).toEqual(['h2']);
});
