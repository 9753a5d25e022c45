/** An action on a host: how to get there, and what it is given. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ActionContext, ActionResult, TemplateOptions } from '../../actions/action.js';
import { actionParams, actionViolations } from '../../actions/params.js';
import { type AnyAction, actionNamed } from '../../actions/registry.js';
import type { ActionTask, Task } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import { isMap } from '../../shared/is-map.js';
import { isVaultText, LOCKED, type Vault } from '../../shared/vaulted.js';
import type { VarScope } from '../../template/scope.js';
import type { Session, Target } from '../../transport/session.js';
import { defaultsOf } from '../expand.js';
import { saysOwnWay, targetFor } from '../target-for.js';
import { backgroundOf, checkedOnly, jobsFolder, runInBackground } from './background.js';
import type { FlowRun } from './flow-run.js';
import type { HostFlow } from './host-flow.js';

/** @throws NetplayError `schema`, `template`, and of the connection */
export async function runRemote(
  run: FlowRun,
  task: ActionTask,
  host: HostFlow,
  scope: VarScope,
): Promise<ActionResult> {
  const action = actionNamed(task.action);
  if (action === undefined) throw new Error(`no action named ${task.action}`);
  const params = paramsOf(run, task, action, scope);
  const target = targetOf(run, task, host, scope);
  const background = backgroundOf(run, task, scope);
  const session = await host.timed('connect', () => run.sessions.get(target));
  const before = session.frames;
  const perform = async (context: ActionContext): Promise<ActionResult> => {
    if (background !== undefined && !context.check)
      return runInBackground(run, { action, params }, context, {
        background,
        target,
        folder: jobsFolder(scope),
      });
    const result = await action.run(params as never, context);
    return background === undefined ? result : checkedOnly(result);
  };
  try {
    return await host.timed('apply', () =>
      withTimeout(run, task, { scope, host: target.name }, (signal) =>
        perform({ ...contextOf(run, task, scope, { session, target }), signal }),
      ),
    );
  } finally {
    host.roundTrips += session.frames - before;
  }
}

/** Rendered, and of the types that the action takes. @throws NetplayError `schema` at the parameter that is wrong */
function paramsOf(run: FlowRun, task: ActionTask, action: AnyAction, scope: VarScope): unknown {
  const own = renderedMap(run, task.params, scope, task);
  const read = actionParams(action, { ...defaultsOf(run.options.templates, task, scope), ...own });
  const [violation] =
    'violations' in read ? read.violations : actionViolations(action, read.params, { templates: false });
  if (violation !== undefined)
    throw new NetplayError('schema', violation.message, {
      place: task.locate(violation.path),
      ...(violation.hint !== undefined && { hint: violation.hint }),
    });
  return 'params' in read ? read.params : {};
}

/**
 * A task's `timeout`: seconds, of which 0 is none. The session is given up with what hangs in it.
 * @param host the one that the task is done on
 */
export async function withTimeout(
  run: FlowRun,
  task: ActionTask,
  { scope, host }: { scope: VarScope; host: string },
  work: (signal: AbortSignal) => Promise<ActionResult>,
): Promise<ActionResult> {
  const { templates, signal, taskTimeout = 0 } = run.options;
  const seconds = Number(templates.render(task.timeout ?? taskTimeout, scope, task.place));
  if (!(seconds > 0)) return work(signal);
  const limit = AbortSignal.timeout(seconds * 1000);
  const isOver = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(limit.reason), { once: true });
  });
  try {
    return await Promise.race([work(AbortSignal.any([signal, limit])), isOver]);
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    await run.sessions.close(host);
    return {
      changed: false,
      failed: true,
      msg: `The ${task.action} action failed to execute in the expected time frame (${seconds}) and was terminated`,
    };
  }
}

/** The host itself, or the one that the task is delegated to, with that one's way to log in. */
export function targetOf(run: FlowRun, task: Task, host: HostFlow, scope: VarScope): Target {
  const { templates } = run.options;
  if (task.delegateTo === undefined) return targetFor(run.options, task, host.host, scope);
  const name = String(templates.render(task.delegateTo, scope, task.place));
  const known = run.context.inventory.hosts.has(name);
  const own = known ? run.scopes.host(name) : scope.child(localVars(name));
  return targetFor(run.options, task, name, own);
}

