/** Settings of links as sections of a `.network` file, and made-up links as `.netdev` files (systemd 252). */
import { OPTIONS, unusualOptions } from '../resources/links/bridge-options.js';
import type { BridgeField } from '../snapshot/bridge.js';
import { settingsOf } from '../snapshot/kinds/kinds.js';
import type { Link, Snapshot } from '../snapshot/model.js';
import { bondSection, primaryOf } from './networkd-bond.js';
import { tabledSection, yesNo } from './networkd-kinds.js';
import { isPlainName } from './networkd-names.js';
import type { Said } from './networkd-routing.js';
import type { Section } from './systemd-file.js';

/** By `ip link set`'s words. */
const LINK_WORDS: Readonly<Record<string, string>> = {
  mtu: 'MTUBytes',
  address: 'MACAddress',
  group: 'Group',
  arp: 'ARP',
  multicast: 'Multicast',
  allmulticast: 'AllMulticast',
  promisc: 'Promiscuous',
};

/** Of a bridge's port, by iproute2's words; what a new port has, which needs not be said of one that is made here. */
const PORT_WORDS: Readonly<Record<string, readonly [key: string, usual: string]>> = {
  priority: ['Priority', '32'],
  cost: ['Cost', '2'],
  hairpin: ['HairPin', 'off'],
  fastleave: ['FastLeave', 'off'],
  learning: ['Learning', 'on'],
  flood: ['UnicastFlood', 'on'],
  mcast_flood: ['MulticastFlood', 'on'],
  mcast_to_unicast: ['MulticastToUnicast', 'off'],
  neigh_suppress: ['NeighborSuppression', 'off'],
  isolated: ['Isolated', 'off'],
  proxy_arp: ['ProxyARP', 'off'],
  proxy_arp_wifi: ['ProxyARPWiFi', 'off'],
  mcast_router: ['MulticastRouter', '1'],
};
const ROUTERS: readonly string[] = ['no', 'query', 'permanent', 'temporary'];
/** Of a port, which networkd has no words for, and which are as they are by themselves. */
const USUAL_PORT: Readonly<Record<string, string>> = {
  guard: 'off',
  root_block: 'off',
  bcast_flood: 'on',
  group_fwd_mask: '0',
  locked: 'off',
  mab: 'off',
};
const MASTERS: Readonly<Record<string, string>> = { bridge: 'Bridge', bond: 'Bond', vrf: 'VRF' };

/**
 * @param link as it is now
 * @param words as they follow `ip link set dev X`
 */
export function settingSection(link: Link | undefined, words: readonly string[], snapshot: Snapshot): Said {
  const [word = '', value = ''] = words;
  if (word === 'up' || word === 'down') return [{ name: 'Link', lines: [`ActivationPolicy=${word}`] }];
  if (word === 'master') return portOf(link, value, snapshot);
  if (word === 'type' && value === 'bridge_slave') return portSections(words.slice(2), {});
  const key = LINK_WORDS[word];
  return key === undefined ? `${word} of a link` : [{ name: 'Link', lines: [`${key}=${yesNo(value)}`] }];
}

/** A bridge's port gets no link-local address of networkd's own accord, and has one of the kernel's. */
function portOf(link: Link | undefined, name: string, snapshot: Snapshot): Said {
  const master = snapshot.links.get(name);
  const joined = masterSection(name, master);
  const addressed = link !== undefined && link.addrgenmode !== NO_ADDRESSES;
  if (typeof joined === 'string' || master?.kind !== 'bridge' || !addressed) return joined;
  return [...joined, { name: 'Network', lines: ['LinkLocalAddressing=ipv6'] }];
}

function masterSection(name: string, master: Pick<Link, 'kind'> | undefined): Said {
  const key = MASTERS[master?.kind ?? ''];
  if (key === undefined) return `a port of ${name}, which is ${master?.kind ?? 'no link here'}`;
  return isPlainName(name) ? [{ name: 'Network', lines: [`${key}=${name}`] }] : 'a device of this name';
}

