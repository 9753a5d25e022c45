/** What is wrong before any host is touched: with whose place and host it is told. */
import type { Play } from '../playbook/model.js';
import { NetplayError } from '../shared/errors.js';

/** With the place of the play. */
export function placed(error: NetplayError, play: Play): NetplayError {
  return new NetplayError(error.code, error.message, { ...detailsOf(error), place: play.place });
}

export function ofHost(error: NetplayError, host: string): NetplayError {
  return new NetplayError(error.code, error.message, { ...detailsOf(error), host: error.host ?? host });
}

/** All of an error but its words. */
export function detailsOf(error: NetplayError) {
  const { hint, place, host, task } = error;
  return {
    ...(hint !== undefined && { hint }),
    ...(place !== undefined && { place }),
    ...(host !== undefined && { host }),
    ...(task !== undefined && { task }),
    cause: error,
  };
}

/** The same mistake on many hosts is one error that names the first of them and counts the rest. */
export function foldErrors(errors: readonly NetplayError[]): NetplayError[] {
  const groups = new Map<string, { error: NetplayError; hosts: Set<string> }>();
  for (const error of errors) {
    const { place } = error;
    const key = `${error.message}\0${place ? `${place.file}:${place.line}:${place.column}` : ''}`;
    const group = groups.get(key) ?? { error, hosts: new Set<string>() };
    if (error.host !== undefined) group.hosts.add(error.host);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ error, hosts }) => {
    const [first, ...others] = hosts;
    if (first === undefined) return error;
    const host = others.length === 0 ? first : `${first} and ${others.length} more`;
    return new NetplayError(error.code, error.message, { ...detailsOf(error), host });
  });
}
