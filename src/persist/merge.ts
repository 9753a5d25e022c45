/** What a task says nothing of and an earlier one has set stays kept, as long as it is still so. */
import { bareBridge } from '../resources/links/kept.js';
import { QUEUE_NAMES } from '../resources/links/virtual/make.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Snapshot } from '../snapshot/model.js';
import type { TcItem } from '../snapshot/tc.js';
import { CLASS_SPECS, QDISC_SPECS, sameOptions } from '../snapshot/tc-options.js';
import { foundTc } from '../snapshot/tc-tree.js';

/** @param old as the record has it. @param now as a task of this play has it. @param after the host's state by then */
export function merged(old: Kept, now: Kept, { links, tc }: Snapshot): Kept {
  if (old.kind === 'link' && now.kind === 'link') {
    const item = mergedLink(old.item, now.item, links.get(now.item.name));
    const { peer } = now;
    if (peer === undefined || old.peer?.name !== peer.name) return { ...now, item };
    return { ...now, item, peer: mergedLink(old.peer, peer, links.get(peer.name)) };
  }
  if (old.kind === 'tc' && now.kind === 'tc') {
    const is = tc && foundTc(tc, now.item);
    return is === undefined ? now : { ...now, item: mergedTc(old.item, now.item, is) };
  }
  if (old.kind === 'setting' && now.kind === 'setting' && old.of === undefined) {
    // What a task of its own has asked for is not Open vSwitch's to take away.
    const { of: _, ...own } = now;
    return own;
  }
  return now;
}

const NAMES = ['mac', 'mtu', 'txqueuelen', 'alias', 'master'] as const;

function mergedLink(old: Link, now: Link, is: Link | undefined): Link {
  if (is === undefined || old.kind !== now.kind) return now;
  const stays = NAMES.filter((name) => (now[name] === null || now[name] === 0) && old[name] === is[name]);
  const queues = Object.entries(old.details).filter(
    ([name, value]) => QUEUE_NAMES.has(name) && is.details[name] === value,
  );
  return {
    ...now,
    ...Object.fromEntries(stays.map((name) => [name, old[name]])),
    flags: now.flags.length === 0 && is.flags.includes('UP') ? old.flags : now.flags,
    details: { ...Object.fromEntries(queues), ...now.details },
    bridge: mergedBridge(old.bridge, now.bridge, is.bridge),
  };
}

function mergedBridge(old: Link['bridge'], now: Link['bridge'], is: Link['bridge']): Link['bridge'] {
  if (old === null || now === null || is === null) return now;
  const stays = Object.entries(old).filter(([name, value]) => value === is[name as keyof typeof is]);
  const said = Object.entries(now).filter(([, value]) => value !== null);
  return { ...bareBridge(now), ...Object.fromEntries([...stays, ...said]) };
}

function mergedTc(old: TcItem, now: TcItem, is: TcItem): TcItem {
  if (old.type === 'filter' || now.type === 'filter' || is.type === 'filter' || old.kind !== now.kind)
    return now;
  const specs = (now.type === 'qdisc' ? QDISC_SPECS : CLASS_SPECS)[now.kind] ?? {};
  const stays = Object.entries(old.options).filter(([name]) => {
    const spec = specs[name];
    return spec !== undefined && sameOptions({ [name]: spec }, old.options, is.options);
  });
  return { ...now, options: { ...Object.fromEntries(stays), ...now.options } };
}
