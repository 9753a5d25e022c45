import type { Change, Problem } from '../shared/change.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Read, Snapshot } from '../snapshot/model.js';
import { bridgePortSchema } from './links/bridge-port-schema.js';
import { type Draft, draft, take } from './links/draft.js';
import { masterChange } from './links/enslave.js';
import { keptMaster } from './links/kept.js';
import { joinProblem, pinWarnings, portAddressWarnings } from './links/port-checks.js';
import {
  type PortOptions,
  type PortWord,
  portOptionProblems,
  portSetting,
  portStep,
  wantedPort,
  withPortSetting,
} from './links/port-options.js';
import { keptVlans, type VlanParams, vlanChanges, vlanProblems } from './links/port-vlans.js';
import type { PlanResult, Resource } from './resource.js';
import { missingDevice } from './routing/route-checks.js';

export interface BridgePortParams extends PortOptions, VlanParams {
  dev: string;
  bridge?: string;
  state?: 'present' | 'absent';
}

function plan(params: BridgePortParams, snapshot: Snapshot): PlanResult {
  const { dev } = params;
  const link = snapshot.links.get(dev);
  if (params.state === 'absent') return planAbsent(params, link, snapshot);
  const problems = checkParams(params, link, snapshot);
  if (link === undefined || problems.length > 0) return { changes: [], problems };
  const plan = draft(snapshot);
  if (params.bridge !== undefined) take(plan, masterChange('bridge_port', link, params.bridge, snapshot));
  for (const [word, value] of wantedPort(params))
    take(plan, settingChange(portOf(plan, dev), word, value, plan.state));
  if (params.vlans !== undefined)
    for (const change of vlanChanges('bridge_port', dev, params, plan.state)) take(plan, change);
  const bridge = bridgeOf(params, link, snapshot);
  return {
    changes: plan.changes,
    problems: plan.problems,
    warnings: [
      ...portAddressWarnings(bridge?.name ?? '', [dev], snapshot),
      ...(bridge === undefined || link.master === bridge.name
        ? []
        : pinWarnings(bridge.name, dev, snapshot, plan.state)),
      ...filterWarnings(params, bridge),
    ],
  };
}

function planAbsent(
  { dev, bridge }: BridgePortParams,
  link: Link | undefined,
  snapshot: Snapshot,
): PlanResult {
  const master = link?.master ?? null;
  if (link === undefined || master === null || (bridge !== undefined && master !== bridge))
    return { changes: [] };
  if (!isBridge(snapshot.links.get(master)))
    return {
      changes: [],
      problems: [{ message: `${dev} belongs to ${master}, which is no bridge`, path: ['dev'] }],
    };
  const plan = draft(snapshot);
  take(plan, masterChange('bridge_port', link, null, snapshot));
  return { changes: plan.changes, problems: plan.problems };
}

function isBridge(link: Link | undefined): boolean {
  return link?.kind === 'bridge' || link?.bridge != null;
}

/** The bridge that the port will be in. */
function bridgeOf({ bridge }: BridgePortParams, link: Link, { links }: Snapshot): Link | undefined {
  return links.get(bridge ?? link.master ?? '');
}

function checkParams(params: BridgePortParams, link: Link | undefined, snapshot: Snapshot): Problem[] {
  const { dev } = params;
  if (link === undefined) return [missingDevice(dev, snapshot, ['dev'])];
  const bridge = bridgeOf(params, link, snapshot);
  if (bridge === undefined)
    return [
      params.bridge === undefined
        ? { message: `${dev} is no port of a bridge`, hint: 'Name its bridge with bridge.', path: ['dev'] }
        : missingDevice(params.bridge, snapshot, ['bridge']),
    ];
  if (!isBridge(bridge))
    return [
      { message: `${bridge.name} is a ${bridge.kind ?? 'network device'}, not a bridge`, path: ['bridge'] },
    ];
  const joins = link.master !== bridge.name;
  return [
    ...[joins ? joinProblem(dev, bridge.name, snapshot, ['dev']) : undefined].filter(
      (one) => one !== undefined,
    ),
    ...portOptionProblems(params),
    ...wantedPort(params).flatMap(([word, value]) =>
      settingProblem(joins ? { ...link, port: [] } : link, word, value, snapshot),
    ),
    ...backupProblems(params, bridge, snapshot),
    ...vlanProblems(params, bridge, snapshot),
  ];
}

