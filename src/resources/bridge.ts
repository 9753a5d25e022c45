import { parseMac } from '../shared/addr.js';
import type { Change, Problem } from '../shared/change.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Read, Snapshot } from '../snapshot/model.js';
import * as attributes from './links/attributes.js';
import {
  type BridgeOptions,
  kernelValue,
  NEW_BRIDGE,
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  optionProblems,
  optionStep,
  sameOption,
  showOption,
  unsettable,
} from './links/bridge-options.js';
import { bridgeSchema } from './links/bridge-schema.js';
import { macProblem, mtuProblem } from './links/device.js';
import { deviceReads } from './links/device-reads.js';
import { type Draft, draft, take } from './links/draft.js';
import { masterChange } from './links/enslave.js';
import { bareBridge, keptLink, keptPorts, keptSetting } from './links/kept.js';
import { bridgeMac, isPinned } from './links/mac.js';
import { makeBridgeSteps, removeBridge, wantedBridge } from './links/make-bridge.js';
import { joinProblem, portAddressWarnings } from './links/port-checks.js';
import { keptVlans, type VlanParams, vlanChanges, vlanProblems } from './links/port-vlans.js';
import type { PlanResult, Resource } from './resource.js';

export interface BridgeParams extends BridgeOptions, VlanParams {
  name: string;
  ports?: readonly string[];
  exclusive?: boolean;
  mac?: string;
  mtu?: number;
  up?: boolean;
  state?: 'present' | 'absent';
}

function plan(params: BridgeParams, snapshot: Snapshot): PlanResult {
  const current = snapshot.links.get(params.name);
  if (current !== undefined && current.kind !== 'bridge' && current.bridge === null)
    return notABridge(current);
  if (params.state === 'absent')
    return {
      changes: current === undefined ? [] : [removeBridge(current, snapshot)],
      warnings: removalWarnings(current, snapshot),
    };
  const problems = checkParams(params, current, snapshot);
  if (problems.length > 0) return { changes: [], problems };
  const plan = draft(snapshot);
  if (current === undefined) take(plan, createBridge(params, snapshot));
  else changeBridge(plan, params, current);
  planMtu(plan, params);
  if (params.vlans !== undefined)
    for (const change of vlanChanges('bridge', params.name, params, plan.state)) take(plan, change);
  planPorts(plan, params);
  if (params.up !== false) take(plan, upChange(plan, params.name));
  else take(plan, attributes.attributeChange('bridge', linkOf(plan, params.name), attributes.state, false));
  return {
    changes: plan.changes,
    problems: plan.problems,
    warnings: portAddressWarnings(params.name, params.ports ?? [], snapshot),
  };
}

function notABridge(link: Link): PlanResult {
  const kind = link.kind ?? 'network device';
  return {
    changes: [],
    problems: [{ message: `${link.name} is there already, and is a ${kind}, not a bridge`, path: ['name'] }],
  };
}

function checkParams(params: BridgeParams, current: Link | undefined, snapshot: Snapshot): Problem[] {
  const mac = params.mac === undefined ? undefined : parseMac(params.mac);
  const hasIpv6 = snapshot.addresses.some(({ dev, family }) => dev === params.name && family === 6);
  const { tools } = snapshot;
  const problems = [
    mac === undefined ? undefined : macProblem(mac, ['mac']),
    params.mtu === undefined ? undefined : mtuProblem(current, params.mtu, hasIpv6),
    ...optionProblems(params, current),
    ...vlanProblems(params, current, snapshot),
    ...(params.ports ?? []).map((port, index) => joinProblem(port, params.name, snapshot, ['ports', index])),
    tools.linkMaster || tools.others.includes('brctl')
      ? undefined
      : {
          message: `this host's ip (${tools.iproute2}) makes no bridges, and there is no brctl`,
          hint: 'Install bridge-utils on the host.',
        },
    ...OPTION_NAMES.map((name) => unsettable(name, params.name, params, snapshot)),
  ];
  return problems.filter((problem) => problem !== undefined);
}

