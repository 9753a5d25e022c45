/**
 * The whole state of a lab host as text that is compared byte for byte, and what a run has left behind on it.
 * All is read from outside with the machine's own tools: a host whose tools are missing, slow or hung, or
 * whose disks are full, is read as well as any other.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../src/lab/index.js';
import { runCommand } from '../../src/lab/run.js';

/** Read in the host's network namespace. A tool that fails says so in the text: both sides then differ by it. */
const NETWORK_SCRIPT = `
exec 2>&1
section() { echo "== $*"; "$@" || echo "exit code $?"; }
section ip -N -d -o link show
section ip -N -d -o address show
for family in 4 6; do
  section ip -N -d -$family rule show
  section ip -N -d -$family route show table all
  section ip -N -$family neighbour show nud permanent
  section ip -N -$family neighbour show proxy
done
section bridge -d link show
section bridge -d vlan show
section bridge fdb show
section tc -N qdisc show
for device in $(sed -n 's/^ *\\(.*\\):.*/\\1/p' /proc/net/dev | sort); do
  section tc -N class show dev "$device"
  for parent in root ingress; do section tc -N filter show dev "$device" $parent; done
done
echo '== sysctls'
grep -rs '' /proc/sys/net
`;

/** What the kernel counts or settles by itself, in no hand's way. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  // A device that was taken away and made anew has another index; the other end of a cable is the fabric's.
  [/^\d+: /gm, ''],
  [/@if\d+|@NONE/g, ''],
  [/ link-netnsid \d+/g, ''],
  [/(valid|preferred)_lft \d+sec/g, '$1_lft'],
  [/ expires \d+sec/g, ''],
  [/_timer +[\d.]+/g, '_timer'],
  [/ (tentative|optimistic|deprecated)\b/g, ''],
  // Which addresses a bridge has learnt; those that were set are `permanent` or `static`.
  [/^[0-9a-f:]{17} dev (?!.*(permanent|static)).*\n/gm, ''],
];

/** Sysctls that hold counts, or whose reading makes them. */
const VOLATILE_SYSCTLS =
  /^\/proc\/sys\/net\/(netfilter\/nf_conntrack_count|ipv6\/conf\/[^:]*\/stable_secret)/;

/** Read below the root of the host. What names the host itself, by which otherwise equal hosts differ, is not opened. */
const FILES_SCRIPT = `
cd "$1" || exit
find etc -printf '%p %y %m %U:%G %l\\n' | sort
find etc -type f ! -path etc/hostname ! -path etc/hosts -print0 | sort -z | xargs -0 sha256sum`;

/**
 * All that a run could change on a host: links, addresses, rules, routes, bridges, queues, every sysctl of the
 * network, and each file below /etc with mode, owner and content.
 */
export async function wholeState(lab: Lab, host: string): Promise<string> {
  const pid = lab.hostPid(host);
  const env = { PATH: process.env.PATH, LC_ALL: 'C' };
  const inNetwork = ['nsenter', `--net=/proc/${pid}/ns/net`, 'sh', '-c', NETWORK_SCRIPT];
  const network = await runCommand(inNetwork, { env });
  const files = await runCommand(['sh', '-c', FILES_SCRIPT, 'sh', `/proc/${pid}/root`], { env });
  const steady = VOLATILE.reduce((text, [pattern, by]) => text.replaceAll(pattern, by), network.stdout);
  return `${inOrder(steady)}\n== files\n${files.stdout}${files.stderr}`;
}

/** The kernel keeps no order of its own routes, groups and sysctls that anybody could have set. */
function inOrder(text: string): string {
  const [network = '', sysctls = ''] = text.split('== sysctls\n');
  const lines = network.split('\n');
  const isKernels = (line: string): boolean =>
    /^\S* ?[0-9a-f:]+(\/\d+)? dev .*proto 2/.test(line) || / self permanent$/.test(line);
  const own = lines.filter(isKernels).sort();
  const kept = sysctls.split('\n').filter((line) => !VOLATILE_SYSCTLS.test(line));
  return [
    ...lines.filter((line) => !isKernels(line)),
    "== the kernel's routes and groups",
    ...own,
    '== sysctls',
    ...kept.sort(),
  ].join('\n');
}

/**
 * The state with the host's own number taken out, so that hosts that differ by it alone can be compared:
 * addresses `10.x.0.NN` and `2001:db8:x::NN`, MACs `52:54:00:00:0x:NN`.
 * @param number of two digits
 */
