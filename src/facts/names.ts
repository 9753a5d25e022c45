/**
 * Which variables are facts. A template that mentions one makes the engine gather; and what a host tells is a variable
 * only where its name is a fact's: an interface called `user` must not become `ansible_user`.
 */

/** Every fact that is gathered, without those that are called as interfaces are, and without ssh_host_key_*. */
export const FACT_NAMES: ReadonlySet<string> = new Set([
  ...['all_ipv4_addresses', 'all_ipv6_addresses', 'apparmor', 'architecture', 'bios_date', 'bios_vendor'],
  ...['bios_version', 'board_asset_tag', 'board_name', 'board_serial', 'board_vendor', 'board_version'],
  ...['chassis_asset_tag', 'chassis_serial', 'chassis_vendor', 'chassis_version', 'cmdline', 'date_time'],
  ...['default_ipv4', 'default_ipv6', 'distribution', 'distribution_file_parsed', 'distribution_file_path'],
  ...['distribution_file_search_string', 'distribution_file_variety', 'distribution_major_version'],
  ...['distribution_minor_version', 'distribution_release', 'distribution_version', 'dns', 'domain'],
  ...['effective_group_id', 'effective_user_id', 'env', 'fips', 'form_factor', 'fqdn', 'gather_subset'],
  ...[
    'hostname',
    'interfaces',
    'is_chroot',
    'kernel',
    'kernel_version',
    'loadavg',
    'local',
    'lsb',
    'machine',
  ],
  ...[
    'machine_id',
    'memfree_mb',
    'memory_mb',
    'memtotal_mb',
    'module_setup',
    'mounts',
    'nodename',
    'os_family',
  ],
  ...['pkg_mgr', 'proc_cmdline', 'processor', 'processor_cores', 'processor_count', 'processor_nproc'],
  ...['processor_threads_per_core', 'processor_vcpus', 'product_name', 'product_serial', 'product_uuid'],
  ...['product_version', 'real_group_id', 'real_user_id', 'selinux', 'service_mgr', 'swapfree_mb'],
  ...['swaptotal_mb', 'system', 'system_vendor', 'uptime_seconds', 'user_dir', 'user_gecos', 'user_gid'],
  ...['user_id', 'user_shell', 'user_uid', 'userspace_architecture', 'userspace_bits', 'virtualization_role'],
  ...['virtualization_tech_guest', 'virtualization_tech_host', 'virtualization_type'],
]);

const HOST_KEY = /^ssh_host_key_(dsa|rsa|ecdsa|ed25519)_public(_keytype)?$/;

/**
 * Variables `ansible_…` that are no facts: how a host is reached, and what the run itself tells. As ansible-core 2.14 has
 * them (playbooks' special variables; MAGIC_VARIABLE_MAPPING and others of constants.py).
 */
const RESERVED: ReadonlySet<string> = new Set([
  ...['become', 'check_mode', 'collection_name', 'config_file', 'connection', 'connection_user'],
  ...['dependent_role_names', 'diff_mode', 'executable', 'facts', 'failed_result', 'failed_task', 'forks'],
  ...['group_priority', 'host', 'index_var', 'inventory_sources', 'limit', 'loop', 'loop_var', 'managed'],
  ...['module_compression', 'network_os', 'parent_role_names', 'parent_role_paths', 'password', 'pipelining'],
  ...[
    'play_batch',
    'play_hosts',
    'play_hosts_all',
    'play_name',
    'play_role_names',
    'playbook_python',
    'port',
  ],
  ...['private_key_file', 'remote_tmp', 'role_name', 'role_names', 'rsync_path', 'run_tags', 'search_path'],
  ...[
    'skip_tags',
    'timeout',
    'user',
    'verbosity',
    'version',
    'async_dir',
    'check_mode_markers',
    'delegated_vars',
  ],
]);

/** Those of connections, of becoming somebody else, and of interpreters. */
const RESERVED_FORMS = [
  /^(become|ssh|paramiko|paramiko_ssh|local|psrp|winrm|netconf|httpapi|persistent|shell|common|docker|podman|lxc|lxd)_/,
  /^(jail|chroot|libvirt_lxc|kubectl|oc|zone|iocage|buildah|sftp|scp|async|sudo|su|doas|pbrun|pfexec|runas)_/,
  /^(sudo|su|ssh)$/,
  /_interpreter$/,
];
/** Interfaces that software for containers makes look like variables of its connection. */
const BRIDGES = /_(bridge|gwbridge)$/;

function isReserved(name: string): boolean {
  if (FACT_NAMES.has(name) || HOST_KEY.test(name) || BRIDGES.test(name)) return false;
  return RESERVED.has(name) || RESERVED_FORMS.some((form) => form.test(name));
}

/** IFNAMSIZ of linux/if.h, less the NUL; an alias such as `eth0:1` counts as a name, too. */
const LONGEST_INTERFACE = 15;

/**
 * Whether a variable can be a fact: `ansible_facts`, `ansible_` before a fact's name, or before what may be an
 * interface's. How hosts are reached (`ansible_host`) and what a run tells of itself (`ansible_check_mode`) are none.
 */
export function isFactName(variable: string): boolean {
  if (variable === 'ansible_facts') return true;
  if (!variable.startsWith('ansible_')) return false;
  const name = variable.slice('ansible_'.length);
  if (FACT_NAMES.has(name) || HOST_KEY.test(name)) return true;
  return name !== '' && name.length <= LONGEST_INTERFACE && !/[\s/]/.test(name) && !isReserved(name);
}

/** What `setup` tells of itself, in `ansible_facts` alone. */
const OF_THE_GATHERING = ['gather_subset', 'module_setup'];

/** Facts under the names that `setup` gives them: with `ansible_` before each. */
export function namedFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      OF_THE_GATHERING.includes(name) ? name : `ansible_${name}`,
      value,
    ]),
  );
}

/**
 * The variables that a play sees of facts: `ansible_facts`, and each by itself with `ansible_` before its name, but for
 * names that stand for something else.
 */
export function factVars(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(facts).flatMap(([name, value]): [string, unknown][] =>
    isReserved(name) || OF_THE_GATHERING.includes(name) ? [] : [[`ansible_${name}`, value]],
  );
  return Object.fromEntries([['ansible_facts', facts], ...own]);
}
