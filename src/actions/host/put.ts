/** Puts content into one file of a host: what copy, template, lineinfile and blockinfile share. */
import { createHash, randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { quote } from '../../shared/shell.js';
import type { ActionContext, ActionResult, Binary, FileDiff } from '../action.js';
import { type Answer, ask } from './answer.js';
import { type Attributes, attributesDiff, attributesScript, infoOf, warningsOf } from './attributes.js';
import { contentFunction } from './content.js';
import { MOST_DIFFED, type PutOptions, putScript, SMALL } from './place.js';
import { pathWord } from './words.js';

/** More does not go with one frame. */
const CHUNK = 1024 * 1024;

export interface Put {
  /** The path as the task has it. */
  dest: string;
  /** Shell lines that may make another path of `np_to`; run before anything else. */
  toward?: string;
  content: Buffer;
  options: PutOptions;
  attributes: Attributes;
}

/** The parameters that copy and template share. */
export interface WriteParams extends Attributes {
  dest: string;
  backup?: boolean;
  force?: boolean;
  follow?: boolean;
  validate?: string;
  directory_mode?: string;
  unsafe_writes?: boolean;
}

export function optionsOf(params: WriteParams, context: ActionContext): PutOptions {
  const { backup, force, follow, validate, unsafe_writes: unsafeWrites } = params;
  return {
    diff: context.diff,
    ...(backup === undefined ? {} : { backup }),
    ...(force === undefined ? {} : { force }),
    ...(follow === undefined ? {} : { follow }),
    ...(validate === undefined ? {} : { validate }),
    ...(unsafeWrites === undefined ? {} : { unsafeWrites }),
  };
}

export function sha1(content: Buffer): string {
  return createHash('sha1').update(content).digest('hex');
}

/** The answer of the script, or a failed result. Small content goes with the question, other content only if it is wanted. */
export async function put(wish: Put, context: ActionContext): Promise<Answer | ActionResult> {
  const small = wish.content.length <= SMALL;
  const answer = await ask(
    context,
    scriptOf(wish, small ? contentFunction('np_new', wish.content) : undefined),
  );
  if ('changed' in answer || !answer.has('wanted')) return answer;
  if (context.check) return answer;
  const dest = answer.text('dest') ?? wish.dest;
  const uploaded = await upload(wish.content, dest, context);
  if (typeof uploaded !== 'string') return uploaded;
  return ask(context, scriptOf(wish, 'np_new() { cat "$np_uploaded"; }', uploaded));
}

/** @param content the function `np_new`; left out where the content is not sent */
function scriptOf(
  { dest, toward = '', content, options, attributes }: Put,
  sender: string | undefined,
  uploaded = '',
): string {
  return [
    sender ?? '',
    attributesScript(attributes),
    putScript(options),
    `np_uploaded=${quote(uploaded)}`,
    `np_to=${pathWord(dest)}`,
    toward,
    `np_put "$np_to" ${sha1(content)} ${sender === undefined ? 'np_none' : 'np_new'}`,
  ].join('\n');
}

/** Sends long content in pieces to a file beside its place, for root or the task's user alone. @returns its path */
async function upload(content: Buffer, dest: string, context: ActionContext): Promise<string | ActionResult> {
  const path = `${dest}.${randomBytes(6).toString('hex')}`;
  for (let at = 0; at < content.length; at += CHUNK) {
    const piece = contentFunction('np_piece', content.subarray(at, at + CHUNK));
    const answer = await ask(
      context,
      `${piece}\numask 077; np_e=$( { np_piece >>${quote(path)}; } 2>&1) || { rm -f ${quote(path)}; np_fail "$np_e"; }`,
    );
    if ('changed' in answer) return answer;
  }
  return path;
}

/** The keys that every result of a written file has. */
export function putResult(answer: Answer, wish: Put, context: ActionContext): ActionResult {
  const dest = answer.text('dest') ?? wish.dest;
  const differs = answer.has('differs');
  const attributes = attributesDiff(answer, dest);
  const backup = answer.text('backup');
  const diff = [
    ...(differs ? [contentDiff(answer, dest, wish.content)] : []),
    ...(attributes === undefined ? [] : [attributes]),
  ];
  return {
    changed: differs || attributes !== undefined,
    dest,
    checksum: sha1(wish.content),
    ...(backup === undefined ? {} : { backup_file: backup }),
    ...(answer.has('info') ? infoOf(answer) : {}),
    ...(context.diff && diff.length > 0 ? { diff } : {}),
    ...warningsOf(answer),
  };
}

/** @param after the new content; left out where the host told it */
export function contentDiff(answer: Answer, path: string, after?: Buffer): FileDiff {
  const told = (side: string): FileDiff['before'] =>
    answer.words('long').includes(side)
      ? { hidden: 'long' }
      : shownContent(answer.bytes(side) ?? Buffer.alloc(0));
  return {
    path,
    before: told('before'),
    after: after === undefined ? told('after') : shownContent(after),
    beforeHeader: path,
    afterHeader: path,
  };
}

/** Content as a diff shows it. */
export function shownContent(content: Buffer): string | Binary {
  if (content.length > MOST_DIFFED) return { hidden: 'long' };
  const text = content.toString('utf8');
  return /[\0\uFFFD]/.test(text) ? { hidden: 'binary' } : text;
}

/** Lines of shell for a `dest` that may be a folder: then the file's own name stands behind it. */
export function intoFolder(source: string): string {
  const name = quote(basename(source));
  return `case $np_to in */) np_folders "\${np_to%/}"; np_to="$np_to"${name} ;; *) if [ -d "$np_to" ]; then np_to=$np_to/${name}; fi ;; esac`;
}

/** `np_folders` makes a folder and those above it. */
export function foldersFunction(mode: string | undefined): string {
  const set = mode === undefined ? '' : ` np_act chmod ${quote(mode)} "$1";`;
  return `np_folders() {
  [ -d "$1" ] && return; [ -n "$1" ] || return 0
  np_say changed; np_folders "$(dirname "$1")"; np_act mkdir "$1";${set}
  if [ -z "$np_check" ]; then [ -z "$np_uid" ] || np_act chown "$np_uid" "$1"; [ -z "$np_gid" ] || np_act chgrp "$np_gid" "$1"; fi
}`;
}
