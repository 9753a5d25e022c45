import { expandReplacement } from '../template/regex.js';
import type { Action } from './action.js';
import { type Edit, type EditParams, editFile, isPattern, patternOf } from './edit-file.js';
import { attributeProperties } from './host/attributes.js';

export interface LineParams extends EditParams {
  state?: 'present' | 'absent';
  line?: string;
  regexp?: string;
  search_string?: string;
  insertafter?: string;
  insertbefore?: string;
  backrefs?: boolean;
  firstmatch?: boolean;
}

/** What lineinfile and blockinfile share. */
export const editProperties = {
  create: {
    type: 'boolean',
    default: false,
    description: 'Makes the file, and the folders above it, where it is missing.',
  },
  backup: {
    type: 'boolean',
    default: false,
    description: 'Keeps what is replaced beside it, with the time in its name.',
  },
  validate: {
    type: 'string',
    pattern: '%s',
    description: 'A command that must succeed before the new file takes its place; %s stands for its path.',
    examples: ['sshd -t -f %s'],
  },
  unsafe_writes: {
    type: 'boolean',
    default: false,
    description: 'Writes into the file itself where it can not be replaced.',
  },
  ...attributeProperties,
} as const;

type Matcher = (line: string) => RegExpExecArray | true | undefined;

/** Finds `regexp` or `search_string` in a line, with its line end. */
function matcherOf(
  { regexp, search_string: text }: LineParams,
  spelled: (text: string) => string,
): Matcher | undefined {
  if (regexp !== undefined) {
    const pattern = patternOf(spelled(regexp), 'regexp');
    return (line) => {
      pattern.lastIndex = 0;
      return pattern.exec(line) ?? undefined;
    };
  }
  if (text === undefined) return undefined;
  return (line) => (line.includes(spelled(text)) ? true : undefined);
}

const bare = (line: string): string => line.replace(/[\r\n]+$/, '');
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

interface Found {
  at: number;
  match?: RegExpExecArray | true;
}

/** The last line that matches, or the first one. */
function findMatch(
  lines: readonly string[],
  matches: Matcher | undefined,
  first: boolean,
): Found | undefined {
  if (matches === undefined) return undefined;
  let found: Found | undefined;
  for (const [at, text] of lines.entries()) {
    const match = matches(text);
    if (match === undefined) continue;
    found = { at, match };
    if (first) break;
  }
  return found;
}

interface Places {
  /** The line itself, where it is there already. */
  same: number | undefined;
  /** Where `insertafter` or `insertbefore` want it. */
  insert: number | undefined;
}

function findPlaces(
  lines: readonly string[],
  line: string,
  params: LineParams,
  spelled: (text: string) => string,
): Places {
  const { insertafter: after, insertbefore: before, firstmatch = false } = params;
  const anchor = after ?? before;
  const pattern =
    anchor === undefined || anchor === 'EOF' || anchor === 'BOF'
      ? undefined
      : patternOf(spelled(anchor), after === undefined ? 'insertbefore' : 'insertafter');
  const places: Places = { same: undefined, insert: undefined };
  for (const [at, text] of lines.entries()) {
    if (bare(text) === line) {
      places.same = at;
    } else if (pattern !== undefined && text.search(pattern) >= 0) {
      places.insert = after === undefined ? at : at + 1;
      if (firstmatch) break;
    }
  }
  return places;
}

/** What a file holds once the line is in it. */
export function withLine(text: string, params: LineParams, spelled = (part: string): string => part): Edit {
  const lines = linesOf(text);
  const line = spelled(params.line ?? '');
  const { backrefs = false, firstmatch = false } = params;
  const found = findMatch(lines, matcherOf(params, spelled), firstmatch);
  if (found !== undefined) return replaced(lines, found.at, backrefs ? expanded(line, found.match) : line);
  const places = findPlaces(lines, line, params, spelled);
  if (places.same !== undefined) return replaced(lines, places.same, line);
  if (backrefs) return { text, changed: false, msg: '' };
  return inserted(lines, line, params, places.insert);
}

function expanded(line: string, match: Found['match']): string {
  return match === undefined || match === true ? line : expandReplacement(line, match, match.groups ?? {});
}

function replaced(lines: string[], at: number, line: string): Edit {
  const ended = line.endsWith('\n') ? line : `${line}\n`;
  if (lines[at] === ended) return { text: lines.join(''), changed: false, msg: '' };
  return { text: lines.with(at, ended).join(''), changed: true, msg: 'line replaced' };
}

