import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isMap } from '../shared/is-map.js';
import { type Action, type ActionContext, type ActionResult, failure } from './action.js';
import { preservableProperties } from './host/attributes.js';
import { copyFolder } from './host/copy-folder.js';
import { copyRemote } from './host/copy-remote.js';
import {
  foldersFunction,
  intoFolder,
  optionsOf,
  type Put,
  put,
  putResult,
  sha1,
  type WriteParams,
} from './host/put.js';

export interface CopyParams extends WriteParams {
  src?: string;
  content?: unknown;
  remote_src?: boolean;
  decrypt?: boolean;
  local_follow?: boolean;
  checksum?: string;
}

/** What copy and template share. */
export const writeProperties = {
  backup: {
    type: 'boolean',
    default: false,
    description:
      'Keeps what is replaced beside it, with the time in its name; the result has it as backup_file.',
  },
  force: { type: 'boolean', default: true, description: 'Whether a file that is there is replaced.' },
  follow: {
    type: 'boolean',
    default: false,
    description: 'Whether a link in its place is followed; else it is replaced by a file.',
  },
  validate: {
    type: 'string',
    pattern: '%s',
    description: 'A command that must succeed before the new file takes its place; %s stands for its path.',
    examples: ['/usr/sbin/visudo -cf %s'],
  },
  unsafe_writes: {
    type: 'boolean',
    default: false,
    description: 'Writes into the file itself where it can not be replaced: one that is a mount of its own.',
  },
} as const;

/** Writes one file whose content is known. @param source its name where dest is a folder; left out for plain content */
export async function writeContent(
  content: Buffer,
  params: WriteParams,
  context: ActionContext,
  source?: string,
): Promise<ActionResult> {
  const toward =
    source === undefined ? '' : `${foldersFunction(params.directory_mode)}\n${intoFolder(source)}`;
  const wish: Put = {
    dest: params.dest,
    toward,
    content,
    options: optionsOf(params, context),
    attributes: params,
  };
  const answer = await put(wish, context);
  if ('changed' in answer) return { ...answer, dest: params.dest };
  const result = putResult(answer, wish, context);
  if (!answer.has('differs')) return result;
  return { ...result, md5sum: createHash('md5').update(content).digest('hex') };
}

/** Maps and lists as Python's json.dumps writes them, which is what stands in the file with Ansible. */
function textOf(content: unknown): string {
  return isMap(content) || Array.isArray(content) ? json(content) : String(content);
}

function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`;
  if (isMap(value)) {
    const pairs = Object.entries(value).map(([key, inner]) => `${json(key)}: ${json(inner)}`);
    return `{${pairs.join(', ')}}`;
  }
  return JSON.stringify(value).replaceAll(
    /[^\0-\x7f]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function modeOf(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o7777).toString(8).padStart(4, '0');
}

async function run(params: CopyParams, context: ActionContext): Promise<ActionResult> {
  const { src, content, remote_src: remote, decrypt = true } = params;
  if (content !== undefined) return writeContent(Buffer.from(textOf(content)), params, context);
  if (src === undefined) throw new Error('neither src nor content: the schema let it through');
  if (remote) return copyRemote({ ...params, src }, context);
  const file = context.findFile(src, 'files');
  if ((await stat(file)).isDirectory()) return copyFolder(file, { ...params, src }, context);
  const read = await readFile(file);
  const given = decrypt ? context.decrypt(read, file) : read;
  const { checksum = sha1(given) } = params;
  if (sha1(given) !== checksum)
    return failure(`${file} does not have the checksum ${checksum}`, { src: file });
  const mode = params.mode === 'preserve' ? { mode: await modeOf(file) } : {};
  const result = await writeContent(given, { ...params, ...mode }, context, basename(src));
  return { ...result, src: file };
}

/** Files, folders and text of the controller, or what the host has already, to a place on the host. */
export const copy: Action<CopyParams> = {
  name: 'copy',
  summary: 'Copies a file, a folder or given text to the host.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dest'],
    oneOf: [{ required: ['src'] }, { required: ['content'] }],
    properties: {
      src: {
        type: 'string',
        minLength: 1,
        description:
          "A file or folder of the controller, looked for in the role's or playbook's files/ folder. Of a folder that ends with / what is in it is copied, else the folder itself.",
        examples: ['ntp.conf', 'conf.d/'],
      },
      content: {
        type: ['string', 'number', 'boolean', 'object', 'array'],
        description: 'The text of the file, in the place of src. A map or list is written as JSON.',
        examples: ['nameserver 192.0.2.53\n'],
      },
      dest: {
        type: 'string',
        minLength: 1,
        description: 'The path on the host. One that ends with / is a folder, and made if it is missing.',
        examples: ['/etc/ntp.conf'],
      },
      remote_src: { type: 'boolean', default: false, description: 'Whether src is a path on the host.' },
      ...preservableProperties,
      directory_mode: {
        type: 'string',
        format: 'chmod-mode',
        description: 'The mode of folders that are made.',
        examples: ['0755'],
      },
      ...writeProperties,
      decrypt: {
        type: 'boolean',
        default: true,
        description: 'Whether a file that ansible-vault encrypted is decrypted.',
      },
      local_follow: {
        type: 'boolean',
        default: true,
        description:
          'Whether links in a folder of the controller are followed; else they are copied as links.',
      },
      checksum: {
        type: 'string',
        pattern: '^[0-9a-f]{40}$',
        description: 'The SHA-1 that src must have.',
      },
    },
  },
  examples: [
    {
      copy: {
        src: 'ntp.conf',
        dest: '/etc/ntp.conf',
        owner: 'root',
        group: 'root',
        mode: '0644',
        backup: true,
      },
    },
    { copy: { content: 'nameserver 192.0.2.53\n', dest: '/etc/resolv.conf' } },
    { copy: { src: '/etc/motd', dest: '/etc/motd.old', remote_src: true } },
  ],
  check: 'predicts',
  contradiction({ content, dest }) {
    if (content === undefined || !dest.endsWith('/')) return undefined;
    return { path: ['dest'], message: 'dest: must be a file where content is given, not a folder' };
  },
  run,
};
