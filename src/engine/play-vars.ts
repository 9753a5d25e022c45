/** Variables that a play asks for, and those of the files that it names. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Vars } from '../inventory/model.js';
import type { Play, VarsFile, VarsPrompt } from '../playbook/model.js';
import { NetplayError } from '../shared/errors.js';
import { createScope, type VarScope } from '../template/scope.js';
import type { RunOptions } from './prepare.js';
import type { RunState } from './run-state.js';
import type { PlayVars } from './scopes.js';

/** What a play asks for: once, though it may be prepared twice. */
export async function promptedOf(options: RunOptions, play: Play, state: RunState): Promise<Vars> {
  const prompted = state.prompted.get(play) ?? (await ask(options, play.varsPrompt ?? []));
  state.prompted.set(play, prompted);
  return prompted;
}

/** @param errors gets what is wrong with a file */
export async function playVarsOf(
  options: RunOptions,
  play: Play,
  hosts: readonly string[],
  { errors, prompted }: { errors: NetplayError[]; prompted: Vars },
): Promise<PlayVars> {
  const files = new Map<string, Vars>();
  const shared = new Map<string, Vars>();
  for (const host of (play.varsFiles ?? []).length === 0 ? [] : hosts) {
    const layers = [options.inventory.hosts.get(host)?.vars ?? {}, play.vars, prompted, options.extraVars];
    const scope = createScope([...layers, { inventory_hostname: host }], options.templates, {
      place: play.place,
    });
    try {
      files.set(host, await filesFor(options, play, scope, shared));
    } catch (error) {
      if (!(error instanceof NetplayError)) throw error;
      errors.push(error);
      break;
    }
  }
  return { prompted, files };
}

async function ask({ ask, extraVars }: RunOptions, prompts: readonly VarsPrompt[]): Promise<Vars> {
  const answers: Record<string, unknown> = {};
  for (const one of prompts) {
    if (one.name in extraVars) continue;
    answers[one.name] = ask === undefined ? unanswered(one) : await answered(one, ask);
  }
  return answers;
}

function unanswered({ name, default: usual, place }: VarsPrompt): string {
  if (usual !== undefined) return usual;
  throw new NetplayError('usage', `vars_prompt: nobody is there to be asked for '${name}'`, {
    place,
    hint: `Give it with -e ${name}=…, or a default.`,
  });
}

async function answered(
  { prompt, default: usual, private: hidden, confirm }: VarsPrompt,
  put: NonNullable<RunOptions['ask']>,
): Promise<string> {
  for (;;) {
    const answer = (await put(prompt, !hidden)) || usual || '';
    if (!confirm || (await put(`confirm ${prompt}`, !hidden)) === answer) return answer;
  }
}

async function filesFor(
  { playbook, templates }: RunOptions,
  play: Play,
  scope: VarScope,
  shared: Map<string, Vars>,
): Promise<Vars> {
  let vars: Vars = {};
  for (const one of play.varsFiles ?? []) {
    const path = firstOf(one, (text) => String(templates.render(text, scope, one.place)), playbook.file);
    const known = shared.get(path) ?? (await playbook.includes?.vars(path, one.place)) ?? {};
    shared.set(path, known);
    vars = { ...vars, ...known };
  }
  return vars;
}

/** The first that is there; a name that can't be worked out yet is passed over where another follows. */
function firstOf({ paths, place }: VarsFile, render: (text: string) => string, playbook: string): string {
  const tried: string[] = [];
  for (const [index, written] of paths.entries()) {
    let path: string;
    try {
      path = resolve(dirname(playbook), render(written));
    } catch (error) {
      if (!(error instanceof NetplayError) || index === paths.length - 1) throw error;
      continue;
    }
    if (existsSync(path)) return path;
    tried.push(path);
  }
  throw new NetplayError('playbook', `vars_files: there is no file ${tried.join(', nor ')}`, { place });
}
