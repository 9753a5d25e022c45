/** `netplay confirm`, `extend` and `rollback RUN`: what becomes of changes that a run left on trial. */
import {
  confirmTrials,
  extendTrials,
  rollBackTrials,
  type TrialAnswer,
  type TrialCall,
  type TrialStatus,
} from '../engine/trials.js';
import { printable } from '../report/printable.js';
import { NetplayError } from '../shared/errors.js';
import type { NetplayEvent } from '../shared/events.js';
import type { RunFlags } from './flags.js';
import { reach } from './reach.js';
import { readRun } from './resume.js';
import { isRunName, onInterrupt } from './run.js';
import { inventoryOf } from './sources.js';

/** @returns the exit code: 0 where every host did as it was told, 2 where one did not, 4 unreachable */
export function confirmCommand(run: string, flags: RunFlags): Promise<number> {
  return onTrials(run, flags, confirmTrials, ['confirmed', 'confirmed_before']);
}

/** @param seconds from now on */
export function extendCommand(run: string, seconds: number, flags: RunFlags): Promise<number> {
  return onTrials(run, flags, (call) => extendTrials(call, seconds), ['extended']);
}

/** @param reason for the hosts' journals */
export function rollBackCommand(run: string, reason: string | undefined, flags: RunFlags): Promise<number> {
  const words = reason ?? 'somebody said so';
  return onTrials(run, flags, (call) => rollBackTrials(call, words), ['rolled_back', 'rolled_back_before']);
}

async function onTrials(
  run: string,
  given: RunFlags,
  work: (call: TrialCall) => Promise<TrialAnswer[]>,
  wanted: readonly TrialStatus[],
): Promise<number> {
  if (!isRunName(run))
    throw new NetplayError('usage', `'${run}' is no run`, {
      hint: '`netplay history HOST` shows the runs of a host',
    });
  const interrupt = new AbortController();
  const isGiven = given.inventory.length > 0 && given.inventoryFrom === undefined;
  const record = isGiven ? undefined : await recordOf(run);
  const flags = { ...given, inventory: inventoryOf(given, record?.inventory) };
  const { options, prepared } = await reach(flags, {
    name: `on trial of ${run}`,
    hosts: 'all',
    ...(record !== undefined && { only: record.hosts }),
    signal: interrupt.signal,
  });
  checkHosts(record, options.inventory.hosts, run);
  // One signal lets the hosts come to one end; the next one is obeyed.
  const stopListening = onInterrupt(interrupt);
  try {
    const { transport, forks, signal } = options;
    const targets = prepared.plays[0]?.targets ?? new Map();
    const answers = await work({
      run,
      targets,
      transport,
      forks,
      signal,
      recorded: record?.onTrial === true,
    });
    print(answers, given.json === true);
    return exitCodeOf(answers, wanted, record?.onTrial === true);
  } finally {
    stopListening();
    await options.transport.close();
  }
}

/** What this machine knows of a run. */
interface RunRecord {
  inventory: readonly string[];
  hosts: ReadonlySet<string>;
  /** Whether these are the hosts that it left on trial; else all that it was to run on. */
  onTrial: boolean;
}

/** @throws NetplayError `usage` where there is no record */
async function recordOf(run: string): Promise<RunRecord> {
  const events = await readRun(run).catch((error: unknown) => {
    if (!(error instanceof NetplayError)) throw error;
    throw new NetplayError('usage', error.message, {
      hint: 'where it ran from another machine, give its -i INVENTORY',
    });
  });
  const start = events.find((event) => event.type === 'run_start');
  const tried = new Set(events.flatMap(onTrialIn));
  return {
    inventory: start?.inventory ?? [],
    hosts: tried.size > 0 ? tried : new Set(Object.keys(start?.plays ?? {})),
    onTrial: tried.size > 0,
  };
}

function onTrialIn(event: NetplayEvent): string[] {
  if (event.type === 'trial') return event.hosts.map(({ host }) => host);
  return event.type === 'host_end' && event.onTrial !== undefined ? [event.host] : [];
}

/** A host that has left the inventory since must not be forgotten in silence. */
function checkHosts(record: RunRecord | undefined, known: ReadonlyMap<string, unknown>, run: string): void {
  const missing = [...(record?.hosts ?? [])].filter((host) => !known.has(host));
  if (missing.length === 0) return;
  throw new NetplayError(
    'inventory',
    `run ${run} changed ${missing.join(', ')}: not in its inventory any more`,
    {
      hint: 'give an inventory that has all of its hosts, with -i',
    },
  );
}

function print(answers: readonly TrialAnswer[], json: boolean): void {
  const width = Math.max(...answers.map(({ host }) => host.length));
  for (const answer of answers) {
    const line = json
      ? JSON.stringify(answer)
      : printable(`${answer.host.padEnd(width)}  ${wordsOf(answer)}`);
    process.stdout.write(`${line}\n`);
  }
}

function wordsOf({ status, left, reason }: TrialAnswer): string {
  const words: Record<TrialStatus, string> = {
    confirmed: 'confirmed',
    extended: `extended, ${left} s left`,
    rolled_back: 'rolled back',
    left: `still on trial, ${left} s left`,
    unfinished: 'not confirmed: its changes are still being made',
    confirmed_before: 'confirmed before',
    rolled_back_before: 'rolled back before',
    nothing: 'nothing on trial',
    unreachable: 'unreachable',
  };
  return `${words[status]}${reason === undefined || reason === '' ? '' : `: ${reason}`}`;
}

/** @param recorded every host was changed by the run; else it is enough that one of those asked was */
function exitCodeOf(
  answers: readonly TrialAnswer[],
  wanted: readonly TrialStatus[],
  recorded: boolean,
): number {
  const concerned = recorded ? answers : answers.filter(({ status }) => status !== 'nothing');
  const unreachable = concerned.some(({ status }) => status === 'unreachable');
  const rest = concerned.filter(
    ({ status }) => status !== 'unreachable' && !(unreachable && status === 'left'),
  );
  if (concerned.length === 0 || rest.some(({ status }) => !wanted.includes(status))) return 2;
  return unreachable ? 4 : 0;
}
