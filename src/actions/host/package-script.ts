/**
 * How packages are asked about and changed: one set of shell functions for each package manager. `pkg_has NAME` and
 * `pkg_old NAME` (a newer one is to be had) answer by exit code; `pkg_update`, `pkg_add NAME…`, `pkg_del NAME…` change
 * something. What they print is told.
 */
import { quote } from '../../shared/shell.js';

export const MANAGERS = ['apt', 'dnf', 'yum', 'apk', 'zypper'] as const;
export type Manager = (typeof MANAGERS)[number];

export interface PackageWish {
  names: readonly string[];
  state: 'present' | 'absent' | 'latest';
  updateCache?: boolean;
  /** Seconds for which apt's lists are fresh enough. */
  cacheValid?: number;
  /** Words for the manager: for all that it installs, and removes. */
  addOptions?: readonly string[];
  delOptions?: readonly string[];
  /** Which one; left out: what the host has. */
  manager?: Manager;
}

const RPM = `pkg_has() { rpm -q "$1" >/dev/null 2>&1 || rpm -q --whatprovides "$1" >/dev/null 2>&1; }`;

/** Each with the program that tells that the host has it. */
const FUNCTIONS: Readonly<Record<Manager, { program: string; functions: string }>> = {
  apt: {
    program: 'apt-get',
    functions: `export DEBIAN_FRONTEND=noninteractive
pkg_has() {
  case $1 in *=*) np_version=\${1#*=} ;; *) np_version= ;; esac
  np_line=$(dpkg-query -W -f '\${Status} \${Version}\\n' "\${1%%=*}" 2>/dev/null | grep '^install ok installed ' | head -n 1)
  [ -n "$np_line" ] && { [ -z "$np_version" ] || [ "\${np_line##* }" = "$np_version" ]; }
}
pkg_old() { apt-get -s -q install "$1" 2>/dev/null | grep -q "^Inst \${1%%=*} "; }
pkg_fresh() { [ -n "$(find /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists -maxdepth 0 -mmin "-$1" 2>/dev/null)" ]; }
pkg_update() { apt-get -q update; }
pkg_add() { apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold $np_add_options install "$@"; }
pkg_del() { apt-get -q -y $np_del_options remove "$@"; }`,
  },
  dnf: {
    program: 'dnf',
    functions: `${RPM}
pkg_old() { dnf -q $np_add_options check-update "$1" >/dev/null 2>&1; [ $? -eq 100 ]; }
pkg_update() { dnf -q makecache; }
pkg_add() { dnf -y $np_add_options "$np_verb" "$@"; }
pkg_del() { dnf -y $np_del_options remove "$@"; }`,
  },
  yum: {
    program: 'yum',
    functions: `${RPM}
pkg_old() { yum -q $np_add_options check-update "$1" >/dev/null 2>&1; [ $? -eq 100 ]; }
pkg_update() { yum -q makecache; }
pkg_add() { yum -y $np_add_options "$np_verb" "$@"; }
pkg_del() { yum -y $np_del_options remove "$@"; }`,
  },
  apk: {
    program: 'apk',
    functions: `pkg_has() { apk info -e "$1" >/dev/null 2>&1; }
pkg_old() { apk add -s -u "$1" 2>/dev/null | grep -qE '\\) (Upgrading|Installing) '; }
pkg_update() { apk update; }
pkg_add() { apk add \${np_latest:+-u} "$@"; }
pkg_del() { apk del "$@"; }`,
  },
  zypper: {
    program: 'zypper',
    functions: `${RPM}
pkg_old() { zypper -n -q list-updates 2>/dev/null | awk -F'|' -v n="$1" '{ gsub(/ /, "", $3) } $3 == n { f = 1 } END { exit !f }'; }
pkg_update() { zypper -n refresh; }
pkg_add() { zypper -n "$np_zverb" "$@"; }
pkg_del() { zypper -n remove "$@"; }`,
  },
};

/** Asks for every package first: nothing is called to change what is there already. */
const APPLY = `np_run() {
  if [ -n "$np_check" ]; then return 0; fi
  np_out=$("$@" 2>&1); np_rc=$?
  np_tell output "$np_out"
  [ $np_rc -eq 0 ] || { np_say rc $np_rc; np_fail "\${np_out:-exit code $np_rc}"; }
}
if [ -n "$np_refresh" ]; then
  if [ "$np_valid" -gt 0 ] && command -v pkg_fresh >/dev/null && pkg_fresh "$(((np_valid + 59) / 60))"; then :
  else np_say updated; np_run pkg_update; fi
fi
np_wanted() {
  if [ "$np_state" = absent ]; then pkg_has "$1"
  elif ! pkg_has "$1"; then true
  elif [ -n "$np_latest" ]; then pkg_old "$1"
  else false; fi
}
np_count=$#
while [ "$np_count" -gt 0 ]; do
  np_one=$1; shift; np_count=$((np_count - 1))
  if np_wanted "$np_one"; then
    set -- "$@" "$np_one"; np_tell wanted "$np_one"
    if pkg_has "$np_one"; then np_say has yes; else np_say has no; fi
  fi
done
if [ $# -gt 0 ]; then
  if [ "$np_state" = absent ]; then np_run pkg_del "$@"; else np_run pkg_add "$@"; fi
fi`;

export function packageScript(wish: PackageWish): string {
  const { names, state, updateCache, cacheValid = 0, addOptions = [], delOptions = [], manager } = wish;
  const candidates = manager === undefined ? MANAGERS : [manager];
  const branches = candidates.map(
    (name) =>
      `if command -v ${FUNCTIONS[name].program} >/dev/null 2>&1; then np_say manager ${name}\n${FUNCTIONS[name].functions}\n`,
  );
  const none =
    manager === undefined
      ? MANAGERS.map((name) => FUNCTIONS[name].program).join(', ')
      : FUNCTIONS[manager].program;
  const latest = state === 'latest';
  return `np_state=${state} np_latest=${latest ? 1 : ''} np_verb=${latest ? 'upgrade' : 'install'} np_zverb=${latest ? 'update' : 'install'}
np_refresh=${updateCache ? 1 : ''} np_valid=${cacheValid}
np_add_options=${quote(addOptions.join(' '))} np_del_options=${quote(delOptions.join(' '))}
set -- ${names.map(quote).join(' ')}
${branches.join('el')}else np_fail ${quote(`the host has no ${none}`)}; fi
${APPLY}`;
}
