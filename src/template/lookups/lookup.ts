/** Lookups: functions that bring in data from the controller. Adding one is adding an entry. */
import type { LookupContext, Scope, Templates } from '../model.js';
import type { Undefined } from '../values.js';

/** What a lookup may use of where it stands. */
export interface LookupInvocation {
  scope: Scope;
  templates: Templates;
  /** @throws where the scope has none */
  context(): LookupContext;
  /** What stands for something that is not there; `what` is for the error of those who use it. */
  undefined(what: string): Undefined;
}

export interface Lookup {
  /** Names of its options. */
  readonly options: readonly string[];
  /**
   * A list, as all lookups give.
   * @param terms as they were given: `lookup('x', 1, 2)` has two, `with_x: [1, 2]` too
   */
  run(
    terms: readonly unknown[],
    options: ReadonlyMap<string, unknown>,
    invocation: LookupInvocation,
  ): unknown[];
}

export type Lookups = Readonly<Record<string, Lookup>>;

/** A lookup; `options` is a list of words. */
export function defineLookup(options: string, run: Lookup['run']): Lookup {
  return { options: options === '' ? [] : options.split(' '), run };
}
