/** Probes as one POSIX shell script that runs them all at once, and what it said back. */
import { quote } from '../shared/shell.js';
import type { Probe } from './probe.js';

/** Asks again where the answer is no: after a change ARP and IPv6 DAD may need a moment. */
export interface Retry {
  /** How often a probe is run at most. */
  tries: number;
  /** Milliseconds between two tries. */
  waitMs: number;
}

export interface ProbeResult {
  /** Position of the probe in the list that was given. */
  index: number;
  passed: boolean;
  /** What was seen, and so why it did not pass where it did not. */
  words: string;
}

export const ONCE: Retry = { tries: 1, waitMs: 0 };

const MARK = 'netplay-probed';
/** What the script prints in the place of an exit code. */
const TIMED_OUT = 'late';

/** How much of a probe's output is read back. With the rest of its line less than the kernel keeps whole. */
const KEPT_BYTES = 3500;
/** How much of it is shown where nothing explains it. */
const SHOWN_LENGTH = 600;

/**
 * `probe INDEX SECONDS SCRIPT` asks once, and leaves the exit code in $rc and the last words in $words.
 *
 * A shell can wait for one thing only: a timer beside it ends what takes too long. All that a probe started
 * is known by a variable in its environment, since there may be no setsid or timeout to group it, and is
 * ended until none is left; else the pipe that its words come through would stay open. busybox's grep stops
 * at the NULs of an environment: there only processes of this session are looked at, one by one. All are
 * stopped first, so that no shell gets to tell of its child's end. USR1 is no signal that scripts ignore, and
 * KILL the one that a process between fork and exec can't lose. Several probes write to one pipe, so
 * each result is one line, short enough for the kernel to keep it whole (PIPE_BUF).
 */
const FUNCTIONS = `mark=netplay.$$.$(cat /proc/sys/kernel/random/uuid)
marked() {
  want=NETPLAY_PROBE=$mark.$1.
  if printf 'a\\000b' | grep -qF b; then
    grep -lsF "$want" /proc/[0-9]*/environ
    return
  fi
  set -- $(sed 's/.*) //' /proc/self/stat)
  for f in $(grep -ls "^[0-9]* (.*) [A-Za-z] [0-9]* [0-9]* $4 " /proc/[0-9]*/stat); do
    f=\${f%/stat}/environ
    case $(tr '\\000' ' ' <"$f") in *"$want"*) echo "$f" ;; esac
  done
}
end_all() {
  for again in 1 2 3 4 5; do
    pids=
    for f in $(marked "$1"); do f=\${f#/proc/}; pids="$pids \${f%/environ}"; done
    [ -n "$pids" ] || return
    kill -STOP $pids
    kill -9 $pids
  done
}
timer() {
  nap= over=
  trap 'over=1; [ -z "$nap" ] || kill -9 "$nap"' USR1
  sleep "$2" &
  nap=$!
  [ -z "$over" ] || kill -9 "$nap"
  wait "$nap"
  [ -z "$over" ] || exit 0
  nap=
  end_all "$1"
  exit 9
}
probe() {
  timer "$1" "$2" </dev/null >/dev/null 2>&1 3>&- &
  timer=$!
  words=$({ (export NETPLAY_PROBE=$mark.$1.; exec sh -c "$3" 2>&1); printf '\\n%s' $?; } 3>&- | tail -c ${KEPT_BYTES})
  rc=\${words##*"$newline"}
  words=\${words%"$newline"*}
  kill -USR1 "$timer"
  wait "$timer"
  [ $? -ne 9 ] || [ "$rc" = 0 ] || rc=${TIMED_OUT}
}
newline='
'
tell() {
  words=$(printf '%s' "$words" | tr -s '\\000-\\037' ' ')
  printf '${MARK} %s %s %s\\n' "$1" "$rc" "$words" >&3
}
try() {
  tries=$3
  while probe "$1" "$2" "$5"; [ "$rc" != 0 ] && [ "$tries" -gt 1 ]; do
    tries=$((tries - 1))
    sleep "$4" || sleep 1
  done
  tell "$1"
}`;

/**
 * A script that runs all probes at once, each in its own bounded time, for `readProbes` to read what it
 * prints. It is one subshell: nothing of it stays in the shell that runs it, nor on the host.
 * Empty where there is nothing to ask.
 * @param before where given, only what passed then is asked, for `broken`
 */
export function probeScript(
  probes: readonly Probe[],
  retry: Retry = ONCE,
  before?: readonly ProbeResult[],
): string {
  const wait = (retry.waitMs / 1000).toString();
  const runs = probes.flatMap(({ seconds, script }, index) =>
    before === undefined || before[index]?.passed
      ? [`try ${index} ${seconds} ${retry.tries} ${wait} ${quote(script)} &\n`]
      : [],
  );
  if (runs.length === 0) return '';
  return `(
set +e +f +u
trap - USR1
exec 3>&1 </dev/null >/dev/null 2>&1
${FUNCTIONS}
${runs.join('')}wait
)
`;
}

/** Milliseconds that the script of `probeScript` takes at most, where the host is not overloaded. */
export function longestMs(probes: readonly Probe[], retry: Retry = ONCE): number {
  const seconds = Math.max(0, ...probes.map((probe) => probe.seconds));
  return retry.tries * seconds * 1000 + (retry.tries - 1) * retry.waitMs;
}

/**
 * What became of each probe, in their order, from what a script of `probeScript` printed, amid whatever
 * else. A probe that nothing is told of did not pass.
 */
export function readProbes(stdout: string, probes: readonly Probe[]): ProbeResult[] {
  const told = new Map<number, RegExpExecArray>();
  for (const match of stdout.matchAll(new RegExp(`^${MARK} (\\d+) (\\d+|${TIMED_OUT}) (.*)$`, 'gm')))
    told.set(Number(match[1]), match);
  return probes.map((probe, index) => {
    const [, , code = '', words = ''] = told.get(index) ?? [];
    const passed = code === '0';
    return { index, passed, words: passed ? seen(probe, words.trim()) : reason(probe, code, words.trim()) };
  });
}

function seen(probe: Probe, words: string): string {
  return probe.explain?.(words, true) ?? words.slice(-SHOWN_LENGTH);
}

function reason(probe: Probe, code: string, words: string): string {
  if (code === '') return 'it was not run';
  const said = probe.explain?.(words, false);
  if (said !== undefined) return said;
  const shown = words.slice(-SHOWN_LENGTH);
  if (code === TIMED_OUT) return shown === '' ? tooLong(probe) : `${tooLong(probe)}: ${shown}`;
  return shown === '' ? `exit code ${code}` : withoutShell(shown);
}

function tooLong({ seconds }: Probe): string {
  return `no end within ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
}

/** `sh: 1: exec: ping: not found`: a shell names itself and its line, which help nobody. */
function withoutShell(words: string): string {
  return words.replaceAll(/(^|\s)\S*sh: (?:(?:line )?\d+: )?(?:exec: (?:line \d+: )?)?/g, '$1');
}

/** Those that passed before and do not now: what a change broke. A probe without a result did not pass. */
export function broken(before: readonly ProbeResult[], after: readonly ProbeResult[]): ProbeResult[] {
  const now = new Map(after.map((result) => [result.index, result]));
  return before
    .filter(({ passed }) => passed)
    .map(({ index }) => now.get(index) ?? { index, passed: false, words: 'it was not run' })
    .filter(({ passed }) => !passed);
}
