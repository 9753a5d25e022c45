import type { Place } from '../shared/place.js';

/** Names that a template can use. `get` may resolve lazily; only names that are used are asked for. */
export interface Scope {
  has(name: string): boolean;
  /** The value, itself already free of templates. */
  get(name: string): unknown;
  /** Every name, for `nearest word` hints. */
  names(): Iterable<string>;
  /** Where lookups and included templates are looked for; without it, those that read anything fail. */
  readonly lookups?: LookupContext;
}

/** What lookups, and templates that take in others, know of the world. Whoever makes a scope gives it. */
export interface LookupContext {
  /**
   * Folders in which relative names are looked for, first match wins: role, task file, playbook. Commands
   * run in the last.
   */
  readonly searchPath: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the hosts of a pattern. @throws NetplayError where it is no pattern */
  hosts(pattern: string): readonly string[];
  /** A file's content, decrypted where it is vaulted; read as it is where this is not given. */
  read?(path: string): Buffer;
}

/** How a file is rendered. */
export interface FileOptions {
  /** Its path, for errors. */
  path?: string;
  /** What Ansible's `template` action takes: `trim_blocks`, `lstrip_blocks`, `newline_sequence`, `block_start_string`, … */
  settings?: Readonly<Record<string, unknown>>;
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
  /**
   * Renders a file's text as Ansible's `template` does: always to text, line end at its end kept, a first
   * line `#jinja2: trim_blocks: False` obeyed. Errors as those of `render`, with the file's own line.
   */
  renderFile(text: string, scope: Scope, options?: FileOptions): string;
  /**
   * What `with_<name>: terms` of a task loops over. Terms are rendered first.
   * @throws NetplayError `template`: as `render`, or where there is no such lookup
   */
  withItems(name: string, terms: unknown, scope: Scope, place?: Place): readonly unknown[];
  /** Evaluates a bare expression, which must give a boolean (`when`). Same errors as `render`. */
  condition(expression: string | boolean, scope: Scope, place?: Place): boolean;
  /**
   * Every top-level name that the templates in `value` mention, for telling static from late input. Where
   * `vars` is among them, others may be used that only rendering will tell.
   */
  mentions(value: unknown): ReadonlySet<string>;
  /** As `mentions`, for a bare expression. */
  mentionsOf(expression: string): ReadonlySet<string>;
  /** As `mentions`, for a file's text. A template that takes in others mentions `vars`. */
  mentionsOfFile(text: string, options?: FileOptions): ReadonlySet<string>;
}