/** The way to the host of a task that says something else of it than the play; undefined where it is the play's. */
export function ownTarget(run: FlowRun, task: Task, host: HostFlow, scope: VarScope): Target | undefined {
  const { play, targets } = run.prepared;
  if (!saysOwnWay(task, play)) return undefined;
  const own = targetFor(run.options, task, host.host, scope);
  return JSON.stringify(own) === JSON.stringify(targets.get(host.host)) ? undefined : own;
}

/** A host that no inventory has: the machine itself, or one that is only a name. */
function localVars(name: string): Readonly<Record<string, unknown>> {
  const local = ['localhost', '127.0.0.1', '::1'].includes(name);
  return { inventory_hostname: name, ansible_host: name, ...(local && { ansible_connection: 'local' }) };
}

/** What an action is given, of the host that it is done on. */
export function contextOf(
  run: FlowRun,
  task: ActionTask,
  scope: VarScope,
  { session, target }: { session: Session; target: Target },
): ActionContext {
  const { options, sessions } = run;
  const flag = (value: boolean | string | undefined, usual: boolean): boolean =>
    value === undefined ? usual : options.templates.condition(value, scope, task.place);
  return {
    session,
    local: target.connection === 'local',
    host: target.name,
    check: flag(task.checkMode, options.check),
    diff: flag(task.diff, options.diff),
    environment: environmentOf(run, task, scope),
    signal: options.signal,
    findFile: (name, kind) => findFile(run, task, name, kind),
    controllerPath: (path) => resolve(dirname(options.playbook.file), path),
    renderFile: (text, file, settings) =>
      options.templates.renderFile(text, scope, {
        path: file,
        ...(settings !== undefined && { settings: settingsOf(settings) }),
      }),
    reconnect: (timeoutMs) => sessions.renew(target, timeoutMs),
    decrypt: (content, file) => opened(content, file, options.vault),
  };
}

/** Under the names that Ansible's `template` has for them. */
function settingsOf({ trimBlocks, lstripBlocks }: TemplateOptions): Record<string, unknown> {
  return {
    ...(trimBlocks !== undefined && { trim_blocks: trimBlocks }),
    ...(lstripBlocks !== undefined && { lstrip_blocks: lstripBlocks }),
  };
}

/** What a file that is encrypted holds; any other's content as it is. */
function opened(content: Buffer, file: string, vault: Vault = LOCKED): Buffer {
  const text = content.toString('latin1');
  return isVaultText(text)
    ? vault.open(text, { place: { file, line: 1, column: 1 }, code: 'playbook' })
    : content;
}

function environmentOf(run: FlowRun, task: ActionTask, scope: VarScope): Record<string, string> {
  const layers = (task.environment ?? []).map((layer) => renderedMap(run, layer, scope, task));
  const entries = layers.flatMap((layer) => Object.entries(layer));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value ?? '')]));
}

function renderedMap(
  run: FlowRun,
  value: unknown,
  scope: VarScope,
  task: ActionTask,
): Readonly<Record<string, unknown>> {
  const rendered = run.options.templates.render(value, scope, task.place);
  return isMap(rendered) ? rendered : {};
}

/** As Ansible looks for files: the role's folder for them, the role, then the same beside the playbook. */
function findFile(run: FlowRun, task: ActionTask, name: string, kind: 'files' | 'templates'): string {
  const playbook = dirname(run.options.playbook.file);
  const roots = [...(task.role === undefined ? [] : [task.role.path]), dirname(task.place.file), playbook];
  const folders = [...new Set(roots.flatMap((root) => [join(root, kind), root]))];
  const candidates = name.startsWith('/') ? [name] : folders.map((folder) => resolve(folder, name));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new NetplayError('playbook', `Could not find or access '${name}'`, {
    place: task.place,
    hint: `It was looked for in ${name.startsWith('/') ? dirname(name) : folders.join(', ')}.`,
  });
}
