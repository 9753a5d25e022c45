/** Turns the names and numbers that `ip` prints into numbers. */
import { NetplayError } from '../shared/errors.js';
import type { Names } from './model.js';
import { NAME_FILES } from './names.js';

export type Resolver = (set: keyof Names, word: string) => number;

/**
 * @param numeric whether `ip -N` was used, so that what looks like a number is one. Without it a name that
 * looks like a number wins, since that is what `ip` prints for its id.
 */
export function createResolver(names: Names, numeric: boolean): Resolver {
  return (set, word) => {
    const named = names[set].byName.get(word);
    if (named !== undefined && !(numeric && isNumber(word))) return named;
    if (isNumber(word)) return Number(word);
    // Old versions print a DS field without its prefix.
    if (set === 'dsfield' && /^[0-9a-f]{1,2}$/i.test(word)) return Number.parseInt(word, 16);
    throw new NetplayError(
      'probe',
      `ip printed "${word}", but no ${NAME_FILES[set]} file gives that name a number.`,
      {
        hint: `Look at /etc/iproute2/${NAME_FILES[set]} on the host.`,
      },
    );
  };
}

function isNumber(word: string): boolean {
  return /^(\d+|0x[0-9a-f]+)$/i.test(word);
}

/** `5` or `3/5` from realms by name or number, in the order that `ip` prints them. */
export function resolveRealms(resolve: Resolver, word: string): string {
  return word
    .split('/')
    .map((realm) => resolve('realms', realm))
    .join('/');
}
