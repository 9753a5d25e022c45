/** From the text of one playbook to its plays and imports. */
import { isMap, isSeq } from 'yaml';
import type { TaskKind } from '../resources/resource.js';
import type { NetplayError } from '../shared/errors.js';
import type { Vault } from '../shared/vaulted.js';
import { readYaml } from '../shared/yaml.js';
import type { Templates } from '../template/model.js';
import { importEntry, type PlaybookImport, readImport } from './import.js';
import type { Play } from './model.js';
import { readPlay } from './play.js';
import { isEmpty, kindOf, NodeReader } from './reader.js';

export interface ParseOptions {
  /** Checks the syntax of every template and condition; without it they are taken as they are. */
  templates?: Templates;
  /** Opens what is encrypted. */
  vault?: Vault;
}

/**
 * Reads and checks the text of one file.
 * @param file as it shall stand in errors
 * @returns its plays, and the imports between them; and all that is wrong, in the order of its lines
 */
export function parsePlaybook(
  text: string,
  file: string,
  registry: readonly TaskKind<unknown>[],
  options: ParseOptions = {},
): { entries: readonly (Play | PlaybookImport)[]; errors: readonly NetplayError[] } {
  const { source, errors } = readYaml(text, file, 'playbook', options);
  if (source.document.errors.length > 0) return { entries: [], errors };
  const reader = new NodeReader(source, registry, options.templates);
  const entries = readEntries(reader, source.document.contents);
  // What is wrong in the eyes of a play, where the YAML itself is wrong, is an echo.
  const lines = new Set(errors.map((error) => error.place?.line));
  const own = reader.errors.filter((error) => !lines.has(error.place?.line));
  return { entries, errors: [...errors, ...own].sort(byPlace) };
}

function readEntries(reader: NodeReader, root: unknown): (Play | PlaybookImport)[] {
  if (isSeq(root) && root.items.length > 0)
    return root.items.flatMap((node) => {
      const imported = isMap(node) ? importEntry(reader, node) : undefined;
      if (imported !== undefined && isMap(node)) return readImport(reader, node, imported) ?? [];
      return readPlay(reader, node) ?? [];
    });
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
