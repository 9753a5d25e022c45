/** Actions that need no host: they ask, tell, and change what the run knows. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ActionResult } from '../../actions/action.js';
import { namedFacts } from '../../facts/index.js';
import type { Vars } from '../../inventory/model.js';
import type { ActionTask, Condition } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import { isMap } from '../../shared/is-map.js';
import type { VarScope } from '../../template/scope.js';
import { asyncStatus } from './async-status.js';
import { failingCondition } from './condition.js';
import { gatherOne } from './facts.js';
import type { Flow } from './flow.js';
import type { FlowRun } from './flow-run.js';
import type { HostFlow } from './host-flow.js';
import { includeVars } from './include-vars.js';
import { addHostAction, groupByAction } from './inventory-actions.js';
import { targetOf } from './remote.js';

export interface LocalCall {
  run: FlowRun;
  flow: Flow;
  task: ActionTask;
  host: HostFlow;
  scope: VarScope;
  /** Without templates. */
  params: Readonly<Record<string, unknown>>;
}

export type LocalAction = (call: LocalCall) => ActionResult | Promise<ActionResult>;

const OK: ActionResult = { changed: false };

function debug({ run, params, scope, task }: LocalCall): ActionResult {
  if (Number(params.verbosity ?? 0) > run.options.verbosity)
    return { changed: false, skipped: true, skipped_reason: 'Verbosity threshold not met.' };
  if (typeof params.var !== 'string') return { changed: false, msg: params.msg ?? 'Hello world!' };
  const value = run.options.templates.render(`{{ ${params.var} }}`, scope, task.place);
  return { changed: false, [params.var]: value };
}

function fail({ params }: LocalCall): ActionResult {
  return { changed: false, failed: true, msg: params.msg ?? 'Failed as requested from task' };
}

function assert({ run, params, scope, task }: LocalCall): ActionResult {
  const written = task.params.that;
  const that = Array.isArray(written) ? written : [written];
  const conditions = that.map(
    (expression): Condition => ({
      expression: typeof expression === 'boolean' ? expression : bare(String(expression)),
      place: task.locate(['that']),
    }),
  );
  const failing = failingCondition(run.options.templates, conditions, scope);
  if (failing === undefined) return { changed: false, msg: params.success_msg ?? 'All assertions passed' };
  return {
    changed: false,
    failed: true,
    assertion: failing,
    evaluated_to: false,
    msg: params.fail_msg ?? params.msg ?? 'Assertion failed',
  };
}

/** A condition in braces is taken for what they hold. */
function bare(expression: string): string {
  return /^\s*\{\{((?:(?!\}\}|\{\{)[\s\S])*)\}\}\s*$/.exec(expression)?.[1] ?? expression;
}

function setFact({ run, host, params, task, scope }: LocalCall): ActionResult {
  const { cacheable: _, ...facts } = params;
  for (const name of Object.keys(facts))
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new NetplayError('playbook', `'${name}' can't be the name of a variable`, { place: task.place });
  run.runVars.of(owner(run, task, host, scope)).define(facts);
  return { changed: false, ansible_facts: facts };
}

/** Facts go to the host that the task is delegated to only where `delegate_facts` says so. */
function owner(run: FlowRun, task: ActionTask, host: HostFlow, scope: VarScope): string {
  const { templates } = run.options;
  const moved = templates.condition(task.delegateFacts ?? false, scope, task.place);
  if (!moved || task.delegateTo === undefined) return host.host;
  return String(templates.render(task.delegateTo, scope, task.place));
}

async function pause({ run, params }: LocalCall): Promise<ActionResult> {
  const seconds = Number(params.seconds ?? 0) + Number(params.minutes ?? 0) * 60;
  if (params.prompt !== undefined && seconds === 0) {
    const answer = await run.options.ask?.(String(params.prompt), params.echo !== false);
    return { changed: false, user_input: answer ?? '', rc: 0 };
  }
  await wait(seconds * 1000, undefined, { signal: run.options.signal }).catch(() => undefined);
  return { changed: false, user_input: '', rc: 0, stdout: `Paused for ${seconds} seconds` };
}

async function meta({ run, flow, host, params }: LocalCall): Promise<ActionResult> {
  switch (params.free_form) {
    case 'end_play':
    case 'end_batch':
      flow.end();
      return OK;
    case 'end_host':
      host.ended = true;
      return OK;
    case 'clear_facts':
      run.runVars.of(host.host).gather({});
      await run.options.factCache?.flush([host.host]);
      return OK;
    case 'clear_host_errors':
      for (const other of flow.hosts) if (other.fall !== undefined) other.forgiven = true;
      return OK;
    case 'reset_connection':
      await run.sessions.close(host.host);
      return OK;
    default:
      return OK;
  }
}

async function setup(call: LocalCall): Promise<ActionResult> {
  const { run, task, host, scope } = call;
  const facts = await gatherOne(run, host, call.params, {
    target: targetOf(run, task, host, scope),
    owner: owner(run, task, host, scope),
  });
  return { changed: false, ansible_facts: namedFacts(facts) };
}

export const localActions: ReadonlyMap<string, LocalAction> = new Map<string, LocalAction>([
  ['debug', debug],
  ['fail', fail],
  ['assert', assert],
  ['set_fact', setFact],
  ['include_vars', includeVars],
  ['add_host', addHostAction],
  ['group_by', groupByAction],
  ['pause', pause],
  ['meta', meta],
  ['setup', setup],
  ['gather_facts', setup],
  ['async_status', asyncStatus],
]);

/** Variables of a map whose values are no templates any more. */
export function varsIn(value: unknown): Vars {
  return isMap(value) ? value : {};
}
