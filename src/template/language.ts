/** What the evaluator is given: the functions of the language, and how a template is run. */
import type { Statement } from './ast.js';
import type { Origin } from './errors.js';
import type { TemplateFunction } from './functions.js';
import type { Extended } from './inheritance.js';
import type { Lookup } from './lookups/lookup.js';
import type { Scope, Templates } from './model.js';
import type { Syntax } from './syntax.js';

/** All that templates can call; see `createTemplates` for how to add to it. */
export interface Language {
  filters: ReadonlyMap<string, TemplateFunction>;
  tests: ReadonlyMap<string, TemplateFunction>;
  globals: ReadonlyMap<string, unknown>;
  lookups: ReadonlyMap<string, Lookup>;
  /** What this is the language of: for lookups that render. */
  templates: Templates;
  /** Finds and reads a template by the scope's search path; the first of several names that is there. */
  load(names: readonly string[], scope: Scope, syntax: Syntax): Loaded | undefined;
}

/** Names bound by `{% set %}` and `{% for %}`; the inner ones hide the outer. */
export interface Frame {
  readonly names: Map<string, unknown>;
  readonly outer: Frame | undefined;
  /** True for the outermost frame of a template. */
  readonly whole?: boolean;
}

/** A template that another one names. */
export interface Loaded {
  origin: Origin;
  statements: readonly Statement[];
}

/** How a template is run. */
export interface EvaluatorOptions {
  /** False where a template gives text and nothing else, as that of a file. */
  native: boolean;
  syntax: Syntax;
  extended?: Extended;
}

const COLLECTIONS = /^ansible\.(?:builtin|legacy|utils|netcommon)\./;

/** `ansible.builtin.default` is `default`, and `ansible.utils.ipaddr` is `ipaddr`. */
export function shortName(name: string): string {
  return name.startsWith('ansible.') ? name.replace(COLLECTIONS, '') : name;
}