function createBridge(params: BridgeParams, snapshot: Snapshot): Change {
  const mac = wantedMac(params, undefined, snapshot);
  const bridge = wantedBridge(params.name, mac, params, snapshot);
  const options = OPTION_NAMES.filter((name) => params[name] !== undefined).map(
    (name) => `${name} ${showOption(name, bridge.bridge ?? NEW_BRIDGE)}`,
  );
  return {
    resource: 'bridge',
    address: `bridge ${params.name}`,
    action: 'create',
    before: null,
    after: [`mac ${mac}`, ...options].join(' '),
    do: makeBridgeSteps(bridge, snapshot.tools),
    undo: snapshot.tools.linkMaster
      ? [{ kind: 'ip', args: ['link', 'del', 'dev', params.name] }]
      : [{ kind: 'run', argv: ['brctl', 'delbr', params.name] }],
    effects: [{ kind: 'link', set: bridge }],
  };
}

/**
 * A MAC that is given counts. A bridge that is pinned keeps its own; one that is not is pinned to the one
 * that it has from a port that is no tap, so that its neighbours notice nothing, else as a new one is.
 */
function wantedMac(params: BridgeParams, current: Link | undefined, snapshot: Snapshot): string {
  const given = params.mac === undefined ? undefined : parseMac(params.mac);
  if (given !== undefined) return given;
  const own = current?.mac ?? null;
  const ports = portsOf(params.name, snapshot);
  const inherited = ports.some((port) => port.kind !== 'tun' && port.mac === own);
  if (own !== null && (isPinned(current) || inherited)) return own;
  return bridgeMac(params.name, [...(params.ports ?? []), ...ports.map((port) => port.name)], snapshot);
}

function changeBridge(plan: Draft, params: BridgeParams, current: Link): void {
  take(plan, macChange(current, wantedMac(params, current, plan.state)));
  for (const name of OPTION_NAMES)
    take(plan, optionChange(linkOf(plan, params.name), name, params, plan.state));
}

/** The kernel has no way to unpin: an undo brings the former MAC back, pinned. */
function macChange(bridge: Link, mac: string): Change | undefined {
  if (bridge.mac === mac && isPinned(bridge)) return undefined;
  return {
    resource: 'bridge',
    address: `bridge ${bridge.name} mac`,
    action: 'update',
    before: bridge.mac === null ? null : `${bridge.mac}${isPinned(bridge) ? '' : ' (not pinned)'}`,
    after: `${mac}${isPinned(bridge) ? '' : ' (pinned)'}`,
    do: [attributes.setLink(bridge.name, ['address', mac])],
    undo: bridge.mac === null ? [] : [attributes.setLink(bridge.name, ['address', bridge.mac])],
    effects: [{ kind: 'link', set: attributes.mac.with(bridge, mac) }],
  };
}

function optionChange(
  bridge: Link,
  name: OptionName,
  params: BridgeParams,
  snapshot: Snapshot,
): Change | Problem | undefined {
  const value = params[name];
  if (value === undefined) return undefined;
  const before = bridge.bridge;
  if (before === null)
    return { message: `${name} of ${bridge.name} can't be read on this host`, path: [name] };
  const wanted = kernelValue(name, value);
  const { field } = OPTIONS[name];
  // What the kernel does not have is off.
  if (before[field] === null && wanted === NEW_BRIDGE[field]) return undefined;
  const after = { ...before, [field]: wanted };
  if (sameOption(name, before, after)) return undefined;
  const step = optionStep(bridge.name, name, after, snapshot.tools);
  const back = optionStep(bridge.name, name, before, snapshot.tools);
  return {
    resource: 'bridge',
    address: `bridge ${bridge.name} ${name}`,
    action: 'update',
    before: showOption(name, before),
    after: showOption(name, after),
    do: step === undefined ? [] : [step],
    undo: back === undefined ? [] : [back],
    effects: [{ kind: 'link', set: { ...bridge, bridge: after } }],
  };
}

