/** What plays include as they run. */
import type { Vars } from '../inventory/model.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { Place } from '../shared/place.js';
import type { Includes, IncludeTask } from './model.js';
import { Project } from './project.js';
import type { Namer } from './reader.js';
import { gatherAnew, type Reading } from './reading.js';
import { bringRole } from './roles.js';
import { readIncluded } from './steps.js';

/** @param project of the playbook: files that were read then are not read again */
export function includesOf({ known, folder, options, sources }: Project): Includes {
  return {
    async read(task, params, vars) {
      const project = new Project(known, folder, options, sources);
      const errors: NetplayError[] = [];
      const at = namerAt(task.place, task.from, errors);
      const gathered = gatherAnew();
      const reading: Reading = { project, gathered, bringRole, handlers: false, open: [] };
      const { steps, role } = await readIncluded(reading, at, task, params, ownVars(task, vars));
      throwAll([...errors, ...project.errors()]);
      const { handlers, roles } = gathered;
      return { steps, handlers, imported: roles, ...(role !== undefined && { role }) };
    },
    async vars(file, place) {
      const project = new Project(known, folder, options);
      const errors: NetplayError[] = [];
      const vars = await project.vars(file, namerAt(place, place.file, errors));
      throwAll([...errors, ...project.errors()]);
      return vars;
    },
  };
}

/** Without variables of blocks around the include: what it brings has them as those of blocks. */
function ownVars(task: IncludeTask, vars: Vars): Vars {
  const own = Object.entries(vars).filter(
    ([name, value]) => Object.hasOwn(task.given, name) || value !== task.vars[name],
  );
  return Object.fromEntries(own);
}

/** Notes what is wrong with a name that stands at a place of a file. */
function namerAt(place: Place, file: string, errors: NetplayError[]): Namer {
  return {
    file,
    refuse: (message, { hint } = {}) =>
      errors.push(new NetplayError('playbook', message, { place, ...(hint !== undefined && { hint }) })),
  };
}
