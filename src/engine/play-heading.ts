/** What a play says of itself before any host has a say: which hosts it is for, and what it is called. */
import type { Vars } from '../inventory/model.js';
import type { Play } from '../playbook/model.js';
import { NetplayError } from '../shared/errors.js';
import type { Templates } from '../template/model.js';
import { createScope } from '../template/scope.js';

export interface HeadingContext {
  templates: Templates;
  extraVars: Vars;
}

/**
 * The host pattern, its templates filled in from the play's variables, from what was asked for, and from extra variables: all
 * that is known without hosts.
 * @throws NetplayError `template`
 */
export function patternOf(play: Play, context: HeadingContext, prompted: Vars): string {
  return filledIn(play.hosts, [play.vars, prompted, context.extraVars], play, context);
}

/** The play's name; as it is written where it holds what is not known yet. */
export function titleOf(play: Play, context: HeadingContext, prompted: Vars): string {
  try {
    return filledIn(play.name, [play.vars, prompted, context.extraVars], play, context);
  } catch (error) {
    if (error instanceof NetplayError) return play.name;
    throw error;
  }
}

function filledIn(
  text: string,
  layers: readonly Vars[],
  { place }: Play,
  { templates }: HeadingContext,
): string {
  return String(templates.render(text, createScope(layers, templates, { place }), place));
}
