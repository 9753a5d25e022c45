/** The shell scripts and `ip -batch` inputs that start a lab. Text in, text out; `up.ts` runs them. */
import { commandLine, quote } from '../shared/shell.js';
import type { Layout, Nic, Node } from './layout.js';

/** Interface settings of IPv4 that a new namespace would take over from the machine, at the kernel's defaults. */
const IPV4_DEFAULTS = {
  accept_redirects: 1,
  arp_accept: 0,
  arp_announce: 0,
  arp_filter: 0,
  arp_ignore: 0,
  arp_notify: 0,
  forwarding: 0,
  log_martians: 0,
  proxy_arp: 0,
  rp_filter: 0,
  secure_redirects: 1,
  send_redirects: 1,
  shared_media: 1,
} as const;

/** Writes the caller's `PID START` to a file. Needs the machine's /proc, so that the pid is the machine's. */
const RECORD = `record() {
  read -r stat </proc/self/stat
  set -- "$1" $stat
  id="$2 \${23}"
  echo "$id" >"$1"
}`;

/**
 * The first process of each set of namespaces: `sh init DIR NAME KIND`. It records itself before all else,
 * and ends where it can't (the lab was taken down meanwhile). When the mounts are there it prints its id.
 * Killing it removes everything: nothing is pinned outside of it.
 */
export const INIT_SCRIPT = `${RECORD}
umask 022
exec 3>&1 >"$1/log/$2" 2>&1 </dev/null || exit
record "$1/pids/$2" || exit
dir=$1 name=$2 kind=$3
set -e
echo "$name" >/proc/sys/kernel/hostname
if [ "$kind" = host ]; then
  top=$dir/hosts/$name/top
  mount -t tmpfs -o mode=755 tmpfs "$top"
  mkdir "$top/upper" "$top/work" "$top/root"
  while read -r extra; do mkdir "$top/upper$extra" "$top/work$extra"; done <"$dir/extras"
  mount -a -T "$dir/hosts/$name/fstab"
  cd "$top/root"
  mkdir dev/net dev/pts dev/shm run/sshd
  umask 0
  set --
  for node in null zero full random urandom tty fd stdin stdout stderr; do
    if [ -e "/dev/$node" ]; then set -- "$@" "/dev/$node"; fi
  done
  cp -R "$@" dev
  mknod dev/net/tun c 10 200
  umask 022
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  cp -R --remove-destination "$dir/hosts/$name/files/." .
  pivot_root . .
  umount -l .
  cd /
else
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
fi
for scope in all default; do
  cd "/proc/sys/net/ipv4/conf/$scope"
${Object.entries(IPV4_DEFAULTS)
  .map(([key, value]) => `  echo ${value} >${key}`)
  .join('\n')}
  cd /proc/sys/net/ipv6/conf/$scope 2>/dev/null || continue
  echo 0 >accept_dad
  if [ "$kind" = fabric ]; then echo 1 >disable_ipv6; fi
done
cd /
set +e
echo "$name $id" >&3
exec 3>&-
sleep infinity &
while :; do wait; done
`;

/** Starts one set of namespaces for each line `NAME KIND` of its input; each reports on standard output. */
export const LAUNCH_SCRIPT = `${RECORD}
dir=$1
record "$dir/pids/.launch" || exit
while read -r name kind; do
  unshare --net --mount --uts --ipc --pid setsid --fork sh "$dir/init" "$dir" "$name" "$kind" </dev/null ||
    exit
done
`;

/**
 * How to run a command inside a lab's namespaces.
 * @param pid of the first process in there
 * @param folder to run it in; without one it is the root
 */
export function enterArgv(pid: number | string, folder?: string): string[] {
  const enter = ['nsenter', '--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid'];
  return folder === undefined
    ? enter
    : [...enter, 'sh', '-c', 'cd "$1" || exit; shift; exec "$@"', 'sh', folder];
}

/**
 * Configures what was launched, several at once, for each line `NAME PID` of its input, and prints
 * `NAME CODE` for each. Addresses and routes are set with the machine's own `ip`: a host may hide its.
 */
