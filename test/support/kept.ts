/** What is kept, and hosts that keep it, made by hand: for tests of what a backend writes. */

import type { Written } from '../../src/persist/backend.js';
import type { Entry } from '../../src/persist/record.js';
import { newLink } from '../../src/resources/links/new-link.js';
import { type Kept, keptKey } from '../../src/snapshot/kept.js';
import type { Link, Route, Rule, Snapshot } from '../../src/snapshot/model.js';
import { parseRoutes } from '../../src/snapshot/parse-route.js';
import { parseRules } from '../../src/snapshot/parse-rule.js';
import { createResolver } from '../../src/snapshot/resolver.js';
import { type HostState, hostState } from './host-state.js';

const resolve = createResolver(hostState().names, false);

export function keptEntry(kept: Kept, by: Entry['by'] = 'auto'): Entry {
  return { key: keptKey(kept), by, kept };
}

/** @param text as `ip route` lists it */
export function routeFrom(text: string, family: 4 | 6 = 4): Route {
  const [route] = parseRoutes(text, family, resolve);
  if (route === undefined) throw new Error(`no route: ${text}`);
  return route;
}

/** @param text as `ip rule` lists it */
export function ruleFrom(text: string, family: 4 | 6 = 4): Rule {
  const [rule] = parseRules(text, family, resolve);
  if (rule === undefined) throw new Error(`no rule: ${text}`);
  return rule;
}

/** A link that netplay makes, with what nobody asked for left out. */
export function madeLink(name: string, kind: string, more: Partial<Link> = {}): Kept {
  const bare = { mac: null, mtu: 0, txqueuelen: null, broadcast: null, flags: ['UP'] };
  return { kind: 'link', item: newLink(name, { kind, ...bare, ...more }) };
}

/** @param facts as the probe finds them: `tool ifup` */
export function keeper(facts: readonly string[], state: HostState): Snapshot {
  return { ...hostState(state), boot: { init: 'systemd', facts: new Map(facts.map((fact) => [fact, ''])) } };
}

/** By path; null for a file that is removed. */
export function textOf({ files }: Written): Record<string, string | null> {
  return Object.fromEntries(files.map(({ path, file }) => [path, file?.content ?? null]));
}
