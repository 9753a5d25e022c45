/** The end of a run as text: what went wrong, the recap with Ansible's fields, and every change. */
import type { HostEnd, Recap, ReportedError } from '../shared/events.js';
import { formatPlace } from '../shared/place.js';
import { renderChanges } from './changes.js';
import { renderExplained } from './explained.js';
import { hostList } from './host-list.js';
import type { Style } from './style.js';

export interface SummaryOptions {
  check: boolean;
  diff: boolean;
  /** Show the commands of each change. */
  verbose: boolean;
  /** Show what each intent stands for. */
  explain: boolean;
}

/** @param ends every host of every play, in order of arrival */
export function renderSummary(
  ends: readonly HostEnd[],
  recap: Readonly<Record<string, Recap>>,
  ms: number,
  style: Style,
  options: SummaryOptions,
): string[] {
  const sorted = sortedByRecap(ends, Object.keys(recap));
  const problems = renderProblems(sorted, style);
  const warnings = renderWarnings(sorted, style);
  const shown = { diff: options.diff, commands: options.verbose };
  const changes = renderChanges(sorted, style, shown);
  const explained = options.explain ? renderExplained(sorted, style) : [];
  const undone = renderChanges(sorted.map(withUndone), style, shown);
  return [
    ...section(problems, style.red('PROBLEMS'), ''),
    ...section(warnings, style.yellow('WARNINGS'), ''),
    ...section(explained, style.bold('EXPLAINED (the plain tasks that intents stand for)'), ''),
    style.bold('PLAY RECAP'),
    ...renderRecap(recap, style),
    '',
    ...(changes.length > 0 ? [style.bold(heading(options.check)), ...changes, ''] : []),
    ...(undone.length > 0 ? [style.bold('UNDONE (was made, and taken back)'), ...undone, ''] : []),
    totals(recap, ms, options.check, style),
  ];
}

/** A host's end as if what was taken back were its changes. */
function withUndone(end: HostEnd): HostEnd {
  return { ...end, tasks: end.tasks.map((task) => ({ ...task, changes: task.undone ?? [] })) };
}

function section(lines: readonly string[], title: string, end: string): string[] {
  return lines.length === 0 ? [] : [title, ...lines, end];
}

function heading(check: boolean): string {
  return check ? 'WOULD CHANGE (check mode: nothing was changed)' : 'CHANGES';
}

/** Hosts in the inventory's order, which the recap has, whenever they finished. */
function sortedByRecap(ends: readonly HostEnd[], hosts: readonly string[]): HostEnd[] {
  const order = new Map(hosts.map((host, index) => [host, index]));
  const rank = (end: HostEnd): number => order.get(end.host) ?? 0;
  return [...ends].sort((a, b) => a.play - b.play || rank(a) - rank(b));
}

function renderRecap(recap: Readonly<Record<string, Recap>>, style: Style): string[] {
  const width = Math.max(0, ...Object.keys(recap).map((host) => host.length));
  return Object.entries(recap).map(([host, counts]) => {
    const fields = Object.entries(counts).map(([field, count]) =>
      `${field}=${count}`.padEnd(field.length + 5),
    );
    return `${colored(host.padEnd(width), counts, style)} : ${fields.join(' ').trimEnd()}`;
  });
}

function colored(text: string, counts: Recap, style: Style): string {
  if (counts.failed > 0 || counts.unreachable > 0 || (counts.rolled_back ?? 0) > 0) return style.red(text);
  return counts.changed > 0 ? style.yellow(text) : style.green(text);
}

interface LabelledError {
  label: 'failed' | 'rolled back' | 'unreachable' | 'ignored' | 'rescued';
  error: ReportedError;
}

const LABELS: Partial<Record<HostEnd['status'], LabelledError['label']>> = {
  unreachable: 'unreachable',
  rolled_back: 'rolled back',
};

/** What went wrong on a host: what ended it, and each task's errors, those that were ignored too. */
function errorsOf(end: HostEnd): LabelledError[] {
  const label = LABELS[end.status] ?? 'failed';
  return [
    ...(end.error ? [{ label, error: end.error } as const] : []),
    ...end.tasks.flatMap(({ status, rescued, errors }) =>
      errors.map(
        (error) => ({ label: status === 'ignored' ? status : rescued ? 'rescued' : label, error }) as const,
      ),
    ),
  ];
}

/** Equal problems on many hosts are one, with the hosts' names. */
function renderProblems(ends: readonly HostEnd[], style: Style): string[] {
  const folded = new Map<string, LabelledError & { hosts: string[] }>();
  for (const end of ends)
    for (const labelled of errorsOf(end)) {
      const key = JSON.stringify(labelled);
      const entry = folded.get(key) ?? { ...labelled, hosts: [] };
      entry.hosts.push(end.host);
      folded.set(key, entry);
    }
  return [...folded.values()].flatMap(({ error, hosts, label }) => [
    `${style.red(`${label}: ${hostList(hosts)}`)}`,
    ...renderError(error, style),
  ]);
}

function renderError(error: ReportedError, style: Style): string[] {
  const { task, message, hint, place } = error;
  return [
    ...(task === undefined ? [] : [`    task: ${task}`]),
    ...message.split('\n').map((line) => `    ${line}`),
    ...(place === undefined ? [] : [style.dim(`    ${formatPlace(place)}${sourceOf(place)}`)]),
    ...(hint === undefined ? [] : [`    ${style.cyan('hint:')} ${hint}`]),
  ];
}

function sourceOf(place: { source?: string }): string {
  return place.source === undefined ? '' : `:  ${place.source.trim()}`;
}

function renderWarnings(ends: readonly HostEnd[], style: Style): string[] {
  const folded = new Map<string, string[]>();
  for (const end of ends)
    for (const warning of end.tasks.flatMap((task) => task.warnings)) {
      const hosts = folded.get(warning) ?? [];
      if (!hosts.includes(end.host)) hosts.push(end.host);
      folded.set(warning, hosts);
    }
  return [...folded].map(([warning, hosts]) => `  ${style.yellow(hostList(hosts))}: ${warning}`);
}

/** One line for the whole run. */
function totals(recap: Readonly<Record<string, Recap>>, ms: number, check: boolean, style: Style): string {
  const counts = Object.values(recap);
  const having = (test: (recap: Recap) => boolean): number => counts.filter(test).length;
  const undone = having((count) => (count.rolled_back ?? 0) > 0);
  const failed = having((count) => count.failed > 0 && !count.rolled_back);
  const unreachable = having((count) => count.unreachable > 0);
  const changed = having((count) => count.changed > 0);
  const parts = [
    `${counts.length} ${counts.length === 1 ? 'host' : 'hosts'}`,
    `${changed} ${check ? 'would change' : 'changed'}`,
    ...(undone > 0 ? [style.red(`${undone} rolled back`)] : []),
    ...(failed > 0 ? [style.red(`${failed} failed`)] : []),
    ...(unreachable > 0 ? [style.red(`${unreachable} unreachable`)] : []),
  ];
  return `${parts.join(', ')} in ${(ms / 1000).toFixed(1)} s`;
}
