import type { Change, Problem } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Kept } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import { type Ovs, type OvsColumns, type OvsInterface, type OvsPort, unsetColumns } from '../snapshot/ovs.js';
import * as attributes from './links/attributes.js';
import { type Draft, draft, take } from './links/draft.js';
import { undoWithLosses } from './links/restore.js';
import { linksOf, newInterface, portCommands, removalOf } from './ovs/bridge-rows.js';
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
import { interfaceChange, interfaceProblems, withType } from './ovs/interface-columns.js';
import { keptUp } from './ovs/kept-up.js';
import { membersChange } from './ovs/members.js';
import { portSchema } from './ovs/port-schema.js';
import { interfaceTrouble, isDevice, isResult, NOT_YET, OVS_READS, openVswitch } from './ovs/state.js';
import type { PlanResult, Resource } from './resource.js';

type Map = Readonly<Record<string, string | number | boolean | null>>;

export interface OvsPortParams {
  bridge?: string;
  name: string;
  type?: string;
  options?: Map | null;
  interfaces?: readonly string[];
  tag?: number | null;
  trunks?: readonly number[] | null;
  vlan_mode?: string | null;
  bond_mode?: string | null;
  lacp?: string | null;
  bond_updelay?: number;
  bond_downdelay?: number;
  external_ids?: Map | null;
  other_config?: Map | null;
  up?: boolean;
  state?: 'present' | 'absent';
}

function plan(params: OvsPortParams, snapshot: Snapshot): PlanResult {
  const ovs = openVswitch(snapshot, params.state === 'absent');
  if (isResult(ovs)) return ovs;
  const current = ovs.ports.get(params.name);
  if (params.state === 'absent') return planAbsent(params, current, snapshot, ovs);
  const bridge = params.bridge ?? current?.bridge ?? '';
  const members = membersOf(params, current);
  const problems = [
    ...placeProblems(params, bridge, current, ovs),
    ...memberProblems(params, members, current, snapshot, ovs),
  ];
  if (problems.length > 0) return { changes: [], problems };
  const planned = draft(snapshot);
  const port: OvsPort = { bridge, interfaces: members, columns: wantedPort(params, current) };
  if (current === undefined) take(planned, creation(params, port, snapshot, ovs));
  else changePort(planned, params, current, port);
  for (const member of members) takeUp(planned, member, params.up !== false);
  const warnings = current === undefined ? addressWarnings(port, snapshot) : [];
  return { changes: planned.changes, problems: planned.problems, warnings };
}

/** A bond has those of its list, any other port one of its own name. */
function membersOf({ name, interfaces }: OvsPortParams, current: OvsPort | undefined): readonly string[] {
  return interfaces === undefined ? (current?.interfaces ?? [name]) : [...interfaces].sort();
}

function wantedPort(params: OvsPortParams, current: OvsPort | undefined): OvsColumns {
  const { tag, trunks, vlan_mode, bond_mode, lacp, bond_updelay, bond_downdelay } = params;
  return wantedColumns('Port', current?.columns ?? unsetColumns('Port'), {
    ...{ tag, trunks, vlan_mode, bond_mode, lacp, bond_updelay, bond_downdelay },
    ...{ external_ids: params.external_ids, other_config: params.other_config },
  });
}

function placeProblems(
  { name, bridge: named }: OvsPortParams,
  bridge: string,
  current: OvsPort | undefined,
  { bridges, ports }: Ovs,
): Problem[] {
  const known = [...bridges.keys()].join(', ') || 'none';
  if (named === undefined && current === undefined)
    return [
      {
        message: `a port that is not there yet needs bridge: there is no port ${name}`,
        hint: `Bridges here: ${known}.`,
        path: ['name'],
      },
    ];
  if (!bridges.has(bridge))
    return [
      {
        message: `Open vSwitch has no bridge ${bridge}`,
        hint: `Bridges here: ${known}. Put before it: ovs_bridge: {name: ${bridge}}`,
        path: ['bridge'],
      },
    ];
  if (current !== undefined && current.bridge !== bridge)
    return [
      {
        message: `${name} is a port of ${current.bridge}: putting it into ${bridge} would take it from there`,
        hint: `If that is meant, put before it: ovs_port: {name: ${name}, state: absent}`,
        path: ['bridge'],
      },
    ];
  const bond = [...ports].find(([other, port]) => other !== name && port.interfaces.includes(name));
  return bond === undefined
    ? []
    : [{ message: `${name} is an interface of the bond ${bond[0]}`, path: ['name'] }];
}

