/** Reads inventories: one reader a kind of source, all adding to one draft. */
import { stat } from 'node:fs/promises';
import { dirname, extname, resolve as resolvePath } from 'node:path';
import { NetplayError, throwAll } from '../shared/errors.js';
import { readUserFile, type UserText } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';
import { hideAssigned } from '../shared/vaulted-values.js';
import { Draft } from './draft.js';
import { readHostList } from './host-list.js';
import { readIni } from './ini.js';
import type { Inventory } from './model.js';
import { resolve } from './resolve.js';
import { readVarsFolders } from './vars-files.js';
import { readYamlInventory } from './yaml.js';

const YAML_EXTENSIONS: readonly string[] = ['.yml', '.yaml', '.json'];

/**
 * Reads and merges inventories. Of two sources that set the same variable of a host or group the later wins.
 * `group_vars/` and `host_vars/` beside a file are read with it.
 * @param sources files in YAML or INI, or lists of hosts, which hold a comma: `web1,web2,`
 * @param options.cwd what relative paths start from; the process's own where it is left out
 * @param options.vault opens what is encrypted; without it that is an error, of a value when it is used
 * @throws NetplayError, NetplayErrors `inventory`: all mistakes of all sources
 */
export async function loadInventory(
  sources: readonly string[],
  options: { cwd?: string; vault?: Vault } = {},
): Promise<Inventory> {
  const cwd = resolvePath(options.cwd ?? '.');
  const draft = new Draft();
  const errors: NetplayError[] = [];
  const folders = new Set<string>();
  for (const source of sources) {
    const path = resolvePath(cwd, source);
    const kind = await kindOf(source, path);
    draft.file = kind === 'file' ? path : undefined;
    if (kind instanceof NetplayError) errors.push(kind);
    else if (kind === 'list') errors.push(...readHostList(source, draft));
    else {
      errors.push(...(await readSource(source, path, draft, options.vault)));
      folders.add(dirname(path));
    }
  }
  for (const folder of folders) errors.push(...(await readVarsFolders(folder, cwd, draft, options.vault)));
  throwAll(errors);
  return resolve(draft, sources);
}

async function kindOf(source: string, path: string): Promise<'list' | 'file' | NetplayError> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    return new NetplayError('inventory', `${source} is a folder, which can not be read as an inventory yet`, {
      hint: `Name its files: -i ${source.replace(/\/$/, '')}/FILE, several times.`,
    });
  if (found !== undefined) return 'file';
  if (source.includes(',')) return 'list';
  return new NetplayError('inventory', `There is no inventory ${source}`, {
    hint: `To name a host instead of a file, end it with a comma: -i ${source},`,
  });
}

async function readSource(
  source: string,
  path: string,
  draft: Draft,
  vault: Vault | undefined,
): Promise<NetplayError[]> {
  let given: UserText;
  try {
    given = await readUserFile(path, { shown: source, code: 'inventory', vault });
  } catch (cause) {
    if (cause instanceof NetplayError) return [cause];
    return [
      new NetplayError('inventory', `The inventory ${source} can't be read: ${reason(cause)}`, { cause }),
    ];
  }
  const { text } = given;
  if (text.startsWith('#!'))
    return [
      new NetplayError('inventory', `${source} is a script, which can not be read as an inventory yet`, {
        hint: `Save what it prints as YAML: ansible-inventory -i ${source} --list --yaml`,
      }),
    ];
  if (isYaml(text, extname(path))) return readYamlInventory(given, source, draft, vault);
  if (given.secret && vault !== undefined) hideAssigned(text, vault);
  return readIni(given, source, draft);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * Ansible tries YAML, then INI, and shows the errors of both. The first line that says anything tells them
 * apart, so that a mistake is shown once, in the words of the form that the file is written in.
 */
function isYaml(text: string, extension: string): boolean {
  const first =
    text
      .split('\n')
      .find((line) => /^\s*[^\s#;]/.test(line))
      ?.trim() ?? '';
  if (/^\[[^\]\s]+\]\s*(#.*)?$/.test(first)) return false;
  if (YAML_EXTENSIONS.includes(extension)) return true;
  return extension !== '.ini' && /^(---|\{|[^\s:=[\]]+:(\s|$))/.test(first);
}
