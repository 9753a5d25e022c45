/** Bringing forwarding tables from one state to another. */
import type { Step } from '../../shared/change.js';
import { type FdbEntry, fdbBridge, impliedVlans } from '../../snapshot/bridge.js';
import { fdbText, sameFdb } from '../../snapshot/identity.js';
import type { Snapshot } from '../../snapshot/model.js';
import { removeFdbStep, setFdbStep } from './fdb-args.js';

/** The steps that bring back what `before` had and `after` has not, or has otherwise; what it has beside goes first. */
export function restoreFdbSteps(before: Snapshot, after: Snapshot): Step[] {
  if (before.fdb == null || after.fdb == null || before.fdb === after.fdb) return [];
  const [old, now] = [byAddress(before.fdb), byAddress(after.fdb)];
  const pairs = [...new Set([...old.keys(), ...now.keys()])].map(
    (key) => [now.get(key) ?? [], old.get(key) ?? []] as const,
  );
  const changed = pairs.filter(([is, was]) => textOf(is) !== textOf(was));
  return [
    ...changed.flatMap(([is, was]) => goingSteps(is, was, before)),
    ...changed.flatMap(([is, was]) => comingSteps(is, was, before)),
  ];
}

/** Entries of one address in one device's table, or by one port in its bridge's. */
function byAddress(entries: readonly FdbEntry[]): Map<string, FdbEntry[]> {
  const groups = new Map<string, FdbEntry[]>();
  for (const entry of entries) {
    const key = `${entry.dev} ${entry.lladdr} ${entry.self}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return groups;
}

function textOf(entries: readonly FdbEntry[]): string {
  return entries.map(fdbText).sort().join();
}

/** Without a VLAN, the kernel removes those of all VLANs as well. */
function removesAll(
  is: readonly FdbEntry[],
  was: readonly FdbEntry[],
  { links }: Snapshot,
): FdbEntry | undefined {
  const bare = is.find(({ vlan }) => vlan === null);
  if (bare === undefined || fdbBridge(bare, links) === null || was.some(({ vlan }) => vlan === null))
    return undefined;
  return bare;
}

function goingSteps(is: readonly FdbEntry[], was: readonly FdbEntry[], snapshot: Snapshot): Step[] {
  const bare = removesAll(is, was, snapshot);
  if (bare !== undefined) return [removeFdbStep(bare)];
  return is.filter((entry) => !was.some((other) => sameFdb(entry, other))).map(removeFdbStep);
}

/** Without a VLAN, the kernel makes one for each VLAN of the port as well; those that were not there go again. */
function comingSteps(is: readonly FdbEntry[], was: readonly FdbEntry[], snapshot: Snapshot): Step[] {
  let known = removesAll(is, was, snapshot) === undefined ? is : [];
  const has = (entry: FdbEntry): boolean => known.some((other) => fdbText(other) === fdbText(entry));
  const steps: Step[] = [];
  for (const entry of was.toSorted((a, b) => Number(a.vlan !== null) - Number(b.vlan !== null))) {
    if (has(entry)) continue;
    steps.push(
      setFdbStep(
        entry,
        known.some((other) => sameFdb(other, entry)),
      ),
    );
    const implied = impliedVlans(entry, snapshot).map((vlan): FdbEntry => ({ ...entry, vlan }));
    const surplus = implied.filter((one) => !was.some((other) => sameFdb(one, other)));
    steps.push(...surplus.map(removeFdbStep));
    known = [...known.filter((other) => !implied.some((one) => sameFdb(one, other))), ...implied];
  }
  return steps;
}
