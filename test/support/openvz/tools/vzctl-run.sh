# Part of the stand-in for vzctl: starting and stopping. Reference 8.1.

# net_script add|del STATE ADDRESSES: the helper that an administrator may have replaced; 8.3: OpenVZ 7 looks in a
# directory of overrides first.
net_script() {
  if [ "$VERSION" = 7 ]; then
    script=/usr/libexec/libvzctl/scripts/vz-net_$1
    if [ -x "/etc/vz/script.d/vz-net_$1" ]; then script=/etc/vz/script.d/vz-net_$1; fi
  else
    script=/usr/lib/vzctl/scripts/vps-net_$1
  fi
  VEID=$ID VE_STATE=$2 IP_ADDR=$3 "$script"
}

# Scripts that run on the node, with VEID and VE_CONFFILE. Order: vps.premount, CTID.premount, vps.mount, CTID.mount,
# all before the container has a network; at the end the container's own first.
host_scripts() {
  for word in "$@"; do
    script=$CONF/$word
    [ -f "$script" ] || continue
    VEID=$ID VE_CONFFILE=$FILE "$script" || {
      complain "Error executing action script $script"
      return 79
    }
  done
}

mount_container() {
  host_scripts vps.premount "$ID.premount" || return
  mkdir -p "$RUN/$ID" && touch "$RUN/$ID/mounted"
  say 'Container is mounted'
  host_scripts vps.mount "$ID.mount" || { umount_container && return 79; }
}

umount_container() {
  host_scripts "$ID.umount" vps.umount
  rm -f "$RUN/$ID/mounted"
  say 'Container is unmounted'
  host_scripts "$ID.postumount" vps.postumount
}

# CTID.start and CTID.stop run inside the container.
inner_script() {
  [ -f "$CONF/$ID.$1" ] || return 0
  ve_in "$ID" sh <"$CONF/$ID.$1" || {
    complain "Error executing $1 script $CONF/$ID.$1"
    return 79
  }
}

# The container's addresses by its file, without lengths.
configured_addresses() {
  for address in $(conf_get "$FILE" IP_ADDRESS); do echo "${address%/*}"; done
}

add_addresses() {
  addresses=$(echo $1)
  [ -n "$addresses" ] || return 0
  say "Adding IP address(es): $addresses"
  for address in $addresses; do ve_ip_add "$ID" "$address"; done
  net_script add "$2" "$addresses"
}

# field NETIF KEY
field() {
  echo "$1" | tr ',' '\n' | sed -n "s/^$2=//p"
}

add_interface() {
  host=$(field "$1" host_ifname)
  if ! [ -d "/sys/class/net/$host" ]; then
    ve_veth_add "$ID" "$(field "$1" ifname)" "$(field "$1" mac)" "$host" "$(field "$1" host_mac)" || return 130
  fi
  VEID=$ID BRIDGE=$(field "$1" bridge) /usr/sbin/vznetcfg init veth "$host" || {
    complain '/usr/sbin/vznetcfg exited with error'
    return 130
  }
}

add_interfaces() {
  [ -n "$1" ] || return 0
  say "Configure veth devices: $(echo "$1" | tr ';' '\n' | sed -n 's/.*host_ifname=\([^,]*\).*/\1/p' | tr '\n' ' ')"
  for netif in $(echo "$1" | tr ';' ' '); do add_interface "$netif" || return; done
}

start_container() {
  if ve_runs "$ID"; then fail 32 'Container is already running'; fi
  [ -d "$PRIVATE" ] || fail 43 "Container private area $PRIVATE does not exist"
  say 'Starting container...'
  mount_container || exit
  ve_create "$ID" "$(conf_get "$FILE" HOSTNAME | grep . || echo "$ID")" || fail 7 'Unable to start the container'
  add_addresses "$(configured_addresses)" starting || kill_container 34
  add_interfaces "$(conf_get "$FILE" NETIF)" || kill_container 130
  for device in $(conf_get "$FILE" NETDEV); do
    say "Add network device: $device"
    ve_netdev_add "$ID" "$device" || kill_container 104
  done
  say 'Setting CPU units: 1000'
  # What the container's own start-up would do to its veth devices.
  if [ -f "$PRIVATE/rc.local" ]; then ve_in "$ID" sh <"$PRIVATE/rc.local"; fi
  inner_script start || kill_container 79
  say 'Container start in progress...'
}

# kill_container CODE: a start that failed leaves nothing running.
kill_container() {
  complain 'Container start failed'
  stop_container >/dev/null
  exit "$1"
}

stop_container() {
  ve_runs "$ID" || {
    complain 'Unable to stop: container is not running'
    return 0
  }
  inner_script stop || exit
  say 'Stopping container ...'
  for device in $(conf_get "$FILE" NETDEV); do ve_netdev_del "$ID" "$device"; done
  for netif in $(conf_get "$FILE" NETIF | tr ';' ' '); do ve_veth_del "$ID" "$(field "$netif" host_ifname)"; done
  addresses=$(echo $(ve_addresses "$ID"))
  [ -z "$addresses" ] || net_script del stopping "$addresses"
  ve_destroy "$ID"
  say 'Container was stopped'
  umount_container
}

restart_container() {
  say 'Restarting container'
  if ve_runs "$ID"; then stop_container; fi
  start_container
}
