/** What has changed on a host since a transaction, in words. */
import { showAddress } from '../resources/links/address-args.js';
import { fdbName, setFdbStep, showFdb } from '../resources/links/fdb-args.js';
import { neighbourName, setNeighbourStep, showNeighbour } from '../resources/links/neighbour-args.js';
import { lostAddresses, lostFdb, lostNeighbours, lostRoutes } from '../resources/links/restore.js';
import { showVlan } from '../resources/links/vlan-args.js';
import { ruleAddress, showRule } from '../resources/routing/rule-text.js';
import { routeAddress, showRoute } from '../resources/routing/show-route.js';
import { nameOf, showItem } from '../resources/tc/words.js';
import type { Step } from '../shared/change.js';
import type { FdbEntry } from '../snapshot/bridge.js';
import {
  type Difference,
  differingFields,
  differingSettings,
  effectsOf,
  stands,
} from '../snapshot/differences.js';
import { ethtoolValue } from '../snapshot/ethtool.js';
import { sameAddress, sameFdb, sameNeighbour, sameRoute, sameRule } from '../snapshot/identity.js';
import type { Address, Link, Neighbour, Route, Snapshot } from '../snapshot/model.js';
import { differingRow } from '../snapshot/ovs-differences.js';
import { madeByOpenVswitch } from '../snapshot/ovs-tc.js';
import { applyEffects } from '../snapshot/simulate.js';
import type { TcItem } from '../snapshot/tc.js';
import { sameTc } from '../snapshot/tc-tree.js';

const SCOPE_LINK = 253;

/** One sentence for each thing that is not any more as the transaction left it. */
export function changedSince(differences: readonly Difference[], snapshot: Snapshot): string[] {
  const changed = differences.filter((difference) => !stands(difference, snapshot));
  // What was replaced is two differences; the one that came says more than the one that went.
  const words = new Map(changed.map((difference) => wordsOf(difference, snapshot)));
  return [...words].map(([what, is]) => `${what} ${is}`);
}

/**
 * What was built since upon the transaction's result, and would go with it.
 * @param back the differences that taking it back makes. @param steps that do so
 */
export function lostBy(back: readonly Difference[], steps: readonly Step[], snapshot: Snapshot): string[] {
  const after = applyEffects(snapshot, effectsOf(back));
  const own = (kind: Difference['kind'], same: (item: never) => boolean): boolean =>
    back.some(
      (difference) => difference.kind === kind && 'item' in difference && same(difference.item as never),
    );
  const routes = lostRoutes(snapshot, after).filter(
    (route) => !own('route', (item: Route) => sameRoute(item, route)),
  );
  const addresses = lostAddresses(snapshot, after).filter(
    (address) =>
      address.scope !== SCOPE_LINK && !own('address', (item: Address) => sameAddress(item, address)),
  );
  // What was there before as well, the transaction's own undo brings back.
  const kept = new Set(steps.map((step) => JSON.stringify(step)));
  const neighbours = lostNeighbours(snapshot, after).filter(
    (neighbour) =>
      !kept.has(JSON.stringify(setNeighbourStep(neighbour))) &&
      !own('neighbour', (item: Neighbour) => sameNeighbour(item, neighbour)),
  );
  const entries = lostFdb(snapshot, after).filter(
    (entry) =>
      ![true, false].some((known) => kept.has(JSON.stringify(setFdbStep(entry, known)))) &&
      !own('fdb', (item: FdbEntry) => sameFdb(item, entry)),
  );
  const left = after.tc?.items ?? [];
  const controls = (snapshot.tc?.items ?? []).filter(
    (item) =>
      !left.some((other) => sameTc(other, item)) &&
      !madeByOpenVswitch(item, snapshot.ovs) &&
      !own('tc', (each: TcItem) => sameTc(each, item)),
  );
  const ports = [...snapshot.links.values()].filter(
    ({ name, master }) =>
      master !== null &&
      after.links.has(name) &&
      after.links.get(name)?.master === null &&
      !back.some((difference) => difference.kind === 'link' && difference.name === name),
  );
  return [
    ...addresses.map((address) => `address ${showAddress(address)} dev ${address.dev}`),
    ...routes.map((route) => `route ${showRoute(route, snapshot.names)}`),
    ...neighbours.map((neighbour) => `neighbour ${neighbourName(neighbour)}`),
    ...entries.map((entry) => `fdb ${fdbName(entry)}`),
    ...controls.map(nameOf),
    ...ports.map(({ name, master }) => `port ${name} of ${master}`),
  ];
}

