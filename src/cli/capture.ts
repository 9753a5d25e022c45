/** `netplay capture`: what hosts have that somebody set up by hand, as a playbook, an inventory and a lab. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Capture, capture, captureReads } from '../capture/capture.js';
import { inventoryText } from '../capture/inventory-text.js';
import { labText } from '../capture/lab-text.js';
import { playbookText } from '../capture/playbook.js';
import type { Params } from '../capture/reading.js';
import { type PlannableTask, planTasks, readsOf } from '../engine/plan.js';
import { forEachLimited } from '../engine/pool.js';
import type { RunOptions } from '../engine/prepare.js';
import { renderErrors } from '../report/errors.js';
import { printable } from '../report/printable.js';
import { wantsColor } from '../report/style.js';
import { coerceParams } from '../resources/validate.js';
import type { Change } from '../shared/change.js';
import { NetplayError } from '../shared/errors.js';
import { makeFolder } from '../shared/make-folder.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import { parseProbe } from '../snapshot/parse.js';
import { buildProbe } from '../snapshot/probe.js';
import { isPersistent } from '../transaction/script.js';
import type { Session, Target } from '../transport/session.js';
import type { RunFlags } from './flags.js';
import { reach } from './reach.js';
import { onInterrupt } from './run.js';
import { isThere, replaceFile } from './write-file.js';

export interface CaptureFlags extends RunFlags {
  /** A folder. */
  output?: string;
  /** The name of the one host in what is written. */
  as?: string;
  force?: boolean;
}

interface Found extends Capture {
  target: Target;
  snapshot: Snapshot;
  differs: readonly string[];
}

const FILES = ['site.yml', 'inventory.yml', 'lab.yml'] as const;

/**
 * @param hosts patterns; where no inventory is given, the hosts themselves
 * @returns the exit code: 0, 2 where a host could not be read, 4 where one could not be reached
 */
export async function captureCommand(hosts: readonly string[], given: CaptureFlags): Promise<number> {
  const list = hosts.map((host) => `${host},`).join('');
  const flags = given.inventory.length > 0 ? given : { ...given, inventory: [list] };
  await checkFolder(flags);
  const interrupt = new AbortController();
  const wanted = { name: 'capture', hosts: hosts.join(','), signal: interrupt.signal };
  const { options, prepared } = await reach(flags, wanted);
  const stopListening = onInterrupt(interrupt);
  try {
    const targets = prepared.plays.flatMap((play) => [...play.targets.values()]);
    if (flags.as !== undefined && targets.length > 1)
      throw new NetplayError('usage', `--as names one host, and these are ${targets.length}`);
    const { found, errors } = await readHosts(targets, options);
    tellErrors(errors);
    if (found.length > 0) await write(found, flags);
    if (interrupt.signal.aborted) return 130;
    return exitCodeOf(errors);
  } finally {
    stopListening();
    await options.transport.close();
  }
}

/** @throws NetplayError `usage` before any host is reached, where nothing could be written, or a file would be overwritten */
async function checkFolder({ output, force }: CaptureFlags): Promise<void> {
  if (output === undefined) return;
  const found = await stat(output).catch(() => undefined);
  if (found?.isDirectory() === false) throw new NetplayError('usage', `${output} is no folder`);
  if (force === true) return;
  for (const file of FILES) {
    const path = join(output, file);
    if (await isThere(path))
      throw new NetplayError('usage', `${path} is there already`, {
        hint: 'name another folder, or say --force to replace it',
      });
  }
}

async function readHosts(
  targets: readonly Target[],
  { transport, forks, signal }: Pick<RunOptions, 'transport' | 'forks' | 'signal'>,
): Promise<{ found: Found[]; errors: NetplayError[] }> {
  const results = new Map<string, Found | NetplayError>();
  await forEachLimited(targets, forks, async (target) => {
    try {
      const session = await transport.open(target, signal);
      results.set(target.name, await readHost(target, session).finally(() => session.close()));
    } catch (error) {
      if (!(error instanceof NetplayError)) throw error;
      results.set(target.name, ofHost(error, target));
    }
  });
  const inOrder = targets.flatMap(({ name }) => results.get(name) ?? []);
  return {
    found: inOrder.flatMap((one) => (one instanceof NetplayError ? [] : [one])),
    errors: inOrder.filter((one) => one instanceof NetplayError),
  };
}

