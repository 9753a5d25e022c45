import type { JsonSchema } from '../resources/resource.js';
import type { Action, ActionContext, ActionResult, FileDiff } from './action.js';
import { type Answer, ask } from './host/answer.js';
import { decoded } from './host/content.js';
import { MANAGERS, type Manager, type PackageWish, packageScript } from './host/package-script.js';
import { outputKeys } from './host/run-command.js';

type State = 'present' | 'installed' | 'absent' | 'removed' | 'latest';

export interface PackageParams {
  name?: string | readonly string[];
  state?: State;
  update_cache?: boolean;
  use?: 'auto' | Manager;
}

export interface AptParams extends PackageParams {
  cache_valid_time?: number;
  autoremove?: boolean;
  purge?: boolean;
  install_recommends?: boolean;
  default_release?: string;
}

export interface DnfParams extends PackageParams {
  enablerepo?: string | readonly string[];
  disablerepo?: string | readonly string[];
  disable_gpg_check?: boolean;
}

/** Milliseconds: packages come over whatever line the host has. */
const TIMEOUT_MS = 4 * 3_600_000;

function namesOf(name: PackageParams['name'] = []): string[] {
  const given = typeof name === 'string' ? name.split(',') : name;
  return given.map((one) => one.trim()).filter((one) => one !== '');
}

function stateOf(state: State = 'present'): PackageWish['state'] {
  if (state === 'installed') return 'present';
  return state === 'removed' ? 'absent' : state;
}

async function apply(
  params: PackageParams,
  more: Partial<PackageWish>,
  context: ActionContext,
): Promise<ActionResult> {
  const { update_cache: updateCache } = params;
  const wish: PackageWish = {
    names: namesOf(params.name),
    state: stateOf(params.state),
    ...(updateCache === undefined ? {} : { updateCache }),
    ...more,
  };
  const answer = await ask(context, packageScript(wish), TIMEOUT_MS);
  if ('changed' in answer) return answer;
  const wanted = answer.words('wanted').map((text) => decoded(text).toString('utf8'));
  const updated = answer.has('updated');
  const output = answer.words('output').map((text) => decoded(text).toString('utf8'));
  const diff = diffOf(answer, wanted, wish);
  return {
    changed: wanted.length > 0 || (updated && wish.names.length === 0),
    rc: 0,
    ...outputKeys(output.join('\n'), ''),
    ...(updateCache || more.cacheValid !== undefined ? { cache_updated: updated } : {}),
    ...(context.diff && diff !== undefined ? { diff: [diff] } : {}),
  };
}

function diffOf(answer: Answer, wanted: readonly string[], { state }: PackageWish): FileDiff | undefined {
  if (wanted.length === 0) return undefined;
  const had = answer.words('has');
  const after = { present: 'installed', absent: 'not installed', latest: 'installed, latest' }[state];
  const before = (index: number): string => (had[index] === 'yes' ? 'installed' : 'not installed');
  return {
    path: 'packages',
    before: wanted.map((name, index) => `${name}: ${before(index)}\n`).join(''),
    after: wanted.map((name) => `${name}: ${after}\n`).join(''),
  };
}

const NAMES = {
  anyOf: [
    { type: 'string', pattern: '^[^-]' },
    { type: 'array', items: { type: 'string', pattern: '^[^-]' } },
  ],
  description: 'The package, or several: a list, or with commas between them.',
  examples: ['frr', ['frr', 'bridge-utils']],
} as const;

const common = {
  name: NAMES,
  state: {
    enum: ['present', 'installed', 'latest', 'absent', 'removed'],
    default: 'present',
    description:
      'present, installed: it is there, of whatever version. latest: there is no newer one. absent, removed: it is not.',
  },
  update_cache: {
    type: 'boolean',
    default: false,
    description: 'Whether the lists of what is to be had are fetched first. Alone, that is a change.',
  },
} as const;

function schemaOf(properties: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: false, properties: { ...common, ...properties } };
}

/** Nothing to install, remove or fetch. */
function contradiction({
  name,
  update_cache,
}: PackageParams): { path: string[]; message: string } | undefined {
  if (name !== undefined || update_cache) return undefined;
  return { path: [], message: "one of 'name' and 'update_cache' is needed" };
}

