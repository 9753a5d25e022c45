import { parseMac } from '../shared/addr.js';
import type { Change, Problem } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Read, Snapshot, TunState } from '../snapshot/model.js';
import { applyEffects } from '../snapshot/simulate.js';
import { accountId, accountReads } from './links/accounts.js';
import * as attributes from './links/attributes.js';
import { macProblem, mtuProblem } from './links/device.js';
import { deviceReads } from './links/device-reads.js';
import { type Draft, draft, take } from './links/draft.js';
import { masterChange } from './links/enslave.js';
import { keptLink } from './links/kept.js';
import { madeUpTapMac, tapMac } from './links/mac.js';
import { addTap, makeTapSteps, newTapMac, removeTap, showTun, toolProblem } from './links/make-tap.js';
import { newLink } from './links/new-link.js';
import { pinWarnings } from './links/port-checks.js';
import { restoreEffects, restoreSteps, undoWithLosses } from './links/restore.js';
import { tapSchema } from './links/tap-schema.js';
import type { PlanResult, Resource } from './resource.js';
import { missingDevice } from './routing/route-checks.js';

export { tapMac } from './links/mac.js';

export interface TapParams {
  name: string;
  mode?: 'tap' | 'tun';
  bridge?: string | null;
  owner?: string | number | null;
  group?: string | number | null;
  multi_queue?: boolean;
  vnet_hdr?: boolean;
  guest_mac?: string;
  mac?: string;
  mtu?: number;
  up?: boolean;
  state?: 'present' | 'absent';
}

const NEW_TAP: TunState = {
  mode: 'tap',
  owner: null,
  group: null,
  multiQueue: false,
  vnetHdr: false,
  persistent: true,
};

function plan(params: TapParams, snapshot: Snapshot): PlanResult {
  const current = snapshot.links.get(params.name);
  if (current !== undefined && current.tun === null) {
    const message = `${params.name} is there already, and is a ${current.kind ?? 'network device'}, not a tap`;
    return { changes: [], problems: [{ message, path: ['name'] }] };
  }
  if (params.state === 'absent')
    return { changes: current?.tun ? [removal(current, current.tun, snapshot)] : [] };
  const problems = checkParams(params, current, snapshot);
  const tun = wantedTun(params, current, snapshot, problems);
  const lacking = toolProblem(tun, snapshot.tools);
  if (lacking !== undefined && (current?.tun ? showTun(current.tun) !== showTun(tun) : true))
    problems.push(lacking);
  if (problems.length > 0) return { changes: [], problems };
  const plan = draft(snapshot);
  const anew = current?.tun && showTun(current.tun) !== showTun(tun);
  if (current === undefined) take(plan, creation(params, tun, snapshot));
  else if (anew) take(plan, renewal(current, current.tun ?? tun, tun, snapshot));
  planAttributes(plan, params, wantedMac(params, current, snapshot));
  return {
    changes: plan.changes,
    problems: plan.problems,
    warnings: [...(anew ? [inUseWarning(current)] : []), ...bridgeWarnings(params, snapshot, plan.state)],
  };
}

function inUseWarning(link: Link): string {
  const loss = isUsed(link) ? 'the program that uses it now loses it' : 'nothing uses it now';
  return `${link.name} must be made anew to change this: ${loss}`;
}

/** What the tap would do to its bridge, and to another tap there. */
function bridgeWarnings({ name, bridge }: TapParams, before: Snapshot, after: Snapshot): string[] {
  if (bridge === undefined || bridge === null) return [];
  const mac = after.links.get(name)?.mac;
  const twins = [...after.links.values()].filter(
    (link) => link.name !== name && link.mac === mac && (link.master === bridge || link.name === bridge),
  );
  return [
    ...pinWarnings(bridge, name, before, after),
    ...twins.map(
      (twin) => `${name} has the MAC of ${twin.name}, ${mac}: ${bridge} can't tell their packets apart`,
    ),
  ];
}

/** A tap has a carrier only while a program holds it open. */
function isUsed(link: Link): boolean {
  return link.flags.includes('LOWER_UP');
}

