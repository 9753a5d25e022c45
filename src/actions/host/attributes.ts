/** Owner, group and mode of a file: compared and set on the host, in the script that does the rest. */
import { quote } from '../../shared/shell.js';
import type { FileDiff } from '../action.js';
import { Answer } from './answer.js';
import { modeFunction } from './mode.js';

export interface Attributes {
  owner?: string;
  group?: string;
  mode?: string;
}

/** The parameters that all actions for files share, for their schemas. */
export const attributeProperties = {
  owner: {
    type: 'string',
    pattern: '^[^-]',
    description:
      "The user that owns it: name or number. Left out: a new file's owner is who the task runs as.",
    examples: ['root'],
  },
  group: {
    type: 'string',
    pattern: '^[^-]',
    description: 'The group that owns it: name or number.',
    examples: ['adm'],
  },
  mode: {
    type: 'string',
    format: 'chmod-mode',
    description:
      'Its permissions, as octal digits (quoted or not) or as chmod has them. Left out: those that it has, or what the umask leaves of 0666 (files) and 0777 (folders).',
    examples: ['0644', 'u=rw,g=r,o='],
  },
} as const;

/** As `attributeProperties`, with `preserve` for a mode. */
export const preservableProperties = {
  ...attributeProperties,
  mode: {
    type: 'string',
    format: 'chmod-mode-or-preserve',
    description: `${attributeProperties.mode.description} preserve takes those of the source.`,
    examples: ['0644', 'u=rw,g=r,o=', 'preserve'],
  },
} as const;

/**
 * Shell functions: `np_ids` looks up `owner` and `group` once; `np_attrs FILE` compares and sets, and tells each
 * difference as `attr NAME BEFORE AFTER`; `np_info FILE` tells what the file is in the end. A symbolic link's own
 * owner is meant; it has no mode.
 */
export function attributesScript({ owner = '', group = '', mode }: Attributes): string {
  return `${modeFunction(mode)}
np_owner=${quote(owner)} np_group=${quote(group)} np_uid= np_gid= np_quiet=
${ATTRIBUTES}
np_ids`;
}

const ATTRIBUTES = `np_lookup() {
  case $2 in *[!0-9]*) ;; *) echo "$2"; return ;; esac
  { getent "$1" "$2" 2>/dev/null || cat "/etc/$1"; } | awk -F: -v n="$2" '$1 == n { print $3; exit }'
}
np_ids() {
  if [ -n "$np_owner" ]; then
    np_uid=$(np_lookup passwd "$np_owner")
    [ -n "$np_uid$np_check" ] || np_fail "there is no user $np_owner on this host"
    [ -n "$np_uid" ] || { np_tell warning "there is no user $np_owner on this host yet"; np_uid=$np_owner; }
  fi
  if [ -n "$np_group" ]; then
    np_gid=$(np_lookup group "$np_group")
    [ -n "$np_gid$np_check" ] || np_fail "there is no group $np_group on this host"
    [ -n "$np_gid" ] || { np_tell warning "there is no group $np_group on this host yet"; np_gid=$np_group; }
  fi
}
# Of a file that is new nothing has changed.
np_attr() { [ -n "$np_quiet" ] || np_say attr "$@"; }
np_attrs() {
  np_f=$1
  set -- $(stat -c '%f %u %g' "$np_f")
  [ $# -eq 3 ] || np_fail "$np_f can not be examined"
  if [ -n "$np_uid" ] && [ "$np_uid" != "$2" ]; then np_attr owner "$2" "$np_uid"; np_act chown -h "$np_uid" "$np_f"; fi
  if [ -n "$np_gid" ] && [ "$np_gid" != "$3" ]; then np_attr group "$3" "$np_gid"; np_act chgrp -h "$np_gid" "$np_f"; fi
  np_m=$((0x$1))
  [ $((np_m & 61440)) -ne 40960 ] || return 0
  # chown takes the bits of set-user-id away: what is compared is what stands now.
  np_mode $np_m
  np_now=$((np_m & 4095))
  [ -n "$np_check" ] || [ $((np_now & 3072)) -eq 0 ] || np_now=$((0x$(stat -c %f "$np_f") & 4095))
  if [ $np_new -ne $np_now ]; then
    np_attr mode "$(printf %04o $np_now)" "$(printf %04o $np_new)"
    np_act chmod "$(printf %04o $np_new)" "$np_f"
  fi
}
np_info() {
  np_say info "$(stat -c '%f %u %g %s %h %U %G' "$1" 2>/dev/null || echo absent)"
}`;

/** Keys that Ansible adds to the result of everything that handles a file. */
export function infoOf(answer: Answer): Record<string, unknown> {
  const [raw = 'absent', uid, gid, size, links, owner, group] = (answer.word('info') ?? 'absent').split(' ');
  if (raw === 'absent') return { state: 'absent' };
  const mode = Number.parseInt(raw, 16);
  return {
    uid: Number(uid),
    gid: Number(gid),
    owner: owner === 'UNKNOWN' ? uid : owner,
    group: group === 'UNKNOWN' ? gid : group,
    mode: `0${(mode & 0o7777).toString(8).padStart(3, '0')}`,
    size: Number(size),
    state: stateOf(mode, Number(links)),
  };
}

const FORMAT = 0o170000;

function stateOf(mode: number, links: number): string {
  if ((mode & FORMAT) === 0o120000) return 'link';
  if ((mode & FORMAT) === 0o040000) return 'directory';
  return links > 1 ? 'hard' : 'file';
}

/** What `np_attrs` and its like told, as a diff of `name: value` lines; undefined where nothing differs. */
export function attributesDiff(answer: Answer, path: string): FileDiff | undefined {
  const changes = answer.words('attr').map((line) => line.split(' '));
  if (changes.length === 0) return undefined;
  const side = (index: 1 | 2): string => changes.map((words) => `${words[0]}: ${words[index]}\n`).join('');
  const header = `${path} (file attributes)`;
  return { path, before: side(1), after: side(2), beforeHeader: header, afterHeader: header };
}

/** What a user should know though it stops nothing. */
export function warningsOf(answer: Answer): { warnings?: string[] } {
  const warnings = answer.words('warning').map((line) => new Answer(`w ${line}`).text('w') ?? '');
  return warnings.length === 0 ? {} : { warnings };
}
