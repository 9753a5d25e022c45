/** Turns ajv's errors into sentences for the person who wrote the playbook. */
import type { ErrorObject } from 'ajv';
import { isMap } from '../shared/is-map.js';
import { nearest } from '../shared/nearest.js';
import { belongsTo, branchOf, type CompositeError, isComposite } from './composite.js';
import { expectation, orList, shown, words } from './expectation.js';

/** One thing that is wrong with a task's parameters. */
export interface Violation {
  /** Where, as a path into the parameters. */
  path: (string | number)[];
  message: string;
  hint?: string;
  /** True where it is the key at `path` that is wrong, not its value. */
  key?: boolean;
}

export interface Subject {
  /** The resource's name, for what is wrong with the parameters as a whole. */
  name: string;
  params: unknown;
}

/** All violations, in the order of ajv's errors, each once. */
export function explain(errors: readonly ErrorObject[], subject: Subject): Violation[] {
  const found = explainAll(errors, subject);
  const seen = new Set<string>();
  return found.filter((violation) => {
    const identity = JSON.stringify([violation.path, violation.message]);
    return !seen.has(identity) && seen.add(identity);
  });
}

function explainAll(errors: readonly ErrorObject[], subject: Subject): Violation[] {
  const choices = errors.filter(isComposite).filter((error) => error.keyword !== 'if');
  const outermost = choices.filter((error) => !choices.some((above) => belongsTo(error, above)));
  // Of a value of the wrong type, its type is all that need be said.
  const mistyped = new Set(
    errors
      .filter((error) => error.keyword === 'type' && !outermost.some((above) => belongsTo(error, above)))
      .map((error) => error.instancePath),
  );
  return errors.flatMap((error) => {
    // What `then` or `else` found stands for itself; so does the error of a key within `propertyNames`.
    if (error.keyword === 'if' || error.propertyName !== undefined) return [];
    if (outermost.some((above) => belongsTo(error, above))) return [];
    if (isComposite(error) && mistyped.has(error.instancePath)) return [];
    if (isComposite(error)) return explainChoice(error, errors, subject);
    return [explainOne(error, subject)];
  });
}

/** `anyOf` and its like: says what the branch asks for that the user most likely meant. */
function explainChoice(
  choice: CompositeError,
  errors: readonly ErrorObject[],
  subject: Subject,
): Violation[] {
  const path = pathOf(choice.instancePath, subject.params);
  const label = labelOf(path, subject);
  if (choice.keyword === 'not' || (choice.keyword === 'oneOf' && choice.params.passingSchemas !== null))
    return [{ path, message: tooMany(choice, label) }];
  const branches = plausibleBranches(choice, errors);
  const [only] = branches;
  if (only !== undefined && branches.length === 1) return explainAll(only, subject);
  const own = branches.map((branch) => branch.filter((error) => error.instancePath === choice.instancePath));
  const expected = own.map((branch) => branch.map(expectation).find((text) => text !== undefined));
  if (expected.every((text) => text !== undefined))
    return [{ path, message: `${label}: must be ${either(expected)}, not ${shown(choice.data)}` }];
  const missing = branches.map((branch) => branch.map((error) => error.params.missingProperty));
  if (missing.length > 0 && missing.every((names) => names.every((name) => typeof name === 'string')))
    return [{ path, message: `${inside(path)}one of ${orList(quoted(missing.flat()))} is needed` }];
  const fewest = [...branches].sort((a, b) => a.length - b.length)[0];
  return fewest === undefined
    ? [{ path, message: `${label}: ${shown(choice.data)} is none of the forms that are allowed here` }]
    : explainAll(fewest, subject);
}

/** Expectations as one; those that hold commas of their own are kept apart by more than a word. */
function either(expected: readonly string[]): string {
  const distinct = [...new Set(expected)];
  return distinct.some((text) => text.includes(',')) ? distinct.join(', or ') : orList(distinct);
}

