/** The VLANs that a task gives to a port, or to a bridge itself. */
import type { Change, Problem } from '../../shared/change.js';
import type { BridgeVlan } from '../../snapshot/bridge.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Kept } from '../../snapshot/kept.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';
import type { JsonSchema } from '../resource.js';
import { newBridge } from './bridge-options.js';
import {
  addVlanSteps,
  removeVlanSteps,
  showRange,
  showVlan,
  vidRanges,
  vlanStepsBetween,
} from './vlan-args.js';

/** One VLAN or a range of them, as a task gives it. */
export interface VlanParam {
  vid: number | string;
  pvid?: boolean;
  untagged?: boolean;
  state?: 'present' | 'absent';
}

export interface VlanParams {
  vlans?: readonly VlanParam[];
  exclusive_vlans?: boolean;
}

export const vlanSchemas = {
  vlans: {
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['vid'],
      properties: {
        vid: {
          type: ['integer', 'string'],
          format: 'vid-range',
          minimum: 1,
          maximum: 4094,
          description: 'Its number, or a range of them.',
          examples: [10, '20-30'],
        },
        pvid: {
          type: 'boolean',
          description: 'What comes in without a tag belongs to it. One alone can be that.',
        },
        untagged: { type: 'boolean', description: 'What leaves has no tag.' },
        state: { enum: ['present', 'absent'], default: 'present', description: 'absent: not this VLAN.' },
      },
    },
    description:
      'VLANs that pass. Others stay, unless exclusive_vlans is said. They count where the bridge has vlan_filtering.',
    examples: [[{ vid: 10, pvid: true, untagged: true }, { vid: '20-30' }]],
  },
  exclusive_vlans: {
    type: 'boolean',
    default: false,
    description: 'Take away all VLANs that are not listed.',
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;

function vidsOf({ vid }: VlanParam): number[] {
  const [from = 0, to = from] = String(vid).split('-').map(Number);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** What is wrong with a list of VLANs by itself, or can't be told on this host. */
export function vlanProblems(
  { vlans, exclusive_vlans }: VlanParams,
  bridge: Link | undefined,
  snapshot: Snapshot,
): Problem[] {
  if (vlans === undefined && exclusive_vlans !== true) return [];
  const path = ['vlans'];
  if (vlans === undefined)
    return [{ message: 'exclusive_vlans needs vlans: those that are to stay', path: ['exclusive_vlans'] }];
  if (snapshot.bridgeVlans === null)
    return [
      { message: 'this host has no `bridge`, which sets the VLANs of ports: its iproute2 is too old', path },
    ];
  if ((bridge?.bridge ?? newBridge(snapshot)).vlanProtocol === null)
    return [{ message: `bridges of this host have no VLANs: its kernel is built without them`, path }];
  return [...twiceProblems(vlans), ...pvidProblems(vlans)];
}

function twiceProblems(vlans: readonly VlanParam[]): Problem[] {
  const seen = new Set<number>();
  return vlans.flatMap((vlan, index): Problem[] => {
    const twice = vidsOf(vlan).filter((vid) => seen.has(vid));
    for (const vid of vidsOf(vlan)) seen.add(vid);
    return twice.length === 0
      ? []
      : [{ message: `VLAN ${twice[0]} stands here twice`, path: ['vlans', index, 'vid'] }];
  });
}

function pvidProblems(vlans: readonly VlanParam[]): Problem[] {
  const chosen = vlans.flatMap((vlan, index) =>
    vlan.pvid === true && vlan.state !== 'absent' ? [{ vlan, index }] : [],
  );
  const [first, second] = chosen;
  if (second !== undefined)
    return [{ message: 'one VLAN alone can be the pvid', path: ['vlans', second.index, 'pvid'] }];
  if (first === undefined || vidsOf(first.vlan).length === 1) return [];
  return [
    {
      message: "a range of VLANs can't be the pvid: that is one alone",
      path: ['vlans', first.index, 'pvid'],
    },
  ];
}

/**
 * The changes that give a device its VLANs, one for those that begin and end alike.
 * @param resource that asks for them. @param dev a port, or a bridge.
 */
export function vlanChanges(
  resource: string,
  dev: string,
  { vlans = [], exclusive_vlans }: VlanParams,
  snapshot: Snapshot,
): Change[] {
  const now = snapshot.bridgeVlans?.filter((vlan) => vlan.dev === dev) ?? [];
  const listed = new Map(vlans.flatMap((vlan) => vidsOf(vlan).map((vid) => [vid, vlan] as const)));
  const wanted = [...listed].flatMap(([vid, vlan]): BridgeVlan[] => {
    if (vlan.state === 'absent') return [];
    const current = now.find((other) => other.vid === vid);
    return [
      {
        dev,
        vid,
        pvid: vlan.pvid ?? current?.pvid ?? false,
        untagged: vlan.untagged ?? current?.untagged ?? false,
      },
    ];
  });
  const gone = now.filter(({ vid }) =>
    listed.has(vid) ? listed.get(vid)?.state === 'absent' : exclusive_vlans === true,
  );
  // A new pvid comes before the old one goes, so that untagged frames always belong somewhere.
  const sets = alike(wanted, now).toSorted((a, b) => Number(a.vlans[0]?.pvid) - Number(b.vlans[0]?.pvid));
  const drops = alike(gone, []).map(({ vlans: some }) => some);
  let state = snapshot;
  return [
    ...sets.map(({ vlans: some, before }) => vlanChange(resource, dev, some, before, true)),
    ...drops.map((some) => vlanChange(resource, dev, some, some[0] && showVlan(some[0]), false)),
  ].map((make) => {
    const change = make(state);
    state = applyEffects(state, change.effects);
    return change;
  });
}

interface Alike {
  vlans: BridgeVlan[];
  /** As shown; undefined where they are not there yet. */
  before: string | undefined;
}

/** Those that are not as they are now, by what they are now and shall be. */
function alike(wanted: readonly BridgeVlan[], now: readonly BridgeVlan[]): Alike[] {
  const groups = new Map<string, Alike>();
  for (const vlan of wanted) {
    const current = now.find(({ vid }) => vid === vlan.vid);
    const before = current && showVlan(current);
    if (before === showVlan(vlan)) continue;
    const key = `${before} ${showVlan(vlan)}`;
    const group = groups.get(key) ?? { vlans: [], before };
    group.vlans.push(vlan);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function vlanChange(
  resource: string,
  dev: string,
  vlans: readonly BridgeVlan[],
  before: string | undefined,
  there: boolean,
): (snapshot: Snapshot) => Change {
  const ranges = vidRanges(vlans.map(({ vid }) => vid)).map(showRange);
  const effects = vlans.map(
    (vlan): Effect => (there ? { kind: 'bridge_vlan', set: vlan } : { kind: 'bridge_vlan', unset: vlan }),
  );
  return (snapshot) => {
    const own = (state: Snapshot): BridgeVlan[] =>
      state.bridgeVlans?.filter((vlan) => vlan.dev === dev) ?? [];
    return {
      resource,
      address: `${resource} ${dev} vlan ${ranges.join(',')}`,
      action: !there ? 'delete' : before === undefined ? 'create' : 'update',
      before: before ?? null,
      after: there && vlans[0] !== undefined ? showVlan(vlans[0]) : null,
      do: there ? addVlanSteps(vlans, snapshot) : removeVlanSteps(vlans, snapshot),
      undo: vlanStepsBetween(own(applyEffects(snapshot, effects)), own(snapshot), snapshot),
      effects,
    };
  };
}

/**
 * The VLANs that a task lists, and the one that the kernel gives every port where this device has it no more: on the
 * next boot it would be there again.
 */
export function keptVlans(dev: string, { vlans = [] }: VlanParams, snapshot: Snapshot): Kept[] {
  const { bridgeVlans, links } = snapshot;
  if (bridgeVlans == null) return [];
  const link = links.get(dev);
  const self = link?.kind === 'bridge';
  const own = bridgeVlans.filter((vlan) => vlan.dev === dev);
  const listed = new Set(vlans.flatMap(vidsOf));
  const usual = (self ? link : links.get(link?.master ?? ''))?.bridge?.vlanDefaultPvid ?? 0;
  const lost = usual !== 0 && own.every(({ vid }) => vid !== usual);
  const gone = { dev, vid: usual, pvid: false, untagged: false };
  const mark = self ? { self: true as const } : {};
  return [
    ...own.flatMap((item): Kept[] => (listed.has(item.vid) ? [{ kind: 'bridge_vlan', item, ...mark }] : [])),
    ...(lost ? [{ kind: 'bridge_vlan', item: gone, gone: true, ...mark } as const] : []),
  ];
}
