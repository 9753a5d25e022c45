/** The script of `file`: what a path is, and how it becomes what it shall be. Each function is a state. */
import { REAL } from './answer.js';
import { absoluteMode } from './mode.js';
import { pathWord } from './words.js';

export type FileState = 'absent' | 'directory' | 'file' | 'hard' | 'link' | 'touch';

export interface FileWish {
  path: string;
  state?: FileState;
  src?: string;
  recurse?: boolean;
  /** Default true. */
  follow?: boolean;
  force?: boolean;
  mode?: string;
  /** `touch -t` words, `now` or `preserve`. */
  mtime: string;
  atime: string;
}

const KINDS = `np_kind() {
  if [ -L "$1" ]; then echo link
  elif [ -d "$1" ]; then echo directory
  elif [ ! -e "$1" ]; then echo absent
  elif [ "$(stat -c %h "$1")" -gt 1 ]; then echo hard
  else echo file; fi
}
np_becomes() { [ "$np_prev" = "$1" ] || { np_say attr state "$np_prev" "$1"; }; }
${REAL}
# Under a name of its own first, so that nobody finds nothing in its place.
np_swap() {
  [ -z "$np_check" ] || return 0
  np_new_name="$(dirname "$np_path")/.netplay-$$-link"
  if [ "$np_prev" = directory ]; then np_act rmdir "$np_path"; fi
  rm -f "$np_new_name"; np_act "$@" "$np_new_name"
  # Without -T a link to a folder would be followed into it; an old mv has none.
  if np_e=$(mv -f -T "$np_new_name" "$np_path" 2>&1) || np_e=$(rm -f "$np_path" && mv -f "$np_new_name" "$np_path" 2>&1); then :
  else rm -f "$np_new_name"; np_fail "$np_e"; fi
}`;

/** `np_times FILE` sets what is wanted, in the host's time zone, and tells a difference. */
const TIMES = `np_stamp() {
  np_iso=$(echo "$1" | sed 's/^\\(....\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\.\\(..\\)$/\\1-\\2-\\3 \\4:\\5:\\6/')
  date -d "$np_iso" +%s 2>/dev/null || echo invalid
}
np_time() {
  case $2 in
    preserve) return ;;
    now) [ -n "$np_check" ] || np_act touch -c "-$1" "$4"; np_say changed ;;
    *) np_want=$(np_stamp "$2")
      [ "$np_want" != invalid ] || np_fail "$2 is no time"
      [ "$np_want" != "$3" ] || return 0
      np_say attr "\${1}time" "$3" "$np_want"; np_act touch -c "-$1" -t "$2" "$4" ;;
  esac
}
np_times() {
  if ! [ -e "$1" ]; then return 0; fi
  np_time m "$np_mtime" "$(stat -L -c %Y "$1")" "$1"
  np_time a "$np_atime" "$(stat -L -c %X "$1")" "$1"
}`;

const STATES = `np_absent() {
  np_becomes absent
  case $np_prev in
    absent) ;;
    directory) np_act rm -rf "$np_path" ;;
    *) np_act rm -f "$np_path" ;;
  esac
}
np_follow_link() {
  if [ -n "$np_follow" ] && [ "$np_prev" = link ]; then np_path=$(np_real "$np_path"); np_prev=$(np_kind "$np_path"); fi
}
np_file() {
  np_follow_link
  case $np_prev in
    file|hard) np_attrs "$np_path"; np_times "$np_path" ;;
    *) np_fail "$np_path is $np_prev, not a file: state file makes none" ;;
  esac
}
np_directory() {
  np_follow_link
  case $np_prev in
    absent) np_becomes directory; [ -n "$np_check" ] || np_folders "$np_path" ;;
    directory) np_attrs "$np_path"; np_times "$np_path"; if [ -n "$np_recurse" ]; then np_below "$np_path"; fi ;;
    *) np_fail "$np_path is there already, and is a $np_prev" ;;
  esac
}
# Each folder on the way that is missing gets the same owner, group and mode.
np_folders() {
  [ -d "$1" ] && return
  np_folders "$(dirname "$1")"
  np_act mkdir "$1"
  np_quiet=1; np_attrs "$1"; np_quiet=
}
np_link() {
  if [ -z "$np_src" ]; then
    if [ "$np_prev" = link ]; then np_src=$(readlink "$np_path"); else np_fail "src is needed to make a link"; fi
  fi
  if [ -d "$np_path" ] && ! [ -L "$np_path" ]; then np_base=$np_path; else np_base=$(dirname "$np_path"); fi
  case $np_src in /*) np_target=$np_src ;; *) np_target=$np_base/$np_src ;; esac
  if [ -z "$np_force" ] && ! [ -e "$np_target" ] && [ -z "$np_check" ]; then np_fail "$np_target does not exist: force: true makes the link all the same"; fi
  case $np_prev in
    directory)
      [ -n "$np_force" ] || np_fail "$np_path is a directory: force: true puts a link in its place"
      [ -z "$(ls -A "$np_path")" ] || np_fail "$np_path is a directory that is not empty" ;;
    file|hard) [ -n "$np_force" ] || np_fail "$np_path is a file: force: true puts a link in its place" ;;
  esac
  np_becomes link
  if [ "$np_prev" = link ]; then
    np_was=$(readlink "$np_path")
    if [ "$np_was" != "$np_src" ]; then np_tell src_before "$np_was"; np_tell src_after "$np_src"; np_swap ln -s "$np_src"; fi
  else np_tell src_after "$np_src"; np_swap ln -s "$np_src"; fi
  if [ -n "$np_check" ] && [ -n "$np_follow" ]; then
    if [ -e "$np_target" ]; then np_attrs "$np_target"; fi
  elif [ -e "$np_path" ] && [ -L "$np_path" ]; then
    if [ -n "$np_follow" ]; then np_attrs "$(np_real "$np_path")"; else np_attrs "$np_path"; fi
  elif [ -L "$np_path" ] && [ -z "$np_follow" ]; then np_attrs "$np_path"
  elif [ -L "$np_path" ] && [ -n "$np_uid$np_gid$np_moded" ]; then
    np_tell warning "$np_src does not exist: owner, group and mode can not be set (follow: false means the link itself)"
  fi
}
np_hard() {
  if [ -z "$np_src" ]; then [ "$np_prev" = hard ] || np_fail "src is needed to make a link"
  elif ! [ -e "$np_src" ]; then [ -n "$np_check" ] || np_fail "$np_src does not exist"
  elif [ "$np_prev" = absent ] || [ "$(stat -c %d:%i "$np_path")" != "$(stat -L -c %d:%i "$np_src")" ]; then
    case $np_prev in
      absent|link) ;;
      *) [ -n "$np_force" ] || np_fail "$np_path is a $np_prev already: force: true puts the link in its place" ;;
    esac
    np_becomes hard; np_say changed; np_swap ln "$np_src"
  fi
  if [ -e "$np_path" ]; then np_attrs "$np_path"; np_times "$np_path"; fi
}
np_touch() {
  if [ "$np_prev" = absent ]; then
    np_becomes touch
    [ -z "$np_check" ] || return 0
    np_e=$( { : >"$np_path"; } 2>&1) || np_fail "$np_e"
    np_quiet=1
  fi
  np_on=$np_path
  if [ -n "$np_follow" ]; then np_on=$(np_real "$np_path"); fi
  np_attrs "$np_on"; np_times "$np_on"
}`;