/** What a host neither tells nor takes: its kernel, or its `ip`, is older than the setting. */
function settingProblem(link: Link, word: PortWord, value: string, { tools }: Snapshot): Problem[] {
  const told = portSetting(link, word);
  const unknown = told === undefined && link.port.length > 0;
  if (!unknown && (told === value || portStep(link, word, value, tools) !== undefined)) return [];
  const what = unknown ? `does not tell ${word} of a port` : `can't set ${word} of a port`;
  return [{ message: `this host (${tools.iproute2}) ${what}`, path: [word] }];
}

function backupProblems(
  { dev, backup_port }: BridgePortParams,
  bridge: Link,
  { links }: Snapshot,
): Problem[] {
  if (backup_port === undefined || backup_port === null) return [];
  const path = ['backup_port'];
  if (backup_port === dev) return [{ message: `${dev} can't stand in for itself`, path }];
  if (links.get(backup_port)?.master === bridge.name) return [];
  return [{ message: `${backup_port} is no port of ${bridge.name}, so it can't stand in for ${dev}`, path }];
}

function settingChange(link: Link, word: PortWord, value: string, { tools }: Snapshot): Change | undefined {
  const before = portSetting(link, word);
  if (before === value) return undefined;
  const step = portStep(link, word, value, tools);
  // What a new port has by itself goes with it.
  const back = before === undefined ? undefined : portStep(link, word, before, tools);
  return {
    resource: 'bridge_port',
    address: `bridge_port ${link.name} ${word}`,
    action: 'update',
    before: before || null,
    after: value || null,
    do: step === undefined ? [] : [step],
    undo: back === undefined ? [] : [back],
    effects: [{ kind: 'link', set: withPortSetting(link, word, value) }],
  };
}

function filterWarnings({ vlans }: BridgePortParams, bridge: Link | undefined): string[] {
  if (vlans === undefined || bridge?.bridge?.vlanFiltering !== false) return [];
  return [`${bridge.name} does not look at VLANs: with vlan_filtering off, those of its ports do nothing`];
}

function portOf({ state }: Draft, dev: string): Link {
  const link = state.links.get(dev);
  if (link === undefined) throw new Error(`${dev} was checked to be there`);
  return link;
}

function kept(params: BridgePortParams, snapshot: Snapshot): readonly Kept[] {
  const { dev, bridge, vlans } = params;
  const link = snapshot.links.get(dev);
  const master = link?.master ?? null;
  if (link === undefined || master === null) return [];
  return [
    ...(bridge === undefined ? [] : [keptMaster(dev, master)]),
    ...wantedPort(params).map(([word, value]): Kept => {
      const words = value === '' ? [] : ['type', 'bridge_slave', word, value];
      return { kind: 'setting', dev, name: `port ${word}`, words, needs: master };
    }),
    ...(vlans === undefined ? [] : keptVlans(dev, params, snapshot)),
  ];
}

const reads: readonly Read[] = [
  { kind: 'links' },
  { kind: 'addresses' },
  { kind: 'neighbours' },
  { kind: 'bridge_vlans' },
  { kind: 'fdb' },
];

/** A port of a Linux bridge. */
export const bridgePort: Resource<BridgePortParams> = {
  name: 'bridge_port',
  plural: 'bridge_ports',
  mapKey: 'dev',
  summary: "A bridge's port: cost, priority, isolation, flooding, learning, and its VLANs.",
  schema: bridgePortSchema,
  examples: [
    { bridge_port: { dev: 'eth1', bridge: 'br0', cost: 10, priority: 8, guard: true } },
    { bridge_port: { dev: 'tap0', isolated: true, hairpin: false, learning: true } },
    {
      bridge_port: {
        dev: 'eth1',
        vlans: [{ vid: 10, pvid: true, untagged: true }, { vid: '20-30' }],
        exclusive_vlans: true,
      },
    },
    { bridge_port: { dev: 'eth1', bridge: 'br0', state: 'absent' } },
  ],
  reads: () => reads,
  plan,
  kept,
};
