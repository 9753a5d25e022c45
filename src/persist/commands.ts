/** What is kept as commands that make it, or leave it where it is there: for `boot`, and for others' hooks. */
import { ethtoolStep } from '../resources/ethtool.js';
import { addressStep } from '../resources/links/address-args.js';
import { setFdbStep } from '../resources/links/fdb-args.js';
import { setNeighbourStep } from '../resources/links/neighbour-args.js';
import { flagsOf, rangeSteps } from '../resources/links/vlan-args.js';
import { ofctl } from '../resources/ovs_flow.js';
import { routeStep } from '../resources/routing/route-args.js';
import { ruleStep } from '../resources/routing/rule-text.js';
import { setStep } from '../resources/tc/words.js';
import type { Step } from '../shared/change.js';
import { isShared } from '../snapshot/identity.js';
import type { Kept } from '../snapshot/kept.js';
import type { Snapshot, Tools } from '../snapshot/model.js';
import type { TcItem, TrafficControl } from '../snapshot/tc.js';
import { linkSteps, settingSteps } from './link-commands.js';

/** In the order in which they must be made. */
export const KEPT_ORDER = [
  'link',
  'setting',
  'ethtool',
  'bridge_vlan',
  'address',
  'route',
  'rule',
  'neighbour',
  'fdb',
  'tc',
  'ovs_flow',
] as const satisfies readonly Kept['kind'][];

/**
 * The steps that make it where it is not there, and change nothing that counts where it is; a link that is there
 * is not made again, but by whoever asks first.
 */
export function commandsOf(kept: Kept, { tools, tc }: Pick<Snapshot, 'tools' | 'tc'>): Step[] {
  switch (kept.kind) {
    case 'link': {
      const { load, make, set, join, ported, up } = linkSteps(kept, tools);
      return [...load, ...make, ...set, ...join, ...ported, ...up];
    }
    case 'setting':
      return settingSteps(kept, tools);
    case 'ethtool':
      return [ethtoolStep(kept.dev, kept.part, [kept.name, kept.value])];
    case 'bridge_vlan':
      return vlanSteps([kept], tools);
    case 'address':
      return [addressStep(kept.item, 'replace')];
    case 'route':
      // IPv6 has several of one prefix and metric, of which one would take the place of another.
      return [routeStep(kept.item, kept.item.family === 6 ? 'append' : 'replace')];
    case 'rule':
      return [ruleStep(kept.item, 'add', tools)];
    case 'neighbour':
      return [setNeighbourStep(kept.item)];
    case 'fdb':
      return [setFdbStep(kept.item, !isShared(kept.item))];
    case 'tc':
      return [tcStep(kept.item, tc?.items ?? [kept.item])];
    case 'ovs_flow':
      return [ofctl(['add-flow'], kept.item.bridge, kept.version, kept.text)];
  }
}

export type KeptVlan = Extract<Kept, { kind: 'bridge_vlan' }>;

/** @param vlans of one device, with the same flags; all are gone, or none is */
export function vlanSteps(vlans: readonly KeptVlan[], tools: Tools): Step[] {
  const [first] = vlans;
  if (first === undefined) return [];
  const { item, gone, self = false } = first;
  return rangeSteps(
    gone ? 'del' : 'add',
    item.dev,
    vlans.map((vlan) => vlan.item),
    {
      ...{ flags: gone ? [] : flagsOf(item), self, tools },
    },
  );
}

/** A class is made or changed alike; others must not be there. @param all with the qdisc that a filter hangs on */
export function tcStep(item: TcItem, all: readonly TcItem[]): Step {
  const state: TrafficControl = { items: all, tables: new Set(), lacking: new Set(), hz: 0 };
  return setStep(item.type === 'filter' ? 'add' : 'replace', item, state);
}
