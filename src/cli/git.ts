import { execFile } from 'node:child_process';
import { dirname } from 'node:path';

/** The commit that a file's folder is at, or null where there is no git or no repository. */
export function gitCommit(file: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('git', ['-C', dirname(file), 'rev-parse', 'HEAD'], (error, stdout) =>
      resolve(error === null ? stdout.trim() : null),
    );
  });
}
