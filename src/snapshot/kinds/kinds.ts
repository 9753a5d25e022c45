/** The kinds of made-up links whose settings netplay knows, as data. */
import type { Link } from '../model.js';
import { fieldsOf } from './fields.js';
import {
  address,
  detail,
  dottedNumber,
  flag,
  hex,
  lowerLink,
  macList,
  number,
  numberMap,
  range,
  type Setting,
  toggle,
  type Value,
  type Values,
  word,
} from './setting.js';

export const KIND_NAMES = [
  'veth',
  'vlan',
  'dummy',
  'macvlan',
  'vxlan',
  'ifb',
  'gre',
  'gretap',
  'ipip',
  'vrf',
] as const;
export type KindName = (typeof KIND_NAMES)[number];

/** Queues are made with the link; more or fewer of them are another link. */
const QUEUES: readonly Setting[] = [detail('numtxqueues'), detail('numrxqueues')];

/** The other end, where it is in this namespace, or else the namespace that it is in. */
const PEER: readonly Setting[] = [
  {
    ...lowerLink,
    name: 'peer',
    // Of one in another namespace only that it is there can be told.
    read: (_, link) => link.lower ?? (isElsewhere(link) ? undefined : null),
  },
  {
    ...lowerLink,
    name: 'peer_netns',
    read: (_, link) =>
      link.details['link-netns'] ?? (link.details['link-netnsid'] === undefined ? null : undefined),
    // The name of an end that can't be seen is kept for whoever makes the pair again.
    store: (link, value) =>
      value === null
        ? link
        : {
            ...link,
            lower: null,
            details: {
              ...link.details,
              'link-netns': value,
              ...(link.lower !== null && { peer: link.lower }),
            },
          },
  },
];

function isElsewhere({ details }: Link): boolean {
  return details['link-netns'] !== undefined || details['link-netnsid'] !== undefined;
}

/** `-N` prints its EtherType. */
const VLAN_PROTOCOLS: Readonly<Record<string, string>> = { '[33024]': '802.1Q', '[34984]': '802.1ad' };

const vlanProtocol: Setting = {
  ...word('protocol', { initial: '802.1Q' }),
  read(fields) {
    const [printed] = fields.get('protocol') ?? ['802.1Q'];
    return VLAN_PROTOCOLS[printed ?? ''] ?? printed;
  },
};

const VLAN: readonly Setting[] = [
  lowerLink,
  vlanProtocol,
  number('id'),
  flag('reorder_hdr', 'on'),
  flag('gvrp', 'off'),
  flag('mvrp', 'off'),
  flag('loose_binding', 'off'),
  flag('bridge_binding', 'off'),
  numberMap('ingress_qos_map', 'ingress-qos-map'),
  numberMap('egress_qos_map', 'egress-qos-map'),
];

/** The kernel takes `passthru` only of a link that is made so, and lets go of it never. */
const sameDirectness = (value: Value, before: Value): boolean =>
  value !== 'passthru' && before !== 'passthru';

const MACVLAN: readonly Setting[] = [
  lowerLink,
  { ...word('mode', { initial: 'vepa', inPlace: sameDirectness }) },
  { ...toggle('nopromisc', 'off'), args: (value) => (value === 'on' ? ['nopromisc'] : []) },
  {
    ...number('bcqueuelen', { initial: '1000', inPlace: true }),
    // An `ip` from before 5.11 neither shows nor sets it.
    read: (fields) => fields.get('bcqueuelen')?.[0],
  },
  macList('macaddr', 'remotes'),
];

export const isGroup = (address: Value): boolean =>
  address !== null && /^(2(2[4-9]|3\d)\.|ff)/i.test(address);

const remoteWords = (value: Value): readonly string[] =>
  value === null ? [] : [isGroup(value) ? 'group' : 'remote', value];

/** The other end, or the group of all others: the kernel has one place for both. */
const remoteOrGroup: Setting = {
  ...address('remote', { words: ['remote', 'group'] }),
  print: remoteWords,
  args: remoteWords,
  // `ip` takes a group only together with its device.
  change: (value, before, { dev }) => [
    ...(value === null ? ['remote', before?.includes(':') ? '::' : '0.0.0.0'] : remoteWords(value)),
    ...(isGroup(value) && dev != null ? ['dev', dev] : []),
  ],
};

/** Said always: where it is not, `ip` takes a port of its own and complains. */
const dstport: Setting = {
  ...number('dstport', { initial: '8472' }),
  args: (value) => (value === null ? [] : ['dstport', value]),
};

const vxlanTtl: Setting = {
  ...number('ttl', { initial: 'auto', special: { auto: 'auto', inherit: 'inherit', 0: 'auto' } }),
  // Before 4.20 `ip` knows no word for 0.
  change: (value, before) =>
    value === 'inherit' || before === 'inherit'
      ? undefined
      : ['ttl', value === 'auto' ? '0' : (value ?? '0')],
};

const VXLAN: readonly Setting[] = [
  number('id', { initial: '0' }),
  toggle('external', 'off'),
  remoteOrGroup,
  address('local', { inPlace: (value) => value !== null }),
  // With a device it is no larger than that allows, which the kernel sees to only as it is made.
  word('dev', { inPlace: (value, before) => value !== null && before !== null }),
  range('srcport', '0-0'),
  dstport,
  vxlanTtl,
  hex('tos', { initial: '0x0', special: { inherit: 'inherit', 1: 'inherit' }, inPlace: true }),
  word('df', { initial: 'unset', inPlace: true }),
  hex('flowlabel', { initial: '0x0', inPlace: true }),
  toggle('learning', 'on', { inPlace: true }),
  toggle('proxy', 'off'),
  toggle('rsc', 'off'),
  toggle('l2miss', 'off'),
  toggle('l3miss', 'off'),
  number('ageing', { initial: '300', inPlace: true }),
  number('maxaddress', { words: ['maxaddress', 'maxaddr'], initial: '0' }),
  toggle('udpcsum', 'on'),
  toggle('udp6zerocsumtx', 'off'),
  toggle('udp6zerocsumrx', 'off'),
  bare('gbp'),
];

