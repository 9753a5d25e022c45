/** `debugger`: a person looks at a task that has just been done, changes what it is given, and has it done again. */
import type { ActionResult } from '../../actions/action.js';
import { DEBUGGER_WORDS } from '../../playbook/keywords.js';
import type { Task } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import type { Templates } from '../../template/model.js';
import type { VarScope } from '../../template/scope.js';

/** Whoever answers; one session at a time. */
export interface Dialog {
  exclusive<Result>(work: (ask: (prompt: string) => Promise<string>) => Promise<Result>): Promise<Result>;
}

/** What is looked at. */
export interface Looked {
  task: Task;
  name: string;
  host: string;
  scope: VarScope;
  /** None of it is shown where the task has no_log. */
  result: ActionResult;
  noLog: boolean;
}

/** What the person decided: undefined to go on. */
export interface Again {
  task: Task;
  vars: Readonly<Record<string, unknown>>;
}

/** @throws NetplayError `playbook` where it is none of them */
export function debuggerWord(value: unknown, { name, place }: Task): string {
  const word = DEBUGGER_WORDS.find((known) => known === value);
  if (word !== undefined) return word;
  const message = `debugger: takes ${DEBUGGER_WORDS.join(', ')}, not ${String(value)}`;
  throw new NetplayError('playbook', message, { place, task: name });
}

/** @param ignored whether the task's failure is forgiven: then it is no reason */
export function opensDebugger(word: string, result: ActionResult, ignored: boolean): boolean {
  if (word === 'always') return true;
  if (word === 'on_failed') return result.failed === true && result.unreachable !== true && !ignored;
  if (word === 'on_unreachable') return result.unreachable === true;
  return word === 'on_skipped' && result.skipped === true;
}

const HELP = `p EXPRESSION        prints it: task.args, result, host, or any variable
task.args['x'] = V  gives the task another parameter
task_vars['x'] = V  gives it another variable
r, redo             does the task again
c, continue         goes on
q, quit             ends the run`;

/**
 * @returns how the task is to be done again; undefined to go on
 * @throws NetplayError `interrupted` where the person ends the run
 */
export async function lookAt(
  templates: Templates,
  looked: Looked,
  ask: (prompt: string) => Promise<string>,
): Promise<Again | undefined> {
  const session = new Session(templates, looked);
  let said = '';
  for (;;) {
    const prompt = `${said === '' ? '' : `${said}\n`}[${looked.host}] TASK: ${looked.name} (debug)`;
    const line = (await ask(prompt)).trim();
    if (['c', 'continue', 'cont'].includes(line)) return undefined;
    if (['r', 'redo'].includes(line)) return session.again;
    if (['q', 'quit', 'exit'].includes(line))
      throw new NetplayError('interrupted', 'the debugger was left by quit', { host: looked.host });
    said = session.answer(line);
  }
}

const ASSIGNMENT = /^(task\.args|task_vars)\[(['"])([^'"]+)\2\]\s*=(?!=)\s*(.+)$/;

class Session {
  #params: Readonly<Record<string, unknown>>;
  #vars: Readonly<Record<string, unknown>> = {};

  constructor(
    private readonly templates: Templates,
    private readonly looked: Looked,
  ) {
    const { task } = looked;
    this.#params = task.kind === 'action' ? task.params : {};
  }

  get again(): Again {
    const { task } = this.looked;
    return { task: task.kind === 'action' ? { ...task, params: this.#params } : task, vars: this.#vars };
  }

  answer(line: string): string {
    // What it is given since counts at once.
    if (line === '' || line === 'u' || line === 'update_task') return '';
    if (line === 'h' || line === 'help' || line === '?') return HELP;
    const assigned = ASSIGNMENT.exec(line);
    const printed = /^p(?:rint)?\s+(.+)$/.exec(line)?.[1];
    if (assigned === null && printed === undefined) return `no such command: ${line}\n${HELP}`;
    if (this.looked.noLog) return 'the task has no_log: nothing of it is shown, nor changed here';
    try {
      return printed === undefined ? this.#assign(assigned ?? []) : this.#print(printed);
    } catch (error) {
      if (error instanceof NetplayError) return error.message;
      throw error;
    }
  }

  #assign([, where, , name = '', text = '']: readonly (string | undefined)[]): string {
    const value = this.#value(text);
    if (where === 'task.args') this.#params = { ...this.#params, [name]: value };
    else this.#vars = { ...this.#vars, [name]: value };
    return '';
  }

  #print(text: string): string {
    const value = this.#value(text);
    return typeof value === 'string' ? value : JSON.stringify(value, null, 4);
  }

  #value(text: string): unknown {
    const { task, name, host, scope, result } = this.looked;
    // Ansible's debugger speaks Python, where variables stand in a dictionary.
    const expression = text.replaceAll(/\btask_vars(?:\[(['"])(\w+)\1\]|\.(\w+))/g, '$2$3');
    const seen = scope.child(
      {
        ...this.#vars,
        task: { name, args: this.#params },
        host,
        result: { ...result, _result: result },
      },
      { rendered: true },
    );
    return this.templates.render(`{{ ${expression} }}`, seen, task.place);
  }
}
