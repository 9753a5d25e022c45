import type { Change, Problem } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Kept } from '../snapshot/kept.js';
import type { Route, Snapshot } from '../snapshot/model.js';
import { routesTo } from '../snapshot/route-index.js';
import { ipv6Reads } from './links/ipv6-switch.js';
import type { PlanResult, Resource } from './resource.js';
import { absentTable, PROTOCOL } from './routing/names.js';
import { protocolReads, protocolRegistration } from './routing/ownership.js';
import { planAbsentRoutes } from './routing/route-absent.js';
import { routeStep, waitForSource } from './routing/route-args.js';
import { checkRoute, deviceOf } from './routing/route-checks.js';
import { merge, satisfies, wishedType } from './routing/route-match.js';
import { removeFrom, reorder, replacedBy } from './routing/route-order.js';
import { routeSchema } from './routing/route-schema.js';
import {
  type RouteParams,
  type RouteWish,
  readRoute,
  routeFamilies,
  routeFamily,
  sameDestination,
  WITHOUT_NEXTHOP,
} from './routing/route-wish.js';
import { routeAddress, showRoute } from './routing/show-route.js';

/** Routes of both families in any table, identified as the kernel does: table, destination, TOS, metric. */
export const route: Resource<RouteParams> = {
  name: 'route',
  plural: 'routes',
  mapKey: 'dst',
  summary: 'A route in any table, for IPv4 or IPv6',
  schema: routeSchema,
  examples: [
    { route: { dst: '192.168.1.0/24', dev: 'eth0', src: '192.168.1.1', table: 'local100' } },
    { route: { dst: 'default', via: '192.168.1.254', dev: 'eth0', table: 'local100' } },
    { route: { dst: '10.0.0.0/8', type: 'blackhole' } },
    {
      route: {
        dst: '2001:db8:5::/48',
        nexthops: [
          { via: '2001:db8::1', dev: 'eth0', weight: 2 },
          { via: '2001:db8::2', dev: 'eth0' },
        ],
      },
    },
    { route: { dst: '10.1.0.0/16', state: 'absent' } },
  ],
  reads: (params) => [
    { kind: 'links' },
    { kind: 'addresses' },
    ...routeFamilies(params).map((family) => ({ kind: 'routes', family }) as const),
    ...(routeFamily(params) === 6 ? ipv6Reads : []),
    ...protocolReads,
  ],
  plan,
  settle,
  kept,
  settlesChanges: true,
};

function plan(params: RouteParams, snapshot: Snapshot): PlanResult {
  const nowhere = params.state === 'absent' ? absentTable(params.table, snapshot.names) : undefined;
  if (nowhere !== undefined) return { changes: [], warnings: [nowhere] };
  const problems: Problem[] = [];
  const wish = readRoute(params, snapshot, problems);
  if (wish === undefined) return { changes: [], problems };
  return params.state === 'absent' ? planAbsentRoutes(params, wish, snapshot) : planPresent(wish, snapshot);
}

/** What the kernel makes by itself, and what runs out, is made anew by whoever made it. */
function kept(params: RouteParams, snapshot: Snapshot): readonly Kept[] {
  const wish = readRoute(params, snapshot, []);
  if (wish === undefined) return [];
  const there = routesTo(snapshot.routes, wish.dst).filter((entry) => sameDestination(entry, wish));
  const item =
    there.find((entry) => entry.metric === wish.metric && satisfies(entry, wish, snapshot.names)) ??
    there.find((entry) => satisfies(entry, wish, snapshot.names));
  const lasts = item !== undefined && item.protocol !== PROTOCOL.kernel && item.expires === null;
  return lasts ? [{ kind: 'route', item }] : [];
}

/** Two tasks of one play that want the same key differently would undo each other in every run. */
function settle(params: RouteParams, _declared: unknown, snapshot: Snapshot): PlanResult {
  if (params.state === 'absent') return { changes: [] };
  const { changes } = plan(params, snapshot);
  const [first] = changes.filter((change) => change.address !== 'rt_proto netplay');
  if (first === undefined) return { changes: [] };
  return {
    changes: [],
    problems: [
      {
        message: `a later task of this play undoes this one: ${first.address} would be ${first.before ?? 'absent'}`,
        hint: 'A table holds one route for each destination, metric and tos: give one of them another metric.',
        path: ['dst'],
      },
    ],
  };
}

