/** A list of hosts given on the command line: `-i web1,web[2:4],db1:2222`. */
import { NetplayError } from '../shared/errors.js';
import type { Draft } from './draft.js';
import { HostNameError, parseHostNames } from './host-names.js';

/** Adds the hosts of a list to the draft, and returns all that is wrong with it. Empty items are fine. */
export function readHostList(list: string, draft: Draft): NetplayError[] {
  const errors: NetplayError[] = [];
  const ungrouped = draft.group('ungrouped');
  for (const match of list.matchAll(/[^,\s]+/g)) {
    const place = { file: '-i', line: 1, column: match.index + 1, length: match[0].length, source: list };
    try {
      const { names, port } = parseHostNames(match[0]);
      // As in Ansible, a list adds hosts, and says nothing of those that a source before it has.
      for (const name of names) if (!draft.hosts.has(name)) draft.host(name, ungrouped, place, port);
    } catch (error) {
      if (!(error instanceof HostNameError)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      errors.push(new NetplayError('inventory', error.message, { place, ...hint }));
    }
  }
  return errors;
}