function memberProblems(
  params: OvsPortParams,
  members: readonly string[],
  current: OvsPort | undefined,
  snapshot: Snapshot,
  ovs: Ovs,
): Problem[] {
  const { name, interfaces, type, options } = params;
  const isBond = members.length > 1;
  const problems: Problem[] = [];
  if (isBond && (type !== undefined || options !== undefined))
    problems.push({
      message: 'type and options are those of a port of one interface',
      hint: "Use ovs_interface for a bond's.",
      path: [type === undefined ? 'options' : 'type'],
    });
  if (interfaces !== undefined && current !== undefined && current.interfaces.length === 1)
    problems.push({
      message: `${name} is a plain port, which can't become a bond`,
      hint: `Remove it before: ovs_port: {name: ${name}, state: absent}`,
      path: ['interfaces'],
    });
  for (const member of members) {
    const path = interfaces === undefined ? 'name' : 'interfaces';
    const row = ovs.interfaces.get(member);
    const owner = [...ovs.ports].find(([, port]) => port.interfaces.includes(member))?.[0];
    if (owner !== undefined && owner !== name) {
      problems.push({
        message: `${member} belongs to the port ${owner}`,
        hint: `If that is meant, put before it: ovs_port: {name: ${owner}, state: absent}`,
        path: [path],
      });
      continue;
    }
    const columns = withType(row?.columns ?? unsetColumns('Interface'), type, { options });
    const taken = row === undefined && columns.type === 'internal' && snapshot.links.has(member);
    if (taken)
      problems.push({ message: `${member} is there already: Open vSwitch can't make it`, path: [path] });
    problems.push(...interfaceProblems(member, columns, snapshot, path));
    const changes = row === undefined || differ(row.columns, columns);
    const trouble = changes ? undefined : interfaceTrouble(member, row, snapshot);
    if (trouble !== undefined && problems.length === 0) problems.push({ ...trouble, path: [path] });
  }
  return problems;
}

function creation(
  { name, type, options }: OvsPortParams,
  port: OvsPort,
  snapshot: Snapshot,
  ovs: Ovs,
): Change {
  const bridge = ovs.bridges.get(port.bridge);
  const rows = new Map(
    port.interfaces.map((member): [string, OvsInterface] => [
      member,
      { columns: withType(newInterface(''), type, { options }), error: null, ofport: NOT_YET },
    ]),
  );
  const words = [...rows.values()].map((row) => showColumns('Interface', row.columns));
  return {
    resource: 'ovs_port',
    address: `ovs_port ${name}`,
    action: 'create',
    before: null,
    after: [`bridge ${port.bridge}`, ...(rows.size > 1 ? [`interfaces ${port.interfaces.join(',')}`] : [])]
      .concat(showColumns('Port', port.columns), rows.size > 1 ? [] : words)
      .filter((word) => word !== '')
      .join(' '),
    do: ovsSteps(portCommands(name, port, rows)),
    undo: ovsSteps([['--if-exists', 'del-port', port.bridge, name]]),
    effects: [
      { kind: 'ovs', part: 'ports', name, value: port },
      ...[...rows].map(
        ([member, value]): Effect => ({ kind: 'ovs', part: 'interfaces', name: member, value }),
      ),
      ...(bridge === undefined ? [] : linksOf(port, bridge, rows, snapshot)),
    ],
  };
}

function changePort(planned: Draft, params: OvsPortParams, current: OvsPort, wanted: OvsPort): void {
  const { name, type, options } = params;
  const ovs = (): Ovs => planned.state.ovs ?? raise(name);
  take(planned, membersChange(name, current, wanted.interfaces, planned.state, ovs()));
  take(planned, columnsChange(name, { ...current, interfaces: wanted.interfaces }, wanted));
  const row = ovs().interfaces.get(name);
  if (row !== undefined && (type !== undefined || options !== undefined))
    take(
      planned,
      interfaceChange('ovs_port', name, withType(row.columns, type, { options }), planned.state, ovs()),
    );
}

function raise(name: string): never {
  throw new Error(`${name} was checked to be there`);
}

function columnsChange(name: string, current: OvsPort, wanted: OvsPort): Change | undefined {
  if (!differ(current.columns, wanted.columns)) return undefined;
  return {
    resource: 'ovs_port',
    address: `ovs_port ${name} port`,
    action: 'update',
    ...showDifference(current.columns, wanted.columns),
    do: ovsSteps(setCommands('Port', name, current.columns, wanted.columns)),
    undo: ovsSteps(setCommands('Port', name, wanted.columns, current.columns)),
    effects: [{ kind: 'ovs', part: 'ports', name, value: wanted }],
  };
}

