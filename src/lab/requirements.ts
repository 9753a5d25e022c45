/** What the machine must have for a lab, and how to get what it lacks. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NetplayError, throwAll } from '../shared/errors.js';

const PACKAGES = {
  ip: 'iproute2',
  sshd: 'openssh-server',
  'ssh-keygen': 'openssh-client',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setsid: 'util-linux',
  pivot_root: 'util-linux',
  mount: 'mount',
} as const;

/** The commands' search path: the user's, and the system folders that a user's often lacks. */
export function searchPath(): string {
  return [process.env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']
    .filter((part) => part !== undefined && part !== '')
    .join(delimiter);
}

function find(command: string): string | undefined {
  return searchPath()
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return path.startsWith('/');
      } catch {
        return false;
      }
    });
}

export function requireRoot(): void {
  if (process.geteuid?.() !== 0)
    throw new NetplayError('lab', 'a lab needs root', { hint: 'run it with sudo' });
}

/**
 * Finds what a lab is made with.
 * @returns absolute path of sshd, which insists on being called by it
 * @throws NetplayError or NetplayErrors `lab`: not root, or commands that are missing with their packages
 */
export function requireTools(): { sshd: string } {
  requireRoot();
  const missing = Object.entries(PACKAGES).filter(([command]) => find(command) === undefined);
  throwAll(
    missing.map(
      ([command, name]) =>
        new NetplayError('lab', `${command} is missing`, { hint: `apt-get install ${name}` }),
    ),
  );
  return { sshd: find('sshd') ?? '' };
}

const KERNEL_HINTS: readonly (readonly [RegExp, string])[] = [
  [/unshare.*Operation not permitted/, 'the machine must be real, virtual, or a privileged container'],
  [/overlay|unknown filesystem type/, 'the kernel needs overlay: modprobe overlay'],
  [
    /Unknown device type|Operation not supported/,
    'the kernel needs veth and bridge: modprobe -a veth bridge',
  ],
];

/** What to do about a start that failed in the kernel, where that can be told from what was said. */
export function kernelHint(said: string): string | undefined {
  return KERNEL_HINTS.find(([pattern]) => pattern.test(said))?.[1];
}
