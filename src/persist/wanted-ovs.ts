/** What is kept of Open vSwitch beside its database, as tasks of its bridges, ports and flows want it. */
import { isFlowOf, type OvsFlowParams, portsOf, spokenBy } from '../resources/ovs_flow.js';
import type { Part } from '../resources/resource.js';
import type { Kept, KeptFlow } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Entry } from './record.js';

type Entries = ReadonlyMap<string, Entry>;

/** Keys of what goes with something that is absent, also where Open vSwitch has lost it already, or is gone itself. */
export function withdrawnOvs({ resource, params }: Part, entries: Entries, { ovs }: Snapshot): string[] {
  const { name = '' } = params as { name?: string };
  switch (resource.name) {
    case 'ovs_bridge':
      return [...upKeys(name, entries), ...flowKeys(entries, ({ item }) => item.bridge === name)];
    case 'ovs_port': {
      // It is on another bridge than the task means, or a later task wants it again.
      if (ovs?.ports.has(name)) return [];
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
  const now = bridgesOf(after);
  return [...bridgesOf(before)].flatMap(([member, bridge]) => {
    if (!now.has(member)) return withoutPort(member, entries);
    if (now.get(member) === bridge) return [];
    return flowKeys(entries, ({ item }) => item.bridge === bridge && portsOf(item).includes(member));
  });
}

/** By interface, of which a bond has several: OpenFlow has one port for each. */
function bridgesOf({ ovs }: Snapshot): Map<string, string> {
  return new Map(
    [...(ovs?.ports.values() ?? [])].flatMap(({ bridge, interfaces }) =>
      interfaces.map((member): [string, string] => [member, bridge]),
    ),
  );
}

/** Keys of what goes with an interface: that it is up, and the flows that name it. */
function withoutPort(name: string, entries: Entries): string[] {
  return [...upKeys(name, entries), ...flowKeys(entries, ({ item }) => portsOf(item).includes(name))];
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

/** That a device is up, unless a task of its own asked for it. */
function upKeys(dev: string, entries: Entries): string[] {
  return [...entries.values()].flatMap(({ key, kept }) =>
    kept.kind === 'setting' && kept.of === 'ovs' && kept.dev === dev ? [key] : [],
  );
}

function flowKeys(entries: Entries, which: (kept: KeptFlow) => boolean): string[] {
  return [...entries].flatMap(([key, { kept }]) => (isFlow(kept) && which(kept) ? [key] : []));
}

function isFlow(kept: Kept): kept is KeptFlow {
  return kept.kind === 'ovs_flow';
}
