/** A file of netplay's own as one change, told by what it says and not by its text. */
import type { Change, Step } from '../../shared/change.js';
import type { HostFile, Snapshot } from '../../snapshot/model.js';

/** What a user reads of it. */
export interface Told {
  resource: string;
  before: string | null;
  after: string | null;
}

/**
 * @param content null for no file
 * @param snapshot one where the file was read
 * @returns nothing where the file is so already
 */
export function fileChange(
  address: string,
  path: string,
  content: string | null,
  { resource, before, after }: Told,
  snapshot: Snapshot,
): Change[] {
  const old = snapshot.files.get(path) ?? null;
  if ((old?.content ?? null) === content) return [];
  const file: HostFile | null = content === null ? null : { content, mode: old?.mode ?? '644' };
  const write: Step = content === null ? { kind: 'remove', path } : { kind: 'write', path, content };
  return [
    {
      resource,
      address,
      action: before === null ? 'create' : after === null ? 'delete' : 'update',
      before,
      // The text of the file is netplay's own: another version of it writes another one.
      after: before === after ? `${after}, as this version of netplay writes it` : after,
      do: [write],
      undo: [
        old === null
          ? { kind: 'remove', path }
          : { kind: 'write', path, content: old.content, mode: old.mode },
      ],
      effects: [{ kind: 'file', path, file }],
    },
  ];
}
