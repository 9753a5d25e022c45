/** Ansible as the judge of facts: see fact-judge.py. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FactHost } from './fact-hosts.js';

/** Debian's, which ansible-core is installed for. */
const PYTHON = '/usr/bin/python3';

export interface Questions {
  roots?: readonly string[];
  subsets?: readonly (readonly string[])[];
  filters?: readonly (readonly [names: readonly string[], patterns: readonly string[]])[];
  inis?: readonly string[];
}

export interface Answers {
  facts: Readonly<Record<string, unknown>>[];
  /** Null where Ansible refuses. */
  subsets: (string[] | null)[];
  filters: string[][];
  inis: (Readonly<Record<string, unknown>> | null)[];
}

/** @throws Error where ansible-core is missing, or fails */
export function askAnsible(questions: Questions): Answers {
  const asked = { roots: [], subsets: [], filters: [], inis: [], ...questions };
  // Elsewhere a folder of the current directory could be taken for one of Ansible's.
  const result = spawnSync(PYTHON, [join(import.meta.dirname, 'fact-judge.py')], {
    cwd: '/',
    input: JSON.stringify(asked),
    encoding: 'utf8',
  });
  if (result.status !== 0)
    throw new Error(`this test needs Ansible as its judge: apt-get install ansible-core\n${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** What the script may run; BusyBox finds its own without such links only where /proc is. */
const APPLETS = [
  ...['cat', 'date', 'grep', 'head', 'id', 'ip', 'ls', 'sed', 'sh', 'stat', 'tail', 'timeout', 'tr', 'uname'],
];

/** A copy of BusyBox beside the folders that `makeRoot` makes. */
export function copyBusybox(folder: string): string {
  const path = join(folder, 'busybox');
  copyFileSync('/usr/bin/busybox', path);
  return path;
}

/** Makes a folder of a host's files that `chroot` enters, with BusyBox and nothing else to run. */
export function makeRoot(
  folder: string,
  busybox: string,
  { files, exists = [], links = {} }: FactHost,
): void {
  const at = (path: string): string => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    return join(folder, path);
  };
  for (const path of exists)
    if (path.endsWith('/')) mkdirSync(at(`${path}x`).slice(0, -2), { recursive: true });
    else writeFileSync(at(path), '', { mode: 0o755 });
  for (const [path, text] of Object.entries(files)) writeFileSync(at(path), text);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, at(path));
  linkSync(busybox, at('/bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', at(`/bin/${applet}`));
  spawnSync('mknod', [at('/dev/null'), 'c', '1', '3']);
}
