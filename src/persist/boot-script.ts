/** The text of the script that `boot` runs: readable, and to be run as often as anybody likes. */
import { CLASSIC_FILE, OWN_FILE } from '../resources/links/sysctl-file.js';
import type { Snapshot } from '../snapshot/model.js';
import { bootLines } from './boot-lines.js';
import { UDEV_RULES } from './boot-units.js';
import type { Entry } from './record.js';

const HEAD = `#!/bin/sh
# What netplay keeps over a reboot. Made by netplay from /etc/netplay/persistent.jsonl: what is changed here
# is lost with its next run. Without a word it sets everything; with a device's name, what needs that device,
# once everything was set; with --added before it, the first time only where that was not done along with
# everything; with --late it does so behind its caller's back.
set -f
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
if [ "\${1-}" = --late ]; then
  "$0" "\${2-}" </dev/null >/dev/null 2>&1 &
  exit 0
fi
added=
if [ "\${1-}" = --added ]; then
  added=yes
  shift
fi
only=\${1-}
only=\${only##*/}
ran=/var/run/netplay.booted
if [ -n "$only" ] && [ ! -e "$ran" ]; then exit 0; fi

# A device that is made anew has another number; one that comes back from another network namespace has not.
identity() {
  index=
  { read -r index < "/sys/class/net/$1/ifindex"; } 2>/dev/null
  echo "$1 $index"
}

if [ -n "$added" ]; then
  id=$(identity "$only")
  if [ "$(grep -cxF -e "$id" "$ran")" = 1 ]; then
    echo "$id" >> "$ran"
    exit 0
  fi
fi

# Those that are there before all is set: what comes in the meantime has a turn of its own.
devices() {
  for dev in $(ls /sys/class/net); do identity "$dev"; done
}

# Whether one of the devices is asked for.
asked() {
  if [ -z "$only" ]; then return 0; fi
  for one in $only; do
    case " $1 " in *" $one "*) return 0 ;; esac
  done
  return 1
}

# on 'DEVICES' COMMAND...: once these are there. What is there already is left as it is.
on() {
  needs=$1
  shift
  if ! asked "$needs"; then return 0; fi
  for dev in $needs; do
    if [ ! -e "/sys/class/net/$dev" ]; then
      missing="$missing $dev"
      return 0
    fi
  done
  if ! words=$("$@" 2>&1); then
    case $words in
      *' exists'* | *'Exclusivity flag on'* | *'changed, aborting'*) ;;
      *) failed="$failed
$*: $words" ;;
    esac
  fi
}

# new NAME 'DEVICES' COMMAND...: a link, unless it is there. What is on one that comes comes with it.
new() {
  if [ -e "/sys/class/net/$1" ]; then return 0; fi
  made=$1
  shift
  on "$@"
  if [ ! -e "/sys/class/net/$made" ]; then return 0; fi
  if [ -n "$only" ]; then
    only="$only $made"
  else
    there="$there
$(identity "$made")"
  fi
}

# port NAME MASTER COMMAND...: joins, unless it has. A bond takes none that is up.
port() {
  for at in master brport/bridge; do
    case $(readlink "/sys/class/net/$1/$at" 2>/dev/null) in */"$2") return 0 ;; esac
  done
  pair="$1 $2"
  if [ -d "/sys/class/net/$2/bonding" ]; then on "$pair" ip link set dev "$1" down; fi
  shift 2
  on "$pair" "$@"
}

# gone 'DEVICES' COMMAND...: takes away what the kernel has put there, if it has.
gone() {
  needs=$1
  shift
  on "$needs" sh -c '"$@" 2>/dev/null || :' gone "$@"
}

# qdisc 'DEVICES' PATTERN COMMAND...: unless the first device has one like that.
qdisc() {
  devs=$1 pattern=$2
  shift 2
  if tc qdisc show dev "\${devs%% *}" 2>/dev/null | grep -q "$pattern"; then return 0; fi
  on "$devs" "$@"
}

# filter 'DEVICES' 'PLACE' PATTERN COMMAND...: as qdisc does.
filter() {
  devs=$1 place=$2 pattern=$3
  shift 3
  if tc filter show dev "\${devs%% *}" $place 2>/dev/null | grep -q "$pattern"; then return 0; fi
  on "$devs" "$@"
}

# What netplay keeps for sysctl of devices that have come since the host read that.
sysctls() {
  file=${OWN_FILE}
  if [ ! -e "$file" ]; then file=${CLASSIC_FILE}; fi
  if [ ! -e "$file" ]; then return 0; fi
  while IFS='= ' read -r key value; do
    case $key in */*) ;; *) key=$(printf %s "$key" | tr . /) ;; esac
    case $key in net/*/conf/* | net/*/neigh/*) ;; *) continue ;; esac
    at=\${key#net/*/*/}
    at=\${at%/*}
    case $at in all | default) continue ;; esac
    if ! asked "$at" || [ ! -e "/proc/sys/$key" ]; then continue; fi
    if [ "$(cat "/proc/sys/$key" 2>/dev/null)" = "$value" ]; then continue; fi
    if ! printf '%s\\n' "$value" > "/proc/sys/$key"; then failed="$failed
$key = $value"; fi
  done < "$file"
}

# An old kernel takes the same rule twice: then there is none more than before. Others may have doubled theirs.
rule() {
  family=$1
  shift
  rules=$(ip "$family" rule show | sort -u)
  ip "$family" rule add "$@" || return 1
  if [ "$(ip "$family" rule show | sort -u)" = "$rules" ]; then ip "$family" rule del "$@"; fi
}

everything() {
`;

const TAIL = `}

# A gateway may not be reached yet, and a device may come in a moment: where udev tells of it, that has its own turn.
tries=30 awaited=yes
if [ -n "$only" ]; then
  tries=5
elif [ -e /run/udev/control ] && [ -e ${UDEV_RULES} ]; then
  awaited=
fi
while :; do
  failed= missing=
  if [ -z "$only" ]; then there=$(devices); fi
  everything
  tries=$((tries - 1))
  if [ -z "$failed\${awaited:+$missing}" ] || [ "$tries" -le 0 ]; then break; fi
  sleep 1
done
if [ -z "$only" ]; then
  # As the host starts each of them has a turn still to come; later it has not.
  if [ -e "$ran" ]; then there=; fi
  printf '%s\\n' "$there" > "$ran"
fi
if [ -n "$failed" ]; then
  printf 'netplay: not set:%s\\n' "$failed" >&2
  exit 1
fi
`;

/** The whole script. */
export function bootScript(entries: readonly Entry[], { tools }: Pick<Snapshot, 'tools'>): string {
  const lines = bootLines(
    entries.map(({ kept }) => kept),
    tools,
  );
  return `${HEAD}${lines.map((line) => `  ${line}`).join('\n')}\n${TAIL}`;
}
