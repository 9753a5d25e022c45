/** `netplay rollback HOST [ID]`: takes back what a past run did to a host, as a guarded run of its own. */

import type { ExpandedTask } from '../engine/expand.js';
import { readHistories } from '../engine/past.js';
import type { PreparedPlay } from '../engine/prepare.js';
import { chooseTakeBack, type TakeBack, takeBack } from '../engine/take-back.js';
import { NetplayError } from '../shared/errors.js';
import { JOURNAL } from '../shared/journal-folder.js';
import type { RunFlags } from './flags.js';
import { noteEntries } from './note-secrets.js';
import { secrets } from './output.js';
import { reach } from './reach.js';
import { report } from './reporting.js';
import { onInterrupt, runStart } from './run.js';

/**
 * @param hosts a pattern
 * @param id of the transaction; without it the newest that was confirmed on each host
 * @returns the exit code of a run
 */
export async function takeBackCommand(
  hosts: string,
  id: string | undefined,
  flags: RunFlags,
): Promise<number> {
  const interrupt = new AbortController();
  const name = id === undefined ? 'take back the newest transaction' : `take back ${id}`;
  const { options, prepared } = await reach(flags, { name, hosts, signal: interrupt.signal });
  const stopListening = onInterrupt(interrupt);
  try {
    const [play] = prepared.plays;
    if (play === undefined) throw new Error('reach gives one play');
    const chosen = await choose(play, id, options);
    const own = { ...prepared, plays: [withTasks(play, chosen)] };
    const start = await runStart('netplay rollback', flags, options.run, own, null);
    return await report(options, own, start, flags);
  } finally {
    stopListening();
    await options.transport.close();
  }
}

/** A host whose journal can't be read is reached again by the run, which then says why it failed. */
async function choose(
  { targets }: PreparedPlay,
  id: string | undefined,
  options: Pick<Parameters<typeof readHistories>[0], 'transport' | 'forks' | 'signal'>,
): Promise<Map<string, TakeBack>> {
  const { transport, forks, signal } = options;
  const histories = await readHistories({ targets, transport, forks, signal });
  noteEntries(secrets, histories.values());
  return new Map(
    [...histories].map(([host, history]): [string, TakeBack] => {
      if (!(history instanceof NetplayError)) return [host, chooseTakeBack(history, id)];
      const { message, hint } = history;
      return [host, { kind: 'refused', problem: { message, ...(hint !== undefined && { hint }) } }];
    }),
  );
}

function withTasks(play: PreparedPlay, chosen: ReadonlyMap<string, TakeBack>): PreparedPlay {
  const tasks = new Map([...chosen].map(([host, params]) => [host, [taskOf(params)]]));
  const takesBack = new Map(
    [...chosen].flatMap(([host, params]) =>
      params.kind === 'take' ? [[host, params.entry.id] as const] : [],
    ),
  );
  const [task] = [...tasks.values()].flat().map((expanded) => expanded.task);
  return { ...play, play: { ...play.play, steps: task === undefined ? [] : [task] }, tasks, takesBack };
}

function taskOf(params: TakeBack): ExpandedTask {
  const id = params.kind === 'take' ? params.entry.id : undefined;
  const place = { file: id === undefined ? JOURNAL : `${JOURNAL}/${id}`, line: 1, column: 1 };
  const task = {
    kind: 'resource' as const,
    name: id === undefined ? 'take back a transaction' : `take back ${id}`,
    resource: takeBack.name,
    key: takeBack.name,
    many: false,
    params: {},
    when: [],
    loop: undefined,
    loopControl: { loopVar: 'item' },
    vars: {},
    tags: [],
    notify: [],
    listen: [],
    place,
    locate: () => place,
  };
  const resource = takeBack as ExpandedTask['resource'];
  return { task, index: 0, resource, items: [{ params, path: [] }], ignoreErrors: false };
}
