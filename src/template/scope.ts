/** Variables as templates see them: resolved when they are used, and once. */
import type { Vars } from '../inventory/model.js';
import { NetplayError } from '../shared/errors.js';
import type { Place } from '../shared/place.js';
import { UndefinedError } from './errors.js';
import type { LookupContext, Scope, Templates } from './model.js';

export interface ScopeOptions {
  /** Shown with errors in the values of variables. */
  place?: Place;
  /** Handed to the lookups that templates use. */
  lookups?: LookupContext;
}

export interface ChildOptions {
  /** True where the values are results already (items of a loop), in which `{{` is nothing but text. */
  rendered?: boolean;
  /** Takes the place of the parent's, for variables of the parent too: a task of a role looks in the role. */
  lookups?: LookupContext;
}

/** A scope over layers of variables. */
export interface VarScope extends Scope {
  /**
   * A scope with `vars` on top. Variables below that refer to a name in `vars` see the new value,
   * as a task's variables see the loop's item.
   */
  child(vars: Vars, options?: ChildOptions): VarScope;
  /** All names that a variable's value takes in, directly or through others. */
  dependencies(name: string): ReadonlySet<string>;
}

/**
 * A scope of variables whose values may hold templates; these see the same scope.
 * @param layers later ones win
 * @throws (from `get`) NetplayError `template`: an error in the value, named; a definition in a circle
 */
export function createScope(
  layers: readonly Vars[],
  templates: Templates,
  options: ScopeOptions = {},
): VarScope {
  const vars = new Map<string, unknown>();
  for (const layer of layers) for (const name of Object.keys(layer)) vars.set(name, layer[name]);
  return new LayeredScope(vars, undefined, { templates, place: options.place, resolving: [] }, options);
}

/** What a scope and all its children share. */
interface Family {
  templates: Templates;
  place: Place | undefined;
  /** Names that are being worked out now, outermost first. */
  resolving: string[];
}

const LOOKUPS = ['lookup', 'query', 'q'];

class LayeredScope implements VarScope {
  readonly #own: ReadonlyMap<string, unknown>;
  readonly #parent: LayeredScope | undefined;
  readonly #family: Family;
  readonly #rendered: boolean;
  readonly lookups?: LookupContext;
  /** Whether lookups give other results here than in the parent. */
  readonly #looksElsewhere: boolean;
  readonly #values = new Map<string, unknown>();
  readonly #dependencies = new Map<string, ReadonlySet<string>>();

  constructor(
    own: ReadonlyMap<string, unknown>,
    parent: LayeredScope | undefined,
    family: Family,
    { rendered = false, lookups }: ChildOptions,
  ) {
    this.#own = own;
    this.#parent = parent;
    this.#family = family;
    this.#rendered = rendered;
    const inherited = lookups ?? parent?.lookups;
    if (inherited !== undefined) this.lookups = inherited;
    this.#looksElsewhere = lookups !== undefined && lookups !== parent?.lookups;
  }

  has(name: string): boolean {
    return this.#own.has(name) || (this.#parent?.has(name) ?? false);
  }

  get(name: string): unknown {
    if (this.#values.has(name)) return this.#values.get(name);
    const parent = this.#parent;
    if (!this.#own.has(name) && parent !== undefined && !this.#reaches(parent.dependencies(name)))
      return parent.get(name);
    const value = this.#resolve(name);
    this.#values.set(name, value);
    return value;
  }

  *names(): Iterable<string> {
    yield* this.#own.keys();
    if (this.#parent !== undefined)
      for (const name of this.#parent.names()) if (!this.#own.has(name)) yield name;
  }

  child(vars: Vars, options: ChildOptions = {}): VarScope {
    return new LayeredScope(new Map(Object.entries(vars)), this, this.#family, options);
  }

  /** All names that a variable's value takes in, directly or through others. */
  dependencies(name: string): ReadonlySet<string> {
    const known = this.#dependencies.get(name);
    if (known !== undefined) return known;
    const found = new Set<string>();
    const open = [name];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const mentioned of this.#mentioned(next))
        if (!found.has(mentioned)) {
          found.add(mentioned);
          open.push(mentioned);
        }
    this.#dependencies.set(name, found);
    return found;
  }

  #mentioned(name: string): Iterable<string> {
    const { raw, rendered } = this.#definition(name);
    try {
      return rendered ? [] : this.#family.templates.mentions(raw);
    } catch (error) {
      throw error instanceof NetplayError ? within(name, error) : error;
    }
  }

  #definition(name: string): { raw: unknown; rendered: boolean } {
    if (this.#own.has(name)) return { raw: this.#own.get(name), rendered: this.#rendered };
    return this.#parent?.definitionOf(name) ?? { raw: undefined, rendered: true };
  }

  definitionOf(name: string): { raw: unknown; rendered: boolean } {
    return this.#definition(name);
  }

  #reaches(names: ReadonlySet<string>): boolean {
    for (const name of this.#own.keys()) if (names.has(name)) return true;
    // What a lookup of a variable's name, or `vars`, may find is not known before it is run.
    if (names.has('vars')) return true;
    return this.#looksElsewhere && LOOKUPS.some((name) => names.has(name));
  }

  #resolve(name: string): unknown {
    const { raw, rendered } = this.#definition(name);
    if (rendered) return raw;
    const { templates, place, resolving } = this.#family;
    if (resolving.includes(name)) {
      const circle = [...resolving.slice(resolving.indexOf(name)), name].join(' → ');
      throw new NetplayError('template', `'${name}' is defined through itself: ${circle}`, {
        ...(place !== undefined && { place }),
      });
    }
    resolving.push(name);
    try {
      return templates.render(raw, this, place);
    } catch (error) {
      throw error instanceof NetplayError ? within(name, error) : error;
    } finally {
      resolving.pop();
    }
  }
}

/** The same error, saying the value of which variable it is in. */
function within(name: string, error: NetplayError): NetplayError {
  if (error.message.includes(': the value of') || error.message.includes('defined through itself'))
    return error;
  const details = {
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error.place !== undefined && { place: error.place }),
  };
  const message = `${error.message}: the value of '${name}'`;
  return error instanceof UndefinedError
    ? new UndefinedError(error.code, message, details)
    : new NetplayError(error.code, message, details);
}
