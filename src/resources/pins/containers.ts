/** Which containers of an OpenVZ node a task names. */
import type { Problem } from '../../shared/change.js';
import { nearest } from '../../shared/nearest.js';
import type { OpenVz, Ve } from '../../snapshot/openvz.js';

/**
 * By id, name or hostname; `*` and `?` stand for any letters and any one.
 * @returns each once, in the order of the task; `problems` tell of words that name none
 */
export function chooseVes(
  words: readonly string[],
  { ves }: OpenVz,
  path: readonly (string | number)[],
  problems: Problem[],
): Ve[] {
  const chosen = words.flatMap((word) => {
    const found = ves.filter((ve) => isNamed(ve, word));
    if (found.length === 0) problems.push(unknown(word, ves, path));
    return found;
  });
  return [...new Set(chosen)];
}

function isNamed({ id, name, hostname }: Ve, word: string): boolean {
  // An id is one container's alone, whatever others are called.
  if (/^\d+$/.test(word)) return id === word;
  const pattern = new RegExp(
    `^${word
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return [id, name, hostname].some((text) => text !== null && pattern.test(text));
}

function unknown(word: string, ves: readonly Ve[], path: readonly (string | number)[]): Problem {
  const names = ves.flatMap(({ id, name, hostname }) => [id, ...[name ?? hostname ?? []].flat()]);
  const near = nearest(word, names);
  const there = ves.map(({ id, name, hostname }) => {
    const called = name ?? hostname;
    return called === null ? id : `${id} (${called})`;
  });
  return {
    message: `no container ${word} on this host`,
    hint: [
      ...(near === undefined ? [] : [`Did you mean ${near}?`]),
      there.length === 0
        ? 'It has none.'
        : `It has ${there.slice(0, 20).join(', ')}${there.length > 20 ? ', …' : ''}.`,
    ].join(' '),
    path,
  };
}
