/** From a playbook's file to plays and tasks. */
import { readFile } from 'node:fs/promises';
import { isMap, isSeq } from 'yaml';
import type { Resource } from '../resources/resource.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import { readYaml } from '../shared/yaml.js';
import type { Templates } from '../template/model.js';
import type { Playbook } from './model.js';
import { readPlay } from './play.js';
import { isEmpty, kindOf, NodeReader } from './reader.js';

export interface LoadOptions {
  /** Checks the syntax of every template and condition; without it they are taken as they are. */
  templates?: Templates;
}

/**
 * Reads and checks a playbook, before any host is touched.
 * @param registry every resource that a task may name
 * @throws NetplayError | NetplayErrors all that is wrong with the file, in the order of its lines:
 *   `playbook` for its structure, `schema` for parameters, `template` for the syntax of templates
 */
export async function loadPlaybook(
  file: string,
  registry: readonly Resource<unknown>[],
  options: LoadOptions = {},
): Promise<Playbook> {
  return parsePlaybook(await readText(file), file, registry, options);
}

/** As `loadPlaybook`, of a text. @param file as it shall stand in errors */
export function parsePlaybook(
  text: string,
  file: string,
  registry: readonly Resource<unknown>[],
  options: LoadOptions = {},
): Playbook {
  const { source, errors } = readYaml(text, file, 'playbook');
  if (source.document.errors.length > 0) throwAll(errors);
  const reader = new NodeReader(source, registry, options.templates);
  const plays = readPlays(reader, source.document.contents);
  // What is wrong in the eyes of a play, where the YAML itself is wrong, is an echo.
  const lines = new Set(errors.map((error) => error.place?.line));
  const own = reader.errors.filter((error) => !lines.has(error.place?.line));
  throwAll([...errors, ...own].sort(byPlace));
  return { file, plays };
}

function readPlays(reader: NodeReader, root: unknown): Playbook['plays'] {
  if (isSeq(root) && root.items.length > 0) return root.items.flatMap((node) => readPlay(reader, node) ?? []);
  if (isEmpty(root) || isSeq(root)) reader.refuse('The playbook is empty', root);
  else
    reader.refuse(`A playbook must be a list of plays, not ${kindOf(root)}`, root, {
      ...(isMap(root) ? { hint: 'Begin each play with "- ".' } : {}),
    });
  return [];
}

function byPlace(a: NetplayError, b: NetplayError): number {
  const lines = (a.place?.line ?? 0) - (b.place?.line ?? 0);
  return lines !== 0 ? lines : (a.place?.column ?? 0) - (b.place?.column ?? 0);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder',
      EACCES: 'you may not read it',
    };
    throw new NetplayError('playbook', `Can't read the playbook ${file}: ${reasons[code] ?? code}`, {
      cause,
    });
  }
}