/** @param usual what needs not be said */
function portSections(words: readonly string[], usual: Readonly<Record<string, string>>): Said {
  const lines: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [word = '', value = ''] = words.slice(at, at + 2);
    const [key] = PORT_WORDS[word] ?? [];
    if (usual[word] === value) continue;
    if (key === undefined) return `${word} of a port`;
    lines.push(`${key}=${word === 'mcast_router' ? ROUTERS[Number(value)] : yesNo(value)}`);
  }
  return lines.length === 0 ? [] : [{ name: 'Bridge', lines }];
}

/** What makes a link, by file. */
export interface Made {
  netdev: readonly Section[];
  network: readonly Section[];
  /** What must be said of the device that it stands on. */
  below?: { dev: string; sections: readonly Section[] };
}

/** By kind, what the device that it stands on has to say of it. */
const BELOW: Readonly<Record<string, string>> = {
  vlan: 'VLAN',
  macvlan: 'MACVLAN',
  vxlan: 'VXLAN',
  gre: 'Tunnel',
  gretap: 'Tunnel',
  ipip: 'Tunnel',
};

/** @returns why networkd can't make it, where it can't */
export function madeLink(link: Link, peer: Link | undefined, snapshot: Snapshot): Made | string {
  const { name } = link;
  if (!isPlainName(name)) return 'a device of this name';
  const refused = attributeRefusal(link);
  if (refused !== undefined) return refused;
  const own = kindSections(link, peer);
  if (typeof own === 'string') return own;
  const network = networkOf(link, snapshot);
  if (typeof network === 'string') return network;
  const below = belowOf(link);
  if (below !== undefined && !isPlainName(below.dev)) return 'a device of this name';
  return {
    netdev: [{ name: 'NetDev', lines: netdevLines(link) }, ...own],
    network,
    ...(below !== undefined && { below }),
  };
}

function belowOf(link: Link): Made['below'] {
  if (link.kind === 'bond') return primaryOf(link);
  const key = BELOW[link.kind ?? ''];
  const settings = settingsOf(link);
  const dev = key === undefined ? null : (settings.link ?? settings.dev ?? null);
  return dev === null ? undefined : { dev, sections: [{ name: 'Network', lines: [`${key}=${link.name}`] }] };
}

function netdevLines(link: Link): string[] {
  const { name, kind, mtu, tun } = link;
  return [
    `Name=${name}`,
    `Kind=${tun?.mode ?? kind}`,
    ...(mtu === 1500 ? [] : [`MTUBytes=${mtu}`]),
    ...(tun === null ? macLines(link) : []),
  ];
}

/** What has the MAC of a port unless it is told one, as networkd would do by itself (before 251 it does). */
function macLines(link: Link): string[] {
  return hasPortsMac(link) ? ['MACAddress=none'] : fixedMac(link);
}

function hasPortsMac(link: Link): boolean {
  return (link.kind === 'bridge' || link.kind === 'bond') && fixedMac(link).length === 0;
}

/** What networkd has no word for in any link. */
function attributeRefusal({ alias, protodown, altnames, details }: Link): string | undefined {
  if (alias !== null) return 'the alias of a link';
  if (protodown) return 'protodown of a link';
  if (altnames.length > 0) return 'further names of a link';
  if (details['link-netns'] !== undefined || details['link-netnsid'] !== undefined)
    return 'a link whose other end is in another network namespace';
  return undefined;
}

/** As `ip -d` prints the state of a link that nobody set. */
const NO_ADDRESSES = 'none';

