/** Settings of devices as NetworkManager's profiles spell them. */

import type { EthtoolPart } from '../../snapshot/ethtool.js';
import type { Kept } from '../../snapshot/kept.js';
import type { Snapshot } from '../../snapshot/model.js';
import { isPlain, type Said } from './ip.js';
import type { Line } from './part.js';

type Of<Kind extends Kept['kind']> = Extract<Kept, { kind: Kind }>;

/** By iproute2's word for a bridge's port, NetworkManager's key. */
const PORT_KEYS: Readonly<Record<string, string>> = {
  cost: 'path-cost',
  priority: 'priority',
  hairpin: 'hairpin-mode',
};

/** A setting of a device by the words that follow `ip link set dev X`. */
export function settingLines({ words }: Of<'setting'>, { links }: Pick<Snapshot, 'links'>): Said {
  const [word = '', value = ''] = words[0] === 'type' ? words.slice(2) : words;
  if (word === 'up' || words.length === 0) return [];
  if (word === 'mtu') return [{ section: 'ethernet', key: 'mtu', value }];
  if (word === 'address')
    return [{ section: 'ethernet', key: 'cloned-mac-address', value: value.toUpperCase() }];
  if (word === 'master') return masterLines(value, links);
  const key = words[1] === 'bridge_slave' ? PORT_KEYS[word] : undefined;
  if (key === undefined) return `it has no word for ${word}`;
  const said = value === 'on' ? 'true' : value === 'off' ? 'false' : value;
  return [{ section: 'bridge-port', key, value: said }];
}

/** What makes a device a port. Its cost is not told before it is one: where no task gives it, NetworkManager does. */
export function masterLines(master: string, links: Snapshot['links']): Said {
  const kind = links.get(master)?.kind ?? null;
  if (!isPlain(master)) return `the name ${master} does not fit its profiles`;
  if (kind !== 'bridge' && kind !== 'bond' && kind !== 'vrf')
    return `it knows ${master} for no bridge, bond or VRF`;
  return [
    { section: 'connection', key: 'master', value: master },
    { section: 'connection', key: 'slave-type', value: kind, ...(kind === 'vrf' && { since: 24 }) },
  ];
}

/** Of a port, and of a bridge itself. */
export function vlanLines(kept: Of<'bridge_vlan'>, { links }: Pick<Snapshot, 'links'>): Said {
  if ('gone' in kept) return 'it gives each port of a bridge the usual VLAN';
  const { dev, vid, pvid, untagged } = kept.item;
  const section = links.get(dev)?.kind === 'bridge' ? 'bridge' : 'bridge-port';
  const words = [String(vid), ...(pvid ? ['pvid'] : []), ...(untagged ? ['untagged'] : [])];
  return [{ section, key: 'vlans', value: words.join(' '), since: 18 }];
}

/** By ethtool's long name of a feature, the short one, which NetworkManager has. */
const FEATURES: Readonly<Record<string, string>> = {
  'generic-receive-offload': 'gro',
  'generic-segmentation-offload': 'gso',
  'large-receive-offload': 'lro',
  'ntuple-filters': 'ntuple',
  'rx-checksumming': 'rx',
  'receive-hashing': 'rxhash',
  'rx-vlan-offload': 'rxvlan',
  'scatter-gather': 'sg',
  'tcp-segmentation-offload': 'tso',
  'tx-checksumming': 'tx',
  'tx-vlan-offload': 'txvlan',
};
const SHORT: ReadonlySet<string> = new Set(Object.values(FEATURES));

/** By ethtool's part, what NetworkManager's keys begin with, and the version 1.X that has them first. */
const PARTS: Readonly<Partial<Record<EthtoolPart, readonly [prefix: string, since: number]>>> = {
  features: ['feature', 14],
  ring: ['ring', 26],
  coalesce: ['coalesce', 26],
  pause: ['pause', 32],
};

export function ethtoolLines({ part, name, value }: Of<'ethtool'>): Said {
  const known = PARTS[part];
  if (known === undefined) return `it has no words for ethtool's ${part}`;
  const [prefix, since] = known;
  const word = part === 'features' ? (SHORT.has(name) ? name : FEATURES[name]) : name;
  if (word === undefined) return `it has no word for ${name}`;
  const line: Line = {
    section: 'ethtool',
    key: `${prefix}-${word}`,
    value: part === 'coalesce' || part === 'ring' ? number(value) : String(value === 'on'),
    since,
  };
  return [line];
}

function number(value: string): string {
  return value === 'on' ? '1' : value === 'off' ? '0' : value;
}
