/** `netplay inventory`: what was understood of an inventory, as `ansible-inventory` tells it. */
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { type Origin, originsOf, VarTrace } from '../inventory/explain.js';
import { loadInventory } from '../inventory/load.js';
import type { LoadedInventory, Vars } from '../inventory/model.js';
import { selectHosts } from '../inventory/patterns.js';
import { graphOf, hostVarsOf, listOf, type ShowOptions, tablesOf, treeOf } from '../inventory/show.js';
import { toToml } from '../inventory/toml.js';
import { sortedJson } from '../report/sorted-json.js';
import { NetplayError } from '../shared/errors.js';
import { formatPlace } from '../shared/place.js';
import { print } from '../template/print.js';
import { readExtraVars } from './extra-vars.js';
import { noteRead } from './note-secrets.js';
import { secrets } from './output.js';
import { checkInventory } from './sources.js';
import { openVault, type VaultFlags } from './vault-options.js';

export interface InventoryFlags extends VaultFlags {
  inventory: string[];
  extraVars: string[];
  list?: boolean;
  /** A group's name; true where none is given. */
  graph?: boolean | string;
  host?: string;
  yaml?: boolean;
  toml?: boolean;
  vars?: boolean;
  export?: boolean;
  explain?: string;
  limit?: string;
  playbookDir?: string;
  output?: string;
}

/**
 * @param group where `--graph` begins, if it is not named with the flag itself
 * @throws NetplayError `usage`, `inventory`
 */
export async function inventoryCommand(group: string | undefined, flags: InventoryFlags): Promise<void> {
  checkFlags(flags);
  checkInventory(flags);
  const trace = flags.explain === undefined ? undefined : new VarTrace(flags.explain);
  const vault = await openVault(flags, secrets.hide);
  const [inventory, extraVars] = await Promise.all([
    // As with ansible-inventory, the folder that one stands in is taken for the playbook's.
    loadInventory(flags.inventory, {
      playbookDirs: [flags.playbookDir ?? '.'],
      vault,
      ...(trace && { trace }),
    }),
    readExtraVars(flags.extraVars, vault),
  ]);
  noteRead(secrets, { inventory, playbook: { file: '', plays: [] }, extraVars });
  const text = trace
    ? explained(inventory, hostOf(inventory, flags), trace, extraVars)
    : shown(inventory, group, flags, extraVars);
  if (flags.output === undefined) process.stdout.write(`${text}\n`);
  else await save(flags.output, text);
}

function checkFlags(flags: InventoryFlags): void {
  const actions = [flags.list, flags.graph, flags.host].filter((action) => action !== undefined);
  if (actions.length !== 1)
    throw new NetplayError('usage', 'one of --list, --graph and --host is needed, and no more');
  if (flags.toml && (flags.yaml || flags.graph !== undefined))
    throw new NetplayError('usage', '--toml goes with --list and --host, and not with --yaml');
  if (flags.explain !== undefined && flags.host === undefined)
    throw new NetplayError('usage', '--explain goes with --host');
}

function shown(
  inventory: LoadedInventory,
  group: string | undefined,
  flags: InventoryFlags,
  extraVars: Vars,
): string {
  const options: ShowOptions = {
    extraVars,
    export: flags.export ?? false,
    withPlaybook: flags.playbookDir !== undefined,
    ...(flags.limit !== undefined && { only: new Set(selectHosts(inventory, 'all', flags.limit)) }),
  };
  if (flags.graph !== undefined) {
    const top = typeof flags.graph === 'string' ? flags.graph : (group ?? 'all');
    return graphOf(inventory, top, options, flags.vars ? print : undefined).join('\n');
  }
  if (flags.host !== undefined) {
    const vars = hostVarsOf(inventory, hostOf(inventory, flags), options);
    return flags.toml ? inToml(vars) : dumped(vars, flags);
  }
  if (flags.toml) return inToml(tablesOf(inventory, options));
  return dumped(flags.yaml ? treeOf(inventory, options) : listOf(inventory, options), flags);
}

function inToml(value: Readonly<Record<string, unknown>>): string {
  try {
    return toToml(value);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new NetplayError('usage', `--toml: ${cause.message}`, { hint: 'print it with --yaml', cause });
  }
}

/** What YAML 1.1 takes for something else than text is quoted, so that Ansible reads it as it is. */
function dumped(value: unknown, flags: InventoryFlags): string {
  if (!flags.yaml) return sortedJson(value);
  return stringify(value, {
    sortMapEntries: true,
    compat: 'yaml-1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  }).trimEnd();
}

/** The one host that `--host` names, by whatever pattern. */
function hostOf(inventory: LoadedInventory, { host = '', limit }: InventoryFlags): string {
  const [found, ...others] = selectHosts(inventory, host, limit);
  if (found !== undefined && others.length === 0) return found;
  const many = `it names ${others.length + 1}: ${[found, ...others].slice(0, 3).join(', ')}`;
  const what = found === undefined ? 'it names none that --limit leaves' : many;
  throw new NetplayError('usage', `--host ${host}: one host is wanted, and ${what}`);
}

function explained(inventory: LoadedInventory, host: string, trace: VarTrace, extraVars: Vars): string {
  const { variable } = trace;
  const extra = Object.hasOwn(extraVars, variable) ? [['-e', 'the command line', extraVars[variable]]] : [];
  const origins = originsOf(inventory, host, trace).map(({ place, level, value }: Origin) => [
    formatPlace(place),
    level,
    value,
  ]);
  const [first, ...hidden] = [...extra, ...origins].map(([where, level, value]) => [
    String(where),
    String(level),
    JSON.stringify(value),
  ]);
  if (first === undefined)
    throw new NetplayError('usage', `Nothing in the inventory sets "${variable}" for ${host}`);
  const widths = [0, 1].map((column) =>
    Math.max(...[first, ...hidden].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  const told = [`${variable} of ${host} is ${first[2]}`, line(first)];
  return [...told, ...(hidden.length > 0 ? ['and hides'] : []), ...hidden.map(line)].join('\n');
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, `${secrets.redact(text)}\n`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NetplayError('usage', `${file} can't be written: ${why}`, { cause });
  }
}
