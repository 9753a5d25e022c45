/**
 * One script that reads all that facts are made of, in one frame and without Python.
 *
 * It starts one `grep` for all small files, one for those of the interfaces, and a command for each thing that no file
 * tells: about fifteen processes, however many interfaces there are. What a host lacks leaves its section empty.
 */
import { quote } from '../shared/shell.js';
import { beginSections, END_SECTIONS } from '../snapshot/sections.js';
import { type Collector, collectorsFor, listOf } from './subsets.js';

export const FACT_PATH = '/etc/ansible/facts.d';
/** Seconds; Ansible's own default. */
export const GATHER_TIMEOUT = 10;

export interface FactsRequest {
  /** `gather_subset`: words, or one text with commas between. Nothing means `all`. */
  gatherSubset?: string | readonly string[];
  /** `gather_timeout`: how long one fact file's program, and the sizes of all mounts, may take, in seconds. */
  gatherTimeout?: number;
  /** `fact_path`: the folder of the host's own facts. */
  factPath?: string;
}

/** What a script says of itself in its answer, so that this can be read without the request. */
export interface Asked {
  collectors: readonly Collector[];
  subset: readonly string[];
  factPath: string;
}

/** Words of a file list: quoted already, some with `*`. */
type Paths = readonly string[];

const DMI = '/sys/devices/virtual/dmi/id';
const DMI_FILES = [
  ...['bios_date', 'bios_vendor', 'bios_version', 'board_asset_tag', 'board_name', 'board_serial'],
  ...['board_vendor', 'board_version', 'chassis_asset_tag', 'chassis_serial', 'chassis_type'],
  ...['chassis_vendor', 'chassis_version', 'product_family', 'product_name', 'product_serial'],
  ...['product_uuid', 'product_version', 'sys_vendor'],
].map((file) => `${DMI}/${file}`);
const RELEASES: Paths = [
  ...['/etc/*-release', '/etc/*_release', '/etc/*-version', '/etc/*_version'],
  ...['/usr/lib/os-release', '/etc/coreos/update.conf'],
];
const STATUS = '/proc/self/status';

/** Small files that one `grep` reads, by who needs them. */
const FILES: Readonly<Partial<Record<Collector, Paths>>> = {
  chroot: ['/proc/mounts'],
  cmdline: ['/proc/cmdline'],
  distribution: RELEASES,
  dns: ['/etc/resolv.conf'],
  fips: ['/proc/sys/crypto/fips_enabled'],
  hardware: [
    ...['/proc/meminfo', '/proc/uptime', '/proc/mounts', '/proc/self/mountinfo', '/sys/hypervisor/type'],
    ...[STATUS, ...DMI_FILES],
  ],
  loadavg: ['/proc/loadavg'],
  lsb: RELEASES,
  platform: [
    ...['/proc/sys/kernel/ostype', '/proc/sys/kernel/osrelease', '/proc/sys/kernel/version'],
    ...['/var/lib/dbus/machine-id', '/etc/machine-id', '/etc/hosts'],
  ],
  selinux: [
    ...['/sys/fs/selinux/enforce', '/sys/fs/selinux/policyvers', '/selinux/enforce', '/selinux/policyvers'],
    '/etc/selinux/config',
  ],
  service_mgr: ['/proc/1/comm', '/proc/1/stat'],
  ssh_pub_keys: ['/etc/ssh', '/etc/openssh', '/etc'].map((folder) => `${folder}/ssh_host_*_key.pub`),
  user: [STATUS],
  virtual: [
    ...['/proc/1/cgroup', '/proc/xen/capabilities', '/proc/modules', '/run/systemd/container'],
    ...[STATUS, ...DMI_FILES],
  ],
};

