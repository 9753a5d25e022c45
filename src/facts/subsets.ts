/**
 * Which facts are asked for: `gather_subset` and `filter` of `setup`. Names, and how they add up, are those of
 * ansible-core 2.14 (module_utils/facts/collector.py, the collectors of default_collectors.py that fit Linux).
 */
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import { wildcard } from '../shared/wildcard.js';

/** What gathers, with the facts that may stand for it in a `gather_subset`. */
const COLLECTORS = {
  apparmor: [],
  caps: ['system_capabilities', 'system_capabilities_enforced'],
  chroot: ['is_chroot'],
  cmdline: [],
  date_time: [],
  distribution: ['distribution_major_version', 'distribution_release', 'distribution_version', 'os_family'],
  dns: [],
  env: [],
  facter: [],
  fibre_channel_wwn: [],
  fips: [],
  hardware: ['devices', 'mounts', 'processor', 'processor_cores', 'processor_count'],
  iscsi: [],
  loadavg: [],
  local: [],
  lsb: [],
  network: ['all_ipv4_addresses', 'all_ipv6_addresses', 'default_ipv4', 'default_ipv6', 'interfaces'],
  nvme: [],
  ohai: [],
  pkg_mgr: [],
  platform: ['architecture', 'kernel', 'kernel_version', 'machine', 'machine_id', 'python_version', 'system'],
  python: [],
  selinux: [],
  service_mgr: [],
  ssh_pub_keys: [
    'ssh_host_key_dsa_public',
    'ssh_host_key_ecdsa_public',
    'ssh_host_key_ed25519_public',
    'ssh_host_key_rsa_public',
    'ssh_host_pub_keys',
  ],
  user: [
    'effective_group_ids',
    'effective_user_id',
    'real_user_id',
    'user_dir',
    'user_gecos',
    'user_gid',
    'user_id',
    'user_shell',
    'user_uid',
  ],
  virtual: [
    'virtualization_role',
    'virtualization_tech_guest',
    'virtualization_tech_host',
    'virtualization_type',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Collector = keyof typeof COLLECTORS;

export const COLLECTOR_NAMES = Object.keys(COLLECTORS) as readonly Collector[];

/** Gathered whatever is asked for, unless `!min` says no. */
const MINIMAL = [
  ...(['apparmor', 'caps', 'cmdline', 'date_time', 'distribution', 'dns', 'env', 'fips', 'local'] as const),
  ...(['lsb', 'pkg_mgr', 'platform', 'python', 'selinux', 'service_mgr', 'ssh_pub_keys', 'user'] as const),
] satisfies readonly Collector[];

/** What a collector can't do without. */
const NEEDS: Readonly<Partial<Record<Collector, readonly Collector[]>>> = {
  hardware: ['platform'],
  network: ['distribution', 'platform'],
  pkg_mgr: ['distribution'],
  service_mgr: ['distribution', 'platform'],
};

/** Every word that a `gather_subset` may have, besides `all`, `min` and those with `!`. */
const SUBSETS: ReadonlySet<string> = new Set([...COLLECTOR_NAMES, ...Object.values(COLLECTORS).flat()]);

/** A list, or one text with commas between, as Ansible takes both. */
export function listOf(value: string | readonly string[] | undefined): string[] {
  const items = typeof value === 'string' ? value.split(',') : (value ?? []);
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

/**
 * The collectors that a `gather_subset` stands for. Nothing means `all`. `min` is always added first; what `!` takes away
 * comes off at the end, unless it is named as well.
 * @throws NetplayError `schema` for a word that is no subset; one with `!` is passed over, as Ansible does
 */
export function collectorsFor(subset: string | readonly string[] | undefined): ReadonlySet<Collector> {
  const words = listOf(subset);
  const asked = words.length === 0 ? ['all'] : words;
  const wrong = asked.find((word) => !/^(!.*|all|min)$/.test(word) && !SUBSETS.has(word));
  if (wrong !== undefined) throw unknownSubset(wrong);
  const named = asked.filter((word) => SUBSETS.has(word));
  const added = new Set([...MINIMAL, ...named, ...(asked.includes('all') ? SUBSETS : [])]);
  for (const taken of asked
    .filter((word) => word.startsWith('!'))
    .flatMap((word) => excludedBy(word.slice(1))))
    if (!named.includes(taken)) added.delete(taken);
  return withNeeds(COLLECTOR_NAMES.filter((name) => [name, ...COLLECTORS[name]].some((id) => added.has(id))));
}

function excludedBy(word: string): readonly string[] {
  const minimal: readonly string[] = MINIMAL;
  if (word === 'min') return minimal;
  if (word === 'all') return [...SUBSETS].filter((id) => !minimal.includes(id));
  return word in COLLECTORS ? [word, ...COLLECTORS[word as Collector]] : [word];
}

function withNeeds(collectors: readonly Collector[]): ReadonlySet<Collector> {
  return new Set(collectors.flatMap((name) => [name, ...(NEEDS[name] ?? [])]));
}

function unknownSubset(word: string): NetplayError {
  const close = nearest(word, ['all', 'min', ...SUBSETS]);
  const meant = close === undefined ? '' : `Did you mean "${close}"? `;
  return new NetplayError('schema', `gather_subset: there is no subset "${word}".`, {
    hint: `${meant}Most used are all, min, network, hardware and virtual; docs/facts.md has all.`,
  });
}

/**
 * Those facts alone whose names match one of the patterns (`*`, `?`, `[a-z]`, `[!a-z]`), with or without `ansible_`.
 * No pattern means all.
 * @throws NetplayError `schema` for a pattern with a range that runs backwards
 */
export function filterFacts(
  facts: Readonly<Record<string, unknown>>,
  filter: string | readonly string[] | undefined,
): Record<string, unknown> {
  const patterns = listOf(filter).map(pattern);
  if (patterns.length === 0) return { ...facts };
  const matches = (name: string): boolean =>
    patterns.some((one) => one.test(`ansible_${name}`) || one.test(name));
  return Object.fromEntries(Object.entries(facts).filter(([name]) => matches(name)));
}

function pattern(text: string): RegExp {
  try {
    return wildcard(text);
  } catch (cause) {
    throw new NetplayError('schema', `filter: "${text}" is no pattern.`, {
      hint: 'Write a range from low to high, as in [a-z].',
      cause,
    });
  }
}
