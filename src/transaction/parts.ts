/** Cuts a transaction's steps into what one process each can do. */
import type { Step } from '../shared/change.js';

/** Steps that belong together: where one fails, the rest of its unit is left out. */
export interface Unit {
  steps: readonly Step[];
  /** Go on with the next unit where this one fails (`ignore_errors`); else all is undone. */
  optional: boolean;
  /** Made behind the announcements. */
  late?: true;
}

export type WriteStep = Extract<Step, { kind: 'write' }>;

/** Consecutive steps that one process can do: a batch of `ip` commands, or a step by itself. */
export interface Part {
  /** Index of the unit; of the first one where it has steps of several. */
  unit: number;
  steps: Step[];
  /** For each of the steps, the unit that its failure is one of. */
  unitsOfSteps: number[];
}

/** What `ip -batch` takes as one word: its own splitting knows no quoting in old versions. */
const BATCHABLE = /^[A-Za-z0-9_.:/@%+=,-]+$/;

export function batchable(step: Step): step is Extract<Step, { kind: 'ip' }> {
  return step.kind === 'ip' && step.args.every((argument) => BATCHABLE.test(argument));
}

/**
 * Batches run over the borders of units that are not optional, since those end the script at their first
 * failure anyway: 500 rules then cost one process, not 500. The order of the steps is kept, and what is late
 * begins a part of its own.
 */
export function partsOf(units: readonly Unit[]): Part[] {
  const parts: Part[] = [];
  for (const [unit, { steps, optional, late }] of units.entries())
    for (const step of steps) {
      const last = parts.at(-1);
      const joins =
        last !== undefined &&
        joinable(last.steps[0], step) &&
        units[last.unit]?.late === late &&
        (last.unit === unit || (!optional && !units[last.unit]?.optional));
      if (joins) {
        last.steps.push(step);
        last.unitsOfSteps.push(unit);
      } else parts.push({ unit, steps: [step], unitsOfSteps: [unit] });
    }
  return parts;
}

function joinable(head: Step | undefined, step: Step): boolean {
  return head !== undefined && batchable(step) && batchable(head) && head.family === step.family;
}
