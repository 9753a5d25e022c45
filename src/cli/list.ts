/** `netplay run --list-hosts`, `--list-tasks`, `--list-tags` and `--syntax-check`: what a run would be, in Ansible's form. */
import { dirname } from 'node:path';
import { loadInventory } from '../inventory/load.js';
import type { Inventory } from '../inventory/model.js';
import { selectHosts } from '../inventory/patterns.js';
import { listTags, listTasks } from '../playbook/listing.js';
import type { Play } from '../playbook/model.js';
import { printable } from '../report/printable.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { Vault } from '../shared/vaulted.js';
import { createTemplates } from '../template/templates.js';
import type { RunFlags } from './flags.js';
import { secrets } from './output.js';
import { readPlaybook } from './read-playbook.js';
import { tagsOf } from './select.js';
import { checkInventory } from './sources.js';
import { openVault } from './vault-options.js';

/** @returns 0; all that is wrong is thrown */
export async function listCommand(files: readonly string[], flags: RunFlags): Promise<number> {
  if (flags.listHosts) checkInventory(flags);
  const templates = createTemplates();
  const vault = await openVault(flags, secrets.hide);
  for (const file of files) {
    const { plays } = await readPlaybook(file, { templates, vault, flags });
    const lines = flags.syntaxCheck ? [] : await linesOf(file, plays, flags, vault);
    process.stdout.write(printable(['', `playbook: ${file}`, ...lines, ''].join('\n')));
  }
  return 0;
}

async function linesOf(
  file: string,
  plays: readonly Play[],
  flags: RunFlags,
  vault: Vault,
): Promise<string[]> {
  const inventory = flags.listHosts
    ? await loadInventory(flags.inventory, { playbookDirs: [dirname(file)], vault })
    : undefined;
  const errors: NetplayError[] = [];
  const lines = plays.flatMap((play, index) => [
    '',
    `  play #${index + 1} (${play.hosts}): ${play.name}\tTAGS: [${play.tags.join(',')}]`,
    ...(inventory === undefined ? [] : hostLines(inventory, play, flags, errors)),
    ...(flags.listTasks ? taskLines(play, flags) : []),
    ...(flags.listTags ? [`      TASK TAGS: [${listTags(play, tagsOf(flags)).join(', ')}]`] : []),
  ]);
  throwAll(errors);
  return lines;
}

function hostLines(inventory: Inventory, play: Play, { limit }: RunFlags, errors: NetplayError[]): string[] {
  const hosts = hostsOf(inventory, play, limit, errors);
  return [
    `    pattern: ['${play.hosts}']`,
    `    hosts (${hosts.length}):`,
    ...hosts.map((host) => `      ${host}`),
  ];
}

function hostsOf(
  inventory: Inventory,
  play: Play,
  limit: string | undefined,
  errors: NetplayError[],
): readonly string[] {
  try {
    return selectHosts(inventory, play.hosts, limit);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    const { message, hint, place = play.place } = error;
    errors.push(new NetplayError(error.code, message, { place, ...(hint !== undefined && { hint }) }));
    return [];
  }
}

/** As in Ansible without those of `rescue` and `always`, which a run may not come to. */
function taskLines(play: Play, flags: RunFlags): string[] {
  const listed = listTasks(play, tagsOf(flags)).filter(({ part }) => part === undefined);
  return ['    tasks:', ...listed.map(({ name, tags }) => `      ${name}\tTAGS: [${tags.join(', ')}]`)];
}
