import { isDeepStrictEqual } from 'node:util';
import { parseMac } from '../shared/addr.js';
import type { Change, Problem } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Kept } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import { type Ovs, type OvsBridge, type OvsPort, unsetColumns } from '../snapshot/ovs.js';
import * as attributes from './links/attributes.js';
import { macProblem } from './links/device.js';
import { type Draft, draft, take } from './links/draft.js';
import { madeUpMac } from './links/mac.js';
import { undoWithLosses } from './links/restore.js';
import { bridgeCommands, linksOf, newInterface, removalOf } from './ovs/bridge-rows.js';
import {
  apart,
  differ,
  mapOf,
  ovsSteps,
  setCommands,
  showColumns,
  showDifference,
  wantedColumns,
} from './ovs/columns.js';
import { keptUp } from './ovs/kept-up.js';
import { type DeviceChange, deviceParts } from './ovs/replug.js';
import { choice, externalIds, nameParameter, otherConfig, stateParameter } from './ovs/schema.js';
import {
  interfaceTrouble,
  internalLink,
  isResult,
  isUserspace,
  NOT_YET,
  OVS_READS,
  openVswitch,
} from './ovs/state.js';
import type { JsonSchema, PlanResult, Resource } from './resource.js';

type Map = Readonly<Record<string, string | number | boolean | null>>;

export interface OvsBridgeParams {
  name: string;
  mac?: string;
  fail_mode?: 'standalone' | 'secure' | null;
  datapath_type?: 'system' | 'netdev';
  stp?: boolean;
  rstp?: boolean;
  mcast_snooping?: boolean;
  protocols?: readonly string[] | null;
  controllers?: readonly string[] | null;
  external_ids?: Map | null;
  other_config?: Map | null;
  up?: boolean;
  state?: 'present' | 'absent';
}

function plan(params: OvsBridgeParams, snapshot: Snapshot): PlanResult {
  const ovs = openVswitch(snapshot, params.state === 'absent');
  if (isResult(ovs)) return ovs;
  const { name } = params;
  const current = ovs.bridges.get(name);
  if (params.state === 'absent') return planAbsent(name, current, snapshot, ovs);
  const problems = problemsOf(params, current, snapshot, ovs);
  if (problems.length > 0) return { changes: [], problems };
  const planned = draft(snapshot);
  const wanted = wantedBridge(params, current, snapshot);
  const trouble = ownTrouble(name, current, wanted, snapshot);
  if (trouble !== undefined) return { changes: [], problems: [trouble] };
  take(
    planned,
    current === undefined ? creation(name, wanted, snapshot) : update(name, current, wanted, snapshot),
  );
  takeUp(planned, name, params.up !== false);
  return {
    changes: planned.changes,
    problems: planned.problems,
    warnings: warningsOf(name, current, wanted),
  };
}

function problemsOf(
  { name, mac, other_config, stp, rstp }: OvsBridgeParams,
  current: OvsBridge | undefined,
  { links }: Snapshot,
  ovs: Ovs,
): Problem[] {
  const parsed = mac === undefined ? undefined : parseMac(mac);
  const [port, link] = [ovs.ports.get(name), links.get(name)];
  const bad: (Problem | undefined)[] = [
    parsed === undefined ? undefined : macProblem(parsed, ['mac']),
    mac !== undefined && other_config != null && 'hwaddr' in other_config
      ? { message: 'mac and other_config.hwaddr are the same setting', path: ['other_config', 'hwaddr'] }
      : undefined,
    stp === true && rstp === true
      ? { message: 'a bridge runs one of stp and rstp, not both', path: ['rstp'] }
      : undefined,
  ];
  if (current === undefined && port !== undefined)
    bad.push({ message: `${name} is a port of the bridge ${port.bridge} of Open vSwitch`, path: ['name'] });
  else if (current === undefined && link !== undefined)
    bad.push({
      message: `${name} is there already, and is a ${link.kind ?? 'network device'}, not a bridge of Open vSwitch`,
      path: ['name'],
    });
  return bad.filter((problem) => problem !== undefined);
}

/** A datapath that the host lacks, which another one may cure. */
function ownTrouble(
  name: string,
  current: OvsBridge | undefined,
  wanted: OvsBridge,
  snapshot: Snapshot,
): Problem | undefined {
  const row = snapshot.ovs?.interfaces.get(name);
  if (current === undefined || row === undefined || differ(current.columns, wanted.columns)) return undefined;
  const trouble = interfaceTrouble(name, row, snapshot);
  return trouble && { ...trouble, path: ['name'] };
}

/**
 * Without a MAC a bridge takes the lowest of its ports' that is not locally administered, which moves when these come
 * and go; without such a one, one by chance at each start of ovs-vswitchd. It is always pinned.
 */
