import type { Place } from '../shared/place.js';

/** Names that a template can use. `get` may resolve lazily; only names that are used are asked for. */
export interface Scope {
  has(name: string): boolean;
  /** The value, itself already free of templates. */
  get(name: string): unknown;
  /** Every name, for `nearest word` hints. */
  names(): Iterable<string>;
}

export interface Templates {
  /**
   * Renders every template in `value` (strings in lists and maps included). A string that is one
   * `{{ expression }}` and nothing else gives the expression's own value: lists stay lists. What is encrypted
   * (`Vaulted`) becomes its text.
   * @throws NetplayError `template`: syntax, undefined variable (named, with the expression and place); whatever
   *   a `Vaulted` that can't be opened throws
   */
  render(value: unknown, scope: Scope, place?: Place): unknown;
  /** Evaluates a bare expression, which must give a boolean (`when`). Same errors as `render`. */
  condition(expression: string | boolean, scope: Scope, place?: Place): boolean;
  /** Every top-level name that the templates in `value` mention, for telling static from late input. */
  mentions(value: unknown): ReadonlySet<string>;
  /** As `mentions`, for a bare expression. */
  mentionsOf(expression: string): ReadonlySet<string>;
}