/** A switch that is there or not, and has no word for off. */
function bare(name: string): Setting {
  return { ...toggle(name, 'off'), args: (value) => (value === 'on' ? [name] : []) };
}

/** The kernel keeps a tunnel's class: to nobody in particular, to a group, or from point to point. */
function sameClass(value: Value, before: Value): boolean {
  const classOf = (remote: Value): string => (remote === null ? 'any' : isGroup(remote) ? 'group' : 'point');
  return classOf(value) === classOf(before);
}

/** Those of all tunnels of IPv4. */
const TUNNEL: readonly Setting[] = [
  bare('external'),
  address('remote', { inPlace: sameClass }),
  address('local', { inPlace: true, clear: 'any' }),
  word('dev', { inPlace: (value) => value !== null }),
  number('ttl', { initial: 'inherit', special: { inherit: 'inherit', 0: 'inherit' }, inPlace: true }),
  hex('tos', { initial: '0x0', special: { inherit: 'inherit', 1: 'inherit' }, inPlace: true }),
  toggle('pmtudisc', 'on', { inPlace: true }),
  hex('fwmark', { initial: '0x0', inPlace: true }),
];

/** In UDP. What `ip` reads of them before a change in place it gives back with its bytes swapped (6.1). */
const ENCAPSULATION: readonly Setting[] = [
  word('encap', { initial: 'none' }),
  {
    ...number('encap_sport', {
      words: ['encap-sport'],
      initial: 'auto',
      special: { auto: 'auto', 0: 'auto' },
    }),
  },
  number('encap_dport', { words: ['encap-dport'], initial: '0' }),
  toggle('encap_csum', 'off', { words: ['encap-csum'] }),
  {
    ...toggle('encap_csum6', 'off', { words: ['encap-csum6'] }),
    // The word that `ip` prints, and shows in its help, is not the one that it takes.
    args: (value) => (value === 'on' ? ['encap-udp6-csum'] : []),
  },
  toggle('encap_remcsum', 'off', { words: ['encap-remcsum'] }),
];

const clearing = (name: string): Setting => ({
  ...dottedNumber(name, { words: [name, 'key'] }),
  change: (value) => (value === null ? [`no${name}`] : [name, value]),
});

const GRE: readonly Setting[] = [
  ...TUNNEL,
  clearing('ikey'),
  clearing('okey'),
  toggle('iseq', 'off', { words: ['iseq', 'seq'], inPlace: true }),
  toggle('oseq', 'off', { words: ['oseq', 'seq'], inPlace: true }),
  toggle('icsum', 'off', { words: ['icsum', 'csum'], inPlace: true }),
  toggle('ocsum', 'off', { words: ['ocsum', 'csum'], inPlace: true }),
  { ...toggle('ignore_df', 'off', { words: ['ignore-df'], inPlace: true }) },
  ...ENCAPSULATION,
];

/** What the tunnel carries: the first word, without one before it. Asked to change it, the kernel does nothing. */
const carried: Setting = {
  name: 'mode',
  initial: 'any',
  words: { any: 0, ipip: 0, mplsip: 0 },
  read: (fields) => ['any', 'ipip', 'mplsip'].find((mode) => fields.has(mode)) ?? 'any',
  print: (value) => (value === null ? [] : [value]),
  args: (value) => (value === null || value === 'any' ? [] : ['mode', value]),
  canonical: (given) => (given === null ? 'any' : String(given)),
};

export const KINDS: Readonly<Record<KindName, readonly Setting[]>> = {
  veth: [...PEER, ...QUEUES],
  vlan: VLAN,
  dummy: [],
  macvlan: MACVLAN,
  vxlan: VXLAN,
  ifb: QUEUES,
  gre: GRE,
  gretap: GRE,
  ipip: [carried, ...TUNNEL, ...ENCAPSULATION],
  vrf: [number('table')],
};

export function isKnownKind(kind: string | null): kind is KindName {
  return kind !== null && Object.hasOwn(KINDS, kind);
}

/** A link's settings; none of a kind that is not known. One that the host's `ip` does not tell is left out. */
export function settingsOf(link: Link): Values {
  if (!isKnownKind(link.kind)) return {};
  const settings = KINDS[link.kind];
  const fields = fieldsOf(link.info, settings);
  return Object.fromEntries(
    settings.flatMap((setting): [string, Value][] => {
      const value = setting.read(fields, link);
      return value === undefined ? [] : [[setting.name, value]];
    }),
  );
}

/** The link with these settings, as if they had been read; what is not given has its initial value. */
export function withSettings(link: Link, kind: KindName, values: Values): Link {
  const settings = KINDS[kind];
  const given = ({ name, initial }: Setting): Value => values[name] ?? initial;
  const bare: Link = { ...link, kind, info: settings.flatMap((setting) => setting.print(given(setting))) };
  return settings.reduce(
    (made, setting) => (setting.store === undefined ? made : setting.store(made, given(setting))),
    bare,
  );
}
