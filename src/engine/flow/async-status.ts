/** What has become of jobs that `async` started. */
import type { ActionContext, ActionResult } from '../../actions/action.js';
import { isJobId, type JobAddress, removeJob, stateOfJob } from '../../actions/background.js';
import { outputKeys } from '../../actions/host/run-command.js';
import { NetplayError } from '../../shared/errors.js';
import { jobsFolder, NO_JOB, resultOf } from './background.js';
import type { LocalCall } from './local.js';
import { contextOf, targetOf } from './remote.js';

/** `async_status`. */
export async function asyncStatus({ run, task, host, scope, params }: LocalCall): Promise<ActionResult> {
  const jid = String(params.jid);
  if (!isJobId(jid))
    throw new NetplayError('schema', `jid: '${jid}' is no job: ansible_job_id of a result is`, {
      place: task.locate(['jid']),
    });
  const target = targetOf(run, task, host, scope);
  const session = await run.sessions.get(target);
  const context = contextOf(run, task, scope, { session, target });
  const job: JobAddress = { jid, folder: jobsFolder(scope) };
  if (jid === NO_JOB)
    return {
      ansible_job_id: jid,
      changed: false,
      unknown: context.check,
      skipped: true,
      started: 0,
      finished: 1,
    };
  const before = session.frames;
  try {
    if (params.mode === 'cleanup') return await erased(job, context);
    const state = await stateOfJob(context, job, 0);
    return 'changed' in state ? state : await resultOf(job, state, context);
  } finally {
    host.roundTrips += session.frames - before;
  }
}

async function erased(job: JobAddress, context: ActionContext): Promise<ActionResult> {
  const removed = await removeJob(context, job);
  if ('changed' in removed) return removed;
  if (removed.path === undefined) return resultOf(job, { is: 'missing' }, context);
  return {
    ansible_job_id: job.jid,
    changed: false,
    erased: removed.path,
    started: 0,
    finished: 0,
    ...outputKeys('', ''),
  };
}
