/** `gather_subset` and `filter` with what they stand for: for the unit tests, and for Ansible to judge. */
import type { Collector } from '../../src/facts/subsets.js';

const MINIMAL: readonly Collector[] = [
  ...(['apparmor', 'caps', 'cmdline', 'date_time', 'distribution', 'dns', 'env', 'fips', 'local'] as const),
  ...(['lsb', 'pkg_mgr', 'platform', 'python', 'selinux', 'service_mgr', 'ssh_pub_keys', 'user'] as const),
];

export const SUBSETS: readonly { subset: readonly string[]; collectors: readonly Collector[] | 'all' }[] = [
  { subset: ['all'], collectors: 'all' },
  { subset: ['min'], collectors: MINIMAL },
  { subset: ['!all'], collectors: MINIMAL },
  { subset: ['network'], collectors: [...MINIMAL, 'network'] },
  { subset: ['!all', 'network'], collectors: [...MINIMAL, 'network'] },
  { subset: ['!all', '!min'], collectors: [] },
  { subset: ['!all', '!min', 'network'], collectors: ['network', 'platform', 'distribution'] },
  { subset: ['!min', 'default_ipv4'], collectors: ['network', 'platform', 'distribution'] },
  { subset: ['!all', '!min', 'dns', 'date_time'], collectors: ['dns', 'date_time'] },
  { subset: ['!all', '!min', 'service_mgr'], collectors: ['service_mgr', 'platform', 'distribution'] },
  { subset: ['!hardware'], collectors: MINIMAL },
  { subset: ['!dns', '!env'], collectors: MINIMAL.filter((name) => name !== 'dns' && name !== 'env') },
  { subset: ['network', '!network'], collectors: [...MINIMAL, 'network'] },
  { subset: ['!no_such_thing'], collectors: MINIMAL },
  { subset: ['all', '!default_ipv4'], collectors: 'all' },
  { subset: ['virtualization_type', 'mounts', '!min'], collectors: ['virtual', 'hardware', 'platform'] },
];

/** What both refuse. */
export const NO_SUBSETS: readonly (readonly string[])[] = [['networks'], ['all', 'ip']];

export const FILTERED_NAMES = [
  'default_ipv4',
  'default_ipv6',
  'eth0',
  'eth10',
  'hostname',
  'ansible_x',
  'br[0]',
];

export const FILTERS: readonly { patterns: readonly string[]; names: readonly string[] }[] = [
  { patterns: [], names: FILTERED_NAMES },
  { patterns: ['*'], names: FILTERED_NAMES },
  { patterns: ['ansible_eth[0-2]'], names: ['eth0'] },
  { patterns: ['eth?', 'eth1*'], names: ['eth0', 'eth10'] },
  { patterns: ['default_ipv[!4]'], names: ['default_ipv6'] },
  { patterns: ['ansible_default*', 'hostname'], names: ['default_ipv4', 'default_ipv6', 'hostname'] },
  { patterns: ['*eth*'], names: ['eth0', 'eth10'] },
  { patterns: ['Hostname'], names: [] },
  { patterns: ['br[[]0]'], names: ['br[0]'] },
  { patterns: ['br[0'], names: [] },
];
