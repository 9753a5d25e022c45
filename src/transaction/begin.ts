/** The frame that begins a transaction on a host: lock, restore, watchdogs, baseline, changes. */
import { JOURNAL, NEWEST_ENTRY } from '../shared/journal-folder.js';
import { quote } from '../shared/shell.js';
import { GUARD } from './guard.js';
import { type JournalEntry, journalText } from './journal.js';
import { type Announced, applyScript, type ChangeUnit, filesOf, filesScript, undoScript } from './script.js';

/** A transaction of one host, before it is begun. */
export interface Transaction {
  /** Names its folder, its lock and its journal entry: letters, digits, `.` and `-`; sorts by time. */
  id: string;
  entry: JournalEntry;
  units: readonly ChangeUnit[];
  announced: Announced;
  /** Seconds that the host waits for its confirmation; null: it is made and kept at once. */
  confirmTimeout: number | null;
  /** Seconds to wait for another one's lock. */
  lockTimeout: number;
  /** The newest entry of the host's journal when its state was read: another one since makes the plan stale. */
  seen: string;
  /** sh text that tries the baseline, run before the first change; what it prints is handed on. */
  baseline: string;
}

/** Where a host keeps the transactions that are under way: gone with a reboot, as what they changed is. */
export const FIND_BASE = 'BASE=/run; [ -d /run ] || BASE=/var/run; BASE=$BASE/netplay';
/** What was being written when the host went down, where no systemd has finished it at the boot. */
const PENDING = '/var/lib/netplay/pending';
/** Entries kept on a host. */
const KEPT_ENTRIES = 50;

/**
 * The script; `readBegun` understands its answer. Each word of it is printed before the change that it
 * speaks of, so that an answer that breaks off is never better than the truth.
 */
export function beginScript(transaction: Transaction): string {
  const { id, units, announced, confirmTimeout, lockTimeout, seen, entry, baseline } = transaction;
  const files = {
    guard: GUARD,
    undo: undoScript(units, announced),
    apply: applyScript(units, announced),
    files: filesScript(units),
    settings: `ID=${id} TIMEOUT=${confirmTimeout ?? 0} WATCHED=${confirmTimeout === null ? '' : 1} SEVERAL=${filesOf(units) > 1 ? 1 : ''} WRITES=${filesOf(units) > 0 ? 1 : ''}\n`,
    'journal.new': journalText(entry),
  };
  const puts = Object.entries(files).map(([name, text]) => `put ${name} ${quote(text)}`);
  const owner = ['run', 'by', 'from'] as const;
  const lines = owner.map((key) => `printf '%s\\n' ${quote(`${key}=${entry[key]}`)}`);
  return `umask 077
${FIND_BASE}
N=$BASE/new-${id}.$$
D=$BASE/tx-${id}
J=${JOURNAL}
put() { printf '%s' "$2" >"$1"; }
owned=
refuse() {
  printf 'netplay-refused %s\\n' "$1"
  cd /
  rm -rf "$N" 2>/dev/null
  # Another one's folder may have the same name: a host that the inventory names twice.
  [ -z "$owned" ] || rm -rf "$D" "$BASE/lock"
  exit 1
}
mkdir -p "$BASE" && mkdir "$N" && cd "$N" && ${puts.join(' &&\n')} || refuse write
read -r boot </proc/sys/kernel/random/boot_id
began() { read -r stat 2>/dev/null <"/proc/$1/stat" || return 1; stat=\${stat##*) }; set -- $stat; case $1 in Z | X) return 1 ;; esac; BEGAN=\${20}; }
alive() { began "\${1%%:*}" && [ "$BEGAN" = "\${1#*:}" ]; }
began $$
session=$$:$BEGAN
${LOCK}
{ printf 'tx=%s\\n' ${id}; printf 'session=%s\\nboot=%s\\nsince=%s\\n' "$session" "$boot" "$(date +%s)"; ${lines.join('; ')}; } >owner &&
lock ${lockTimeout} && owned=1 && mv "$N" "$D" && cd "$D" || refuse write
# What was being made or cleared away by somebody who died.
for o in "$BASE"/new-*; do began "\${o##*.}" || [ ! -e "$o" ] || rm -rf "$o"; done
for o in "$BASE"/tx-*; do [ -e "$o/guard" ] || [ ! -e "$o" ] || rm -rf "$o"; done
${NEWEST_ENTRY}
if [ $waited -gt 0 ] || [ "$newest" != ${quote(seen)} ]; then refuse stale; fi
for p in ${PENDING}/*; do
  if [ -e "$p" ]; then sh "$p" && rm -f "$p" || refuse write; fi
done
group=; if command -v setsid >/dev/null 2>&1; then group=1; fi
journal=$J
# Room is made first: the new entry may be the oldest by a clock that is behind.
set -- "$J"/*
while [ $# -ge ${KEPT_ENTRIES} ]; do rm -f "$1"; shift; done
mkdir -p "$J" 2>/dev/null && cp journal.new "$J/${id}" 2>/dev/null || { rm -f "$J/${id}"; journal=; echo netplay-no-journal; }
printf 'SESSION=%s BOOT=%s GROUP=%s JOURNAL=%s\\n' "$session" "$boot" "$group" "$journal" >>settings &&
echo "$session" >holders && : >made && : >out && : >err && : >arming || refuse write
${confirmTimeout === null ? '' : watched(id)}
${baseline}
${confirmTimeout === null ? '' : restartTime(confirmTimeout)}
mv arming armed || refuse write
echo netplay-armed
exec 3<out 4<err
if [ -n "$group" ]; then setsid sh "$D/guard" apply </dev/null >>out 2>>err 3<&- 4<&- &
else (trap '' HUP; exec sh "$D/guard" apply) </dev/null >>out 2>>err 3<&- 4<&- & fi
wait $!
cat <&3
cat <&4 >&2
`;
}

