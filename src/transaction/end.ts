/** The frames that end a transaction, ask about it, or give it more time. */
import { JOURNAL } from '../shared/journal-folder.js';
import { quote } from '../shared/shell.js';
import { type Ended, FIND_BASE, readEnded } from './begin.js';

/** What a host says of a transaction. */
export type Standing =
  /** `left`: seconds until it undoes itself; `applied`: all of its changes are made. */
  | { kind: 'on-trial'; left: number; applied: boolean }
  /** Confirmed, but for its release: undone if another host of the fleet fails, or nobody releases it. */
  | { kind: 'held' }
  /** Somebody, or a watchdog, is ending it at this moment. */
  | { kind: 'ending' }
  | { kind: 'ended'; ended: Ended }
  /** The host knows nothing of it: it was rebooted, or never heard of it. */
  | { kind: 'unknown' };

/** @param words one of guard's commands with its arguments */
function guarded(id: string, ...words: string[]): string {
  const command = words.map(quote).join(' ');
  return `${FIND_BASE}
G=$BASE/tx-${id}/guard
said=gone
[ ! -e "$G" ] || said=$(sh "$G" ${command})
case $said in
  '' | gone) grep '^outcome ' ${JOURNAL}/${id} 2>/dev/null || echo unknown ;;
  *) printf '%s\\n' "$said" ;;
esac
`;
}

/** @param hold keep what is needed to take it back, until `releaseScript` */
export function confirmScript(id: string, hold: boolean): string {
  return guarded(id, 'confirm', hold ? 'hold' : '');
}

/**
 * @param own whether it is ours to take back although it is held; else whoever holds it, and may have released it on
 * other hosts, is waited for
 */
export function rollbackScript(id: string, reason: string, own: boolean): string {
  return guarded(id, 'rollback', reason.replaceAll(/\s+/g, ' '), own ? 'own' : '');
}

/** @param seconds from now until the host undoes it */
export function extendScript(id: string, seconds: number): string {
  return guarded(id, 'extend', String(seconds));
}

export function releaseScript(id: string): string {
  return guarded(id, 'release');
}

export function statusScript(id: string): string {
  return guarded(id, 'status');
}

/** Asks for all transactions of a run on a host, those that are under way first; for `readTrials`. */
export function trialsScript(run: string): string {
  const name = quote(run);
  return `${FIND_BASE}
for t in "$BASE"/tx-${name}.*/guard; do
  [ -e "$t" ] || continue
  id=\${t%/guard}
  printf 'netplay-tx %s\\n' "\${id##*/tx-}"
  sh "$t" status
done
for e in ${JOURNAL}/${name}.*; do
  if [ -e "$e" ] && [ ! -e "$BASE/tx-\${e##*/}" ]; then
    printf 'netplay-tx %s\\n' "\${e##*/}"
    grep '^outcome ' "$e"
  fi
done
`;
}

/** By the transaction's id, in the order of the run's plays. */
export function readTrials(stdout: string): Map<string, Standing> {
  const parts = stdout.split(/^netplay-tx /m).slice(1);
  const told = parts.map((part): [string, Standing] => {
    const [id = ''] = part.split('\n', 1);
    return [id, readStanding(part.slice(id.length))];
  });
  return new Map(told.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function readStanding(stdout: string): Standing {
  const state = /^(arming|armed|confirming|held|restoring|kept|undone) (-?\d+)$/m.exec(stdout);
  if (state?.[1] === 'armed')
    return { kind: 'on-trial', left: Number(state[2]), applied: /^netplay-applied$/m.test(stdout) };
  if (state?.[1] === 'held') return { kind: 'held' };
  if (state !== null) return { kind: 'ending' };
  const ended = readEnded(stdout);
  if (ended !== undefined) return { kind: 'ended', ended };
  return { kind: 'unknown' };
}
