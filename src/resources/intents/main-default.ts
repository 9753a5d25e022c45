/** The default route of main, over the uplinks that may carry it. */
import { DEFAULT_PREFIX, type Family } from '../../shared/addr.js';
import type { Nexthop, Route, Snapshot } from '../../snapshot/model.js';
import { routesTo } from '../../snapshot/route-index.js';
import { type Part, part } from '../resource.js';
import { route } from '../route.js';
import { PROTOCOL, protocolName, TABLE } from '../routing/names.js';
import type { RouteParams } from '../routing/route-wish.js';
import { DEFAULT_METRIC } from '../routing/show-route.js';
import type { Uplink } from './uplink.js';

/** Made by hand, at boot or by netplay: what routing daemons, DHCP and router advertisements bring is theirs. */
const REMOVABLE: ReadonlySet<number> = new Set([PROTOCOL.boot, PROTOCOL.static, PROTOCOL.netplay]);

export interface MainDefault {
  parts: readonly Part[];
  warnings: readonly string[];
}

/** A family of which no uplink says whether it carries the default is left alone. */
export function mainDefault(uplinks: readonly Uplink[], snapshot: Snapshot, absent: boolean): MainDefault {
  const families = ([4, 6] as const).map((family) => {
    const own = uplinks.filter((uplink) => uplink.family === family);
    if (own.every((uplink) => uplink.default === undefined)) return { parts: [], warnings: [] };
    return absent ? removed(own, snapshot) : carried(own, snapshot);
  });
  return {
    parts: families.flatMap(({ parts }) => parts),
    warnings: families.flatMap(({ warnings }) => warnings),
  };
}

/** One route for each metric; what else leads out by an uplink would take its packets, or is stale. */
function carried(uplinks: readonly Uplink[], snapshot: Snapshot): MainDefault {
  const byMetric = new Map<number | undefined, Uplink[]>();
  for (const uplink of uplinks)
    if (uplink.default === true)
      byMetric.set(uplink.metric, [...(byMetric.get(uplink.metric) ?? []), uplink]);
  const wanted = new Set([...byMetric.keys()].map((metric) => metricOf(metric, uplinks)));
  const others = throughUplinks(uplinks, snapshot).filter(({ metric }) => !wanted.has(metric));
  return {
    parts: [
      ...[...byMetric].map(([metric, ways]) => part(route, defaultRoute(ways, metric))),
      ...gone(others),
    ],
    warnings: [...strangers(others, snapshot), ...(wanted.size === 0 ? lastGone(others, snapshot) : [])],
  };
}

/** No uplink may carry the default, and nothing else does. */
function lastGone(others: readonly Route[], { routes }: Snapshot): string[] {
  const doomed = others.filter(({ protocol }) => REMOVABLE.has(protocol));
  const [first] = doomed;
  if (first === undefined) return [];
  const staying = routesTo(routes, first.dst).filter(
    (entry) => entry.table === TABLE.main && !doomed.includes(entry),
  );
  return staying.length > 0
    ? []
    : [
        `no uplink may carry main's default route: without it this host itself begins nothing beyond its networks (IPv${first.family})`,
      ];
}

function removed(uplinks: readonly Uplink[], snapshot: Snapshot): MainDefault {
  const own = throughUplinks(uplinks, snapshot);
  const doomed = own.filter(({ protocol }) => protocol === PROTOCOL.netplay);
  const shared = own.filter((entry) => !doomed.includes(entry) && entry.nexthops.length > 1);
  return { parts: gone(doomed), warnings: strangers(shared, snapshot, REMOVABLE) };
}

function defaultRoute(ways: readonly Uplink[], metric: number | undefined): RouteParams {
  const [first] = ways;
  const place = metric === undefined ? {} : { metric };
  if (first !== undefined && ways.length === 1) {
    const { gateway: via, dev, address: src, onlink } = first;
    return { dst: 'default', via, dev, ...(onlink && { onlink }), src, ...place };
  }
  const nexthops = ways.map(({ gateway: via, dev, weight = 1, onlink }) => ({
    ...{ via, dev, weight },
    ...(onlink && { onlink }),
  }));
  // Each way has the source of its own device.
  return { dst: 'default', nexthops, src: null, ...place };
}

function metricOf(metric: number | undefined, uplinks: readonly Uplink[]): number {
  const family: Family = uplinks[0]?.family ?? 4;
  return metric === undefined || metric === 0 ? DEFAULT_METRIC[family] : metric;
}

/** Main's default routes all of whose ways are uplinks. By netplay's own, a gateway may be an older one. */
function throughUplinks(uplinks: readonly Uplink[], { routes }: Snapshot): Route[] {
  const family = uplinks[0]?.family ?? 4;
  const isUplink = (hop: Nexthop, own: boolean) =>
    uplinks.some(({ dev, gateway }) => hop.dev === dev && (own || hop.via === gateway));
  return routesTo(routes, DEFAULT_PREFIX[family]).filter(
    ({ table, type, nexthops, protocol }) =>
      table === TABLE.main &&
      type === 'unicast' &&
      nexthops.length > 0 &&
      nexthops.every((hop) => isUplink(hop, protocol === PROTOCOL.netplay)),
  );
}

function gone(routes: readonly Route[]): Part[] {
  return routes.filter(({ protocol }) => REMOVABLE.has(protocol)).map((entry) => absentRoute(entry));
}

/** The task that removes exactly this route. */
export function absentRoute({ family, dst, table, metric, src, nexthops, protocol }: Route): Part {
  const [first, ...more] = nexthops;
  const ways =
    more.length === 0
      ? { via: first?.via ?? null, ...(first?.dev != null && { dev: first.dev }) }
      : {
          nexthops: nexthops.map(({ via, dev, weight }) => ({ via, ...(dev !== null && { dev }), weight })),
        };
  return part(route, {
    dst: dst === DEFAULT_PREFIX[family] ? 'default' : dst,
    ...ways,
    ...(src !== null && { src }),
    ...(table !== TABLE.main && { table }),
    metric,
    ...(family === 6 && { family }),
    ...(protocol === PROTOCOL.netplay && { protocol }),
    state: 'absent',
  });
}

function strangers(routes: readonly Route[], { names }: Snapshot, ours?: ReadonlySet<number>): string[] {
  return routes
    .filter(({ protocol }) => ours !== undefined || !REMOVABLE.has(protocol))
    .map(({ nexthops, protocol, metric }) => {
      const ways = nexthops.map(({ via, dev }) => `${via === null ? '' : `via ${via} `}dev ${dev}`);
      const maker = protocolName(protocol, names);
      return `main keeps its default route ${ways.join(' and ')} (metric ${metric}): ${maker} made it`;
    });
}
