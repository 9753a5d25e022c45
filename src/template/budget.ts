/**
 * What one rendering may cost. Templates come from people, and a loop that never ends or a text that
 * doubles in each round shall end in an error: in bounded time and memory, and at the same spot each time.
 */
import { OperationError } from './errors.js';

/** Steps of one rendering: an expression worked out, an item or eight characters made. A second or two. */
export const MOST_STEPS = 10_000_000;
/** Most characters or items that one operator, filter or function may make. */
export const LONGEST = 10_000_000;
const CHARACTERS_A_STEP = 8;

let left = Number.POSITIVE_INFINITY;

/**
 * Renders within a budget. What is rendered meanwhile (the variables that a template uses) shares it.
 * @param steps for tests
 */
export function withBudget<T>(work: () => T, steps = MOST_STEPS): T {
  const outermost = openBudget(steps);
  try {
    return work();
  } finally {
    if (outermost) closeBudget();
  }
}

/** Begins a budget where there is none; whether that is so. Whom it is true for closes it. */
export function openBudget(steps = MOST_STEPS): boolean {
  if (left !== Number.POSITIVE_INFINITY) return false;
  left = steps;
  return true;
}

export function closeBudget(): void {
  left = Number.POSITIVE_INFINITY;
}

/** Takes steps from the budget. @throws OperationError where none are left */
export function spend(steps: number): void {
  left -= steps;
  if (left < 0)
    throw new OperationError(
      'the template takes too long: it was stopped',
      'A loop over very many items, or one within another, is the likely cause.',
    );
}

/** Takes what a value costs that was just made: its items or its characters, not what is within them. */
export function spendFor<T>(value: T): T {
  if (typeof value === 'string') spend(value.length / CHARACTERS_A_STEP);
  else if (Array.isArray(value)) spend(value.length);
  return value;
}

/** @throws OperationError where a text or list of that length would be too long, before it is made */
export function fits(length: number, what: 'text' | 'list' | 'range'): void {
  if (length > LONGEST) throw new OperationError(`the ${what} would be too long`);
}