function planMtu(plan: Draft, { name, mtu }: BridgeParams): void {
  if (mtu !== undefined)
    take(plan, attributes.attributeChange('bridge', linkOf(plan, name), attributes.mtu, mtu));
}

function planPorts(plan: Draft, params: BridgeParams): void {
  const { name, ports = [], exclusive, up } = params;
  const surplus =
    exclusive === true ? portsOf(name, plan.state).filter((port) => !ports.includes(port.name)) : [];
  for (const port of surplus) take(plan, masterChange('bridge', port, null, plan.state));
  for (const port of ports) {
    const joins = masterChange('bridge', linkOf(plan, port), name, plan.state);
    take(plan, joins && keepMtu(joins, linkOf(plan, port), params));
    if (up !== false) take(plan, upChange(plan, port));
  }
}

/** A bridge takes its ports' smallest MTU as its own, until somebody sets it (br_mtu_auto_adjust). */
function keepMtu(joins: Change | Problem, port: Link, { name, mtu }: BridgeParams): Change | Problem {
  if (mtu === undefined || mtu === port.mtu || !('do' in joins)) return joins;
  return { ...joins, do: [...joins.do, attributes.setLink(name, attributes.mtu.args(mtu))] };
}

function upChange(plan: Draft, name: string): Change | undefined {
  return attributes.attributeChange('bridge', linkOf(plan, name), attributes.state, true);
}

function linkOf(plan: Draft, name: string): Link {
  const link = plan.state.links.get(name);
  if (link === undefined) throw new Error(`${name} was checked to be there`);
  return link;
}

function portsOf(bridge: string, snapshot: Snapshot): Link[] {
  return [...snapshot.links.values()].filter((link) => link.master === bridge);
}

function removalWarnings(bridge: Link | undefined, snapshot: Snapshot): string[] {
  const own = snapshot.addresses.filter(({ dev, scope }) => dev === bridge?.name && scope === 0);
  if (bridge === undefined || own.length === 0) return [];
  return [
    `removing ${bridge.name} removes its addresses: ${own.map(({ local, length }) => `${local}/${length}`).join(', ')}`,
  ];
}

/** With its ports, which are up as it is. */
function kept(params: BridgeParams, snapshot: Snapshot): readonly Kept[] {
  const { name, ports = [], up, vlans } = params;
  const link = snapshot.links.get(name);
  const state = link?.bridge;
  if (link === undefined || state == null) return [];
  const given = OPTION_NAMES.filter((option) => params[option] !== undefined).map(
    (option) => [OPTIONS[option].field, state[OPTIONS[option].field]] as const,
  );
  const bridge = { ...bareBridge(state), ...Object.fromEntries(given) };
  // Its MAC is pinned, by whomever.
  const item = { ...keptLink(link, { ...params, mac: link.mac }, { bridge }), kind: 'bridge' };
  const joined = ports.flatMap((port) => snapshot.links.get(port) ?? []);
  return [
    { kind: 'link', item },
    ...keptPorts(ports, name, snapshot),
    ...(up === false ? [] : joined.flatMap((port) => keptSetting(port, attributes.state, true))),
    ...(vlans === undefined ? [] : keptVlans(name, params, snapshot)),
  ];
}

const reads: readonly Read[] = [...deviceReads, { kind: 'link-kind', name: 'bridge_vlan' }];

/** A Linux bridge. */
export const bridge: Resource<BridgeParams> = {
  name: 'bridge',
  plural: 'bridges',
  mapKey: 'name',
  summary: 'A bridge with its ports; its MAC is pinned, so that it does not move when taps come and go.',
  schema: bridgeSchema,
  examples: [
    { bridge: { name: 'br0', ports: ['eth1'], mac: '52:54:00:12:34:56', stp: false } },
    { bridge: { name: 'br1', ports: [], exclusive: true, forward_delay: 2, ageing_time: 300 } },
    { bridge: { name: 'br1', state: 'absent' } },
  ],
  reads: () => reads,
  plan,
  kept,
};
