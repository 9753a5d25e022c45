# Part of the stand-in for vzctl: `set`. Reference 8.1.

SAVE= IPADD= IPDEL= NETIF_ADD= NETIF_DEL= NETDEV_ADD= NETDEV_DEL= HOSTNAME_NEW= NAMESERVER= SEARCHDOMAIN= ONBOOT_NEW=
NAME_NEW= NAME_SET= HOSTNAME_SET= IFNAME= NETIF_CHANGES=

bad() {
  fail 21 "Bad parameter for $1: $2"
}

# One option that takes a value. Everything is looked at before anything is done.
set_option() {
  case $1 in
    --ipadd | --ip)
      is_address "$2" || bad "$1" "$2"
      IPADD="$IPADD $2"
      ;;
    --ipdel)
      [ "$2" = all ] || is_address "$2" || bad "$1" "$2"
      IPDEL="$IPDEL ${2%/*}"
      ;;
    --netif_add) NETIF_ADD="$NETIF_ADD $(netif_of "$2")" || bad "$1" "$2" ;;
    --netif_del) NETIF_DEL="$NETIF_DEL $2" ;;
    --netdev_add)
      [ -d "/sys/class/net/$2" ] || bad "$1" "$2"
      NETDEV_ADD="$NETDEV_ADD $2"
      ;;
    --netdev_del) NETDEV_DEL="$NETDEV_DEL $2" ;;
    --hostname) HOSTNAME_NEW=$2 HOSTNAME_SET=yes ;;
    # Changes a pair that is there: it goes by --ifname (vzctl(8), veth interface configuration).
    --ifname)
      [ -z "$IFNAME" ] || fail 21 'Multiple use of --ifname option not allowed'
      IFNAME=$2
      ;;
    --mac | --host_mac)
      is_mac "$2" || bad "$1" "$2"
      NETIF_CHANGES="$NETIF_CHANGES ${1#--}=$2"
      ;;
    --host_ifname | --bridge) NETIF_CHANGES="$NETIF_CHANGES ${1#--}=$2" ;;
    --mac_filter)
      case $2 in on | off) ;; *) bad "$1" "$2" ;; esac
      NETIF_CHANGES="$NETIF_CHANGES ${1#--}=$2"
      ;;
    --nameserver)
      [ -z "$2" ] || is_address "$2" || [ "$2" = inherit ] || bad "$1" "$2"
      NAMESERVER="$NAMESERVER $2"
      ;;
    --searchdomain) SEARCHDOMAIN="$SEARCHDOMAIN $2" ;;
    --onboot)
      case $2 in yes | no) ONBOOT_NEW=$2 ;; *) bad "$1" "$2" ;; esac
      ;;
    --setmode)
      case $2 in restart | ignore) ;; *) bad "$1" "$2" ;; esac
      ;;
    --name)
      case $2 in *[!A-Za-z0-9\ +_.-]*) bad "$1" "$2" ;; esac
      NAME_NEW=$2 NAME_SET=yes
      ;;
    *) fail 21 "vzctl: unrecognized option '$1'" ;;
  esac
}

set_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --save) SAVE=yes ;;
      --force | --skip_arpdetect) ;;
      --*=*) set_option "${1%%=*}" "${1#*=}" ;;
      --*)
        [ $# -gt 1 ] || fail 21 "vzctl: option '$1' requires an argument"
        set_option "$1" "$2"
        shift
        ;;
      *)
        echo "non-option ARGV-elements: $* "
        exit 20
        ;;
    esac
    shift
  done
}

# 00:18:51 is the vendor's, and lower than most: a bridge without a MAC of its own takes it over.
vendor_mac() {
  hash=$(echo "$1:$ID:$(date +%s%N)" | cksum | cut -d ' ' -f 1)
  printf '00:18:51:%02x:%02x:%02x' $((hash & 255)) $(((hash >> 8) & 255)) $(((hash >> 16) & 255))
}

