/** `netplay history HOST`: what was done to hosts, by whom, and what became of it. */
import { readHistories } from '../engine/past.js';
import { reportChange } from '../engine/report-change.js';
import { type ReportedTransaction, renderTransaction } from '../report/history.js';
import { printable, printableAll } from '../report/printable.js';
import { createStyle, wantsColor } from '../report/style.js';
import { NetplayError } from '../shared/errors.js';
import { type History, type PastTransaction, takenBackBy } from '../transaction/history.js';
import type { RunFlags } from './flags.js';
import { noteEntries, openAll } from './note-secrets.js';
import { secrets } from './output.js';
import { reach } from './reach.js';

/**
 * @param hosts a pattern
 * @param most transactions of a host that are shown
 * @returns 0; 2 where a host's journal can't be read, 4 where a host can't be reached
 */
export async function historyCommand(hosts: string, most: number, flags: RunFlags): Promise<number> {
  const interrupt = new AbortController();
  const { options, prepared } = await reach(flags, { name: 'history', hosts, signal: interrupt.signal });
  const { transport, forks } = options;
  const targets = prepared.plays[0]?.targets ?? new Map();
  for (const host of prepared.hosts) openAll(options.inventory.hosts.get(host)?.vars);
  try {
    const found = await readHistories({ targets, most, transport, forks, signal: interrupt.signal });
    noteEntries(secrets, found.values());
    const print = flags.json ? printJson : printText;
    for (const [host, history] of found) print(host, history, (flags.verbose ?? 0) > 0);
    return exitCodeOf([...found.values()]);
  } finally {
    await transport.close();
  }
}

function exitCodeOf(found: readonly (History | NetplayError)[]): number {
  const errors = found.filter((history) => history instanceof NetplayError);
  if (errors.some(({ code }) => code === 'probe' || code === 'plan')) return 2;
  return errors.length > 0 ? 4 : 0;
}

type Print = (host: string, history: History | NetplayError, verbose: boolean) => void;

const printJson: Print = (host, history) => {
  const lines =
    history instanceof NetplayError
      ? [{ host, error: { code: history.code, message: history.message } }]
      : reportedAll(host, history);
  for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
};

const printText: Print = (host, history, verbose) => {
  const style = createStyle(wantsColor(process.stdout, process.env));
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  write(style.bold(host));
  if (history instanceof NetplayError) {
    write(`  ${style.red(printable(history.message))}`);
    return;
  }
  const past = reportedAll(host, history);
  if (past.length === 0) write('  no transactions');
  for (const one of past)
    for (const line of renderTransaction(printableAll(one), style, verbose)) write(line);
  for (const name of history.unread)
    write(printable(`  ${name}  can't be read: it was written by another version`));
};

function reportedAll(host: string, { past }: History): ReportedTransaction[] {
  return past.map((one) => reported(host, one, past));
}

function reported(host: string, one: PastTransaction, past: readonly PastTransaction[]): ReportedTransaction {
  const { entry, ended, endedAt, left } = one;
  const { id, run, play, by, from, time, takesBack, changes } = entry;
  const back = takenBackBy(past, id)?.entry.id;
  return {
    ...{ host, id, run, play, by, from, begun: time },
    ended: endedAt ?? null,
    outcome: left === undefined ? (ended?.outcome ?? 'unknown') : 'on_trial',
    reason: ended?.reason ?? '',
    ...(left !== undefined && { left }),
    ...(takesBack !== undefined && { takesBack }),
    ...(back !== undefined && { takenBackBy: back }),
    changes: changes.map(reportChange),
  };
}
