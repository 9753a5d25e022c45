/** Steps that bring the entries of one key from one order to another: the kernel keeps them as a list. */
import { isDeepStrictEqual } from 'node:util';
import type { Step } from '../../shared/change.js';
import type { Route } from '../../snapshot/model.js';
import { routeStep } from './route-args.js';

/** Whether two entries are the same to the kernel: flags and counters aside. */
export function sameRoute(a: Route, b: Route): boolean {
  const { flags: _a, expires: _ea, ...first } = a;
  const { flags: _b, expires: _eb, ...second } = b;
  return isDeepStrictEqual(first, second);
}

/**
 * The steps that turn the entries `now` into `wanted`; both hold all entries of one key, in order. What
 * both begin with stays untouched. One entry alone is replaced in place, so that no packet is lost.
 */
export function reorder(now: readonly Route[], wanted: readonly Route[]): Step[] {
  const [first] = wanted;
  if (first !== undefined && now.length === wanted.length && sameTail(now, wanted, 1, 1))
    return isSame(now[0], first) ? [] : [routeStep(first, 'replace')];
  if (now.length > 0 && first?.family === 4 && sameTail(now, wanted, 0, 1))
    return [routeStep(first, 'prepend')];
  const same = now.findIndex((route, index) => !isSame(wanted[index], route));
  const kept = same < 0 ? now.length : same;
  return [
    ...now
      .slice(kept)
      .reverse()
      .map((route) => routeStep(route, 'del')),
    ...wanted.slice(kept).map((route, index) => routeStep(route, kept + index === 0 ? 'add' : 'append')),
  ];
}

function isSame(a: Route | undefined, b: Route): boolean {
  return a !== undefined && sameRoute(a, b);
}

/** Whether `now` from `start` on is `wanted` from `wantedStart` on. */
function sameTail(
  now: readonly Route[],
  wanted: readonly Route[],
  start: number,
  wantedStart: number,
): boolean {
  const rest = wanted.slice(wantedStart);
  return (
    now.length - start === rest.length && rest.every((route, index) => isSame(now[start + index], route))
  );
}
