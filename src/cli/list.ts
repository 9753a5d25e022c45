/** `netplay run --list-hosts`, `--list-tasks`, `--list-tags` and `--syntax-check`: what a run would be, in Ansible's form. */
import { dirname } from 'node:path';
import { type HeadingContext, patternOf, titleOf } from '../engine/play-heading.js';
import { loadInventory } from '../inventory/load.js';
import type { Inventory, Vars } from '../inventory/model.js';
import { selectHosts } from '../inventory/patterns.js';
import { listTags, listTasks } from '../playbook/listing.js';
import type { Play } from '../playbook/model.js';
import { printable } from '../report/printable.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { Vault } from '../shared/vaulted.js';
import { createTemplates } from '../template/templates.js';
import { readExtraVars } from './extra-vars.js';
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
  const extraVars = await readExtraVars(flags.extraVars, vault);
  secrets.hideNamed(extraVars);
  for (const file of files) {
    const playbook = await readPlaybook(file, { templates, vault, flags });
    const known = { templates, extraVars, vault };
    const lines = flags.syntaxCheck ? [] : await linesOf(file, playbook.plays, flags, known);
    process.stdout.write(printable(['', `playbook: ${file}`, ...lines, ''].join('\n')));
  }
  return 0;
}

interface Known extends HeadingContext {
  vault: Vault;
}

async function linesOf(
  file: string,
  plays: readonly Play[],
  flags: RunFlags,
  known: Known,
): Promise<string[]> {
  const inventory = flags.listHosts
    ? await loadInventory(flags.inventory, { playbookDirs: [dirname(file)], vault: known.vault })
    : undefined;
  const errors: NetplayError[] = [];
  const lines = plays.flatMap((play, index) => {
    const pattern = patternIn(play, known, flags.listHosts === true ? errors : []);
    return [
      '',
      `  play #${index + 1} (${pattern ?? play.hosts}): ${titleOf(play, known, usualAnswers(play))}\tTAGS: [${play.tags.join(',')}]`,
      ...(inventory === undefined || pattern === undefined
        ? []
        : hostLines(inventory, { pattern, play, flags, errors })),
      ...(flags.listTasks ? taskLines(play, flags) : []),
      ...(flags.listTags ? [`      TASK TAGS: [${listTags(play, tagsOf(flags)).join(', ')}]`] : []),
    ];
  });
  throwAll(errors);
  return lines;
}

/** As in Ansible nobody is asked for what a list needs. */
function usualAnswers({ varsPrompt = [] }: Play): Vars {
  const usual = varsPrompt.filter((one) => one.default !== undefined);
  return Object.fromEntries(usual.map((one) => [one.name, one.default]));
}

/** @param errors gets why it can't be told; undefined then */
function patternIn(play: Play, known: Known, errors: NetplayError[]): string | undefined {
  try {
    return patternOf(play, known, usualAnswers(play));
  } catch (error) {
    errors.push(placed(error, play));
    return undefined;
  }
}

interface HostList {
  pattern: string;
  play: Play;
  flags: RunFlags;
  errors: NetplayError[];
}

function hostLines(inventory: Inventory, list: HostList): string[] {
  const hosts = hostsOf(inventory, list);
  return [
    `    pattern: ['${list.pattern}']`,
    `    hosts (${hosts.length}):`,
    ...hosts.map((host) => `      ${host}`),
  ];
}

function hostsOf(inventory: Inventory, { pattern, play, flags, errors }: HostList): readonly string[] {
  try {
    return selectHosts(inventory, pattern, flags.limit, flags.allowEmpty);
  } catch (error) {
    errors.push(placed(error, play));
    return [];
  }
}

function placed(error: unknown, play: Play): NetplayError {
  if (!(error instanceof NetplayError)) throw error;
  const { message, hint, place = play.place } = error;
  return new NetplayError(error.code, message, { place, ...(hint !== undefined && { hint }) });
}

/** As in Ansible without those of `rescue` and `always`, which a run may not come to. */
function taskLines(play: Play, flags: RunFlags): string[] {
  const listed = listTasks(play, tagsOf(flags)).filter(({ part }) => part === undefined);
  return ['    tasks:', ...listed.map(({ name, tags }) => `      ${name}\tTAGS: [${tags.join(', ')}]`)];
}
