/**
 * One script that reads all that a host's tasks need to know, and its answer as a snapshot.
 *
 * The script starts one process for each `ip` listing, one `grep` for every file of one line (/proc/sys,
 * /sys, iproute2's names) and one `cat` a file that was asked for; all else is the shell's own. `grep` and
 * not `read`, because dash reads byte by byte, and /proc/sys answers only the first read.
 */
import { MARK_HELD, NEWEST_ENTRY } from '../shared/journal-folder.js';
import { quote } from '../shared/shell.js';
import { BOOT_SCRIPT } from './boot-script.js';
import { FDB_SCRIPT, VLANS_SCRIPT } from './bridge-script.js';
import { CONTAINERS_SCRIPT } from './containers-script.js';
import { ethtoolKey } from './ethtool.js';
import { type EthtoolRead, ethtoolScript } from './ethtool-script.js';
import { type LinkCapability, linkKindsScript } from './link-kinds.js';
import type { Read } from './model.js';
import { ETC_DIRECTORY, NAME_FILES, VENDOR_DIRECTORIES } from './names.js';
import { OPENVZ_SCRIPT } from './openvz-script.js';
import { ovsScript, type WantedFlow } from './ovs-script.js';
import { SYSFS_FILES, SYSFS_NET } from './parse-sysfs.js';
import { beginSections, END_SECTIONS } from './sections.js';
import { tcScript } from './tc-script.js';

/** Sysctls of each device that decide what the kernel takes away by itself; see simulate.ts. */
const DEVICE_SYSCTLS = ['net/ipv4/conf/*/promote_secondaries', 'net/ipv6/conf/*/keep_addr_on_down'];

/** What to read, each thing once, with what its meaning depends on. */
export interface Wanted {
  links: boolean;
  addresses: boolean;
  routes4: boolean;
  routes6: boolean;
  rules4: boolean;
  rules6: boolean;
  neighbours: boolean;
  bridgeVlans: boolean;
  fdb: boolean;
  sysctls: readonly string[];
  files: readonly string[];
  directories: readonly string[];
  boot: boolean;
  openvz: boolean;
  ovs: boolean;
  flows: readonly WantedFlow[];
  containers: boolean;
  linkKinds: readonly LinkCapability[];
  tc: readonly TcRead[];
  ethtool: readonly EthtoolRead[];
}

export type TcRead = Extract<Read, { kind: 'tc' }>;

/** What is read of these is told by the links. */
const LINKED = [
  'links',
  'rules',
  'neighbours',
  'bridge_vlans',
  'fdb',
  'containers',
  'ovs',
  'tc',
  'boot',
] as const;

/** Merges lists of reads. Links and addresses come with whatever depends on them (connected routes, `[detached]`). */
export function wanted(reads: readonly Read[]): Wanted {
  const paths = (kind: 'sysctl' | 'file' | 'directory'): string[] => [
    ...new Set(reads.flatMap((read) => (read.kind === kind ? [read.path] : []))),
  ];
  const has = (kind: Read['kind'], family?: 4 | 6): boolean =>
    reads.some((read) => read.kind === kind && (!('family' in read) || read.family === family));
  const routes4 = has('routes', 4);
  const routes6 = has('routes', 6);
  const addresses = has('addresses') || routes4 || routes6;
  return {
    // Which neighbours the kernel makes by itself depends on the device's flags; a container's device is found by its index.
    links: [addresses, ...LINKED.map((kind) => has(kind))].includes(true),
    addresses,
    routes4,
    routes6,
    rules4: has('rules', 4),
    rules6: has('rules', 6),
    neighbours: has('neighbours'),
    bridgeVlans: has('bridge_vlans'),
    fdb: has('fdb'),
    sysctls: paths('sysctl'),
    files: paths('file'),
    directories: paths('directory'),
    boot: has('boot'),
    openvz: has('openvz'),
    ovs: has('ovs') || has('ovs-flow'),
    flows: reads.flatMap((read) =>
      read.kind === 'ovs-flow' ? [{ bridge: read.bridge, text: read.text }] : [],
    ),
    containers: has('containers'),
    linkKinds: [...new Set(reads.flatMap((read) => (read.kind === 'link-kind' ? [read.name] : [])))],
    tc: reads.filter((read) => read.kind === 'tc'),
    ethtool: [
      ...new Map(
        reads.flatMap((read) => (read.kind === 'ethtool' ? [[ethtoolKey(read.dev, read.part), read]] : [])),
      ).values(),
    ],
  };
}

const PRELUDE = `listing() {
  if [ -d "$1" ]; then
    printf '\\n%s %s\\n' "$T" "$2"
    for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
      if [ -e "$f" ] || [ -L "$f" ]; then printf '%s/' "\${f##*/}"; fi
    done
    if [ -r "$1" ] && [ -x "$1" ]; then printf '\\n%s = 0 ' "$T"; else printf '\\n%s = 1 Permission denied' "$T"; fi
  fi
}
printf '\\n%s session\\n%s\\n' "$T" "\${SSH_CONNECTION-}"
if ! command -v ip >/dev/null 2>&1; then
  printf '\\n%s no-ip\\n\\n%s end\\n' "$T" "$T"
  exit 0
fi
if V=$(ip -N -V 2>/dev/null); then N=-N; else N=; V=$(ip -V 2>&1); fi
printf '\\n%s tools\\nversion %s\\n' "$T" "$V"
if [ -n "$N" ]; then
  printf 'numeric\\ntuntap\\nmaster\\n'
else
  if ip tuntap show >/dev/null 2>&1; then echo tuntap; fi
  case $(ip link help 2>&1) in *' master '*) echo master ;; esac
fi
for c in brctl tunctl; do
  if command -v $c >/dev/null 2>&1; then printf 'other %s\\n' $c; fi
done`;