/** A package, by whatever manager the host has. */
export const packages: Action<PackageParams> = {
  name: 'package',
  summary:
    'Installs or removes packages, with the package manager that the host has: apt, dnf, yum, apk or zypper.',
  schema: schemaOf({
    use: { enum: ['auto', ...MANAGERS], default: 'auto', description: 'Which package manager.' },
  }),
  examples: [
    { package: { name: 'frr' } },
    { package: { name: ['frr', 'tcpdump'], state: 'latest', update_cache: true } },
  ],
  check: 'predicts',
  background: true,
  contradiction,
  run({ use = 'auto', ...params }, context) {
    return apply(params, use === 'auto' ? {} : { manager: use }, context);
  },
};

/** A package of Debian's kind. */
export const apt: Action<AptParams> = {
  name: 'apt',
  summary: 'Installs or removes packages with apt-get.',
  schema: schemaOf({
    cache_valid_time: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'Seconds for which lists are not fetched again. With it, update_cache need not be said.',
      examples: [3600],
    },
    autoremove: { type: 'boolean', default: false, description: 'Removes what only they needed, too.' },
    purge: { type: 'boolean', default: false, description: 'Removes their settings as well.' },
    install_recommends: { type: 'boolean', description: 'Whether what they recommend is installed.' },
    default_release: {
      type: 'string',
      pattern: '^[\\w.+-]+$',
      description: 'The release that they come from.',
      examples: ['bookworm-backports'],
    },
  }),
  parameterAliases: {
    pkg: 'name',
    package: 'name',
    'update-cache': 'update_cache',
    'install-recommends': 'install_recommends',
    'default-release': 'default_release',
  },
  examples: [
    { apt: { name: 'frr', update_cache: true, cache_valid_time: 3600 } },
    { apt: { name: 'frr', state: 'absent', purge: true } },
  ],
  check: 'predicts',
  background: true,
  contradiction: (params) => (params.cache_valid_time === undefined ? contradiction(params) : undefined),
  run(params, context) {
    const {
      cache_valid_time: cacheValid,
      autoremove,
      purge,
      install_recommends: recommends,
      default_release: release,
      ...rest
    } = params;
    const addOptions = [
      ...(recommends === undefined ? [] : [recommends ? '--install-recommends' : '--no-install-recommends']),
      ...(release === undefined ? [] : ['-t', release]),
      ...(autoremove ? ['--auto-remove'] : []),
    ];
    const delOptions = [...(autoremove ? ['--auto-remove'] : []), ...(purge ? ['--purge'] : [])];
    const cache = cacheValid === undefined ? {} : { cacheValid, updateCache: true };
    return apply(rest, { manager: 'apt', addOptions, delOptions, ...cache }, context);
  },
};

/** Words of dnf for repositories. */
function repositories(option: string, given: DnfParams['enablerepo']): string[] {
  return namesOf(given).map((name) => `--${option}=${name}`);
}

const REPOSITORIES = {
  anyOf: [
    { type: 'string', pattern: '^[\\w.,*:/-]+$' },
    { type: 'array', items: { type: 'string', pattern: '^[\\w.*:/-]+$' } },
  ],
} as const;

function rpmAction(manager: 'dnf' | 'yum', example: string): Action<DnfParams> {
  return {
    name: manager,
    summary: `Installs or removes packages with ${manager}.`,
    schema: schemaOf({
      enablerepo: { ...REPOSITORIES, description: 'Repositories that are asked besides.', examples: ['frr'] },
      disablerepo: {
        ...REPOSITORIES,
        description: 'Repositories that are not asked.',
        examples: ['updates'],
      },
      disable_gpg_check: {
        type: 'boolean',
        default: false,
        description: 'Whether signatures are not looked at.',
      },
    }),
    parameterAliases: { pkg: 'name', 'expire-cache': 'update_cache' },
    examples: [{ [manager]: { name: example } }],
    check: 'predicts',
    background: true,
    contradiction,
    run({ enablerepo, disablerepo, disable_gpg_check: unsigned, ...rest }, context) {
      const addOptions = [
        ...repositories('enablerepo', enablerepo),
        ...repositories('disablerepo', disablerepo),
        ...(unsigned ? ['--nogpgcheck'] : []),
      ];
      return apply(rest, { manager, addOptions }, context);
    },
  };
}

export const dnf = rpmAction('dnf', 'frr');
export const yum = rpmAction('yum', 'tcpdump');
