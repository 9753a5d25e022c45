/** Actions that need no host: what the engine itself does with them is its own affair. */
import type { JsonSchema } from '../resources/resource.js';
import type { ActionKind } from './action-kind.js';

const TEXT: JsonSchema = { type: ['string', 'number', 'boolean'] };
const CONDITIONS: JsonSchema = {
  anyOf: [{ type: ['string', 'boolean'] }, { type: 'array', items: { type: ['string', 'boolean'] } }],
};
const SECONDS: JsonSchema = { type: ['number'], minimum: 0 };

function schema(properties: Readonly<Record<string, JsonSchema>>, more: JsonSchema = {}): JsonSchema {
  return { type: 'object', additionalProperties: false, properties, ...more };
}

export const META_ACTIONS = [
  'flush_handlers',
  'noop',
  'end_play',
  'end_host',
  'end_batch',
  'clear_facts',
  'clear_host_errors',
  'refresh_inventory',
  'reset_connection',
] as const;

const debug: ActionKind = {
  name: 'debug',
  summary: 'Shows a text, or the value of a variable or an expression.',
  schema: schema(
    {
      msg: { description: 'What is shown: text, a list or a map.', examples: ['gateway {{ gateway }}'] },
      var: {
        ...TEXT,
        description: 'An expression, without braces, whose value is shown.',
        examples: ['gateways[0]'],
      },
      verbosity: { type: 'integer', minimum: 0, description: 'Only where a run has as many -v.', default: 0 },
    },
    { not: { required: ['msg', 'var'] } },
  ),
  examples: [{ debug: { msg: 'gateway {{ gateway }}' } }, { debug: { var: 'ansible_facts.default_ipv4' } }],
};

const assert: ActionKind = {
  name: 'assert',
  summary: 'Fails where one of the conditions does not hold.',
  schema: schema(
    {
      that: {
        ...CONDITIONS,
        description: 'Conditions as of `when`, all of which must hold.',
        examples: ['mtu >= 1280'],
      },
      fail_msg: { description: 'What is said where one does not hold.', examples: ['the MTU is too small'] },
      success_msg: { description: 'What is said where all hold.' },
      quiet: { type: 'boolean', description: 'Say nothing where all hold.', default: false },
    },
    { required: ['that'] },
  ),
  parameterAliases: { msg: 'fail_msg' },
  examples: [
    { assert: { that: ['mtu >= 1280', 'gateway is defined'], fail_msg: 'the host is not described' } },
  ],
};

const fail: ActionKind = {
  name: 'fail',
  summary: 'Fails, with a message.',
  schema: schema({ msg: { ...TEXT, description: 'Why.', examples: ['no gateway is known'] } }),
  examples: [{ fail: { msg: 'no gateway is known' } }],
};

const setFact: ActionKind = {
  name: 'set_fact',
  summary: 'Sets variables of the host, by name, for the rest of the run.',
  schema: {
    type: 'object',
    minProperties: 1,
    properties: {
      cacheable: {
        type: 'boolean',
        description: "Whether they are kept among the host's facts as well.",
        default: false,
      },
    },
    additionalProperties: { description: 'The value of the variable of that name.' },
  },
  examples: [{ set_fact: { uplink: '{{ ansible_facts.default_ipv4.interface }}' } }],
};

const includeVars: ActionKind = {
  name: 'include_vars',
  summary: 'Reads variables from a file, or from the files of a folder.',
  schema: schema(
    {
      file: {
        type: 'string',
        minLength: 1,
        description: 'The file; free text stands for it.',
        examples: ['sites/a.yml'],
      },
      dir: {
        type: 'string',
        minLength: 1,
        description: 'The folder, in the place of a file.',
        examples: ['sites'],
      },
      name: { type: 'string', minLength: 1, description: 'A variable that they all become a part of.' },
      depth: {
        type: 'integer',
        minimum: 0,
        description: 'How deep folders are read; 0 stands for all.',
        default: 0,
      },
      files_matching: { type: 'string', description: "A regular expression that the files' names match." },
      ignore_files: {
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
        description: 'Regular expressions of names of files that are left out.',
      },
      extensions: {
        type: 'array',
        items: { type: 'string' },
        description: 'What the names of files may end in.',
        default: ['yaml', 'yml', 'json'],
      },
      ignore_unknown_extensions: {
        type: 'boolean',
        description: 'Leave out files that end in something else.',
        default: false,
      },
      hash_behaviour: {
        enum: ['replace', 'merge'],
        description: 'What becomes of a map that is there already.',
        default: 'replace',
      },
    },
    { oneOf: [{ required: ['file'] }, { required: ['dir'] }] },
  ),
  freeForm: 'file',
  examples: [{ include_vars: 'sites/a.yml' }, { include_vars: { dir: 'sites', name: 'sites' } }],
};

