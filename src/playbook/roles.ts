/** Roles: folders with tasks, handlers, variables and files, and what they depend on. */
import { basename, resolve } from 'node:path';
import { isMap, isScalar } from 'yaml';
import type { Vars } from '../inventory/model.js';
import { isTemplate } from '../resources/templated.js';
import { toPlain } from '../shared/yaml.js';
import { ROLE_KEYWORDS, refusedKeyword } from './keywords.js';
import type { Around, Role, Step } from './model.js';
import { type Entry, here, isEmpty, kindOf, type Namer, type NodeReader, namedAt } from './reader.js';
import type { Brought, Reading, RoleUse } from './reading.js';
import { fileOf, filesOf, findRole, roleFolders } from './role-files.js';
import { entriesOf, readVars, within } from './shared-keywords.js';
import { readTasksOf } from './steps.js';

const NAME_ONLY = 'Write its name, or role: NAME with keywords and parameters.';

/** The entries of `roles:`, or of a role's dependencies. */
export async function readRoles(
  reading: Reading,
  reader: NodeReader,
  entry: Entry | undefined,
  around: Around,
  parent?: Role,
): Promise<{ steps: Step[]; roles: Role[] }> {
  const found: { steps: Step[]; roles: Role[] } = { steps: [], roles: [] };
  const nodes = entry === undefined ? [] : reader.list(entry, 'Begin each role with "- ".');
  for (const node of nodes) {
    const use = readUse(reader, node, around);
    if (use === undefined) continue;
    const named = isMap(node) ? entriesOf(reader, node) : undefined;
    const at = namedAt(reader, (named?.get('role') ?? named?.get('name'))?.node ?? node);
    const { steps, role } = await bringRole(reading, at, { ...use, ...(parent !== undefined && { parent }) });
    found.steps.push(...steps);
    if (role !== undefined) found.roles.push(role);
  }
  return found;
}

function readUse(reader: NodeReader, node: unknown, around: Around): RoleUse | undefined {
  const plain = { vars: {}, params: {}, from: {}, identity: identityOf({}, {}) };
  if (isScalar(node) && typeof node.value === 'string')
    return checkRoleName(reader, node) ? { ...plain, name: node.value, inside: around } : undefined;
  const entries = isMap(node) ? entriesOf(reader, node) : undefined;
  const named = entries?.get('role') ?? entries?.get('name');
  if (entries === undefined || named === undefined) {
    reader.refuse(`A role must be a name, or a map with one, not ${kindOf(node)}`, node, { hint: NAME_ONLY });
    return undefined;
  }
  const params = [...entries.values()].filter((entry) => !ROLE_KEYWORDS.includes(entry.key));
  for (const { key, keyNode, node: value } of params) {
    const refused = refusedKeyword(key);
    if (refused !== undefined) reader.refuse(`${key}: netplay does not have it`, keyNode, { hint: refused });
    if (key === 'loop' || key.startsWith('with_'))
      reader.refuse(`${key}: belongs to a task, not to a role`, keyNode, {
        hint: 'Write a task with include_role.',
      });
    reader.checkTemplates(value);
  }
  const name = checkRoleName(reader, named.node) ? reader.text(named) : undefined;
  if (name === undefined) return undefined;
  const inside = withoutVars(within(reader, entries, around), around);
  const vars = readVars(reader, entries);
  const given = Object.fromEntries(params.map(({ key, node: value }) => [key, toPlain(value)]));
  const [tags, when] = ['tags', 'when'].map((word) => toPlain(entries.get(word)?.node));
  return { name, inside, vars, params: given, from: {}, identity: identityOf(given, vars, tags, when) };
}

/** What Ansible tells uses of a role by. */
function identityOf(...given: unknown[]): string {
  return JSON.stringify(given.filter((part) => part !== undefined && part !== null));
}

function expressions({ when }: Around): (string | boolean)[] {
  return when.map(({ expression }) => expression);
}

/** Variables beside a role's name are the role's, below those of its own files: no block's. */
function withoutVars(inside: Around, around: Around): Around {
  return { ...inside, vars: around.vars };
}

function checkRoleName(reader: NodeReader, node: unknown): boolean {
  if (!isScalar(node) || !isTemplate(node.value)) return true;
  reader.refuse("A template can't be filled in here, before any host is known", node, {
    hint: 'Write a task with include_role, whose name may be one.',
  });
  return false;
}

