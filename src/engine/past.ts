/** What hosts have in their journals. */
import { NetplayError } from '../shared/errors.js';
import { type History, historyScript, readHistory } from '../transaction/history.js';
import type { Target, Transport } from '../transport/session.js';
import { forEachLimited } from './pool.js';
import { hostError } from './results.js';

export interface HistoryCall {
  targets: ReadonlyMap<string, Target>;
  /** So many of the newest transactions a host; all where it is left out. */
  most?: number;
  transport: Transport;
  forks: number;
  signal: AbortSignal;
}

/** By host, in the targets' order; the error where it could not be read. */
export async function readHistories(call: HistoryCall): Promise<Map<string, History | NetplayError>> {
  const found = new Map<string, History | NetplayError>();
  await forEachLimited([...call.targets], call.forks, async ([host, target]) => {
    found.set(host, await readOne(target, call).catch((error: unknown) => hostError(error, host)));
  });
  return new Map(
    [...call.targets.keys()].flatMap((host) => {
      const history = found.get(host);
      return history === undefined ? [] : [[host, history] as const];
    }),
  );
}

async function readOne(target: Target, { transport, signal, most }: HistoryCall): Promise<History> {
  const session = await transport.open(target, signal);
  try {
    const { stdout } = await session.run(historyScript(most), { signal });
    const history = readHistory(stdout);
    if (history !== undefined) return history;
    throw new NetplayError('probe', "the host's journal can't be read", {
      host: target.name,
      hint: 'it is for root alone: log in as root, or let the user become root',
    });
  } finally {
    await session.close();
  }
}
