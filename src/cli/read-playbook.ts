/** Playbooks as commands read them: with all that tasks may name, and the folders in which roles are looked for. */
import { actions } from '../actions/registry.js';
import { loadPlaybook } from '../playbook/load.js';
import type { Playbook } from '../playbook/model.js';
import { resources } from '../resources/registry.js';
import type { Vault } from '../shared/vaulted.js';
import type { Templates } from '../template/model.js';
import type { RunFlags } from './flags.js';

export interface ReadOptions {
  templates: Templates;
  vault: Vault;
  flags: Pick<RunFlags, 'rolesPath' | 'forceHandlers' | 'gathering'>;
  /** The text of a file; as UTF-8 where it is left out. */
  readText?: (file: string) => Promise<string>;
}

/** @throws NetplayError | NetplayErrors all that is wrong in it */
export async function readPlaybook(
  file: string,
  { templates, vault, flags, readText }: ReadOptions,
): Promise<Playbook> {
  const { rolesPath, forceHandlers, gathering } = flags;
  const playbook = await loadPlaybook(file, resources, {
    templates,
    vault,
    actions,
    ...(rolesPath !== undefined && { rolesPath }),
    ...(readText !== undefined && { readText }),
  });
  const said = {
    ...(forceHandlers === true && { forceHandlers }),
    ...(gathering === 'explicit' && { gatherFacts: false }),
  };
  // A play's own word stands above the command line's, as in Ansible.
  return { ...playbook, plays: playbook.plays.map((play) => ({ ...said, ...play })) };
}
