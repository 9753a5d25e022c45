/** Programs that change a host's network by themselves: those that run are named where a change did not take. */
import type { Session } from '../transport/session.js';

/** By the name that the kernel keeps of a process: 15 characters of it. */
const RIVALS: Readonly<Record<string, string>> = {
  NetworkManager: 'NetworkManager',
  'systemd-network': 'systemd-networkd',
  dhclient: 'dhclient',
  dhcpcd: 'dhcpcd',
  udhcpc: 'udhcpc',
  connmand: 'ConnMan',
  zebra: 'FRR (zebra)',
  pbrd: 'FRR (pbrd)',
  bird: 'BIRD',
  keepalived: 'keepalived',
  wickedd: 'wicked',
};

const SCRIPT = `for f in /proc/[0-9]*/comm; do { read -r name <"$f" && echo "$name"; } 2>/dev/null; done`;

/** @returns a hint that names those that run on the host; a general one where it can't be asked, or none does */
export async function rivalsHint(session: Session): Promise<string> {
  const running = await session.run(SCRIPT).then(
    ({ stdout }) => new Set(stdout.split('\n')),
    () => new Set<string>(),
  );
  const named = Object.entries(RIVALS).flatMap(([comm, name]) => (running.has(comm) ? [name] : []));
  if (named.length === 0) return 'another program on the host may have changed it back';
  return `${named.join(' and ')} ${named.length === 1 ? 'runs' : 'run'} on this host and may have changed it back`;
}
