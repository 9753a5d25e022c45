/** The variables that a host's tasks see, in Ansible's order of precedence. */
import { dirname, resolve } from 'node:path';
import { isFactName } from '../facts/index.js';
import type { Vars } from '../inventory/model.js';
import { selectHosts } from '../inventory/patterns.js';
import type { Role, Task } from '../playbook/model.js';
import type { LookupContext } from '../template/model.js';
import { createScope, type VarScope } from '../template/scope.js';
import { LazyDict } from '../template/values.js';
import type { ExpandContext } from './expand.js';
import type { RunVars } from './run-vars.js';

/** What a play adds to the variables of its hosts beside its files. */
export interface PlayVars {
  /** Of `vars_prompt`. */
  prompted: Vars;
  /** Of `vars_files`, by host: their names may differ. */
  files: ReadonlyMap<string, Vars>;
}

export const NO_PLAY_VARS: PlayVars = { prompted: {}, files: new Map() };

interface Known {
  version: string;
  scope: VarScope;
  /** Names that stand above a task's own variables. */
  above: ReadonlySet<string>;
}

/** Makes scopes, and keeps them as long as what they were made of is the same. */
export class Scopes {
  readonly #context: ExpandContext;
  readonly #runVars: RunVars;
  readonly #playVars: PlayVars;
  readonly #known = new Map<string, Map<Role | undefined, Map<string, Known>>>();
  /** Hosts that are still in the play: Ansible's `ansible_play_hosts`. */
  #active: readonly string[];
  #batch: readonly string[];
  #activeVersion = 0;
  #imported: readonly Role[] = [];

  constructor(context: ExpandContext, runVars: RunVars, playVars: PlayVars = NO_PLAY_VARS) {
    this.#context = context;
    this.#runVars = runVars;
    this.#playVars = playVars;
    this.#active = context.playHosts;
    this.#batch = context.playHosts;
  }

  /** Tells which hosts are left, in the whole play and in its present batch. */
  setActive(active: readonly string[], batch: readonly string[] = this.#batch): void {
    this.#active = active;
    this.#batch = batch;
    this.#activeVersion += 1;
  }

  /** Takes over roles that an include has brought for the whole play. */
  import(roles: readonly Role[]): void {
    this.#imported = [...new Set([...this.#imported, ...roles])];
    this.#activeVersion += 1;
  }

  /** What all tasks of a host see, or all of a role. */
  host(host: string, role?: Role): VarScope {
    return this.#base(host, role).scope;
  }

