import { splitLines } from '../template/strings.js';
import type { Action } from './action.js';
import { type Edit, type EditParams, editFile, isPattern, patternOf } from './edit-file.js';
import { editProperties } from './lineinfile.js';

export interface BlockParams extends EditParams {
  state?: 'present' | 'absent';
  block?: string;
  marker?: string;
  marker_begin?: string;
  marker_end?: string;
  insertafter?: string;
  insertbefore?: string;
}

/** What a file holds once the block stands between its markers, or is gone with them. */
export function withBlock(
  original: string | undefined,
  params: BlockParams,
  spelled = (part: string): string => part,
): Edit {
  const { marker = '# {mark} ANSIBLE MANAGED BLOCK', state = 'present' } = params;
  const [begin, end] = [params.marker_begin ?? 'BEGIN', params.marker_end ?? 'END'].map(
    (mark) => `${spelled(marker.replaceAll('{mark}', mark))}\n`,
  ) as [string, string];
  const block = spelled(params.block ?? '');
  const wanted =
    state === 'present' && block !== '' ? [begin, block.endsWith('\n') ? block : `${block}\n`, end] : [];
  const lines = splitLines(original ?? '', true);
  const at = takeBlock(lines, begin, end) ?? placeOf(lines, params, spelled);
  const before = lines[at - 1];
  if (before !== undefined && !before.endsWith('\n')) lines[at - 1] = `${before}\n`;
  const text = lines.toSpliced(at, 0, ...wanted).join('');
  if (text === original) return { text, changed: false, msg: '' };
  const msg =
    original === undefined ? 'File created' : wanted.length === 0 ? 'Block removed' : 'Block inserted';
  return { text, changed: true, msg };
}

/** Takes the block that is there out of the lines. @returns where it stood */
function takeBlock(lines: string[], begin: string, end: string): number | undefined {
  const [first, last] = [lines.lastIndexOf(begin), lines.lastIndexOf(end)];
  if (first < 0 || last < 0) return undefined;
  const at = Math.min(first, last);
  lines.splice(at, Math.abs(last - first) + 1);
  return at;
}

function placeOf(lines: readonly string[], params: BlockParams, spelled: (text: string) => string): number {
  const { insertafter: after, insertbefore: before } = params;
  const anchor = after ?? before ?? 'EOF';
  if (anchor === 'EOF' && before === undefined) return lines.length;
  if (anchor === 'BOF' && after === undefined) return 0;
  const pattern = patternOf(spelled(anchor), after === undefined ? 'insertbefore' : 'insertafter');
  const found = pattern.multiline
    ? multilinePlace(lines, pattern, after !== undefined)
    : lines.findLastIndex((line) => line.search(pattern) >= 0);
  if (found < 0) return lines.length;
  return after === undefined ? found : found + 1;
}

/** `(?m)` looks at the file as a whole. */
function multilinePlace(lines: readonly string[], pattern: RegExp, after: boolean): number {
  pattern.lastIndex = 0;
  const text = lines.join('');
  const match = pattern.exec(text);
  if (match === null) return -1;
  const offset = after ? match.index + match[0].length : match.index;
  return text.slice(0, offset).split('\n').length - 1;
}

function contradiction(params: BlockParams): { path: string[]; message: string } | undefined {
  for (const name of ['insertafter', 'insertbefore'] as const) {
    const pattern = params[name];
    if (pattern !== undefined && !isPattern(pattern))
      return { path: [name], message: `${name}: '${pattern}' is no regular expression` };
  }
  return undefined;
}

/** Lines of a file between two markers. */
export const blockinfile: Action<BlockParams> = {
  name: 'blockinfile',
  summary: 'Keeps a block of lines in a file, between two lines that mark it.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    not: { required: ['insertafter', 'insertbefore'] },
    properties: {
      path: { type: 'string', minLength: 1, description: 'The file on the host.', examples: ['/etc/hosts'] },
      block: {
        type: 'string',
        default: '',
        description: 'The lines between the markers; nothing removes block and markers.',
        examples: ['192.0.2.7 gw\n192.0.2.8 dns\n'],
      },
      state: { enum: ['present', 'absent'], default: 'present', description: 'Whether the block is there.' },
      marker: {
        type: 'string',
        default: '# {mark} ANSIBLE MANAGED BLOCK',
        description: 'The lines before and behind the block; {mark} stands for marker_begin and marker_end.',
        examples: ['; {mark} netplay'],
      },
      marker_begin: { type: 'string', default: 'BEGIN', description: 'What {mark} is before the block.' },
      marker_end: { type: 'string', default: 'END', description: 'What {mark} is behind the block.' },
      insertafter: {
        type: 'string',
        description:
          'Where a new block goes: behind the last line that this regular expression of Python matches, or EOF (default).',
        examples: ['EOF'],
      },
      insertbefore: {
        type: 'string',
        description: 'As insertafter, but before that line; BOF is the beginning.',
        examples: ['BOF'],
      },
      ...editProperties,
    },
  },
  parameterAliases: { dest: 'path', destfile: 'path', name: 'path', content: 'block' },
  examples: [
    { blockinfile: { path: '/etc/hosts', block: '192.0.2.7 gw\n192.0.2.8 dns\n', marker: '# {mark} lab' } },
    { blockinfile: { path: '/etc/hosts', marker: '# {mark} lab', state: 'absent' } },
  ],
  check: 'predicts',
  contradiction,
  run(params, context) {
    return editFile(
      params,
      {
        edit: (text, spelled) => withBlock(text, params, spelled),
        ...(params.state === 'absent' && params.create
          ? { absent: { changed: false, msg: `${params.path} is not there` } }
          : {}),
        backupKey: 'backup_file',
      },
      context,
    );
  },
};
