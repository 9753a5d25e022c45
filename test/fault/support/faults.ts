/** Things that break on a lab host, and how they are mended. All of it happens inside the lab. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../../src/lab/index.js';
import type { Folder } from '../../support/lab-runs.js';
import { processesOf } from '../../support/whole-state.js';
import type { HostKind } from './lab.js';

async function inside(lab: Lab, node: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(node, ['/bin/sh'], { input: script });
  if (code !== 0) throw new Error(`${node}: ${script}\nended with ${code}: ${stderr}`);
  return stdout;
}

/**
 * Drops or passes all packets of a NIC in both directions, at the switch. The host sees its carrier on and
 * hears no error: a port of a bridge that is `disabled` passes nothing.
 */
export async function cut(lab: Lab, host: string, nics: readonly string[] = ['eth0']): Promise<void> {
  for (const nic of nics) await inside(lab, 'fabric', `bridge link set dev ${lab.port(host, nic)} state 0`);
}

export async function mend(lab: Lab, host: string, nics: readonly string[] = ['eth0']): Promise<void> {
  for (const nic of nics) await inside(lab, 'fabric', `bridge link set dev ${lab.port(host, nic)} state 3`);
}

function send(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}

/** The host's processes whose command line fits. */
function pidsOf(lab: Lab, host: string, command: RegExp): number[] {
  return processesOf(lab, host)
    .filter((process) => command.test(process.command))
    .map(({ pid }) => pid);
}

/** The process that listens, and those that each serve a connection. */
const LISTENER = /sshd.*\[listener\]/;
const ANY_SSHD = /sshd/;

/** No new connection is taken; those that are there go on. */
export async function stopSshd(lab: Lab, host: string): Promise<void> {
  send(pidsOf(lab, host, LISTENER), 'SIGKILL');
}

export async function startSshd(lab: Lab, host: string): Promise<void> {
  if (pidsOf(lab, host, LISTENER).length === 0)
    await inside(lab, host, 'mkdir -p /run/sshd; /usr/sbin/sshd -E /var/log/sshd.log');
}

/** The kernel takes connections, and nobody answers: sshd is stopped, with all that serve a connection. */
export async function hangSshd(lab: Lab, host: string): Promise<void> {
  send(pidsOf(lab, host, ANY_SSHD), 'SIGSTOP');
}

export async function wakeSshd(lab: Lab, host: string): Promise<void> {
  send(pidsOf(lab, host, ANY_SSHD), 'SIGCONT');
}

/** Leaves no byte free in a file system; a file that is there can't grow, and no new one holds anything. */
export async function fill(lab: Lab, host: string, folder: string): Promise<void> {
  const script = `n=$(df -Pk ${folder} | awk 'NR == 2 { print $4 }')
  [ "$n" -lt 100000 ] || { echo "${folder} is too large to be filled" >&2; exit 1; }
  dd if=/dev/zero of=${folder}/filled bs=4k count=$((n / 4 + 8)) 2>/dev/null; [ "$(df -Pk ${folder} | awk 'NR == 2 { print $4 }')" -eq 0 ]`;
  await inside(lab, host, script);
}

export async function drain(lab: Lab, host: string, folder: string): Promise<void> {
  await inside(lab, host, `rm -f ${folder}/filled`);
}

export async function readOnly(lab: Lab, host: string, folder: string): Promise<void> {
  await inside(lab, host, `mount -o remount,ro ${folder}`);
}

export async function writable(lab: Lab, host: string, folder: string): Promise<void> {
  await inside(lab, host, `mount -o remount,rw ${folder}`);
}

/** For a lab file's `run`: small file systems of their own, so that they can be filled and made read-only. */
export const SMALL_DISKS = [
  'mkdir -p /var/lib/netplay && mount -t tmpfs -o size=4m,mode=700 tmpfs /var/lib/netplay',
  'cp -a /etc /tmp/etc && mount -t tmpfs -o size=48m,mode=755 tmpfs /etc && cp -a /tmp/etc/. /etc && rm -rf /tmp/etc',
  'mount -o remount,size=8m /run',
  'mount -o remount,size=8m /tmp',
];

