/** What editors are told of keywords: what they may be, and what they say. */
import type { JsonSchema } from '../resources/resource.js';
import { INHERITABLE, type KeywordKind } from './keywords.js';
import { lenient } from './lenient.js';
import { HOST_ORDERS, STRATEGIES, TRANSACTIONS } from './model.js';

export type Schemas = Readonly<Record<string, JsonSchema>>;

const FLAG = lenient({ type: 'boolean' });
const TEXT = lenient({ type: 'string' });
const NUMBER = lenient({ type: 'number', minimum: 0 });
const WORDS = lenient({ anyOf: [{ type: ['string', 'number'] }, { type: 'array', items: TEXT }] });
const NAME_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$';
const VARS: JsonSchema = { type: ['object', 'null'], propertyNames: { pattern: NAME_PATTERN } };
const CONDITION: JsonSchema = { type: ['string', 'boolean'] };
const CONDITIONS: JsonSchema = { anyOf: [CONDITION, { type: 'array', items: CONDITION }] };
const LAYERS = lenient({ anyOf: [{ type: ['object', 'null'] }, { type: 'array' }] });
const OPEN_LIST: JsonSchema = { type: ['array', 'null'] };

const KINDS: Readonly<Record<KeywordKind, JsonSchema>> = {
  flag: FLAG,
  text: TEXT,
  number: NUMBER,
  layers: LAYERS,
};

/** The items of a list, each of a definition of the schema. */
function listOf(definition: string): JsonSchema {
  return { ...OPEN_LIST, items: { $ref: `#/definitions/${definition}` } };
}

const INHERITED: Schemas = Object.fromEntries(
  INHERITABLE.map(({ word, kind, says, values }) => [
    word,
    { ...(values === undefined ? KINDS[kind] : lenient({ enum: [...values] })), description: says },
  ]),
);

/** Of plays, roles, blocks and tasks. */
const SHARED: Schemas = {
  name: { type: ['string', 'number', 'null'], description: 'Shown in reports.' },
  vars: { ...VARS, description: 'Variables by name.' },
  tags: { ...WORDS, description: 'Words, as a list or in one line with commas.' },
  collections: { ...WORDS, description: 'Taken, and without effect.' },
};

const WHEN: Schemas = {
  when: {
    ...CONDITIONS,
    description: 'A Jinja expression without braces, or a list of which all must hold.',
  },
};

const NOTIFY: Schemas = {
  notify: {
    ...WORDS,
    description: 'Handlers that run at the end of the section where this changed something.',
  },
};

const LOOP_CONTROL: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'How the loop names and shows its items.',
  properties: {
    loop_var: { type: 'string', description: 'The name of the variable; item where it is left out.' },
    index_var: { type: 'string', description: 'The name of a variable that counts from 0.' },
    label: { description: 'What is shown of an item.' },
    pause: { ...NUMBER, description: 'Seconds between two items.' },
    extended: { ...FLAG, description: 'Whether ansible_loop tells more of where the loop is.' },
    break_when: { ...CONDITIONS, description: 'The loop ends behind the item with which this holds.' },
    extended_allitems: { ...FLAG, description: 'Whether ansible_loop holds all items too.' },
  },
};

export const TASK_SCHEMAS: Schemas = {
  ...SHARED,
  ...INHERITED,
  ...WHEN,
  ...NOTIFY,
  loop: {
    ...lenient({ type: 'array' }),
    description: 'Do the task for each item of a list, or of a template that gives one.',
  },
  loop_control: LOOP_CONTROL,
  register: { type: 'string', pattern: NAME_PATTERN, description: 'The variable that keeps the result.' },
  until: { ...CONDITIONS, description: 'Try again until this holds.' },
  retries: { ...NUMBER, description: 'How often it is tried again.', default: 3 },
  delay: { ...NUMBER, description: 'Seconds between two tries.', default: 5 },
  async: { ...NUMBER, description: 'Run in the background, for so many seconds at most.', default: 0 },
  poll: {
    ...NUMBER,
    description: 'Seconds between two looks at what runs in the background; 0: go on without it.',
    default: 15,
  },
  changed_when: { ...CONDITIONS, description: 'Whether the task counts as changed.' },
  failed_when: { ...CONDITIONS, description: 'Whether the task counts as failed.' },
  action: { type: ['string', 'object'], description: 'What the task does, in the longer form.' },
  local_action: { type: ['string', 'object'], description: 'As action, on the host where netplay runs.' },
  args: { type: ['object', 'null'], description: 'Further parameters of an action that is written as text.' },
};

