/** What else a profile must say so that its addresses, routes and rules count. */
import type { Family } from '../../shared/addr.js';
import type { Kept } from '../../snapshot/kept.js';
import type { Snapshot } from '../../snapshot/model.js';
import { Keyfile } from './keyfile.js';
import { type Line, withoutLines } from './part.js';
import type { Profile } from './profiles.js';

interface Target {
  profile?: Profile;
  lines: readonly Line[];
  master: boolean;
}

/** Methods that give an address of `addressN` no chance. */
const WITHOUT: Readonly<Record<Family, readonly string[]>> = {
  4: ['disabled', 'link-local'],
  6: ['disabled', 'link-local'],
};
/** Those that stay as they are, whatever is to be added. */
const CLOSED: Readonly<Record<Family, readonly string[]>> = { 4: ['shared'], 6: ['ignore', 'shared'] };
/** What has frames, so that `[ethernet]` counts. */
const FRAMED = [
  'ethernet',
  '802-3-ethernet',
  'bridge',
  'bond',
  'team',
  'vlan',
  'veth',
  'dummy',
  'macvlan',
  'vxlan',
];

/** Why this can't stand in that profile. */
export function refusal(
  kept: Kept,
  { profile, master, lines }: Target,
  snapshot: Snapshot,
): string | undefined {
  const family = familyOf(kept);
  const port = master || lines.some(({ key }) => key === 'master');
  if (family !== undefined && port && !isVrfs(kept, snapshot))
    return 'it gives the port of a bridge or bond no addresses, routes or rules';
  if (profile === undefined) return undefined;
  const file = new Keyfile(withoutLines(profile.file.content));
  if (kept.kind === 'setting') return settingRefusal(kept, file, snapshot);
  if (family === undefined) return undefined;
  const method = file.get(`ipv${family}`, 'method') ?? 'auto';
  if (CLOSED[family].includes(method)) return `the connection has method=${method} in [ipv${family}]`;
  const addressed =
    kept.kind === 'address' || lines.some((line) => line.section === 'ipv6' && line.key === 'address');
  if (family === 6 && method === 'disabled' && !addressed)
    return 'the connection has method=disabled in [ipv6]';
  return undefined;
}

function familyOf(kept: Kept): Family | undefined {
  return kept.kind === 'address' || kept.kind === 'route' || kept.kind === 'rule'
    ? kept.item.family
    : undefined;
}

/** A VRF's ports have addresses, as all others' have none. */
function isVrfs(kept: Kept, { links }: Snapshot): boolean {
  const dev =
    kept.kind === 'address' ? kept.item.dev : kept.kind === 'route' ? kept.item.nexthops[0]?.dev : null;
  const master = dev == null ? null : (links.get(dev)?.master ?? null);
  return master !== null && links.get(master)?.kind === 'vrf';
}

function settingRefusal(
  kept: Extract<Kept, { kind: 'setting' }>,
  file: Keyfile,
  snapshot: Snapshot,
): string | undefined {
  const [word, value = ''] = kept.words;
  const type = file.get('connection', 'type') ?? '';
  if ((word === 'mtu' || word === 'address') && !FRAMED.includes(type))
    return `a connection of type ${type} has no ${word === 'mtu' ? 'MTU' : 'MAC'}`;
  if (word !== 'master' || snapshot.links.get(value)?.kind === 'vrf') return undefined;
  const holds = snapshot.addresses.some(({ dev, scope }) => dev === kept.dev && scope === 0);
  return holds ? `${kept.dev} has addresses, and NetworkManager gives a port none` : undefined;
}

/** The methods that a profile needs for these lines, where it has others. */
export function methodLines(lines: readonly Line[], file: Keyfile): Line[] {
  return ([4, 6] as const).flatMap((family): Line[] => {
    const section = `ipv${family}`;
    const addressed = lines.some((line) => line.section === section && line.key === 'address');
    const method = file.get(section, 'method') ?? 'auto';
    return addressed && WITHOUT[family].includes(method) ? [{ section, key: 'method', value: 'manual' }] : [];
  });
}

/**
 * Those of a profile of netplay's own: IPv4 with the kernel's metrics, IPv6 left to the kernel where nothing is to be
 * set. A port of a bridge or bond has none.
 */
export function ownMethodLines(lines: readonly Line[]): Line[] {
  const of = (section: string): Line[] => lines.filter((line) => line.section === section);
  const [four, six] = [of('ipv4'), of('ipv6')];
  const port = lines.some(({ key, value }) => key === 'slave-type' && value !== 'vrf');
  if (port && four.length + six.length === 0) return [];
  const addressed = (some: readonly Line[]): boolean => some.some(({ key }) => key === 'address');
  return [
    { section: 'ipv4', key: 'method', value: addressed(four) ? 'manual' : 'disabled' },
    ...(four.length > 0 ? [{ section: 'ipv4', key: 'route-metric', value: '0' }] : []),
    {
      section: 'ipv6',
      key: 'method',
      value: addressed(six) ? 'manual' : six.length > 0 ? 'link-local' : 'ignore',
    },
  ];
}