function networkOf(link: Link, snapshot: Snapshot): Section[] | string {
  const { name, flags, group, mtu, master, addrgenmode, port } = link;
  const flagLines = [
    ...(flags.includes('NOARP') && link.kind === 'bridge' ? ['ARP=no'] : []),
    ...(flags.includes('ALLMULTI') ? ['AllMulticast=yes'] : []),
    ...(flags.includes('PROMISC') ? ['Promiscuous=yes'] : []),
  ];
  const made: Section[] = [
    { name: 'Match', lines: [`Name=${name}`] },
    {
      name: 'Link',
      lines: [
        // Nothing waits at boot for a link that has no carrier.
        'RequiredForOnline=no',
        ...(flags.includes('UP') ? [] : ['ActivationPolicy=down']),
        ...(mtu === 1500 ? [] : [`MTUBytes=${mtu}`]),
        // networkd takes none of these as it makes them.
        ...(link.tun === null ? [] : fixedMac(link)),
        ...(group === 0 ? [] : [`Group=${group}`]),
        ...flagLines,
      ],
    },
    {
      name: 'Network',
      lines: [
        'ConfigureWithoutCarrier=yes',
        `LinkLocalAddressing=${addrgenmode === NO_ADDRESSES ? 'no' : 'ipv6'}`,
      ],
    },
  ];
  if (master === null) return made;
  const joined = masterSection(master, snapshot.links.get(master));
  const usual = Object.fromEntries(Object.entries(PORT_WORDS).map(([word, [, value]]) => [word, value]));
  const ported =
    snapshot.links.get(master)?.kind === 'bridge'
      ? portSections(settable(port), { ...usual, ...USUAL_PORT })
      : [];
  if (typeof joined === 'string') return joined;
  return typeof ported === 'string' ? ported : [...made, ...joined, ...ported];
}

/** Of a port's words those that somebody sets. */
function settable(port: readonly string[]): string[] {
  const known = new Set([...Object.keys(PORT_WORDS), ...Object.keys(USUAL_PORT)]);
  return port.flatMap((word, at) => (at % 2 === 0 && known.has(word) ? [word, port[at + 1] ?? ''] : []));
}

function kindSections(link: Link, peer: Link | undefined): Said {
  switch (link.kind) {
    case 'bridge':
      return bridgeSection(link);
    case 'bond':
      return bondSection(link);
    case 'tun':
      return tunSection(link);
    case 'veth':
      if (peer === undefined || !isPlainName(peer.name)) return 'a veth whose other end is not here';
      return [{ name: 'Peer', lines: [`Name=${peer.name}`, ...fixedMac(peer)] }];
    case 'dummy':
    case 'ifb':
      return [];
    default:
      return tabledSection(link.kind ?? '', settingsOf(link));
  }
}

function fixedMac({ addrAssignType, mac }: Link): string[] {
  return addrAssignType === 3 && mac !== null ? [`MACAddress=${mac}`] : [];
}

function tunSection({ tun }: Link): Said {
  if (tun === null) return 'a tun device of which nothing is known';
  const lines = [
    ...(tun.owner === null ? [] : [`User=${tun.owner}`]),
    ...(tun.group === null ? [] : [`Group=${tun.group}`]),
    ...(tun.multiQueue ? ['MultiQueue=yes'] : []),
    ...(tun.vnetHdr ? ['VNetHeader=yes'] : []),
  ];
  return [{ name: tun.mode === 'tap' ? 'Tap' : 'Tun', lines }];
}

/** A bridge's settings; its times are hundredths of seconds. */
const BRIDGE_KEYS: Readonly<Partial<Record<BridgeField, string>>> = {
  stp: 'STP',
  forwardDelay: 'ForwardDelaySec',
  helloTime: 'HelloTimeSec',
  maxAge: 'MaxAgeSec',
  ageingTime: 'AgeingTimeSec',
  priority: 'Priority',
  vlanFiltering: 'VLANFiltering',
  vlanProtocol: 'VLANProtocol',
  vlanDefaultPvid: 'DefaultPVID',
  groupFwdMask: 'GroupForwardMask',
  multicastSnooping: 'MulticastSnooping',
  mcastQuerier: 'MulticastQuerier',
  mcastIgmpVersion: 'MulticastIGMPVersion',
};

function bridgeSection({ bridge }: Link): Said {
  if (bridge === null) return 'a bridge of which nothing is known';
  const lines: string[] = [];
  for (const option of unusualOptions(bridge)) {
    const { field } = OPTIONS[option];
    const key = BRIDGE_KEYS[field];
    if (key === undefined) return `${option} of a bridge`;
    lines.push(`${key}=${bridgeValue(key, bridge[field] ?? 0)}`);
  }
  return lines.length === 0 ? [] : [{ name: 'Bridge', lines }];
}

function bridgeValue(key: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (key === 'VLANProtocol') return value === 0x88a8 ? '802.1ad' : '802.1q';
  if (key === 'DefaultPVID' && value === 0) return 'none';
  return key.endsWith('Sec') ? `${Number(value) * 10}ms` : String(value);
}