/** The role with all that it depends on: their tasks before its own, unless they stand in the play already. */
export async function bringRole(reading: Reading, at: Namer, use: RoleUse): Promise<Brought> {
  const { project, gathered } = reading;
  const path = findRole(project, use, at.file);
  if (path === undefined) {
    const looked = roleFolders(project, use, at.file).join(', ');
    const more = /^\w+\.\w+\.\w+$/.test(use.name)
      ? ' Collections are not read: put its folder into one of these.'
      : '';
    at.refuse(`There is no role ${use.name}`, { hint: `It was looked for in ${looked}.${more}` });
    return { steps: [] };
  }
  const folder = `${resolve(path)}/`;
  if (reading.open.includes(folder)) {
    at.refuse(`The role ${use.name} depends on itself`, { hint: 'Remove this dependency.' });
    return { steps: [] };
  }
  const meta = await readMeta(reading, path);
  const role = await readRole(reading, at, use, path, meta.allowDuplicates);
  const identity = JSON.stringify([role.key, use.inside.tags, expressions(use.inside)]);
  const before = role.allowDuplicates ? undefined : gathered.brought.get(identity);
  if (before !== undefined) return { steps: [], role: before };
  gathered.brought.set(identity, role);
  const inside: Around = { ...use.inside, role };
  const within: Reading = { ...reading, open: [...reading.open, folder] };
  const needed =
    meta.reader === undefined
      ? { steps: [], roles: [] }
      : await readRoles(within, meta.reader, meta.dependencies, use.inside, role);
  role.dependencies.push(...needed.roles);
  await gatherHandlers(reading, at, use, inside);
  const tasks = fileOf(path, 'tasks', use.from.tasks);
  if (tasks === undefined && use.from.tasks !== undefined) refuseFrom(at, path, 'tasks', use.from.tasks);
  const own =
    tasks === undefined ? [] : await readTasksOf({ ...reading, handlers: false }, tasks, at, inside);
  return { steps: [...needed.steps, ...own], role };
}

/** A role whose dependencies are not read yet. */
async function readRole(
  reading: Reading,
  at: Namer,
  use: RoleUse,
  path: string,
  allowDuplicates: boolean,
): Promise<Role & { dependencies: Role[] }> {
  const { vars, params, parent, isIncluded, identity } = use;
  return {
    name: basename(use.name.replace(/\/+$/, '')),
    path,
    defaults: await varsOf(reading, at, use, path, 'defaults'),
    vars: { ...vars, ...(await varsOf(reading, at, use, path, 'vars')) },
    params,
    ...(parent !== undefined && { parent }),
    ...(isIncluded && { isIncluded }),
    dependencies: [],
    key: `${resolve(path)} ${identity}`,
    allowDuplicates: use.allowDuplicates ?? allowDuplicates,
  };
}

async function varsOf(
  { project }: Reading,
  at: Namer,
  use: RoleUse,
  path: string,
  folder: 'defaults' | 'vars',
): Promise<Vars> {
  const from = use.from[folder];
  const files = filesOf(path, folder, from);
  if (files.length === 0 && from !== undefined) refuseFrom(at, path, folder, from);
  const all: Vars[] = [];
  for (const file of files) all.push(await project.vars(file, at));
  return Object.assign({}, ...all);
}

function refuseFrom(at: Namer, path: string, folder: string, from: string): void {
  at.refuse(`There is no ${from} in ${path}/${folder}`);
}

async function gatherHandlers(reading: Reading, at: Namer, use: RoleUse, inside: Around): Promise<void> {
  const path = inside.role?.path ?? '';
  const from = use.from.handlers;
  const file = fileOf(path, 'handlers', from);
  if (file === undefined && from !== undefined) refuseFrom(at, path, 'handlers', from);
  // The same handlers, of a role that is used twice, would be told twice.
  const identity = JSON.stringify([file, inside.role?.params]);
  if (file === undefined || reading.gathered.handlerFiles.has(identity)) return;
  reading.gathered.handlerFiles.add(identity);
  const found = await readTasksOf({ ...reading, handlers: true, open: [] }, file, at, inside);
  reading.gathered.handlers.push(
    ...found.flatMap((step) => (step.kind === 'block' || step.kind === 'flush' ? [] : [step])),
  );
}

interface Meta {
  reader?: NodeReader;
  dependencies?: Entry;
  allowDuplicates: boolean;
}

/** `meta/main`: what the role depends on. All else there is for Galaxy. */
async function readMeta({ project }: Reading, path: string): Promise<Meta> {
  const file = fileOf(path, 'meta', undefined);
  const reader = file === undefined ? undefined : await project.open(file, 'meta of the role');
  const root: unknown = reader?.source.document.contents;
  if (reader === undefined || isEmpty(root)) return { allowDuplicates: false };
  if (!isMap(root)) {
    reader.refuse(`The meta of a role must be a map, not ${kindOf(root)}`, here(root, root));
    return { allowDuplicates: false };
  }
  const entries = entriesOf(reader, root);
  const dependencies = entries.get('dependencies');
  const duplicates = entries.get('allow_duplicates');
  return {
    reader,
    ...(dependencies !== undefined && { dependencies }),
    allowDuplicates: duplicates !== undefined && reader.flag(duplicates) === true,
  };
}
