/**
 * The string formats that resources' schemas name with `format`, each with the words that tell a user
 * what is expected. A template (`{{ … }}`) never gets here: see `validateParams`.
 */
import { parseAddress, parseMac, parsePrefix } from '../shared/addr.js';
import { parseRate } from '../shared/rate.js';
import { parsePercent, parseSize, parseTime } from '../shared/tc-units.js';

export interface Format {
  test(text: string): boolean;
  /** Completes `must be …`, with an example. */
  expected: string;
}

const MAX_U32 = 0xffff_ffff;
/** IFNAMSIZ less its closing zero: bytes (linux/if.h). */
const MAX_INTERFACE_BYTES = 15;

/** A number as iproute2 reads it, decimal or `0x…`, up to 32 bits; undefined where it is none. */
function numberOf(text: string, max = MAX_U32): number | undefined {
  if (!/^(\d+|0[xX][0-9a-fA-F]+)$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/** The kernel's `sysctl_dev_name_is_allowed` refuses these: they are folders beside those of the devices. */
const NO_INTERFACES: ReadonlySet<string> = new Set(['', '.', '..', 'all', 'default']);

/**
 * What the kernel's `dev_valid_name` takes, and no leading `-`, which tools would take for an option; of a `%` its
 * `dev_alloc_name` makes a number, or refuses it: `br%d` becomes br0.
 */
function isInterface(text: string): boolean {
  if (NO_INTERFACES.has(text) || text.startsWith('-')) return false;
  return Buffer.byteLength(text) <= MAX_INTERFACE_BYTES && !/[\s/:%\p{Cc}]/u.test(text);
}

/** A word that iproute2's files of names can hold: blanks end it, `#` begins a comment. */
function isName(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/[\s#\p{Cc}]/u.test(text);
}

/** An address, or a name that a resolver can look up; what is all digits and dots must be an address. */
function isHost(text: string): boolean {
  if (parseAddress(text) !== undefined) return true;
  return /^\w([\w.-]{0,251}\w)?\.?$/.test(text) && !/^[\d.]+$/.test(text);
}

function looksNumeric(text: string): boolean {
  return /^[0-9]/.test(text);
}

function isRange(text: string, min: number, max: number): boolean {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) return false;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return min <= first && first <= last && last <= max;
}

/** Dots or slashes between words; never a way out of /proc/sys. */
function isSysctlKey(text: string): boolean {
  if (!/^[^\s\p{Cc}/.][^\s\p{Cc}]*[^\s\p{Cc}/.]$/u.test(text) || !/[./]/.test(text)) return false;
  return text.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function isFwmark(text: string): boolean {
  const [mark = '', mask, ...rest] = text.split('/');
  if (rest.length > 0 || numberOf(mark) === undefined) return false;
  return mask === undefined || numberOf(mask) !== undefined;
}

/** A container's id, UUID (in braces too) or name; vzctl takes a word that begins with `-` for an option. */
function isVe(text: string): boolean {
  return isVeName(text) || /^\d+$/.test(text) || /^\{[\da-fA-F-]{36}\}$/.test(text);
}

/** What vzctl takes for a name (check_name in its config.c), but not what it would read as an id. */
function isVeName(text: string): boolean {
  return /^[A-Za-z0-9_.+](?:[A-Za-z0-9_.+ -]*[A-Za-z0-9_.+-])?$/.test(text) && !/^(?:\d+|\.\.?)$/.test(text);
}

/** It must stand between vzctl's commas and in a quoted value of the container's file. */
function isVeInterface(text: string): boolean {
  return isInterface(text) && /^[A-Za-z0-9_.@-]+$/.test(text);
}

function isVeHostname(text: string): boolean {
  return /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/.test(text);
}

const CLAUSE = '[ugoa]*[-+=][rwxXstugo]*(?:[-+=][rwxXstugo]*)*';
/** What Ansible takes for a file's mode. */
const CHMOD = new RegExp(`^(?:[0-7]{1,5}|${CLAUSE}(?:,${CLAUSE})*)$`);

/** Every format, by the name that a schema's `format` gives. */
export const formats = {
  'ip-address': {
    test: (text) => parseAddress(text) !== undefined,
    expected: 'an IPv4 or IPv6 address, such as 192.168.1.1 or 2001:db8::1',
  },
  'ip-addresses': {
    test: (text) => text.split(',').every((one) => parseAddress(one.trim()) !== undefined),
    expected: 'an address or several with commas between them, such as 192.0.2.80,2001:db8::80',
  },
  'ipv4-address': {
    test: (text) => parseAddress(text)?.family === 4,
    expected: 'an IPv4 address, such as 192.168.1.1',
  },
  'ipv6-address': {
    test: (text) => parseAddress(text)?.family === 6,
    expected: 'an IPv6 address, such as 2001:db8::1',
  },
  host: {
    test: isHost,
    expected: 'the address or name of a host, such as 192.168.1.1, 2001:db8::1 or gw.example.org',
  },
  'ip-prefix': {
    test: (text) => parsePrefix(text) !== undefined,
    expected: 'a network, an address or default, such as 192.168.1.0/24 or 2001:db8::/64',
  },
  'ip-interface': {
    test: (text) => parseAddress(text.split('/')[0] ?? '') !== undefined && parsePrefix(text) !== undefined,
    expected: 'an address and its prefix length, such as 192.168.1.1/24 or 2001:db8::1/64',
  },
  interface: {
    test: isInterface,
    expected: `the name of an interface (at most ${MAX_INTERFACE_BYTES} characters, no blank, '/', ':' or '%', not all or default), such as eth0`,
  },
  mac: {
    test: (text) => parseMac(text) !== undefined,
    expected: 'a MAC address, such as 52:54:00:12:34:56',
  },
  table: {
    test: (text) => (looksNumeric(text) ? numberOf(text) !== undefined : isName(text)),
    expected: 'the name or number of a routing table, such as main, local100 or 100',
  },
  'table-name': {
    test: (text) => isName(text) && !looksNumeric(text),
    expected: 'a name that holds no blank and does not begin with a digit, such as local100',
  },
  fwmark: {
    test: isFwmark,
    expected: 'a firewall mark with or without a mask, such as 1, 0x1 or 0x1/0xff',
  },
  tos: {
    test: (text) => (looksNumeric(text) ? numberOf(text, 255) !== undefined : isName(text)),
    expected: 'a TOS value from 0 to 255 or its name, such as 0x10',
  },
  'port-range': {
    // The kernel refuses 0 and 65535 in a rule (fib_rule_port_range_valid).
    test: (text) => isRange(text, 1, 65_534),
    expected: 'a port or a range of ports from 1 to 65534, such as 443 or 8000-8080',
  },
  'vid-range': {
    test: (text) => isRange(text, 1, 4094),
    expected: 'a VLAN or a range of them from 1 to 4094, such as 10 or 20-30',
  },
  'uid-range': {
    test: (text) => isRange(text, 0, MAX_U32 - 1),
    expected: 'a user id or a range of them, such as 1000 or 1000-1999',
  },
  'sysctl-key': {
    test: isSysctlKey,
    expected: 'a sysctl key, such as net.ipv4.ip_forward or net/ipv4/conf/eth0.100/rp_filter',
  },
  rate: {
    test: (text) => parseRate(text) !== undefined,
    expected: 'a rate as tc spells it, such as 100mbit (bits per second) or 12mbps (bytes per second)',
  },
  'rate-share': {
    test: (text) => parseRate(text) !== undefined || (text.endsWith('%') && Number(parsePercent(text)) > 0),
    expected: 'a rate as tc spells it or a part of the whole, such as 30mbit or 30%',
  },
  'tc-size': {
    test: (text) => parseSize(text) !== undefined,
    expected: 'a size as tc spells it, such as 1600 (bytes) or 32k (1024 bytes each)',
  },
  'tc-time': {
    test: (text) => parseTime(text) !== undefined,
    expected: 'a time as tc spells it, such as 50ms, 1.5s or 100us',
  },
  'tc-percent': {
    test: (text) => parsePercent(text) !== undefined,
    expected: 'a part of a hundred, such as 0.3%',
  },
  'tc-handle': {
    test: (text) => /^[0-9a-fA-F]{1,4}:?$/.test(text) && !/^0+:?$/.test(text),
    expected: "a qdisc's handle (hexadecimal), such as '1:'",
  },
  'tc-class': {
    test: (text) => /^[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}$/.test(text),
    expected: "a class's id (hexadecimal), such as 1:10",
  },
  'tc-parent': {
    test: (text) =>
      /^(root|ingress|egress|clsact|[0-9a-fA-F]{1,4}:?|[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4})$/.test(text),
    expected: "root, ingress, egress, clsact, a qdisc's handle or a class's id, such as 1:10",
  },
  'absolute-path': {
    test: (text) => text.startsWith('/') && !text.includes('\0') && !text.split('/').includes('..'),
    expected: 'an absolute path, such as /etc/sysctl.d/60-netplay.conf',
  },
  ve: {
    test: isVe,
    expected: "a container's id, UUID or name, such as 101 or web",
  },
  've-name': {
    test: isVeName,
    expected: 'a name of letters, digits, blanks and any of -_.+ that is no number, such as web',
  },
  've-interface': {
    test: isVeInterface,
    expected: 'an interface name of at most 15 letters, digits and any of _.@-, such as eth0',
  },
  've-hostname': {
    test: isVeHostname,
    expected: 'a host name of letters, digits and any of _.-, such as web.example.org',
  },
  'file-mode': {
    test: (text) => /^[0-7]{3,4}$/.test(text),
    expected: "a quoted octal mode, such as '0644'",
  },
  'chmod-mode': {
    test: (text) => CHMOD.test(text),
    expected: 'a mode in octal digits or as chmod has it, such as 0644 or u=rw,g=r,o=',
  },
  'chmod-mode-or-preserve': {
    test: (text) => text === 'preserve' || CHMOD.test(text),
    expected: 'a mode in octal digits or as chmod has it, or preserve, such as 0644 or u=rw,g=r,o=',
  },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof formats;

/** The tests alone, by the format's name: what ajv takes. */
export function formatTests(): Record<string, (text: string) => boolean> {
  return Object.fromEntries(Object.entries(formats).map(([name, format]) => [name, format.test]));
}
