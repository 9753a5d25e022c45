/** Whether what a host's record has is what netplay wrote: a line that somebody else altered must not be taken for it. */

import { isMap } from '../shared/is-map.js';
import { ETHTOOL_PARTS } from '../snapshot/ethtool.js';
import type { Kept } from '../snapshot/kept.js';

type Check = (value: unknown) => boolean;
type Shape<T> = Readonly<Record<keyof T, Check>>;
/** The fields that are always there. */
type Fixed<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };
type Item<K extends Kept['kind']> = Fixed<Extract<Kept, { kind: K; item: unknown }>['item']>;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
const family: Check = (value) => value === 4 || value === 6;
const map: Check = (value) => isMap(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isMap(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

const link = shape({
  name: text,
  index: number,
  flags: list(text),
  mtu: number,
  operstate: text,
  mac: orNull(text),
  broadcast: orNull(text),
  txqueuelen: orNull(number),
  alias: orNull(text),
  master: orNull(text),
  group: number,
  lower: orNull(text),
  kind: orNull(text),
  addrAssignType: orNull(number),
  addrgenmode: orNull(text),
  protodown: flag,
  altnames: list(text),
  bridge: orNull(map),
  tun: orNull(map),
  info: list(text),
  port: list(text),
  details: shape({}),
} satisfies Shape<Item<'link'>>);

const address = shape({
  family,
  dev: text,
  local: text,
  length: number,
  peer: orNull(text),
  broadcast: orNull(text),
  anycast: orNull(text),
  label: orNull(text),
  scope: number,
  flags: list(text),
  validLft: orNull(number),
  preferredLft: orNull(number),
  metric: orNull(number),
} satisfies Shape<Item<'address'>>);

const nexthop = shape({
  via: orNull(text),
  dev: orNull(text),
  weight: number,
  onlink: flag,
  encap: orNull(text),
});

const route = shape({
  family,
  type: text,
  dst: text,
  table: number,
  tos: number,
  metric: number,
  protocol: number,
  scope: number,
  src: orNull(text),
  from: orNull(text),
  nexthops: list(nexthop),
  metrics: map,
  pref: orNull(text),
  flags: list(text),
  realms: orNull(text),
  expires: orNull(number),
  nhid: orNull(number),
} satisfies Shape<Item<'route'>>);

const range = orNull(list(number));

const rule = shape({
  family,
  priority: number,
  not: flag,
  from: orNull(text),
  to: orNull(text),
  iif: orNull(text),
  oif: orNull(text),
  iifDetached: flag,
  oifDetached: flag,
  fwmark: orNull(number),
  fwmask: number,
  tos: number,
  ipproto: orNull(number),
  sport: range,
  dport: range,
  uidrange: range,
  tunId: orNull(number),
  l3mdev: flag,
  action: text,
  table: orNull(number),
  goto: orNull(number),
  suppressPrefixlength: orNull(number),
  suppressIfgroup: orNull(number),
  realms: orNull(text),
  protocol: orNull(number),
} satisfies Shape<Item<'rule'>>);

const neighbour = shape({
  family,
  dst: text,
  dev: orNull(text),
  proxy: flag,
  lladdr: orNull(text),
  nud: orNull(text),
  flags: list(text),
  protocol: orNull(number),
} satisfies Shape<Item<'neighbour'>>);

const vlan = shape({
  dev: text,
  vid: number,
  pvid: flag,
  untagged: flag,
} satisfies Shape<Item<'bridge_vlan'>>);

const fdb = shape({
  lladdr: text,
  dev: text,
  self: flag,
  vlan: orNull(number),
  nud: orNull(text),
  flags: list(text),
  dst: orNull(text),
  port: orNull(number),
  vni: orNull(number),
  via: orNull(text),
  srcVni: orNull(number),
} satisfies Shape<Item<'fdb'>>);

const flow = shape({
  bridge: text,
  table: number,
  priority: number,
  match: text,
  actions: text,
  cookie: text,
  other: list(text),
} satisfies Shape<Item<'ovs_flow'>>);

const TC = { dev: text, parent: text, kind: text, other: list(text) };
const TCS: Readonly<Record<string, Check>> = {
  qdisc: shape({ ...TC, handle: text, options: map }),
  class: shape({ ...TC, classid: text, options: map }),
  filter: shape({
    ...TC,
    protocol: text,
    prio: number,
    handle: text,
    chain: number,
    keys: list(shape({ value: number, mask: number, at: number })),
    match: map,
    classid: orNull(text),
    actions: list(shape({ kind: text, options: map, other: list(text) })),
  }),
};

const CHECKS: Readonly<Record<Kept['kind'], Check>> = {
  link: (value) => isMap(value) && link(value.item) && (value.peer === undefined || link(value.peer)),
  setting: shape({
    dev: text,
    name: text,
    words: list(text),
    needs: (value) => value === undefined || text(value),
    of: (value) => value === undefined || value === 'ovs',
  }),
  address: shape({ item: address }),
  route: shape({ item: route }),
  rule: shape({ item: rule }),
  neighbour: shape({ item: neighbour }),
  bridge_vlan: shape({ item: vlan }),
  fdb: shape({ item: fdb }),
  tc: shape({ item: (item) => isMap(item) && TCS[String(item.type)]?.(item) === true }),
  ethtool: shape({
    dev: text,
    part: (value) => typeof value === 'string' && Object.hasOwn(ETHTOOL_PARTS, value),
    name: text,
    value: text,
  }),
  ovs_flow: shape({ item: flow, text, version: orNull(text), needs: list(text) }),
};

export function isKept(value: unknown): value is Kept {
  if (!isMap(value) || typeof value.kind !== 'string') return false;
  return Object.hasOwn(CHECKS, value.kind) && CHECKS[value.kind as Kept['kind']](value);
}