/** What it is called, and how it is now. */
function wordsOf(difference: Difference, snapshot: Snapshot): [string, string] {
  switch (difference.kind) {
    case 'route': {
      const { item, there } = difference;
      const now = snapshot.routes.find((route) => sameRoute(route, item));
      return [routeAddress(item, snapshot.names), isNow(there, now && showRoute(now, snapshot.names))];
    }
    case 'rule': {
      const { item, there } = difference;
      const now = snapshot.rules.find((rule) => sameRule(rule, item));
      return [ruleAddress(item), isNow(there, now && showRule(now, snapshot.names, { protocol: true }))];
    }
    case 'address': {
      const { item, there } = difference;
      const now = snapshot.addresses.find((address) => sameAddress(address, item));
      return [`address ${item.local}/${item.length} dev ${item.dev}`, isNow(there, now && showAddress(now))];
    }
    case 'neighbour': {
      const { item, there } = difference;
      const now = snapshot.neighbours.find((neighbour) => sameNeighbour(neighbour, item));
      return [`neighbour ${neighbourName(item)}`, isNow(there, now && showNeighbour(now))];
    }
    case 'bridge_vlan': {
      const { item, there } = difference;
      const now = snapshot.bridgeVlans?.find(({ dev, vid }) => dev === item.dev && vid === item.vid);
      return [`vlan ${item.vid} of ${item.dev}`, isNow(there, now && showVlan(now))];
    }
    case 'fdb': {
      const { item, there } = difference;
      const now = snapshot.fdb?.find((entry) => sameFdb(entry, item));
      return [`fdb ${fdbName(item)}`, isNow(there, now && showFdb(now))];
    }
    case 'tc': {
      const { item, there } = difference;
      const now = snapshot.tc?.items.find((other) => sameTc(other, item));
      return [nameOf(item), isNow(there, now && showItem(now))];
    }
    case 'sysctl': {
      const value = snapshot.sysctls.get(difference.path) ?? 'absent';
      return [`sysctl ${difference.path}`, `is now ${value}, not ${difference.after ?? 'absent'}`];
    }
    case 'file': {
      const now = snapshot.files.get(difference.path) ?? null;
      return [difference.path, now === null ? 'is gone' : 'was written since'];
    }
    case 'ethtool': {
      const now = ethtoolValue(snapshot, difference) ?? 'not told';
      const { dev, name, after } = difference;
      return [`${name} of ${dev}`, `is now ${now}, not ${after}`];
    }
    case 'openvz': {
      const fields = differingSettings(difference, snapshot);
      return [`ve ${difference.after.id}`, `has another ${fields.join(', ')}`];
    }
    case 'ovs': {
      const fields = differingRow(difference, snapshot.ovs);
      const { part, name, after } = difference;
      const presence = after === null ? 'is there again' : 'is gone';
      return [
        `Open vSwitch ${OVS_NAMES[part]} ${name}`,
        fields.includes('presence') ? presence : `has another ${fields.join(', ')}`,
      ];
    }
    case 'link':
      return [`link ${difference.name}`, linkWords(difference, snapshot.links.get(difference.name))];
  }
}

const OVS_NAMES = {
  ...{ bridges: 'bridge', ports: 'port', interfaces: 'interface', qos: 'QoS of port' },
  ...{ strays: 'row', flows: 'flow of' },
} as const;

function isNow(wanted: boolean, now: string | undefined): string {
  if (now === undefined) return 'is gone';
  return wanted ? `is now ${now}` : `is there again: ${now}`;
}

function linkWords({ before, after }: Extract<Difference, { kind: 'link' }>, now: Link | undefined): string {
  if (now === undefined) return 'is gone';
  if (after === null) return 'is there again';
  const own = before === null ? undefined : new Set(differingFields(before, after));
  const fields = differingFields(after, now).filter((field) => own?.has(field) ?? true);
  return `has another ${fields.join(', ')}`;
}
