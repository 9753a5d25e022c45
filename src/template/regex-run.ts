/** Runs regular expressions so that one which backtracks for ever ends in an error. */
import { createContext, Script } from 'node:vm';
import { OperationError } from './errors.js';

/** How long one expression may take on one text, in milliseconds. */
const LONGEST_RUN = 2000;
/** Steps of backtracking that are surely done in that time. */
const QUICK_STEPS = 1e8;

const holder: { work: () => unknown } = { work: () => undefined };
const context = createContext(holder);
const script = new Script('work()');

/** A group that is repeated may double the ways to match with each character. */
function mayDouble(source: string): boolean {
  return /\)(?:[*+]|\{\d*,?\d*\})|\\[1-9k]/.test(source);
}

/** Each part without an end multiplies the ways to match by the text's length. */
function worstSteps(source: string, length: number): number {
  const endless = source.match(/[*+]|,\}/g)?.length ?? 0;
  return length ** (endless + 1);
}

/**
 * Runs `work`, which matches `regex` against a text of that length.
 * A watch over it costs a tenth of a millisecond, so that only what can be slow gets one.
 */
function watched<T>(regex: RegExp, length: number, work: () => T): T {
  if (!mayDouble(regex.source) && worstSteps(regex.source, length) < QUICK_STEPS) return work();
  const outer = holder.work;
  holder.work = work;
  try {
    return script.runInContext(context, { timeout: LONGEST_RUN }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new OperationError(
      `the regular expression '${regex.source}' takes too long on this text`,
      'It can match in too many ways: repeat no group that holds a repetition, as in (a+)+.',
    );
  } finally {
    holder.work = outer;
  }
}

/** The matches of a global expression, at most so many. */
export function findMatches(
  regex: RegExp,
  subject: string,
  most = Number.POSITIVE_INFINITY,
): RegExpExecArray[] {
  return watched(regex, subject.length, () => {
    if (most === Number.POSITIVE_INFINITY) return [...subject.matchAll(regex)];
    const found: RegExpExecArray[] = [];
    for (const match of subject.matchAll(regex)) {
      found.push(match);
      if (found.length >= most) break;
    }
    return found;
  });
}

/** Whether an expression matches: at any place, or where it is sticky, at the beginning. */
export function matches(regex: RegExp, subject: string): boolean {
  regex.lastIndex = 0;
  return watched(regex, subject.length, () => regex.test(subject));
}
