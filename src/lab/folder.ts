/** Fills a lab's folder with all that its scripts need, so that starting it is a handful of commands. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { hostsFile, SSHD_CONFIG } from './access.js';
import type { LabFile, Layout, Node } from './layout.js';
import { runCommand } from './run.js';
import { fstab, hostBatch, INIT_SCRIPT, startScript } from './scripts.js';

export interface FolderOptions {
  dir: string;
  layout: Layout;
  sshd: string;
}

/** Folders of the machine that are file systems of their own, which an overlay of `/` would show empty. */
export function extraFileSystems(mountinfo: string): string[] {
  const found = mountinfo.split('\n').flatMap((line) => {
    // Fields as in proc_pid_mountinfo(5): the fifth is the mount point, the type follows the lone dash.
    const [before = '', after = ''] = line.split(' - ');
    const at = before.split(' ')[4] ?? '';
    const type = after.split(' ')[0] ?? '';
    const ours = /^\/(usr|etc|var|opt|home|srv|bin|sbin|lib|lib64)(\/[\w.-]+)?$/.test(at);
    return ours && /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|erofs|squashfs)$/.test(type) ? [at] : [];
  });
  return [...new Set(found)].sort();
}

/** The path with the links of its folders followed: a copy of a tree can't go through links. */
function followed(path: string): string {
  const folder = dirname(path);
  if (folder === '/') return path;
  return join(existsSync(folder) ? realpathSync(folder) : followed(folder), basename(path));
}

function lay(root: string, file: LabFile): void {
  const to = join(root, followed(file.path));
  mkdirSync(dirname(to), { recursive: true });
  if (file.source === undefined) writeFileSync(to, file.content ?? '', { mode: file.mode });
  else copySource(resolve(file.source), to);
  chmodSync(to, file.mode);
}

function copySource(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (cause) {
    throw new NetplayError('lab', `can't copy ${from} into the lab: ${(cause as Error).message}`, { cause });
  }
}

async function makeKeys(dir: string): Promise<void> {
  const made = await Promise.all(
    ['id_ed25519', 'ssh_host_ed25519_key'].map((name) =>
      runCommand(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'netplay lab', '-f', join(dir, name)]),
    ),
  );
  const failed = made.find(({ code }) => code !== 0);
  if (failed) throw new NetplayError('lab', `ssh-keygen failed: ${failed.stderr.trim()}`);
}

/** Without PAM, sshd refuses an account whose password is locked by `!`, its keys too. */
function unlockedShadow(): LabFile[] {
  if (!existsSync('/etc/shadow')) return [];
  const shadow = readFileSync('/etc/shadow', 'utf8');
  if (!/^root:!/m.test(shadow)) return [];
  return [{ path: '/etc/shadow', content: shadow.replace(/^root:!+[^:]*/m, 'root:*'), mode: 0o600 }];
}

function systemFiles(dir: string, layout: Layout, node: Node, sshd: string): LabFile[] {
  const files: LabFile[] = [
    { path: '/run/netplay-lab/start', content: startScript(node, sshd), mode: 0o700 },
    { path: '/etc/hostname', content: `${node.name}\n`, mode: 0o644 },
    { path: '/etc/hosts', content: hostsFile(layout, node.name), mode: 0o644 },
    { path: '/etc/resolv.conf', content: '', mode: 0o644 },
  ];
  if (node.sshAddress === null) return files;
  return [
    ...files,
    ...unlockedShadow(),
    { path: '/etc/ssh/sshd_config', content: SSHD_CONFIG, mode: 0o600 },
    { path: '/etc/ssh/ssh_host_ed25519_key', source: join(dir, 'ssh_host_ed25519_key'), mode: 0o600 },
    { path: '/root/.ssh/authorized_keys', source: join(dir, 'id_ed25519.pub'), mode: 0o600 },
  ];
}

function prepareHost({ dir, layout, sshd }: FolderOptions, node: Node, extras: string[]): void {
  const folder = join(dir, 'hosts', node.name);
  mkdirSync(join(folder, 'top'), { recursive: true });
  writeFileSync(join(folder, 'fstab'), fstab(join(folder, 'top'), extras));
  writeFileSync(join(folder, 'batch'), hostBatch(node));
  // The lab file's own come last: they may replace any of the system's.
  for (const file of [...systemFiles(dir, layout, node, sshd), ...node.files])
    lay(join(folder, 'files'), file);
  chmodSync(join(folder, 'files'), 0o755);
}

/** @throws NetplayError `lab` where a key can't be made or a `source` can't be read */
export async function fillFolder(options: FolderOptions): Promise<void> {
  const { dir, layout } = options;
  await makeKeys(dir);
  const extras = extraFileSystems(readFileSync('/proc/self/mountinfo', 'utf8'));
  writeFileSync(join(dir, 'init'), INIT_SCRIPT);
  writeFileSync(join(dir, 'extras'), extras.map((_, index) => `${index}\n`).join(''));
  for (const node of layout.hosts) prepareHost(options, node, extras);
  mkdirSync(join(dir, 'hosts', 'controller'));
  writeFileSync(join(dir, 'hosts', 'controller', 'batch'), hostBatch(layout.controller));
}
