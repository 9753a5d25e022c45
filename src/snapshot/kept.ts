/** What is to be there after a reboot, as values of the snapshot: what resources name and `persist/` writes down. */
import type { BridgeVlan, FdbEntry } from './bridge.js';
import type { EthtoolPart } from './ethtool.js';
import { isShared } from './identity.js';
import { isKnownKind } from './kinds/kinds.js';
import type { Address, Link, Neighbour, Route, Rule, Snapshot } from './model.js';
import { flowKey, type OvsFlow } from './ovs.js';
import type { TcItem } from './tc.js';
import { tcKey } from './tc-tree.js';

export type Kept =
  /**
   * A link that software makes: its kind and settings, and of the rest what somebody asked for: `mac` where it is
   * pinned, else null; `mtu`, else 0; `txqueuelen`, `alias` and `master`, else null; its only flag is UP. Of a bridge's
   * own settings those that nobody gave are null.
   */
  | { kind: 'link'; item: Link /** A veth's other end, where it is on this host. */; peer?: Link }
  /**
   * One setting of a link that is not made here, or of a port: `name` in iproute2's words (`mtu`, `master`,
   * `port cost`), `words` as they follow `ip link set dev X`; of `altnames`, the names. Without words, what an
   * earlier task said of it is withdrawn. `of`: a port or bridge of Open vSwitch has it, and no task of its own.
   */
  | { kind: 'setting'; dev: string; name: string; words: readonly string[]; needs?: string; of?: 'ovs' }
  | { kind: 'address'; item: Address }
  | { kind: 'route'; item: Route }
  | { kind: 'rule'; item: Rule }
  | { kind: 'neighbour'; item: Neighbour }
  /** `self`: of a bridge itself. `gone`: the kernel gives it to every port of its bridge, and this one shall not have it. */
  | { kind: 'bridge_vlan'; item: BridgeVlan; self?: true; gone?: true }
  | { kind: 'fdb'; item: FdbEntry }
  | { kind: 'tc'; item: TcItem }
  /** By the words that set them. */
  | { kind: 'ethtool'; dev: string; part: EthtoolPart; name: string; value: string }
  | KeptFlow;

/** What Open vSwitch's database has no place for: `text` as `ovs-ofctl add-flow` takes it, with names of ports. */
export interface KeptFlow {
  kind: 'ovs_flow';
  item: Omit<OvsFlow, 'raw'>;
  text: string;
  /** OpenFlow's, for `-O`; null for the one that ovs-ofctl speaks by itself. */
  version: string | null;
  /** Devices that must be there: the bridge, and ports that the flow names. */
  needs: readonly string[];
}

/** What tells one from another, whatever its settings: the kernel's identity, as text. */
export function keptKey(kept: Kept): string {
  switch (kept.kind) {
    case 'link':
      return `link ${kept.item.name}`;
    case 'setting':
      return `link ${kept.dev} ${kept.name}`;
    case 'address': {
      const { dev, local, length, peer } = kept.item;
      return `address ${local}${peer === null ? '' : ` peer ${peer}`}/${length} dev ${dev}`;
    }
    case 'route':
      return routeKey(kept.item);
    case 'rule':
      return ruleKey(kept.item);
    case 'neighbour': {
      const { dst, dev, proxy } = kept.item;
      return `neighbour ${proxy ? 'proxy ' : ''}${dst} dev ${dev}`;
    }
    case 'bridge_vlan':
      return `vlan ${kept.item.vid} dev ${kept.item.dev}`;
    case 'fdb': {
      const { dev, lladdr, vlan, self, srcVni, dst } = kept.item;
      const shared = isShared(kept.item) ? ` dst ${dst}` : '';
      return `fdb ${lladdr} dev ${dev}${vlan === null ? '' : ` vlan ${vlan}`}${self ? ' self' : ''}${srcVni === null ? '' : ` src_vni ${srcVni}`}${shared}`;
    }
    case 'tc':
      return `tc ${kept.item.dev} ${tcKey(kept.item)}`;
    case 'ethtool':
      return `ethtool ${kept.dev} ${kept.part} ${kept.name}`;
    case 'ovs_flow':
      return `ovs_flow ${flowKey(kept.item)}`;
  }
}

