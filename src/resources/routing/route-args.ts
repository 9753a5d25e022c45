/** Routes as arguments of `ip route`. */
import { displayPrefix } from '../../shared/addr.js';
import type { Step } from '../../shared/change.js';
import type { Route } from '../../snapshot/model.js';
import { defaultScope, hexadecimal, metricWords, multipathWords, nexthopWords } from './show-route.js';

export type RouteVerb = 'add' | 'append' | 'prepend' | 'replace' | 'del';

/**
 * The arguments that make exactly `route`, or for `del` name exactly it: tables and protocols as numbers,
 * the device always. `del` leaves metrics (mtu …) and flags out, which no kernel needs to find the route.
 */
export function routeArgs(route: Route, verb: RouteVerb): string[] {
  const { family, nexthops } = route;
  const deletes = verb === 'del';
  const [only] = nexthops;
  const single = route.nhid === null && nexthops.length === 1 && only !== undefined ? only : undefined;
  const scoped = family === 4 && (deletes || route.scope !== defaultScope(route));
  return [
    'route',
    verb,
    ...(route.type === 'unicast' ? [] : [route.type]),
    displayPrefix(route.dst),
    ...(route.from === null ? [] : ['from', displayPrefix(route.from)]),
    ...(route.tos === 0 ? [] : ['tos', hexadecimal(route.tos)]),
    ...(route.nhid === null ? [] : ['nhid', String(route.nhid)]),
    ...(single === undefined ? [] : nexthopWords(single, family)),
    'table',
    String(route.table),
    'proto',
    String(route.protocol),
    ...(scoped ? ['scope', String(route.scope)] : []),
    ...(route.src === null ? [] : ['src', route.src]),
    ...(family === 6 || route.metric !== 0 ? ['metric', String(route.metric)] : []),
    ...(single?.onlink && !deletes ? ['onlink'] : []),
    // The kernel wants those of a multipath route with each next hop.
    ...(route.realms === null || nexthops.length > 1 ? [] : ['realms', route.realms]),
    ...(deletes ? [] : metricWords(route.metrics)),
    ...(route.expires === null || deletes ? [] : ['expires', String(route.expires)]),
    ...(route.pref === null || route.pref === 'medium' || deletes ? [] : ['pref', route.pref]),
    ...(route.nhid === null && nexthops.length > 1
      ? nexthops.flatMap((hop) =>
          multipathWords(hop, family, hop.realms ?? route.realms ?? undefined, !deletes),
        )
      : []),
  ];
}

/** At most five seconds: duplicate address detection takes one or two. */
const WAIT = `n=0
while [ $n -lt 50 ] && [ -n "$(ip -6 addr show to "$1" tentative)" ]; do
  n=$((n + 1))
  sleep 0.1 2>/dev/null || sleep 1
done`;

/**
 * The kernel refuses an IPv6 source address until it knows that no other host has it, which it does not
 * for one that an earlier task of the same play adds.
 */
export function waitForSource({ family, src }: Route): Step[] {
  if (family === 4 || src === null) return [];
  return [{ kind: 'run', argv: ['sh', '-c', WAIT, 'wait-for-source', src] }];
}

/** One `ip route` command as a step. */
export function routeStep(route: Route, verb: RouteVerb): Step {
  return { kind: 'ip', family: route.family, args: routeArgs(route, verb) };
}