function planPresent(wish: RouteWish, snapshot: Snapshot): PlanResult {
  const { names, routes } = snapshot;
  const there = routesTo(routes, wish.dst).filter((entry) => sameDestination(entry, wish));
  const group = there.filter((entry) => entry.metric === wish.metric);
  const index = group.findIndex((entry) => satisfies(entry, wish, names));
  const made = there.find((entry) => entry.protocol === PROTOCOL.kernel && satisfies(entry, wish, names));
  if (made !== undefined && (made.metric === wish.metric || index < 0))
    return { changes: [], reason: 'made by the kernel' };
  const shadowed = index > 0 && wish.family === 4 && group[0]?.protocol !== PROTOCOL.kernel;
  if (index >= 0 && !shadowed) return { changes: [] };

  const base = shadowed ? group[index] : baseOf(wish, group);
  const problems: Problem[] = [];
  const type = wishedType(wish) ?? base?.type ?? 'unicast';
  if (!WITHOUT_NEXTHOP.has(type) && wish.nexthops === undefined && base === undefined)
    return {
      changes: [],
      problems: [{ message: `the route to ${wish.dst} needs via or dev`, path: ['dst'] }],
    };
  if (WITHOUT_NEXTHOP.has(type) && wish.pref !== undefined && wish.pref !== 'medium')
    return { changes: [], problems: [{ message: `a route of type ${type} has no pref`, path: ['pref'] }] };
  const wanted = merge(base, wish, (hop) => deviceOf(hop, wish, snapshot, problems));
  problems.push(
    ...(problems.length > 0 ? [] : checkRoute(wanted, snapshot, (wish.nexthops?.length ?? 0) > 1)),
  );
  if (problems.length > 0) return { changes: [], problems };
  const registration = wanted.protocol === PROTOCOL.netplay ? protocolRegistration('route', snapshot) : [];
  const change = base === undefined ? added(wanted, group, snapshot) : updated(wanted, base, group, snapshot);
  return { changes: [...registration, change] };
}

/**
 * The entry that the task changes. The kernel's own connected route of another NIC is not it: two NICs
 * in one network each have theirs, under the same key.
 */
function baseOf(wish: RouteWish, group: readonly Route[]): Route | undefined {
  const [first] = group;
  if (first === undefined || wish.nexthops === undefined) return first;
  const devs = new Set(wish.nexthops.map((hop) => hop.dev));
  const onDevice = (entry: Route) => entry.nexthops.some((hop) => devs.has(hop.dev ?? undefined));
  if (first.protocol === PROTOCOL.kernel && !onDevice(first)) return group.find(onDevice);
  return replacedBy(wish, group);
}

function added(wanted: Route, group: readonly Route[], { names }: Snapshot): Change {
  return {
    resource: 'route',
    address: routeAddress(wanted, names),
    action: 'create',
    before: null,
    after: showRoute(wanted, names),
    do: [...waitForSource(wanted), routeStep(wanted, group.length === 0 ? 'add' : 'append')],
    undo: [routeStep(wanted, 'del')],
    effects: [{ kind: 'route', set: wanted, append: true }],
  };
}

function updated(wanted: Route, base: Route, group: readonly Route[], { names }: Snapshot): Change {
  const [first] = group;
  const alone = group.filter((entry) => entry !== base);
  // Where the wanted entry is there but second, `replace` of the first would fail with EEXIST.
  const shadowed =
    first !== undefined && first !== base && first.protocol !== PROTOCOL.kernel && base.family === 4;
  const replaced = shadowed ? first : base;
  const inPlace = replaced === replacedBy(wanted, group);
  const after = shadowed
    ? alone.map((entry) => (entry === first ? wanted : entry))
    : inPlace
      ? group.map((entry) => (entry === base ? wanted : entry))
      : [...alone, wanted];
  const steps = inPlace
    ? [...(shadowed ? [routeStep(base, 'del')] : []), routeStep(wanted, 'replace')]
    : [...removeFrom(group, base), routeStep(wanted, 'append')];
  const effects: Effect[] = [
    ...(shadowed || !inPlace ? [{ kind: 'route', unset: base } as const] : []),
    inPlace
      ? { kind: 'route', set: wanted, replaces: replaced }
      : { kind: 'route', set: wanted, append: true },
  ];
  const [before, next] = [showRoute(replaced, names), showRoute(wanted, names)];
  const told = before === next ? { protocol: true } : {};
  return {
    resource: 'route',
    address: routeAddress(wanted, names),
    action: 'update',
    before: showRoute(replaced, names, told),
    after: showRoute(wanted, names, told),
    do: [...waitForSource(wanted), ...steps],
    undo: reorder(after, group),
    effects,
  };
}
