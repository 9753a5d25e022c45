/** Links that software makes, by the data of their kinds (snapshot/kinds/). */
import { resources } from '../resources/registry.js';
import { isMap } from '../shared/is-map.js';
import { isGroup, isKnownKind, KINDS, type KindName, settingsOf } from '../snapshot/kinds/kinds.js';
import type { Value, Values } from '../snapshot/kinds/setting.js';
import type { Link } from '../snapshot/model.js';
import { commonParams, furtherItems, ownMac, usualOf } from './link-settings.js';
import { masterOf } from './master.js';
import type { Making } from './order.js';
import { type Captured, given, isCaptured, type Params, type Reading, unless } from './reading.js';
import { tableParam } from './words.js';

/** Settings of both directions of a tunnel, by the parameter that stands for both. */
const BOTH: readonly (readonly [string, string, string])[] = [
  ['key', 'ikey', 'okey'],
  ['seq', 'iseq', 'oseq'],
  ['csum', 'icsum', 'ocsum'],
];

/** What makes a link of a known kind; undefined for one that its pair brings, or that stands on what is left out. */
export function virtualMaking(link: Link, reading: Reading): Making | undefined {
  if (!isKnownKind(link.kind)) return undefined;
  if (link.kind === 'veth') return vethMaking(link, reading);
  const { link: lower, dev, remote } = settingsOf(link);
  const below = [lower, dev].filter((name) => name != null);
  const master = masterOf(link, reading);
  return {
    makes: [link.name],
    needs: [...below, ...(master === undefined ? [] : [master])],
    items: [
      {
        resource: link.kind,
        params: { ...paramsOf(link, link.kind, reading), ...attributes(link, reading, remote) },
      },
      ...furtherItems(link, reading),
    ],
  };
}

function attributes(link: Link, reading: Reading, remote: Value | undefined): Params {
  // A macvlan that takes its device whole has the MAC of that.
  const passthru = link.kind === 'macvlan' && settingsOf(link).mode === 'passthru';
  const hasMac = link.kind !== 'gre' && link.kind !== 'ipip' && !passthru;
  return given({
    mac: hasMac ? ownMac(link) : undefined,
    mtu: unless(link.mtu, usualMtu(link, reading, remote)),
    master: masterOf(link, reading),
    ...commonParams(link),
  });
}

/** The MTU that the kernel gives a new one: that of the device below, less the headers. */
function usualMtu(link: Link, { snapshot }: Reading, remote: Value | undefined): number {
  const { link: below, dev, local } = settingsOf(link);
  const lower = snapshot.links.get(below ?? dev ?? '');
  if (link.kind === 'vlan' || link.kind === 'macvlan') return lower?.mtu ?? 1500;
  // Ethernet, IP, UDP and VXLAN.
  const header = (remote ?? local)?.includes(':') ? 70 : 50;
  if (link.kind === 'vxlan' && lower !== undefined) return lower.mtu - header;
  return usualOf(link).mtu;
}

/** The kind's own parameters that differ from what a new link has. */
function paramsOf(link: Link, kind: KindName, reading: Reading): Params {
  const settings = settingsOf(link);
  const usual: Values = Object.fromEntries(KINDS[kind].map(({ name, initial }) => [name, initial]));
  const external = kind === 'vxlan' && settings.external === 'on';
  const queues = usualQueues(kind, reading);
  const params: Record<string, unknown> = { name: link.name };
  for (const [name, value] of Object.entries(settings)) {
    if (value === null || value === usual[name]) continue;
    if (/^num[tr]xqueues$/.test(name) && value === queues) continue;
    // The kernel learns nothing of packets that say where they go.
    if (external && name === 'learning') continue;
    params[name] = paramOf(name, value, kind);
  }
  if (kind === 'vxlan' && !external && params.id === undefined) params.id = 0;
  if (kind === 'vxlan' && isGroup(settings.remote ?? null)) rename(params, 'remote', 'group');
  if (kind === 'vrf') params.table = tableParam(Number(settings.table), reading);
  for (const [both, one, other] of BOTH) {
    if (params[one] === undefined || params[one] !== params[other]) continue;
    rename(params, one, both);
    delete params[other];
  }
  return params;
}

function rename(params: Record<string, unknown>, from: string, to: string): void {
  params[to] = params[from];
  delete params[from];
}

/** A setting's text as its parameter takes it. */
function paramOf(name: string, value: string, kind: KindName): unknown {
  const properties = resources.find((resource) => resource.name === kind)?.schema.properties;
  const schema = isMap(properties) ? properties[name] : undefined;
  const types = isMap(schema) ? [schema.type].flat() : [];
  if (types.includes('boolean')) return value === 'on';
  if (types.includes('array')) return value.split(' ');
  if (types.includes('object'))
    return Object.fromEntries(value.split(' ').map((pair) => pair.split(':').map(Number)));
  return /^(\d+|0x[\da-f]+)$/.test(value) && !types.includes('string') ? Number(value) : value;
}

/** Since Linux 5.13 an end of a veth has as many queues as the machine may have processors (veth_get_num_queues). */
function usualQueues(kind: KindName, { snapshot }: Reading): string {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(snapshot.sysctls.get(RELEASE) ?? '') ?? [];
  const isNew = Number(major) > 5 || (major === '5' && Number(minor) >= 13);
  if (kind !== 'veth' || !isNew) return '1';
  const last = /(\d+)\s*$/.exec(snapshot.files.get(PROCESSORS)?.content ?? '')?.[1];
  return String(Number(last ?? 0) + 1);
}

export const RELEASE = 'kernel/osrelease';
export const PROCESSORS = '/sys/devices/system/cpu/possible';

/** The end that was named first when the pair was made comes last: the kernel makes its peer before it. */
function vethMaking(link: Link, reading: Reading): Making | undefined {
  const peer = reading.snapshot.links.get(link.lower ?? '');
  if (peer === undefined || peer.index > link.index) return undefined;
  const masters = [link, peer].flatMap((end) => masterOf(end, reading) ?? []);
  const own = { ...paramsOf(peer, 'veth', reading), ...attributes(peer, reading, null) };
  const { name, peer: _, up, mac, mtu, ...others } = own as Record<string, unknown>;
  const apart = Object.keys(withoutQueues(others)).length > 0;
  const items: Captured[] = [
    {
      resource: 'veth',
      params: {
        ...paramsOf(link, 'veth', reading),
        ...given({ peer_mac: mac, peer_mtu: mtu, peer_up: !apart && up !== false ? true : undefined }),
        ...attributes(link, reading, null),
      },
    },
    ...(apart
      ? [{ resource: 'veth', params: { name, peer: link.name, ...given({ up }), ...withoutQueues(others) } }]
      : []),
    ...[link, peer].flatMap((end) => furtherItems(end, reading)),
  ];
  return { makes: [link.name, peer.name], needs: masters, items };
}

/** Both ends are made with the same number of queues. */
function withoutQueues({ numtxqueues: _, numrxqueues: __, ...others }: Params): Params {
  return others;
}

/** Whether a link stands on a device that is left out. */
export function standsOnLeft(link: Link, reading: Reading): string | undefined {
  const { link: lower, dev } = settingsOf(link);
  return [lower, dev].find((name) => name != null && !isCaptured(reading, name)) ?? undefined;
}