const addHost: ActionKind = {
  name: 'add_host',
  summary: 'Adds a host to the inventory of this run; further keys are its variables.',
  schema: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        ...TEXT,
        description: 'Its name, with `:port` behind it where it has one.',
        examples: ['edge9'],
      },
      groups: {
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
        description: 'Its groups, as a list or in one line with commas.',
        examples: [['edge']],
      },
    },
    additionalProperties: { description: 'The value of the variable of that name.' },
  },
  parameterAliases: { hostname: 'name', host: 'name', group: 'groups', groupname: 'groups' },
  examples: [{ add_host: { name: 'edge9', groups: ['edge'], ansible_host: '192.0.2.9' } }],
};

const groupBy: ActionKind = {
  name: 'group_by',
  summary: 'Puts the host into a group whose name is made of its variables.',
  schema: schema(
    {
      key: {
        ...TEXT,
        description: "The group's name; blanks in it become dashes.",
        examples: ['os_{{ ansible_facts.distribution }}'],
      },
      parents: {
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
        description: 'Groups that this group is a child of.',
        default: 'all',
      },
    },
    { required: ['key'] },
  ),
  examples: [{ group_by: { key: 'os_{{ ansible_facts.distribution }}' } }],
};

const pause: ActionKind = {
  name: 'pause',
  summary: 'Waits a while, or for a person.',
  schema: schema(
    {
      seconds: { ...SECONDS, description: 'How long.', examples: [5] },
      minutes: { ...SECONDS, description: 'How long.', examples: [1] },
      prompt: { ...TEXT, description: 'What the person is asked; without a time it is waited for Enter.' },
      echo: { type: 'boolean', description: 'Whether what is typed shows.', default: true },
    },
    { not: { required: ['seconds', 'minutes'] } },
  ),
  examples: [{ pause: { seconds: 5 } }, { pause: { prompt: 'Is the cable in?' } }],
};

const meta: ActionKind = {
  name: 'meta',
  summary: 'Does something about the run itself.',
  schema: schema(
    {
      free_form: {
        enum: META_ACTIONS,
        description: 'What: free text stands for it.',
        examples: ['flush_handlers'],
      },
    },
    { required: ['free_form'] },
  ),
  freeForm: 'free_form',
  examples: [{ meta: 'flush_handlers' }, { meta: 'end_host' }],
};

const SUBSETS: JsonSchema = {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
};

const setup: ActionKind = {
  name: 'setup',
  aliases: ['gather_facts'],
  summary: 'Gathers facts of the host.',
  schema: schema({
    gather_subset: {
      ...SUBSETS,
      description: 'Which: all, min, network, hardware, …, each with ! for all but it.',
      examples: [['network']],
    },
    filter: {
      ...SUBSETS,
      description: 'Only facts whose names match one of these.',
      examples: [['ansible_eth*']],
    },
    gather_timeout: { ...SECONDS, description: 'Seconds that each part may take.', default: 10 },
    fact_path: {
      type: 'string',
      description: "Where the host's own facts are.",
      default: '/etc/ansible/facts.d',
    },
  }),
  examples: [{ setup: { gather_subset: ['network'] } }],
};

const asyncStatus: ActionKind = {
  name: 'async_status',
  summary: 'Asks what has become of a task with `async`, and gives its result once it is over.',
  schema: schema(
    {
      jid: {
        type: 'string',
        minLength: 1,
        description: 'The job: `ansible_job_id` of what that task registered.',
        examples: ['{{ job.ansible_job_id }}'],
      },
      mode: {
        enum: ['status', 'cleanup'],
        description: 'cleanup: remove what the host keeps of the job, which ends none that runs.',
        default: 'status',
      },
    },
    { required: ['jid'] },
  ),
  examples: [
    { async_status: { jid: '{{ job.ansible_job_id }}' } },
    { async_status: { jid: '{{ job.ansible_job_id }}', mode: 'cleanup' } },
  ],
};

/** In the order of the documentation. */
export const engineActions: readonly ActionKind[] = [
  addHost,
  assert,
  asyncStatus,
  debug,
  fail,
  groupBy,
  includeVars,
  meta,
  pause,
  setFact,
  setup,
];
