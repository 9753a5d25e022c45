# A reader of /etc/sysconfig/network-scripts, written from what is documented of Red Hat's: sysconfig.txt of initscripts,
# the deployment guides for RHEL 6 and 7, and docs of route-DEV and rule-DEV. It is not Red Hat's program.
# bash reader.sh start | ifup DEV | ifdown DEV
cd /etc/sysconfig/network-scripts || exit 1
yes() { case ${1,,} in yes | y | true | t | on | 1) return 0 ;; esac; return 1; }
config() { if [ -f "ifcfg-$1" ]; then echo "ifcfg-$1"; else grep -l "^DEVICE=\"\?$1\"\?$" ifcfg-* | head -n 1; fi; }

# Lines are arguments of `ip route add` and `ip rule add`; blank ones and remarks are passed over. With ADDRESSn= the file is sourced.
lines() { # VERB FAMILY OBJECT FILE
  [ -f "$4" ] || return 0
  if [ "$3" = route ] && grep -Eq '^[[:space:]]*ADDRESS[0-9]+=' "$4"; then
    (. "./$4"; n=0
      while eval "a=\${ADDRESS$n-} m=\${NETMASK$n-} g=\${GATEWAY$n-}" && [ -n "$a" ]; do
        ip route add "$a/$m" ${g:+via $g} dev "$DEVICE"
        n=$((n + 1))
      done)
    return
  fi
  { cat "$4"; echo; } | while read -r line; do
    case $line in '' | '#'*) ;; *) ip "$2" "$3" "$1" $line ;; esac
  done
}

routes() { lines add -4 route "route-$1"; lines add -6 route "route6-$1"; lines add -4 rule "rule-$1"; lines add -6 rule "rule6-$1"; }

make_link() {
  case ${TYPE-} in
    Bridge)
      [ -d "/sys/class/net/$DEVICE/bridge" ] || ip link add "$DEVICE" type bridge
      [ -z "${DELAY-}" ] || ip link set "$DEVICE" type bridge forward_delay $((DELAY * 100))
      if yes "${STP-}"; then ip link set "$DEVICE" type bridge stp_state 1; elif [ -n "${STP-}" ]; then ip link set "$DEVICE" type bridge stp_state 0; fi
      for arg in ${BRIDGING_OPTS-}; do echo "${arg#*=}" > "/sys/class/net/$DEVICE/bridge/${arg%%=*}"; done ;;
    Tap)
      mode=tap
      case $DEVICE in tun*) mode=tun ;; esac
      ip tuntap add mode $mode ${OWNER:+user $OWNER} dev "$DEVICE" ;;
    Bond)
      ip link add "$DEVICE" type bond
      for arg in ${BONDING_OPTS-}; do echo "${arg#*=}" > "/sys/class/net/$DEVICE/bonding/${arg%%=*}"; done
      ip link set dev "$DEVICE" up
      for file in $(grep -l "^MASTER=$DEVICE$" ifcfg-*); do (ifup "${file#ifcfg-}"); done ;;
  esac
  if yes "${VLAN-}"; then
    case $DEVICE in *.*) VID=${DEVICE##*.} PHYSDEV=${DEVICE%.*} ;; vlan*) VID=$((10#${DEVICE#vlan})) ;; esac
    ip link set dev "$PHYSDEV" up
    [ -e "/sys/class/net/$DEVICE" ] || ip link add dev "$DEVICE" link "$PHYSDEV" type vlan id "$VID" ${REORDER_HDR:+reorder_hdr off} ${GVRP:+gvrp on}
  fi
}

addresses() {
  for n in '' 0 1 2 3 4 5 6 7 8; do
    eval "a=\${IPADDR$n-} p=\${PREFIX$n-} m=\${NETMASK$n-}"
    if [ -z "$a" ]; then case $n in '' | 0 | 1) continue ;; *) break ;; esac; fi
    ip -4 addr show dev "$DEVICE" | grep -q "inet $a/" || ip addr add "$a/${p:-$m}" brd + dev "$DEVICE" label "$DEVICE"
  done
  [ -z "${GATEWAY-}" ] || ip route replace default via "$GATEWAY" dev "$DEVICE"
  if [ -z "${NOZEROCONF-}" ]; then ip route add 169.254.0.0/16 dev "$DEVICE" metric $((1000 + $(cat "/sys/class/net/$DEVICE/ifindex"))) scope link; fi
  if yes "${IPV6INIT-}"; then
    for a in ${IPV6ADDR-} ${IPV6ADDR_SECONDARIES-}; do ip -6 addr show dev "$DEVICE" | grep -q "inet6 $a" || ip -6 addr add "$a" dev "$DEVICE"; done
    while [ -n "$(ip -6 addr show dev "$DEVICE" scope global tentative)" ]; do sleep 0.1; done
  fi
}

ifup() {
  file=$(config "$1")
  [ -n "$file" ] || { echo "no configuration for $1" >&2; return 1; }
  (
    . "./$file"
    make_link
    [ -z "${MACADDR-}" ] || ip link set dev "$DEVICE" address "$MACADDR"
    [ -z "${MTU-}" ] || ip link set dev "$DEVICE" mtu "$MTU"
    IFS=';'
    for opts in ${ETHTOOL_OPTS-}; do IFS=' '; ethtool $opts; done
    unset IFS
    if yes "${SLAVE-}"; then
      grep -qw "$DEVICE" "/sys/class/net/$MASTER/bonding/slaves" || { ip link set dev "$DEVICE" down; ip link set dev "$DEVICE" master "$MASTER"; }
      exit
    fi
    if [ -n "${BRIDGE-}" ]; then
      [ -d "/sys/class/net/$BRIDGE/bridge" ] || ip link add "$BRIDGE" type bridge
      ip addr flush dev "$DEVICE"
      ip link set dev "$DEVICE" up
      ip link set dev "$DEVICE" master "$BRIDGE"
      for arg in ${BRIDGING_OPTS-}; do echo "${arg#*=}" > "/sys/class/net/$DEVICE/brport/${arg%%=*}"; done
      exit
    fi
    ip link set dev "$DEVICE" up
    addresses
    routes "$DEVICE"
  )
}

# Routes go with the link.
ifdown() {
  lines del -4 rule "rule-$1"
  lines del -6 rule "rule6-$1"
  ip addr flush dev "$1" scope global
  ip link set dev "$1" down
}

# First all others, then VLANs, then bridges; ports of a bond come with it.
start() {
  for turn in plain vlan bridge; do
    for file in $(ls | grep '^ifcfg-[A-Za-z0-9_.-]*$' | grep -v -e '^ifcfg-lo$' -e '\.bak$' -e '\.rpmsave$' | sort -V); do
      (
        . "./$file"
        kind=plain
        if [ "${TYPE-}" = Bridge ]; then kind=bridge; elif yes "${VLAN-}"; then kind=vlan; fi
        if [ $kind != $turn ] || ! yes "${ONBOOT-yes}" || yes "${SLAVE-}"; then exit; fi
        ifup "${file#ifcfg-}"
      )
    done
  done
}

"$@"