# netif_of IFNAME[,MAC,HOST_IFNAME,HOST_MAC,BRIDGE]: as the file holds it. host_ifname defaults to veth101.0.
netif_of() {
  rest=$1,,,,
  name=${rest%%,*} rest=${rest#*,}
  mac=${rest%%,*} rest=${rest#*,}
  host=${rest%%,*} rest=${rest#*,}
  host_mac=${rest%%,*} rest=${rest#*,}
  bridge=${rest%%,*}
  echo "$name" | grep -qE '^[A-Za-z][A-Za-z0-9.]{0,14}$' || return
  [ -z "$mac" ] || is_mac "$mac" || return
  [ -z "$host_mac" ] || is_mac "$host_mac" || return
  number=$(echo "$name" | sed 's/^[^0-9]*//')
  line="ifname=$name${bridge:+,bridge=$bridge},mac=${mac:-$(vendor_mac "$name")}"
  default=veth$(echo "$ID" | cut -c1-8).${number:-0}
  line="$line,host_ifname=${host:-$default},host_mac=${host_mac:-$(vendor_mac "$default")}"
  echo "$line"
}

# merged_list OLD DELETED ADDED: words, those deleted taken out and those added at the end, once.
merged_list() {
  for word in $1; do
    case " $2 $3 " in *" $word "* | *" ${word%/*} "* | *" all "*) ;; *) echo "$word" ;; esac
  done
  for word in $3; do echo "$word"; done
}

# Each word of NETIF by its ifname: one that is there already keeps its line.
merged_netifs() {
  for netif in $(conf_get "$FILE" NETIF | tr ';' ' '); do
    case " $NETIF_DEL " in *" $(field "$netif" ifname) "* | *" all "*) ;; *) echo "$netif" ;; esac
  done
  for netif in $NETIF_ADD; do
    conf_get "$FILE" NETIF | tr ';,' '\n' | grep -qx "ifname=$(field "$netif" ifname)" || echo "$netif"
  done
}

# What --ifname and its like make of a pair, in the order in which vzctl writes it (store_netif).
changed_netif() {
  if [ "$(field "$1" ifname)" != "$IFNAME" ]; then
    echo "$1"
    return
  fi
  changed=ifname=$IFNAME
  for key in bridge mac host_ifname host_mac mac_filter; do
    value=$(field "$(echo $NETIF_CHANGES | tr ' ' ',')" "$key" | grep . || field "$1" "$key")
    [ -z "$value" ] || changed="$changed,$key=$value"
  done
  echo "$changed"
}

# Before anything is done: there must be such a pair.
check_netif_changes() {
  [ -n "$IFNAME$NETIF_CHANGES" ] || return 0
  [ -n "$IFNAME" ] || fail 255 'Invalid usage.  Option --ifname not specified'
  conf_get "$FILE" NETIF | tr ';,' '\n' | grep -qx "ifname=$IFNAME" ||
    fail 255 "Invalid usage: veth device $IFNAME is not configured, use --netif_add option first"
}

# Of a pair that runs, vzctl only calls vznetcfg again, by the name that the node's end is to have: MACs stay.
configure_netif() {
  for netif in $(conf_get "$FILE" NETIF | tr ';' ' '); do
    [ "$(field "$netif" ifname)" = "$IFNAME" ] || continue
    host=$(field "$(changed_netif "$netif")" host_ifname)
    say "Configure veth devices: $host "
    [ -d "/sys/class/net/$host" ] && VEID=$ID /usr/sbin/vznetcfg init veth "$host" ||
      fail 130 '/usr/sbin/vznetcfg exited with error'
  done
}

save_container() {
  [ -f "$FILE" ] || complain "WARNING: $FILE not found: No such file or directory"
  if [ -n "$IPADD$IPDEL" ]; then
    conf_set "$FILE" IP_ADDRESS "$(echo $(merged_list "$(conf_get "$FILE" IP_ADDRESS)" "$IPDEL" "$IPADD"))"
  fi
  if [ -n "$NETIF_ADD$NETIF_DEL$IFNAME" ]; then
    conf_set "$FILE" NETIF "$(echo $(for netif in $(merged_netifs); do changed_netif "$netif"; done) | tr ' ' ';')"
  fi
  if [ -n "$NETDEV_ADD$NETDEV_DEL" ]; then
    conf_set "$FILE" NETDEV "$(echo $(merged_list "$(conf_get "$FILE" NETDEV)" "$NETDEV_DEL" "$NETDEV_ADD"))"
  fi
  [ -z "$HOSTNAME_SET" ] || conf_set "$FILE" HOSTNAME "$HOSTNAME_NEW"
  # An empty list is no setting (conf_store_strlist).
  [ -z "$(echo $NAMESERVER)" ] || conf_set "$FILE" NAMESERVER "$(echo $NAMESERVER)"
  [ -z "$(echo $SEARCHDOMAIN)" ] || conf_set "$FILE" SEARCHDOMAIN "$(echo $SEARCHDOMAIN)"
  [ -z "$ONBOOT_NEW" ] || conf_set "$FILE" ONBOOT "$ONBOOT_NEW"
  [ -z "$NAME_SET" ] || save_name
  say "CT configuration saved to $FILE"
}

