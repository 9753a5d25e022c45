/**
 * Scripts that go on without the session that started them (`async`), in a folder of the user on the host: what they
 * were, what they printed and how they ended, until somebody has that folder removed.
 */
import { quote } from '../shared/shell.js';
import type { FrameResult } from '../transport/session.js';
import type { ActionContext, ActionResult } from './action.js';
import { type Answer, ask } from './host/answer.js';
import { contentFunction, unusedLine } from './host/content.js';
import { pathWord } from './host/words.js';

/** Where the folders of jobs are, below which nobody else may look; Ansible's is `~/.ansible_async`. */
export const JOBS_FOLDER = '~/.netplay_async';

/** A job on a host. */
export interface JobAddress {
  /** As `ansible_job_id` tells it. */
  jid: string;
  /** The folder that its own folder is in; may begin with `~`. */
  folder: string;
}

/** What is kept beside a job, so that whoever asks later can read its answer. */
export interface JobNote {
  action: string;
  params: unknown;
  /** See `ActionContext.mark`. */
  mark: string;
  /** Seconds that it may take. */
  seconds: number;
}

/** What has become of a job. */
export type JobState =
  | { is: 'missing' }
  /** Its processes are gone and left no word: killed, or the host was started anew. */
  | { is: 'dead'; path: string }
  | { is: 'running'; path: string }
  | { is: 'over'; path: string; note: JobNote; frame: FrameResult; late: boolean };

export const isJobId = (jid: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(jid);

/**
 * Runs in the background: the job in a group of its own, so that it can be ended with all that it started, and beside it
 * one that does so when its time is over. `setsid` keeps them from the signal that the end of a session may send.
 */
const RUNNER = `D=$1 N=$2
if command -v setsid >/dev/null 2>&1; then S=setsid G=-; else S= G=; trap "" HUP; fi
read -r B </proc/sys/kernel/random/boot_id
$S sh -c 'umask 022; eval "$(cat <&9)" 9<&-' </dev/null >"$D/out" 2>"$D/err" &
J=$!
exec 9<&-
$S sh -c 'sleep "$1"; : >"$2/late"; kill -9 "$3$4" || kill -9 "$4"' sh "$N" "$D" "$G" "$J" </dev/null >/dev/null 2>&1 &
W=$!
echo "$$ $B" >"$D/runner.new" && mv "$D/runner.new" "$D/runner"
wait "$J"
R=$?
kill -9 "$G$W" || kill -9 "$W"
echo "$R" >"$D/rc.new" && mv "$D/rc.new" "$D/rc"`;

const pathOf = ({ folder, jid }: JobAddress): string => `np_root=${pathWord(folder)}\nnp_job=$np_root/${jid}`;

/** Starts a script, and returns as soon as it runs. @returns its folder, or a failed result */
export async function startJob(
  context: ActionContext,
  job: JobAddress,
  note: JobNote,
  script: string,
): Promise<{ path: string } | ActionResult> {
  const end = unusedLine(script);
  const answer = await ask(
    withoutEnvironment(context),
    `${pathOf(job)}
${contentFunction('np_note', Buffer.from(JSON.stringify(note)))}
umask 077
np_e=$( { mkdir -p "$np_root" && chmod 700 "$np_root" && mkdir "$np_job" && np_note >"$np_job/note"; } 2>&1) || np_fail "$np_e"
np_runner=${quote(RUNNER)}
if command -v setsid >/dev/null 2>&1; then np_setsid=setsid; else np_setsid=; fi
$np_setsid sh -c "$np_runner" sh "$np_job" ${note.seconds} </dev/null >/dev/null 2>&1 9<<'${end}' &
${script}
${end}
np_tries=0
until [ -e "$np_job/runner" ]; do
  np_tries=$((np_tries + 1))
  [ $np_tries -lt 100 ] || np_fail 'the job did not start'
  sleep 0.1 2>/dev/null || sleep 1
done
np_tell path "$np_job"`,
  );
  return 'changed' in answer ? answer : { path: answer.text('path') ?? '' };
}

/**
 * What has become of a job.
 * @param waitS seconds that the host itself waits for its end
 * @returns a failed result where the host can not tell
 */
export async function stateOfJob(
  context: ActionContext,
  job: JobAddress,
  waitS: number,
): Promise<JobState | ActionResult> {
  const answer = await ask(
    withoutEnvironment(context),
    `${pathOf(job)}
[ -d "$np_job" ] || { np_say missing; np_say end; exit 0; }
np_alive() {
  [ -e "$np_job/runner" ] || return 0
  read -r np_pid np_boot <"$np_job/runner"
  read -r np_now </proc/sys/kernel/random/boot_id
  [ "$np_boot" = "$np_now" ] && kill -0 "$np_pid" 2>/dev/null
}
np_end=$(($(date +%s) + ${Math.ceil(waitS)}))
while [ ! -e "$np_job/rc" ]; do
  np_alive || { [ -e "$np_job/rc" ] || np_say dead; break; }
  [ "$(date +%s)" -lt $np_end ] || break
  sleep 0.2 2>/dev/null || sleep 1
done
np_tell path "$np_job"
if [ -e "$np_job/rc" ]; then
  np_say rc "$(cat "$np_job/rc")"
  [ ! -e "$np_job/late" ] || np_say late
  for np_part in note out err; do printf '%s ' "$np_part"; np_enc <"$np_job/$np_part"; done
fi`,
    (waitS + 60) * 1000,
  );
  return 'changed' in answer ? answer : readState(answer);
}

function readState(answer: Answer): JobState {
  if (answer.has('missing')) return { is: 'missing' };
  const path = answer.text('path') ?? '';
  const rc = answer.word('rc');
  if (rc === undefined) return { is: answer.has('dead') ? 'dead' : 'running', path };
  const [stdout = '', stderr = ''] = ['out', 'err'].map((part) => answer.text(part));
  const note = JSON.parse(answer.text('note') ?? '{}') as JobNote;
  return {
    is: 'over',
    path,
    note,
    frame: { code: Number(rc), stdout, stderr, ms: 0 },
    late: answer.has('late'),
  };
}

/** Removes what is kept of a job; one that runs goes on. @returns its folder, undefined where there is none, or a failed result */
export async function removeJob(
  context: ActionContext,
  job: JobAddress,
): Promise<{ path: string | undefined } | ActionResult> {
  const answer = await ask(
    withoutEnvironment(context),
    `${pathOf(job)}
[ -d "$np_job" ] || { np_say missing; np_say end; exit 0; }
np_tell path "$np_job"
np_act rm -rf "$np_job"`,
  );
  return 'changed' in answer ? answer : { path: answer.text('path') };
}

/** The environment is the job's own, and stands in its script. */
function withoutEnvironment(context: ActionContext): ActionContext {
  return { ...context, environment: {} };
}
