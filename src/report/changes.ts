/** Every change of a run, equal ones on many hosts folded into one. */
import type { HostEnd, ReportedChange } from '../shared/events.js';
import { hostList } from './host-list.js';
import type { Style } from './style.js';
import { type DiffLine, unifiedDiff } from './unified.js';

/** Changes that are the same on the same hosts stand together under those hosts' names. */
interface Group {
  hosts: readonly string[];
  changes: ReportedChange[];
}

/** Groups in order of their first change. */
function foldChanges(ends: readonly Pick<HostEnd, 'host' | 'tasks'>[]): Group[] {
  const byChange = new Map<string, { change: ReportedChange; hosts: string[] }>();
  for (const end of ends)
    for (const change of end.tasks.flatMap((task) => task.changes)) {
      const key = JSON.stringify(change);
      const entry = byChange.get(key) ?? { change, hosts: [] };
      entry.hosts.push(end.host);
      byChange.set(key, entry);
    }
  const groups = new Map<string, Group>();
  for (const { change, hosts } of byChange.values()) {
    const key = JSON.stringify([...hosts].sort());
    const group = groups.get(key) ?? { hosts: [...new Set(hosts)], changes: [] };
    group.changes.push(change);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The text under the recap. One line a change; with `diff` the lines of before and after under each other. */
export function renderChanges(
  ends: readonly Pick<HostEnd, 'host' | 'tasks'>[],
  style: Style,
  options: { diff: boolean; commands: boolean },
): string[] {
  return foldChanges(ends).flatMap(({ hosts, changes }) => {
    const count = hosts.length > 1 ? ` (${hosts.length} hosts)` : '';
    const width = Math.min(64, Math.max(...changes.map((change) => change.address.length)));
    return [
      `${style.bold(hostList(hosts))}${count}`,
      ...changes.flatMap((change) => renderChange(change, width, style, options)),
    ];
  });
}

function wasRun({ action }: ReportedChange): boolean {
  return action === 'run';
}

function renderChange(
  change: ReportedChange,
  width: number,
  style: Style,
  options: { diff: boolean; commands: boolean },
): string[] {
  const commands = options.commands ? change.commands.map((command) => style.dim(`      $ ${command}`)) : [];
  if (wasRun(change))
    return [`  ${style.yellow(change.address.padEnd(width))}  ${change.after ?? 'ran'}`, ...commands];
  if (options.diff || isLong(change)) {
    const lines = unifiedDiff(change.before, change.after).flatMap((line) => diffLines(line, style));
    return [`  ${style.yellow(change.address)}`, ...lines, ...commands];
  }
  const before = shown(change.before);
  const after = shown(change.after);
  return [
    `  ${style.yellow(change.address.padEnd(width))}  ${before} ${style.dim('→')} ${after}`,
    ...commands,
  ];
}

/** So many lines of a text are told in one; a task's own `diff: true` brings more. */
const MOST_IN_ONE = 4;

function isLong({ before, after }: ReportedChange): boolean {
  return linesOf(before).length > MOST_IN_ONE || linesOf(after).length > MOST_IN_ONE;
}

function diffLines({ kind, text }: DiffLine, style: Style): string[] {
  const [mark, color] = DIFF_LOOKS[kind];
  // What follows on the line itself is diff's remark that it has no end.
  const [line = '', ...remarks] = text.split('\n');
  return [color(style)(`    ${mark}${line}`), ...remarks.map((remark) => `    ${remark}`)];
}

const DIFF_LOOKS: Readonly<Record<DiffLine['kind'], [string, (style: Style) => (text: string) => string]>> = {
  kept: ['  ', () => (text) => text],
  removed: ['- ', ({ red }) => red],
  added: ['+ ', ({ green }) => green],
  gap: ['', ({ cyan }) => cyan],
};

function linesOf(text: string | null): string[] {
  return text === null ? [] : text.replace(/\n$/, '').split('\n');
}

function shown(text: string | null): string {
  if (text === null) return 'absent';
  return linesOf(text).join(' | ');
}
