import { parseMac } from '../shared/addr.js';
import type { Change, Problem } from '../shared/change.js';
import {
  ACTIVE_MODES,
  activeSlave,
  type BondSettings,
  bondSettings,
  sharesMac,
  withBond,
  withSetting,
} from '../snapshot/bond.js';
import type { Effect } from '../snapshot/effects.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Snapshot } from '../snapshot/model.js';
import { applyEffects } from '../snapshot/simulate.js';
import * as attributes from './links/attributes.js';
import {
  BOND_OPTIONS,
  type BondOptions,
  bondOptionProblems,
  differingOptions,
  keptBond,
  newBond,
  showOptions,
  wantedSettings,
} from './links/bond-options.js';
import { joinChange, joined, leaveChange, left, portProblem } from './links/bond-ports.js';
import { bondSchema } from './links/bond-schema.js';
import { isUp, macProblem, mtuProblem } from './links/device.js';
import { deviceReads } from './links/device-reads.js';
import { type Draft, draft, take } from './links/draft.js';
import { keptLink, keptPorts } from './links/kept.js';
import {
  addBond,
  type Interruption,
  makeBondSteps,
  portsOf,
  primarySteps,
  setBond,
  settingSteps,
  wantedBond,
} from './links/make-bond.js';
import { lostAddresses, lostNeighbours, lostRoutes, restoreSteps, undoWithLosses } from './links/restore.js';
import type { PlanResult, Resource } from './resource.js';

export interface BondParams extends BondOptions {
  name: string;
  ports?: readonly string[];
  exclusive?: boolean;
  mac?: string;
  mtu?: number;
  primary?: string | null;
  active_slave?: string;
  up?: boolean;
  state?: 'present' | 'absent';
}

function plan(params: BondParams, snapshot: Snapshot): PlanResult {
  const current = snapshot.links.get(params.name);
  const lacking = presentProblem(params, current, snapshot);
  if (lacking !== undefined) return { changes: [], problems: [lacking] };
  if (params.state === 'absent')
    return {
      changes: current === undefined ? [] : [removal(current, snapshot)],
      warnings: current === undefined ? [] : removalWarnings(current, snapshot),
    };
  const before = current === undefined ? undefined : bondSettings(current);
  const after = wantedSettings(params, before);
  const problems = checkParams(params, after, current, snapshot);
  if (problems.length > 0) return { changes: [], problems };
  const plan = draft(snapshot);
  const how = current === undefined ? 'none' : interruption(before ?? {}, after, current, snapshot);
  if (current === undefined) take(plan, creation(params, after, snapshot));
  else take(plan, settingsChange(current, before ?? {}, after, how, snapshot));
  planMtu(plan, params);
  planPorts(plan, params);
  planMac(plan, params);
  planPrimary(plan, params);
  take(plan, stateChange(plan, params.name, params.up !== false));
  const warnings = [...interruptionWarnings(params.name, how), ...warningsOf(params, snapshot, plan.state)];
  return { changes: plan.changes, problems: plan.problems, warnings };
}

/** What makes it impossible to say anything further of the bond. */
function presentProblem(
  { name }: BondParams,
  current: Link | undefined,
  { tools }: Snapshot,
): Problem | undefined {
  if (current !== undefined && current.kind !== 'bond') {
    const kind = current.kind ?? 'network device';
    return { message: `${name} is there already, and is a ${kind}, not a bond`, path: ['name'] };
  }
  const dated = /iproute2-ss(\d{6})/.exec(tools.iproute2)?.[1];
  const unread = current !== undefined && bondSettings(current) === undefined;
  if (!unread && tools.linkMaster && (dated === undefined || dated >= '140411')) return undefined;
  return {
    message: `this host's ip (${tools.iproute2}) knows nothing of bonds`,
    hint: 'netplay needs iproute2 of April 2014 (3.14) or later for them.',
  };
}

