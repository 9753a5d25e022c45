/** `netplay run`: reads everything, runs it, tells the reporters. */
import { createHash, randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { dirname } from 'node:path';

import { type PreparedRun, prepareRun, type RunOptions } from '../engine/prepare.js';
import { loadInventory } from '../inventory/load.js';
import type { Playbook } from '../playbook/model.js';
import { resources } from '../resources/registry.js';
import { NetplayError } from '../shared/errors.js';
import { EVENTS_VERSION, type Reporter, type RunStart } from '../shared/events.js';
import type { Vault } from '../shared/vaulted.js';
import type { Templates } from '../template/model.js';
import { createTemplates } from '../template/templates.js';
import { createTransport } from '../transport/transport.js';
import { ask } from './ask.js';
import { decide } from './decide.js';
import { createDialog } from './dialog.js';
import { readExtraVars } from './extra-vars.js';
import { factCacheOf } from './fact-cache.js';
import type { RunFlags } from './flags.js';
import { gitCommit } from './git.js';
import { targetDefaults } from './login.js';
import { noteRead, noteTargets } from './note-secrets.js';
import { secrets } from './output.js';
import { readPlaybook } from './read-playbook.js';
import { report } from './reporting.js';
import { readUnfinished, type Unfinished } from './resume.js';
import { selection } from './select.js';
import { CONFIRM_TIMEOUT_S } from './settings.js';
import { checkInventory, inventoryOf } from './sources.js';
import { createStep, requireTerminal } from './step.js';
import { openVault } from './vault-options.js';
import { version } from './version.js';

/** The Ansible whose language playbooks are written in, for those that ask. */
const ANSIBLE_VERSION = { full: '2.14.18', string: '2.14.18', major: 2, minor: 14, revision: 18 };

/**
 * Reads and checks all playbooks, then runs one after another, as long as all goes well.
 * @returns the exit code of the design: 0, 2, 3, 4 or 130; what is found before any host is touched is thrown
 */
export async function runCommand(playbooks: readonly string[], given: RunFlags): Promise<number> {
  const unfinished = given.resume === undefined ? undefined : await readUnfinished(given.resume);
  const flags = { ...given, inventory: inventoryOf(given, unfinished?.start.inventory) };
  const files = playbooks.length === 0 && unfinished !== undefined ? [unfinished.start.playbook] : playbooks;
  checkPlaybooks(files, unfinished);
  if (asksForList(flags)) return (await import('./list.js')).listCommand(files, flags);
  checkFlags(flags, unfinished);
  const interrupt = new AbortController();
  const runs: ReadyRun[] = [];
  for (const file of files) runs.push(await readyRun(file, flags, unfinished, interrupt.signal));
  return runAll(runs, flags, interrupt);
}

/** A check of playbooks, told to one reader alone. @returns the exit code */
export async function checkRuns(
  playbooks: readonly string[],
  given: RunFlags,
  reader: Reporter,
): Promise<number> {
  const flags = { ...given, inventory: inventoryOf(given, undefined) };
  checkPlaybooks(playbooks, undefined);
  checkFlags(flags, undefined);
  const interrupt = new AbortController();
  const runs: ReadyRun[] = [];
  for (const file of playbooks) runs.push(await readyRun(file, flags, undefined, interrupt.signal));
  return runAll(runs, flags, interrupt, reader);
}

interface ReadyRun {
  options: RunOptions;
  prepared: PreparedRun;
  start: Omit<RunStart, 'time'>;
}

async function readyRun(
  file: string,
  flags: RunFlags,
  unfinished: Unfinished | undefined,
  signal: AbortSignal,
): Promise<ReadyRun> {
  const commit = gitCommit(file);
  const run = newRunName();
  const read = (templates: Templates, vault: Vault): Promise<Playbook> =>
    readPlaybook(file, { templates, vault, flags });
  const options = await readOptions(read, flags, { run, unfinished, playbookDir: dirname(file), signal });
  const prepared = await prepareRun(options);
  noteTargets(secrets, prepared);
  return { options, prepared, start: await runStart(file, flags, run, prepared, await commit) };
}

/** As Ansible does, the next playbook is begun where every host of the last one ended well. */
async function runAll(
  runs: readonly ReadyRun[],
  flags: RunFlags,
  interrupt: AbortController,
  reader?: Reporter,
): Promise<number> {
  let exitCode = 0;
  for (const [index, { options, prepared, start }] of runs.entries()) {
    const stopListening = onInterrupt(interrupt, flags.check ? undefined : start.run);
    try {
      exitCode = Math.max(exitCode, await report(options, prepared, start, flags, reader));
    } finally {
      stopListening();
      await options.transport.close();
    }
    // 3 is what a check is asked for, and no failure.
    if (exitCode !== 0 && exitCode !== 3) {
      const left = runs.slice(index + 1).map(({ start: { playbook } }) => playbook);
      if (left.length > 0)
        process.stderr.write(`not run, since ${start.playbook} did not end well: ${left.join(' ')}\n`);
      break;
    }
  }
  return exitCode;
}

function checkPlaybooks(files: readonly string[], unfinished: Unfinished | undefined): void {
  if (files.length === 0) throw new NetplayError('usage', 'no playbook is given');
  const [first = ''] = files;
  if (unfinished !== undefined && first.startsWith('netplay '))
    throw new NetplayError('usage', `--resume: the run was no playbook's, but one of \`${first}\``, {
      hint: 'call that again; -l PATTERN leaves out the hosts that are done',
    });
  if (files.length > 1 && unfinished !== undefined)
    throw new NetplayError('usage', '--resume goes with one playbook', {
      hint: `the run was of ${unfinished.start.playbook}`,
    });
}

function asksForList({ listHosts, listTasks, listTags, syntaxCheck }: RunFlags): boolean {
  return [listHosts, listTasks, listTags, syntaxCheck].includes(true);
}

/** Whether a word names a run, and no host. */
export function isRunName(word: string): boolean {
  return /^\d{8}T\d{6}Z-[0-9a-f]{6}$/.test(word);
}

/**
 * Sorts by time, to the millisecond: hosts tell the newest transaction by its name, and scripts run more than
 * one in a second.
 * @param now milliseconds since 1970
 */
export function newRunName(now = Date.now()): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const fraction = (now % 1000).toString(16).padStart(3, '0');
  return `${time}-${fraction}${randomInt(0x1000).toString(16).padStart(3, '0')}`;
}