export const HANDLER_SCHEMAS: Schemas = {
  listen: { ...WORDS, description: 'Further words that the handler is told by.' },
};

export const BLOCK_SCHEMAS: Schemas = {
  ...SHARED,
  ...INHERITED,
  ...WHEN,
  ...NOTIFY,
  block: { ...listOf('step'), description: 'Tasks that have the keywords beside this.' },
  rescue: { ...listOf('step'), description: 'What is done where one of them fails.' },
  always: { ...listOf('step'), description: 'What is done in any case.' },
};

const BATCH_SIZE = {
  anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^\\s*[+-]?[0-9]{1,9}%?\\s*$|\\{\\{' }],
} as const;

const PROMPT: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', pattern: NAME_PATTERN, description: 'The variable.' },
    prompt: { ...TEXT, description: 'What the person is asked.' },
    default: { ...TEXT, description: 'What it is where nothing is typed.' },
    private: { ...FLAG, description: 'Whether what is typed is not shown.', default: true },
    confirm: { ...FLAG, description: 'Whether it is asked for twice.', default: false },
    unsafe: { ...FLAG, description: 'Whether what is typed is never a template.', default: false },
  },
};

/** Of plays; `probes` and `verify` are described where the probes are. */
export const PLAY_SCHEMAS: Schemas = {
  ...SHARED,
  ...Object.fromEntries(
    INHERITABLE.filter(({ notOfPlays }) => !notOfPlays).map(({ word }) => [word, INHERITED[word] ?? {}]),
  ),
  hosts: { ...WORDS, description: 'A host pattern, or a list of them.' },
  pre_tasks: { ...listOf('step'), description: 'What is done before the roles.' },
  roles: {
    ...OPEN_LIST,
    items: { type: ['string', 'object'] },
    description: 'Roles, by their names or as role: NAME with keywords and parameters.',
  },
  tasks: { ...listOf('step'), description: 'What shall be so, in this order.' },
  post_tasks: { ...listOf('step'), description: 'What is done after the tasks and their handlers.' },
  handlers: { ...listOf('handler'), description: 'Tasks that run once, where others notify them.' },
  vars_files: {
    anyOf: [{ type: ['string', 'null'] }, { type: 'array', items: WORDS }],
    description: 'Files of variables; of a list within the list, the first that is there.',
  },
  vars_prompt: { ...OPEN_LIST, items: PROMPT, description: 'Variables that a person is asked for.' },
  gather_facts: { ...FLAG, description: 'Whether facts are gathered first.' },
  gather_subset: { ...WORDS, description: 'Which facts: all, min, network, …, each with ! for all but it.' },
  gather_timeout: { ...NUMBER, description: 'Seconds that gathering may take.' },
  fact_path: { ...TEXT, description: "Where the hosts' own facts are." },
  force_handlers: { ...FLAG, description: 'Whether handlers run on hosts that failed, too.' },
  max_fail_percentage: { ...NUMBER, description: 'The play ends where more of a batch failed.' },
  strategy: {
    enum: STRATEGIES,
    description: 'linear: all hosts task by task; free and host_pinned: each on its own.',
  },
  order: { enum: HOST_ORDERS, description: 'The order of the hosts.', default: 'inventory' },
  serial: {
    anyOf: [BATCH_SIZE, { type: 'array', items: BATCH_SIZE }],
    description:
      'How many hosts at a time: a number, a percentage, or a list of these for the batches in turn.',
  },
  transaction: {
    enum: TRANSACTIONS,
    description: 'What is undone together when one of its hosts fails.',
    default: 'host',
  },
};

/** Of `import_playbook`. */
export const IMPORT_SCHEMAS: Schemas = {
  name: SHARED.name ?? {},
  vars: SHARED.vars ?? {},
  tags: SHARED.tags ?? {},
  ...WHEN,
};

/** What may stand beside a probe. */
export const BESIDE_PROBES: Schemas = {
  name: SHARED.name ?? {},
  from: {
    ...TEXT,
    description: 'A host pattern: who asks, of all hosts of the inventory. Each host of the play by itself.',
  },
};
