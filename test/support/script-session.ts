/** A session over any shell on this machine, with the tools of one folder alone: for hosts that have less than this one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { frameInput } from '../../src/transport/framing.js';
import type { FrameResult, Session } from '../../src/transport/session.js';

/** @param shell the shell and its arguments; it reads scripts from its standard input */
export function scriptSession(shell: readonly string[], env: Readonly<Record<string, string>>): Session {
  let frames = 0;
  const [program = 'sh', ...args] = shell;
  return {
    get frames() {
      return frames;
    },
    async run(script): Promise<FrameResult> {
      frames += 1;
      const input = `umask 022\n${frameInput(script, `t${frames}`)}`;
      const { stdout, stderr, error } = spawnSync(program, args, {
        input,
        env: { HOME: '/root', LC_ALL: 'C', ...env },
      });
      if (error !== undefined) throw error;
      const body = (stream: Buffer): string => stream.toString('utf8').replace(`NPt${frames}b\n`, '');
      const [, text = '', code] = new RegExp(`^([\\s\\S]*)NPt${frames}e:(\\d+)\\n$`).exec(body(stdout)) ?? [];
      const words = body(stderr).replace(new RegExp(`NPt${frames}e:0\\n$`), '');
      return { code: Number(code), stdout: text, stderr: words, ms: 0 };
    },
    close: () => Promise.resolve(),
  };
}

/** The tools that actions need, and nothing else, as links in a folder. @returns the folder */
export function toolFolder(folder: string, tools: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  for (const tool of tools) {
    const path = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((bin) => join(bin, tool)).find(existsSync);
    if (path !== undefined) symlinkSync(path, join(folder, tool));
  }
  return folder;
}

/** All of BusyBox's tools as links in a folder. @returns the folder */
export function busyboxFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  spawnSync('/usr/bin/busybox', ['--install', '-s', folder]);
  return folder;
}
