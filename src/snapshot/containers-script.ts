/**
 * The part of the probe's script that reads containers: one process to list those of a kind, and one more for the
 * devices of each that runs; a section for each tool that is there.
 */

/**
 * Sections `containers-lxc`, `-nspawn`, `-libvirt` and `-netns`. Each container begins with the line
 * `container NAME WORD`, where the word is `running`, `stopped` or `shared` (it has the host's own network); then
 * come the tool's lines: of `ip -d addr`, or of virsh's domiflist and domifaddr.
 *
 * virsh runs all of its commands in one process and ends with the code of the last (vshCommandRun in libvirt's
 * tools/vsh.c), but with none of them where it does not know one: domifaddr came with 1.2.14. Names that its
 * parser would take apart are passed over.
 */
export const CONTAINERS_SCRIPT = `ct_inside() {
  if [ "$(readlink "/proc/$2/ns/net")" = "$(readlink /proc/self/ns/net)" ]; then echo "container $1 shared"; return; fi
  echo "container $1 running"
  nsenter -t "$2" -n ip -d addr show </dev/null
}
ct_lxc() {
  l=$(lxc-ls -f -F name,state,pid) || return
  printf '%s\\n' "$l" | while read -r n s p; do
    case $s,$p in STATE,*) ;; *,*[!0-9]* | *,) echo "container $n stopped" ;; *) ct_inside "$n" "$p" ;; esac
  done
}
ct_nspawn() {
  l=$(machinectl list --no-legend --no-pager) || return
  set --
  while read -r n c s r; do if [ "$s" = systemd-nspawn ]; then set -- "$@" "$n"; fi; done <<END
$l
END
  [ $# -gt 0 ] || return 0
  l=$(machinectl show -p Name -p Leader "$@") || return
  printf '%s\\n' "$l" | while IFS='=' read -r k v; do
    case $k in Name) n=$v ;; Leader) ct_inside "$n" "$v" ;; esac
  done
}
ct_libvirt() {
  l=$(virsh list --all) || return
  a= b=
  while read -r i n s; do
    case $i,$n in *,*[!A-Za-z0-9._+@:-]* | *,) continue ;; -,*) w=stopped ;; *[!0-9]*,*) continue ;; *) w=running ;; esac
    a="$a echo container $n $w; domiflist $n;"
    b="$b echo container $n $w; domiflist $n;"
    if [ $w = running ]; then a="$a domifaddr $n;"; fi
  done <<END
$l
END
  [ -z "$a" ] || virsh "$a echo" 2>/dev/null || virsh "$b echo"
}
ct_netns() {
  l=$(ip netns list) || return
  printf '%s\\n' "$l" | while read -r n r; do
    [ -n "$n" ] || continue
    i=$(ip -n "$n" -d addr show 2>/dev/null || ip netns exec "$n" ip -d addr show </dev/null 2>/dev/null) || continue
    printf 'container %s running\\n%s\\n' "$n" "$i"
  done
}
if command -v lxc-ls >/dev/null 2>&1; then section containers-lxc ct_lxc; fi
if command -v machinectl >/dev/null 2>&1; then section containers-nspawn ct_nspawn; fi
if command -v virsh >/dev/null 2>&1; then section containers-libvirt ct_libvirt; fi
for d in /run/netns /var/run/netns; do
  if [ -d $d ]; then section containers-netns ct_netns; break; fi
done`;
