/** Steps as POSIX sh text. */
import type { Step } from '../shared/change.js';
import { commandLine, quote } from '../shared/shell.js';
import { batchable, type WriteStep } from './parts.js';

/** A step as the command line that a person would type for it. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'ip':
      return commandLine(['ip', ...(step.family === 6 ? ['-6'] : []), ...step.args]);
    case 'run':
      return commandLine(step.argv);
    case 'sysctl':
      return `echo ${quote(step.value)} > ${quote(`/proc/sys/${step.path}`)}`;
    case 'write':
      return `write ${quote(step.path)}`;
    case 'remove':
      return commandLine(['rm', '-f', step.path]);
  }
}

/**
 * Steps of one part as one command, whose exit code tells whether it worked. A batch comes by a pipe: for a
 * here-document some shells need room in /tmp.
 * @param force go on after a line that fails, as an undo has to
 */
export function partScript(steps: readonly Step[], force = false): string {
  const [first] = steps;
  if (first === undefined) return ':';
  if (batchable(first) && steps.length > 1) {
    const lines = steps.map((step) => (step.kind === 'ip' ? step.args.join(' ') : ''));
    const flags = `${familyFlag(first.family)}${force ? ' -force' : ''}`;
    return `printf '%s\\n' ${quote(lines.join('\n'))} | ip${flags} -batch -`;
  }
  switch (first.kind) {
    case 'ip':
      return `ip${familyFlag(first.family)} ${commandLine(first.args)}`;
    case 'run':
      return commandLine(first.argv);
    case 'sysctl':
      return `printf '%s\\n' ${quote(first.value)} > ${quote(`/proc/sys/${first.path}`)}`;
    case 'write':
      return writeScript(first);
    case 'remove':
      return `rm -f ${quote(first.path)} ${quote(`${first.path}${NEW}`)}`;
  }
}

function familyFlag(family: 4 | 6 | undefined): string {
  return family === undefined ? '' : ` -${family}`;
}

function writeScript({ path, content, mode = '644' }: WriteStep): string {
  return `replace_file ${quote(path)} ${quote(content)} ${quote(mode)}`;
}

/** What a file is called until it is whole: the same each time, so that whoever finishes for another leaves none. */
const NEW = '.netplay-new';

/**
 * A file is replaced by rename, so that a reader sees the old or the new one and never a half, after a loss
 * of power too; a link is followed, and what is there keeps its owner, mode and, by restorecon where there
 * is one, its label.
 */
export const REPLACE_FILE = `umask 022
replace_file() {
  f=$1
  if [ -L "$f" ]; then f=$(readlink -f "$f") || return 1; fi
  t=$f.netplay-new
  if [ -e "$f" ]; then cp -p "$f" "$t"; elif [ "$3" != 644 ]; then (umask 077; : > "$t") && chmod "$3" "$t"; fi &&
  printf '%s' "$2" > "$t" && { sync "$t" 2>/dev/null || sync; } && mv -f "$t" "$f" || { rm -f "$t"; return 1; }
  if command -v restorecon >/dev/null 2>&1; then restorecon "$f" 2>/dev/null; fi
  return 0
}
`;
