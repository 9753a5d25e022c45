import { NetplayError } from '../../shared/errors.js';
import { OperationError, UndefinedError } from '../errors.js';
import { unknownFunction } from '../hints.js';
import { type Language, shortName } from '../language.js';
import type { LookupContext, Scope } from '../model.js';
import { truthy } from '../operators.js';
import { print } from '../print.js';
import { settled, type Undefined } from '../values.js';
import type { LookupInvocation } from './lookup.js';

/** A call of `lookup`, `query` or `q`. */
export interface LookupCall {
  args: readonly unknown[];
  named: ReadonlyMap<string, unknown>;
  /** True for `query`, which always gives a list. */
  wantList: boolean;
}

/** What the evaluator gives to lookups. */
export interface LookupSite {
  undefined(what: string): Undefined;
}

const COMMON = ['wantlist', 'errors'];

function needContext(scope: Scope): LookupContext {
  if (scope.lookups === undefined)
    throw new OperationError('lookups that read from the controller do not work here');
  return scope.lookups;
}

/** Runs one lookup by its name, without what `lookup` does to the result. */
export function runLookup(
  name: string,
  terms: readonly unknown[],
  options: ReadonlyMap<string, unknown>,
  site: { language: Language; scope: Scope; undefined: LookupSite['undefined'] },
): unknown[] {
  const { language, scope } = site;
  const found = language.lookups.get(shortName(name));
  if (found === undefined) throw unknownFunction('lookup', name, language.lookups.keys());
  const strange = [...options.keys()].find((option) => !found.options.includes(option));
  if (strange !== undefined)
    throw new OperationError(
      `the lookup '${name}' has no option '${strange}'`,
      found.options.length === 0 ? 'It has none.' : `It has ${found.options.join(', ')}.`,
    );
  const invocation: LookupInvocation = {
    scope,
    templates: language.templates,
    context: () => needContext(scope),
    undefined: site.undefined,
  };
  return found.run(terms, options, invocation);
}

/** `lookup('name', …)`: texts are joined by commas and a lone other value stands alone, unless a list is wanted. */
export function performLookup(call: LookupCall, language: Language, scope: Scope, site: LookupSite): unknown {
  const [name, ...terms] = call.args.map(settled);
  if (typeof name !== 'string') throw new OperationError('a lookup begins with its name, a text');
  const options = new Map([...call.named].filter(([key]) => !COMMON.includes(key)));
  const wanted = call.named.get('wantlist');
  const wantList = wanted === undefined ? call.wantList : truthy(wanted);
  const errors = call.named.get('errors') ?? 'strict';
  if (errors !== 'strict' && errors !== 'warn' && errors !== 'ignore')
    throw new OperationError("errors= of a lookup is 'strict', 'warn' or 'ignore'");
  try {
    const undefinedValue = site.undefined.bind(site);
    const found = runLookup(name, terms, options, { language, scope, undefined: undefinedValue });
    return wantList ? found : joined(found);
  } catch (error) {
    const forgiven = error instanceof OperationError || error instanceof NetplayError;
    if (errors === 'strict' || !forgiven || error instanceof UndefinedError) throw error;
    return wantList ? [] : null;
  }
}

function joined(found: readonly unknown[]): unknown {
  if (found.every((item) => typeof item === 'string')) return found.map(print).join(',');
  return found.length === 1 ? found[0] : found;
}
