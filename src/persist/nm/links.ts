/** Links that netplay makes, each as a profile of its own: `netplay-NAME.nmconnection`. */
import type { Link, Snapshot } from '../../snapshot/model.js';
import { isPlain, type Said } from './ip.js';
import { bondLines, bridgeLines } from './masters.js';
import type { Line } from './part.js';
import { profileUuid } from './profiles.js';
import { masterLines } from './settings.js';
import { macvlanLines, tunLines, tunnelLines, vlanLines, vrfLines, vxlanLines } from './virtual.js';

/** NetworkManager's types of profiles, by the kernel's kinds of links. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ bridge: 'bridge', bond: 'bond', dummy: 'dummy', vlan: 'vlan', macvlan: 'macvlan', vxlan: 'vxlan' },
  ...{ gre: 'ip-tunnel', gretap: 'ip-tunnel', ipip: 'ip-tunnel', vrf: 'vrf', tun: 'tun' },
};

/** What a profile says of the link itself, or why NetworkManager has no words for it. */
export function linkLines(link: Link, { links }: Pick<Snapshot, 'links'>): Said {
  const type = TYPES[link.kind ?? ''];
  if (type === undefined) return `it has no profiles of ${link.kind ?? 'such'} links that netplay knows`;
  const why = wordless(link);
  if (why !== undefined) return why;
  const master = link.master === null ? [] : masterLines(link.master, links);
  if (typeof master === 'string') return master;
  const own = kindLines(link);
  if (typeof own === 'string') return own;
  return [
    { section: 'connection', key: 'id', value: `netplay-${link.name}` },
    { section: 'connection', key: 'uuid', value: profileUuid(link.name) },
    { section: 'connection', key: 'type', value: type },
    { section: 'connection', key: 'interface-name', value: link.name },
    ...master,
    ...(NO_FRAMES.has(type) ? [] : frameLines(link, links)),
    ...own,
  ];
}

/** What it has no words for of any link. */
function wordless(link: Link): string | undefined {
  const { flags, name, group, alias, protodown, altnames, addrgenmode } = link;
  if (!isPlain(name)) return `the name ${name} does not fit its profiles`;
  if (!flags.includes('UP')) return 'it has no links that are down';
  const flag = ['NOARP', 'ALLMULTI', 'PROMISC', 'NOTRAILERS', 'DYNAMIC'].find(
    (each) => flags.includes(each) && !(each === 'NOARP' && NO_ARP.has(link.kind ?? '')),
  );
  if (flag !== undefined) return `it has no word for ${flag.toLowerCase()}`;
  if (group !== 0) return 'it has no groups of links';
  if (alias !== null) return "it has no word for a link's alias";
  if (protodown) return 'it has no word for protodown';
  if (altnames.length > 0) return 'it has no other names of links';
  if (addrgenmode !== null && addrgenmode !== 'eui64' && addrgenmode !== 'none')
    return `it has no word for addrgenmode ${addrgenmode}`;
  return undefined;
}

/** Kinds that are so by themselves. */
const NO_ARP: ReadonlySet<string> = new Set(['gre', 'ipip', 'tun', 'vrf']);
/** Types whose MTU stands in their own section, or nowhere, and that have no MAC. */
const NO_FRAMES: ReadonlySet<string> = new Set(['ip-tunnel', 'vrf']);
const USUAL_MTU = 1500;
const USUAL_QUEUE = 1000;
/** Of a link of which nobody asked for one: the kernel's own. */
export const UNSAID = 0;
/** /sys/class/net/X/addr_assign_type of a MAC that somebody set. */
const SET = 3;

/** NetworkManager has the MTU and the MAC of all that carries frames in the section of Ethernet. */
function frameLines(link: Link, links: Snapshot['links']): Line[] {
  const lower = link.lower === null ? undefined : links.get(link.lower);
  const usual = link.kind === 'vxlan' ? undefined : (lower?.mtu ?? USUAL_MTU);
  const section = 'ethernet';
  const mac = link.addrAssignType === SET ? link.mac : null;
  return [
    ...(link.mtu === usual || link.mtu === UNSAID ? [] : [{ section, key: 'mtu', value: String(link.mtu) }]),
    ...(link.txqueuelen === null || link.txqueuelen === USUAL_QUEUE
      ? []
      : [{ section: 'link', key: 'tx-queue-length', value: String(link.txqueuelen), since: 44 }]),
    ...(mac === null ? [] : [{ section, key: 'cloned-mac-address', value: mac.toUpperCase() }]),
  ];
}

function kindLines(link: Link): Said {
  switch (link.kind) {
    case 'bridge':
      return bridgeLines(link);
    case 'bond':
      return bondLines(link);
    case 'vlan':
      return vlanLines(link);
    case 'macvlan':
      return macvlanLines(link);
    case 'vxlan':
      return vxlanLines(link);
    case 'vrf':
      return vrfLines(link);
    case 'tun':
      return tunLines(link);
    case 'dummy':
      return [];
    default:
      return tunnelLines(link);
  }
}
