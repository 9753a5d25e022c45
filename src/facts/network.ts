/**
 * `interfaces`, one dictionary for each of them, and the default ones, as ansible-core 2.14 shapes them
 * (module_utils/facts/network/linux.py): what /sys/class/net tells, and addresses from `ip`.
 */
import { parsePrefix } from '../shared/addr.js';
import type { Address } from '../snapshot/model.js';
import { parseAddresses } from '../snapshot/parse-addr.js';
import { words } from '../snapshot/text.js';
import { FAR } from './script.js';

export interface NetworkText {
  /** `NAME/FILE:VALUE` below /sys/class/net. */
  files: ReadonlyMap<string, string>;
  /** Paths /sys/class/net/BRIDGE/brif/PORT. */
  ports: string;
  /** Targets of links below /sys/class/net, by path. */
  links: ReadonlyMap<string, string>;
  /** `ip -o addr show`, of any version or of BusyBox. */
  addresses: string;
  /** `ip route get` of a far address. */
  routes: Readonly<Record<4 | 6, string>>;
}

type Facts = Record<string, unknown>;

/** An address as facts tell it, with what they don't. */
interface Told {
  dev: string;
  /** The device's name, or one that stands for this address: `eth0:1`. */
  label: string;
  family: 4 | 6;
  address: string;
  isSecondary: boolean;
  shape: Readonly<Record<string, string>>;
}

/** ARPHRD_* of linux/if_arp.h. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['1', 'ether'],
  ['32', 'infiniband'],
  ['512', 'ppp'],
  ['772', 'loopback'],
  ['65534', 'tunnel'],
]);
/** IFF_PROMISC of linux/if.h. */
const PROMISC = 0x100;

export interface NetworkFacts {
  /** By the interface's name, `-` and `:` as `_`. */
  interfaces: Map<string, Facts>;
  general: Facts;
}

/** @throws NetplayError `probe` naming a line of `ip` that can't be understood */
export function networkFacts(text: NetworkText): NetworkFacts {
  const told = addressesOf(text.addresses);
  const devices = devicesOf(text);
  for (const { dev } of told) if (!devices.has(dev)) devices.set(dev, { device: dev });
  const byLabel = new Map<string, Facts>(devices);
  for (const one of told) addAddress(one, devices, byLabel);
  const names = [...byLabel.keys()].map((name) => name.replaceAll(':', '_'));
  return {
    interfaces: new Map([...byLabel].map(([name, facts]) => [name.replaceAll(/[:-]/g, '_'), facts])),
    general: {
      interfaces: names,
      default_ipv4: defaultOf(4, text.routes[4], told, devices, text.files),
      default_ipv6: defaultOf(6, text.routes[6], told, devices, text.files),
      all_ipv4_addresses: all(told, 4).filter((address) => !address.startsWith('127.')),
      all_ipv6_addresses: all(told, 6).filter((address) => address !== '::1'),
    },
  };
}

const all = (told: readonly Told[], family: 4 | 6): string[] =>
  told.filter((one) => one.family === family).map(({ address }) => address);

/** Device by device, the secondary ones of each behind its others, as `ip` is asked for them. */
function addressesOf(text: string): Told[] {
  // Facts hold a scope's name, so any number may stand for it here. 0 is also what no word at all means.
  const scopes = ['global'];
  const numbered = (_: string, word: string): number =>
    scopes.includes(word) ? scopes.indexOf(word) : scopes.push(word) - 1;
  const told = parseAddresses(text, numbered).map((address) => toldOf(address, scopes));
  return [...told.filter((one) => !one.isSecondary), ...told.filter((one) => one.isSecondary)];
}

function toldOf(address: Address, scopes: readonly string[]): Told {
  const { dev, family, local, flags, scope } = address;
  return {
    dev,
    label: address.label ?? dev,
    family,
    address: local,
    isSecondary: flags.includes('secondary') || flags.includes('temporary'),
    shape: family === 4 ? shape4(address) : shape6(address, scopes[scope] ?? ''),
  };
}

/** A point-to-point address is a host's, whatever its peer's length. */
function shape4({ local, length, peer, broadcast }: Address): Told['shape'] {
  const prefix = peer === null ? length : 32;
  return {
    address: local,
    broadcast: peer === null ? (broadcast ?? '') : '',
    netmask: parsePrefix(`255.255.255.255/${prefix}`)?.network ?? '',
    network: parsePrefix(`${local}/${prefix}`)?.network ?? '',
    prefix: String(prefix),
  };
}

const shape6 = ({ local, length }: Address, scope: string): Told['shape'] => ({
  address: local,
  prefix: String(length),
  scope,
});

/** The first IPv4 address of a name is its `ipv4`, all others are secondaries; one by a label is told twice. */
function addAddress(one: Told, devices: ReadonlyMap<string, Facts>, byLabel: Map<string, Facts>): void {
  const device = devices.get(one.dev) ?? {};
  if (one.family === 6) {
    addTo(device, 'ipv6', one.shape);
    return;
  }
  const isAlias = one.label !== one.dev && !devices.has(one.label);
  const named = isAlias ? {} : device;
  if (isAlias) byLabel.set(one.label, named);
  if (!one.isSecondary && !('ipv4' in named)) named.ipv4 = one.shape;
  else addTo(named, 'ipv4_secondaries', one.shape);
  if (one.isSecondary && isAlias) addTo(device, 'ipv4_secondaries', one.shape);
}

