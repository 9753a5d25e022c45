/** `netplay rollback`: of a run that is on trial, or of what a host has had confirmed. */
import { NetplayError } from '../shared/errors.js';
import type { RunFlags } from './flags.js';
import { isRunName } from './run.js';
import { takeBackCommand } from './take-back.js';
import { rollBackCommand } from './trials.js';

/**
 * @param what a run's name, or a pattern of hosts
 * @param id of a past transaction of those hosts
 * @param reason why a run's changes shall not stay
 */
export function rollbackCommand(
  what: string,
  id: string | undefined,
  flags: RunFlags,
  reason: string | undefined,
): Promise<number> {
  if (isRunName(what)) {
    checkNone({ ID: id, '--check': flags.check }, 'goes with a host, not with a run');
    return rollBackCommand(what, reason, flags);
  }
  checkNone({ '--reason': reason }, 'goes with a run, not with a host');
  if (isRunName(what.replace(/\.\d+$/, '')))
    throw new NetplayError('usage', `${what} is a transaction`, { hint: `netplay rollback HOST ${what}` });
  return takeBackCommand(what, id, flags);
}

function checkNone(given: Readonly<Record<string, unknown>>, why: string): void {
  const found = Object.entries(given).find(([, value]) => value !== undefined);
  if (found !== undefined) throw new NetplayError('usage', `${found[0]} ${why}`);
}
