/** What is read with: the same types for tasks, which use roles, and for roles, which have tasks. */
import type { Vars } from '../inventory/model.js';
import type { Around, Role, Step, Task } from './model.js';
import type { Project } from './project.js';
import type { Namer } from './reader.js';

/** What a play, or an include, gathers from the roles that it uses. */
export interface Gathered {
  handlers: Task[];
  /** Those that tasks import. */
  roles: Role[];
  /** Roles whose tasks stand in the play already, by all that they differ in. */
  brought: Map<string, Role>;
  /** Files of handlers that stand in the play already, with what was given to their roles. */
  handlerFiles: Set<string>;
}

export interface Reading {
  project: Project;
  gathered: Gathered;
  bringRole(reading: Reading, at: Namer, use: RoleUse): Promise<Brought>;
  handlers: boolean;
  /** Full paths of the files, and folders of the roles, that are being read: who is read again imports himself. */
  open: readonly string[];
}

/** Includes and imports that may stand in each other, at load and in a run. */
export const DEEPEST = 100;

/** How a role is used. */
export interface RoleUse {
  name: string;
  /** What its tasks stand within. */
  inside: Around;
  /** Variables that stand beside its name. */
  vars: Vars;
  /** Further keys that stand beside its name. */
  params: Vars;
  /** Other files than `main`, by folder. */
  from: Readonly<Record<string, string>>;
  /** Whether its tasks are done though they were before; undefined leaves it to the role itself. */
  allowDuplicates?: boolean;
  parent?: Role;
  /** By a task of the parent. */
  isIncluded?: true;
  /** Equal for uses that differ in nothing that stands beside the name. */
  identity: string;
}

export interface Brought {
  steps: Step[];
  role?: Role;
}

export function gatherAnew(): Gathered {
  return { handlers: [], roles: [], brought: new Map(), handlerFiles: new Set() };
}

/** How `import_role` and `include_role` use a role. */
export function roleOfParams(params: Readonly<Record<string, unknown>>, inside: Around): RoleUse {
  const from = Object.entries(params).flatMap(([key, value]) =>
    key.endsWith('_from') && typeof value === 'string'
      ? [[key.slice(0, -'_from'.length), value] as const]
      : [],
  );
  return {
    name: String(params.name),
    identity: JSON.stringify(['included', from]),
    inside,
    vars: {},
    params: {},
    from: Object.fromEntries(from),
    allowDuplicates: params.allow_duplicates !== false,
    ...(inside.role !== undefined && { parent: inside.role, isIncluded: true }),
  };
}