/**
 * The lock is a file made by link(2), which fails where there is one, whole from its first moment. It is
 * stale where neither the session that took it nor any process of its transaction is alive; then that
 * transaction is ended first, by one only of those who find out.
 */
const LOCK = `value() { sed -n "s/^$1=//p" "$2" 2>/dev/null; }
stale() {
  [ "$(value boot "$1")" = "$boot" ] || return 0
  s=$(value session "$1")
  [ -z "$s" ] || ! alive "$s" || return 1
  [ -e "$2/holders" ] || return 0
  while read -r h; do if alive "$h"; then return 1; fi; done <"$2/holders"
  for w in "$2"/worker.*; do if alive "\${w##*/worker.}"; then return 1; fi; done
  return 0
}
locked() {
  printf 'netplay-locked\\n'
  cat "$BASE/lock"
  O=$BASE/tx-$(value tx "$BASE/lock")
  if [ -e "$O/guard" ]; then sh "$O/guard" status; fi
  refuse locked
}
lock() {
  waited=0
  until ln owner "$BASE/lock" 2>/dev/null; do
    [ -e "$BASE/lock" ] || { ln owner "$BASE/lock" && return 0; [ -e "$BASE/lock" ] || return 1; }
    T=$(value tx "$BASE/lock")
    O=$BASE/tx-$T
    if [ -n "$T" ] && stale "$BASE/lock" "$O"; then
      if ln owner "$BASE/breaking" 2>/dev/null; then
        if [ "$(value tx "$BASE/lock")" = "$T" ] && stale "$BASE/lock" "$O"; then
          echo netplay-abandoned
          if [ -e "$O/guard" ]; then sh "$O/guard" abandon >/dev/null; else rm -f "$BASE/lock"; fi
        fi
        rm -f "$BASE/breaking"
        waited=1
        continue
      fi
      s=$(value session "$BASE/breaking")
      [ -z "$s" ] || alive "$s" || rm -f "$BASE/breaking"
    fi
    [ $waited -lt $1 ] || locked
    waited=$((waited + 1))
    sleep 1
  done
}`;

