/** `async`: actions that go on by themselves on the host. */
import { randomInt } from 'node:crypto';
import type { Action, ActionContext, ActionResult } from '../../actions/action.js';
import {
  JOBS_FOLDER,
  type JobAddress,
  type JobNote,
  type JobState,
  removeJob,
  startJob,
  stateOfJob,
} from '../../actions/background.js';
import { outputKeys, randomMark } from '../../actions/host/run-command.js';
import { actionNamed } from '../../actions/registry.js';
import type { ActionTask } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import type { VarScope } from '../../template/scope.js';
import type { FrameResult, Session, Target } from '../../transport/session.js';
import type { FlowRun } from './flow-run.js';

/** Seconds between two looks at a job; Ansible's `DEFAULT_POLL_INTERVAL`. */
const POLL_S = 15;

/** Seconds that a host itself waits before it answers, so that a lost connection shows. */
const SLICE_S = 20;

/** Seconds beyond its own limit in which a job's end must become known. */
const GRACE_S = 30;

/** Milliseconds between two attempts to reach a host again. */
const AGAIN_MS = 2_000;

/** In check mode there are no jobs: what is asked of this one nobody can tell. */
export const NO_JOB = 'j0';

export interface Background {
  /** How long the job may take. */
  seconds: number;
  /** Seconds between two looks; 0 leaves it alone. */
  poll: number;
}

/** What a task says of running in the background; undefined where it does not. */
export function backgroundOf(run: FlowRun, task: ActionTask, scope: VarScope): Background | undefined {
  const { templates } = run.options;
  const [seconds = 0, poll = 0] = [task.async ?? 0, task.poll ?? POLL_S].map((value) =>
    Number(templates.render(value, scope, task.place)),
  );
  if (!(seconds >= 0 && poll >= 0))
    throw new NetplayError('playbook', 'async: and poll: must be numbers', { place: task.place });
  return seconds === 0 ? undefined : { seconds, poll };
}

/** What a check tells of a task that would run in the background: what its action tells, and that there is no job. */
export function checkedOnly(result: ActionResult): ActionResult {
  return { ...result, ansible_job_id: NO_JOB, started: 0, finished: 1 };
}

/**
 * Starts an action's script as a job. With `poll` its end is waited for, over new connections where the old one is lost.
 * @throws NetplayError of the connection, where the host is not reached again in time
 */
export async function runInBackground(
  run: FlowRun,
  { action, params }: { action: Action<never>; params: unknown },
  context: ActionContext,
  { background, target, folder }: { background: Background; target: Target; folder: string },
): Promise<ActionResult> {
  const script = await scriptOf(action, params, context);
  if ('result' in script) return script.result;
  const jid = `j${randomInt(1e12, 1e14)}`;
  const { seconds, poll } = background;
  const note: JobNote = { action: action.name, params, mark: script.mark, seconds };
  const job: JobAddress = { jid, folder };
  const started = await startJob(context, job, note, script.text).catch(lostOnTheWay);
  if ('changed' in started) return started;
  if (poll === 0 && 'path' in started)
    return { ...namesOf(jid, started.path), changed: true, started: 1, finished: 0 };
  const end = performance.now() + (seconds + GRACE_S) * 1000;
  const state = await endOfJob(run, context, { job, target, poll, end });
  if ('changed' in state) return state;
  if ('lost' in started && state.is === 'missing') throw started.lost;
  const result = await resultOf(job, state, context);
  if (poll > 0 && state.is === 'over') await removeJob(context, job).catch(() => undefined);
  return result;
}

/** Whether a job was started whose answer got lost, the host will tell. @throws whatever else went wrong */
function lostOnTheWay(error: unknown): { lost: NetplayError } {
  if (error instanceof NetplayError && error.code === 'lost') return { lost: error };
  throw error;
}

function namesOf(jid: string, path: string): Record<string, unknown> {
  return { ansible_job_id: jid, results_file: path };
}

/** A session that takes a script down, and runs none. */
class Taken extends Error {
  constructor(readonly script: string) {
    super('a script was taken down');
  }
}

/** The one script that the action sends, or what it comes to without any. */
async function scriptOf(
  action: Action<never>,
  params: unknown,
  context: ActionContext,
): Promise<{ text: string; mark: string } | { result: ActionResult }> {
  const mark = randomMark();
  const session: Session = {
    frames: 0,
    run: (script) => Promise.reject(new Taken(script)),
    close: () => Promise.resolve(),
  };
  try {
    return { result: await action.run(params as never, { ...context, session, mark }) };
  } catch (error) {
    if (!(error instanceof Taken)) throw error;
    return { text: error.script, mark };
  }
}

/** Asks until the job is over, its time is, or it left no word; with a `poll` of 0 once. */
async function endOfJob(
  run: FlowRun,
  context: ActionContext,
  { job, target, poll, end }: { job: JobAddress; target: Target; poll: number; end: number },
): Promise<JobState | ActionResult> {
  for (;;) {
    const left = (end - performance.now()) / 1000;
    const slice = Math.max(0, Math.min(poll, SLICE_S, left));
    try {
      const state = await stateOfJob(context, job, slice);
      if ('changed' in state || state.is !== 'running' || left <= 0 || poll === 0) return state;
    } catch (error) {
      if (!(error instanceof NetplayError) || context.signal.aborted || left <= 0) throw error;
      context.session = await run.sessions
        .renew(target, Math.max(AGAIN_MS, left * 1000))
        .catch(() => context.session);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** What a job's state is as a result. */
export async function resultOf(
  { jid }: JobAddress,
  state: JobState,
  context: ActionContext,
): Promise<ActionResult> {
  if (state.is === 'missing')
    return {
      ansible_job_id: jid,
      changed: false,
      failed: true,
      started: 1,
      finished: 1,
      ...outputKeys('', ''),
      msg: 'could not find job',
    };
  const names = namesOf(jid, state.path);
  if (state.is === 'running')
    return { ...names, changed: false, started: 1, finished: 0, ...outputKeys('', '') };
  const over = { ...names, started: 1, finished: 1 };
  if (state.is === 'dead')
    return {
      ...over,
      changed: false,
      failed: true,
      msg: 'the job left no word: it was killed, or the host was started anew',
    };
  const { note, frame, late } = state;
  const said = late ? {} : await answered(note, frame, context);
  if (!late) return { changed: false, ...said, ...over };
  const msg = `async task did not complete within the requested time - ${note.seconds}s`;
  return { ...over, changed: false, failed: true, msg };
}

/** The action is carried out once more, with a session that has its answer already. */
function answered(note: JobNote, frame: FrameResult, context: ActionContext): Promise<ActionResult> {
  const action = actionNamed(note.action);
  if (action === undefined) throw new Error(`no action named ${note.action}`);
  const session: Session = {
    frames: 0,
    run: () => Promise.resolve(frame),
    close: () => Promise.resolve(),
  };
  return action.run(note.params as never, {
    ...context,
    session,
    check: false,
    mark: note.mark,
    answered: true,
  });
}

/** Where jobs are kept on a host: `ansible_async_dir` says, as in Ansible. */
export function jobsFolder(scope: VarScope): string {
  const folder = scope.has('ansible_async_dir') ? scope.get('ansible_async_dir') : undefined;
  return typeof folder === 'string' && folder !== '' ? folder : JOBS_FOLDER;
}
