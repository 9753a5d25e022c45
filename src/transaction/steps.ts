/** Steps as POSIX sh text. */
import type { Step } from '../shared/change.js';
import { commandLine, quote } from '../shared/shell.js';
import { type BatchStep, batchable, type WriteStep } from './parts.js';

/** A step as the command line that a person would type for it. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'ip':
      return commandLine(['ip', ...(step.family === 6 ? ['-6'] : []), ...step.args]);
    case 'tc':
    case 'bridge':
      return commandLine([step.kind, ...step.args]);
    case 'ovs':
      return commandLine(['ovs-vsctl', ...step.args]);
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
 * here-document some shells need room in /tmp. A lone command of ip or tc is a batch as well, since any user of the
 * host may read the arguments of processes, and a parameter may be a secret; bridge knows `-batch` since 4.13 only.
 * @param force go on after a line that fails, as an undo has to
 */
export function partScript(steps: readonly Step[], force = false): string {
  const [first] = steps;
  if (first === undefined) return ':';
  const [head, ...others] = steps.filter(batchable);
  if (head !== undefined && (others.length > 0 || head.kind !== 'bridge')) {
    const lines = [head, ...others].map(({ args }) => args.join(' '));
    return `printf '%s\\n' ${quote(lines.join('\n'))} | ${tool(head)}${force ? ' -force' : ''} -batch -`;
  }
  switch (first.kind) {
    case 'ip':
    case 'tc':
      return loneScript(first);
    case 'bridge':
      return `${tool(first)} ${commandLine(first.args)}`;
    case 'ovs':
      return ovsScript(steps, force);
    case 'run':
      return commandLine(first.argv);
    case 'sysctl':
      return `printf '%s\\n' ${quote(first.value)} > ${quote(`/proc/sys/${first.path}`)}`;
    case 'write':
      return writeScript(first);
    case 'remove':
      return removeScript(first.path);
  }
}

/**
 * A lone command with a word that `-batch` splits in old versions, which know no quotes: those take the rest of the word for
 * another argument and refuse it before they do anything, and then it is given as arguments.
 */
function loneScript(step: BatchStep): string {
  const plain = commandOf(step);
  const words = step.args.map(quotedWord);
  if (words.includes(undefined)) return plain;
  return `printf '%s\\n' ${quote(words.join(' '))} | ${tool(step)} -batch - 2>/dev/null || ${plain}`;
}

/** As a batch of today's iproute2 reads it; undefined where it has no words for it, or old versions would take them otherwise. */
function quotedWord(word: string): string | undefined {
  if (word === '' || /[#\n\\]|^["']/.test(word)) return undefined;
  if (!/\s/.test(word)) return word;
  return ['"', "'"].map((mark) => (word.includes(mark) ? undefined : mark + word + mark)).find(Boolean);
}

/** A step as one command with its arguments, for a script that stays on the host, where a batch would be hard to read. */
export function commandOf(step: Step): string {
  return step.kind === 'ip' || step.kind === 'tc' || step.kind === 'bridge'
    ? `${tool(step)} ${commandLine(step.args)}`
    : partScript([step]);
}

/** The tool with its flag of family. */
function tool(step: BatchStep): string {
  return step.kind === 'ip' && step.family !== undefined ? `ip -${step.family}` : step.kind;
}

/** Seconds: without a daemon that answers ovs-vsctl would wait for ever. */
const OVS_TIMEOUT = 10;

/**
 * One transaction, all or nothing. An undo that the database refuses as a whole is tried command by command,
 * so that one thing which is gone already does not keep the others.
 */
function ovsScript(steps: readonly Step[], force: boolean): string {
  const commands = steps.flatMap((step) => (step.kind === 'ovs' ? [commandLine(step.args)] : []));
  const vsctl = `ovs-vsctl --timeout=${OVS_TIMEOUT} --`;
  const whole = `${vsctl} ${commands.join(' -- ')}`;
  if (!force || commands.length === 1) return whole;
  return `${whole} 2>/dev/null || { ${commands.map((command) => `${vsctl} ${command}`).join('; ')}; }`;
}

/** No argument holds a NUL, of which a file is full that was being written as the power went: printf makes it there. */
function writeScript({ path, content, mode = '644', parents }: WriteStep): string {
  const text = content.includes('\0')
    ? `${quote(content.replaceAll('\\', '\\\\').replaceAll('\0', '\\0000'))} ${quote(mode)} '${parents ? 'parents' : ''}' %b`
    : `${quote(content)} ${quote(mode)}${parents ? ' parents' : ''}`;
  return `replace_file ${quote(path)} ${text}`;
}

/** A folder of netplay's own goes with its last file. */
function removeScript(path: string): string {
  const remove = `rm -f ${quote(path)} ${quote(`${path}${NEW}`)}`;
  return path.startsWith(OWN_FOLDER) ? `{ ${remove} && { rmdir ${OWN_FOLDER} 2>/dev/null || :; }; }` : remove;
}

const OWN_FOLDER = '/etc/netplay/';

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
  if [ -n "\${4-}" ] && [ ! -d "\${f%/*}" ]; then mkdir -p "\${f%/*}" || return 1; fi
  if [ -e "$f" ]; then cp -p "$f" "$t"; elif [ "$3" != 644 ]; then (umask 077; : > "$t") && chmod "$3" "$t"; fi &&
  printf "\${5:-%s}" "$2" > "$t" && { sync "$t" 2>/dev/null || sync; } && mv -f "$t" "$f" || { rm -f "$t"; return 1; }
  if command -v restorecon >/dev/null 2>&1; then restorecon "$f" 2>/dev/null; fi
  return 0
}
`;
