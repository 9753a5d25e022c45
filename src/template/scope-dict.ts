import type { Scope } from './model.js';
import { LazyDict } from './values.js';

/** Ansible's `vars`: every variable by its name, worked out when it is asked for. */
export function allVariables(scope: Scope): LazyDict {
  return new LazyDict({
    keys: () => scope.names(),
    has: (name) => scope.has(name),
    get: (name) => scope.get(name),
  });
}