/**
 * Before all else: a transaction that ends while the rest is read, which may then be half of one state and half of
 * the other, makes the plan stale.
 */
const JOURNAL_MARK = `${NEWEST_ENTRY}
${MARK_HELD}
printf '\\n%s journal\\n%s\\n' "$T" "$newest"`;

/** The script for a list of reads, for `Session.run`. */
export function buildProbe(reads: readonly Read[]): string {
  const want = wanted(reads);
  const ip = (family: string, ...args: string[]): string => `ip $N -d -o ${family}${args.join(' ')}`;
  const script = [beginSections(), PRELUDE, JOURNAL_MARK, fileLines(want)];
  // Also tells whether rules can carry a protocol.
  script.push(`section rules4 ${ip('-4 ', 'rule', 'show')}`);
  if (want.links) script.push(`section links ${ip('', 'link', 'show')}`);
  if (want.addresses) script.push('section addresses ip $N -o addr show');
  if (want.routes4) script.push(`section routes4 ${ip('-4 ', 'route', 'show', 'table', 'all')}`);
  // A host without IPv6 answers such a listing with IPv4's, or with an error.
  if (want.routes6 || want.rules6) {
    script.push('if [ -d /proc/sys/net/ipv6 ]; then');
    if (want.routes6) script.push(`section routes6 ${ip('-6 ', 'route', 'show', 'table', 'all')}`);
    if (want.rules6) script.push(`section rules6 ${ip('-6 ', 'rule', 'show')}`);
    script.push('fi');
  }
  if (want.neighbours) {
    script.push('section neighbours ip $N -o neighbour show nud permanent nud noarp');
    script.push('section proxies ip $N -o neighbour show proxy');
    // An old `ip` can't list proxy entries, nor an old kernel (before 3.4): this file has those of IPv4.
    script.push(`if [ -z "$N" ]; then section arp grep -s ' 0xc ' /proc/net/arp; fi`);
  }
  if (want.bridgeVlans) script.push(VLANS_SCRIPT);
  if (want.fdb) script.push(FDB_SCRIPT);
  want.directories.forEach((path, index) => {
    script.push(`listing ${quote(path)} directory:${index}`);
  });
  if (want.files.length > 0) {
    script.push(`section modes ls -ldL ${want.files.map(quote).join(' ')}`);
    want.files.forEach((path, index) => {
      script.push(`if [ -e ${quote(path)} ]; then section file:${index} cat ${quote(path)}; fi`);
    });
  }
  if (want.ethtool.length > 0) script.push(ethtoolScript(want.ethtool));
  if (want.boot) script.push(BOOT_SCRIPT);
  if (want.openvz) script.push(OPENVZ_SCRIPT);
  if (want.ovs) script.push(ovsScript(want.flows));
  if (want.containers) script.push(CONTAINERS_SCRIPT);
  if (want.linkKinds.length > 0) script.push(linkKindsScript(want.linkKinds));
  if (want.tc.length > 0) script.push(tcScript(want.tc));
  script.push(END_SECTIONS);
  return `${script.join('\n')}\n`;
}

/** A sysctl of one line that every kernel has. */
export const SEPARATOR = 'kernel/ostype';

/** One grep over every file that holds lines: its answer names the file on each line. */
function fileLines(want: Wanted): string {
  const directories = [ETC_DIRECTORY, ...VENDOR_DIRECTORIES].join(' ');
  const bases = Object.values(NAME_FILES).join(' ');
  const patterns = [...want.sysctls.filter(isPattern), ...(want.addresses ? DEVICE_SYSCTLS : [])];
  const named = want.sysctls.filter((path) => !isPattern(path));
  const file = (path: string): string => `/proc/sys/${path.split('*').map(quote).join('*')}`;
  // A file that a pattern covers must not be read twice: its lines would be joined.
  const alone = named.filter((path) => !patterns.some((pattern) => covers(pattern, path)));
  const lines = [
    `printf '\\n%s unread\\n' "$T"`,
    ['set --', ...named.map(file)].join(' '),
    'for f do',
    `  if [ ! -f "$f" ]; then printf 'missing %s\\n' "$f"`,
    `  elif [ ! -r "$f" ]; then printf 'denied %s\\n' "$f"; fi`,
    'done',
    ['set --', ...alone.map(file)].join(' '),
    `printf '\\n%s names\\n' "$T"`,
    `for d in ${directories}; do`,
    '  [ -d $d ] || continue',
    `  for b in ${bases}; do`,
    '    for f in $d/$b $d/$b.d/*.conf; do',
    `      if [ -f "$f" ]; then set -- "$@" "$f"; printf '%s\\n' "$f"; fi`,
    '    done',
    '  done',
    'done',
  ];
  // An old `ip` does not tell what a port has.
  if (want.links) lines.push(`if [ -z "$N" ]; then set -- "$@" ${SYSFS_NET}*/brport/*; fi`);
  const globs = want.links ? SYSFS_FILES.map((file) => `${SYSFS_NET}*/${file}`) : [];
  // Between two patterns stands a file of one line, so that one that both stand for does not seem to be read once.
  globs.push(...[...new Set(patterns.map(file))].flatMap((glob) => [file(SEPARATOR), glob]));
  lines.push(`section lines grep -s '' /dev/null "$@" ${globs.join(' ')}`);
  return lines.join('\n');
}

function isPattern(path: string): boolean {
  return path.includes('*');
}

/** Whether a path is one of those that the pattern stands for: `*` is any one word. */
function covers(pattern: string, path: string): boolean {
  const [parts, words] = [pattern.split('/'), path.split('/')];
  return parts.length === words.length && parts.every((part, at) => part === '*' || part === words[at]);
}