/** The processes that wait to undo: detached, with a script of the transaction, and nobody's session. */
export function watchdogsOf(lab: Lab, host: string): number[] {
  return pidsOf(lab, host, /\/run\/netplay\/tx-/);
}

/** Resolves when the host has confirmed, and waits for its release. @throws Error where it never does */
export async function untilHeld(lab: Lab, host: string): Promise<void> {
  const base = `/proc/${lab.hostPid(host)}/root/run/netplay`;
  const isHeld = (): boolean =>
    existsSync(base) && readdirSync(base).some((name) => existsSync(join(base, name, 'held')));
  for (const end = performance.now() + 60_000; !isHeld(); await sleep(5))
    if (performance.now() > end) throw new Error(`${host} never waited for its release`);
}

/** Kills some of the watchdogs. */
export function killWatchdogs(lab: Lab, host: string, which: 'one' | 'all'): void {
  const pids = watchdogsOf(lab, host);
  send(which === 'one' ? pids.slice(0, 1) : pids, 'SIGKILL');
}

/** Busy loops that take the machine's cores away from everybody, for a bounded time. */
export async function load(lab: Lab, host: string, loops: number, seconds: number): Promise<void> {
  const one = `timeout ${seconds} sh -c 'while :; do :; done'`;
  await inside(
    lab,
    host,
    `n=0; while [ $((n += 1)) -le ${loops} ]; do ${one} >/dev/null 2>&1 </dev/null & done`,
  );
}

/** For a lab file's `run`: the host has no way to start a session of its own. */
export const WITHOUT_SETSID = ['rm -f /usr/bin/setsid /usr/bin/systemd-run'];

/** For a lab file's `run`: every tool that busybox knows is busybox's, `sh` too. iproute2 stays. */
const BUSYBOX_TOOLS = `for tool in $(busybox --list); do
  case $tool in ip|busybox|mount|umount|nologin|login|su) continue ;; esac
  for folder in /usr/bin /usr/sbin; do
    if [ -e $folder/$tool ] || [ -L $folder/$tool ]; then /usr/bin/busybox ln -sf /usr/bin/busybox $folder/$tool; fi
  done
done`;

/**
 * A host of busybox and iproute2 alone. Debian's busybox takes its own `ip` before any that stands in PATH, which
 * other distributions' does not: it is given another name here, of the same length.
 */
export function busybox(folder: Folder): HostKind {
  const binary = readFileSync('/usr/bin/busybox', 'latin1').replace('\0ip\0ipcalc\0', '\0io\0ipcalc\0');
  const source = join(folder.path, 'busybox');
  writeFileSync(source, binary, 'latin1');
  return {
    files: { '/usr/bin/busybox': { source, mode: '755' } },
    run: ['rm -f /usr/bin/systemd-run', BUSYBOX_TOOLS],
  };
}

/** For a lab file's `run`: a user who becomes root by sudo, for now without a password. */
export const SUDO_USER = [
  // Without PAM, sshd refuses an account whose password is locked by `!`.
  "useradd -m -s /bin/sh -p '*' ada",
  'mkdir -p ~ada/.ssh && cp /root/.ssh/authorized_keys ~ada/.ssh/ && chown -R ada: ~ada/.ssh && chmod 700 ~ada/.ssh',
  `printf 'ada ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/ada && chmod 440 /etc/sudoers.d/ada`,
];

/** From now on sudo wants to know the user's password; `never` takes it back. */
export async function sudoAsks(lab: Lab, host: string, asks: boolean): Promise<void> {
  const rule = `ada ALL=(ALL) ${asks ? '' : 'NOPASSWD: '}ALL`;
  await inside(lab, host, `echo '${rule}' >/etc/sudoers.d/ada`);
}