function checkFlags(flags: RunFlags, unfinished: Unfinished | undefined): void {
  if (flags.exitCode && !flags.check)
    throw new NetplayError('usage', '--exit-code goes with --check', {
      hint: 'without --check a run that changed something ends with 0',
    });
  checkInventory(flags);
  if (flags.step) requireTerminal();
  if (typeof flags.confirm === 'string' && flags.confirm !== 'manual')
    throw new NetplayError('usage', `--confirm=${flags.confirm}: it can only be manual`);
  const hadVars = unfinished?.start.args.some((argument) => argument.startsWith('extraVars ')) === true;
  if (hadVars && flags.extraVars.length === 0)
    throw new NetplayError('usage', '--resume: the run had extra variables, whose values are not kept', {
      hint: 'give them again with -e',
    });
}

/** What a person types without showing it is shown nowhere else. */
async function askAndHide(prompt: string, echo: boolean): Promise<string> {
  const answer = await ask(prompt, echo);
  if (!echo) secrets.hide(answer);
  return answer;
}

export interface RunContext {
  run: string;
  unfinished?: Unfinished | undefined;
  signal: AbortSignal;
  /** Whose group_vars/ and host_vars/ are read; without a playbook that is where one stands, as with Ansible. */
  playbookDir?: string;
}