function wantedBridge(
  params: OvsBridgeParams,
  current: OvsBridge | undefined,
  snapshot: Snapshot,
): OvsBridge {
  const { name, mac, datapath_type, controllers } = params;
  const now = current?.columns ?? unsetColumns('Bridge');
  const wished = wantedColumns('Bridge', now, {
    // `system` and nothing are one.
    datapath_type: datapath_type === 'system' && now.datapath_type === '' ? '' : datapath_type,
    ...{ fail_mode: params.fail_mode, stp_enable: params.stp, rstp_enable: params.rstp },
    ...{ mcast_snooping_enable: params.mcast_snooping, protocols: params.protocols },
    ...{ external_ids: params.external_ids, other_config: params.other_config },
  });
  const given = mac === undefined ? undefined : parseMac(mac);
  const own = mapOf(wished.other_config).hwaddr;
  // One that OpenFlow controllers already know by its MAC keeps it.
  const kept = current === undefined ? undefined : (snapshot.links.get(name)?.mac ?? undefined);
  const hwaddr = given ?? own ?? kept ?? madeUpMac(name, snapshot);
  return {
    columns: wantedColumns('Bridge', wished, { other_config: { hwaddr } }),
    controllers:
      controllers === undefined ? (current?.controllers ?? []) : [...new Set(controllers ?? [])].sort(),
    foreign: current?.foreign ?? [],
  };
}

function creation(name: string, wanted: OvsBridge, snapshot: Snapshot): Change {
  const row = { columns: newInterface('internal'), error: null, ofport: NOT_YET };
  const port: OvsPort = { bridge: name, interfaces: [name], columns: unsetColumns('Port') };
  return {
    resource: 'ovs_bridge',
    address: `ovs_bridge ${name}`,
    action: 'create',
    before: null,
    after: showBridge(wanted),
    do: ovsSteps(bridgeCommands(name, wanted)),
    undo: ovsSteps([['--if-exists', 'del-br', name]]),
    effects: [
      { kind: 'ovs', part: 'bridges', name, value: wanted },
      { kind: 'ovs', part: 'ports', name, value: port },
      { kind: 'ovs', part: 'interfaces', name, value: row },
      ...linksOf(port, wanted, new Map([[name, row]]), snapshot),
    ],
  };
}

function showBridge({ columns, controllers }: OvsBridge): string {
  const words = showColumns('Bridge', columns);
  return controllers.length === 0 ? words : `${words} controllers ${controllers.join(' ')}`;
}

function update(name: string, current: OvsBridge, wanted: OvsBridge, snapshot: Snapshot): Change | undefined {
  const sameControllers = isDeepStrictEqual(current.controllers, wanted.controllers);
  if (!differ(current.columns, wanted.columns) && sameControllers) return undefined;
  const shown = showDifference(current.columns, wanted.columns);
  const side = (words: string, controllers: readonly string[]): string =>
    [words, ...(sameControllers ? [] : ['controllers', controllers.join(' ') || 'none'])]
      .filter(Boolean)
      .join(' ');
  const device = deviceChange(name, current, wanted, snapshot);
  const parts = deviceParts(device, ovsSteps(bridgeSets(name, wanted, current)), snapshot);
  return {
    resource: 'ovs_bridge',
    address: `ovs_bridge ${name}`,
    action: 'update',
    before: side(shown.before, current.controllers),
    after: side(shown.after, wanted.controllers),
    do: [...ovsSteps(bridgeSets(name, current, wanted)), ...parts.do],
    undo: parts.undo,
    effects: [{ kind: 'ovs', part: 'bridges', name, value: wanted }, ...parts.effects],
  };
}

function bridgeSets(name: string, before: OvsBridge, after: OvsBridge): string[][] {
  const commands = setCommands('Bridge', name, before.columns, after.columns);
  if (isDeepStrictEqual(before.controllers, after.controllers)) return commands;
  const { controllers } = after;
  return [
    ...commands,
    controllers.length === 0 ? ['del-controller', name] : ['set-controller', name, ...controllers],
  ];
}

/** Another datapath makes the bridge's device anew; else it has another MAC at most. */
function deviceChange(
  name: string,
  current: OvsBridge,
  wanted: OvsBridge,
  { links }: Snapshot,
): DeviceChange {
  const before = links.get(name);
  const made = internalLink(name, wanted, {});
  const after = before && { ...before, kind: made.kind, tun: made.tun, mac: made.mac ?? before.mac };
  return {
    ...{ name, before, after, anew: isUserspace(current.columns) !== isUserspace(wanted.columns) },
    setsMacBack: 'hwaddr' in mapOf(current.columns.other_config),
  };
}

function takeUp(planned: Draft, name: string, up: boolean): void {
  const link = planned.state.links.get(name);
  if (link !== undefined) take(planned, attributes.attributeChange('ovs_bridge', link, attributes.state, up));
}

/** The database has all but this: Open vSwitch makes its devices down. */
function kept({ name, up }: OvsBridgeParams, { links }: Snapshot): readonly Kept[] {
  return keptUp(links.get(name), up);
}

