/** Playbooks as text, without a file. */
import { readFile } from 'node:fs/promises';
import { type LoadOptions, loadPlaybook } from '../../src/playbook/load.js';
import type { Play } from '../../src/playbook/model.js';
import type { TaskKind } from '../../src/resources/resource.js';
import { NetplayError, NetplayErrors } from '../../src/shared/errors.js';

export interface ReadText {
  plays: readonly Play[];
  errors: readonly NetplayError[];
}

/** What a playbook of that text is read as, and all that is wrong with it. */
export async function readPlaybookText(
  text: string,
  file: string,
  registry: readonly TaskKind<unknown>[],
  options: LoadOptions = {},
): Promise<ReadText> {
  try {
    const readText = async (name: string): Promise<string> => (name === file ? text : readFile(name, 'utf8'));
    const { plays } = await loadPlaybook(file, registry, { ...options, readText });
    return { plays, errors: [] };
  } catch (error) {
    if (error instanceof NetplayErrors) return { plays: [], errors: error.errors };
    if (error instanceof NetplayError) return { plays: [], errors: [error] };
    throw error;
  }
}