/** All that a run is made of, from the command line. @param readPlaybook gives the plays */
export async function readOptions(
  readPlaybook: (templates: Templates, vault: Vault) => Promise<Playbook>,
  flags: RunFlags,
  { run, unfinished, signal, playbookDir = '.' }: RunContext,
): Promise<RunOptions> {
  const templates = createTemplates({ literalBackslashes: true });
  const vault = await openVault(flags, secrets.hide);
  const [inventory, playbook, extraVars] = await Promise.all([
    loadInventory(flags.inventory, { playbookDirs: [playbookDir], vault }),
    readPlaybook(templates, vault),
    readExtraVars(flags.extraVars, vault),
  ]);
  noteRead(secrets, { inventory, playbook, extraVars });
  const factCache = await factCacheOf(flags, inventory.hosts.keys());
  return {
    inventory,
    playbook,
    extraVars,
    templates,
    signal,
    ...(factCache !== undefined && { factCache, smartGathering: flags.gathering === 'smart' }),
    registry: resources,
    selects: selection(playbook, flags),
    magic: {
      ansible_forks: flags.forks,
      ansible_limit: flags.limit ?? '',
      ansible_verbosity: flags.verbose ?? 0,
      ansible_run_tags: flags.tags ?? ['all'],
      ansible_skip_tags: flags.skipTags ?? [],
      ansible_version: ANSIBLE_VERSION,
    },
    verbosity: flags.verbose ?? 0,
    vault,
    secretsIn: (value) => secrets.secretsIn(value),
    ...(process.stdin.isTTY && { ask: askAndHide, dialog: createDialog() }),
    transport: createTransport(),
    ...(flags.limit !== undefined && { limit: flags.limit }),
    ...(flags.allowEmpty === true && { allowEmpty: true }),
    forks: flags.forks,
    taskTimeout: flags.taskTimeout ?? 0,
    check: flags.check ?? false,
    diff: flags.diff ?? false,
    exitCode: flags.exitCode ?? false,
    persist: flags.persist ?? 'auto',
    protectSession: flags.protectSession ?? false,
    run,
    by: userName(),
    from: hostname(),
    confirmTimeout: flags.confirm === false ? null : (flags.confirmTimeout ?? CONFIRM_TIMEOUT_S),
    lockTimeout: flags.lockTimeout ?? 0,
    ...(flags.confirm === 'manual' && { decide }),
    ...(flags.step && { confirmTask: createStep() }),
    ...(unfinished !== undefined && { only: unfinished.left }),
    target: await targetDefaults(flags),
  };
}

export async function runStart(
  playbook: string,
  flags: RunFlags,
  run: string,
  prepared: PreparedRun,
  commit: string | null,
): Promise<Omit<RunStart, 'time'>> {
  const members = prepared.plays.map((play) => new Set(play.hosts));
  return {
    type: 'run_start',
    v: EVENTS_VERSION,
    run,
    netplay: version(),
    args: shownArguments(flags),
    playbook,
    inventory: flags.inventory,
    digests: await digests([...(prepared.playbook.files ?? [playbook]), ...flags.inventory]),
    gitCommit: commit,
    user: userName(),
    check: flags.check ?? false,
    diff: flags.diff ?? false,
    hosts: prepared.hosts.length,
    plays: Object.fromEntries(
      prepared.hosts.map((host) => [host, members.filter((hosts) => hosts.has(host)).length]),
    ),
  };
}

/** The number where the user has no name, as in many containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

/** Names of the options that were given; what a variable or a task is given may be a secret, so only its name is kept. */
function shownArguments(flags: RunFlags): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (name === 'args') return [name];
    if (name === 'extraVars')
      return flags.extraVars.map((text) => `extraVars ${text.split(/[={]/)[0] ?? ''}`);
    return Array.isArray(value) ? value.map((item) => `${name} ${item}`) : [`${name} ${String(value)}`];
  });
}

async function digests(files: readonly string[]): Promise<Record<string, string>> {
  const entries = await Promise.all(
    files.map(async (file) => {
      try {
        return [
          [
            file,
            createHash('sha256')
              .update(await readFile(file))
              .digest('hex'),
          ],
        ];
      } catch {
        // A list of hosts, `h1,h2,`, is no file.
        return [];
      }
    }),
  );
  return Object.fromEntries(entries.flat());
}

/**
 * The first Ctrl-C lets hosts finish what they are in the middle of; the second ends at once. So does
 * SIGTERM. A terminal that is closed says so more than once, and means no haste by it.
 * @param run its name, where it can be resumed
 */
export function onInterrupt(interrupt: AbortController, run?: string): () => void {
  const later = run === undefined ? '' : `netplay run --resume ${run}    goes on with what is left\n`;
  const listener = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) {
      if (signal === 'SIGHUP') return;
      process.stderr.write(`\nstopped: hosts undo by themselves what is not confirmed yet\n${later}`);
      process.exit(130);
    }
    process.stderr.write(
      `\ninterrupted: no further host is begun; changes that are being made are finished or undone first\n${later}`,
    );
    interrupt.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