function wantedTun(
  params: TapParams,
  current: Link | undefined,
  snapshot: Snapshot,
  problems: Problem[],
): TunState {
  const before = current?.tun ?? NEW_TAP;
  const id = (account: 'owner' | 'group'): number | null => {
    const given = params[account];
    if (given === undefined) return before[account];
    return accountId(account, given, snapshot, problems) ?? null;
  };
  // A program that opens the tap chooses for itself whether packets carry a header.
  const header = current !== undefined && isUsed(current) ? undefined : params.vnet_hdr;
  return {
    mode: params.mode ?? before.mode,
    owner: id('owner'),
    group: id('group'),
    multiQueue: params.multi_queue ?? before.multiQueue,
    vnetHdr: header ?? before.vnetHdr,
    persistent: before.persistent,
  };
}

/** Undefined where the task says nothing of it. */
function givenMac({ mac, guest_mac }: TapParams): string | undefined {
  if (mac !== undefined) return parseMac(mac);
  const guest = guest_mac === undefined ? undefined : parseMac(guest_mac);
  return guest === undefined ? undefined : tapMac(guest);
}

/**
 * Where the task says nothing of it, what is there is left alone; but one that the kernel made up, or would, does not
 * get into a bridge, whose MAC it could become.
 */
function wantedMac(params: TapParams, current: Link | undefined, snapshot: Snapshot): string | undefined {
  const { name, bridge, mode } = params;
  const given = givenMac(params);
  if (given !== undefined || bridge === undefined || bridge === null || mode === 'tun') return given;
  const madeUp = current === undefined || (current.master !== bridge && current.addrAssignType === RANDOM);
  return madeUp ? madeUpTapMac(name, snapshot) : undefined;
}

/** NET_ADDR_RANDOM of /sys/class/net/X/addr_assign_type. */
const RANDOM = 1;

function checkParams(params: TapParams, current: Link | undefined, snapshot: Snapshot): Problem[] {
  const mac = givenMac(params);
  const guest = params.guest_mac === undefined ? undefined : parseMac(params.guest_mac);
  const hasIpv6 = snapshot.addresses.some(({ dev, family }) => dev === params.name && family === 6);
  const problems = [
    params.mac === undefined || mac === undefined ? undefined : macProblem(mac, ['mac']),
    guest === undefined ? undefined : macProblem(guest, ['guest_mac']),
    guest === undefined || mac !== guest ? undefined : guestsOwn(guest),
    params.mtu === undefined ? undefined : mtuProblem(current, params.mtu, hasIpv6),
    bridgeProblem(params, snapshot),
  ];
  const mode = params.mode ?? current?.tun?.mode;
  const ethernet = (['bridge', 'guest_mac', 'mac'] as const).filter((name) => params[name] != null);
  if (mode === 'tun')
    problems.push(
      ...ethernet.map((name) => ({ message: `a tun has no Ethernet, so no ${name}`, path: [name] })),
    );
  return problems.filter((problem) => problem !== undefined);
}

/** Measured: the host then reaches the guest, so that a test from there sees nothing wrong. */
function guestsOwn(mac: string): Problem {
  return {
    message: `${mac} is the guest's own MAC: the bridge would keep the guest's packets for the host, and nobody outside would reach the guest`,
    hint: `Leave mac out: the tap then gets ${tapMac(mac)}.`,
    path: ['mac'],
  };
}

function bridgeProblem({ bridge }: TapParams, snapshot: Snapshot): Problem | undefined {
  if (bridge === undefined || bridge === null) return undefined;
  const master = snapshot.links.get(bridge);
  if (master === undefined) return missingDevice(bridge, snapshot, ['bridge']);
  if (master.kind === 'bridge' || master.bridge !== null) return undefined;
  return { message: `${bridge} is a ${master.kind ?? 'network device'}, not a bridge`, path: ['bridge'] };
}

function creation(params: TapParams, tun: TunState, snapshot: Snapshot): Change {
  const { name } = params;
  const mac = wantedMac(params, undefined, snapshot) ?? null;
  const link = newLink(name, {
    ...{ kind: 'tun', mac, addrAssignType: mac === null ? 1 : 3, tun },
    ...(tun.mode === 'tun' && { flags: ['POINTOPOINT', 'MULTICAST', 'NOARP'], broadcast: null }),
  });
  return {
    resource: 'tap',
    address: `tap ${name}`,
    action: 'create',
    before: null,
    after: [showTun(tun), ...(mac === null ? [] : [`mac ${mac}`])].join(' '),
    do: [addTap(name, tun, snapshot.tools), ...newTapMac(link)],
    undo: [removeTap(name, tun, snapshot.tools)],
    effects: [{ kind: 'link', set: link }],
  };
}

