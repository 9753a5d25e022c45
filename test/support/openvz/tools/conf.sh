# Reads and writes the files in /etc/vz, for the stand-ins of the tools. Lines are KEY="value" (reference 8.1).

CONF=/etc/vz/conf

# 8.1: a number; 8.3: a UUID on OpenVZ 7, where the file is a link into the private area.
conf_file() {
  echo "$CONF/$1.conf"
}

# conf_get FILE KEY: the value, or nothing.
conf_get() {
  [ -f "$1" ] || return 0
  sed -n "s/^$2=\"\{0,1\}\([^\"]*\)\"\{0,1\} *\$/\1/p" "$1" | tail -n 1
}

# conf_set FILE KEY VALUE: in the key's own line, or at the end. The file is written where it is: it may be a link.
conf_set() {
  touch "$1"
  conf_text=$(KEY=$2 VALUE=$3 awk '
    BEGIN { line = ENVIRON["KEY"] "=\"" ENVIRON["VALUE"] "\"" }
    index($0, ENVIRON["KEY"] "=") == 1 { if (!done) print line; done = 1; next }
    { print }
    END { if (!done) print line }' "$1")
  printf '%s\n' "$conf_text" >"$1"
}

# The private and root areas, by the container's own file or vz.conf, with $VEID filled in.
conf_area() {
  area=$(conf_get "$(conf_file "$1")" "$2")
  echo "${area:-$(conf_get /etc/vz/vz.conf "$2")}" | sed "s|\$VEID|$1|g"
}

# Whether a word is an address, with or without a length: `ip` judges it.
is_address() {
  case $1 in
    *:*) ip -6 route list match "${1%/*}" >/dev/null 2>&1 ;;
    *.*.*.*) ip -4 route list match "${1%/*}" >/dev/null 2>&1 ;;
    *) return 1 ;;
  esac
}

is_mac() {
  echo "$1" | grep -qiE '^([0-9a-f]{2}:){5}[0-9a-f]{2}$'
}

# Whether a word has the form of an id: a number, or a UUID on OpenVZ 7.
is_id() {
  if [ "$VERSION" = 7 ]; then
    case $1 in *[!0-9a-f-]*) return 1 ;; ????????-????-????-????-????????????) return 0 ;; *) return 1 ;; esac
  fi
  case $1 in '' | *[!0-9]*) return 1 ;; esac
}

# The id that a word names: itself, or the file that /etc/vz/names points at.
id_of() {
  if is_id "$1"; then
    echo "$1"
  elif [ -n "$1" ] && [ -L "/etc/vz/names/$1" ]; then
    basename "$(readlink "/etc/vz/names/$1")" .conf
  else
    return 1
  fi
}

# Every id that has a file, in order. 0.conf is the node's own.
conf_ids() {
  for file in "$CONF"/*.conf; do
    id=${file##*/} id=${id%.conf}
    if is_id "$id" && [ "$id" != 0 ]; then echo "$id"; fi
  done | sort -n
}
