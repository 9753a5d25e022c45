/** Facts of runs before: what a run knows of hosts before it has reached one. */
import { type FactCache, factVars } from '../facts/index.js';
import type { RunState } from './run-state.js';

/** Of all hosts, since templates may name those of any, whether it takes part or not. */
export async function recallFacts(
  { factCache, smartGathering = false }: { factCache?: FactCache; smartGathering?: boolean },
  { inventory, vars }: RunState,
): Promise<void> {
  if (factCache === undefined) return;
  for (const host of inventory.hosts.keys()) {
    const facts = await factCache.get(host);
    if (facts !== undefined) vars.of(host).recall(factVars(facts), smartGathering);
  }
}
