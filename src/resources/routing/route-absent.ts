/** Removes routes: what a task does not name is a wildcard, what the kernel made is left alone. */
import type { Change } from '../../shared/change.js';
import { sameRoute } from '../../snapshot/identity.js';
import type { Route, Snapshot } from '../../snapshot/model.js';
import { routesTo } from '../../snapshot/route-index.js';
import type { PlanResult } from '../resource.js';
import { PROTOCOL } from './names.js';
import { satisfies } from './route-match.js';
import { removeFrom, reorder } from './route-order.js';
import type { RouteParams, RouteWish } from './route-wish.js';
import { routeAddress, showRoute } from './show-route.js';

/** Whether a task with `state: absent` means this route. Metric, tos and from count only where given. */
function meant(route: Route, wish: RouteWish, params: RouteParams, snapshot: Snapshot): boolean {
  // A next hop says nothing of the type here, and a device alone means every route through it.
  const type = params.type === undefined || route.type === params.type;
  const onDevice = params.via === undefined && params.dev !== undefined && params.nexthops === undefined;
  const asked: RouteWish = { ...wish, type: route.type, nexthops: onDevice ? undefined : wish.nexthops };
  const dev = wish.nexthops?.[0]?.dev;
  return (
    type &&
    route.family === wish.family &&
    route.table === wish.table &&
    route.dst === wish.dst &&
    (params.tos === undefined || route.tos === wish.tos) &&
    (params.metric === undefined || route.metric === wish.metric) &&
    (params.from === undefined || route.from === wish.from) &&
    (!onDevice || route.nexthops.some((hop) => hop.dev === dev)) &&
    satisfies(route, asked, snapshot.names)
  );
}

/** @returns one change for each route that goes; nothing where none is there. */
export function planAbsentRoutes(params: RouteParams, wish: RouteWish, snapshot: Snapshot): PlanResult {
  const found = routesTo(snapshot.routes, wish.dst).filter((route) => meant(route, wish, params, snapshot));
  const doomed = found.filter(
    (route) => route.protocol !== PROTOCOL.kernel || wish.protocol === PROTOCOL.kernel,
  );
  if (doomed.length === 0 && found.length > 0)
    return {
      changes: [],
      reason: 'the only such route was made by the kernel; name protocol: kernel to remove it',
    };
  return { changes: removals(doomed, snapshot) };
}

/** Removes routes one after the other; each one's undo puts it back where it stood. */
export function removals(doomed: readonly Route[], snapshot: Snapshot, resource = 'route'): Change[] {
  const gone = new Set<Route>();
  return doomed.map((route) => {
    const group = routesTo(snapshot.routes, route.dst).filter(
      (entry) => sameRoute(entry, route) && !gone.has(entry),
    );
    gone.add(route);
    const rest = group.filter((entry) => entry !== route);
    return removal(route, group, rest, snapshot, resource);
  });
}

function removal(
  route: Route,
  group: readonly Route[],
  rest: readonly Route[],
  { names }: Snapshot,
  resource: string,
): Change {
  const shown = showRoute(route, names);
  const hop = route.nexthops[0];
  const others = group.length > 1 ? [hop?.via && `via ${hop.via}`, hop?.dev && `dev ${hop.dev}`] : [];
  return {
    resource,
    address: [routeAddress(route, names), ...others.filter((word) => word)].join(' '),
    action: 'delete',
    before: shown,
    after: null,
    do: removeFrom(group, route),
    undo: reorder(rest, group),
    effects: [{ kind: 'route', unset: route }],
  };
}
