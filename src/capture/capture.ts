/**
 * From a host's state back to tasks: those by which another host with the same NICs becomes its equal. Pure; what no
 * task can say is listed. Left to the kernel is what it makes by itself, to DHCP, router advertisements and daemons
 * what they do.
 */
import { resources } from '../resources/registry.js';
import type { AnyKind } from '../resources/resource.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import { EVERY_BRIDGE } from '../snapshot/ovs-script.js';
import { LINK_LAYER_READS, ROUTING_READS } from '../snapshot/reads.js';
import { addressItems } from './addresses.js';
import { portItems } from './bridges.js';
import { linkItems } from './links.js';
import { fdbItems, neighbourItems } from './neighbours.js';
import { ovsItems } from './ovs.js';
import type { Captured, LeftOut, Params, Reading, Role } from './reading.js';
import { rolesOf } from './roles.js';
import { routeItems } from './routes.js';
import { ruleItems } from './rules.js';
import { sayable } from './sayable.js';
import { deviceItems, hostItems, sysctlReads } from './sysctls.js';
import { tableItems } from './tables.js';
import { tcItems } from './tc.js';
import { PROCESSORS, RELEASE, standsOnLeft } from './virtual.js';

/** Everything at once: one round trip. */
export const captureReads: readonly Read[] = [
  ...ROUTING_READS,
  ...LINK_LAYER_READS,
  { kind: 'tc' },
  { kind: 'ovs' },
  { kind: 'ovs-flow', bridge: EVERY_BRIDGE, text: null },
  { kind: 'sysctl', path: RELEASE },
  { kind: 'file', path: PROCESSORS },
  ...sysctlReads(),
];

/** A task of the playbook: one item or many of one resource. */
export interface CapturedTask {
  name: string;
  resource: AnyKind;
  items: readonly Params[];
}

export interface Capture {
  tasks: readonly CapturedTask[];
  leftOut: readonly LeftOut[];
  roles: ReadonlyMap<string, Role>;
}

/** @param snapshot of `captureReads` */
export function capture(snapshot: Snapshot): Capture {
  const leftOut = new Map<string, LeftOut>();
  const roles = rolesOf(snapshot);
  const leaveOut: Reading['leaveOut'] = (what, why) => void leftOut.set(`${what}: ${why}`, { what, why });
  const reading: Reading = { snapshot, roles, leaveOut };
  leaveUppersOut(reading, roles);
  for (const [name, role] of roles)
    if (role.kind === 'left' && role.why !== null) leaveOut(`${name}, and what hangs on it`, role.why);
  const links = linkItems(reading);
  const vswitch = ovsItems(reading);
  const isPlumbing = ({ resource }: Captured): boolean => !/^ovs_(qos|flow)$/.test(resource);
  const items = [
    ...tableItems(reading),
    ...hostItems(reading),
    ...links.first,
    ...vswitch.filter(isPlumbing),
    ...links.later,
    ...portItems(reading),
    ...deviceItems(reading),
    ...addressItems(reading),
    ...routeItems(reading),
    ...ruleItems(reading),
    ...neighbourItems(reading),
    ...fdbItems(reading),
    ...tcItems(reading),
    ...vswitch.filter((item) => !isPlumbing(item)),
  ];
  const tasks = sayable(tasksOf(items), ({ what, why }) => leaveOut(what, why));
  return { tasks, leftOut: [...leftOut.values()], roles };
}

/** What stands on a device that is left out can't be made either. */
function leaveUppersOut({ snapshot }: Reading, roles: Map<string, Role>): void {
  const reading = { snapshot, roles, leaveOut: () => undefined };
  let found: boolean;
  do {
    found = false;
    for (const link of snapshot.links.values()) {
      const below = roles.get(link.name)?.kind === 'made' ? standsOnLeft(link, reading) : undefined;
      if (below === undefined) continue;
      roles.set(link.name, { kind: 'left', why: `it stands on ${below}` });
      found = true;
    }
  } while (found);
}

/** Neighbours of one resource are one task. */
function tasksOf(items: readonly Captured[]): CapturedTask[] {
  const runs: { name: string; resource: AnyKind; items: Params[] }[] = [];
  for (const { resource: name, params } of items) {
    const last = runs.at(-1);
    if (last?.resource.name === name) last.items.push(params);
    else runs.push({ name: '', resource: resourceNamed(name), items: [params] });
  }
  return runs.map((run) => ({ ...run, name: titleOf(run.resource, run.items) }));
}

function resourceNamed(name: string): AnyKind {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`there is no resource ${name}`);
  return found;
}

const TITLES: Readonly<Record<string, string>> = {
  rt_table: 'names of routing tables',
  sysctl: 'settings of the kernel',
  link: 'devices',
  address: 'addresses',
  route: 'routes',
  rule: 'rules',
  neighbour: 'neighbours',
  fdb: 'forwarding tables',
  bridge_port: 'ports of bridges',
  qdisc: 'queues',
  class: 'shares of the line',
  filter: 'what goes where',
  ovs_bridge: 'bridges of Open vSwitch',
  ovs_port: 'ports of Open vSwitch',
  ovs_interface: 'interfaces of Open vSwitch',
  ovs_rate_limit: 'limits of Open vSwitch',
  ovs_qos: 'queues of Open vSwitch',
  ovs_flow: 'flows of Open vSwitch',
};

/** The names of devices, where these are what the task is about. */
function titleOf({ name }: AnyKind, items: readonly Params[]): string {
  const title = TITLES[name];
  if (title !== undefined) return title;
  const names = items.map((params) => String(params.name));
  const safe = names.every((each) => /^[\w.@-]+$/.test(each));
  return safe && names.length <= 4 ? `${name} ${names.join(', ')}` : `${name} devices`;
}