export const CONFIGURE_SCRIPT = `${RECORD}
dir=$1
record "$dir/pids/.launch" || exit
configure() {
  nsenter "--net=/proc/$2/ns/net" ip -batch "$dir/hosts/$1/batch" || return
  if [ "$1" = controller ]; then return; fi
  ${enterArgv('"$2"').join(' ')} sh /run/netplay-lab/start
}
running=0
while read -r name pid; do
  { configure "$name" "$pid" </dev/null >>"$dir/log/$name" 2>&1; echo "$name $?"; } &
  running=$((running + 1))
  if [ $((running % 16)) -eq 0 ]; then wait; fi
done
wait
`;

function cable(nic: Nic, node: Node, pid: number): string[] {
  return [
    `link add name ${nic.port} mtu ${nic.mtu} type veth peer name ${nic.name} address ${nic.mac} mtu ${nic.mtu} netns ${pid}`,
    `link set dev ${nic.port} alias ${node.name}:${nic.name} master ${nic.switch} up`,
  ];
}

/** Switches and cables, for `ip -batch` in the fabric's network namespace. */
export function fabricBatch(layout: Layout, pids: ReadonlyMap<string, number>): string {
  const lines = layout.switches.flatMap((name) => [
    `link add name ${name} type bridge stp_state 0 mcast_snooping 0`,
    `link set dev ${name} up`,
  ]);
  for (const node of [layout.controller, ...layout.hosts])
    for (const nic of node.nics) lines.push(...cable(nic, node, pids.get(node.name) ?? 0));
  return `${lines.join('\n')}\n`;
}

/** Addresses, links and routes of one host, for `ip -batch` in its network namespace. */
export function hostBatch(node: Node): string {
  const lines = ['link set dev lo up'];
  for (const nic of node.nics) {
    for (const address of nic.addresses) lines.push(`address add ${address} dev ${nic.name}`);
    if (nic.up) lines.push(`link set dev ${nic.name} up`);
  }
  for (const route of node.routes) lines.push(`route add ${route.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

/** sshd goes into the background before it listens, and writes this file once it does. */
const AWAIT_SSHD = `n=0
until [ -s /run/sshd.pid ]; do
  [ $((n += 1)) -le 500 ] || { echo "sshd did not start: $(tail -n 1 /var/log/sshd.log)" >&2; exit 1; }
  sleep 0.02
done`;

/** The last part of a host's start, run inside: sysctls, sshd, and the lab file's own lines. */
export function startScript(node: Node, sshd: string): string {
  const lines = ['set -e', 'cd /root'];
  for (const [path, value] of node.sysctls) lines.push(`echo ${quote(value)} >${quote(`/proc/sys/${path}`)}`);
  if (node.sshAddress !== null) lines.push(`${quote(sshd)} -E /var/log/sshd.log`, AWAIT_SSHD);
  for (const [index, line] of node.run.entries())
    lines.push(
      `${commandLine(['sh', '-c', line])} || { echo "run[${index}] ended with exit code $?" >&2; exit 1; }`,
    );
  return `${lines.join('\n')}\n`;
}

/** What `mount -a` lays over the machine's file system; `extras` are further file systems of the machine. */
export function fstab(top: string, extras: readonly string[]): string {
  const root = `${top}/root`;
  const overlay = (at: string, suffix: string): string =>
    `overlay ${root}${at} overlay lowerdir=${at === '' ? '/' : at},upperdir=${top}/upper${suffix},workdir=${top}/work${suffix} 0 0`;
  const lines = [
    overlay('', ''),
    ...extras.map((at, index) => overlay(at, String(index))),
    `proc ${root}/proc proc nosuid,nodev,noexec 0 0`,
    // The machine's other sysctls are nobody's own: only those of the network may be written.
    `${root}/proc/sys/net ${root}/proc/sys/net none bind 0 0`,
    `${root}/proc/sys ${root}/proc/sys none rbind,ro 0 0`,
    `sysfs ${root}/sys sysfs nosuid,nodev,noexec 0 0`,
    `tmpfs ${root}/dev tmpfs mode=755 0 0`,
    `tmpfs ${root}/run tmpfs mode=755 0 0`,
    `tmpfs ${root}/tmp tmpfs mode=1777 0 0`,
    `tmpfs ${root}/root tmpfs mode=700 0 0`,
  ];
  return `${lines.join('\n')}\n`;
}
