/**
 * How services are asked about and changed: one set of shell functions for each service manager, of which the host picks
 * one. `svc_here` (there is such a service), `svc_runs`, `svc_boots` answer by exit code; `svc_do VERB`, `svc_enable`,
 * `svc_disable` change something.
 */
import { quote } from '../../shared/shell.js';

export interface ServiceWish {
  name?: string;
  state?: 'started' | 'stopped' | 'restarted' | 'reloaded';
  enabled?: boolean;
  masked?: boolean;
  daemonReload?: boolean;
  daemonReexec?: boolean;
  /** Words for systemctl. */
  options?: readonly string[];
  /** OpenRC's runlevel. */
  runlevel?: string;
  /** A word of `ps` that tells of a service whose script has no `status`. */
  pattern?: string;
  /** Seconds between stop and start of a service whose script has no `restart`. */
  sleep?: number;
  /** Whether systemd is asked whatever runs the host. */
  systemd?: boolean;
}

const SYSTEMD = `svc_here() { case $np_load in ''|not-found) [ -x "/etc/init.d/$np_name" ] ;; esac; }
svc_runs() { case $np_active in active|activating|deactivating) ;; *) false ;; esac; }
svc_starts() { case $np_active in active|activating) ;; *) false ;; esac; }
svc_boots() {
  np_e=$(np_ctl is-enabled "$np_name" 2>/dev/null) || return
  case $np_e in indirect|alias) false ;; esac
}
svc_masked() { [ "$(np_ctl is-enabled "$np_name" 2>/dev/null)" = masked ]; }
svc_do() { np_act np_ctl "$1" "$np_name"; }
svc_enable() { np_act np_ctl enable "$np_name"; }
svc_disable() { np_act np_ctl disable "$np_name"; }
svc_ask() {
  np_status=$(np_ctl show "$np_name" 2>&1) || np_fail "$np_status"
  np_tell status "$np_status"
  np_load=$(echo "$np_status" | sed -n 's/^LoadState=//p')
  np_active=$(echo "$np_status" | sed -n 's/^ActiveState=//p')
  np_wrong=$(echo "$np_status" | sed -n 's/^LoadError=//p')
  case $np_load in masked|not-found) ;; *) [ -z "$np_wrong" ] || np_fail "the unit $np_name can not be read: $np_wrong" ;; esac
}`;

const OPENRC = `svc_here() { rc-service -e "$np_name" 2>/dev/null; }
svc_runs() { rc-service "$np_name" status >/dev/null 2>&1; }
svc_starts() { svc_runs; }
svc_boots() { rc-update show "$np_level" 2>/dev/null | awk -v n="$np_name" '$1 == n { f = 1 } END { exit !f }'; }
svc_do() { np_act rc-service "$np_name" "$1"; }
svc_enable() { np_act rc-update add "$np_name" "$np_level"; }
svc_disable() { np_act rc-update del "$np_name" "$np_level"; }
svc_ask() { :; }`;

