/** `remote_src`: copies what the host has already, in one frame. */
import type { ActionContext, ActionResult, FileDiff } from '../action.js';
import type { CopyParams } from '../copy.js';
import { type Answer, ask } from './answer.js';
import { attributesDiff, attributesScript, infoOf, warningsOf } from './attributes.js';
import { putScript } from './place.js';
import { contentDiff, foldersFunction, optionsOf } from './put.js';
import { pathWord } from './words.js';

/**
 * `np_tree SRC DEST` copies what is in a folder. Of a folder each file that is written gets the mode that its source has, as Ansible's
 * copytree does; a single file does not.
 */
const TREE = `np_new() { cat "$np_src"; }
np_item() {
  np_src=$1 np_count=$((np_count + 1)); np_say item $np_count
  np_sum=$(np_sha1 "$1"); np_say sum "$np_sum" "$(md5sum <"$1" 2>/dev/null | cut -c1-32)"
  np_fresh=; [ -f "$2" ] && [ "$np_sum" = "$(np_sha1 "$2")" ] || np_fresh=$np_treed
  np_put "$2" "$np_sum" np_new
  if [ -n "$np_diff" ] && [ -n "$np_differs" ]; then np_shown "$np_src" after; fi
}
np_tree() {
  np_folders "$2"
  for np_from in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -L "$np_from" ] && [ -z "$np_local" ]; then
      [ "$(readlink "$np_from")" = "$(readlink "$2/\${np_from##*/}" 2>/dev/null)" ] || { np_say changed; np_act ln -sfn "$(readlink "$np_from")" "$2/\${np_from##*/}"; }
    elif [ -d "$np_from" ]; then
      set -- "$1" "$2" "$np_from"
      np_tree "$3" "$2/\${3##*/}"
    elif [ -f "$np_from" ]; then np_item "$np_from" "$2/\${np_from##*/}"; fi
  done
}`;

function scriptOf(params: CopyParams & { src: string }, context: ActionContext): string {
  const {
    src,
    dest,
    mode,
    local_follow: follow,
    directory_mode: folderMode,
    checksum = '',
    ...rest
  } = params;
  const preserve = mode === 'preserve';
  const source = 'np_new=$((0x$(stat -L -c %f "$np_src") & 4095))';
  return [
    attributesScript({ ...rest, ...(mode === undefined || preserve ? {} : { mode }) }),
    preserve ? `np_mode() { ${source}; }` : '',
    mode === undefined ? `np_mode() { np_new=$(($1 & 4095)); [ -z "$np_fresh" ] || ${source}; }` : '',
    putScript(optionsOf(params, context)),
    foldersFunction(folderMode),
    TREE,
    `np_local=${follow ? 1 : ''} np_treed= np_count=0 np_root=${pathWord(src)} np_to=${pathWord(dest)}`,
    '[ -e "$np_root" ] || np_fail "$np_root does not exist on this host"',
    '[ -r "$np_root" ] || np_fail "$np_root may not be read"',
    'np_name=${np_root%/}; np_name=${np_name##*/}',
    `if [ -d "$np_root" ]; then
  np_treed=1; np_say tree
  case $np_root in
    */) np_tree "\${np_root%/}" "\${np_to%/}" ;;
    *) np_tree "$np_root" "\${np_to%/}/$np_name" ;;
  esac
elif [ -f "$np_root" ]; then
  [ -z "${checksum}" ] || [ "$(np_sha1 "$np_root")" = "${checksum}" ] || np_fail "$np_root does not have the checksum ${checksum}"
  case $np_to in */) np_folders "\${np_to%/}"; np_to=$np_to$np_name ;; *) if [ -d "$np_to" ]; then np_to=$np_to/$np_name; fi ;; esac
  np_item "$np_root" "$np_to"
else np_fail "$np_root is no file"; fi`,
  ].join('\n');
}

export async function copyRemote(
  params: CopyParams & { src: string },
  context: ActionContext,
): Promise<ActionResult> {
  const answer = await ask(context, scriptOf(params, context));
  const { src, dest } = params;
  if ('changed' in answer) return { ...answer, dest, src };
  return answer.has('tree') ? treeResult(answer, params, context) : fileResult(answer, params, context);
}

function fileResult(answer: Answer, { src, dest }: CopyParams, context: ActionContext): ActionResult {
  const path = answer.text('dest') ?? dest;
  const [checksum, md5sum] = (answer.word('sum') ?? '').split(' ');
  const diff = diffsOf(answer, path);
  const backup = answer.text('backup');
  return {
    changed: diff.length > 0,
    dest: path,
    src,
    checksum,
    ...(md5sum === '' ? {} : { md5sum }),
    ...(backup === undefined ? {} : { backup_file: backup }),
    ...infoOf(answer),
    ...(context.diff && diff.length > 0 ? { diff } : {}),
    ...warningsOf(answer),
  };
}

function treeResult(answer: Answer, { src, dest }: CopyParams, context: ActionContext): ActionResult {
  const files = [...answer.parts('item').values()];
  const diff = files.flatMap((part) => diffsOf(part, part.text('dest') ?? dest));
  const changed = answer.has('changed') || diff.length > 0;
  return { changed, dest, src, ...(context.diff && diff.length > 0 ? { diff } : {}), ...warningsOf(answer) };
}

/** Content and attributes that differ. */
function diffsOf(answer: Answer, path: string): FileDiff[] {
  const attributes = attributesDiff(answer, path);
  const content = answer.has('differs') ? [contentDiff(answer, path)] : [];
  return [...content, ...(attributes === undefined ? [] : [attributes])];
}
