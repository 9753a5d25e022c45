/** The real NetworkManager in a private namespace, with a D-Bus of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { createNetns, ENV, type Netns } from './netns.js';

/** Whether this machine has it. */
export const hasNetworkManager =
  spawnSync('sh', ['-c', 'command -v NetworkManager && command -v nmcli && command -v dbus-daemon'])
    .status === 0;

/** It takes veth devices for unmanaged unless told otherwise; those called `p…` are the other ends of cables. */
const CONF = `[main]
plugins=keyfile
dhcp=internal
dns=none
rc-manager=unmanaged
no-auto-default=eth1,eth2
[device-far]
match-device=interface-name:p*
managed=0
[device-near]
match-device=interface-name:eth*
managed=1
`;

/**
 * It asks udev of each device, which nobody runs here, unless /sys can't be written to as it begins. All of its
 * processes end with the first one of their namespace.
 */
const SCRIPT = `set -e
starts=0
: >/run/nm.log
dbus-daemon --system --nofork --nopidfile 2>/dev/null &
while [ ! -S /run/dbus/system_bus_socket ]; do sleep 0.1; done
echo ready
while read -r word; do
  case $word in
    start)
      mount -o remount,ro,bind /sys
      NetworkManager --debug >>/run/nm.log 2>&1 &
      pid=$!
      starts=$((starts + 1))
      while [ "$(grep -c 'acquired D-Bus' /run/nm.log)" -lt $starts ]; do sleep 0.01; done
      mount -o remount,rw,bind /sys
      nm-online -s -q -t 3 || true ;;
    stop)
      kill $pid
      wait $pid || true ;;
  esac
  echo done
done`;

const PREPARE = `set -e
mount -t tmpfs tmpfs /run
mkdir /run/dbus /run/var
mount --bind /run/var /var/lib/NetworkManager
cat > /etc/NetworkManager/NetworkManager.conf
rm -f /etc/NetworkManager/system-connections/*`;

export interface ManagedNetns extends Netns {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What it warned of since it was started first, those of what is not here left out. */
  warnings(): string[];
}

/** Makes a namespace in which it can be started. */
export async function createManagedNetns(): Promise<ManagedNetns> {
  const netns = await createNetns();
  netns.must(['sh', '-c', PREPARE], CONF);
  const holder = spawn(
    'nsenter',
    [
      '-t',
      String(netns.pid),
      '-n',
      '-m',
      '--',
      'unshare',
      '-p',
      '-f',
      '--mount-proc',
      '--kill-child',
      'sh',
      '-c',
      SCRIPT,
    ],
    { env: ENV, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: holder.stdout });
  await answer(lines);
  const order = async (word: string): Promise<void> => {
    holder.stdin.write(`${word}\n`);
    await answer(lines);
  };
  // NetworkManager looks at whoever talks to it, and sees those of its own namespace alone.
  const inner = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim();
  const enter = (command: string | readonly string[]): string[] => [
    ...['nsenter', '-t', inner, '-m', '-p', '--'],
    ...(typeof command === 'string' ? ['sh', '-c', command] : command),
  ];
  return {
    ...netns,
    exec: (command, stdin) => netns.exec(enter(command), stdin),
    must: (command, stdin) => netns.must(enter(command), stdin),
    start: () => order('start'),
    stop: () => order('stop'),
    warnings: () =>
      netns
        .exec("grep '^<warn>' /run/nm.log")
        .stdout.split('\n')
        .filter((line) => line !== '' && !/modem-manager|vlan_protocol|vlan_stats_enabled/.test(line)),
    close() {
      end(holder);
      netns.close();
    },
  };
}

function answer(lines: Interface): Promise<void> {
  return new Promise((resolve, reject) => {
    lines.once('line', () => resolve());
    lines.once('close', () => reject(new Error('NetworkManager did not start')));
  });
}

function end(holder: ChildProcess): void {
  holder.stdin?.destroy();
  holder.kill('SIGKILL');
}