function warningsOf(name: string, current: OvsBridge | undefined, wanted: OvsBridge): string[] {
  if (current === undefined || isUserspace(current.columns) === isUserspace(wanted.columns)) return [];
  return [
    `another datapath_type makes ${name} and its ports anew: all that passes them is interrupted, and its internal ports lose their addresses`,
  ];
}

function planAbsent(name: string, current: OvsBridge | undefined, snapshot: Snapshot, ovs: Ovs): PlanResult {
  if (current === undefined) return { changes: [] };
  if (current.foreign.length > 0)
    return {
      changes: [],
      problems: [
        {
          message: `${name} has ${current.foreign.join(', ')}, which an undo could not bring back`,
          hint: `Take them away before: ovs-vsctl clear Bridge ${name} ${current.foreign.join(' ')}`,
          path: ['name'],
        },
      ],
    };
  const own = snapshot.addresses.filter(({ dev, scope }) => dev === name && scope === 0);
  const list = own.map(({ local, length }) => `${local}/${length}`).join(', ');
  return {
    changes: [removal(name, current, snapshot, ovs)],
    warnings: own.length === 0 ? [] : [`removing ${name} removes its addresses: ${list}`],
  };
}

/** With its ports, and the QoS of these; the undo makes all of it again. Flows are not kept: see docs/ovs.md. */
function removal(name: string, current: OvsBridge, snapshot: Snapshot, ovs: Ovs): Change {
  const ports = [...ovs.ports].filter(([, port]) => port.bridge === name).map(([port]) => port);
  const others = ports.filter((port) => port !== name).sort();
  const gone = removalOf([name, ...others], snapshot, ovs);
  const effects: Effect[] = [...gone.effects, { kind: 'ovs', part: 'bridges', name, value: null }];
  const back = [...ovsSteps(bridgeCommands(name, current)), ...gone.undo];
  return {
    resource: 'ovs_bridge',
    address: `ovs_bridge ${name}`,
    action: 'delete',
    before:
      `${showBridge(current)} ${others.length === 0 ? 'no ports' : `ports ${others.join(', ')}`}`.trim(),
    after: null,
    do: [...gone.do, ...apart([['--if-exists', 'del-br', name]])],
    undo: undoWithLosses(snapshot, effects, back, gone.reversal),
    effects,
  };
}

const schema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: nameParameter('The bridge.', 'br0'),
    mac: {
      type: 'string',
      format: 'mac',
      description:
        "The bridge's MAC (other_config:hwaddr). It is set in any case, so that it does not move when ports come and go: without this to the one that the bridge has, or to one of netplay's own for a new bridge.",
      examples: ['52:54:00:12:34:56'],
    },
    fail_mode: choice(
      ['standalone', 'secure'],
      'What happens without a controller: a plain switch, or nothing but the flows that are there.',
    ),
    datapath_type: {
      enum: ['system', 'netdev'],
      description: "system is the kernel's, netdev the one in userspace. Another one makes the bridge anew.",
    },
    stp: { type: 'boolean', description: 'The spanning tree protocol.' },
    rstp: { type: 'boolean', description: 'The rapid spanning tree protocol.' },
    mcast_snooping: {
      type: 'boolean',
      description: 'Whether multicast packets go only to the ports that asked for them.',
    },
    protocols: {
      type: ['array', 'null'],
      uniqueItems: true,
      items: { type: 'string', pattern: '^OpenFlow1[0-6]$' },
      description: 'The versions of OpenFlow that it speaks; null for those that Open vSwitch has by itself.',
      examples: [['OpenFlow10', 'OpenFlow13']],
    },
    controllers: {
      type: ['array', 'null'],
      uniqueItems: true,
      items: { type: 'string', pattern: '^(ssl|tcp|unix|pssl|ptcp|punix):\\S+$' },
      description: 'All OpenFlow controllers, as ovs-vsctl set-controller takes them; null for none.',
      examples: [['tcp:192.0.2.10:6653']],
    },
    external_ids: externalIds,
    other_config: otherConfig,
    up: { type: 'boolean', default: true, description: "Whether the bridge's own device is up." },
    state: stateParameter('absent removes the bridge, its ports and their QoS; devices of the host stay.'),
  },
};

/** A bridge of Open vSwitch. */
export const ovsBridge: Resource<OvsBridgeParams> = {
  name: 'ovs_bridge',
  plural: 'ovs_bridges',
  mapKey: 'name',
  summary: 'A bridge of Open vSwitch; its MAC is pinned, so that it does not move when ports come and go.',
  schema,
  examples: [
    { ovs_bridge: { name: 'br0', mac: '52:54:00:12:34:56', fail_mode: 'standalone', rstp: true } },
    { ovs_bridge: { name: 'br1', protocols: ['OpenFlow13'], controllers: ['tcp:192.0.2.10:6653'] } },
    { ovs_bridge: { name: 'br1', state: 'absent' } },
  ],
  reads: () => OVS_READS,
  plan,
  kept,
};
