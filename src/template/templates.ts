import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { Place } from '../shared/place.js';
import { Vaulted } from '../shared/vaulted.js';
import { CAPTURED, type Expression, type Statement } from './ast.js';
import { type Origin, type Span, templateError, UndefinedError } from './errors.js';
import { Evaluator } from './evaluate.js';
import { execute, executeText } from './execute.js';
import { filters } from './filters/index.js';
import { finish } from './finish.js';
import type { Registry } from './functions.js';
import { globals } from './globals.js';
import { type Language, shortName } from './language.js';
import { findTemplate } from './lookups/files.js';
import { lookups } from './lookups/index.js';
import type { Lookup } from './lookups/lookup.js';
import type { FileOptions, Scope, Templates } from './model.js';
import { print } from './print.js';
import { parseBare, parseTemplate } from './statements.js';
import { ANSIBLE, type Syntax, takeHeader, withSetting } from './syntax.js';
import { tests } from './tests.js';
import { LazyDict, OMIT, typeName } from './values.js';
import { type Visitor, walkExpression, walkTemplate } from './walk.js';

/** What to add to the language, or to put in place of what it has. */
export interface TemplatesOptions {
  filters?: Registry;
  tests?: Registry;
  /** Values, or functions as `globalFunction` makes them. */
  globals?: Readonly<Record<string, unknown>>;
  lookups?: Readonly<Record<string, Lookup>>;
  /**
   * Whether a backslash in a string within `{{ }}` stands for itself, as in Ansible's playbooks: there `'\1'` is what a
   * filter gets to see. Conditions and files are Jinja2's own either way.
   */
  literalBackslashes?: boolean;
}

type Compiled =
  | { kind: 'text'; text: string; names: ReadonlySet<string> }
  | { kind: 'expression'; expression: Expression; names: ReadonlySet<string> }
  | { kind: 'statements'; statements: readonly Statement[]; names: ReadonlySet<string> };

const NO_NAMES: ReadonlySet<string> = new Set();
/** Texts kept parsed: more than any playbook has, so that only generated ones are ever thrown away. */
const CACHE_SIZE = 20_000;

/** Whether a text may hold anything but text. */
export function holdsTemplate(text: string): boolean {
  const at = text.indexOf('{');
  if (at < 0) return false;
  return text.includes('{{', at) || text.includes('{%', at) || text.includes('{#', at);
}

/** The template language with its filters and tests. Parsed texts are kept: make one and share it. */
export function createTemplates(options: TemplatesOptions = {}): Templates {
  const functions = {
    filters: new Map(Object.entries({ ...filters, ...options.filters })),
    tests: new Map(Object.entries({ ...tests, ...options.tests })),
    globals: new Map(Object.entries({ ...globals, ...options.globals })),
    lookups: new Map(Object.entries({ ...lookups, ...options.lookups })),
  };
  return new JinjaTemplates(functions, options.literalBackslashes ?? false);
}

class JinjaTemplates implements Templates {
  readonly #language: Language;
  readonly #templates = new Map<string, Compiled>();
  readonly #expressions = new Map<string, Compiled>();
  /** By the syntax, then the text. */
  readonly #files = new Map<string, Map<string, Compiled>>();

  readonly #literal: boolean;

