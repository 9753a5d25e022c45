import { describe, expect, test } from 'vitest';
import type { Difference } from '../../../src/snapshot/differences.js';
import { differencesOf, effectsOf, reversed, stands } from '../../../src/snapshot/differences.js';
import type { Effect } from '../../../src/snapshot/effects.js';
import type { Neighbour, Route, Snapshot } from '../../../src/snapshot/model.js';
import { applyEffects } from '../../../src/snapshot/simulate.js';
import { addressOn, hostState, nic } from '../../support/host-state.js';
import { snapshotOf } from '../../support/snapshots.js';

const ROUTES = `10.1.0.0/16 via 192.168.1.9 dev eth0 proto 201
10.2.0.0/16 via 192.168.1.9 dev eth0 proto static`;
const host = snapshotOf({ addresses: ['eth0 192.168.1.1/24'], routes4: ROUTES });
const [first, second] = host.routes as [Route, Route];

function made(before: Snapshot, effects: readonly Effect[]): { after: Snapshot; differences: Difference[] } {
  const after = applyEffects(before, effects);
  // As it comes back from a host's journal.
  return { after, differences: JSON.parse(JSON.stringify(differencesOf(before, after, effects))) };
}

const eachStands = (differences: readonly Difference[], snapshot: Snapshot): boolean[] =>
  differences.map((difference) => stands(difference, snapshot));

describe('what effects come to', () => {
  const other = { ...first, nexthops: first.nexthops.map((hop) => ({ ...hop, via: '192.168.1.8' })) };

  test('a route that is replaced is one that goes and one that comes', () => {
    const { after, differences } = made(host, [{ kind: 'route', set: other, replaces: first }]);
    expect(differences).toEqual([
      { kind: 'route', item: first, there: false },
      { kind: 'route', item: other, there: true },
    ]);
    expect(eachStands(differences, after)).toEqual([true, true]);
    expect(eachStands(differences, host)).toEqual([false, false]);
    expect(eachStands(reversed(differences), host)).toEqual([true, true]);
  });

  test('what is made and taken back in one go is none', () => {
    const effects: Effect[] = [
      { kind: 'route', unset: second },
      { kind: 'route', set: second },
    ];
    expect(made(host, effects).differences).toEqual([]);
  });

  test('an address brings its own route by itself, and takes those that use it as their source', () => {
    const own = addressOn('eth0', '192.168.1.1/24');
    const beside = addressOn('eth0', '192.168.2.1/24');
    const used = { ...second, src: own.local };
    const before = { ...host, addresses: [beside], routes: [first] };
    const { after, differences } = made(before, [{ kind: 'address', set: own }]);
    expect(after.routes.length).toBeGreaterThan(1);
    expect(differences).toEqual([{ kind: 'address', item: own, there: true }]);
    const full = { ...after, routes: [...after.routes, used] };
    expect(made(full, [{ kind: 'address', unset: own }]).differences).toEqual([
      { kind: 'address', item: own, there: false },
      { kind: 'route', item: used, there: false },
    ]);
  });

  test('a neighbour that is changed is one that goes and one that comes; its device takes others along', () => {
    const none = { flags: [], protocol: null };
    const own: Neighbour = {
      ...{
        family: 4,
        dst: '10.0.0.9',
        dev: 'eth0',
        proxy: false,
        lladdr: '02:00:00:00:00:09',
        nud: 'permanent',
      },
      ...none,
    };
    const answered: Neighbour = { ...own, proxy: true, lladdr: null, nud: null };
    const moved = { ...own, lladdr: '02:00:00:00:00:0a' };
    const eth0 = nic('eth0');
    const before = hostState({ links: [eth0], neighbours: [own, answered] });
    const change = made(before, [{ kind: 'neighbour', set: moved }]);
    expect(change.differences).toEqual([
      { kind: 'neighbour', item: own, there: false },
      { kind: 'neighbour', item: moved, there: true },
    ]);
    expect(eachStands(change.differences, change.after)).toEqual([true, true]);
    expect(eachStands(change.differences, before)).toEqual([false, false]);
    const back = applyEffects(change.after, effectsOf(reversed(change.differences)));
    expect(new Set(back.neighbours)).toEqual(new Set(before.neighbours));

    const down: Effect = { kind: 'link', set: { ...eth0, flags: [] } };
    expect(made(before, [down]).differences.slice(1)).toEqual([
      { kind: 'neighbour', item: own, there: false },
      { kind: 'neighbour', item: answered, there: false },
    ]);
  });

  test('the way back leads to the very state from before', () => {
    const effects: Effect[] = [
      { kind: 'route', set: other, replaces: first },
      { kind: 'route', unset: second },
      { kind: 'sysctl', path: 'net/ipv4/ip_forward', value: '1' },
      { kind: 'file', path: '/etc/x', file: { content: 'x', mode: '644' } },
    ];
    const before = {
      ...host,
      sysctls: new Map([['net/ipv4/ip_forward', '0']]),
      files: new Map([['/etc/x', null]]),
    };
    const { after, differences } = made(before, effects);
    const back = applyEffects(after, effectsOf(reversed(differences)));
    expect(back.sysctls).toEqual(before.sysctls);
    expect(back.files).toEqual(before.files);
    expect(new Set(back.routes)).toEqual(new Set(before.routes));
  });
});

describe('a link', () => {
  const eth0 = nic('eth0');
  const before = hostState({ links: [eth0] });
  const narrow: Effect = { kind: 'link', set: { ...eth0, mtu: 1400 } };

  test('stands by what was changed of it, whatever else is changed since', () => {
    const { differences } = made(before, [narrow]);
    const since = (more: object) => hostState({ links: [{ ...eth0, mtu: 1400, ...more }] });
    expect(eachStands(differences, since({ alias: 'mine', operstate: 'down', index: 7 }))).toEqual([true]);
    expect(eachStands(differences, since({ mtu: 1300 }))).toEqual([false]);
  });

  test('that was made stands where one of its kind is there', () => {
    const set = nic('br0', { kind: 'bridge', mac: '52:54:00:00:00:01' });
    const { differences } = made(before, [{ kind: 'link', set }]);
    const now = (kind: string) => hostState({ links: [eth0, { ...set, kind, mtu: 1400, index: 9 }] });
    expect(eachStands(differences, now('bridge'))).toEqual([true]);
    expect(eachStands(differences, now('dummy'))).toEqual([false]);
    expect(eachStands(reversed(differences), before)).toEqual([true]);
  });
});