function checkParams(
  params: BondParams,
  after: BondSettings,
  current: Link | undefined,
  snapshot: Snapshot,
): Problem[] {
  const mac = params.mac === undefined ? undefined : parseMac(params.mac);
  const hasIpv6 = snapshot.addresses.some(({ dev, family }) => dev === params.name && family === 6);
  const members = new Set([...(params.ports ?? []), ...remaining(params, current, snapshot)]);
  const problems = [
    mac === undefined ? undefined : macProblem(mac, ['mac']),
    params.mtu === undefined ? undefined : mtuProblem(current, params.mtu, hasIpv6),
    ...bondOptionProblems(params, after),
    ...(params.ports ?? []).map((port, index) => portProblem(port, params.name, snapshot, ['ports', index])),
    ...(['primary', 'active_slave'] as const).map((name) => memberProblem(name, params, after, members)),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** Names of the ports that stay whether they are listed or not. */
function remaining({ exclusive }: BondParams, current: Link | undefined, snapshot: Snapshot): string[] {
  if (current === undefined || exclusive === true) return [];
  return portsOf(current, snapshot).map((port) => port.name);
}

function memberProblem(
  name: 'primary' | 'active_slave',
  params: BondParams,
  { mode = '' }: BondSettings,
  members: ReadonlySet<string>,
): Problem | undefined {
  const port = params[name];
  if (port == null) return undefined;
  if (!ACTIVE_MODES.includes(mode))
    return { message: `${name} is not for mode ${mode}, but for ${ACTIVE_MODES.join(', ')}`, path: [name] };
  return members.has(port) ? undefined : { message: `${port} is no port of ${params.name}`, path: [name] };
}

/** A MAC that is given counts; else it is that of the first port, which the kernel would take in any case. */
function creation(params: BondParams, settings: BondSettings, snapshot: Snapshot): Change {
  const first = snapshot.links.get(params.ports?.[0] ?? '')?.mac;
  const given = params.mac === undefined ? undefined : parseMac(params.mac);
  const mac = given ?? (sharesMac(settings) ? first : undefined) ?? null;
  const bond = wantedBond(params.name, mac, settings);
  const usual = newBond(settings.mode ?? '');
  const shown = differingOptions(usual, settings).map((name) => `${name} ${settings[name] ?? ''}`);
  return {
    resource: 'bond',
    address: `bond ${params.name}`,
    action: 'create',
    before: null,
    after: [`mode ${settings.mode}`, ...(mac === null ? [] : [`mac ${mac}`]), ...shown].join(' '),
    do: addBond(bond, settings),
    undo: [{ kind: 'ip', args: ['link', 'del', 'dev', params.name] }],
    effects: [{ kind: 'link', set: bond }],
  };
}

/** What must be taken apart for the kernel to take the new settings. */
function interruption(from: BondSettings, to: BondSettings, bond: Link, snapshot: Snapshot): Interruption {
  const needs = differingOptions(from, to).map((name) => BOND_OPTIONS[name].needs);
  if (needs.includes('empty') && portsOf(bond, snapshot).length > 0) return 'empty';
  return needs.some((need) => need !== undefined) && isUp(bond) ? 'down' : 'none';
}

function settingsChange(
  bond: Link,
  from: BondSettings,
  to: BondSettings,
  how: Interruption,
  snapshot: Snapshot,
): Change | undefined {
  const names = differingOptions(from, to);
  if (names.length === 0) return undefined;
  const ports = portsOf(bond, snapshot);
  const changed = withBond(bond, to);
  const swap: Effect[] = [
    ...(how === 'none' ? [] : [{ kind: 'link', set: attributes.state.with(bond, false) } as const]),
    { kind: 'link', set: changed },
    ...(how === 'empty'
      ? ports.map((port): Effect => ({ kind: 'link', set: joined(port, changed, to) }))
      : []),
  ];
  const bare = applyEffects(snapshot, swap);
  return {
    resource: 'bond',
    address: `bond ${bond.name}`,
    action: 'update',
    before: showOptions(names, from, to),
    after: showOptions(names, to, from),
    do: [...settingSteps(bond, [from, to], how, ports), ...restoreSteps(snapshot, bare)],
    undo: [...settingSteps(bond, [to, from], how, ports), ...restoreSteps(snapshot, bare)],
    effects: [
      ...swap,
      ...lostAddresses(snapshot, bare).map((address): Effect => ({ kind: 'address', set: address })),
      ...lostRoutes(snapshot, bare).map((route): Effect => ({ kind: 'route', set: route })),
      ...lostNeighbours(snapshot, bare).map((neighbour): Effect => ({ kind: 'neighbour', set: neighbour })),
    ],
  };
}

/** Removes a bond; the undo makes it again with its settings, ports, addresses and routes. */
function removal(bond: Link, snapshot: Snapshot): Change {
  const ports = portsOf(bond, snapshot);
  const effects: Effect[] = [
    ...ports.map((port): Effect => ({ kind: 'link', set: left(port) })),
    { kind: 'link', unset: bond.name },
  ];
  const down = ports.filter((port) => !isUp(port)).map((port) => attributes.setLink(port.name, ['down']));
  return {
    resource: 'bond',
    address: `bond ${bond.name}`,
    action: 'delete',
    before: ports.length === 0 ? 'no ports' : `ports ${ports.map((port) => port.name).join(', ')}`,
    after: null,
    do: [{ kind: 'ip', args: ['link', 'del', 'dev', bond.name] }],
    undo: undoWithLosses(
      snapshot,
      effects,
      [...makeBondSteps(bond, ports), ...down],
      [{ kind: 'link', set: bond }, ...ports.map((port): Effect => ({ kind: 'link', set: port }))],
    ),
    effects,
  };
}

/** A bond gives its MTU to its ports. */
function planMtu(plan: Draft, { name, mtu }: BondParams): void {
  if (mtu === undefined) return;
  const bond = linkOf(plan, name);
  const change = attributes.attributeChange('bond', bond, attributes.mtu, mtu);
  const ports = portsOf(bond, plan.state).map((port): Effect => ({ kind: 'link', set: { ...port, mtu } }));
  take(plan, change && { ...change, effects: [...change.effects, ...ports] });
}

/** What comes is first: a bond without any port forgets its MAC. */
function planPorts(plan: Draft, { name, ports = [], exclusive }: BondParams): void {
  for (const port of ports.map((each) => linkOf(plan, each)))
    if (port.master !== name) take(plan, joinChange(port, linkOf(plan, name), plan.state));
  if (exclusive !== true) return;
  const surplus = portsOf(linkOf(plan, name), plan.state).filter((port) => !ports.includes(port.name));
  for (const port of surplus) take(plan, leaveChange(port, linkOf(plan, name), plan.state));
}

function planMac(plan: Draft, params: BondParams): void {
  const wanted = params.mac === undefined ? undefined : parseMac(params.mac);
  const bond = linkOf(plan, params.name);
  if (wanted === undefined || bond.mac === wanted) return;
  const settings = bondSettings(bond) ?? {};
  const after = attributes.mac.with(bond, wanted);
  const ports = portsOf(bond, plan.state).map(
    (port): Effect => ({ kind: 'link', set: joined(port, after, settings) }),
  );
  take(plan, {
    resource: 'bond',
    address: `link ${bond.name} mac`,
    action: 'update',
    before: bond.mac,
    after: wanted,
    do: [attributes.setLink(bond.name, attributes.mac.args(wanted))],
    undo: bond.mac === null ? [] : [attributes.setLink(bond.name, attributes.mac.args(bond.mac))],
    effects: [{ kind: 'link', set: after }, ...(sharesMac(settings) ? ports : [])],
  });
}

function planPrimary(plan: Draft, { name, primary, active_slave }: BondParams): void {
  const bond = linkOf(plan, name);
  const settings = bondSettings(bond) ?? {};
  const before = settings.primary;
  const wanted = primary ?? undefined;
  if (primary !== undefined && before !== wanted)
    take(plan, {
      resource: 'bond',
      address: `bond ${name} primary`,
      action: 'update',
      before: before ?? null,
      after: wanted ?? null,
      do: primarySteps(name, wanted),
      undo: primarySteps(name, before),
      effects: [{ kind: 'link', set: withBond(bond, withSetting(settings, 'primary', wanted ?? '')) }],
    });
  const active = activeSlave(bond);
  if (active_slave === undefined || active === active_slave) return;
  const now = linkOf(plan, name);
  take(plan, {
    resource: 'bond',
    address: `bond ${name} active_slave`,
    action: 'update',
    before: active,
    after: active_slave,
    do: [setBond(name, ['active_slave', active_slave])],
    undo: active === null ? [] : [setBond(name, ['active_slave', active])],
    effects: [{ kind: 'link', set: withBond(now, bondSettings(now) ?? {}, active_slave) }],
  });
}

function stateChange(plan: Draft, name: string, up: boolean): Change | undefined {
  const link = linkOf(plan, name);
  const change = attributes.attributeChange('bond', link, attributes.state, up);
  const back = [{ kind: 'link', set: link }] as const;
  return change && { ...change, undo: undoWithLosses(plan.state, change.effects, change.undo, back) };
}

function linkOf(plan: Draft, name: string): Link {
  const link = plan.state.links.get(name);
  if (link === undefined) throw new Error(`${name} was checked to be there`);
  return link;
}

function interruptionWarnings(name: string, how: Interruption): string[] {
  if (how === 'none') return [];
  const ports = how === 'empty' ? ', and its ports leave it' : '';
  return [`${name} is taken down for a moment${ports}: the kernel changes this in no other way`];
}

/** What a user should know of a bond that is there, and of what its ports lose by joining. */
function warningsOf({ name, ports = [] }: BondParams, before: Snapshot, after: Snapshot): string[] {
  const settings = bondSettings(after.links.get(name) ?? wantedBond(name, null, {})) ?? {};
  const blind = settings.miimon === '0' && settings.arp_interval === '0' && ports.length > 0;
  const aimless = settings.arp_interval !== '0' && settings.arp_ip_target === undefined;
  return [
    ...(blind ? [`nothing watches the links of ${name}, so that a failure is not noticed: give miimon`] : []),
    ...(aimless && settings.arp_interval !== undefined
      ? ['arp_interval without arp_ip_target asks nobody']
      : []),
    ...ports.flatMap((port) => portWarnings(port, name, before, after)),
  ];
}

/** With its ports. A setting that a new bond of its mode has too is kept as well: the kernel's own may be another. */
function kept(params: BondParams, snapshot: Snapshot): readonly Kept[] {
  const { name, ports = [], active_slave } = params;
  const link = snapshot.links.get(name);
  const settings = link && bondSettings(link);
  if (link === undefined || settings === undefined) return [];
  const own = keptBond(settings);
  const item = withBond(keptLink(link, params, { kind: 'bond' }), own, active_slave ?? null);
  return [{ kind: 'link', item }, ...keptPorts(ports, name, snapshot)];
}

/** A port is taken down to join: what the kernel takes with that does not come back, and what stays is not reached. */
function portWarnings(port: string, bond: string, before: Snapshot, after: Snapshot): string[] {
  const lost = lostAddresses(before, after).filter(({ dev }) => dev === port);
  const routes = lostRoutes(before, after).filter((route) => route.nexthops.some(({ dev }) => dev === port));
  const kept = after.addresses.filter(
    ({ dev, family, scope }) => dev === port && (family === 4 || scope === 0),
  );
  const list = (addresses: typeof kept): string =>
    addresses.map(({ local, length }) => `${local}/${length}`).join(', ');
  const what = [
    ...(lost.length === 0 ? [] : [list(lost)]),
    ...(routes.length === 0 ? [] : [`${routes.length} route${routes.length === 1 ? '' : 's'}`]),
  ];
  return [
    ...(what.length === 0 ? [] : [`${port} is taken down to join ${bond}, and loses ${what.join(' and ')}`]),
    ...(kept.length === 0
      ? []
      : [
          `${port} keeps ${list(kept)} though it is a port of ${bond}: nothing reaches it there; give it to ${bond}`,
        ]),
  ];
}

function removalWarnings(bond: Link, snapshot: Snapshot): string[] {
  const own = snapshot.addresses.filter(({ dev, scope }) => dev === bond.name && scope === 0);
  const ports = portsOf(bond, snapshot).map((port) => port.name);
  return [
    ...(own.length === 0
      ? []
      : [
          `removing ${bond.name} removes its addresses: ${own.map(({ local, length }) => `${local}/${length}`).join(', ')}`,
        ]),
    ...(ports.length === 0 ? [] : [`the kernel leaves ${ports.join(', ')} down`]),
  ];
}

/** Several NICs as one. */
export const bond: Resource<BondParams> = {
  name: 'bond',
  plural: 'bonds',
  mapKey: 'name',
  summary:
    'Several NICs as one, for more throughput or for a failure of one of them, in each of the seven modes.',
  schema: bondSchema,
  examples: [
    { bond: { name: 'bond0', mode: '802.3ad', ports: ['eth1', 'eth2'], miimon: 100, lacp_rate: 'fast' } },
    { bond: { name: 'bond1', mode: 1, ports: ['eth3', 'eth4'], miimon: 100, primary: 'eth3' } },
    { bond: { name: 'bond0', state: 'absent' } },
  ],
  reads: () => deviceReads,
  plan,
  kept,
};
