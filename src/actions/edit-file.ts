/** Reads a file, works out on the controller what it shall hold, and writes that: lineinfile and blockinfile. */
import { NetplayError } from '../shared/errors.js';
import { OperationError } from '../template/errors.js';
import { pythonRegex } from '../template/regex.js';
import { type ActionContext, type ActionResult, type FileDiff, failure } from './action.js';
import { type Answer, ask, REAL } from './host/answer.js';
import { type Attributes, attributesDiff, attributesScript, warningsOf } from './host/attributes.js';
import { SHA1 } from './host/place.js';
import { foldersFunction, put, sha1, shownContent } from './host/put.js';
import { pathWord } from './host/words.js';

export interface EditParams extends Attributes {
  path: string;
  create?: boolean;
  backup?: boolean;
  validate?: string;
  unsafe_writes?: boolean;
}

/** What a file shall hold, with what is to be said of it. */
export interface Edit {
  text: string;
  changed: boolean;
  msg: string;
  /** Further keys of the result. */
  more?: Readonly<Record<string, unknown>>;
}

export interface Editor {
  /** @param text undefined where there is no file yet; bytes that are no UTF-8 stand as one character each */
  edit(text: string | undefined, spelled: (parameter: string) => string): Edit;
  /** What is said where there is no file: only if it shall not be made either. */
  absent?: ActionResult;
  /** The key of the result that names the copy that was kept. */
  backupKey: 'backup' | 'backup_file';
}

/** What a file holds, and how its bytes stand for characters. */
interface Content {
  text: string | undefined;
  encoding: 'utf8' | 'latin1';
}

/** How often somebody else may write the file between our reading and writing. */
const ATTEMPTS = 3;

/**
 * Regular expressions are Python's, which no tool of a host reads: so a file that is to change costs two frames, and one
 * that stays as it is, one.
 */
export async function editFile(
  params: EditParams,
  editor: Editor,
  context: ActionContext,
): Promise<ActionResult> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(context, readScript(params));
    if ('changed' in answer) return answer;
    const early = refusal(answer, params, editor);
    if (early !== undefined) return early;
    const content = contentOf(answer);
    const edit = editor.edit(content.text, speller(content));
    const attributes = attributesDiff(answer, params.path);
    if (!edit.changed && attributes === undefined) return resultOf(edit, { editor });
    if (context.check || !edit.changed) {
      const applied = context.check ? answer : await setAttributes(params, context);
      if ('changed' in applied) return applied;
      return resultOf(edit, {
        editor,
        attributes,
        answer: applied,
        diff: diffs(edit, content, attributes, params, context),
      });
    }
    const written = await write(params, { edit, content }, context);
    if ('changed' in written) return written;
    if (!written.has('raced'))
      return resultOf(edit, {
        editor,
        attributes,
        answer: written,
        diff: diffs(edit, content, attributes, params, context),
      });
    if (attempt === ATTEMPTS) return failure(`${params.path} is being written to by somebody else`);
  }
}

function readScript(params: EditParams): string {
  return `${attributesScript(params)}
${REAL}
np_path=${pathWord(params.path)}
if [ -d "$np_path" ]; then np_say directory
elif [ -e "$np_path" ]; then
  [ -r "$np_path" ] || np_fail "$np_path may not be read"
  printf 'content '; np_enc <"$np_path"
  np_asked=$np_check; np_check=1; np_attrs "$(np_real "$np_path")"; np_check=$np_asked
fi`;
}

function refusal(answer: Answer, { path, create }: EditParams, { absent }: Editor): ActionResult | undefined {
  if (answer.has('directory')) return failure(`${path} is a directory`, { rc: 256 });
  if (answer.has('content')) return undefined;
  if (absent !== undefined) return absent;
  return create ? undefined : failure(`${path} does not exist, and create is not set`, { rc: 257 });
}

function contentOf(answer: Answer): Content {
  const bytes = answer.bytes('content');
  if (bytes === undefined) return { text: undefined, encoding: 'utf8' };
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes)
    ? { text, encoding: 'utf8' }
    : { text: bytes.toString('latin1'), encoding: 'latin1' };
}

/** Spells a parameter's text as the file's text is spelled. */
function speller({ encoding }: Content): (parameter: string) => string {
  return (parameter) => (encoding === 'utf8' ? parameter : Buffer.from(parameter).toString('latin1'));
}

async function setAttributes(params: EditParams, context: ActionContext): Promise<Answer | ActionResult> {
  return ask(context, `${attributesScript(params)}\n${REAL}\nnp_attrs "$(np_real ${pathWord(params.path)})"`);
}

async function write(
  params: EditParams,
  { edit, content }: { edit: Edit; content: Content },
  context: ActionContext,
): Promise<Answer | ActionResult> {
  const { backup, validate, unsafe_writes: unsafeWrites, path } = params;
  const before = content.text === undefined ? '' : sha1(Buffer.from(content.text, content.encoding));
  const raced = `${SHA1}
np_to=$(np_real "$np_to")
np_sum=; [ -e "$np_to" ] && np_sum=$(np_sha1 "$np_to")
if [ "$np_sum" != "${before}" ]; then np_say raced; np_say end; exit 0; fi
${content.text === undefined ? `${foldersFunction(undefined)}\nnp_folders "$(dirname "$np_to")"` : ''}`;
  return put(
    {
      dest: path,
      toward: raced,
      content: Buffer.from(edit.text, content.encoding),
      options: {
        ...(backup === undefined ? {} : { backup }),
        ...(validate === undefined ? {} : { validate }),
        ...(unsafeWrites === undefined ? {} : { unsafeWrites }),
      },
      attributes: params,
    },
    context,
  );
}

function diffs(
  edit: Edit,
  { text = '', encoding }: Content,
  attributes: FileDiff | undefined,
  { path }: EditParams,
  context: ActionContext,
): FileDiff[] {
  if (!context.diff) return [];
  const header = `${path} (content)`;
  const shown = (side: string): FileDiff['before'] => shownContent(Buffer.from(side, encoding));
  const content = {
    path,
    before: shown(text),
    after: shown(edit.text),
    beforeHeader: header,
    afterHeader: header,
  };
  return [...(edit.changed ? [content] : []), ...(attributes === undefined ? [] : [attributes])];
}

interface Outcome {
  editor: Editor;
  attributes?: FileDiff | undefined;
  diff?: readonly FileDiff[];
  answer?: Answer;
}

function resultOf(
  edit: Edit,
  { editor: { backupKey }, attributes, diff = [], answer }: Outcome,
): ActionResult {
  const kept = answer?.text('backup');
  const parts = [edit.msg, attributes === undefined ? '' : 'ownership or permissions changed'];
  return {
    changed: edit.changed || attributes !== undefined,
    msg: parts.filter((part) => part !== '').join(' and '),
    ...(kept !== undefined ? { [backupKey]: kept } : backupKey === 'backup' ? { backup: '' } : {}),
    ...edit.more,
    ...(diff.length > 0 ? { diff } : {}),
    ...(answer === undefined ? {} : warningsOf(answer)),
  };
}

/** A pattern of a task, as Python reads it. @throws NetplayError where it is none */
export function patternOf(text: string, parameter: string): RegExp {
  try {
    return pythonRegex(text, { ignoreCase: false, multiline: false });
  } catch (error) {
    if (error instanceof OperationError) throw new NetplayError('schema', `${parameter}: ${error.message}`);
    throw error;
  }
}

export function isPattern(text: string): boolean {
  try {
    pythonRegex(text, { ignoreCase: false, multiline: false });
    return true;
  } catch {
    return false;
  }
}
