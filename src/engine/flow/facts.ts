/** Facts are gathered where a play says so and uses them, once for each host, and not before. */

import { factsScript, factVars, filterFacts, parseFacts } from '../../facts/index.js';
import type { Task } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import { isMap } from '../../shared/is-map.js';
import type { Target } from '../../transport/session.js';
import { forEachLimited } from '../pool.js';
import { hostError } from '../results.js';
import { targetFor } from '../target-for.js';
import type { Flow } from './flow.js';
import type { FlowRun } from './flow-run.js';
import type { HostFlow } from './host-flow.js';
import { beginOnce } from './segment.js';

/** Milliseconds; Ansible's own `gather_timeout` is one of each part. */
const TIMEOUT_MS = 60_000;

/** Gathers the facts of hosts that don't have them yet, where a task or a variable of its mentions one. */
export async function gatherWhereAsked(
  run: FlowRun,
  flow: Flow,
  task: Task,
  hosts: readonly HostFlow[],
): Promise<void> {
  if (run.prepared.play.gatherFacts === false) return;
  const lacking = hosts.filter((host) => !run.runVars.of(host.host).gathered && usesFacts(run, task, host));
  if (lacking.length === 0) return;
  // Another host's facts may be meant: all hosts of the play that are there get theirs.
  const wanting = flow.hosts.filter((host) => host.active && !run.runVars.of(host.host).gathered);
  await forEachLimited(wanting, run.options.forks, async (host) => {
    try {
      await gatherOne(run, host, { gather_subset: run.prepared.play.gatherSubset });
    } catch (error) {
      const failure = hostError(error, host.host);
      host.fall = {
        task: undefined,
        result: { changed: false, unreachable: true, msg: failure.message },
        status: failure.code === 'task' ? 'failed' : 'unreachable',
        error: failure,
      };
    }
  });
}

/** Whether a task mentions a fact. */
function usesFacts(run: FlowRun, task: Task, { host }: HostFlow): boolean {
  const scope = run.scopes.task(host, task);
  return run.names.spells(task, scope, (name) => run.scopes.isFact(host, name, scope));
}

/** Where facts are gathered, where that is not the host itself, and whose they are. */
export interface Elsewhere {
  target: Target;
  owner: string;
}

/** Gathers one host's facts, in one round trip. @returns them, without `ansible_` in front */
export async function gatherOne(
  run: FlowRun,
  host: HostFlow,
  params: Readonly<Record<string, unknown>>,
  elsewhere?: Elsewhere,
): Promise<Record<string, unknown>> {
  const { play } = run.prepared;
  const request = {
    ...defined('gatherSubset', listed(params.gather_subset) ?? play.gatherSubset),
    ...defined(
      'gatherTimeout',
      params.gather_timeout === undefined ? play.gatherTimeout : Number(params.gather_timeout),
    ),
    ...defined('factPath', params.fact_path === undefined ? play.factPath : String(params.fact_path)),
  };
  beginOnce(run, host);
  const { target, owner } = elsewhere ?? {
    target: targetFor(run.options, play, host.host, run.scopes.host(host.host)),
    owner: host.host,
  };
  const session = await run.sessions.get(target);
  const frame = await session.run(factsScript(request), {
    timeoutMs: TIMEOUT_MS,
    signal: run.options.signal,
  });
  host.roundTrips += 1;
  if (frame.code !== 0)
    throw new NetplayError(
      'task',
      `gathering facts failed: ${frame.stderr.trim() || `exit code ${frame.code}`}`,
      {
        host: host.host,
      },
    );
  const facts = filterFacts(parseFacts(frame.stdout), listed(params.filter));
  const vars = run.runVars.of(owner);
  const before = vars.facts.ansible_facts;
  const all = { ...(isMap(before) ? before : {}), ...facts };
  vars.gather(factVars(all));
  await run.options.factCache?.set(owner, all);
  return facts;
}

function listed(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value.map(String) : String(value).split(',');
}

function defined<Name extends string, Value>(name: Name, value: Value | undefined): { [K in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: Value };
}
