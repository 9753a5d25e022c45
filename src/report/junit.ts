/** A run as JUnit's XML, which CI systems show: a suite for each play, a case for each task on each host. */
import type {
  HostEnd,
  NetplayEvent,
  PlayStart,
  ReportedError,
  Reporter,
  TaskResult,
} from '../shared/events.js';
import { formatPlace } from '../shared/place.js';

export interface JunitOptions {
  title: string;
  save(xml: string): Promise<void>;
}

interface Case {
  host: string;
  name: string;
  file?: string;
  outcome: 'passed' | 'failure' | 'error' | 'skipped';
  /** The first line is its message. */
  told: readonly string[];
}

interface Suite {
  name: string;
  /** Seconds since 1970. */
  start: number;
  end: number;
  cases: Case[];
}

export function createJunit({ title, save }: JunitOptions): Reporter {
  const suites: Suite[] = [];
  const begin = ({ name, time }: PlayStart): number =>
    suites.push({ name, start: time, end: time, cases: [] });
  const event = (one: NetplayEvent): void => {
    if (one.type === 'play_start') begin(one);
    const suite = suites.at(-1);
    if (suite === undefined) return;
    suite.end = one.time;
    if (one.type === 'host_end') suite.cases.push(...casesOf(one));
  };
  return { event, close: () => save(xmlOf(title, suites)) };
}

function casesOf(end: HostEnd): Case[] {
  const tasks = end.tasks.map((task) => caseOf(end.host, task));
  if (end.error === undefined) return tasks;
  const name = end.status === 'unreachable' ? 'connection' : 'host';
  return [...tasks, { host: end.host, name, outcome: 'error', told: errorLines(end.error) }];
}

function caseOf(host: string, task: TaskResult): Case {
  const { name, path } = task;
  return { host, name, ...(path !== undefined && { file: path }), ...outcomeOf(task) };
}

function outcomeOf(task: TaskResult): Pick<Case, 'outcome' | 'told'> {
  const { status, reason, errors, rescued } = task;
  if (status === 'failed' && rescued !== true)
    return { outcome: 'failure', told: errors.flatMap(errorLines) };
  if (status === 'undone') return { outcome: 'failure', told: ['undone: it was made, and taken back'] };
  if (status === 'skipped' || status === 'not-run' || status === 'unknown')
    return { outcome: 'skipped', told: [reason ?? WORDS[status]] };
  const changes = task.changes.map(({ action, address, before, after }) =>
    action === 'run' ? address : `${address}: ${before ?? 'absent'} → ${after ?? 'absent'}`,
  );
  return { outcome: 'passed', told: [...changes, ...errors.flatMap(errorLines)] };
}

const WORDS = {
  skipped: 'skipped',
  'not-run': 'not run',
  unknown: 'nobody can tell before it is done',
};

function errorLines({ message, hint, place }: ReportedError): string[] {
  return [
    ...message.split('\n'),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ...(place === undefined ? [] : [formatPlace(place)]),
  ];
}

function xmlOf(title: string, suites: readonly Suite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  const seconds = suites.reduce((sum, { start, end }) => sum + end - start, 0);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<testsuites${attributes({ name: title, ...counts(cases), time: seconds.toFixed(3) })}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines({ name, start, end, cases }: Suite): string[] {
  const timestamp = new Date(start * 1000).toISOString().replace(/\.\d+Z$/, '');
  return [
    `  <testsuite${attributes({ name, ...counts(cases), time: (end - start).toFixed(3), timestamp })}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
  ];
}

function counts(cases: readonly Case[]): Record<string, string> {
  const of = (wanted: Case['outcome']): string =>
    String(cases.filter(({ outcome }) => outcome === wanted).length);
  return {
    tests: String(cases.length),
    failures: of('failure'),
    errors: of('error'),
    skipped: of('skipped'),
  };
}

function caseLines({ host, name, file, outcome, told }: Case): string[] {
  const [path, line] = file === undefined ? [] : splitPlace(file);
  const head = attributes({
    classname: host,
    name,
    ...(path !== undefined && { file: path, line: line ?? '' }),
  });
  const inner = innerOf(outcome, told);
  return inner === '' ? [`    <testcase${head}/>`] : [`    <testcase${head}>${inner}</testcase>`];
}

function innerOf(outcome: Case['outcome'], told: readonly string[]): string {
  const text = escaped(told.join('\n'));
  if (outcome === 'passed') return text === '' ? '' : `<system-out>${text}</system-out>`;
  const message = attributes({ message: told[0] ?? '' });
  return outcome === 'skipped' ? `<skipped${message}/>` : `<${outcome}${message}>${text}</${outcome}>`;
}

/** `site.yml:7:5` */
function splitPlace(place: string): [string, string] {
  const [, file = place, line = ''] = /^(.*):(\d+):\d+$/.exec(place) ?? [];
  return [file, line];
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) => ` ${name}="${escaped(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`,
    )
    .join('');
}

/** What XML 1.0 can't hold at all: most control characters, half of a pair of surrogates, and two more. */
const IMPOSSIBLE = /[^\P{Cc}\t\n]|\p{Cs}|[\uFFFE\uFFFF]/gu;

function escaped(text: string): string {
  return text
    .replaceAll(IMPOSSIBLE, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
