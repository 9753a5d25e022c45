/** `include_…` and `import_…` as they stand among tasks. */
import { isMap } from 'yaml';
import type { Vars } from '../inventory/model.js';
import type { JsonSchema } from '../resources/resource.js';
import { isTemplate } from '../resources/templated.js';
import { nearest } from '../shared/nearest.js';
import { type Checked, readActionParams } from './action.js';
import { BLOCK_LISTS, INCLUDE_KEYWORDS, TASK_KEYWORDS } from './keywords.js';
import type { Around, IncludeTask } from './model.js';
import type { Entry, NodeReader } from './reader.js';
import { entriesOf, readVars, within } from './shared-keywords.js';
import type { TaskParts } from './task.js';

/** What stands in the place of an import's name. */
export interface Import {
  kind: 'import';
  what: 'tasks' | 'role';
  params: IncludeTask['params'];
  /** What its tasks stand within. */
  inside: Around;
  /** The `vars` that stand beside it. */
  given: Vars;
  /** The node to point at. */
  node: unknown;
}

const NAME: JsonSchema = { type: 'string', minLength: 1 };

const TASKS_FILE: JsonSchema = {
  ...NAME,
  description:
    'A file with a list of tasks, beside this one, in the tasks/ of the role or beside the playbook.',
  examples: ['uplink.yml'],
};

const ROLE: Readonly<Record<string, JsonSchema>> = {
  name: {
    ...NAME,
    description: "The role: the name of its folder below roles/, or the folder's path.",
    examples: ['uplink'],
  },
  tasks_from: { ...NAME, description: 'Another file of its tasks/ than main.' },
  vars_from: { ...NAME, description: 'Another file of its vars/ than main.' },
  defaults_from: { ...NAME, description: 'Another file of its defaults/ than main.' },
  handlers_from: { ...NAME, description: 'Another file of its handlers/ than main.' },
  allow_duplicates: {
    type: 'boolean',
    description: 'Whether its tasks are done though they were before.',
    default: true,
  },
  rolespec_validate: {
    type: 'boolean',
    description: "Taken and without effect: roles' argument specs are not read.",
  },
};

const APPLY: JsonSchema = {
  type: 'object',
  description: 'Keywords of a block for the tasks that it brings.',
};
const PUBLIC: JsonSchema = {
  type: 'boolean',
  description: 'Whether the rest of the play sees its defaults and variables.',
  default: false,
};

function checked(name: string, properties: Readonly<Record<string, JsonSchema>>, required: string): Checked {
  const schema = { type: 'object', additionalProperties: false, required: [required], properties };
  return required === 'file'
    ? { name, schema, freeForm: 'file' }
    : { name, schema, parameterAliases: { role: 'name' } };
}

/** By the word of a task. */
export const REUSE = {
  include_tasks: checked('include_tasks', { file: TASKS_FILE, apply: APPLY }, 'file'),
  include_role: checked('include_role', { ...ROLE, apply: APPLY, public: PUBLIC }, 'name'),
  import_tasks: checked('import_tasks', { file: TASKS_FILE }, 'file'),
  import_role: checked('import_role', ROLE, 'name'),
} as const;

export function readInclude(
  reader: NodeReader,
  parts: TaskParts,
  what: 'tasks' | 'role',
  around: Around,
): IncludeTask | undefined {
  const { entries, subject, shared } = parts;
  if (isRoleAsHandler(reader, parts, what)) return undefined;
  for (const entry of entries.values())
    if (TASK_KEYWORDS.includes(entry.key) && !INCLUDE_KEYWORDS.includes(entry.key))
      refuseKeyword(reader, entry);
  const name = shared.name ?? subject.key;
  const read = readActionParams(reader, parts, REUSE[`include_${what}`], name);
  const { apply: _, ...params } = read.params;
  const node = isMap(subject.node) ? subject.node : entries.get('args')?.node;
  const apply = isMap(node) ? entriesOf(reader, node).get('apply') : undefined;
  return {
    ...shared,
    kind: 'include',
    include: what,
    name,
    params,
    from: reader.source.file,
    given: readVars(reader, entries),
    around: apply === undefined ? around : readApply(reader, apply, around),
    locate: read.locate,
  };
}

function refuseKeyword(reader: NodeReader, { key, keyNode }: Entry): void {
  const hint = BESIDE_APPLY.includes(key) ? `Put it below apply: with what it is about.` : undefined;
  reader.refuse(`${key}: can't stand beside an include`, keyNode, hint === undefined ? {} : { hint });
}

/** What `apply` takes. */
const BESIDE_APPLY: readonly string[] = [...INCLUDE_KEYWORDS, ...TASK_KEYWORDS].filter(
  (word) =>
    ![
      'action',
      'local_action',
      'args',
      'loop',
      'loop_control',
      'register',
      'until',
      'retries',
      'delay',
      'changed_when',
      'failed_when',
      'listen',
      ...BLOCK_LISTS,
    ].includes(word),
);

function readApply(reader: NodeReader, { node }: Entry, around: Around): Around {
  if (!isMap(node)) return around;
  const entries = entriesOf(reader, node);
  for (const { key, keyNode } of entries.values()) {
    if (BESIDE_APPLY.includes(key)) continue;
    const near = nearest(key, BESIDE_APPLY);
    reader.refuse(`apply: unknown keyword '${key}'`, keyNode, {
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    });
  }
  return within(reader, entries, around);
}

function isRoleAsHandler(
  reader: NodeReader,
  { subject, isHandler }: TaskParts,
  what: 'tasks' | 'role',
): boolean {
  if (!isHandler || what !== 'role') return false;
  reader.refuse(`${subject.key}: can't be a handler`, subject.keyNode);
  return true;
}

/** The import, or undefined where its name is a template; whatever is wrong is noted. */
export function readImport(reader: NodeReader, parts: TaskParts, what: 'tasks' | 'role'): Import | undefined {
  const { entries, subject, inside, shared } = parts;
  const { key, keyNode } = subject;
  if (shared.loop !== undefined)
    reader.refuse(`${key}: can't have a loop`, keyNode, { hint: `Write include_${what}, which can.` });
  if (isRoleAsHandler(reader, parts, what)) return undefined;
  const { params, locate: _ } = readActionParams(reader, parts, REUSE[`import_${what}`], shared.name ?? key);
  const templated = Object.entries(params).find(([, value]) => isTemplate(value));
  if (templated !== undefined)
    reader.refuse(`${key}: a template can't be filled in here, before any host is known`, keyNode, {
      hint: `Write include_${what}, which is read as the play gets there.`,
    });
  const given = params[what === 'tasks' ? 'file' : 'name'];
  if (templated !== undefined || typeof given !== 'string' || given === '') return undefined;
  return {
    kind: 'import',
    what,
    params,
    inside,
    given: readVars(reader, entries),
    node: isMap(subject.node) ? keyNode : (entries.get(key)?.node ?? keyNode),
  };
}