/** Open vSwitch makes its devices down, and passes nothing through one that is. */
function takeUp(planned: Draft, member: string, up: boolean): void {
  const link = planned.state.links.get(member);
  const row = planned.state.ovs?.interfaces.get(member);
  if (link !== undefined && row !== undefined && isDevice(row))
    take(planned, attributes.attributeChange('ovs_port', link, attributes.state, up));
}

function kept(params: OvsPortParams, { links, ovs }: Snapshot): readonly Kept[] {
  return membersOf(params, ovs?.ports.get(params.name)).flatMap((member) => {
    const row = ovs?.interfaces.get(member);
    if (row === undefined || !isDevice(row)) return [];
    return keptUp(links.get(member), params.up);
  });
}

/** What arrives at a port goes to the bridge: an address that stays on the port is not reached any more. */
function addressWarnings({ bridge, interfaces }: OvsPort, { addresses }: Snapshot): string[] {
  return interfaces.flatMap((member) => {
    const own = addresses.filter(({ dev, scope, family }) => dev === member && (family === 4 || scope === 0));
    const list = own.map(({ local, length }) => `${local}/${length}`).join(', ');
    return own.length === 0
      ? []
      : [
          `${member} keeps ${list} though it is a port of ${bridge}: give that to ${bridge}, or it is not reached`,
        ];
  });
}

function planAbsent(
  { name, bridge }: OvsPortParams,
  current: OvsPort | undefined,
  snapshot: Snapshot,
  ovs: Ovs,
): PlanResult {
  if (current === undefined) return { changes: [] };
  if (bridge !== undefined && current.bridge !== bridge)
    return { changes: [], reason: `${name} is a port of ${current.bridge}` };
  if (ovs.bridges.has(name))
    return {
      changes: [],
      problems: [{ message: `${name} is the bridge's own port: it goes with the bridge`, path: ['name'] }],
    };
  const gone = removalOf([name], snapshot, ovs);
  const words = showColumns('Port', current.columns);
  const members = current.interfaces.filter((member) => member !== name);
  return {
    changes: [
      {
        resource: 'ovs_port',
        address: `ovs_port ${name}`,
        action: 'delete',
        before: [
          `bridge ${current.bridge}`,
          ...(members.length === 0 ? [] : [`interfaces ${members.join(',')}`]),
          words,
        ]
          .filter((word) => word !== '')
          .join(' '),
        after: null,
        do: [...gone.do, ...apart([['--if-exists', 'del-port', current.bridge, name]])],
        undo: undoWithLosses(snapshot, gone.effects, gone.undo, gone.reversal),
        effects: gone.effects,
      },
    ],
  };
}

/** What only the whole play can tell: the other end of a patch may come later. */
function settle({ name, state }: OvsPortParams, _declared: unknown, { ovs }: Snapshot): PlanResult {
  const columns = ovs?.interfaces.get(name)?.columns;
  const peer = columns?.type === 'patch' ? mapOf(columns.options).peer : undefined;
  if (state === 'absent' || peer === undefined || ovs?.interfaces.has(peer)) return { changes: [] };
  return { changes: [], warnings: [`${name} leads nowhere: there is no patch port ${peer}`] };
}

/** A port of a bridge of Open vSwitch. */
export const ovsPort: Resource<OvsPortParams> = {
  name: 'ovs_port',
  plural: 'ovs_ports',
  mapKey: 'name',
  summary: 'A port of a bridge of Open vSwitch: a device, one that Open vSwitch makes, a tunnel, or a bond.',
  schema: portSchema,
  examples: [
    { ovs_port: { bridge: 'br0', name: 'vnet0', tag: 10 } },
    {
      ovs_port: {
        bridge: 'br0',
        name: 'mgmt0',
        type: 'internal',
        vlan_mode: 'native-untagged',
        tag: 5,
        trunks: [5, 7],
      },
    },
    { ovs_port: { bridge: 'br0', name: 'vx0', type: 'vxlan', options: { remote_ip: '192.0.2.2', key: 7 } } },
    {
      ovs_port: {
        bridge: 'br0',
        name: 'bond0',
        interfaces: ['eth1', 'eth2'],
        bond_mode: 'balance-tcp',
        lacp: 'active',
      },
    },
    { ovs_port: { bridge: 'br0', name: 'vnet0', state: 'absent' } },
  ],
  reads: () => OVS_READS,
  plan,
  settle,
  kept,
};
