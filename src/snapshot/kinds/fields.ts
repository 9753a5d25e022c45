/** Takes apart the words that `ip -d link` prints behind a link's kind. */
import type { Fields, Setting } from './setting.js';

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

/**
 * @param info the words, as `Link.info` has them
 * @param settings those of the kind: they tell which words have values, so that a device that is called
 * like a word is not taken for one
 */
export function fieldsOf(info: readonly string[], settings: readonly Setting[]): Fields {
  const counts = new Map(settings.flatMap((setting) => Object.entries(setting.words)));
  const found = new Map<string, string[]>();
  for (let at = 0; at < info.length; at++) {
    const word = info[at] ?? '';
    if (word.startsWith('<')) {
      for (const flag of word.slice(1, -1).split(',')) found.set(`<${flag}>`, []);
      continue;
    }
    const end = endOf(info, at, counts.get(word) ?? 0);
    found.set(
      word,
      info.slice(at + 1, end).filter((each) => !/^[{}]$|^\(\d+\)$/.test(each)),
    );
    at = end - 1;
  }
  return { get: (word) => found.get(word), has: (word) => found.has(word) };
}

/** The place behind the last word that belongs to the one at `at`. */
function endOf(info: readonly string[], at: number, count: number | '}' | 'mac'): number {
  if (typeof count === 'number') return at + 1 + count;
  let end = at + 2;
  if (count === '}') while (end <= info.length && info[end - 1] !== '}') end += 1;
  else while (MAC.test(info[end] ?? '')) end += 1;
  return end;
}
