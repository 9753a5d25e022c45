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

/** The steps of tools that know `-batch`. */
export type BatchStep = Extract<Step, { kind: 'ip' | 'tc' | 'bridge' }>;

export function batchable(step: Step): step is BatchStep {
  return (
    (step.kind === 'ip' || step.kind === 'tc' || step.kind === 'bridge') &&
    step.args.every((argument) => BATCHABLE.test(argument))
  );
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
  if (head === undefined || head.kind !== step.kind) return false;
  if (step.kind === 'ovs') return step.apart !== true;
  return batchable(step) && batchable(head) && familyOf(head) === familyOf(step);
}

function familyOf(step: BatchStep): 4 | 6 | undefined {
  return step.kind === 'ip' ? step.family : undefined;
}
