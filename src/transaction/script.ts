/** A transaction's steps, their undo and its files as scripts for `guard`, and what went wrong with them. */
import type { Announcement } from '../shared/announcement.js';
import type { Change, Step } from '../shared/change.js';
import { commandLine } from '../shared/shell.js';
import { type Part, partsOf, type Unit } from './parts.js';
import { describeStep, partScript, REPLACE_FILE } from './steps.js';

/** A step that did not work, with the words of the tool or the kernel. */
export interface Failure {
  /** Index of the unit. */
  unit: number;
  /** The command line that failed, or all of a batch where the tool does not say which. */
  command: string;
  code: number;
  words: string;
}

/** The changes of one task that follow one another. */
export interface ChangeUnit {
  changes: readonly Pick<Change, 'do' | 'undo'>[];
  optional: boolean;
  /** It tightens or removes: made behind the announcements. */
  late?: true;
}

/** Whom the neighbours are told of: after the changes, and after their undo. */
export interface Announced {
  made: readonly Announcement[];
  undone: readonly Announcement[];
}

export const NOTHING_ANNOUNCED: Announced = { made: [], undone: [] };

/** A change that outlives a reboot and does nothing before it: made once all else is there and confirmed. */
export function isPersistent(change: Pick<Change, 'do'>): boolean {
  return change.do.some((step) => step.kind === 'write' || step.kind === 'remove');
}

/** The steps that change the running state, by unit: what `readFailures` must be given too. */
export function runtimeUnits(units: readonly ChangeUnit[]): Unit[] {
  return units.map(({ changes, optional, late }) => ({
    steps: changes.filter((change) => !isPersistent(change)).flatMap((change) => change.do),
    optional,
    ...(late && { late }),
  }));
}

/** What `guard apply` reads: the parts in their order, each announced before it is made. */
export function applyScript(units: readonly ChangeUnit[], { made: news } = NOTHING_ANNOUNCED): string {
  const runtime = runtimeUnits(units);
  const parts = partsOf(runtime);
  const lines = parts.map((part, index) => {
    const optional = runtime[part.unit]?.optional === true;
    const otherwise = optional
      ? `failed ${index} $?; take_back ${part.unit} ${madeBefore(parts, index).join(' ')}; u${part.unit}=1`
      : `failed ${index} $?; give_back`;
    const text = `part ${index} || exit 1\n${partScript(part.steps)} || { ${otherwise}; }`;
    return optional ? `if [ -z "\${u${part.unit}-}" ]; then\n${text}\nfi` : text;
  });
  const early = parts.findLastIndex((part) => runtime[part.unit]?.late !== true);
  return `${lines.toSpliced(early + 1, 0, ...announceLines(news)).join('\n')}\n`;
}

/** A unit's parts up to this one, the last first. */
function madeBefore(parts: readonly Part[], index: number): number[] {
  const first = parts.findIndex(({ unit }) => unit === parts[index]?.unit);
  return Array.from({ length: index - first + 1 }, (_, back) => index - back);
}

function announceLines(news: readonly Announcement[]): string[] {
  if (news.length === 0) return [];
  const told = news.map(({ dev, address, foreign }) =>
    commandLine(['announce', dev, address, ...(foreign ? ['foreign'] : [])]),
  );
  return [...told, 'announce_all'];
}

/**
 * What `guard` reads to undo: for each part the undo of the changes that begin in it, last first. Each is
 * made whatever becomes of the others, since of the part that was cut off nobody knows how far it came.
 */
export function undoScript(units: readonly ChangeUnit[], { undone: news } = NOTHING_ANNOUNCED): string {
  const groups = undoByPart(units);
  const cases = groups.map((steps, part) => `${part})\n${forced(steps)}\n;;`);
  const files = persistent(units).flatMap(({ change }) => [change]);
  const undoFiles = files.reverse().flatMap((change) => change.undo);
  return [
    REPLACE_FILE,
    `undo_part() {\ncase $1 in\n${cases.join('\n')}\nesac\n}`,
    `undo_files() {\n${forced(lastWrites(undoFiles))}\n}`,
    `undo_announced() {\n${[...announceLines(news), ':'].join('\n')}\n}\n`,
  ].join('\n');
}

/** What `guard confirm` reads: every file once, with what it shall hold in the end. */
export function filesScript(units: readonly ChangeUnit[]): string {
  const steps = persistent(units).flatMap(({ change, unit }) => change.do.map((step) => ({ step, unit })));
  const next = laterOfPath(steps.map(({ step }) => step));
  const kept = steps.filter(({ unit }, index) => {
    const later = steps[next[index] ?? steps.length];
    return later === undefined || units[later.unit]?.optional === true || units[unit]?.optional === true;
  });
  const lines = kept.map(({ step, unit }) => {
    const text = `{ ${partScript([step])} || { printf '%s\\n' '${failedFile(step)}' >&2; return 1; }; }`;
    return units[unit]?.optional === true ? `if made_by ${unit}; then ${text}; fi` : text;
  });
  return `${REPLACE_FILE}make_files() {\n${[...lines, ':'].join('\n')}\n}\n`;
}

/** How many files a transaction writes. */
export function filesOf(units: readonly ChangeUnit[]): number {
  const steps = persistent(units).flatMap(({ change }) => change.do);
  return new Set(steps.flatMap((step) => ('path' in step ? [step.path] : []))).size;
}

function failedFile(step: Step): string {
  return describeStep(step).replaceAll("'", '');
}

function persistent(units: readonly ChangeUnit[]): { change: Pick<Change, 'do' | 'undo'>; unit: number }[] {
  return units.flatMap(({ changes }, unit) =>
    changes.filter(isPersistent).map((change) => ({ change, unit })),
  );
}

/** For each step that makes or removes a file, the place of the next one of the same file. */
function laterOfPath(steps: readonly Step[]): (number | undefined)[] {
  const seen = new Map<string, number>();
  const later = steps.map((): number | undefined => undefined);
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index];
    if (step?.kind !== 'write' && step?.kind !== 'remove') continue;
    later[index] = seen.get(step.path);
    seen.set(step.path, index);
  }
  return later;
}

/** Of several writes to one file the last: what was there before all of them. */
function lastWrites(steps: readonly Step[]): Step[] {
  const later = laterOfPath(steps);
  return steps.filter((_, index) => later[index] === undefined);
}

function undoByPart(units: readonly ChangeUnit[]): Step[][] {
  const parts = partsOf(runtimeUnits(units));
  const partOfStep = parts.flatMap((part, index) => part.steps.map(() => index));
  const groups: Step[][] = parts.map(() => []);
  let at = 0;
  for (const { changes } of units)
    for (const change of changes) {
      if (isPersistent(change)) continue;
      groups[partOfStep[at] ?? 0]?.push(...change.undo.toReversed());
      at += change.do.length;
    }
  return groups.map((group) => group.reverse());
}

function forced(steps: readonly Step[]): string {
  const parts = partsOf([{ steps, optional: false }]);
  return [...parts.map((part) => partScript(part.steps, true)), ':'].join('\n');
}

const FAILED = 'netplay-failed';

/**
 * Reads what a script of `applyScript` said.
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
  return words.replaceAll(
    /^\S*(?:sh|guard|apply): (?:(?:line )?\d+: )?(?:\S*(?:guard|apply): )?(?:printf: )*/gm,
    '',
  );
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
