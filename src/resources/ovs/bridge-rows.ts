/** A bridge and its ports as commands: for the task that makes or removes them, and for the undo of that. */
import type { Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import { type Ovs, type OvsBridge, type OvsEffect, type OvsPort, unsetColumns } from '../../snapshot/ovs.js';
import { fillCommands, ovsSteps, wantedColumns } from './columns.js';
import { dropQos } from './qos-rows.js';
import { sameAgain } from './replug.js';
import { enslaved, internalLink, isSystem, released } from './state.js';

type Command = readonly string[];

/** The commands that make a bridge with its own internal port, without other ports. */
export function bridgeCommands(name: string, { columns, controllers }: OvsBridge): Command[] {
  return [
    ['--may-exist', 'add-br', name],
    ...fillCommands('Bridge', name, columns),
    ...(controllers.length === 0 ? [] : [['set-controller', name, ...controllers]]),
  ];
}

/** The commands that make a port with its interfaces. */
export function portCommands(name: string, port: OvsPort, interfaces: Ovs['interfaces']): Command[] {
  const { bridge, interfaces: members } = port;
  const isBond = members.length !== 1 || members[0] !== name;
  return [
    isBond
      ? ['--may-exist', 'add-bond', bridge, name, ...members]
      : ['--may-exist', 'add-port', bridge, name],
    ...rowCommands(name, port, interfaces),
  ];
}

/** The commands that fill a port and its interfaces, which are there as they were made. */
function rowCommands(
  name: string,
  { columns, interfaces: members }: OvsPort,
  interfaces: Ovs['interfaces'],
): Command[] {
  return [
    ...fillCommands('Port', name, columns),
    ...members.flatMap((member) => fillCommands('Interface', member, interfaces.get(member)?.columns ?? {})),
  ];
}

/** Interface columns of a new row, of a type. */
export function newInterface(type: string): ReturnType<typeof unsetColumns> {
  return wantedColumns('Interface', unsetColumns('Interface'), { type });
}

/** Ports of a bridge that go, or that go with it: what goes in Open vSwitch and among the links. */
export interface Removal {
  /**
   * Before the ports themselves, rows of QoS, which no removal of a port takes along. In one transaction with it the
   * database would still count the port as one that refers to them.
   */
  do: Step[];
  undo: Step[];
  effects: Effect[];
  /** Effects of the way back, for what the kernel takes along. */
  reversal: Effect[];
}

/** What the removal of ports means: the port that is the bridge's own among them, where the bridge goes. */
export function removalOf(names: readonly string[], snapshot: Snapshot, ovs: Ovs): Removal {
  const qos = dropQos(names, ovs);
  const ports = names.flatMap((name) => {
    const port = ovs.ports.get(name);
    return port === undefined ? [] : [{ name, port }];
  });
  const undo = ports.flatMap(({ name, port }) =>
    name === port.bridge ? rowCommands(name, port, ovs.interfaces) : portCommands(name, port, ovs.interfaces),
  );
  const rows = ports.flatMap(({ name, port }): OvsEffect[] => [
    { kind: 'ovs', part: 'ports', name, value: null },
    ...port.interfaces.map(
      (member): OvsEffect => ({ kind: 'ovs', part: 'interfaces', name: member, value: null }),
    ),
  ]);
  const members = ports.flatMap(({ port }) => port.interfaces);
  return {
    do: ovsSteps(qos.do),
    undo: [...ovsSteps([...undo, ...qos.undo]), ...devicesAgain(members, snapshot, ovs)],
    effects: [...qos.effects, ...rows, ...members.flatMap((member) => linkGone(member, snapshot, ovs))],
    reversal: members.flatMap((member): Effect[] => {
      const link = snapshot.links.get(member);
      return link === undefined ? [] : [{ kind: 'link', set: link }];
    }),
  };
}

/** An internal port goes as a device; one of the host's own is free again. */
function linkGone(name: string, { links }: Snapshot, ovs: Ovs): Effect[] {
  const [row, link] = [ovs.interfaces.get(name), links.get(name)];
  if (row === undefined || link === undefined) return [];
  if (row.columns.type === 'internal') return [{ kind: 'link', unset: name }];
  const free = released(link);
  return free === link ? [] : [{ kind: 'link', set: free }];
}

/** A device of the host keeps its state; those of Open vSwitch are made anew. */
function devicesAgain(names: readonly string[], { links }: Snapshot, ovs: Ovs): Step[] {
  return names.flatMap((name): Step[] => {
    const link = links.get(name);
    const internal = ovs.interfaces.get(name)?.columns.type === 'internal';
    return internal && link !== undefined ? [sameAgain(link)] : [];
  });
}

/** What becomes of the links of a port that comes. */
export function linksOf(
  port: OvsPort,
  bridge: OvsBridge,
  interfaces: Ovs['interfaces'],
  { links }: Snapshot,
): Effect[] {
  return port.interfaces.flatMap((name): Effect[] => {
    const [row, link] = [interfaces.get(name), links.get(name)];
    if (row === undefined) return [];
    if (row.columns.type === 'internal')
      return [{ kind: 'link', set: internalLink(name, bridge, row.columns) }];
    return isSystem(row) && link !== undefined ? [{ kind: 'link', set: enslaved(link, bridge) }] : [];
  });
}