  /** What one task of a host sees. Its own variables do not hide what is set while the play runs. */
  task(host: string, task: Task): VarScope {
    const { scope, above } = this.#base(host, task.role, dirname(task.place.file));
    const own = Object.entries(task.vars).filter(([name]) => !above.has(name));
    const params = Object.entries(task.includeParams ?? {}).filter(
      ([name]) => !(name in this.#context.extraVars),
    );
    return own.length === 0 && params.length === 0
      ? scope
      : scope.child(Object.fromEntries([...own, ...params]));
  }

  /** Whether a name is a fact's; a variable that somebody gave such a name is none. */
  isFact(host: string, name: string, scope: VarScope): boolean {
    return isFactName(name) && (!scope.has(name) || name in this.#runVars.of(host).facts);
  }

  /** @param folder of the file that the task stands in: a place where lookups look */
  #base(host: string, role: Role | undefined, folder?: string): Known {
    const { playbook } = this.#context;
    const version = `${this.#runVars.of(host).version} ${this.#activeVersion}`;
    const byRole = this.#known.get(host) ?? new Map<Role | undefined, Map<string, Known>>();
    this.#known.set(host, byRole);
    const byFolder = byRole.get(role) ?? new Map<string, Known>();
    byRole.set(role, byFolder);
    const beside = folder ?? dirname(playbook.file);
    const known = byFolder.get(beside);
    if (known?.version === version) return known;
    const made = { version, ...this.#make(host, role, beside) };
    byFolder.set(beside, made);
    return made;
  }

  #make(host: string, role: Role | undefined, folder: string): Pick<Known, 'scope' | 'above'> {
    const { inventory, play, extraVars, templates } = this.#context;
    const { facts, included, set } = this.#runVars.of(host);
    const own = [...new Set(ancestry(role).flatMap(withDependencies))];
    // The task's own role is the nearest, wherever in the play it stands.
    const others = new Set([...play.roles, ...this.#imported].filter((one) => !own.includes(one)));
    const roles = [...others, ...own];
    const files = this.#playVars.files.get(host) ?? {};
    const params = ancestry(role).map((one) => one.params);
    const above = [included, set, ...params, extraVars];
    const layers = [
      ...roles.map(({ defaults }) => defaults),
      inventory.hosts.get(host)?.vars ?? {},
      facts,
      play.vars,
      this.#playVars.prompted,
      files,
      ...roles.map(({ vars }) => vars),
    ];
    const lookups = this.#lookups(role, folder);
    const scope = createScope([...layers, ...above], templates, { place: play.place, lookups });
    // What set_fact, register and the host itself gave are results, in which braces are text.
    const results = withoutHigher([facts, set], layers.slice(layers.indexOf(facts) + 1), [
      ...params,
      extraVars,
    ]);
    return {
      scope: scope.child({ ...results, ...this.#magic(host, role) }, { rendered: true }),
      above: new Set(above.flatMap((vars) => Object.keys(vars))),
    };
  }

  /** Where lookups look: in the role, beside the task's file, beside the playbook. */
  #lookups(role: Role | undefined, folder: string): LookupContext {
    const { playbook, inventory } = this.#context;
    const searchPath = [
      ...ancestry(role)
        .reverse()
        .map(({ path }) => path),
      folder,
      dirname(playbook.file),
    ];
    return {
      searchPath: [...new Set(searchPath)],
      env: process.env,
      hosts: (pattern) => selectHosts(inventory, pattern),
    };
  }

  /** The variables that are there without anybody setting them. */
  #magic(host: string, role: Role | undefined): Vars {
    const { inventory, playHosts, play, check, diff } = this.#context;
    return {
      inventory_hostname: host,
      inventory_hostname_short: host.split('.')[0],
      group_names: inventory.hosts.get(host)?.groupNames ?? [],
      groups: this.#context.groups,
      hostvars: this.#hostVars(),
      ansible_play_name: play.name,
      ansible_play_hosts: this.#active,
      ansible_play_hosts_all: playHosts,
      ansible_play_batch: this.#batch,
      play_hosts: this.#batch,
      ansible_play_role_names: play.roles.map(({ name }) => name),
      ansible_role_names: play.roles.map(({ name }) => name),
      ...(role !== undefined && roleNames(role)),
      ansible_check_mode: check,
      ansible_diff_mode: diff,
      playbook_dir: resolve(dirname(play.place.file)),
      ...this.#context.magic,
    };
  }

  /** Every host's variables, those of hosts beside the play too; worked out as they are asked for. */
  #hostVars(): LazyDict {
    const { hosts } = this.#context.inventory;
    return new LazyDict({
      keys: () => hosts.keys(),
      has: (name) => hosts.has(name),
      get: (name) => (hosts.has(name) ? varsOf(this.host(name)) : undefined),
    });
  }
}

function varsOf(scope: VarScope): LazyDict {
  return new LazyDict({
    keys: () => scope.names(),
    has: (name) => scope.has(name),
    get: (name) => scope.get(name),
  });
}

/** A role, after those that it depends on. */
function withDependencies(role: Role): Role[] {
  return [...role.dependencies.flatMap(withDependencies), role];
}

/** The role, after those that depend on it. */
function ancestry(role: Role | undefined): Role[] {
  return role === undefined ? [] : [...ancestry(role.parent), role];
}

/** What tells a role's tasks where they are. */
function roleNames(role: Role): Vars {
  const around = includersOf(role);
  return {
    role_name: role.name,
    role_path: resolve(role.path),
    ansible_role_name: role.name,
    ...(around.length > 0 && {
      ansible_parent_role_names: around.map(({ name }) => name),
      ansible_parent_role_paths: around.map(({ path }) => resolve(path)),
    }),
  };
}

/** Roles whose tasks include it or what depends on it, the nearest first. */
function includersOf({ parent, isIncluded }: Role): Role[] {
  if (parent === undefined) return [];
  return [...(isIncluded ? [parent] : []), ...includersOf(parent)];
}

/** Those of the results that nothing above hides. */
function withoutHigher(
  [facts, set]: readonly [Vars, Vars],
  aboveFacts: readonly Vars[],
  aboveSet: readonly Vars[],
): Vars {
  const hides = (layers: readonly Vars[], name: string): boolean => layers.some((vars) => name in vars);
  const own = Object.entries(facts).filter(([name]) => !hides([...aboveFacts, set, ...aboveSet], name));
  const defined = Object.entries(set).filter(([name]) => !hides(aboveSet, name));
  return Object.fromEntries([...own, ...defined]);
}
