/** `include_vars`: variables of a file, or of all files of a folder. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import type { ActionResult } from '../../actions/action.js';
import { patternOf } from '../../actions/edit-file.js';
import type { Vars } from '../../inventory/model.js';
import { NetplayError } from '../../shared/errors.js';
import { isMap } from '../../shared/is-map.js';
import { matches } from '../../template/regex-run.js';
import type { LocalCall } from './local.js';

const EXTENSIONS = ['yml', 'yaml', 'json'];

export async function includeVars({ run, task, host, params }: LocalCall): Promise<ActionResult> {
  const { includes } = run.options.playbook;
  if (includes === undefined) throw new Error('a playbook with include_vars can read them');
  const files = filesOf({ run, task, params });
  let vars: Vars = {};
  for (const file of files) vars = { ...vars, ...(await includes.vars(file, task.place)) };
  const given: Vars = typeof params.name === 'string' ? { [params.name]: vars } : vars;
  const scope = run.scopes.task(host.host, task);
  const named = params.hash_behaviour === 'merge' ? mergedWith(given, (name) => scope.get(name)) : given;
  run.runVars.of(host.host).include(named);
  return { changed: false, ansible_facts: named, ansible_included_var_files: files };
}

/** Maps with what those of the same name hold already. */
function mergedWith(vars: Vars, old: (name: string) => unknown): Vars {
  return Object.fromEntries(
    Object.entries(vars).map(([name, value]) => {
      const before = old(name);
      if (!isMap(value) || !isMap(before)) return [name, value];
      return [name, { ...before, ...mergedWith(value, (key) => before[key]) }];
    }),
  );
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
  return params.dir === undefined ? [found] : filesBelow(found, wantedOf({ task, params }), 1);
}

/** A folder's own files by their names, then those of the folders below it. */
function filesBelow(folder: string, wanted: Wanted, depth: number): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries
    .filter((entry) => !entry.isDirectory() && wanted.takes(entry.name))
    .map((entry) => join(folder, entry.name))
    // A role has this one already.
    .filter((file) => file !== wanted.own);
  const deeper =
    wanted.depth === 0 || depth < wanted.depth ? entries.filter((entry) => entry.isDirectory()) : [];
  return [...files, ...deeper.flatMap(({ name }) => filesBelow(join(folder, name), wanted, depth + 1))];
}

/** Which files of a folder are meant. */
interface Wanted {
  /** Folders below each other; 0 for all. */
  depth: number;
  /** The file of a role's that is never meant. */
  own: string | undefined;
  /** @throws NetplayError a name that ends in something else than it may */
  takes(name: string): boolean;
}

function wantedOf({ task, params }: Pick<LocalCall, 'task' | 'params'>): Wanted {
  const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
  const extensions = params.extensions === undefined ? EXTENSIONS : list(params.extensions);
  const matching =
    typeof params.files_matching === 'string'
      ? patternOf(params.files_matching, 'files_matching')
      : undefined;
  const ignored =
    params.ignore_files === undefined
      ? []
      : list(params.ignore_files).map((text) => patternOf(`${text}$`, 'ignore_files'));
  return {
    depth: Number(params.depth ?? 0),
    own: task.role === undefined ? undefined : resolve(task.role.path, 'vars', 'main.yml'),
    takes: (name) => {
      if (matching !== undefined && !matches(matching, name)) return false;
      if (ignored.some((regex) => matches(regex, name))) return false;
      if (extensions.includes(extname(name).slice(1))) return true;
      if (params.ignore_unknown_extensions === true) return false;
      throw new NetplayError(
        'playbook',
        `include_vars: the name of ${name} ends in none of ${extensions.join(', ')}`,
        {
          place: task.place,
          hint: 'Say ignore_unknown_extensions: true, or leave it out with ignore_files.',
        },
      );
    },
  };
}
