/** VLANs of bridges and ports as arguments of `bridge vlan`, and as a person reads them. */
import type { Step } from '../../shared/change.js';
import type { BridgeVlan } from '../../snapshot/bridge.js';
import type { Snapshot, Tools } from '../../snapshot/model.js';
import { isAtLeast, type Since } from '../routing/tool-versions.js';

/** `bridge vlan add` takes ranges: iproute2's history. */
const RANGES: Since = { major: 4, minor: 0, dateBefore: 150210 };

/** Neighbouring numbers as one: 10, `20-30`. In order of the numbers. */
export function vidRanges(vids: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const vid of vids.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === vid - 1) last[1] = vid;
    else ranges.push([vid, vid]);
  }
  return ranges;
}

export function showRange([from, to]: readonly [number, number]): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/** `pvid untagged`, or `tagged`. */
export function showVlan({ pvid, untagged }: Pick<BridgeVlan, 'pvid' | 'untagged'>): string {
  return [...(pvid ? ['pvid'] : []), untagged ? 'untagged' : 'tagged'].join(' ');
}

/** Adds VLANs, or gives those that are there these flags. All have the same device and flags. */
export function addVlanSteps(vlans: readonly BridgeVlan[], snapshot: Snapshot): Step[] {
  const [first] = vlans;
  if (first === undefined) return [];
  return vlanSteps('add', first.dev, vlans, flagsOf(first), snapshot);
}

/** In the words of `bridge vlan add`. */
export function flagsOf({ pvid, untagged }: Pick<BridgeVlan, 'pvid' | 'untagged'>): string[] {
  return [...(pvid ? ['pvid'] : []), ...(untagged ? ['untagged'] : [])];
}

/** Removes VLANs of one device. */
export function removeVlanSteps(vlans: readonly BridgeVlan[], snapshot: Snapshot): Step[] {
  const [first] = vlans;
  return first === undefined ? [] : vlanSteps('del', first.dev, vlans, [], snapshot);
}

function vlanSteps(
  verb: 'add' | 'del',
  dev: string,
  vlans: readonly BridgeVlan[],
  flags: readonly string[],
  { links, tools }: Snapshot,
): Step[] {
  const link = links.get(dev);
  // The bridge's own, unless it is itself a port of another bridge, which none can be.
  return rangeSteps(verb, dev, vlans, { flags, self: link?.kind === 'bridge', tools });
}

/** @param how `self` for VLANs of a bridge itself */
export function rangeSteps(
  verb: 'add' | 'del',
  dev: string,
  vlans: readonly Pick<BridgeVlan, 'vid'>[],
  { flags, self, tools }: { flags: readonly string[]; self: boolean; tools: Tools },
): Step[] {
  const vids = vlans.map(({ vid }) => vid);
  const single = flags.includes('pvid') || !isAtLeast(tools.iproute2, RANGES);
  const ranges = single ? vids.map((vid): [number, number] => [vid, vid]) : vidRanges(vids);
  return ranges.map((range) => ({
    kind: 'bridge',
    args: ['vlan', verb, 'dev', dev, 'vid', showRange(range), ...flags, ...(self ? ['self'] : [])],
  }));
}

/** Steps that bring the VLANs of a device from one list to another: what is missing or otherwise first, the pvid last. */
export function vlanStepsBetween(
  now: readonly BridgeVlan[],
  wanted: readonly BridgeVlan[],
  snapshot: Snapshot,
): Step[] {
  const lacking = wanted.filter(
    ({ vid, pvid, untagged }) =>
      !now.some((vlan) => vlan.vid === vid && vlan.pvid === pvid && vlan.untagged === untagged),
  );
  const surplus = now.filter(({ vid }) => !wanted.some((vlan) => vlan.vid === vid));
  const kinds = [false, true].flatMap((pvid) =>
    [false, true].map((untagged) =>
      lacking.filter((vlan) => vlan.pvid === pvid && vlan.untagged === untagged),
    ),
  );
  return [...removeVlanSteps(surplus, snapshot), ...kinds.flatMap((vlans) => addVlanSteps(vlans, snapshot))];
}