function routeKey({ family, dst, table, tos, metric, from, nexthops }: Route): string {
  // IPv6 lists routes of one prefix and metric beside each other.
  const dev = family === 6 && nexthops.length === 1 ? ` dev ${nexthops[0]?.dev}` : '';
  return `route ${dst} table ${table} metric ${metric}${tos === 0 ? '' : ` tos ${tos}`}${from === null ? '' : ` from ${from}`}${dev}`;
}

/** Selector, action and priority, as `sameRule`; whether a device of it is there means nothing. */
function ruleKey({ protocol: _, iifDetached: __, oifDetached: ___, ...rule }: Rule): string {
  const said = Object.entries(rule).filter(
    ([, value]) => value !== null && value !== false && value !== undefined,
  );
  return `rule ${JSON.stringify(Object.fromEntries(said.sort(([a], [b]) => (a < b ? -1 : 1))))}`;
}

/** The device that it belongs to, whose manager keeps it; null for a rule or route that names none. */
export function keptDev(kept: Kept): string | null {
  switch (kept.kind) {
    case 'link':
      return kept.item.name;
    case 'setting':
    case 'ethtool':
      return kept.dev;
    case 'route':
      return kept.item.nexthops.find(({ dev }) => dev !== null)?.dev ?? null;
    case 'rule':
      return kept.item.iif ?? kept.item.oif;
    case 'ovs_flow':
      return null;
    default:
      return kept.item.dev;
  }
}

/** Every device that must be there before it can be made; a link's master is not needed for that. */
export function keptNeeds(kept: Kept): string[] {
  switch (kept.kind) {
    case 'link':
      return lowersOf(kept.item).filter((dev) => dev !== kept.peer?.name);
    case 'setting':
      return kept.needs === undefined ? [kept.dev] : [kept.dev, kept.needs];
    case 'route':
      return kept.item.nexthops.flatMap(({ dev }) => (dev === null ? [] : [dev]));
    case 'rule':
      return [];
    case 'fdb':
      return [kept.item.dev, ...(kept.item.via === null ? [] : [kept.item.via])];
    case 'tc':
      return [kept.item.dev, ...targetsOf(kept.item)];
    case 'ovs_flow':
      return [...kept.needs];
    default: {
      const dev = keptDev(kept);
      return dev === null ? [] : [dev];
    }
  }
}

/** The links that a link is made on. */
export function lowersOf({ kind, lower, info }: Link): string[] {
  const under = isKnownKind(kind) && info.includes('dev') ? info[info.indexOf('dev') + 1] : undefined;
  return [...new Set([lower, under])].filter((dev) => dev !== null && dev !== undefined);
}

/** The devices that a filter sends packets to. */
function targetsOf(item: TcItem): string[] {
  if (item.type !== 'filter') return [];
  return item.actions.flatMap(({ options }) =>
    [options.redirect, options.mirror].flatMap((dev) => (typeof dev === 'string' ? [dev] : [])),
  );
}

/** All that a host has now, by key; a link's settings are there with the link. */
export function keptThere(snapshot: Snapshot): Map<string, Kept> {
  const { links, addresses, routes, rules, neighbours, bridgeVlans, fdb, tc, ovs } = snapshot;
  const all: readonly Kept[] = [
    ...[...links.values()].map((item) => ({ kind: 'link', item }) as const),
    ...addresses.map((item) => ({ kind: 'address', item }) as const),
    ...routes.map((item) => ({ kind: 'route', item }) as const),
    ...rules.map((item) => ({ kind: 'rule', item }) as const),
    ...neighbours.map((item) => ({ kind: 'neighbour', item }) as const),
    ...(bridgeVlans ?? []).map((item) => ({ kind: 'bridge_vlan', item }) as const),
    ...(fdb ?? []).map((item) => ({ kind: 'fdb', item }) as const),
    ...(tc?.items ?? []).map((item) => ({ kind: 'tc', item }) as const),
    ...[...(ovs?.flows.values() ?? [])].map((item): KeptFlow => {
      return { kind: 'ovs_flow', item, text: '', version: null, needs: [] };
    }),
  ];
  return new Map(all.map((kept) => [keptKey(kept), kept]));
}
