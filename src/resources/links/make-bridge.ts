/** Making a bridge, for a task that asks for it and for the undo of one that removes it. */
import type { Change, Step } from '../../shared/change.js';
import { portValue } from '../../snapshot/bridge.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Link, Snapshot, Tools } from '../../snapshot/model.js';
import { mtu as mtuAttribute, setLink } from './attributes.js';
import {
  type BridgeOptions,
  ipSets,
  kernelValue,
  NEW_BRIDGE,
  newBridge,
  OPTION_NAMES,
  OPTIONS,
  optionStep,
  optionWords,
  unusualOptions,
} from './bridge-options.js';
import { isUp } from './device.js';
import { enslaveStep } from './enslave.js';
import { newLink } from './new-link.js';
import { undoWithLosses } from './restore.js';

/** A bridge that is not there yet, as the task wants it: down, without ports. */
export function wantedBridge(name: string, mac: string, options: BridgeOptions, snapshot: Snapshot): Link {
  const given = OPTION_NAMES.flatMap((option) => {
    const value = options[option];
    return value === undefined ? [] : [[OPTIONS[option].field, kernelValue(option, value)]];
  });
  const bridge = { ...newBridge(snapshot), ...Object.fromEntries(given) };
  return newLink(name, { kind: 'bridge', mac, addrAssignType: 3, bridge });
}

/**
 * The steps that make `bridge` with its options, down and without ports. Its MAC is set, and thereby
 * pinned, where it was set before. Options that the host's tools can't set are left out: see `optionStep`.
 */
export function makeBridgeSteps(bridge: Link, tools: Tools): Step[] {
  const { name, mac, mtu } = bridge;
  const state = bridge.bridge ?? NEW_BRIDGE;
  const differing = unusualOptions(state);
  const atOnce = differing.filter((option) => ipSets(option, tools));
  const words = atOnce.flatMap((option) => optionWords(option, state));
  const address = mac !== null && bridge.addrAssignType === 3 ? ['address', mac] : [];
  const add: Step[] = tools.linkMaster
    ? [{ kind: 'ip', args: ['link', 'add', 'name', name, ...address, 'type', 'bridge', ...words] }]
    : [
        { kind: 'run', argv: ['brctl', 'addbr', name] },
        ...(address.length === 0 ? [] : [setLink(name, address)]),
      ];
  const later = differing
    .filter((option) => !atOnce.includes(option))
    .flatMap((option) => optionStep(name, option, state, tools) ?? []);
  return [...add, ...later, ...(mtu === 1500 ? [] : [setLink(name, mtuAttribute.args(mtu))])];
}

/** Ports are numbered as they join, and the spanning tree tells equal ones apart by that. */
function portNumber({ port }: Link): number {
  return Number(portValue(port, 'port_no') ?? 0);
}

/** Removes a bridge; the undo makes it again with its options, ports, addresses and routes. */
export function removeBridge(bridge: Link, snapshot: Snapshot): Change {
  const ports = [...snapshot.links.values()]
    .filter((link) => link.master === bridge.name)
    .sort((a, b) => portNumber(a) - portNumber(b));
  const { tools } = snapshot;
  const effects: Effect[] = [
    ...ports.map((port): Effect => ({ kind: 'link', set: { ...port, master: null } })),
    { kind: 'link', unset: bridge.name },
  ];
  const back = [
    ...makeBridgeSteps(bridge, tools),
    ...ports.map((port) => enslaveStep(port.name, bridge.name, snapshot)),
    ...(isUp(bridge) ? [setLink(bridge.name, ['up'])] : []),
  ];
  return {
    resource: 'bridge',
    address: `bridge ${bridge.name}`,
    action: 'delete',
    before: ports.length === 0 ? 'no ports' : `ports ${ports.map((port) => port.name).join(', ')}`,
    after: null,
    do: tools.linkMaster
      ? [{ kind: 'ip', args: ['link', 'del', 'dev', bridge.name] }]
      : [setLink(bridge.name, ['down']), { kind: 'run', argv: ['brctl', 'delbr', bridge.name] }],
    undo: undoWithLosses(snapshot, effects, back, [
      { kind: 'link', set: bridge },
      ...ports.map((port): Effect => ({ kind: 'link', set: port })),
    ]),
    effects,
  };
}