/** The time begins once the baseline was tried, which takes its own. */
function restartTime(confirmTimeout: number): string {
  return `read -r up rest </proc/uptime
echo $((\${up%%.*} + ${confirmTimeout})) >deadline || refuse write`;
}

/** Two watchdogs, each of which does without the other; by systemd where it is, outside the session's reach. */
function watched(id: string): string {
  return `start_watch() {
  if [ -n "$group" ]; then setsid sh "$D/guard" watch </dev/null >/dev/null 2>&1 &
  else (trap '' HUP; exec sh "$D/guard" watch) </dev/null >/dev/null 2>&1 & fi
}
unit() { systemd-run --quiet --unit=netplay-${id} "$@" /bin/sh "$D/guard" watch </dev/null >/dev/null 2>&1; }
if [ ! -d /run/systemd/system ] || ! command -v systemd-run >/dev/null 2>&1; then start_watch
else unit --collect --property=Restart=on-failure --property=RestartSec=1 || unit || start_watch; fi
start_watch
ready() { n=0; while read -r h; do n=$((n + 1)); done <holders; [ $n -ge 3 ]; }
t=0
until ready; do
  [ $t -lt 100 ] || refuse watchdog
  t=$((t + 1))
  sleep 0.1 2>/dev/null || sleep 1
done`;
}

/** Who has the lock of a host. */
export interface LockOwner {
  run: string;
  by: string;
  from: string;
  /** Seconds since 1970, by the host's clock. */
  since: number;
  /** Seconds until it undoes itself; undefined where it is not on trial. */
  left?: number;
}

/** What came of beginning a transaction. */
export type Begun =
  /** Armed and at it: whether all of it was made is in `made`; where it was not, `ended` says so. */
  | { kind: 'begun'; made: boolean; ended?: Ended; journal: boolean }
  | { kind: 'locked'; owner: LockOwner }
  /** Somebody else has changed the host since its state was read; abandoned: what a dead run left was undone. */
  | { kind: 'stale'; abandoned: boolean }
  | { kind: 'refused'; words: string };

/** How a transaction ended on its host. */
export interface Ended {
  outcome: 'confirmed' | 'rolled_back';
  reason: string;
}

export function readBegun(stdout: string, stderr: string): Begun {
  const refused = /^netplay-refused (\w+)$/m.exec(stdout)?.[1];
  if (refused === 'locked') return { kind: 'locked', owner: readOwner(stdout) };
  if (refused === 'stale') return { kind: 'stale', abandoned: /^netplay-abandoned$/m.test(stdout) };
  if (refused === 'watchdog') return { kind: 'refused', words: 'its watchdogs did not start' };
  if (!/^netplay-armed$/m.test(stdout)) return { kind: 'refused', words: stderr.trim() };
  const ended = readEnded(stdout);
  return {
    kind: 'begun',
    made: /^netplay-applied$/m.test(stdout) || ended?.outcome === 'confirmed',
    ...(ended !== undefined && { ended }),
    journal: !/^netplay-no-journal$/m.test(stdout),
  };
}

function readOwner(stdout: string): LockOwner {
  const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const left = /^(?:armed|confirming|restoring) (-?\d+)$/m.exec(stdout)?.[1];
  return {
    run: value('run'),
    by: value('by'),
    from: value('from'),
    since: Number(value('since')),
    ...(left !== undefined && { left: Math.max(0, Number(left)) }),
  };
}

/** The last outcome that `guard` told or that stands in the journal; undefined where there is none. */
export function readEnded(text: string): Ended | undefined {
  const told = [...text.matchAll(/^(?:outcome \d+ )?(confirmed|rolled_back)(?: (.*))?$/gm)].at(-1);
  if (told === undefined) return undefined;
  return { outcome: told[1] === 'confirmed' ? 'confirmed' : 'rolled_back', reason: (told[2] ?? '').trim() };
}
