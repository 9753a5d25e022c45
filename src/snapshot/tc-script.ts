/**
 * The part of the probe's script that reads traffic control: one `tc` for all qdiscs, then one a device for its
 * classes and one for the filters of each qdisc, and class above others, that can have some. Not one `tc -batch`:
 * it forgets to print whose filters it lists.
 */
import { quote } from '../shared/shell.js';

/** Qdiscs that sort by filters of their own; those of others (fq_codel, sfq) are read where a task names them. */
const SORTING = ['htb', 'hfsc', 'prio', 'drr', 'qfq', 'cbq', 'multiq', 'dsmark', 'atm', 'ets'];

/**
 * What the running kernel was built without, and the modules that it can load. Its own configuration says the first
 * (CONFIG_IKCONFIG_PROC, or the vendor's copy in /boot), the vendor's lists the second.
 */
const MODULES = `tc_modules() {
  r=$(uname -r)
  m=/lib/modules/$r
  p='(sch|cls|act)_[a-z0-9_]+'
  for f in /sys/module/sch_* /sys/module/cls_* /sys/module/act_*; do
    if [ -d "$f" ]; then printf 'have %s\\n' "\${f##*/}"; fi
  done
  if [ -r $m/modules.dep ] && [ -r $m/modules.builtin ]; then
    echo listed
    grep -hoE "^[^:]*/$p\\.ko" $m/modules.dep $m/modules.builtin | sed 's/.*[/]/have /; s/[.]ko$//'
  elif [ -r /proc/config.gz ]; then zcat /proc/config.gz 2>/dev/null | grep -E '^# CONFIG_NET_(SCH|CLS|ACT)_'
  elif [ -r /boot/config-$r ]; then grep -E '^# CONFIG_NET_(SCH|CLS|ACT)_' /boot/config-$r
  fi
  :
}`;

/**
 * `tc_parents DEV`: what can have filters; then all of a device, with the parents that tasks name. The filters of
 * ingress are asked for by its handle, since old versions don't know the word.
 */
const LISTING = `tc_parents() {
  printf '%s\\n' "$q" | sed -nE \
    -e 's/^qdisc (${SORTING.join('|')}) ([0-9a-f]*[1-9a-f][0-9a-f]*:) .*/\\2/p' \
    -e 's/^qdisc ingress .*/ffff:/p' -e 's/^qdisc clsact .*/ingress egress/p'
  case $q in ${SORTING.map((kind) => `*"qdisc ${kind} "*`).join(' | ')})
    tc class show dev "$d" | sed -nE 's/^class [a-z_]+ [^ ]+ parent ([0-9a-f]+:[0-9a-f]+) .*/\\1/p' ;;
  esac
}
tc_dev() {
  d=$1
  shift
  q=$(tc qdisc show dev "$d" 2>/dev/null)
  case $q in *[1-9a-f]:*) ;; *) return ;; esac
  section "tc-classes $d" tc -d class show dev "$d"
  seen=
  for p in $(tc_parents) "$@"; do
    case " $seen " in *" $p "*) continue ;; esac
    seen="$seen $p"
    case $p in
      ffff:) section "tc-filters $d ingress" tc filter show dev "$d" parent ffff: ;;
      ingress | egress) section "tc-filters $d $p" tc filter show dev "$d" $p ;;
      *) section "tc-filters $d $p" tc filter show dev "$d" parent $p ;;
    esac
  done
}`;

/** Devices that have a qdisc which somebody gave them. */
const SHAPED = `$(tc qdisc show | sed -nE 's/^qdisc [a-z_]+ [0-9a-f]*[1-9a-f][0-9a-f]*: dev ([^ ]+) .*/\\1/p' | sort -u)`;

/** @param reads devices and parents that tasks name; a device left out stands for all */
export function tcScript(reads: readonly { dev?: string; parent?: string }[]): string {
  return [
    MODULES,
    LISTING,
    // BusyBox's applet has no options, shows neither statistics nor half of the kinds, and can't be told apart otherwise.
    'if tc -V >/dev/null 2>&1; then',
    ...(reads.some(({ dev }) => dev !== undefined) ? ['section tc-modules tc_modules'] : []),
    "section tc-psched grep -s '' /proc/net/psched",
    'section tc-qdiscs tc -d qdisc show',
    ...(reads.some(({ dev }) => dev === undefined) ? [`for d in ${SHAPED}; do tc_dev "$d"; done`] : []),
    ...[...new Set(reads.flatMap(({ dev }) => dev ?? []))].map((dev) => readDevice(dev, reads)),
    'else',
    `printf '\\n%s tc-none\\n' "$T"`,
    'fi',
  ].join('\n');
}

function readDevice(dev: string, reads: readonly { dev?: string; parent?: string }[]): string {
  const named = reads.flatMap((read) =>
    read.dev === dev && read.parent?.includes(':') ? [read.parent] : [],
  );
  return ['tc_dev', dev, ...new Set(named)].map(quote).join(' ');
}
