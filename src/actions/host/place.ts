/** The script that puts content in the place of a file: compares, keeps a backup, validates, replaces it in one step. */
import { shellWords } from '../free-form.js';
import { REAL } from './answer.js';
import { expandedWord } from './words.js';

/** Longer content is not sent before the host has said that it differs. */
export const SMALL = 64 * 1024;
/** No diff shows more: Ansible's own limit (MAX_FILE_SIZE_FOR_DIFF). */
export const MOST_DIFFED = 104_448;

/** What `np_put` is to do besides, as lines of shell. */
export interface PutOptions {
  backup?: boolean;
  /** Default true: false leaves a file that is there as it is. */
  force?: boolean;
  /** Whether a link is followed, or replaced by a file. */
  follow?: boolean;
  /** A command with `%s` for the new file's path. */
  validate?: string;
  /** Whether the content before is wanted. */
  diff?: boolean;
  /** Writes into the file itself where it can't be replaced (a mount of its own). */
  unsafeWrites?: boolean;
}

/** SHA-1 is Ansible's; a host has coreutils', BusyBox's or openssl. */
export const SHA1 = `np_sha1() {
  if command -v sha1sum >/dev/null 2>&1; then sha1sum <"$1" | cut -c1-40
  else openssl sha1 <"$1" | sed 's/.*[= ]//'; fi
}`;

/**
 * The function `np_put DEST SHA1 CONTENT`, where CONTENT is a function that prints the new content, or `np_none` where it
 * was not sent. It tells `dest`, `same` or `differs`, the content before, `backup`, and ends with the attributes.
 * The new file stands beside the old one under another name until it has its owner, mode and SELinux context.
 */
export function putScript(options: PutOptions): string {
  const { backup, force = true, follow, validate, diff, unsafeWrites } = options;
  return `${SHA1}
np_backup=${backup ? 1 : ''} np_force=${force ? 1 : ''} np_follow=${follow ? 1 : ''}
np_diff=${diff ? 1 : ''} np_unsafe=${unsafeWrites ? 1 : ''}
np_validate() {
  ${validate === undefined ? ':' : validation(validate)}
}
np_tmp= np_uploaded=
trap 'rm -f \${np_tmp:+"$np_tmp"} \${np_uploaded:+"$np_uploaded"}' EXIT
${PUT}`;
}

/** The command's words as Ansible splits them: no shell is asked. */
function validation(command: string): string {
  const words = shellWords(command).map((word) =>
    word
      .split('%s')
      .map((part) => (part === '' ? '' : expandedWord(part)))
      .join('"$1"'),
  );
  return `( exec ${words.join(' ')} ) </dev/null`;
}

const PUT = `${REAL}
np_context() {
  [ -e /sys/fs/selinux/enforce ] || return 0
  if [ -e "$2" ]; then chcon --reference="$2" "$1" 2>/dev/null || :
  else np_label=$(matchpathcon -n "$2" 2>/dev/null) && chcon "$np_label" "$1" 2>/dev/null || :; fi
}
np_keep() {
  np_copy="$1.$$.$(date +%Y-%m-%d@%H:%M:%S~)"
  np_act cp -p "$1" "$np_copy"
  [ -n "$np_check" ] || np_tell backup "$np_copy"
}
np_write() { "$1" >"$2"; }
np_shown() {
  np_size=$(stat -L -c %s "$1")
  if [ "$np_size" -gt ${MOST_DIFFED} ]; then np_say long "$2"; else printf '%s ' "$2"; np_enc <"$1"; fi
}
np_put() {
  np_dest=$1 np_quiet= np_differs=
  if [ -d "$np_dest" ]; then np_fail "$np_dest is a directory"; fi
  if [ -L "$np_dest" ] && [ -n "$np_follow" ]; then np_dest=$(np_real "$np_dest"); fi
  np_tell dest "$np_dest"
  np_old=
  if [ -e "$np_dest" ] || [ -L "$np_dest" ]; then
    [ -n "$np_force" ] || { np_say kept; np_info "$np_dest"; return 0; }
    [ -f "$np_dest" ] && np_old=$(np_sha1 "$np_dest")
  else
    np_dir=$(dirname "$np_dest") np_quiet=1
    # In check mode an earlier task may be what would make it.
    [ -d "$np_dir" ] || [ -n "$np_check" ] || np_fail "the directory $np_dir does not exist"
  fi
  if [ "$np_old" = "$2" ] && ! [ -L "$np_dest" ]; then np_say same
  else
    np_say differs; np_differs=1
    if [ -n "$np_diff" ] && [ -n "$np_old" ]; then np_shown "$np_dest" before; fi
    if [ "$3" = np_none ]; then np_say wanted; return 0; fi
    [ -n "$np_check" ] || np_replace "$3"
  fi
  if [ -e "$np_dest" ]; then np_attrs "$np_dest"; fi
  np_info "$np_dest"
}
np_replace() {
  np_tmp=$(mktemp "$np_dest.XXXXXX" 2>&1) || np_fail "$np_tmp"
  np_e=$(np_write "$1" "$np_tmp" 2>&1) || np_fail "$np_e"
  if [ -e "$np_dest" ] && ! [ -L "$np_dest" ]; then
    np_act chown "$(stat -c %u:%g "$np_dest")" "$np_tmp"
    np_act chmod "$(stat -c %a "$np_dest")" "$np_tmp"
  else np_act chmod "$(printf %o $((0666 & ~$(umask))))" "$np_tmp"; fi
  np_context "$np_tmp" "$np_dest"
  np_attrs "$np_tmp"
  np_v=$(np_validate "$np_tmp" 2>&1) || np_fail "validation failed with exit code $?: $np_v"
  if [ -n "$np_backup" ] && [ -e "$np_dest" ]; then np_keep "$np_dest"; fi
  if np_e=$(mv -f "$np_tmp" "$np_dest" 2>&1); then :
  elif [ -n "$np_unsafe" ]; then np_act cp "$np_tmp" "$np_dest"; rm -f "$np_tmp"
  else np_fail "$np_e"; fi
  np_tmp=
}`;