save_name() {
  old=$(conf_get "$FILE" NAME)
  [ -z "$old" ] || rm -f "/etc/vz/names/$old"
  mkdir -p /etc/vz/names
  [ -z "$NAME_NEW" ] || ln -s "$FILE" "/etc/vz/names/$NAME_NEW"
  conf_set "$FILE" NAME "$NAME_NEW"
}

# An address that is there already is taken out and added again, which brings its proxy entries back on all NICs.
apply_addresses() {
  present=$(ve_addresses "$ID")
  case " $IPDEL " in
    *' all '*)
      say "Deleting IP address(es): $(echo $present)"
      # 8.2: `--ipdel all` leaves the route and the proxy entries behind.
      for address in $present; do ve_ip_del "$ID" "$address"; done
      ;;
    *)
      gone=
      for address in $present; do
        case " $IPDEL $(for ip in $IPADD; do echo "${ip%/*}"; done | tr '\n' ' ')" in *" $address "*) gone="$gone $address" ;; esac
      done
      delete_addresses $gone
      ;;
  esac
  add_addresses "$(for ip in $IPADD; do echo "${ip%/*}"; done)" running || exit 34
}

delete_addresses() {
  [ $# -gt 0 ] || return 0
  say "Deleting IP address(es): $*"
  for address in "$@"; do ve_ip_del "$ID" "$address"; done
  net_script del running "$*"
}

delete_interfaces() {
  for name in $NETIF_DEL; do
    for netif in $(conf_get "$FILE" NETIF | tr ';' ' '); do
      [ "$name" = all ] || [ "$name" = "$(field "$netif" ifname)" ] || continue
      say "Deleting veth devices: $(field "$netif" host_ifname) "
      ve_veth_del "$ID" "$(field "$netif" host_ifname)"
    done
  done
}

apply_settings() {
  if [ -n "$HOSTNAME_SET" ]; then
    ve_in "$ID" sh -c 'echo "$1" >/proc/sys/kernel/hostname' sh "$HOSTNAME_NEW"
    say "Set hostname: $HOSTNAME_NEW"
  fi
  [ -z "$IPADD$IPDEL" ] || apply_addresses
  delete_interfaces
  if [ -n "$NETIF_ADD" ]; then
    add_interfaces "$(merged_netifs | grep . | tr '\n' ';' | sed 's/;$//')" || exit
  fi
  [ -z "$IFNAME" ] || configure_netif
  for device in $NETDEV_DEL; do ve_netdev_del "$ID" "$device"; done
  for device in $NETDEV_ADD; do
    say "Add network device: $device"
    ve_netdev_add "$ID" "$device" || exit 104
  done
}

set_container() {
  check_netif_changes
  if [ -n "$NAME_NEW" ]; then
    owner=$(id_of "$NAME_NEW") && [ "$owner" != "$ID" ] &&
      fail 131 "Conflict: name $NAME_NEW already used by container $owner"
  fi
  if [ -n "$NAME_SET" ] && [ -z "$SAVE" ]; then fail 131 'Error: unable to use --name option without --save'; fi
  if ve_runs "$ID"; then
    apply_settings
  elif [ -z "$SAVE" ] && [ -n "$IPADD$IPDEL$NETIF_ADD$NETIF_DEL$IFNAME" ]; then
    fail 31 'Unable to apply network parameters: container is not running'
  fi
  if [ -n "$SAVE" ]; then
    save_container
  elif ve_runs "$ID"; then
    say 'WARNING: Settings were not saved to config and will be lost after CT restart (use --save flag)'
  else
    say 'WARNING: Settings were not saved to config (use --save flag)'
  fi
}
