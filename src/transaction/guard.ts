/**
 * What runs on the host for one transaction, beside the changes themselves: one script, `guard`, in the
 * transaction's folder. It is plain POSIX sh (dash, bash and busybox run it) and starts hardly a process.
 *
 * The folder's state is a file whose name tells it, changed by rename alone, so that of two processes that
 * want to end a transaction exactly one does:
 *
 *     arming ──► armed ──► confirming ──► (held ──►) kept      the controller came back by a new connection
 *       │          └───────────┴─────────────┴──► restoring ──► undone   a step failed, the time was up, or
 *       └─────────────────────────────────────────────────────────┘      somebody said so
 *
 * Held is confirmed but for the others of a fleet: it still waits for its release, and undoes without it.
 * What is kept or undone stays so: whoever finds it clears away only. Who ends a transaction leaves a file
 * `worker.PID:BEGAN` before he takes it, so that others can tell whether he died, a full disk or not.
 *
 * `made` grows by a line before each part is made and after each is undone, so a restore that is itself
 * killed is taken up by a watchdog where it stopped.
 */
export const GUARD = `D=\${0%/*}
BASE=\${D%/*}
cd "$D" 2>/dev/null || { echo gone; exit 0; }
. ./settings
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\${PATH:+:$PATH} LC_ALL=C
export PATH LC_ALL
umask 022
# Whoever reads our words may be gone, and with him the terminal.
trap '' HUP PIPE

PENDING=/var/lib/netplay/pending
SYSTEM=/etc/systemd/system
NONLOCAL=/proc/sys/net/ipv4/ip_nonlocal_bind
PENDING_UNIT="[Unit]
Description=Write the rest of what netplay was writing when the host went down
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target systemd-sysctl.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for p in $PENDING/*; do sh \\"\\$\\$p\\" && rm -f \\"\\$\\$p\\"; done; rmdir $PENDING; rm -f $SYSTEM/sysinit.target.wants/netplay-pending.service $SYSTEM/netplay-pending.service; systemctl --no-block daemon-reload'"

# Seconds since boot: a clock that is set does not move it.
now() { read -r NOW rest </proc/uptime; NOW=\${NOW%%.*}; }
# When a process began, in ticks since boot: with its id, that names it for ever. A zombie is none.
began() {
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  stat=\${stat##*) }
  set -- $stat
  case $1 in Z | X) return 1 ;; esac
  BEGAN=\${20}
}
alive() { began "\${1%%:*}" && [ "$BEGAN" = "\${1#*:}" ]; }
began $$
ME=$$:$BEGAN
hold() { echo "$ME" >>holders; }
# Never less time than somebody else has given it.
extend() {
  now
  read -r until 2>/dev/null <deadline
  [ $((NOW + $1)) -le "\${until:-0}" ] || echo $((NOW + $1)) >deadline
}
# To be asked once the state is known to wait for it, since the state is what is written last.
due() {
  read -r seen 2>/dev/null <deadline && [ -n "$seen" ] && deadline=$seen
  now
  [ "$NOW" -ge "\${deadline:-0}" ]
}
claim() {
  true >"worker.$ME"
  mv "$1" "$2" 2>/dev/null || { rm -f "worker.$ME"; return 1; }
}
# Takes the place of whoever died while he was ending the transaction: of several who would, one does.
inherit() {
  dead=
  for w in worker.*; do
    if alive "\${w#worker.}"; then return 1; fi
    [ ! -e "$w" ] || dead=$w
  done
  [ -n "$dead" ] && mv "$dead" "worker.$ME" 2>/dev/null
}

# Before each part: goes on only while the transaction is armed.
part() {
  [ -e armed ] && echo "part $1" >>made || return 1
  [ -z "$WATCHED" ] || extend $TIMEOUT
}

# A part that failed: said on both streams, so that the words before it on one are known to be its own.
failed() { printf 'netplay-failed %d %d\\n' "$1" "$2"; printf 'netplay-failed %d\\n' "$1" >&2; }
give_back() { ! claim armed restoring || restore "a step failed"; exit 1; }
# A unit that may fail: the parts that it had made, last first, are undone, and it goes on.
take_back() {
  echo "unit $1" >>made
  shift
  . ./undo
  for n do
    undo_part "$n" >>undo.log 2>&1
    echo "gone $n" >>made
  done
}
# Neighbours keep an address's old MAC for minutes: a gratuitous ARP tells them the new one, where the host
# has a tool that sends it. For an address that is not the host's own, arping needs a leave that it is given
# meanwhile; whoever is killed before he takes it back leaves a word of it.
announce() { echo "$1 $2 $3" >>told; }
announce_all() {
  foreign=
  while read -r dev address kind; do [ -z "$kind" ] || foreign=1; done <told
  if [ -n "$foreign" ] && ! command -v arpsend; then
    read -r nonlocal <$NONLOCAL && echo "$nonlocal" >nonlocal && echo 1 >$NONLOCAL
  fi
  while read -r dev address kind; do tell "$dev" "$address" & done <told
  rm -f told
} >/dev/null 2>&1
# The first word is out at once, the second a second later: what comes behind need not wait for it.
announced() { [ ! -e nonlocal ] || { wait; restrict; }; }
# OpenVZ's own tool; iputils' arping, Habets' one, and busybox's.
tell() {
  if command -v arpsend; then arpsend -U -i "$2" -c 2 "$1"
  elif command -v arping; then arping -q -U -c 2 -I "$1" -s "$2" "$2" || arping -q -U -c 2 -i "$1" -S "$2" "$2"
  else busybox arping -q -U -c 2 -I "$1" -s "$2" "$2"; fi
} </dev/null
restrict() {
  read -r nonlocal 2>/dev/null <nonlocal || return 0
  echo "$nonlocal" >$NONLOCAL
  rm -f nonlocal
}
apply() {
  hold
  echo "$ME" >applier
  . ./apply
  announced
  if [ -n "$WATCHED" ]; then
    extend $TIMEOUT
    : >applied
    echo netplay-applied
  elif claim armed confirming; then confirm; fi
}

stop_applier() {
  read -r applier 2>/dev/null <applier || return 0
  [ "\${applier%%:*}" != $$ ] && alive "$applier" || return 0
  kill -9 "-\${applier%%:*}" 2>/dev/null || kill -9 "\${applier%%:*}" 2>/dev/null
  # Without a process group of its own, its last command may still be at work.
  [ -n "$GROUP" ] || sleep 1
}

restore() {
  stop_applier
  at=-1 gone=' ' files=
  while read -r word n; do
    case $word in
      part) at=$n ;;
      gone) gone="$gone$n " ;;
      files) files=1 ;;
    esac
  done <made
  . ./undo
  restrict
  if [ -n "$files" ]; then
    undo_files >>undo.log 2>&1
    forget_files
  fi
  while [ "$at" -ge 0 ]; do
    case $gone in
      *" $at "*) ;;
      *)
        undo_part "$at" >>undo.log 2>&1
        echo "gone $at" >>made
        ;;
    esac
    at=$((at - 1))
  done
  rm -f told
  undo_announced
  announced
  if mv restoring undone 2>/dev/null; then end rolled_back "$1"; else status; fi
}

# Writes what outlives a reboot. A unit that was allowed to fail, and did, leaves nothing behind.
keep() {
  echo files >>made
  failed=' '
  while read -r word n; do [ "$word" != unit ] || failed="$failed$n "; done <made
  . ./files
  [ -z "$SEVERAL" ] || promise_files
  make_files && { [ -z "$WRITES" ] || sync; } && forget_files
}
# Files can't be renamed together. Should the host go down between two of them, the rest is written when it
# comes up, by systemd where it is there and else by the next run: a promise on disk says so until all are.
promise_files() {
  mkdir -p $PENDING &&
  { printf 'failed=%s\\nmade_by() { case $failed in *" $1 "*) return 1 ;; esac; }\\n' "'$failed'"; cat files; echo make_files; } >$PENDING/$ID &&
  if [ -d /run/systemd/system ]; then
    printf '%s\\n' "$PENDING_UNIT" >$SYSTEM/netplay-pending.service &&
    mkdir -p $SYSTEM/sysinit.target.wants &&
    ln -sf ../netplay-pending.service $SYSTEM/sysinit.target.wants/netplay-pending.service
  fi
  sync
}
forget_files() {
  [ -z "$SEVERAL" ] ||
  rm -f $SYSTEM/sysinit.target.wants/netplay-pending.service $SYSTEM/netplay-pending.service $PENDING/$ID
  rmdir $PENDING 2>/dev/null
  return 0
}
made_by() { case $failed in *" $1 "*) return 1 ;; esac }

confirm() {
  if keep 2>>files.err; then
    if [ "$1" != hold ]; then
      if mv confirming kept 2>/dev/null; then end confirmed; else status; fi
      return 0
    fi
    extend "$TIMEOUT"
    mv confirming held 2>/dev/null
    status
    return 0
  fi
  read -r words <files.err
  mv confirming restoring 2>/dev/null || { status; return 0; }
  restore "its files could not be written: $words"
}

outcome() {
  [ -z "$JOURNAL" ] || printf 'outcome %s %s %s\\n' "$(date +%s)" "$1" "$2" >>"$JOURNAL/$ID" 2>/dev/null
}

# The end: the outcome is written down, the lock and the folder go. A watchdog sees that, and goes too.
end() {
  outcome "$1" "$2"
  clear_away
  echo "$1 $2"
}
clear_away() {
  read -r lock 2>/dev/null <"$BASE/lock" && [ "$lock" = "tx=$ID" ] && rm -f "$BASE/lock"
  cd /
  rm -rf "$D"
}

# The shell of a session that was cut off would wait for its peer for hours.
leave() { ! alive "$SESSION" || kill -9 "\${SESSION%%:*}"; }

# Undoes once the time is up, and takes the place of whoever died while he was ending the transaction.
watch() {
  hold
  deadline= missed=0
  while [ -e guard ]; do
    if [ -e arming ]; then
      alive "$SESSION" || { claim arming undone && end rolled_back "it had not begun"; }
    elif [ -e armed ]; then
      # Twice: a shell reads byte by byte, while somebody may write.
      if due && due && claim armed restoring; then restore "nobody confirmed it within $TIMEOUT s" && leave; fi
    elif [ -e held ]; then
      if due && due && claim held restoring; then restore "nobody released it within $TIMEOUT s"; fi
    elif [ -e restoring ] || [ -e confirming ]; then
      if inherit; then
        if mv confirming restoring 2>/dev/null || [ -e restoring ]; then restore "whoever was ending it died"
        else rm -f "worker.$ME"; fi
      fi
    elif [ -e kept ]; then ! inherit || end confirmed
    elif [ -e undone ]; then ! inherit || end rolled_back "whoever was ending it died"
    else
      # He died while he cleared away.
      missed=$((missed + 1))
      [ $missed -lt 3 ] || clear_away
    fi
    sleep 1
  done
}

status() {
  read -r deadline 2>/dev/null <deadline
  now
  for state in arming armed confirming held restoring kept undone; do
    [ -e $state ] || continue
    [ ! -e applied ] || echo netplay-applied
    echo "$state $((\${deadline:-0} - NOW))"
    return
  done
  # It may have ended, and its folder gone, since we began.
  [ ! -e guard ] && grep '^outcome ' "$JOURNAL/$ID" 2>/dev/null || echo gone
}

# Whoever confirms it on all hosts of a fleet may be releasing it on the others already: he has the first word.
await_release() {
  now
  latest=$((NOW + 10))
  while [ "$NOW" -lt $latest ] && { [ -e confirming ] || [ -e held ]; }; do
    sleep 0.1 2>/dev/null || sleep 1
    now
  done
}

case $1 in
  watch) watch ;;
  apply) apply ;;
  confirm) if [ -e applied ] && claim armed confirming; then confirm "$2"; else status; fi ;;
  rollback)
    [ "$3" = own ] || await_release
    if claim armed restoring || claim held restoring; then restore "$2"; else status; fi
    ;;
  abandon)
    # Nobody is left who could end it. After a reboot there is nothing left to undo.
    read -r boot </proc/sys/kernel/random/boot_id
    if [ "$BOOT" != "$boot" ]; then end rolled_back "the host was rebooted"
    elif [ -e kept ]; then end confirmed
    elif [ -e restoring ] || claim armed restoring || claim confirming restoring || claim held restoring; then
      true >"worker.$ME"
      restore "its run was gone"
    elif [ -e undone ]; then end rolled_back "its run was gone"
    else end rolled_back "it had not begun"; fi
    ;;
  extend) if [ -e armed ] || [ -e held ]; then extend "$2"; fi; status ;;
  release) if claim held kept; then end confirmed; else status; fi ;;
  status) status ;;
esac
`;
