/** Runs regular expressions so that one which backtracks for ever ends in an error. */
import { createContext, Script } from 'node:vm';
import { spend } from './budget.js';
import { OperationError } from './errors.js';

/** How long one expression may take on one text, in milliseconds. */
const LONGEST_RUN = 1000;
/** So that many slow ones in a loop don't take for ever either. */
const STEPS_A_MILLISECOND = 1500;
/** Steps of backtracking that are surely done in that time. */
const QUICK_STEPS = 1e8;

const holder: { work: () => unknown } = { work: () => undefined };
let runner: ((timeout: number) => unknown) | undefined;

/** Made when it is first needed: a context takes a millisecond to make. */
function run(timeout: number): unknown {
  if (runner === undefined) {
    const context = createContext(holder);
    const script = new Script('work()');
    runner = (limit) => script.runInContext(context, { timeout: limit });
  }
  return runner(timeout);
}

/** How badly an expression may backtrack. */
interface Risk {
  /** A group that is repeated may double the ways to match with each character. */
  doubles: boolean;
  /** Each part without an end multiplies the ways to match by the text's length. */
  endless: number;
}

const risks = new WeakMap<RegExp, Risk>();

function riskOf(regex: RegExp): Risk {
  const known = risks.get(regex);
  if (known !== undefined) return known;
  const risk = {
    doubles: /\)(?:[*+]|\{\d*,?\d*\})|\\[1-9k]/.test(regex.source),
    endless: regex.source.match(/[*+]|,\}/g)?.length ?? 0,
  };
  risks.set(regex, risk);
  return risk;
}

/**
 * Runs `work`, which matches `regex` against a text of that length.
 * A watch over it costs a tenth of a millisecond, so that only what can be slow gets one.
 */
function watched<T>(regex: RegExp, length: number, work: () => T): T {
  const { doubles, endless } = riskOf(regex);
  if (!doubles && length ** (endless + 1) < QUICK_STEPS) return work();
  const outer = holder.work;
  holder.work = work;
  const begin = performance.now();
  try {
    return run(LONGEST_RUN) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new OperationError(
      `the regular expression '${regex.source}' takes too long on this text`,
      'It can match in too many ways: repeat no group that holds a repetition, as in (a+)+.',
    );
  } finally {
    holder.work = outer;
    spend(Math.floor(performance.now() - begin) * STEPS_A_MILLISECOND);
  }
}

/** The matches of a global expression, at most so many. */
export function findMatches(
  regex: RegExp,
  subject: string,
  most = Number.POSITIVE_INFINITY,
): RegExpExecArray[] {
  return watched(regex, subject.length, () => {
    const found: RegExpExecArray[] = [];
    regex.lastIndex = 0;
    while (found.length < most) {
      const match = regex.exec(subject);
      if (match === null) break;
      found.push(match);
      // Python goes on behind an empty match, too.
      if (match[0] === '') regex.lastIndex += (subject.codePointAt(regex.lastIndex) ?? 0) > 0xffff ? 2 : 1;
    }
    return found;
  });
}

/** Whether an expression matches: at any place, or where it is sticky, at the beginning. */
export function matches(regex: RegExp, subject: string): boolean {
  regex.lastIndex = 0;
  return watched(regex, subject.length, () => regex.test(subject));
}
