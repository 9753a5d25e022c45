/** Values and commands for tests of addresses, links and routes. */
import type { Effect } from '../../src/snapshot/effects.js';
import type { Address, Link, Snapshot } from '../../src/snapshot/model.js';

/** Two links that are up and have a carrier: `v0` and `w0`. */
export const TWO_LINKS = `set -e
ip link add v0 type veth peer name v1
ip link add w0 type veth peer name w1
for d in v0 v1 w0 w1; do ip link set $d up; done
`;

export function address(dev: string, text: string, extra: Partial<Address> = {}): Address {
  const [local = '', length = ''] = text.split('/');
  const family = local.includes(':') ? 6 : 4;
  return {
    family,
    dev,
    local,
    length: Number(length),
    peer: null,
    broadcast: null,
    anycast: null,
    label: family === 4 ? dev : null,
    scope: 0,
    flags: [],
    validLft: null,
    preferredLft: null,
    metric: null,
    ...extra,
  };
}

export function addressCommand(verb: 'add' | 'del', own: Address): string {
  const words =
    own.peer === null ? `${own.local}/${own.length}` : `${own.local} peer ${own.peer}/${own.length}`;
  if (verb === 'del') return `ip addr del ${words} dev ${own.dev}`;
  const metric = own.metric === null ? '' : `metric ${own.metric}`;
  const broadcast = own.broadcast === null ? '' : `brd ${own.broadcast}`;
  const scope = own.scope === 0 ? '' : `scope ${own.scope}`;
  const flags = own.flags.filter((flag) => flag !== 'secondary').join(' ');
  return `ip addr add ${words} ${broadcast} dev ${own.dev} ${scope} ${metric} ${flags} ${own.family === 6 ? 'nodad' : ''}`;
}

export function linkWith(snapshot: Snapshot, name: string, change: Partial<Link>): Effect {
  const link = snapshot.links.get(name);
  if (link === undefined) throw new Error(`no link ${name}`);
  return { kind: 'link', set: { ...link, ...change } };
}

export function upDown(snapshot: Snapshot, name: string, up: boolean): Effect {
  const others = (snapshot.links.get(name)?.flags ?? []).filter((flag) => flag !== 'UP');
  return linkWith(snapshot, name, { flags: up ? [...others, 'UP'] : others });
}
