# Stand-in for the OpenVZ kernel, for tests: containers are nested namespaces. Read in by the stand-ins of the tools.
#
# venet0 is a bridge with a veth into each container (reference 8.4). Its ports are isolated, so that packets between
# containers go through the node's own routing, as they do on a real venet0, which has no layer 2 at all.
# OpenVZ 7 (8.3): each container has a veth of its own on the host, with proxy_arp=1, and is routed to it.

LIB=/usr/lib/openvz-stand-in
RUN=/run/openvz-stand-in
VERSION=$(cat "$LIB/version")
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL=C

# Sets PID to the id, in the node, of a container's first process; fails where it does not run.
ve_runs() {
  PID=
  [ -s "$RUN/$1/pid" ] && read -r PID <"$RUN/$1/pid" && kill -0 "$PID" 2>/dev/null
}

# ve_in ID COMMAND...: runs a command inside.
ve_in() {
  ve_runs "$1" || return 31
  shift
  nsenter --target "$PID" --mount --uts --net --pid -- "$@"
}

# ve_in_net ID COMMAND...: runs a command of the node's in the container's network.
ve_in_net() {
  ve_runs "$1" || return 31
  shift
  nsenter "--net=/proc/$PID/ns/net" -- "$@"
}

venet_up() {
  [ -d /sys/class/net/venet0 ] && return
  ip link add name venet0 address 00:18:51:00:00:00 type bridge stp_state 0 mcast_snooping 0
  ip link set dev venet0 up
  # 8.4: without proxy_arp nobody answers the containers; proxy_delay would hold each answer back for up to 0.8 s.
  echo 1 >/proc/sys/net/ipv4/conf/venet0/proxy_arp
  echo 1 >/proc/sys/net/ipv4/conf/venet0/proxy_arp_pvlan
  echo 0 >/proc/sys/net/ipv4/neigh/venet0/proxy_delay
}

# The node's end of a container's venet0: a number that is free, since an id may be a UUID.
venet_port() {
  if [ "$VERSION" = 7 ]; then echo "veth$(echo "$1" | cut -c1-8)"; else echo "vn.$(cat "$RUN/$1/number")"; fi
}

# The device that a container's addresses are routed to.
venet_device() {
  if [ "$VERSION" = 7 ]; then venet_port "$1"; else echo venet0; fi
}

# A MAC that stays the same when the container restarts: a real venet0 has none that could grow stale.
venet_attach() {
  port=$(venet_port "$1")
  read -r number <"$RUN/$1/number"
  mac=$(printf '02:18:51:00:%02x:%02x' $((number / 256)) $((number % 256)))
  ve_runs "$1"
  ip link add name "$port" type veth peer name venet0 address "$mac" netns "$PID"
  if [ "$VERSION" = 7 ]; then
    echo 1 >"/proc/sys/net/ipv4/conf/$port/proxy_arp"
    echo 0 >"/proc/sys/net/ipv4/neigh/$port/proxy_delay"
  else
    ip link set dev "$port" master venet0
    ip link set dev "$port" type bridge_slave isolated on
  fi
  echo 1 2>/dev/null >"/proc/sys/net/ipv6/conf/$port/disable_ipv6"
  ip link set dev "$port" up
  ve_in_net "$1" ip -batch - <<END
link set dev lo up
link set dev venet0 up
address add 127.0.0.2/32 dev venet0
route add default dev venet0
END
}

# ve_create ID HOSTNAME: namespaces with a first process, and a venet0 without addresses.
ve_create() {
  mkdir -p "$RUN/$1"
  if ! [ -s "$RUN/$1/number" ]; then
    number=1
    while ! mkdir "$RUN/number.$number" 2>/dev/null; do number=$((number + 1)); done
    echo "$number" >"$RUN/$1/number"
  fi
  rm -f "$RUN/$1/pid"
  # /proc is still the node's when the process reads its own id there. The lock of vzctl (9) is not for it.
  setsid unshare --net --uts --pid --mount --fork sh -c '
    read -r pid rest </proc/self/stat
    mount -t proc proc /proc && mount -t sysfs sysfs /sys && echo "$2" >/proc/sys/kernel/hostname
    echo "$pid" >"$1.new" && mv "$1.new" "$1"
    exec sleep infinity' sh "$RUN/$1/pid" "$2" </dev/null >/dev/null 2>&1 9>&- &
  tries=0
  until [ -s "$RUN/$1/pid" ]; do
    [ $((tries += 1)) -le 500 ] || return 7
    sleep 0.01
  done
  venet_attach "$1"
}

# The kernel takes a namespace's devices down some time after its last process: here they are gone at once.
ve_destroy() {
  ve_runs "$1" || return 0
  ip link delete dev "$(venet_port "$1")"
  kill -9 "$PID"
  while kill -0 "$PID" 2>/dev/null; do sleep 0.01; done
  rm -f "$RUN/$1/pid"
}

# Addresses of a running container's venet0, in the order in which they were given.
ve_addresses() {
  ve_in_net "$1" ip -o address show dev venet0 scope global | while read -r _ _ _ address _; do
    case $address in 127.*) ;; *) echo "${address%/*}" ;; esac
  done
}

# The node's neighbour cache has no part in a real venet0: whoever has the address now is asked.
ve_ip_add() {
  case $2 in *:*) length=128 ;; *) length=32 ;; esac
  ve_in_net "$1" ip address add "$2/$length" dev venet0
  ip neigh flush to "$2" dev "$(venet_device "$1")"
}

ve_ip_del() {
  case $2 in *:*) length=128 ;; *) length=32 ;; esac
  ve_in_net "$1" ip address delete "$2/$length" dev venet0
}

# ve_veth_add ID IFNAME MAC HOST_IFNAME HOST_MAC
ve_veth_add() {
  ve_runs "$1"
  ip link add name "$4" address "$5" type veth peer name "$2" address "$3" netns "$PID"
  ip link set dev "$4" up
}

ve_veth_del() {
  ip link delete dev "$2"
}

# 8.1: the NIC loses its addresses and routes on the way in, and comes back down and without any.
ve_netdev_add() {
  ve_runs "$1"
  ip link set dev "$2" netns "$PID"
}

ve_netdev_del() {
  # A process of the node's own moves it back: its network is where `ip` finds the process.
  ve_in_net "$1" ip link set dev "$2" netns "$$"
}
