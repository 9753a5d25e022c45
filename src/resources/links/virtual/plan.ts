/** How links of all made-up kinds are planned: made, changed in place, made anew, removed. */
import { parseMac } from '../../../shared/addr.js';
import type { Change, Problem, Step } from '../../../shared/change.js';
import { KINDS, settingsOf, withSettings } from '../../../snapshot/kinds/kinds.js';
import type { Setting, Values } from '../../../snapshot/kinds/setting.js';
import type { Link, Read, Snapshot } from '../../../snapshot/model.js';
import { applyEffects } from '../../../snapshot/simulate.js';
import type { PlanResult, Resource } from '../../resource.js';
import * as attributes from '../attributes.js';
import { deviceReads } from '../device-reads.js';
import { type Draft, draft, take } from '../draft.js';
import { masterChange } from '../enslave.js';
import { newLink } from '../new-link.js';
import { restoreSteps, undoWithLosses } from '../restore.js';
import { checkWish } from './checks.js';
import { schemaOf } from './common.js';
import { keptVirtual } from './kept.js';
import type { LinkKind, VirtualParams, Wish } from './kind.js';
import { addLink, removeLink, showLink } from './make.js';
import { fixedMac, removal, removalProblems, renewal, renewalWarnings } from './replace.js';

/** A resource of a kind of made-up link. */
export function virtualLink(kind: LinkKind): Resource<VirtualParams> {
  const { name, plural, summary, examples } = kind;
  return {
    ...{ name, plural, summary, examples },
    mapKey: 'name',
    schema: schemaOf(kind),
    reads: (params) => readsOf(kind, params),
    plan: (params, snapshot) => plan(kind, params, snapshot),
    kept: (params, snapshot) => keptVirtual(kind, params, snapshot),
  };
}

/**
 * Sysctls that people set of a device: what goes along with a link that is removed comes back with these. Of
 * the link itself all are read.
 */
const KEPT = {
  ipv4: ['accept_local', 'arp_announce', 'arp_filter', 'arp_ignore', 'forwarding', 'proxy_arp', 'rp_filter'],
  ipv6: ['accept_ra', 'addr_gen_mode', 'autoconf', 'disable_ipv6', 'forwarding', 'proxy_ndp'],
} as const;

function sysctlsOf({ name, peer, peer_netns, state }: VirtualParams): string[] {
  const own = ['default', name, ...(typeof peer === 'string' && peer_netns == null ? [peer] : [])];
  const all = own.flatMap((dev) => [`net/ipv4/conf/${dev}/*`, `net/ipv6/conf/${dev}/*`]);
  if (state !== 'absent') return all;
  const others = (['ipv4', 'ipv6'] as const).flatMap((family) =>
    KEPT[family].map((key) => `net/${family}/conf/*/${key}`),
  );
  return [...all, ...others];
}

function readsOf(kind: LinkKind, params: VirtualParams): Read[] {
  return [
    ...deviceReads,
    { kind: 'link-kind', name: kind.name },
    ...sysctlsOf(params).map((path): Read => ({ kind: 'sysctl', path })),
    ...(kind.reads?.(params) ?? []),
  ];
}

function plan(kind: LinkKind, params: VirtualParams, snapshot: Snapshot): PlanResult {
  const current = snapshot.links.get(params.name);
  if (current !== undefined && current.kind !== kind.name) return otherKind(kind, current);
  if (params.state === 'absent') {
    if (current === undefined) return { changes: [] };
    const problems = removalProblems(current, params, snapshot);
    if (problems.length > 0) return { changes: [], problems };
    return removal(kind.name, current, params, snapshot);
  }
  const problems: Problem[] = [];
  const wish = wishOf(kind, params, current, snapshot, problems);
  problems.push(...checkWish(kind, wish));
  if (problems.length > 0) return { changes: [], problems };
  const plan = draft(snapshot);
  const warnings: string[] = [];
  if (current === undefined) take(plan, creation(kind, wish));
  else changeSettings(kind, wish, current, plan, warnings);
  planAttributes(kind, wish, plan);
  return { changes: plan.changes, problems: plan.problems, warnings };
}