/** Scripts of init. What has no `status` is looked for by its pattern. */
const SYSV = `np_init() {
  if [ -x "/etc/init.d/$np_name" ]; then "/etc/init.d/$np_name" "$1"; else service "$np_name" "$1"; fi
}
svc_here() { [ -x "/etc/init.d/$np_name" ] || [ -x "/etc/rc.d/init.d/$np_name" ] || [ -x "/etc/rc.d/$np_name" ]; }
svc_runs() {
  if [ -n "$np_pattern" ]; then ps -ef 2>/dev/null | awk -v n="$np_pattern" 'index($0, n) && !/awk/ { f = 1 } END { exit !f }'
  else np_init status >/dev/null 2>&1; fi
}
svc_starts() { svc_runs; }
svc_boots() {
  for np_link in /etc/rc[2345].d/S[0-9][0-9]"$np_name" /etc/rc.d/rc[2345].d/S[0-9][0-9]"$np_name"; do [ -e "$np_link" ] && return; done
  false
}
svc_do() {
  if [ "$1" = restart ] && [ "$np_sleep" -gt 0 ]; then np_act np_init stop; np_act sleep "$np_sleep"; np_act np_init start
  else np_act np_init "$1"; fi
}
svc_enable() {
  if command -v update-rc.d >/dev/null 2>&1; then np_act update-rc.d "$np_name" defaults; np_act update-rc.d "$np_name" enable
  elif command -v chkconfig >/dev/null 2>&1; then np_act chkconfig --add "$np_name"; np_act chkconfig "$np_name" on
  else np_fail 'the host has neither update-rc.d nor chkconfig'; fi
}
svc_disable() {
  if command -v update-rc.d >/dev/null 2>&1; then np_act update-rc.d "$np_name" disable
  elif command -v chkconfig >/dev/null 2>&1; then np_act chkconfig "$np_name" off
  else np_fail 'the host has neither update-rc.d nor chkconfig'; fi
}
svc_ask() { :; }`;

/** What is wanted, by whichever functions were picked. */
const APPLY = `if [ -n "$np_reexec" ]; then np_act np_ctl daemon-reexec; fi
if [ -n "$np_reload" ]; then np_act np_ctl daemon-reload; fi
[ -n "$np_name" ] || { np_say end; exit 0; }
svc_ask
if [ -n "$np_masked" ]; then
  if svc_masked; then np_is=true; else np_is=false; fi
  if [ "$np_is" != "$np_masked" ]; then
    np_say attr masked "$np_is" "$np_masked"
    if [ "$np_masked" = true ]; then np_act np_ctl mask "$np_name"; else np_act np_ctl unmask "$np_name"; svc_ask; fi
  fi
fi
[ -n "$np_enabled$np_state" ] || { np_say end; exit 0; }
if ! svc_here; then
  # In check mode an earlier task may be what would install it.
  [ -n "$np_check" ] || np_fail "there is no service $np_name on this host"
  np_say later; np_say end; exit 0
fi
if [ -n "$np_enabled" ]; then
  if svc_boots; then np_is=true; else np_is=false; fi
  if [ "$np_is" != "$np_enabled" ]; then
    np_say attr enabled "$np_is" "$np_enabled"
    if [ "$np_enabled" = true ]; then svc_enable; else svc_disable; fi
  fi
fi
case $np_state in
  started) svc_starts || { np_say attr state stopped started; svc_do start; } ;;
  stopped) ! svc_runs || { np_say attr state started stopped; svc_do stop; } ;;
  restarted|reloaded)
    if svc_starts; then np_say attr state started "$np_state"; svc_do "\${np_state%ed}"
    else np_say attr state stopped started; svc_do start; fi ;;
esac`;

export function serviceScript(wish: ServiceWish): string {
  const { name = '', state = '', enabled, masked, options = [], runlevel = 'default', pattern = '' } = wish;
  const flag = (wanted: boolean | undefined): string => (wanted ? '1' : '');
  return `np_name=${quote(name)} np_state=${state} np_enabled=${enabled ?? ''} np_masked=${masked ?? ''}
np_reload=${flag(wish.daemonReload)} np_reexec=${flag(wish.daemonReexec)} np_sleep=${wish.sleep ?? 0}
np_level=${quote(runlevel)} np_pattern=${quote(pattern)}
np_ctl() { systemctl ${options.map(quote).join(' ')} "$@"; }
if [ -n "${flag(wish.systemd)}" ] || [ -d /run/systemd/system ]; then
  command -v systemctl >/dev/null 2>&1 || np_fail 'the host has no systemctl'
  np_say manager systemd
${SYSTEMD}
elif command -v rc-service >/dev/null 2>&1; then np_say manager openrc
${OPENRC}
else np_say manager sysv
${SYSV}
fi
${APPLY}`;
}