/** Deletes the tap and makes it again, with all that it had and that the kernel took with it. */
function renewal(current: Link, before: TunState, after: TunState, snapshot: Snapshot): Change {
  const renewed = { ...current, tun: after };
  const swap: Effect[] = [
    { kind: 'link', unset: current.name },
    { kind: 'link', set: renewed },
  ];
  const bare = applyEffects(snapshot, swap);
  const steps = (from: TunState, to: Link, tun: TunState): Change['do'] => [
    removeTap(current.name, from, snapshot.tools),
    ...makeTapSteps(to, tun, snapshot),
    ...restoreSteps(snapshot, bare),
  ];
  return {
    resource: 'tap',
    address: `tap ${current.name}`,
    action: 'update',
    before: showTun(before),
    after: showTun(after),
    do: steps(before, renewed, after),
    undo: steps(after, current, before),
    effects: [...swap, ...restoreEffects(snapshot, bare)],
  };
}

function removal(current: Link, tun: TunState, snapshot: Snapshot): Change {
  const effects: Effect[] = [{ kind: 'link', unset: current.name }];
  return {
    resource: 'tap',
    address: `tap ${current.name}`,
    action: 'delete',
    before: showTun(tun),
    after: null,
    do: [removeTap(current.name, tun, snapshot.tools)],
    undo: undoWithLosses(snapshot, effects, makeTapSteps(current, tun, snapshot), [
      { kind: 'link', set: current },
    ]),
    effects,
  };
}

function planAttributes(plan: Draft, params: TapParams, mac: string | undefined): void {
  const { name, bridge, mtu, up } = params;
  const link = (): Link => {
    const found = plan.state.links.get(name);
    if (found === undefined) throw new Error(`${name} was planned to be there`);
    return found;
  };
  if (mac !== undefined) take(plan, attributes.attributeChange('tap', link(), attributes.mac, mac));
  if (mtu !== undefined) take(plan, attributes.attributeChange('tap', link(), attributes.mtu, mtu));
  if (bridge !== undefined) take(plan, masterChange('tap', link(), bridge, plan.state));
  const state = attributes.attributeChange('tap', link(), attributes.state, up !== false);
  const back = [{ kind: 'link', set: link() }] as const;
  if (state !== undefined)
    take(plan, { ...state, undo: undoWithLosses(plan.state, state.effects, state.undo, back) });
}

/** Whether packets carry a header is for the program to say that opens the tap. */
function kept(params: TapParams, snapshot: Snapshot): readonly Kept[] {
  const { name, bridge, vnet_hdr = false } = params;
  const link = snapshot.links.get(name);
  if (link === undefined || link.tun === null) return [];
  const tun = { ...link.tun, vnetHdr: vnet_hdr, persistent: true };
  const mac = givenMac(params) ?? bridge;
  return [{ kind: 'link', item: keptLink(link, { ...params, mac, master: bridge }, { kind: 'tun', tun }) }];
}

function reads(params: TapParams): readonly Read[] {
  return [...deviceReads, ...accountReads('owner', params.owner), ...accountReads('group', params.group)];
}

/** A tap (or tun) device that stays when the program that uses it ends. */
export const tap: Resource<TapParams> = {
  name: 'tap',
  plural: 'taps',
  mapKey: 'name',
  summary: "A tap for a guest, in its bridge and with a MAC that does not disturb the guest's.",
  schema: tapSchema,
  examples: [
    { tap: { name: 'tap0', bridge: 'br0', owner: 'root', guest_mac: '52:54:00:84:e3:62' } },
    { tap: { name: 'vpn0', mode: 'tun', owner: 1000, group: null, up: true } },
    { tap: { name: 'tap0', state: 'absent' } },
  ],
  reads,
  plan,
  kept,
};
