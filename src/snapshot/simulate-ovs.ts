/** What a change makes of Open vSwitch. */
import { type Draft, withEntry } from './draft.js';
import type { Ovs, OvsEffect } from './ovs.js';

export function setOvs(draft: Draft, effect: OvsEffect): void {
  if (draft.ovs === undefined) return;
  draft.ovs = { ...draft.ovs, ...changedPart(draft, draft.ovs, effect) };
}

function changedPart(draft: Draft, ovs: Ovs, { part, name, value }: OvsEffect): Partial<Ovs> {
  const values: ReadonlyMap<string, unknown> = ovs[part];
  const changed = { [part]: withEntry(draft, values, name, value ?? undefined) };
  if (part !== 'bridges' || value !== null) return changed;
  return { ...changed, flows: new Map([...ovs.flows].filter(([, flow]) => flow.bridge !== name)) };
}
