/**
 * /etc/vz/netplay-pins.sh: which NIC each container's addresses use, and how OpenVZ's own helpers keep to it.
 *
 * vps-net_add and vps-net_del (vz-net_add and vz-net_del on OpenVZ 7) run at a container's start and stop and
 * whenever it is given or loses an address, and read vz.conf first, with VEID, IP_ADDR and VE_STATE in the
 * environment (vzctl's scripts/vps-net_add.in, libvzctl's scripts/vz-net_add.in). A line in vz.conf that has no
 * `=` is no setting (parse_line in vzctl's util.c): there this file is read in. It acts when the helper ends,
 * since until then the helper gives the address to every NIC. Action scripts (`CTID.mount`) run too early.
 */

import { parseAddress, parsePrefix } from '../../shared/addr.js';
import type { Former } from './former.js';

export const PINS_FILE = '/etc/vz/netplay-pins.sh';
export const VZ_CONF = '/etc/vz/vz.conf';

/** One container's pin in one family of addresses. */
export interface HookPin {
  /** A number or a UUID. */
  ve: string;
  nic: string;
  table: number;
  priority: number;
  /** The NIC's own networks. */
  networks: readonly string[];
  gateway: string;
  /** Those that the container had when the file was written. */
  addresses: readonly string[];
}

export interface PinsFile {
  pins: readonly HookPin[];
  former: readonly Former[];
}

const HEAD = `# Written by netplay: the NIC that each container's addresses use. A change belongs into the playbook.
# /etc/vz/vz.conf reads this file; OpenVZ's helpers then keep to it whenever a container starts, stops, or is given
# an address. Without it they answer for every container on every NIC.
# pin CONTAINER NIC TABLE PRIORITY GATEWAY NETWORKS ADDRESSES; former: what a sysctl was before the first pin
`;

/** The kernel lets a NIC's name hold any character but blanks and slashes. */
const quoted = (nic: string): string => `'${nic.replaceAll("'", "'\\''")}'`;

/** `,` stands between several: no address, network or id has one. */
const pinLine = ({ ve, nic, table, priority, gateway, networks, addresses }: HookPin): string =>
  `pin ${ve} ${quoted(nic)} ${table} ${priority} ${gateway} ${networks.join(',')} ${addresses.join(',') || '-'}`;

/** sh, read in by bash and dash alike, by old ones too. It says nothing, and changes no exit code. */
const SCRIPT = `netplay_each() { pin() { "$netplay_does" "$@"; }; netplay_pins; }

# What is asked for: the container and the addresses that the helper is called with, else all.
netplay_add() {
  [ -z "$VEID" ] || [ "$1" = "$VEID" ] || return 0
  netplay_ips=$IP_ADDR
  [ -n "$VEID" ] || netplay_ips=$(echo "$7" | tr , ' ')
  for netplay_ip in $netplay_ips; do
    netplay_ip=\${netplay_ip%/*}
    case $netplay_ip,$5 in *:*,*:* | *.*,*.*) ;; *) continue ;; esac
    case $5 in *:*) netplay_family=-6 ;; *) netplay_family=-4 ;; esac
    ip $netplay_family route show table all | grep -q "^$netplay_ip dev " || continue
    netplay_keep "$@"
  done
}
netplay_keep() {
  for netplay_net in $(echo "$6" | tr , ' '); do
    ip $netplay_family route replace "$netplay_net" dev "$2" table "$3" proto 201
  done
  ip $netplay_family route replace default via "$5" dev "$2" table "$3" proto 201
  netplay_unrule "$@"
  netplay_rule to "$netplay_ip" table main priority $(($4 - 1))
  netplay_rule from "$netplay_ip" table "$3" priority "$4"
  ip $netplay_family neigh add proxy "$netplay_ip" dev "$2"
  netplay_others "$2"
  [ "$netplay_family" = -6 ] || arpsend -U -c 1 -w 1 -i "$netplay_ip" -e "$netplay_ip" "$2" ||
    netplay_arping "$2"
}
# iproute2 before 4.17 knows no protocol of a rule.
netplay_rule() { ip $netplay_family rule add "$@" protocol 201 || ip $netplay_family rule add "$@"; }
# To whatever table: the address may have been another container's, whose rules stay while that one is stopped.
netplay_unrule() {
  while ip $netplay_family rule del from "$netplay_ip" priority "$4"; do :; done
  while ip $netplay_family rule del to "$netplay_ip" table main priority $(($4 - 1)); do :; done
}
# No NIC beside the container's own answers for it.
netplay_others() {
  ip $netplay_family neigh show proxy | while read -r netplay_at netplay_word netplay_dev netplay_rest; do
    [ "$netplay_at" != "$netplay_ip" ] || [ "$netplay_dev" = "$1" ] ||
      ip $netplay_family neigh del proxy "$netplay_ip" dev "$netplay_dev"
  done
}
netplay_arping() {
  netplay_leave=$(cat /proc/sys/net/ipv4/ip_nonlocal_bind)
  echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind
  arping -q -U -c 1 -I "$1" -s "$netplay_ip" "$netplay_ip"
  echo "$netplay_leave" >/proc/sys/net/ipv4/ip_nonlocal_bind
}
netplay_remove() {
  [ "$1" = "$VEID" ] || return 0
  for netplay_ip in $IP_ADDR; do
    netplay_ip=\${netplay_ip%/*}
    case $netplay_ip,$5 in *:*,*:*) netplay_family=-6 ;; *.*,*.*) netplay_family=-4 ;; *) continue ;; esac
    netplay_others ''
    # A container that stops comes back with the address; one that loses it does not.
    [ "$VE_STATE" != running ] || netplay_unrule "$@"
  done
}
# vzctl from 4.6 on: the helper itself then asks no other NIC.
netplay_own() { [ "$1" != "$VEID" ] || NEIGHBOUR_DEVS="list:$2"; }

case \${0##*/} in
  vps-net_add | vz-net_add)
    netplay_does=netplay_own netplay_each
    trap 'netplay_does=netplay_add netplay_each >/dev/null 2>&1' EXIT
    ;;
  vps-net_del | vz-net_del) trap 'netplay_does=netplay_remove netplay_each >/dev/null 2>&1' EXIT ;;
  vzifup-post) trap 'VEID= netplay_does=netplay_add netplay_each >/dev/null 2>&1' EXIT ;;
esac
`;

