/** Copies a folder of the controller: one frame where its content is small, else one question and what is wanted. */
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { quote } from '../../shared/shell.js';
import type { ActionContext, ActionResult, FileDiff } from '../action.js';
import type { CopyParams } from '../copy.js';
import { type Answer, ask } from './answer.js';
import { attributesScript } from './attributes.js';
import { contentFunction } from './content.js';
import { fileScriptFunctions } from './file-script.js';
import { putScript, SMALL } from './place.js';
import { foldersFunction, optionsOf, putResult, sha1 } from './put.js';
import { pathWord } from './words.js';

/** One thing in the folder; `path` is its way from `dest`. */
type Entry =
  | { kind: 'folder'; path: string }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'file'; path: string; content: Buffer; mode: string };

async function walk(
  folder: string,
  path: string,
  params: CopyParams,
  context: ActionContext,
): Promise<Entry[]> {
  const { local_follow: follow = true, decrypt = true } = params;
  const found: Entry[] = [];
  for (const item of (await readdir(folder, { withFileTypes: true })).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const [full, inner] = [join(folder, item.name), join(path, item.name)];
    if (item.isSymbolicLink() && !follow) {
      found.push({ kind: 'link', path: inner, target: await readlink(full) });
      continue;
    }
    const about = await stat(full);
    if (about.isDirectory()) {
      found.push({ kind: 'folder', path: inner }, ...(await walk(full, inner, params, context)));
    } else if (about.isFile()) {
      const read = await readFile(full);
      const mode = (about.mode & 0o7777).toString(8).padStart(4, '0');
      found.push({ kind: 'file', path: inner, content: decrypt ? context.decrypt(read, full) : read, mode });
    }
  }
  return found;
}

type Indexed = readonly [index: number, entry: Entry];

/** Lines for one entry. @param sent whether a file's content goes along */
function entryLines([index, entry]: Indexed, params: CopyParams, sent: boolean): string {
  const path = `"$np_to"/${quote(entry.path)}`;
  if (entry.kind === 'folder') return `np_folders ${path}`;
  const item = `np_say item ${index}`;
  if (entry.kind === 'link')
    return `${item}
np_path=${path} np_src=${quote(entry.target)}; np_prev=$(np_kind "$np_path") np_force=1 np_moded= np_follow=; np_link`;
  const { content, mode } = entry;
  return [
    item,
    'np_force=$np_wish',
    params.mode === 'preserve' ? `np_preserved=$((0${mode}))` : '',
    sent ? contentFunction(`np_new${index}`, content) : '',
    `np_put ${path} ${sha1(content)} ${sent ? `np_new${index}` : 'np_none'}`,
  ].join('\n');
}

function scriptHead(params: CopyParams, context: ActionContext): string {
  const { mode, directory_mode: folderMode, dest, ...rest } = params;
  const preserve = mode === 'preserve';
  return [
    attributesScript({ ...rest, ...(mode === undefined || preserve ? {} : { mode }) }),
    preserve ? 'np_mode() { np_new=$np_preserved; }' : '',
    fileScriptFunctions,
    putScript({ ...optionsOf(params, context), follow: false }),
    `np_wish=${params.force === false ? '' : 1}`,
    foldersFunction(folderMode),
    `np_to=${pathWord(dest.replace(/(?<=.)\/+$/, ''))}`,
    'np_folders "$np_to"',
  ].join('\n');
}

/** Files whose content the host asked for go in frames of this many bytes at most. */
const FRAME = 1024 * 1024;

export async function copyFolder(
  folder: string,
  params: CopyParams & { src: string },
  context: ActionContext,
): Promise<ActionResult> {
  const inside = params.src.endsWith('/');
  const top = inside ? '' : basename(folder);
  const walked = await walk(folder, top, params, context);
  const entries = (inside ? walked : [{ kind: 'folder', path: top } as const, ...walked]).map(
    (entry, index) => [index, entry] as const,
  );
  const total = entries.reduce(
    (sum, [, entry]) => sum + (entry.kind === 'file' ? entry.content.length : 0),
    0,
  );
  const head = scriptHead(params, context);
  const linesFor = (some: readonly Indexed[], sent: boolean): string =>
    some.map((entry) => entryLines(entry, params, sent)).join('\n');
  const first = await ask(context, `${head}\n${linesFor(entries, total <= SMALL)}`);
  if ('changed' in first) return { ...first, dest: params.dest, src: folder };
  const answers = [first];
  for (const batch of batches(entries, first, context)) {
    const answer = await ask(context, `${head}\n${linesFor(batch, true)}`);
    if ('changed' in answer) return { ...answer, dest: params.dest, src: folder };
    answers.push(answer);
  }
  return summary(entries, answers, { folder, params, context });
}

/** The files that the host wants, a frame's worth at a time; none in check mode. */
function batches(entries: readonly Indexed[], answer: Answer, context: ActionContext): Indexed[][] {
  const items = answer.parts('item');
  const wanted = context.check ? [] : entries.filter(([index]) => items.get(String(index))?.has('wanted'));
  const found: Indexed[][] = [];
  let size = FRAME;
  for (const item of wanted) {
    const length = item[1].kind === 'file' ? item[1].content.length : 0;
    if (size + length > FRAME) {
      found.push([]);
      size = 0;
    }
    found.at(-1)?.push(item);
    size += length;
  }
  return found;
}

function summary(
  entries: readonly Indexed[],
  answers: readonly Answer[],
  { folder, params, context }: { folder: string; params: CopyParams; context: ActionContext },
): ActionResult {
  let changed = answers.some((answer) => answer.has('changed'));
  const diff: FileDiff[] = [];
  const parts = new Map(answers.flatMap((answer) => [...answer.parts('item')]));
  const single: ActionResult[] = [];
  for (const [index, entry] of entries) {
    const answer = parts.get(String(index));
    if (answer === undefined || entry.kind === 'folder') continue;
    if (entry.kind === 'link') {
      changed ||= answer.has('src_after') && answer.text('src_after') !== answer.text('src_before');
      continue;
    }
    const { content } = entry;
    const result = putResult(answer, { dest: entry.path, content, options: {}, attributes: params }, context);
    changed ||= result.changed;
    diff.push(...(result.diff ?? []));
    single.push(result);
  }
  const [only] = single.length === 1 ? single : [];
  const shown = context.diff && diff.length > 0 ? { diff } : {};
  return { ...only, dest: only?.dest ?? join(params.dest, '/'), src: folder, changed, ...shown };
}