/** What only has to be there. Package managers as Ansible looks for them: the last one found counts. */
export const PACKAGE_MANAGERS: readonly (readonly [path: string, name: string])[] = [
  ['/usr/bin/rpm-ostree', 'atomic_container'],
  ['/usr/bin/yum', 'yum'],
  ['/usr/bin/dnf', 'dnf'],
  ['/usr/bin/apt-get', 'apt'],
  ['/usr/bin/zypper', 'zypper'],
  ['/usr/sbin/urpmi', 'urpmi'],
  ['/usr/bin/pacman', 'pacman'],
  ['/bin/opkg', 'opkg'],
  ['/sbin/apk', 'apk'],
  ['/usr/bin/emerge', 'portage'],
  ['/usr/bin/xbps-install', 'xbps'],
  ['/usr/bin/swupd', 'swupd'],
  ['/usr/sbin/sorcery', 'sorcery'],
];
const EXISTING: Readonly<Partial<Record<Collector, Paths>>> = {
  apparmor: ['/sys/kernel/security/apparmor'],
  distribution: ['/etc/arch-release', '/etc/vmware-release'],
  hardware: ['/proc/xen', `${DMI}/product_name`],
  lsb: ['/usr/bin/lsb_release'],
  pkg_mgr: [...PACKAGE_MANAGERS.map(([path]) => path), '/run/ostree-booted'],
  service_mgr: [
    ...['/run/systemd/system/', '/dev/.run/systemd/', '/dev/.systemd/', '/etc/init/', '/sbin/openrc'],
    '/etc/init.d/',
  ],
  virtual: ['/proc/vz', '/proc/lve', '/proc/bc', '/.dockerenv', '/.dockerinit', '/proc/xen', '/dev/kvm'],
};
const COMMANDS: Readonly<Partial<Record<Collector, readonly string[]>>> = {
  service_mgr: ['systemctl', 'initctl'],
};
/** Symbolic links whose targets tell something. */
const LINKS: Readonly<Partial<Record<Collector, Paths>>> = {
  distribution: ['/etc/products.d/baseproduct'],
  hardware: ['/dev/disk/by-uuid/*', '/dev/mapper/*'],
  network: ['/sys/class/net/*/device', '/sys/class/net/*/device/driver/module'],
  service_mgr: ['/sbin/init'],
};

/** Lines of /proc/cpuinfo that facts are made of: others make most of a large host's half a megabyte. */
const CPU_KEYS = [
  ...['processor', 'Processor', 'vendor_id', 'Vendor', 'model name', 'cpu', 'physical id', 'core id'],
  ...['cpu cores', 'siblings', '# processors', 'ncpus active', 'machine'],
].join('|');

export const NET_FILES = [
  ...['address', 'mtu', 'operstate', 'type', 'speed', 'flags', 'bridge/bridge_id', 'bridge/stp_state'],
  ...['bonding/slaves', 'bonding/mode', 'bonding/miimon', 'bonding/lacp_rate', 'bonding/primary'],
  ...['bonding/all_slaves_active', 'bonding_slave/perm_hwaddr'],
] as const;

/** Public name servers' addresses, of which only the way there is asked: nothing is sent. As Ansible does. */
export const FAR = { 4: '8.8.8.8', 6: '2404:6800:400a:800::1012' } as const;

/** `timeout` of old BusyBox takes its seconds as an option, and some hosts have none: what runs then has no limit. */
const limited = (seconds: number): string => `limited() {
  if timeout 9 true 2>/dev/null; then timeout ${seconds} "$@"; else "$@"; fi
}`;

/** What has parts of its own, in the order that it is asked. */
const PARTS: Readonly<Partial<Record<Collector, string>>> = {
  // A name that no file of the host gives an address is asked of its resolver, for a second at most.
  platform: `m=$(uname -nm)
printf '\\n%s uname\\n%s' "$T" "$m"
section elf head -c 5 /bin/sh
n=\${m% *}
case $n in
*.*) ;;
*)
  if ! grep -qsFw -e "$n" /etc/hosts && command -v getent >/dev/null 2>&1 && timeout 9 true 2>/dev/null; then
    section resolved timeout 1 getent hosts "$n"
  fi ;;
esac`,
  date_time: `section date date '+%Y|%m|%A|%w|%W|%d|%H|%M|%S|%s|%Z|%z'
z=/etc/localtime
if [ -n "\${TZ-}" ] && [ -f "/usr/share/zoneinfo/\${TZ#:}" ]; then z=/usr/share/zoneinfo/\${TZ#:}; fi
section zone tail -n 1 "$z"`,
  user: `account() { getent passwd "$1" 2>/dev/null || grep "^[^:]*:[^:]*:$1:" /etc/passwd; }
u=$(id -u)
section account account "$u"`,
  chroot: `if [ -e /proc/1/root/. ]; then
  if [ / -ef /proc/1/root/. ]; then c=no; else c=yes; fi
  printf '\\n%s chroot\\n%s' "$T" "$c"
else
  section root-inode ls -di /
fi`,
  virtual: `initial() { tr '\\0' '\\n' </proc/1/environ | grep '^container='; }
section initial-environment initial`,
  hardware: `sizes() {
  set -f
  set -- $(sed -n '/^[^ ]*:\\//d;/^\\/\\//d;/^[^ ]* [^ ]* fuse/d;s/^\\/[^ ]* \\([^ ]*\\) .*/\\1/p' /proc/mounts)
  if [ $# -gt 0 ]; then limited stat -f -c '%S %b %a %s %c %d %n' "$@"; fi
}
section sizes sizes`,
  network: `files() { cd /sys/class/net && grep -s '' /dev/null ${NET_FILES.map((file) => `*/${file}`).join(' ')}; }
section net files
printf '\\n%s bridge-ports\\n' "$T"
for f in /sys/class/net/*/brif/*; do printf '%s\\n' "$f"; done
if command -v ip >/dev/null 2>&1; then
  section addresses ip -o addr show
  section route4 ip -4 route get ${FAR[4]}
  section route6 ip -6 route get ${FAR[6]}
fi`,
};

