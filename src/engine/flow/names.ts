/** What a task's templates mention: tells what has to be known before it can be worked out. */
import type { Task } from '../../playbook/model.js';
import type { Templates } from '../../template/model.js';
import type { VarScope } from '../../template/scope.js';

/** Names that stand for the variables of all hosts, or for all variables. */
const ALL: readonly string[] = ['hostvars', 'vars'];

export class Names {
  readonly #templates: Templates;
  readonly #direct = new WeakMap<Task, ReadonlySet<string>>();

  constructor(templates: Templates) {
    this.#templates = templates;
  }

  /** The names that a task itself mentions, those of its conditions on results left out. */
  of(task: Task): ReadonlySet<string> {
    const known = this.#direct.get(task);
    if (known !== undefined) return known;
    const { name, params, loop, vars, delegateTo, environment, includeParams } = task;
    const { async, poll, timeout, retries, delay, throttle, becomeUser, connection, remoteUser, port } = task;
    const values = [name, params, loop, vars, delegateTo, environment, includeParams, becomeUser, connection];
    values.push(task.paramDefaults, remoteUser, port, async, poll, timeout, retries, delay, throttle);
    const flags = [task.ignoreErrors, task.become, task.checkMode, task.diff, task.noLog, task.runOnce];
    const names = new Set(values.flatMap((value) => [...this.#templates.mentions(value)]));
    const expressions = [...task.when.map(({ expression }) => expression), ...flags];
    for (const expression of expressions)
      if (typeof expression === 'string')
        for (const mentioned of this.#templates.mentionsOf(expression)) names.add(mentioned);
    this.#direct.set(task, names);
    return names;
  }

  /** Whether a task, or a variable that it uses, mentions one of these names, or all there are. */
  reaches(task: Task, scope: VarScope, wanted: (name: string) => boolean): boolean {
    return ALL.some((name) => this.of(task).has(name)) || this.#names(task, scope, wanted);
  }

  /** As `reaches`; of all variables at once, those whose names stand in the task. */
  spells(task: Task, scope: VarScope, wanted: (name: string) => boolean): boolean {
    if (this.#names(task, scope, wanted)) return true;
    if (!ALL.some((name) => this.of(task).has(name))) return false;
    const { params, loop, vars, when } = task;
    return (JSON.stringify([params, loop, vars, when]).match(/\w+/g) ?? []).some(wanted);
  }

  #names(task: Task, scope: VarScope, wanted: (name: string) => boolean): boolean {
    const direct = this.of(task);
    for (const name of direct) {
      if (wanted(name)) return true;
      for (const further of scope.dependencies(name)) if (wanted(further)) return true;
    }
    return false;
  }
}
