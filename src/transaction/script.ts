/** Turns steps into one POSIX sh script, and what the script said back into the step that failed. */
import type { Step } from '../shared/change.js';
import { commandLine, quote } from '../shared/shell.js';
import { batchable, type Part, partsOf, type Unit, type WriteStep } from './parts.js';

export type { Unit } from './parts.js';

/** A step that did not work, with the words of the tool or the kernel. */
export interface Failure {
  /** Index of the unit. */
  unit: number;
  /** The command line that failed, or all of a batch where the tool does not say which. */
  command: string;
  code: number;
  words: string;
}

const FAILED = 'netplay-failed';
/** Ends a batch; no line of one can be equal to it, since each begins with an object's name. */
const END_OF_BATCH = 'NETPLAY_BATCH';

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

function familyFlag(family: 4 | 6 | undefined): string {
  return family === undefined ? '' : ` -${family}`;
}

/** One part as shell text whose exit code tells whether it worked. */
function partScript(steps: readonly Step[]): string {
  const [first] = steps;
  if (first === undefined) return ':';
  if (batchable(first) && steps.length > 1) {
    const lines = steps.map((step) => (step.kind === 'ip' ? step.args.join(' ') : ''));
    return `ip${familyFlag(first.family)} -batch - <<'${END_OF_BATCH}'\n${lines.join('\n')}\n${END_OF_BATCH}`;
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
      return `rm -f ${quote(first.path)}`;
  }
}

function writeScript({ path, content, mode = '644' }: WriteStep): string {
  return `replace_file ${quote(path)} ${quote(content)} ${quote(mode)}`;
}

/**
 * A file is replaced by rename, so that a reader sees the old or the new one and never a half; a link
 * is followed, and what is there keeps its owner, mode and, by restorecon where there is one, its label.
 */
const REPLACE_FILE = `umask 022
replace_file() {
  f=$1
  if [ -L "$f" ]; then f=$(readlink -f "$f") || return 1; fi
  t=$f.netplay.$$
  if [ -e "$f" ]; then cp -p "$f" "$t"; elif [ "$3" != 644 ]; then (umask 077; : > "$t") && chmod "$3" "$t"; fi &&
  printf '%s' "$2" > "$t" && mv -f "$t" "$f" || { rm -f "$t"; return 1; }
  if command -v restorecon >/dev/null 2>&1; then restorecon "$f" 2>/dev/null; fi
  return 0
}
`;

/**
 * The script that makes the units' steps, in order. It ends with code 0 where all non-optional units worked.
 * A failure is one line on standard output; the words for it are on standard error before a line like it.
 */
export function applyScript(units: readonly Unit[]): string {
  const parts = partsOf(units);
  const usesFiles = parts.some((part) => part.steps[0]?.kind === 'write');
  const lines = parts.map((part, index) => {
    const report = [`failed ${index} $?`, ...part.owed.map(writeScript)].join('; ');
    const optional = units[part.unit]?.optional === true;
    if (!optional) return `${guarded(part, `${report}; exit 1`)}`;
    const guard = `u${part.unit}`;
    return `if [ -z "\${${guard}-}" ]; then\n${guarded(part, `${report}; ${guard}=1`)}\nfi`;
  });
  const report = `failed() { printf '${FAILED} %d %d\\n' "$1" "$2"; printf '${FAILED} %d\\n' "$1" >&2; }\n`;
  return `${usesFiles ? REPLACE_FILE : ''}${report}${lines.join('\n')}\n`;
}

function guarded(part: Part, otherwise: string): string {
  const script = partScript(part.steps);
  const [head = '', ...rest] = script.split('\n');
  // A here-document's body begins on the next line, so what follows the command must stand on its first.
  if (head.endsWith(`<<'${END_OF_BATCH}'`)) return [`${head} || { ${otherwise}; }`, ...rest].join('\n');
  return `${script} || { ${otherwise}; }`;
}

/**
 * Reads what `applyScript`'s script printed.
 * @returns every failure in order; none where all went well.
 */
export function readFailures(units: readonly Unit[], stdout: string, stderr: string): Failure[] {
  const parts = partsOf(units);
  const words = wordsByPart(stderr);
  const failures: Failure[] = [];
  for (const match of stdout.matchAll(new RegExp(`^${FAILED} (\\d+) (\\d+)$`, 'gm'))) {
    const index = Number(match[1]);
    const part = parts[index];
    if (part === undefined) continue;
    failures.push(locate(part, Number(match[2]), words.get(index) ?? ''));
  }
  return failures;
}

function wordsByPart(stderr: string): Map<number, string> {
  const words = new Map<number, string>();
  let lines: string[] = [];
  for (const line of stderr.split('\n')) {
    const match = new RegExp(`^${FAILED} (\\d+)$`).exec(line);
    if (match === null) lines.push(line);
    else {
      words.set(Number(match[1]), withoutShell(lines.join('\n').trim()));
      lines = [];
    }
  }
  return words;
}

/** `sh: 12: printf: printf: I/O error`: a shell names itself, its line and its builtin, which help nobody. */
function withoutShell(words: string): string {
  return words.replaceAll(/^\S*sh: (?:(?:line )?\d+: )?(?:printf: )*/gm, '');
}

/** `ip -batch` names the line that failed: `Command failed -:2`. */
function locate(part: Part, code: number, words: string): Failure {
  const line = /^Command failed .*:(\d+)\s*$/m.exec(words);
  const said = words.replace(/^Command failed .*:\d+\s*$/m, '').trim();
  const at = line === null ? (part.steps.length === 1 ? 0 : undefined) : Number(line[1]) - 1;
  const step = at === undefined ? undefined : part.steps[at];
  if (step === undefined)
    return { unit: part.unit, command: part.steps.map(describeStep).join('; '), code, words: said };
  return { unit: part.unitsOfSteps[at ?? 0] ?? part.unit, command: describeStep(step), code, words: said };
}