  constructor(functions: Omit<Language, 'templates' | 'load'>, literal: boolean) {
    this.#literal = literal;
    const load: Language['load'] = (names, scope, syntax) => {
      const found = findTemplate(names, scope.lookups);
      if (found === undefined) return undefined;
      const file = { path: found.path, firstLine: 1 };
      const origin: Origin = { text: withoutLineEnd(found.text), place: undefined, file };
      return { origin, statements: statementsOf(this.#file(origin, syntax)) };
    };
    this.#language = { ...functions, templates: this, load };
  }

  render(value: unknown, scope: Scope, place?: Place): unknown {
    if (typeof value === 'string') return this.#renderText(value, scope, place);
    if (Array.isArray(value)) {
      const rendered = value.map((item) => this.render(item, scope, place)).filter((item) => item !== OMIT);
      return rendered.length === value.length && rendered.every((item, at) => item === value[at])
        ? value
        : rendered;
    }
    if (typeof value !== 'object' || value === null || value instanceof LazyDict) return value;
    // As with Ansible, braces in what was encrypted are text.
    if (value instanceof Vaulted) return value.reveal();
    return this.#renderDict(value, scope, place);
  }

  renderFile(text: string, scope: Scope, options: FileOptions = {}): string {
    const { origin, syntax, compiled } = this.#opened(text, options);
    const evaluator = new Evaluator(this.#language, scope, origin, { native: false, syntax });
    const result = evaluator.guarded(() => executeText(statementsOf(compiled), evaluator));
    return withLineEnds(text, result, syntax.newline);
  }

  withItems(name: string, terms: unknown, scope: Scope, place?: Place): readonly unknown[] {
    const origin: Origin = { text: `with_${name}`, place };
    const optional = name === 'first_found' && Array.isArray(terms);
    const rendered = optional ? this.#definedOnly(terms, scope, place) : this.render(terms, scope, place);
    const evaluator = new Evaluator(this.#language, scope, origin);
    return evaluator.guarded(() => {
      const list = Array.isArray(rendered) ? (rendered as unknown[]) : [rendered];
      return finish(evaluator.lookup(name, list)) as readonly unknown[];
    });
  }

  /** `with_first_found` passes over names that use what is not defined. */
  #definedOnly(terms: readonly unknown[], scope: Scope, place: Place | undefined): unknown[] {
    return terms.flatMap((term) => {
      try {
        return [this.render(term, scope, place)];
      } catch (error) {
        if (error instanceof UndefinedError) return [];
        throw error;
      }
    });
  }

  mentionsOfFile(text: string, options: FileOptions = {}): ReadonlySet<string> {
    return this.#opened(text, options).compiled.names;
  }

  #opened(text: string, options: FileOptions) {
    const given = syntaxOf(options);
    const place = { file: options.path ?? 'template', line: 1, column: 1 };
    const { body, syntax } = takeHeader(text, given, place);
    const file = { path: place.file, firstLine: body.length < text.length ? 2 : 1 };
    const origin: Origin = { text: withoutLineEnd(body), place, file };
    return { origin, syntax, compiled: this.#file(origin, syntax) };
  }

  #file(origin: Origin, syntax: Syntax): Compiled {
    const key = JSON.stringify(syntax);
    const cache = this.#files.get(key) ?? new Map<string, Compiled>();
    this.#files.set(key, cache);
    return cached(cache, origin, () => {
      const statements = parseTemplate(origin, syntax);
      const names = this.#checkedNames(origin, (visitor) => walkTemplate(statements, visitor));
      return { kind: 'statements', statements, names };
    });
  }

  condition(expression: string | boolean, scope: Scope, place?: Place): boolean {
    if (typeof expression === 'boolean') return expression;
    const origin: Origin = { text: expression, place };
    const result = this.#run(this.#condition(origin), scope, origin);
    if (typeof result === 'boolean') return result;
    throw templateError(
      `a condition must be true or false, not ${typeName(result)}`,
      origin,
      { start: 0, end: expression.length },
      conditionHint(result),
    );
  }

  mentions(value: unknown): ReadonlySet<string> {
    if (typeof value === 'string')
      return holdsTemplate(value) ? this.#template({ text: value, place: undefined }).names : NO_NAMES;
    if (typeof value !== 'object' || value === null || value instanceof LazyDict) return NO_NAMES;
    const items: unknown[] = Array.isArray(value) ? value : Object.values(value);
    const names = new Set<string>();
    for (const item of items) for (const name of this.mentions(item)) names.add(name);
    return names;
  }

  mentionsOf(expression: string): ReadonlySet<string> {
    return this.#condition({ text: expression, place: undefined }).names;
  }

  #renderText(text: string, scope: Scope, place: Place | undefined): unknown {
    if (!holdsTemplate(text)) return text;
    const origin: Origin = { text, place };
    const result = this.#run(this.#template(origin), scope, origin);
    return typeof result === 'string' && text.endsWith('\n') ? withLineEnds(text, result, '\n') : result;
  }

  #renderDict(dict: object, scope: Scope, place: Place | undefined): unknown {
    let same = true;
    const entries: [string, unknown][] = [];
    for (const [key, item] of Object.entries(dict)) {
      const rendered = this.render(item, scope, place);
      if (rendered !== item) same = false;
      if (rendered !== OMIT) entries.push([key, rendered]);
    }
    return same ? dict : Object.fromEntries(entries);
  }

