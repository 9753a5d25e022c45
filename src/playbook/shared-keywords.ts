/** The keywords that plays and tasks share. */
import type { Keywords } from './model.js';
import type { Entry, NodeReader } from './reader.js';

export function readKeywords(reader: NodeReader, entries: ReadonlyMap<string, Entry>): Keywords {
  const flag = (word: string) => {
    const entry = entries.get(word);
    return entry === undefined ? undefined : reader.flag(entry);
  };
  const text = (word: string) => {
    const entry = entries.get(word);
    return entry === undefined ? undefined : reader.text(entry);
  };
  const become = flag('become');
  const becomeUser = text('become_user');
  const connection = text('connection');
  const remoteUser = text('remote_user');
  const ignoreErrors = flag('ignore_errors');
  return {
    ...(become === undefined ? {} : { become }),
    ...(becomeUser === undefined ? {} : { becomeUser }),
    ...(connection === undefined ? {} : { connection }),
    ...(remoteUser === undefined ? {} : { remoteUser }),
    ...(ignoreErrors === undefined ? {} : { ignoreErrors }),
  };
}

export function readTags(reader: NodeReader, entries: ReadonlyMap<string, Entry>): string[] {
  const entry = entries.get('tags');
  return entry === undefined ? [] : reader.words(entry);
}