/** Appends to a list of a device, which may have thousands of addresses. */
function addTo(device: Facts, list: string, shape: Told['shape']): void {
  const before = device[list];
  if (Array.isArray(before)) before.push(shape);
  else device[list] = [shape];
}

/** What the kernel says of the way to a far address; nothing where it knows none. */
function defaultOf(
  family: 4 | 6,
  answer: string,
  told: readonly Told[],
  devices: ReadonlyMap<string, Facts>,
  files: ReadonlyMap<string, string>,
): Facts {
  const line = words(answer.split('\n')[0] ?? '');
  if (line[0] !== FAR[family]) return {};
  const after = (word: string): string | undefined =>
    line.includes(word) ? line[line.indexOf(word) + 1] : undefined;
  // A gateway of the other family: `via inet6 fe80::1`.
  const via = after('via');
  const gateway = via === 'inet6' || via === 'inet' ? after(via) : via;
  const facts: Facts = {};
  for (const [name, value] of Object.entries({ interface: after('dev'), address: after('src'), gateway }))
    if (value !== undefined) facts[name] = value;
  const source = told.find((one) => one.family === family && one.address === facts.address);
  if (source === undefined) return facts;
  const device = devices.get(source.dev);
  Object.assign(facts, source.shape);
  Object.assign(facts, { macaddress: files.get(`${source.dev}/address`) ?? '', mtu: device?.mtu });
  Object.assign(facts, { type: device?.type ?? 'unknown' }, family === 4 && { alias: source.label });
  return facts;
}

/** What /sys tells of every device. */
function devicesOf({ files, ports, links }: NetworkText): Map<string, Facts> {
  const byDevice = new Map<string, Map<string, string>>();
  for (const [path, value] of files) {
    const slash = path.indexOf('/');
    const own = byDevice.get(path.slice(0, slash)) ?? new Map<string, string>();
    byDevice.set(path.slice(0, slash), own.set(path.slice(slash + 1), value.trim()));
  }
  const enslaved = portsOf(ports);
  return new Map(
    [...byDevice].map(([name, own]) => [
      name,
      {
        device: name,
        ...basic(own),
        ...hardware(name, links),
        ...(own.has('bridge/bridge_id') && bridge(own, enslaved.get(name) ?? [])),
        ...(own.has('bonding/mode') && bond(own)),
        ...(own.has('bonding_slave/perm_hwaddr') && {
          perm_macaddress: own.get('bonding_slave/perm_hwaddr'),
        }),
      },
    ]),
  );
}

function portsOf(paths: string): Map<string, string[]> {
  const ports = new Map<string, string[]>();
  for (const [, name = '', port = ''] of paths.matchAll(/^\/sys\/class\/net\/([^/\n]+)\/brif\/([^/\n]+)$/gm))
    if (port !== '*') ports.set(name, [...(ports.get(name) ?? []), port]);
  return ports;
}

function basic(own: ReadonlyMap<string, string>): Facts {
  const [mac, mtu, state, speed] = ['address', 'mtu', 'operstate', 'speed'].map((file) => own.get(file));
  return {
    ...(mac && mac !== '00:00:00:00:00:00' && { macaddress: mac }),
    ...(mtu && { mtu: Number(mtu) }),
    ...(state && { active: state !== 'down' }),
    ...(own.has('type') && { type: TYPES.get(own.get('type') ?? '') ?? 'unknown' }),
    ...(speed && { speed: Number(speed) }),
    ...(own.has('flags') && { promisc: (Number(own.get('flags')) & PROMISC) !== 0 }),
  };
}

/** The bus address and the driver's module of a device that is not only software. */
function hardware(name: string, links: ReadonlyMap<string, string>): Facts {
  const lastOf = (path: string): string | undefined => links.get(path)?.split('/').at(-1);
  const [pciid, module] = ['device', 'device/driver/module'].map((path) =>
    lastOf(`/sys/class/net/${name}/${path}`),
  );
  return { ...(pciid !== undefined && { pciid }), ...(module !== undefined && { module }) };
}

const bridge = (own: ReadonlyMap<string, string>, interfaces: readonly string[]): Facts => ({
  type: 'bridge',
  interfaces,
  id: own.get('bridge/bridge_id'),
  stp: own.get('bridge/stp_state') === '1',
});

function bond(own: ReadonlyMap<string, string>): Facts {
  const file = (name: string): string => own.get(`bonding/${name}`) ?? '';
  const first = (name: string): string => words(file(name))[0] ?? '';
  const primary = file('primary');
  return {
    type: 'bonding',
    slaves: words(file('slaves')),
    mode: first('mode'),
    miimon: first('miimon'),
    lacp_rate: first('lacp_rate'),
    ...(primary !== '' && { primary, all_slaves_active: file('all_slaves_active') === '1' }),
  };
}