function otherKind({ name }: LinkKind, current: Link): PlanResult {
  const message = `${current.name} is there already, and is a ${current.kind ?? 'network device'}, not ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
  return { changes: [], problems: [{ message, path: ['name'] }] };
}

/** The parameters of a kind that are settings, each in its one spelling; those that are not given are left out. */
function givenSettings(
  kind: LinkKind,
  params: VirtualParams,
  snapshot: Snapshot,
  problems: Problem[],
): Values {
  const all = { ...params, ...kind.spread?.(params), ...kind.named?.(params, snapshot, problems) };
  return Object.fromEntries(
    KINDS[kind.name].flatMap((setting) => {
      const given = all[setting.name];
      return given === undefined ? [] : [[setting.name, setting.canonical(given)]];
    }),
  );
}

function wishOf(
  kind: LinkKind,
  params: VirtualParams,
  current: Link | undefined,
  snapshot: Snapshot,
  problems: Problem[],
): Wish {
  const initial = Object.fromEntries(KINDS[kind.name].map((setting) => [setting.name, setting.initial]));
  const wanted = {
    ...initial,
    ...(current && settingsOf(current)),
    ...givenSettings(kind, params, snapshot, problems),
  };
  return { params, wanted: kind.settle?.(wanted) ?? wanted, current, snapshot };
}

/** The settings that are to change: what the host's `ip` does not tell is not compared. */
function differing(kind: LinkKind, wanted: Values, now: Values): Setting[] {
  return KINDS[kind.name]
    .filter(({ name }) => now[name] !== undefined && now[name] !== wanted[name])
    .sort((a, b) => turnOf(wanted[a.name]) - turnOf(wanted[b.name]));
}

/**
 * What is taken away comes first, then what is switched off, then on: the kernel takes a macvlan's list only
 * in its mode, ignore_df only without pmtudisc, and `ip` a ttl of ipip only with it.
 */
function turnOf(value: string | null | undefined): number {
  if (value == null || value === 'inherit') return 0;
  return value === 'off' ? 1 : value === 'on' ? 2 : 3;
}

function creation(kind: LinkKind, wish: Wish): Change {
  const { params, wanted, snapshot } = wish;
  const mac = params.mac === undefined ? null : (parseMac(params.mac) ?? null);
  const bare = newLink(params.name, {
    ...(kind.ethernet ? {} : { broadcast: null }),
    ...kind.fresh(wanted, snapshot),
    ...(mac !== null && { mac, addrAssignType: 3 }),
    ...(params.mtu !== undefined && { mtu: params.mtu }),
  });
  const link = withSettings(bare, kind.name, wanted);
  const besides = kind.besides?.(wish, link) ?? { do: [], undo: [], effects: [] };
  return {
    resource: kind.name,
    address: `link ${params.name}`,
    action: 'create',
    before: null,
    after: [
      showLink(kind.name, wanted),
      ...(mac === null ? [] : [`mac ${mac}`]),
      ...(params.mtu === undefined ? [] : [`mtu ${params.mtu}`]),
    ].join(' '),
    do: [...addLink(link, kind.name, params.mtu, kind.peerWords?.(wish)), ...besides.do],
    undo: [removeLink(params.name), ...besides.undo],
    effects: [{ kind: 'link', set: link }, ...besides.effects],
  };
}

function changeSettings(kind: LinkKind, wish: Wish, current: Link, plan: Draft, warnings: string[]): void {
  const { wanted } = wish;
  const now = settingsOf(current);
  const settings = differing(kind, wanted, now);
  const inPlace = kind.changeable?.(now) ?? true;
  const words = settings.map(({ name, change }) =>
    inPlace ? change?.(wanted[name] ?? null, now[name] ?? null, wanted) : undefined,
  );
  if (words.includes(undefined) || fixedMac(kind, wish) !== undefined) {
    warnings.push(...renewalWarnings(current, wanted, plan.state));
    take(plan, renewal(kind, wish, current));
    return;
  }
  for (const setting of settings) take(plan, inPlaceChange(kind, setting, wish, plan));
}

/** Kinds whose MTU the kernel works out anew where it is not told (ip_tunnel_update). */
const TUNNELS: ReadonlySet<string> = new Set(['gre', 'gretap', 'ipip']);

/** One setting, by `ip link set … type KIND`. */
function inPlaceChange(kind: LinkKind, setting: Setting, wish: Wish, plan: Draft): Change | undefined {
  const { name } = setting;
  const link = linkOf(plan, wish.params.name);
  const now = settingsOf(link);
  const [before, after] = [now[name] ?? null, wish.wanted[name] ?? null];
  const [there, back] = [setting.change?.(after, before, now), setting.change?.(before, after, now)];
  if (there === undefined) return undefined;
  const changed = withSettings(link, kind.name, { ...now, [name]: after });
  const larger = kind.name.startsWith('gre') ? headerGrowth(settingsOf(changed)) - headerGrowth(now) : 0;
  const mtu = (value: number): string[] => (TUNNELS.has(kind.name) ? ['mtu', String(value)] : []);
  const set = (words: readonly string[], bytes: number) =>
    attributes.setLink(link.name, [...mtu(bytes), 'type', kind.name, ...words]);
  return {
    resource: kind.name,
    address: `link ${link.name} ${name}`,
    action: 'update',
    before,
    after,
    do: [set(there, link.mtu - larger)],
    undo: back === undefined ? undoByRenewal(link, plan) : [set(back, link.mtu)],
    effects: [{ kind: 'link', set: { ...changed, mtu: link.mtu - larger } }],
  };
}

/** What can be given in place and not be taken back is undone by making the link anew. */
function undoByRenewal({ name }: Link, { state }: Draft): Step[] {
  return [removeLink(name), ...restoreSteps(state, applyEffects(state, [{ kind: 'link', unset: name }]))];
}

/** Bytes that a GRE header has more for a key, a checksum and a number: the kernel makes the link smaller by them. */
function headerGrowth({ okey, ocsum, oseq }: Values): number {
  return (okey == null ? 0 : 4) + (ocsum === 'on' ? 4 : 0) + (oseq === 'on' ? 4 : 0);
}

function linkOf(plan: Draft, name: string): Link {
  const link = plan.state.links.get(name);
  if (link === undefined) throw new Error(`${name} was planned to be there`);
  return link;
}

function planAttributes(kind: LinkKind, wish: Wish, plan: Draft): void {
  const { params } = wish;
  const { name, alias, txqueuelen, master } = params;
  const set = <T>(attribute: attributes.Attribute<T>, value: T | undefined): void => {
    if (value === undefined) return;
    take(plan, attributes.attributeChange(kind.name, linkOf(plan, name), attribute, value));
  };
  set(attributes.mac, params.mac === undefined ? undefined : parseMac(params.mac));
  set(attributes.mtu, params.mtu);
  const usual = kind.fresh(wish.wanted, wish.snapshot).txqueuelen ?? 1000;
  set(attributes.txqueuelen, txqueuelen === null ? usual : txqueuelen);
  set(attributes.alias, alias);
  if (master !== undefined) take(plan, masterChange(kind.name, linkOf(plan, name), master, plan.state));
  stateChange(kind, name, params.up !== false, plan);
  kind.peerAttributes?.(wish, plan);
}

/** What goes down takes its routes along, which the undo brings back. */
export function stateChange(kind: Pick<LinkKind, 'name'>, name: string, up: boolean, plan: Draft): void {
  const link = linkOf(plan, name);
  const change = attributes.attributeChange(kind.name, link, attributes.state, up);
  if (change === undefined) return;
  take(plan, {
    ...change,
    undo: undoWithLosses(plan.state, change.effects, change.undo, [{ kind: 'link', set: link }]),
  });
}
