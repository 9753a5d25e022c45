/** What a host's own tool brings back in other words than it was kept in is no change. */
import { describe, expect, it } from 'vitest';
import { planPersistence } from '../../../src/persist/plan.js';
import { resources } from '../../../src/resources/registry.js';
import type { Snapshot } from '../../../src/snapshot/model.js';
import { applyEffects } from '../../../src/snapshot/simulate.js';
import { type Host, snapshotOf } from '../../support/snapshots.js';

function host(more: Host): Snapshot {
  const facts = new Map([['networkd 1', 'configured /run/systemd/network/10-netplan-eth0.network']]);
  return { ...snapshotOf({ links: ['eth0'], ...more }), boot: { init: 'systemd', facts } };
}

/** Paths that a second run over `after` writes, once a first one over `before` wrote what it keeps. */
function secondRun(name: string, params: object, before: Snapshot, after: Snapshot): string[] {
  const resource = resources.find((known) => known.name === name);
  if (resource === undefined || !('kept' in resource)) throw new Error(`no ${name}`);
  const tasks = [{ index: 0, by: 'auto', parts: [{ resource, params }] }] as const;
  const first = planPersistence(tasks, before, before).changes.flatMap(({ change }) => change.effects);
  expect(first).not.toEqual([]);
  const { files } = applyEffects(before, first);
  const now = { ...after, files };
  return planPersistence(tasks, now, now).changes.map(({ change }) => change.address);
}

const rule = (protocol: string) => host({ rules4: `1000:\tfrom 10.0.0.5 lookup 100 proto ${protocol}` });
const route = (protocol: string, more = '') =>
  host({ routes4: `unicast 10.9.0.0/16 via 10.0.0.1 dev eth0 proto ${protocol} scope global${more}` });

describe('a second run after a reboot', () => {
  const RULE = { from: '10.0.0.5', table: 100, priority: 1000 };
  const ROUTE = { dst: '10.9.0.0/16', via: '10.0.0.1', dev: 'eth0' };

  it('finds nothing to write where only who made it differs', () => {
    expect(secondRun('rule', RULE, rule('201'), rule('static'))).toEqual([]);
    expect(secondRun('route', ROUTE, route('201'), route('static'))).toEqual([]);
  });

  it('writes it where the task says who makes it, and where more differs', () => {
    const asked = { ...RULE, protocol: 'static' };
    expect(secondRun('rule', asked, rule('201'), rule('static'))).not.toEqual([]);
    expect(secondRun('route', ROUTE, route('201'), route('static', ' mtu 1400'))).not.toEqual([]);
    expect(secondRun('rule', RULE, rule('201'), rule('77'))).not.toEqual([]);
  });

  it('finds nothing to write where an address has got a broadcast address', () => {
    const bare = host({ addresses: ['eth0 10.0.0.5/24'] });
    const [own] = bare.addresses;
    if (own === undefined) throw new Error('no address');
    const back = { ...bare, addresses: [{ ...own, broadcast: '10.0.0.255' }] };
    const ADDRESS = { dev: 'eth0', address: '10.0.0.5/24' };
    expect(secondRun('address', ADDRESS, bare, back)).toEqual([]);
    expect(secondRun('address', { ...ADDRESS, broadcast: '+' }, bare, back)).not.toEqual([]);
  });

  it('finds nothing to write where its manager makes the route of an address', () => {
    const bare = host({ addresses: ['eth0 10.0.0.5/24'] });
    const [own] = bare.addresses;
    if (own === undefined) throw new Error('no address');
    const back = { ...bare, addresses: [{ ...own, flags: ['noprefixroute', ...own.flags] }] };
    const ADDRESS = { dev: 'eth0', address: '10.0.0.5/24' };
    expect(secondRun('address', ADDRESS, bare, back)).toEqual([]);
    expect(secondRun('address', { ...ADDRESS, noprefixroute: true }, bare, back)).not.toEqual([]);
  });
});