const CPUINFO = `k='${CPU_KEYS}'
if [ -e /proc/xen ] || [ -e /sys/hypervisor/type ]; then k="$k|flags"; fi
section cpuinfo grep -sE "^($k)[[:space:]]*:" /proc/cpuinfo`;

/** A fact file that its owner may execute is run, as Ansible does; others are read. */
const localFacts = (folder: string): string => `facts() {
  for f in ${quote(folder)}/*.fact; do
    if [ ! -e "$f" ] && [ ! -L "$f" ]; then continue; fi
    case \${f##*/} in *'
'*) continue ;; esac
    case $(ls -lL "$f" 2>/dev/null) in
    -??[xs]*) section "run:\${f##*/}" limited "$f" ;;
    *) section "read:\${f##*/}" cat "$f" ;;
    esac
  done
}
facts`;

/**
 * The script for `Session.run`; its output goes to `parseFacts`.
 * @throws NetplayError `schema` for a word of `gather_subset` that is no subset
 */
export function factsScript(request: FactsRequest = {}): string {
  const collectors = collectorsFor(request.gatherSubset);
  const factPath = request.factPath ?? FACT_PATH;
  const asked: Asked = { collectors: [...collectors], subset: subsetOf(request), factPath };
  const of = <Item>(table: Readonly<Partial<Record<Collector, readonly Item[]>>>): Item[] => [
    ...new Set([...collectors].flatMap((name) => table[name] ?? [])),
  ];
  const script = [
    beginSections(),
    `printf '\\n%s asked\\n%s' "$T" ${quote(JSON.stringify(asked))}`,
    // Before the script sets anything of its own.
    ...(collectors.has('env') ? ['section env cat /proc/self/environ'] : []),
    'PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin LC_ALL=C',
    'export PATH LC_ALL',
    limited(request.gatherTimeout ?? GATHER_TIMEOUT),
    `section files grep -s '' /dev/null ${of(FILES).join(' ')}`,
    `printf '\\n%s exists\\n' "$T"`,
    `for f in ${of(EXISTING).join(' ')}; do if [ -e "$f" ]; then printf '%s\\n' "$f"; fi; done`,
    `for c in ${of(COMMANDS).join(' ')}; do if command -v $c >/dev/null 2>&1; then printf '%s\\n' $c; fi; done`,
  ];
  const links = of(LINKS);
  if (links.length > 0) script.push(`section links ls -ld ${links.join(' ')}`);
  if (collectors.has('hardware') || collectors.has('virtual')) script.push(CPUINFO);
  for (const name of collectors) script.push(...(PARTS[name] === undefined ? [] : [PARTS[name]]));
  if (collectors.has('local')) script.push(localFacts(factPath));
  script.push(END_SECTIONS);
  return `${script.join('\n')}\n`;
}

/** What the fact `gather_subset` says. */
function subsetOf({ gatherSubset }: FactsRequest): readonly string[] {
  const words = listOf(gatherSubset);
  return words.length === 0 ? ['all'] : words;
}
