/** An action's parameters: from text or a map to one form, checked against its schema. */
import { coerceParams, type Violation, validateParams } from '../resources/validate.js';
import { isMap } from '../shared/is-map.js';
import type { Action } from './action.js';
import { isClosed, parseFreeForm } from './free-form.js';

type Described = Pick<Action<never>, 'name' | 'schema' | 'freeForm' | 'parameterAliases' | 'contradiction'>;

/** Parameters in their one form, or what is wrong with the form itself. */
export type ReadParams = { params: unknown } | { violations: Violation[] };

/**
 * Brings a task's value into the form that the schema judges: text is taken apart, aliases of parameters get their own
 * name, `yes` and `5` the types that are asked for. Templates stay as they are: call it again once they are rendered.
 * @param args the task's `args`; what stands with the action itself wins
 */
export function actionParams(
  action: Described,
  value: unknown,
  args: Readonly<Record<string, unknown>> = {},
): ReadParams {
  const given = fromForm(action, value);
  if ('violations' in given || !isMap(given.params)) return given;
  const named = new Map<string, unknown>();
  for (const [key, inner] of Object.entries({ ...args, ...given.params })) {
    const name = action.parameterAliases?.[key] ?? key;
    if (named.has(name) && name !== key)
      return {
        violations: [
          {
            path: [key],
            key: true,
            message: `'${key}' is another name of '${name}', which is given as well`,
          },
        ],
      };
    // Ansible takes null for left out.
    if (inner !== null) named.set(name, inner);
  }
  return { params: coerceParams(action, Object.fromEntries(named)) };
}

function fromForm(action: Described, value: unknown): ReadParams {
  if (value === null || value === undefined) return { params: {} };
  if (typeof value !== 'string') return { params: value };
  const read = parseFreeForm(value, action.freeForm !== undefined);
  if ('unclosed' in read)
    return { violations: [{ path: [], message: `${action.name}: a quote or a template is not closed` }] };
  const { named, rest } = read;
  if (rest === '') return { params: named };
  if (action.freeForm !== undefined) return { params: { ...named, [action.freeForm]: rest } };
  // A template may give the parameters as a map.
  if (/^\{\{[\s\S]*\}\}$/.test(rest) && Object.keys(named).length === 0) return { params: value };
  const message = `${action.name}: takes parameters as name=value, not '${rest}'`;
  return { violations: [{ path: [], message }] };
}

/** The name of the schema's function among those that the build makes: a resource may have the same name. */
export function compiledName({ name }: { name: string }): string {
  return `action_${name}`;
}

/** As `validateParams`, for parameters that `actionParams` gave; with what no schema can say. */
export function actionViolations(
  action: Action<never>,
  params: unknown,
  options: { templates: boolean },
): Violation[] {
  const { name, schema, contradiction } = action;
  const violations = validateParams({ name, schema, compiledName: compiledName(action) }, params, options);
  if (violations.length > 0 || options.templates) return violations;
  // The schema has just said that they are of the action's own type.
  const found = contradiction?.(params as never) ?? unclosedIn(action, params);
  return found === undefined ? [] : [found];
}

/** A command that Ansible would split into words has each quote closed. */
function unclosedIn({ freeForm, name }: Described, params: unknown): Violation | undefined {
  if (name !== 'command' || freeForm === undefined || !isMap(params)) return undefined;
  const text = params[freeForm];
  if (typeof text !== 'string' || isClosed(text)) return undefined;
  return { path: [freeForm], message: `${freeForm}: a quote is not closed` };
}
