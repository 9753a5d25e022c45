import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { makeFolder } from '../shared/make-folder.js';
import { type Action, type ActionContext, type ActionResult, failure } from './action.js';
import { type Answer, ask } from './host/answer.js';
import { SHA1 } from './host/place.js';
import { sha1 } from './host/put.js';
import { pathWord } from './host/words.js';

export interface FetchParams {
  src: string;
  dest: string;
  flat?: boolean;
  fail_on_missing?: boolean;
  validate_checksum?: boolean;
}

/** Bytes that one frame brings. */
const PIECE = 8 * 1024 * 1024;

/** The script for one piece; the first one tells what the file is, and brings nothing where it is the same as here. */
function pieceScript(src: string, index: number, known: string): string {
  return `${SHA1}
np_path=${pathWord(src)}
if [ ! -e "$np_path" ]; then np_say missing
elif [ -d "$np_path" ]; then np_say folder
elif [ ! -r "$np_path" ]; then np_fail "$np_path may not be read"
else
  np_tell path "$np_path"; np_say size "$(stat -L -c %s "$np_path")"
  np_sum=$(np_sha1 "$np_path"); np_say sum "$np_sum"
  if [ "$np_sum" != "${known}" ]; then printf 'content '; dd if="$np_path" bs=${PIECE} skip=${index} count=1 2>/dev/null | np_enc; fi
fi`;
}

async function localCopy(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new NetplayError('apply', `fetch: ${path} can not be read (${error.message})`, { cause: error });
  });
}

/** Where the file goes on the controller. @throws NetplayError where `src` leads out of the host's own folder */
async function placeOf({ src, dest, flat }: FetchParams, context: ActionContext): Promise<string> {
  if (!flat) {
    const folder = join(context.controllerPath(dest), context.host);
    const path = normalize(`${folder}/${src}`);
    if (!path.startsWith(`${folder}/`))
      throw new NetplayError('schema', `fetch: src leads out of ${folder}: ${src}`);
    return path;
  }
  const path = context.controllerPath(dest);
  if (dest.endsWith('/')) return join(path, basename(src));
  if (
    await stat(path).then(
      (about) => about.isDirectory(),
      () => false,
    )
  )
    throw new NetplayError('schema', `fetch: ${path} is a folder`, {
      hint: 'Write it with / at its end to put the file into it.',
    });
  return path;
}

async function run(params: FetchParams, context: ActionContext): Promise<ActionResult> {
  const { src, fail_on_missing: needed = true } = params;
  const dest = await placeOf(params, context);
  const here = await localCopy(dest);
  const known = here === undefined ? '' : sha1(here);
  const first = await ask(context, pieceScript(src, 0, known));
  if ('changed' in first) return needed ? first : { changed: false, file: src, msg: `${first.msg}, ignored` };
  const refused = refusal(first, src);
  if (refused !== undefined)
    return needed
      ? { ...failure(refused), file: src }
      : { changed: false, file: src, msg: `${refused}, ignored` };
  const [checksum, file] = [first.word('sum') ?? '', first.text('path') ?? src];
  if (checksum === known)
    return { changed: false, dest, file, checksum, md5sum: md5(here ?? Buffer.alloc(0)) };
  if (context.check) return { changed: true, dest, file, checksum, remote_checksum: checksum };
  const content = await rest(first, src, context);
  if (!Buffer.isBuffer(content)) return content;
  const got = sha1(content);
  if ((params.validate_checksum ?? true) && got !== checksum)
    return failure(`${file} changed while it was read`, {
      file,
      dest,
      checksum: got,
      remote_checksum: checksum,
    });
  await write(dest, content);
  return {
    changed: true,
    dest,
    checksum: got,
    md5sum: md5(content),
    remote_checksum: checksum,
    remote_md5sum: null,
  };
}

function md5(content: Buffer): string {
  return createHash('md5').update(content).digest('hex');
}

function refusal(answer: Answer, src: string): string | undefined {
  if (answer.has('missing')) return `${src}: the remote file does not exist`;
  return answer.has('folder') ? `${src} is a directory, and only files are fetched` : undefined;
}

/** The whole content: the first piece is there already. */
async function rest(first: Answer, src: string, context: ActionContext): Promise<Buffer | ActionResult> {
  const pieces = [first.bytes('content') ?? Buffer.alloc(0)];
  const count = Math.ceil(Number(first.word('size')) / PIECE);
  for (let index = 1; index < count; index++) {
    const answer = await ask(context, pieceScript(src, index, ''));
    if ('changed' in answer) return answer;
    pieces.push(answer.bytes('content') ?? Buffer.alloc(0));
  }
  return Buffer.concat(pieces);
}

async function write(dest: string, content: Buffer): Promise<void> {
  try {
    await makeFolder(dirname(dest));
    await writeFile(dest, content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NetplayError('apply', `fetch: ${dest} can not be written (${reason})`, { cause: error });
  }
}

/** A file of the host, brought to the controller. */
export const fetch: Action<FetchParams> = {
  name: 'fetch',
  summary: 'Brings a file of the host to the controller.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src', 'dest'],
    properties: {
      src: {
        type: 'string',
        minLength: 1,
        description: 'The file on the host.',
        examples: ['/etc/frr/frr.conf'],
      },
      dest: {
        type: 'string',
        minLength: 1,
        description:
          "A folder on the controller, in which the file gets its host's name and whole path; with flat, the file itself, or a folder that ends with /.",
        examples: ['backup'],
      },
      flat: { type: 'boolean', default: false, description: 'Whether dest is the file itself.' },
      fail_on_missing: {
        type: 'boolean',
        default: true,
        description: 'Whether a file that is missing is a failure.',
      },
      validate_checksum: {
        type: 'boolean',
        default: true,
        description: 'Whether what came is compared with what was sent.',
      },
    },
  },
  examples: [
    { fetch: { src: '/etc/frr/frr.conf', dest: 'backup' } },
    { fetch: { src: '/etc/hostname', dest: 'names/{{ inventory_hostname }}', flat: true } },
  ],
  check: 'predicts',
  run,
};