function inserted(lines: string[], line: string, params: LineParams, insert: number | undefined): Edit {
  const { insertafter: after, insertbefore: before } = params;
  const text = lines.join('');
  const begins = after === 'BOF' || before === 'BOF';
  const at = begins ? 0 : (insert ?? lines.length);
  // Somebody's line end may be missing at the end of the file.
  if (at === lines.length && text !== '' && !/[\r\n]$/.test(text)) lines[at - 1] += '\n';
  // Where the place was found, the line may stand there in another spelling of its end.
  const there = insert === undefined || begins || after === undefined ? undefined : lines[at];
  if (there !== undefined && bare(there) === line) return { text, changed: false, msg: '' };
  return { text: lines.toSpliced(at, 0, `${line}\n`).join(''), changed: true, msg: 'line added' };
}

/** What a file holds without the lines that match. */
export function withoutLine(
  text: string,
  params: LineParams,
  spelled = (part: string): string => part,
): Edit {
  const matches = matcherOf(params, spelled);
  const line = spelled(params.line ?? '');
  const goes = (text: string): boolean =>
    matches === undefined ? bare(text) === line : matches(text) !== undefined;
  const lines = linesOf(text);
  const kept = lines.filter((one) => !goes(one));
  const found = lines.length - kept.length;
  const msg = found === 0 ? '' : `${found} line(s) removed`;
  return { text: kept.join(''), changed: found > 0, msg, more: { found } };
}

function contradiction(params: LineParams): { path: string[]; message: string } | undefined {
  const { state = 'present', line, regexp, search_string, backrefs } = params;
  for (const name of ['regexp', 'insertafter', 'insertbefore'] as const) {
    const pattern = params[name];
    if (pattern !== undefined && !isPattern(pattern))
      return { path: [name], message: `${name}: '${pattern}' is no regular expression` };
  }
  if (state === 'absent' && (line ?? regexp ?? search_string) === undefined)
    return { path: [], message: "one of 'line', 'regexp' and 'search_string' is needed" };
  if (backrefs && regexp === undefined) return { path: ['backrefs'], message: 'backrefs: needs a regexp' };
  return undefined;
}

const pair = (one: string, other: string) => ({ not: { required: [one, other] } });

/** One line of a file: there, replaced or gone. */
export const lineinfile: Action<LineParams> = {
  name: 'lineinfile',
  summary: 'Makes sure that one line is in a file, or that none such is.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    if: { required: ['state'], properties: { state: { const: 'absent' } } },
    else: { required: ['line'] },
    allOf: [
      pair('insertafter', 'insertbefore'),
      pair('regexp', 'search_string'),
      pair('backrefs', 'search_string'),
    ],
    properties: {
      path: { type: 'string', minLength: 1, description: 'The file on the host.', examples: ['/etc/hosts'] },
      line: { type: 'string', description: 'The line, without its end.', examples: ['192.0.2.7 gw'] },
      regexp: {
        type: 'string',
        description:
          'A regular expression of Python. present: the last line that it matches is replaced by line. absent: every such line goes.',
        examples: ['^192\\.0\\.2\\.7 '],
      },
      search_string: { type: 'string', description: 'As regexp, but plain text that the line holds.' },
      state: { enum: ['present', 'absent'], default: 'present', description: 'Whether the line is there.' },
      insertafter: {
        type: 'string',
        description:
          'Where a new line goes: behind the last line that this regular expression matches, EOF (the end, default) or BOF.',
        examples: ['EOF', '^\\[main\\]'],
      },
      insertbefore: {
        type: 'string',
        description: 'As insertafter, but before that line; BOF is the beginning.',
        examples: ['BOF'],
      },
      backrefs: {
        type: 'boolean',
        default: false,
        description:
          'Whether \\1 and \\g<name> in line are what regexp has found; the file stays as it is where nothing is found.',
      },
      firstmatch: {
        type: 'boolean',
        default: false,
        description: 'Takes the first line that matches in the place of the last.',
      },
      ...editProperties,
    },
  },
  parameterAliases: { dest: 'path', destfile: 'path', name: 'path', regex: 'regexp', value: 'line' },
  examples: [
    { lineinfile: { path: '/etc/hosts', regexp: '^192\\.0\\.2\\.7 ', line: '192.0.2.7 gw' } },
    { lineinfile: { path: '/etc/modules', line: '8021q', create: true } },
    { lineinfile: { path: '/etc/fstab', regexp: '\\sswap\\s', state: 'absent', backup: true } },
  ],
  check: 'predicts',
  contradiction,
  run(params, context) {
    const absent = params.state === 'absent';
    return editFile(
      params,
      {
        edit: (text, spelled) => (absent ? withoutLine : withLine)(text ?? '', params, spelled),
        ...(absent ? { absent: { changed: false, msg: 'file not present' } } : {}),
        backupKey: 'backup',
      },
      context,
    );
  },
};
