/** `include_vars`: variables of a file, or of all files of a folder. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ActionResult } from '../../actions/action.js';
import type { Vars } from '../../inventory/model.js';
import { NetplayError } from '../../shared/errors.js';
import type { LocalCall } from './local.js';

const EXTENSIONS = ['yml', 'yaml', 'json'];

export async function includeVars({ run, task, host, params }: LocalCall): Promise<ActionResult> {
  const { includes } = run.options.playbook;
  if (includes === undefined) throw new Error('a playbook with include_vars can read them');
  const files = filesOf({ run, task, params });
  let vars: Vars = {};
  for (const file of files) vars = { ...vars, ...(await includes.vars(file, task.place)) };
  const named: Vars = typeof params.name === 'string' ? { [params.name]: vars } : vars;
  run.runVars.of(host.host).include(named);
  return { changed: false, ansible_facts: named, ansible_included_var_files: files };
}

type Place = Pick<LocalCall, 'run' | 'task' | 'params'>;

function filesOf({ run, task, params }: Place): string[] {
  const roots = [
    ...(task.role === undefined ? [] : [join(task.role.path, 'vars'), task.role.path]),
    join(dirname(task.place.file), 'vars'),
    dirname(task.place.file),
    join(dirname(run.options.playbook.file), 'vars'),
    dirname(run.options.playbook.file),
  ];
  const wanted = String(params.dir ?? params.file ?? params.free_form ?? '');
  const found = roots.map((root) => resolve(root, wanted)).find((path) => existsSync(path));
  if (found === undefined)
    throw new NetplayError('playbook', `include_vars: there is no '${wanted}'`, {
      place: task.place,
      hint: `It was looked for in ${[...new Set(roots)].join(', ')}.`,
    });
  return params.dir === undefined ? [found] : filesBelow(found, params);
}

function filesBelow(folder: string, params: LocalCall['params']): string[] {
  const extensions = Array.isArray(params.extensions) ? params.extensions.map(String) : EXTENSIONS;
  const matching = typeof params.files_matching === 'string' ? new RegExp(params.files_matching) : undefined;
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, params);
      const known = extensions.some((extension) => entry.name.endsWith(`.${extension}`));
      return known && (matching?.test(entry.name) ?? true) ? [path] : [];
    });
}
