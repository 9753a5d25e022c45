/** Cuts a transaction's steps into what one process each can do. */
import type { Step } from '../shared/change.js';

/** Steps that belong together: where one fails, the rest of its unit is left out. */
export interface Unit {
  steps: readonly Step[];
  /** Go on with the next unit where this one fails (`ignore_errors`); else the script ends. */
  optional: boolean;
}

export type WriteStep = Extract<Step, { kind: 'write' }>;

/** Consecutive steps that one process can do: a batch of `ip` commands, or a step by itself. */
export interface Part {
  /** Index of the unit; of the first one where it has steps of several. */
  unit: number;
  steps: Step[];
  /** For each of the steps, the unit that its failure is one of. */
  unitsOfSteps: number[];
  /** Writes that were put off beyond this part: they are made after all where it fails. */
  owed: readonly WriteStep[];
}

/** What `ip -batch` takes as one word: its own splitting knows no quoting in old versions. */
const BATCHABLE = /^[A-Za-z0-9_.:/@%+=,-]+$/;

export function batchable(step: Step): step is Extract<Step, { kind: 'ip' }> {
  return step.kind === 'ip' && step.args.every((argument) => BATCHABLE.test(argument));
}

/**
 * Batches run over the borders of units that are not optional, since those end the script at their first
 * failure anyway: 500 rules then cost one process, not 500.
 */
export function partsOf(units: readonly Unit[]): Part[] {
  const parts: Part[] = [];
  for (const { unit, step, owed } of writesJoined(units)) {
    const last = parts.at(-1);
    const head = last?.steps[0];
    const joins =
      last !== undefined &&
      head !== undefined &&
      batchable(step) &&
      batchable(head) &&
      head.family === step.family &&
      (last.unit === unit || (!units[unit]?.optional && !units[last.unit]?.optional));
    if (joins) {
      last.steps.push(step);
      last.unitsOfSteps.push(unit);
    } else parts.push({ unit, steps: [step], unitsOfSteps: [unit], owed });
  }
  return parts;
}

interface Placed {
  unit: number;
  step: Step;
  owed: WriteStep[];
}

/**
 * Forty sysctls write their file forty times, each time with one line more: only the last is made, where
 * nothing but sysctls and files stands between. It counts as the first one's, so that its failure makes
 * none of them look done.
 */
function writesJoined(units: readonly Unit[]): Placed[] {
  const placed = units.flatMap(({ steps }, unit) => steps.map((step): Placed => ({ unit, step, owed: [] })));
  const dropped = new Set<Placed>();
  placed.forEach((one, index) => {
    const { step } = one;
    if (step.kind !== 'write' || units[one.unit]?.optional) return;
    const between: Placed[] = [];
    for (const later of placed.slice(index + 1)) {
      const joinable = later.step.kind === 'write' || later.step.kind === 'sysctl';
      if (!joinable || units[later.unit]?.optional) return;
      if (later.step.kind === 'write' && later.step.path === step.path) {
        later.unit = one.unit;
        dropped.add(one);
        for (const passed of between) passed.owed.push(step);
        return;
      }
      between.push(later);
    }
  });
  return placed.filter((one) => !dropped.has(one));
}
