import type { BootPart } from '../boot.js';

/**
 * Kinds of profiles and sections of them that hold no secrets: what holds others is not read (Wi-Fi, 802.1X, VPN,
 * WireGuard, modems), so that nothing of it comes into a snapshot, a journal or a report.
 */
const TYPES =
  'ethernet|802-3-ethernet|bridge|bond|team|vlan|dummy|veth|macvlan|vxlan|ip-tunnel|tun|vrf|infiniband|generic|loopback|ovs-*|hsr';
const SECTIONS = `connection|match|${TYPES}|ipv4|ipv6|proxy|user|link|tc|sriov|ethtool|dcb|hostname|*-port|.nmmeta`;

/**
 * `nm_profiles closed` tells of each profile of a device of the host that netplay does not read, by its UUID
 * and by the device that it names; `nm_profiles` takes the paths of the others up into $nm_found. Those of no device of the host are none of its business.
 */
const PROFILES = `nm_profiles() {
  nm_found=
  for f in /etc/NetworkManager/system-connections/* /run/NetworkManager/system-connections/* /usr/lib/NetworkManager/system-connections/*; do
    [ -f "$f" ] || continue
    if [ ! -r "$f" ]; then
      if [ "\${1-}" = closed ]; then echo "unread $f"; fi
      continue
    fi
    s= t= u= i= w=
    while IFS= read -r l || [ -n "$l" ]; do
      case $l in
        '['*) s=\${l#'['} s=\${s%%']'*}; case $s in ${SECTIONS}) ;; *) w=\${w:-"it has a section $s"} ;; esac ;;
        '#'*) ;;
        *=*)
          k=\${l%%=*} v=\${l#*=}
          k=\${k%"\${k##*[! ]}"} v=\${v#"\${v%%[! ]*}"}
          case $s/$k in
            connection/type) t=$v ;;
            connection/uuid) u=$v ;;
            connection/interface-name) i=$v ;;
            */*password*|*/*secret*|*/*psk*|*/*private-key*) w=\${w:-"it has a $k"} ;;
          esac ;;
      esac
    done < "$f"
    case $t in ${TYPES}) ;; *) w=\${w:-"it is one of type $t"} ;; esac
    case "$nm_active " in *" $u "*) ;; *)
      [ -n "$i" ] && [ -e "/sys/class/net/$i" ] || case $f in */netplay-*) ;; *) continue ;; esac ;;
    esac
    if [ -z "$w" ]; then nm_found="$nm_found$f
"; elif [ "\${1-}" = closed ]; then for n in $u $i; do echo "nm-closed $n $w"; done; fi
  done
}`;

/** Tells which links it manages by which connection, by the link's number. */
const DEVICES = `nm_devices() {
  nm_active=
  for f in /run/NetworkManager/devices/*; do
    [ -r "$f" ] || continue
    m= u=
    while IFS== read -r k v; do
      case $k in managed) m=$v ;; connection-uuid) u=$v ;; esac
    done < "$f"
    nm_active="$nm_active $u"
    echo "nm \${f##*/} $m $u"
  done
}`;

/** NetworkManager: the connections that its devices have, by its own files of state. */
export const networkManagerPart: BootPart = {
  facts: `if [ -d /run/NetworkManager ]; then
  nm_devices
  echo "nm version $(NetworkManager --version 2>/dev/null)"
  nm_profiles closed
fi`,
  files: ['/etc/NetworkManager/dispatcher.d/50-netplay'],
  functions: `${DEVICES}\n${PROFILES}`,
  found: `nm_found=
if [ -d /run/NetworkManager ]; then
  nm_devices >/dev/null
  nm_profiles
fi
set -f
ifs=$IFS IFS='
'
set -- "$@" $nm_found
IFS=$ifs
set +f`,
};
