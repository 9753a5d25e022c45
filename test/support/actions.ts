/** Carries out actions over a session, without an engine. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ActionContext, ActionResult } from '../../src/actions/action.js';
import { actionParams, actionViolations } from '../../src/actions/params.js';
import { actionNamed } from '../../src/actions/registry.js';
import type { Session } from '../../src/transport/session.js';

/** What a test wants other than the usual. */
export type Overrides = Partial<Omit<ActionContext, 'session'>>;

/** A context whose files are those of `folder`. */
export function contextOf(session: Session, folder: string, overrides: Overrides = {}): ActionContext {
  return {
    session,
    local: false,
    host: 'h1',
    check: false,
    diff: true,
    environment: {},
    signal: new AbortController().signal,
    findFile: (name, kind) => (isAbsolute(name) ? name : join(folder, kind, name)),
    controllerPath: (path) => (isAbsolute(path) ? path : join(folder, path)),
    renderFile: (text) => text.replaceAll(/\{\{ *(\w+) *\}\}/g, (_, name: string) => `<${name}>`),
    reconnect: () => Promise.resolve(session),
    decrypt: (content) => content,
    ...overrides,
  };
}

/** A task as a playbook has it, `{copy: {…}}`, as its action and checked parameters. */
export function readTask(task: Readonly<Record<string, unknown>>) {
  const [[key, value] = ['', {}]] = Object.entries(task);
  const action = actionNamed(key);
  if (action === undefined) throw new Error(`no action ${key}`);
  const read = actionParams(action, value);
  const violations =
    'violations' in read ? read.violations : actionViolations(action, read.params, { templates: false });
  return { action, params: 'params' in read ? read.params : undefined, violations };
}

/** Runs a task. @throws Error where its parameters are not right */
export function runTask(
  task: Readonly<Record<string, unknown>>,
  context: ActionContext,
): Promise<ActionResult> {
  const { action, params, violations } = readTask(task);
  if (violations.length > 0) throw new Error(violations.map(({ message }) => message).join('; '));
  return action.run(params as never, context);
}

export const textOf = (path: string): string => readFileSync(path, 'utf8');
