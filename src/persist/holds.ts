/** Kept values and a host's state: whether they are so, and what the host is once they are. */
import { type Attribute, BY_NAME, master } from '../resources/links/attributes.js';
import { type PortWord, portSetting } from '../resources/links/port-options.js';
import type { Draft } from '../snapshot/draft.js';
import type { Effect } from '../snapshot/effects.js';
import { ethtoolValue } from '../snapshot/ethtool.js';
import type { Kept } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import { flowKey } from '../snapshot/ovs.js';
import { foldEffects } from '../snapshot/simulate.js';
import { KEPT_ORDER } from './commands.js';
import type { Entry } from './record.js';

/** Whether a setting is as it is kept; true for all else, whose key tells it. */
export function holds(kept: Kept, snapshot: Snapshot): boolean {
  if (kept.kind === 'ethtool') return (ethtoolValue(snapshot, kept) ?? kept.value) === kept.value;
  if (kept.kind !== 'setting') return true;
  const { dev, name, words } = kept;
  const link = snapshot.links.get(dev);
  if (link === undefined) return false;
  if (name === 'altnames') return [...link.altnames].sort().join() === [...words].sort().join();
  if (name === 'master') return link.master === words[1];
  if (name.startsWith('port '))
    return portSetting(link, name.slice('port '.length) as PortWord) === words.at(-1);
  const attribute = (BY_NAME as Readonly<Record<string, Attribute<unknown>>>)[name];
  const value = attribute?.read(link);
  return attribute === undefined || value === undefined || attribute.args(value).join() === words.join();
}

/** The host with all that is kept. */
export function withKept(snapshot: Snapshot, entries: readonly Entry[]): Snapshot {
  const draft: Draft = { ...snapshot };
  for (const kind of KEPT_ORDER)
    for (const { kept } of entries) if (kept.kind === kind) foldEffects(draft, effectsOf(kept, draft));
  return draft;
}

function effectsOf(kept: Kept, { links }: Snapshot): Effect[] {
  switch (kept.kind) {
    case 'link':
      return [kept.item, kept.peer].flatMap((link): Effect[] =>
        link === undefined || links.has(link.name) ? [] : [{ kind: 'link', set: link }],
      );
    case 'setting': {
      const link = links.get(kept.dev);
      const known = link !== undefined && kept.name === 'master' && link.master === null;
      return known ? [{ kind: 'link', set: master.with(link, kept.needs ?? null) }] : [];
    }
    case 'bridge_vlan':
      return kept.gone ? [] : [{ kind: 'bridge_vlan', set: kept.item }];
    case 'ethtool':
      return [];
    case 'ovs_flow': {
      const { match, actions } = kept.item;
      const value = { ...kept.item, raw: { match, actions } };
      return [{ kind: 'ovs', part: 'flows', name: flowKey(kept.item), value }];
    }
    default:
      return [{ kind: kept.kind, set: kept.item } as Effect];
  }
}