function ofHost(error: NetplayError, { name }: Target): NetplayError {
  const { code, message, hint } = error;
  return new NetplayError(code, message, { host: name, cause: error, ...(hint !== undefined && { hint }) });
}

/** One frame reads all; a second one proves that what was made of it changes nothing there. */
async function readHost(target: Target, session: Session): Promise<Found> {
  const read = async (reads: readonly Read[]): Promise<Snapshot> =>
    parseProbe((await session.run(buildProbe(reads))).stdout, reads);
  const snapshot = await read(captureReads);
  const captured = capture(snapshot);
  const tasks = captured.tasks.map(plannable);
  return { ...captured, target, snapshot, differs: differences(tasks, await read(readsOf(tasks))) };
}

function plannable({ resource, items }: Capture['tasks'][number]): PlannableTask {
  return {
    resource,
    items: items.map((params, index) => ({ params: coerceParams(resource, params), path: [index] })),
  };
}

/** What a run would do there; files for the next boot aside, which nobody may have written by hand. */
function differences(tasks: readonly PlannableTask[], snapshot: Snapshot): string[] {
  const plan = planTasks(tasks, snapshot);
  const problems = plan.tasks.flatMap((task) => task.problems.map(({ message }) => message));
  const changes = plan.sequence.flatMap(({ changes: all }) =>
    all.filter((change) => !isPersistent(change) && !isPinning(change)),
  );
  return [
    ...problems,
    ...changes.map(
      ({ address, before, after }) => `${address}: ${before ?? 'absent'} → ${after ?? 'absent'}`,
    ),
  ];
}

/** A bridge keeps the MAC that it has, and from then on for good: that is told where bridges are. */
function isPinning({ before, after }: Pick<Change, 'before' | 'after'>): boolean {
  return before?.replace('(not pinned)', '(pinned)') === after;
}

function tellErrors(errors: readonly NetplayError[]): void {
  if (errors.length === 0) return;
  const text = renderErrors(errors, { color: wantsColor(process.stderr, process.env) });
  process.stderr.write(`${text}\n`);
}

/** A host that can't be read is there, at least. */
function exitCodeOf(errors: readonly NetplayError[]): number {
  if (errors.some(({ code }) => code === 'probe')) return 2;
  return errors.length > 0 ? 4 : 0;
}

async function write(found: readonly Found[], { output, as }: CaptureFlags): Promise<void> {
  const named = found.map((one) => ({ ...one, host: as ?? one.target.name }));
  tellLeftOut(named);
  const site = playbookText(named);
  if (output === undefined) {
    process.stdout.write(site);
    return;
  }
  const reached = named.map(({ host, target }) => ({ host, vars: as === undefined ? varsOf(target) : null }));
  const texts = [site, inventoryText(reached), labText(named)];
  await makeFolder(output).catch((cause: Error) => {
    throw new NetplayError('usage', `${output} can't be made: ${cause.message}`, { cause });
  });
  for (const [index, file] of FILES.entries())
    await replaceFile(join(output, file), Buffer.from(texts[index] ?? ''));
  const paths = FILES.map((file) => join(output, file)).join(', ');
  process.stdout.write(`wrote ${paths}\n`);
}

function tellLeftOut(found: readonly (Found & { host: string })[]): void {
  for (const { host, leftOut, differs } of found) {
    for (const { what, why } of leftOut)
      process.stderr.write(`${printable(`left out of ${host}: ${what}: ${why}`)}\n`);
    for (const line of differs)
      process.stderr.write(`${printable(`a run would still change on ${host}: ${line}`)}\n`);
  }
}

/** How the host was reached, as its variables; a password is nobody's to write down. */
function varsOf({ name, address, port, user, connection }: Target): Params {
  return {
    ...(address !== name && { ansible_host: address }),
    ...(port !== undefined && { ansible_port: port }),
    ...(user !== undefined && { ansible_user: user }),
    ...(connection === 'local' && { ansible_connection: 'local' }),
  };
}
