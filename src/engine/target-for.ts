/** How to get to a host, and as whom. */
import type { Keywords, Play, Task } from '../playbook/model.js';
import type { Place } from '../shared/place.js';
import type { VarScope } from '../template/scope.js';
import type { Target } from '../transport/session.js';
import { targetFromVars } from '../transport/target.js';
import { flagOf } from './expand.js';
import type { RunOptions } from './prepare.js';

/**
 * @param said what the play or task says of its connection
 * @throws NetplayError where a variable is no such thing
 */
export function targetFor(
  { templates, target }: Pick<RunOptions, 'templates' | 'target'>,
  said: Keywords & { place: Place },
  host: string,
  scope: VarScope,
): Target {
  const vars: Record<string, unknown> = {};
  for (const name of scope.names()) if (BEHAVIOURAL.test(name)) vars[name] = scope.get(name);
  const text = (value: string | number | undefined): string | undefined =>
    value === undefined ? undefined : String(templates.render(value, scope, said.place));
  const [connection, user, port] = [text(said.connection), text(said.remoteUser), text(said.port)];
  const how = {
    becomeUser: text(said.becomeUser),
    becomeMethod: text(said.becomeMethod),
    becomeFlags: text(said.becomeFlags),
    becomeExe: text(said.becomeExe),
  };
  const become = said.become === undefined ? undefined : flagOf(templates, said.become, scope, said.place);
  return targetFromVars(host, port === undefined ? vars : { ansible_port: port, ...vars }, {
    ...target,
    ...(connection !== undefined && { connection }),
    ...(user !== undefined && { user }),
    ...(become !== undefined && { become }),
    ...Object.fromEntries(Object.entries(how).filter(([, word]) => word !== undefined)),
  });
}

/** What says how to get to a host, and as whom; whether to become somebody at all is not among it. */
const WAY = [
  'connection',
  'remoteUser',
  'port',
  'becomeUser',
  'becomeMethod',
  'becomeFlags',
  'becomeExe',
] as const satisfies readonly (keyof Keywords)[];

/** Whether a task says of the way to its host something else than its play does. */
export function saysOwnWay(task: Task, play: Play): boolean {
  return (
    WAY.some((keyword) => task[keyword] !== play[keyword]) ||
    [task.vars, task.includeParams ?? {}].some((vars) =>
      Object.keys(vars).some((name) => BEHAVIOURAL.test(name)),
    )
  );
}

/** Variables that say how to reach a host; facts have the same beginning, and may be thousands. */
const BEHAVIOURAL =
  /^ansible_(host|port|user|password|connection|timeout|pipelining|private_key_\w+|host_key_checking|become\w*|su\w*|sudo\w*|doas\w*|ssh_\w+|paramiko_\w+|shell_\w+)$/;
