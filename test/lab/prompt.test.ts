/** The question of `--confirm=manual`, on a real terminal: each way to answer it, and each way to go without. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { type Folder, makeFolder, ownName, stateOf } from '../support/lab-runs.js';
import { netplayOnTerminal, type TerminalProgram, type TerminalStreams } from '../support/terminal.js';

/** Seconds; much longer than any of these answers takes, so that a host that is undone was told to. */
const CONFIRM_TIMEOUT = 30;

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('prompt'),
    hosts: { 'h[1:2]': { nics: { eth0: { switch: 'lan', addresses: ['10.5.0.{n}/24'] } } } },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

let next = 0;
let running: TerminalProgram | undefined;

/** What a test that failed has left must not fail the next one. */
afterEach(async () => {
  running?.kill();
  await running?.ended;
  const undo = 'for g in /run/netplay/tx-*/guard; do [ ! -e "$g" ] || sh "$g" rollback; done';
  for (const host of ['h1', 'h2']) await sh(host, undo);
});

/** Starts a run that adds a rule of its own, up to its question. */
async function asked(
  hosts = 'h1',
  streams: TerminalStreams = '0,1,2',
  timeout = CONFIRM_TIMEOUT,
): Promise<{ program: TerminalProgram; rule: string }> {
  next += 1;
  const rule = `10.9.0.${next}`;
  const tasks = [{ rule: { from: rule, table: 100, priority: 1000 + next } }];
  const file = folder.write(`play-${next}.yml`, [{ hosts, tasks }]);
  const options = ['--confirm=manual', '--confirm-timeout', `${timeout}s`];
  const program = netplayOnTerminal(['run', file, '-i', lab.inventory, ...options], streams);
  running = program;
  await program.shows(/Keep these changes\? \[yes\/no\] $/);
  expect(await hasRule('h1', rule)).toBe(true);
  return { program, rule };
}

async function sh(host: string, script: string): Promise<string> {
  return (await lab.exec(host, ['sh', '-c', script])).stdout;
}

async function hasRule(host: string, rule: string): Promise<boolean> {
  return (await sh(host, 'ip rule')).includes(`from ${rule} `);
}

/** Nothing of a transaction is left beside the journal; its watchdogs look once a second. */
async function expectNoTrace(host: string): Promise<void> {
  const look = () => sh(host, 'ls -A /run/netplay 2>/dev/null; ps -e -o args | grep "[g]uard " || :');
  await expect.poll(look, { timeout: 10_000 }).toBe('');
}

/** At once, which is long before the host would do it by itself. */
async function expectUndone(rule: string): Promise<void> {
  expect(await hasRule('h1', rule)).toBe(false);
  await expectNoTrace('h1');
}

describe.sequential('the question', () => {
  test.each(['yes', 'y', ' YES '])('%j keeps the changes', async (answer) => {
    const { program, rule } = await asked();
    program.type(`${answer}\r`);
    expect(await program.ended, program.screen()).toBe(0);
    expect(program.screen()).toMatch(/changed=1/);
    expect(await hasRule('h1', rule)).toBe(true);
    await expectNoTrace('h1');
  });

  test.each(['no', 'N'])('%j undoes them', async (answer) => {
    const before = await stateOf(lab, 'h1');
    const { program, rule } = await asked();
    program.type(`${answer}\r`);
    expect(await program.ended, program.screen()).toBe(2);
    expect(program.screen()).toContain('all changes were undone: you said so');
    await expectUndone(rule);
    expect(await stateOf(lab, 'h1')).toBe(before);
  });

  test('anything else is asked again, an empty line and bytes that are no text too', async () => {
    const { program, rule } = await asked();
    for (const [index, garbage] of ['', 'maybe', 'yes please', '\u001b[A\u00ff\u0001', 'nope'].entries()) {
      program.type(`${garbage}\r`);
      await program.shows(new RegExp(`(Say yes or no\\.[^]*){${index + 1}}\\[yes/no\\] $`));
      expect(await hasRule('h1', rule)).toBe(true);
    }
    program.type('yes\r');
    expect(await program.ended, program.screen()).toBe(0);
    expect(await hasRule('h1', rule)).toBe(true);
  });

  test('whoever thinks longer than the time-out is waited for', async () => {
    const { program, rule } = await asked('h1', '0,1,2', 3);
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(await hasRule('h1', rule)).toBe(true);
    program.type('yes\r');
    expect(await program.ended, program.screen()).toBe(0);
    expect(await hasRule('h1', rule)).toBe(true);
  });

  test('is asked once for all hosts of a batch, and its answer is for all', async () => {
    const { program, rule } = await asked('h1,h2');
    expect(program.screen().match(/Keep these changes/g)).toHaveLength(1);
    program.type('no\r');
    expect(await program.ended, program.screen()).toBe(2);
    expect([await hasRule('h1', rule), await hasRule('h2', rule)]).toEqual([false, false]);
    await expectNoTrace('h2');
  });
});

const hangUp = (program: TerminalProgram): void => program.hangUp();

/** Each is a no: nobody said that the changes shall stay. */
const GOING: readonly [string, (program: TerminalProgram) => void][] = [
  ['Ctrl-C', (program) => program.type('\u0003')],
  ['Ctrl-C after half an answer', (program) => program.type('ye\u0003')],
  ['Ctrl-D, the end of what is typed', (program) => program.type('\u0004')],
  ['a terminal that is closed', hangUp],
  ['SIGHUP', (program) => program.signal('SIGHUP')],
  ['SIGTERM', (program) => program.signal('SIGTERM')],
  ['SIGINT', (program) => program.signal('SIGINT')],
];

/** All of it on a terminal; or the report, or all that is shown, elsewhere. */
const STREAMS: readonly TerminalStreams[] = ['0,1,2', '0,2', '0'];

describe.sequential.each(STREAMS)('no answer, the streams %s on the terminal', (streams) => {
  test.each(GOING)('%s undoes the changes', async (_, go) => {
    const { program, rule } = await asked('h1', streams);
    go(program);
    const code = await program.ended;
    await expectUndone(rule);
    // Where its terminal is gone, node itself aborts at its very end: it can't set the terminal back.
    expect(go === hangUp ? [2, 130, null] : [2, 130], program.screen()).toContain(code);
    expect(program.screen()).not.toContain('internal error');
  });
});