/**
 * With a mode of digits what differs is found by one `find`; clauses depend on what each file has, so these are looked at
 * one by one. Links themselves have an owner, and no mode.
 */
function belowFunction(mode: string | undefined): string {
  const absolute = mode === undefined ? undefined : absoluteMode(mode);
  const octal = absolute?.toString(8).padStart(4, '0');
  const each = (test: string, act: string): string => `
  if [ -n "$(find "$1" ${test} -print | head -n 1)" ]; then np_say changed; np_act find "$1" ${test} -exec ${act} {} +; fi`;
  const owner = `
  if [ -n "$np_uid" ]; then ${each('! -user "$np_uid"', 'chown -h "$np_uid"').trim()}; fi
  if [ -n "$np_gid" ]; then ${each('! -group "$np_gid"', 'chgrp -h "$np_gid"').trim()}; fi`;
  if (mode === undefined) return `np_below() {${owner}\n}`;
  if (octal !== undefined)
    return `np_below() {${owner}${each(`! -type l ! -perm ${octal}`, `chmod ${octal}`)}\n}`;
  return `np_below() {
  for np_inner in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$np_inner" ] || [ -L "$np_inner" ] || continue
    set -- "$1" "$np_inner"
    np_quiet=; np_before_attrs "$2"
    if [ -d "$2" ] && ! [ -L "$2" ]; then ( np_below "$2" ) || exit; fi
  done
}
np_before_attrs() { np_attrs "$1" | sed 's/^attr .*/changed/'; }`;
}

/** What other actions use of it: `np_kind`, `np_link` and what these need. */
export const fileScriptFunctions = [KINDS, TIMES, STATES].join('\n');

/** The whole script, behind that of the attributes. */
export function fileScript(wish: FileWish): string {
  const { path, state = '', src, recurse, follow = true, force, mode, mtime, atime } = wish;
  return `np_path=${pathWord(path)} np_src=${src === undefined ? "''" : pathWord(src)}
np_recurse=${recurse ? 1 : ''} np_follow=${follow ? 1 : ''} np_force=${force ? 1 : ''} np_moded=${mode === undefined ? '' : 1}
np_mtime=${mtime} np_atime=${atime}
${fileScriptFunctions}
${belowFunction(mode)}
np_state=${state}
case $np_state in
  link|absent|'') ;;
  *) if [ -n "$np_src" ] && [ -d "$np_path" ]; then np_path=\${np_path%/}/$(basename "$np_src"); fi ;;
esac
np_prev=$(np_kind "$np_path")
if [ -z "$np_state" ]; then
  if [ "$np_prev" != absent ]; then np_state=$np_prev
  elif [ -n "$np_recurse" ]; then np_state=directory
  else np_state=file; fi
fi
np_say state "$np_state"
if [ -n "$np_recurse" ] && [ "$np_state" != directory ]; then np_fail "recurse is for state directory only"; fi
np_tell path "$np_path"
np_$np_state
np_tell path "$np_path"
np_info "$np_path"`;
}
