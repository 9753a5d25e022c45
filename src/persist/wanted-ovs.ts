/** What is kept of Open vSwitch beside its database, as tasks of its bridges, ports and flows want it. */
import { isFlowOf, type OvsFlowParams, portsOf, spokenBy } from '../resources/ovs_flow.js';
import type { Part } from '../resources/resource.js';
import type { Kept, KeptFlow } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Entry } from './record.js';

type Entries = ReadonlyMap<string, Entry>;

/** Keys of what goes with something that is absent, also where Open vSwitch has lost it already, or is gone itself. */
export function withdrawnOvs({ resource, params }: Part, entries: Entries): string[] {
  const { name = '' } = params as { name?: string };
  switch (resource.name) {
    case 'ovs_bridge':
      return [upKey(name), ...flowKeys(entries, ({ item }) => item.bridge === name)];
    case 'ovs_port': {
      const { interfaces = [name] } = params as { interfaces?: readonly string[] };
      return interfaces.flatMap((member) => withoutPort(member, entries));
    }
    case 'ovs_flow':
      return flowKeys(entries, (kept) => isFlowOf(kept, params as OvsFlowParams));
    default:
      return [];
  }
}

/** Keys of what goes with ports that the play takes away, or gives to another bridge. */
export function lostWithPorts(before: Snapshot, after: Snapshot, entries: Entries): string[] {
  return [...(before.ovs?.ports ?? [])].flatMap(([name, { bridge, interfaces }]) => {
    const now = after.ovs?.ports.get(name);
    if (now === undefined) return interfaces.flatMap((member) => withoutPort(member, entries));
    if (now.bridge === bridge) return [];
    return flowKeys(entries, ({ item }) => item.bridge === bridge && portsOf(item).includes(name));
  });
}

/** Keys of what goes with an interface: that it is up, and the flows that name it. */
function withoutPort(name: string, entries: Entries): string[] {
  return [upKey(name), ...flowKeys(entries, ({ item }) => portsOf(item).includes(name))];
}

/** The flows of a bridge that is told to speak another version of OpenFlow. */
export function respoken({ resource, params }: Part, entries: Entries, { ovs }: Snapshot): Entry[] {
  const { name = '' } = params as { name?: string };
  if (resource.name !== 'ovs_bridge' || ovs?.bridges.has(name) !== true) return [];
  const version = spokenBy(name, ovs);
  return [...entries.values()].flatMap((entry) =>
    isFlow(entry.kept) && entry.kept.item.bridge === name
      ? [{ ...entry, kept: { ...entry.kept, version } }]
      : [],
  );
}

function upKey(dev: string): string {
  return `link ${dev} state`;
}

function flowKeys(entries: Entries, which: (kept: KeptFlow) => boolean): string[] {
  return [...entries].flatMap(([key, { kept }]) => (isFlow(kept) && which(kept) ? [key] : []));
}

function isFlow(kept: Kept): kept is KeptFlow {
  return kept.kind === 'ovs_flow';
}
