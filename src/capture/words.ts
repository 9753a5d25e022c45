/** Numbers as a person writes them: by the name that the host has for them. */
import { tableName } from '../resources/routing/names.js';
import type { Reading } from './reading.js';

/** A table by its name, where the host has one for it, else by its number. */
export function tableParam(table: number, { snapshot }: Pick<Reading, 'snapshot'>): string | number {
  return wordOrNumber(tableName(table, snapshot.names));
}

/** A number that has no name is one in the playbook, too. */
export function wordOrNumber(word: string): string | number {
  return /^\d+$/.test(word) ? Number(word) : word;
}