/** The whole file. */
export function pinsText({ pins, former }: PinsFile): string {
  const lines = pins.map((pin) => `  ${pinLine(pin)}`);
  const before = former.map(({ path, value }) => `# former ${path} ${value}\n`);
  return `${HEAD}${before.join('')}netplay_pins() {\n${[...lines, '  :'].join('\n')}\n}\n${SCRIPT}`;
}

/** What a file holds; nothing where it is not there. Lines that netplay can't have written are passed over. */
export function readPins(content: string | undefined): PinsFile {
  const lines = (content ?? '').split('\n');
  return {
    pins: lines.flatMap((line) => readPin(line.trim()) ?? []),
    former: lines.flatMap((line) => {
      const [, path, value] = /^# former (\S+) (\S+)$/.exec(line) ?? [];
      return path === undefined || value === undefined ? [] : [{ path, value }];
    }),
  };
}

function readPin(line: string): HookPin | undefined {
  const [, ve, nic, table, priority, gateway = '', networks = '', addresses = ''] =
    /^pin ([\da-fA-F-]+) '(\S+)' (\d+) (\d+) (\S+) (\S+) (\S+)$/.exec(line) ?? [];
  if (ve === undefined || nic === undefined) return undefined;
  const pin: HookPin = {
    ve,
    nic: nic.replaceAll("'\\''", "'"),
    table: Number(table),
    priority: Number(priority),
    gateway,
    networks: networks.split(','),
    addresses: addresses === '-' ? [] : addresses.split(','),
  };
  const sound =
    [gateway, ...pin.addresses].every((text) => parseAddress(text) !== undefined) &&
    pin.networks.every((text) => parsePrefix(text) !== undefined);
  return sound ? pin : undefined;
}

const NOTE =
  '# netplay: the NICs of containers. This has no equals sign, so that vzctl itself passes it over.';
const READ_IN = `[ ! -r ${PINS_FILE} ] || . ${PINS_FILE}`;

/** vz.conf with, or without, the line that reads the pins in; all else stays as it is. */
export function vzConfWith(content: string, wanted: boolean): string {
  const lines = content.split('\n');
  const there = lines.includes(READ_IN);
  if (there === wanted) return content;
  if (!wanted) return lines.filter((line) => line !== READ_IN && line !== NOTE).join('\n');
  const whole = content === '' || content.endsWith('\n') ? content : `${content}\n`;
  return `${whole}${NOTE}\n${READ_IN}\n`;
}
