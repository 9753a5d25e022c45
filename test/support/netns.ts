/** Private network namespaces for tests: nothing of the machine's own network is seen or changed. */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ExecResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Netns {
  /** The process that holds the namespaces; `nsenter -t PID -n -m` enters them. */
  readonly pid: number;
  /** Runs an argument list, or a script with `sh`, inside, and waits for its end. Never throws for a non-zero code. */
  exec(command: string | readonly string[], stdin?: string): ExecResult;
  /** As `exec`, but throws where the command fails, with its words; returns its standard output. */
  must(command: string | readonly string[], stdin?: string): string;
  /** Ends the holder; the kernel then removes all of the namespace's devices. May be called twice. */
  close(): void;
}

/** What a session gives its scripts: no locale, no start-up files, sbin in the path. */
export const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: '/root' };

/**
 * Takes away the proxy entries that belong to every device: they outlive their namespace and turn up in a later
 * one (Linux 6.18), so whoever made some does this before the namespace ends.
 */
export const DROP_WIDE_PROXIES =
  "for a in $(ip neigh show proxy | sed -n 's/^\\([^ ]*\\) proxy.*/\\1/p'); do ip neigh del proxy $a; done";

/**
 * Prepares namespaces that are new, and says `ready`. /sys is mounted anew since it shows the devices of the
 * namespace that mounted it; /etc is an overlay, so that a test may write to it.
 */
export const PREPARE = `set -e
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
umount -l /mnt
ip link set dev lo up
${DROP_WIDE_PROXIES}
echo ready`;

/** Ends when the test's process does, however it dies. */
const HOLDER = `${PREPARE}
exec cat`;

/** Makes a network and a mount namespace with only `lo`, which is up. Needs root. */
export async function createNetns(): Promise<Netns> {
  const holder = spawn('unshare', ['-n', '-m', '--propagation', 'private', 'sh', '-c', HOLDER], {
    env: ENV,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = holder;
  if (pid === undefined) throw new Error('unshare could not be started');
  let errors = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let ready = false;
  for await (const line of createInterface({ input: holder.stdout })) {
    ready = line === 'ready';
    break;
  }
  if (!ready) throw new Error(`no private namespace (root is needed): ${errors.trim()}`);
  holder.unref();

  const exec = (command: string | readonly string[], stdin = ''): ExecResult => {
    const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
    const result = spawnSync('nsenter', ['-t', String(pid), '-n', '-m', '--', ...argv], {
      env: ENV,
      input: stdin,
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 256 * 1024 * 1024,
    });
    if (result.error !== undefined) throw result.error;
    return { code: result.status ?? 128, stdout: result.stdout, stderr: result.stderr };
  };
  return {
    pid,
    exec,
    must(command, stdin) {
      const result = exec(command, stdin);
      if (result.code !== 0)
        throw new Error(
          `${String(command)}\n${result.stderr.trim() || result.stdout.trim()} (rc ${result.code})`,
        );
      return result.stdout;
    },
    close() {
      holder.stdin.destroy();
      holder.stdout.destroy();
      holder.stderr.destroy();
      holder.kill();
    },
  };
}