/** The errors of each branch; branches for another type of value only where there is no other. */
function plausibleBranches(choice: CompositeError, errors: readonly ErrorObject[]): ErrorObject[][] {
  const branches = new Map<number, ErrorObject[]>();
  for (const error of errors) {
    const branch = branchOf(error, choice);
    if (branch !== undefined) branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const all = [...branches.values()];
  const wrongType = (error: ErrorObject) =>
    error.keyword === 'type' && error.instancePath === choice.instancePath;
  const fitting = all.filter((branch) => !branch.some(wrongType));
  return fitting.length > 0 ? fitting : all;
}

/** `not`, and `oneOf` where more than one matched: names the parameters that exclude each other. */
function tooMany(choice: CompositeError, label: string): string {
  const branches: readonly unknown[] = [choice.schema].flat();
  const names = branches.flatMap((branch) => (isMap(branch) ? words(branch.required) : []));
  const given = [...new Set(names)].filter((name) => isMap(choice.data) && Object.hasOwn(choice.data, name));
  if (given.length > 1) return `${quoted(given).join(' and ')} can't be given together`;
  return `${label}: can't be ${shown(choice.data)} here`;
}

function explainOne(error: ErrorObject, subject: Subject): Violation {
  const path = pathOf(error.instancePath, subject.params);
  const label = labelOf(path, subject);
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownParameter(error, path, subject);
    case 'required':
      return { path, message: `${inside(path)}missing parameter '${error.params.missingProperty}'` };
    case 'dependentRequired':
    case 'dependencies':
      return {
        path: [...path, String(error.params.property)],
        message: `${inside(path)}'${error.params.property}' needs '${error.params.missingProperty}' as well`,
      };
    case 'propertyNames': {
      const name = String(error.params.propertyName);
      return {
        path: [...path, name],
        message: `${inside(path)}'${name}' is not a valid name here`,
        key: true,
      };
    }
    case 'uniqueItems': {
      const second = Math.max(Number(error.params.i), Number(error.params.j));
      const twice = Array.isArray(error.data) ? error.data[second] : undefined;
      return { path: [...path, second], message: `${label}: ${shown(twice)} stands here twice` };
    }
    case 'false schema':
      return { path, message: `${label}: can't be given here`, key: path.length > 0 };
    default:
      return wrongValue(error, path, label);
  }
}

function unknownParameter(error: ErrorObject, path: (string | number)[], subject: Subject): Violation {
  const name = String(error.params.additionalProperty ?? error.params.unevaluatedProperty);
  const properties = isMap(error.parentSchema) ? error.parentSchema.properties : undefined;
  const known = isMap(properties) ? Object.keys(properties) : [];
  const near = nearest(name, known);
  const place = path.length === 0 ? subject.name : labelOf(path, subject);
  const hint = near === undefined ? `${place} takes ${known.join(', ')}.` : `Did you mean ${near}?`;
  return {
    path: [...path, name],
    message: `${inside(path)}unknown parameter '${name}'`,
    ...(known.length > 0 ? { hint } : {}),
    key: true,
  };
}

function wrongValue(error: ErrorObject, path: (string | number)[], label: string): Violation {
  const expected = expectation(error);
  if (expected !== undefined) {
    const near =
      typeof error.data === 'string' ? nearest(error.data, words(error.params.allowedValues)) : undefined;
    const message = `${label}: must be ${expected}, not ${shown(error.data)}`;
    return { path, message, ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }) };
  }
  const description = isMap(error.parentSchema) ? error.parentSchema.description : undefined;
  if (error.keyword !== 'pattern') return { path, message: `${label}: ${error.message ?? 'is not valid'}` };
  const hint = typeof description === 'string' ? { hint: description } : {};
  return { path, message: `${label}: can't be ${shown(error.data)}`, ...hint };
}

/** `nexthops[0].via`, or the resource's own name for its parameters as a whole. */
function labelOf(path: readonly (string | number)[], subject: Subject): string {
  if (path.length === 0) return subject.name;
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

/** Begins a sentence about a map within the parameters: `nexthops[0]: `. */
function inside(path: readonly (string | number)[]): string {
  return path.length === 0 ? '' : `${labelOf(path, { name: '', params: undefined })}: `;
}

function quoted(names: readonly unknown[]): string[] {
  return [...new Set(names)].map((name) => `'${String(name)}'`);
}

/** A JSON pointer as a path, with numbers where `params` holds a list. */
function pathOf(pointer: string, params: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  let at: unknown = params;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(at) ? Number(key) : key);
    at = Array.isArray(at) ? at[Number(key)] : isMap(at) ? at[key] : undefined;
  }
  return path;
}