  #run(compiled: Compiled, scope: Scope, origin: Origin): unknown {
    if (compiled.kind === 'text') return compiled.text;
    const evaluator = new Evaluator(this.#language, scope, origin);
    return evaluator.guarded(() =>
      finish(
        compiled.kind === 'expression'
          ? evaluator.value(compiled.expression)
          : execute(compiled.statements, evaluator),
      ),
    );
  }

  #template(origin: Origin): Compiled {
    return cached(this.#templates, origin, () => {
      const literal = this.#literal && origin.text.includes('{{');
      const statements = parseTemplate({ ...origin, text: withoutLineEnd(origin.text), literal });
      const names = this.#checkedNames(origin, (visitor) => walkTemplate(statements, visitor));
      const [first] = statements;
      if (statements.length === 1 && first?.kind === 'output')
        return { kind: 'expression', expression: first.expression, names };
      if (statements.length === 1 && first?.kind === 'text') return { kind: 'text', text: first.text, names };
      return { kind: 'statements', statements, names };
    });
  }

  /** A bare expression; one in braces is taken too, since users write that. */
  #condition(origin: Origin): Compiled {
    if (/^\s*\{[{%]/.test(origin.text)) return this.#template(origin);
    return cached(this.#expressions, origin, () => {
      const expression = parseBare(origin);
      const names = this.#checkedNames(origin, (visitor) => walkExpression(expression, visitor));
      return { kind: 'expression', expression, names };
    });
  }

  /** The names that a template takes from its scope. @throws for filters and tests that don't exist */
  #checkedNames(origin: Origin, walk: (visitor: Visitor) => void): ReadonlySet<string> {
    const names = new Set<string>();
    const { filters, tests, lookups } = this.#language;
    const registries = { filter: filters, test: tests, lookup: lookups };
    const check = (kind: keyof typeof registries, node: Span & { name: string }): void => {
      const known = registries[kind];
      if (known.has(shortName(node.name))) return;
      const near = nearest(shortName(node.name), known.keys());
      const hint = near === undefined ? undefined : `Did you mean '${near}'?`;
      throw templateError(`there is no ${kind} named '${node.name}'`, origin, node, hint);
    };
    walk({
      name: (name) => {
        if (name !== CAPTURED && !this.#language.globals.has(name)) names.add(name);
      },
      filter: (node) => check('filter', node),
      test: (node) => check('test', node),
      lookup: (node) => check('lookup', { ...node, name: print(node.value) }),
    });
    return names;
  }
}

function statementsOf(compiled: Compiled): readonly Statement[] {
  if (compiled.kind !== 'statements') throw new Error('a file is compiled to statements');
  return compiled.statements;
}

/** As Jinja2 reads a template: one line end at its end is not part of it. */
function withoutLineEnd(text: string): string {
  return text.replace(/(?:\r\n|\r|\n)$/, '');
}

/** As Ansible gives it back: with as many line ends as the template has, where the result has fewer. */
function withLineEnds(text: string, result: string, newline: string): string {
  const count = (of: string): number => of.length - of.replace(/\n+$/, '').length;
  return result + newline.repeat(Math.max(0, count(text) - count(result)));
}

/** @throws NetplayError `template` for a setting that does not exist */
function syntaxOf(options: FileOptions): Syntax {
  let syntax = ANSIBLE;
  for (const [name, value] of Object.entries(options.settings ?? {}))
    try {
      syntax = withSetting(syntax, name, value);
    } catch (error) {
      throw new NetplayError('template', error instanceof Error ? error.message : String(error));
    }
  return syntax;
}

function cached(cache: Map<string, Compiled>, origin: Origin, compile: () => Compiled): Compiled {
  const { text } = origin;
  const known = cache.get(text);
  if (known !== undefined) return known;
  let compiled: Compiled;
  try {
    compiled = compile();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw templateError('the template is nested too deeply', origin, { start: 0, end: text.length });
  }
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(text, compiled);
  return compiled;
}

function conditionHint(result: unknown): string {
  if (typeof result === 'string')
    return "Add '| bool' for a text such as 'yes', or compare it: == 'x', != ''.";
  if (typeof result === 'number') return "Compare it: != 0, or add '| bool'.";
  if (result === null) return "Compare it: 'is not none'.";
  return "Compare its size: '| length > 0'.";
}
