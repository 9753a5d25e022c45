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
  const words = ['route', verb];
  if (route.type !== 'unicast') words.push(route.type);
  words.push(displayPrefix(route.dst));
  if (route.from !== null) words.push('from', displayPrefix(route.from));
  if (route.tos !== 0) words.push('tos', hexadecimal(route.tos));
  if (route.nhid !== null) words.push('nhid', String(route.nhid));
  if (single !== undefined) words.push(...nexthopWords(single, family));
  words.push('table', String(route.table), 'proto', String(route.protocol));
  if (scoped) words.push('scope', String(route.scope));
  if (route.src !== null) words.push('src', route.src);
  if (family === 6 || route.metric !== 0) words.push('metric', String(route.metric));
  if (single?.onlink && !deletes) words.push('onlink');
  // The kernel wants those of a multipath route with each next hop.
  if (route.realms !== null && nexthops.length < 2) words.push('realms', route.realms);
  if (!deletes) words.push(...metricWords(route.metrics));
  if (route.expires !== null && !deletes) words.push('expires', String(route.expires));
  if (route.pref !== null && route.pref !== 'medium' && !deletes) words.push('pref', route.pref);
  if (route.nhid === null && nexthops.length > 1)
    for (const hop of nexthops)
      words.push(...multipathWords(hop, family, hop.realms ?? route.realms ?? undefined, !deletes));
  return words;
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
