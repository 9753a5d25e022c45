/** What tests on virtual machines share: the machine's whole state, what a run left on it, and runs that are cut off. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HostPhase, HostStatus, NetplayEvent } from '../../src/shared/events.js';
import { ROOT, STATE_FOLDER } from './cli.js';
import type { Vm } from './vm.js';

/** What the kernel and systemd keep changing by themselves is left out, and taken out of the text below. */
const NETWORK = `ip -d -o link show; ip -o address show
for family in 4 6; do ip -N -$family rule show; ip -N -$family route show table all; done
bridge -d link show
grep -rs '' /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward | sort`;
const FILES = `find /etc -xdev ! -type d ! -name '*.netplay-new' -exec stat -c '%A %U %n' {} + | sort
find /etc -xdev -type f ! -name '*.netplay-new' -exec sha256sum {} + | sort`;

export interface State {
  /** Links, addresses, rules, routes, bridges and interface sysctls. */
  network: string;
  /** Names, owners, modes and contents of all files that a boot reads. */
  files: string;
}

export async function stateOf(vm: Vm): Promise<State> {
  const [network = '', files = ''] = (await vm.must(`${NETWORK}\necho ====\n${FILES}`)).split('====\n');
  const steady = network
    .replaceAll(/(valid|preferred)_lft \d+sec/g, '$1_lft')
    .replaceAll(/_timer +[\d.]+/g, '_timer')
    .replaceAll(/ (tentative|optimistic)\b/g, '')
    // A device that was taken away and made anew has another number.
    .replaceAll(/^\d+: /gm, '');
  return { network: steady, files };
}

/**
 * What a run must not leave behind: files of a transaction, half-written files, processes, units. A lock's
 * folder and the journal may stay.
 * @returns a line each
 */
export async function straysOn(vm: Vm): Promise<string[]> {
  const found = await vm.must(`
    ls -A /run/netplay 2>/dev/null
    find /etc /var/lib/netplay /tmp /var/tmp -xdev -name '*.netplay-new'
    pgrep -af '[n]etplay/tx-' || :
    systemctl list-units --all --plain --no-legend 'netplay-*'`);
  return found.split('\n').filter((line) => line !== '');
}

export interface CutRun {
  code: number | null;
  /** What was said of the one host; undefined where the run was killed before. */
  status: HostStatus | undefined;
  /** Words of its error. */
  said: string;
}

export interface Cut {
  /** With whose begin `act` is called. */
  phase: HostPhase['phase'];
  act(kill: () => void): Promise<void>;
}

/** `netplay run ARGS`, and something that happens when the host enters a phase; waits for both. */
export async function cutRun(args: readonly string[], { phase, act }: Cut): Promise<CutRun> {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'netplay.js'), 'run', ...args, '--json'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_STATE_HOME: STATE_FOLDER, NO_COLOR: '1' },
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  let acted: Promise<void> | undefined;
  const run: CutRun = { code: null, status: undefined, said: '' };
  for await (const line of createInterface({ input: child.stdout })) {
    // The last line of a process that was killed may be half of one.
    if (!line.endsWith('}')) break;
    const event: NetplayEvent = JSON.parse(line);
    if (event.type === 'host_phase' && event.phase === phase) acted ??= act(() => child.kill('SIGKILL'));
    if (event.type === 'host_end') {
      run.status = event.status;
      run.said = event.error?.message ?? '';
    }
  }
  await acted;
  return { ...run, code: await closed };
}
