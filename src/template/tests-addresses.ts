/** Tests of addresses, networks and hardware addresses. Ranges are IANA's, as Python's ipaddress has them. */
import { iterate } from './access.js';
import { OperationError } from './errors.js';
import { define, type Registry, text } from './functions.js';
import { bitsOf, covers, first, highest, isHostMask, type Net, parseHardware, parseNet } from './net.js';

const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/29',
  '192.0.0.170/31',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '::/127',
  '::ffff:0:0/96',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
];
const SHARED = ['100.64.0.0/10'];
const RESERVED = [
  '240.0.0.0/4',
  '::/8',
  '100::/8',
  '200::/7',
  '400::/6',
  '800::/5',
  '1000::/4',
  '4000::/2',
  '8000::/2',
];

/** Without host bits, as Python's ip_network wants it. */
function network(value: unknown): Net | undefined {
  const net = parseNet(text(value));
  return net !== undefined && net.value === first(net) ? net : undefined;
}

function address(value: unknown): Net | undefined {
  const given = text(value);
  return given.includes('/') ? undefined : parseNet(given);
}

function ofAddress(holds: (net: Net) => boolean): ReturnType<typeof define> {
  return define('', (value) => {
    const net = address(value);
    return net !== undefined && holds(net);
  });
}

function within(net: Net, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const outer = parseNet(range);
    return outer !== undefined && covers(outer, net);
  });
}

function needNetwork(value: unknown): Net {
  const net = network(value);
  if (net === undefined)
    throw new OperationError(`'${text(value)}' is no network`, 'Its host bits must be zero.');
  return net;
}

function inAny(value: unknown, networks: unknown): boolean {
  const net = network(value);
  return net !== undefined && iterate(networks).some((outer) => covers(needNetwork(outer), net));
}

function isNetMask(net: Net): boolean {
  return isHostMask(net.value ^ highest(net.family));
}

const family = (wanted: 4 | 6) => define('', (value) => network(value)?.family === wanted);
const addressOf = (wanted: 4 | 6) => ofAddress((net) => net.family === wanted);

export const addressTests: Registry = {
  ip: define('', (value) => network(value) !== undefined),
  ip_address: ofAddress(() => true),
  ipv4: family(4),
  ipv6: family(6),
  ipv4_address: addressOf(4),
  ipv6_address: addressOf(6),
  ipv4_netmask: ofAddress((net) => net.family === 4 && isNetMask(net)),
  ipv4_hostmask: ofAddress((net) => net.family === 4 && isHostMask(net.value)),
  ipv6_ipv4_mapped: ofAddress((net) => within(net, ['::ffff:0:0/96'])),
  ipv6_sixtofour: ofAddress((net) => within(net, ['2002::/16'])),
  ipv6_teredo: ofAddress((net) => within(net, ['2001::/32'])),
  in_network: define('network', (value, [outer]) => inAny(value, [outer])),
  in_any_network: define('networks', (value, [networks]) => inAny(value, networks)),
  in_one_network: define('networks', (value, [networks]) => inAny(value, networks)),
  subnet_of: define('network', (value, [outer]) => covers(needNetwork(outer), needNetwork(value))),
  supernet_of: define('network', (value, [inner]) => covers(needNetwork(value), needNetwork(inner))),
  loopback: ofAddress((net) => within(net, ['127.0.0.0/8', '::1'])),
  multicast: ofAddress((net) => within(net, ['224.0.0.0/4', 'ff00::/8'])),
  private: ofAddress((net) => within(net, NOT_PUBLIC)),
  public: ofAddress((net) => !within(net, [...NOT_PUBLIC, ...SHARED])),
  reserved: ofAddress((net) => within(net, RESERVED)),
  unspecified: ofAddress((net) => net.value === 0n && net.length === bitsOf(net.family)),
  mac: define('', (value) => parseHardware(text(value))?.length === 12),
};