export function withoutNumber(state: string, number: number): string {
  return (
    state
      .replaceAll(new RegExp(`(10\\.\\d\\.\\d)\\.${number}\\b`, 'g'), '$1.NN')
      .replaceAll(new RegExp(`(2001:db8:\\d)::${number}\\b`, 'g'), '$1::NN')
      .replaceAll(
        new RegExp(`((?:52:54:00:00|02:00:00:00|33:33:ff:00):0[0-9a-f]):${number}\\b`, 'g'),
        '$1:NN',
      )
      // Bridges are told by their MAC without leading zeroes: `8000.52:54:0:0:1:11`.
      .replaceAll(new RegExp(`(\\.[0-9a-f]+(?::[0-9a-f]+){4}):${number}\\b`, 'g'), '$1:NN')
      .replaceAll(new RegExp(`\\bfe00:([0-9a-f])${number}\\b`, 'g'), 'fe00:$1NN')
  );
}

/** Lines that only one of two states has: `- ` before, `+ ` after. The order is told where nothing else differs. */
export function stateDiff(before: string, after: string): string[] {
  if (before === after) return [];
  const [old, now] = [before.split('\n'), after.split('\n')];
  const [olds, nows] = [new Set(old), new Set(now)];
  const found = [
    ...old.filter((line) => !nows.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !olds.has(line)).map((line) => `+ ${line}`),
  ];
  if (found.length > 0) return found;
  const at = old.findIndex((line, index) => line !== now[index]);
  return [`the same lines in another order or number, from: - ${old[at]} + ${now[at]}`];
}

export interface Process {
  /** Its id on the machine, and its parent's. */
  pid: number;
  parent: number;
  /** Its arguments, joined by blanks. */
  command: string;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Field 4 of /proc/PID/stat; the name in field 2 may hold blanks. */
function parentOf(pid: number): number {
  const stat = readText(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Every living process in the host, its first included. */
export function processesOf(lab: Lab, host: string): Process[] {
  const namespace = linkOf(`/proc/${lab.hostPid(host)}/ns/pid`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && linkOf(`/proc/${name}/ns/pid`) === namespace)
    .map((name) => ({
      pid: Number(name),
      parent: parentOf(Number(name)),
      command: readText(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim(),
    }))
    .filter(({ command }) => command !== '');
}

/** sshd writes into its title how many connections are in their start. */
function steadyTitle({ command }: Process): string {
  return command.replace(/ \d+ of [\d-]+ startups$/, '');
}

/** What the host runs by itself; take it before anything is done to it. */
export function baselineOf(lab: Lab, host: string): Set<string> {
  return new Set(processesOf(lab, host).map(steadyTitle));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}

/**
 * What is left of a run: processes that the host did not have before, files of a transaction, temporary files.
 * The journal in /var/lib/netplay and the empty folder /run/netplay may stay.
 * @param sessions whether sshd's own processes count, with the idle shell of each: a connection that was cut
 * lives on for sshd until its keepalive, or TCP's, finds out
 */
export function straysOf(
  lab: Lab,
  host: string,
  baseline: ReadonlySet<string>,
  sessions: 'count' | 'ignore' = 'count',
): string[] {
  const all = processesOf(lab, host);
  const served = new Set(all.filter(({ command }) => command.startsWith('sshd: ')).map(({ pid }) => pid));
  const isSession = ({ pid, parent, command }: Process): boolean =>
    served.has(pid) || (served.has(parent) && /^\/bin\/sh$/.test(command));
  const processes = all.filter(
    (process) => !baseline.has(steadyTitle(process)) && (sessions === 'count' || !isSession(process)),
  );
  const root = `/proc/${lab.hostPid(host)}/root`;
  const left = [
    ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...namesIn(join(root, '/run/netplay')).map((name) => `file /run/netplay/${name}`),
  ];
  // Folders of many files are looked through only once nothing else is left: this is asked again and again.
  if (left.length > 0) return left;
  const temporary = ['/etc', '/tmp', '/var/lib/netplay', '/var/tmp', '/root'].flatMap((folder) =>
    namesIn(join(root, folder))
      .filter(
        (name) =>
          /\.netplay-new$|\.tmp$/.test(name) || (/netplay/.test(name) && /^\/(tmp|root)/.test(folder)),
      )
      .map((name) => `file ${folder}/${name}`),
  );
  return temporary;
}
