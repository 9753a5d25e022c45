/** The text of the script that `boot` runs: readable, and to be run as often as anybody likes. */
import { quote } from '../shared/shell.js';
import { type Kept, keptNeeds } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import { partScript } from '../transaction/steps.js';
import { commandsOf, KEPT_ORDER } from './commands.js';
import type { Entry } from './record.js';

const HEAD = `#!/bin/sh
# What netplay keeps over a reboot. Made by netplay from /etc/netplay/persistent.jsonl: what is changed here
# is lost with its next run. Without a word it sets everything; with a device's name, what needs that device.
set -f
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
only=\${1-}
only=\${only##*/}

# on 'DEVICES' COMMAND...: once these are there. What is there already is left as it is.
on() {
  needs=$1
  shift
  if [ -n "$only" ]; then case " $needs " in *" $only "*) ;; *) return 0 ;; esac; fi
  for dev in $needs; do
    if [ ! -e "/sys/class/net/$dev" ]; then
      missing="$missing $dev"
      return 0
    fi
  done
  if ! words=$("$@" 2>&1); then
    case $words in *'File exists'*) ;; *) failed="$failed
$*: $words" ;; esac
  fi
}

# new NAME 'DEVICES' COMMAND...: a link, unless it is there.
new() {
  if [ -e "/sys/class/net/$1" ]; then return 0; fi
  shift
  on "$@"
}

# An old kernel takes the same rule twice.
rule() {
  family=$1
  shift
  ip "$family" rule add "$@" || return 1
  if [ -n "$(ip "$family" rule show | sort | uniq -d)" ]; then ip "$family" rule del "$@"; fi
}

everything() {
`;

const TAIL = `}

# A gateway may not be reached yet, and a device may come in a moment.
tries=30
if [ -n "$only" ]; then tries=5; fi
while :; do
  failed= missing=
  everything
  tries=$((tries - 1))
  if [ -z "$failed$missing" ] || [ "$tries" -le 0 ]; then break; fi
  sleep 1
done
if [ -n "$failed" ]; then
  printf 'netplay: not set:%s\\n' "$failed" >&2
  exit 1
fi
`;

/** The whole script. */
export function bootScript(entries: readonly Entry[], snapshot: Snapshot): string {
  const lines = KEPT_ORDER.flatMap((kind) => {
    const own = entries.filter(({ kept }) => kept.kind === kind);
    return own.flatMap(({ kept }) => linesOf(kept, snapshot));
  });
  return `${HEAD}${lines.map((line) => `  ${line}`).join('\n')}\n${TAIL}`;
}

function linesOf(kept: Kept, snapshot: Snapshot): string[] {
  const needs = quote(keptNeeds(kept).join(' '));
  return commandsOf(kept, snapshot).map((step) => {
    if (kept.kind === 'rule' && step.kind === 'ip') {
      const [, , ...words] = step.args;
      return `on '' rule -${kept.item.family} ${words.map(quote).join(' ')}`;
    }
    return `on ${needs} ${partScript([step])}`;
  });
}
