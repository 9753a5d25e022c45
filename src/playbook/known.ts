/** What playbooks may name: the same for all files of a run. */
import type { TaskKind } from '../resources/resource.js';
import type { Templates } from '../template/model.js';
import type { ActionKind } from './action-kind.js';
import { engineActions } from './engine-actions.js';
import { isLongName, shortName } from './keywords.js';

/** What a key of a task names. */
export type Meaning =
  | { kind: 'resource'; resource: TaskKind<unknown>; many: boolean }
  | { kind: 'action'; action: ActionKind }
  | { kind: 'include' | 'import'; what: 'tasks' | 'role' };

/** Resources that Ansible has as modules too, so that its long names stand for them. */
const SHARED_WITH_ANSIBLE = ['sysctl'];

const REUSE: readonly (readonly [string, Meaning])[] = [
  ['include_tasks', { kind: 'include', what: 'tasks' }],
  ['include_role', { kind: 'include', what: 'role' }],
  ['import_tasks', { kind: 'import', what: 'tasks' }],
  ['import_role', { kind: 'import', what: 'role' }],
];

export class Known {
  /** By every key that stands for it. */
  readonly #resources: ReadonlyMap<string, Meaning>;
  readonly #others: ReadonlyMap<string, Meaning>;

  constructor(
    readonly resources: readonly TaskKind<unknown>[],
    actions: readonly ActionKind[],
    readonly templates: Templates | undefined,
  ) {
    this.#resources = new Map(resources.flatMap((resource) => meanings(resource)));
    const all = [...engineActions, ...actions];
    this.#others = new Map([
      ...all.flatMap((action) =>
        [action.name, ...(action.aliases ?? [])].map((word) => [word, { kind: 'action', action }] as const),
      ),
      ...REUSE,
    ]);
  }

  meaning(word: string): Meaning | undefined {
    const short = shortName(word);
    const resource = this.#resources.get(short);
    if (resource !== undefined && (!isLongName(word) || SHARED_WITH_ANSIBLE.includes(short))) return resource;
    return this.#others.get(short);
  }

  /** The keys that a task may name, in their short form. */
  words(): string[] {
    return [...this.#resources.keys(), ...this.#others.keys()];
  }
}

function meanings(resource: TaskKind<unknown>): [string, Meaning][] {
  return [
    [resource.name, { kind: 'resource', resource, many: false }],
    [resource.plural, { kind: 'resource', resource, many: true }],
  ];
}
