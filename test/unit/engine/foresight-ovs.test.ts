/** A session that comes in by a bridge of Open vSwitch: what a plan does to its way. */
import { expect, test } from 'vitest';
import { foresee } from '../../../src/engine/foresight.js';
import { planTasks } from '../../../src/engine/plan.js';
import { resources } from '../../../src/resources/registry.js';
import type { Snapshot } from '../../../src/snapshot/model.js';
import { type Ovs, type OvsInterface, type OvsPort, unsetColumns } from '../../../src/snapshot/ovs.js';
import { snapshotOf } from '../../support/snapshots.js';

function port(bridge: string, name: string): [string, OvsPort] {
  return [name, { bridge, interfaces: [name], columns: unsetColumns('Port') }];
}

function row(name: string, type = ''): [string, OvsInterface] {
  return [name, { columns: { ...unsetColumns('Interface'), type }, error: null, ofport: 1 }];
}

const OVS: Ovs = {
  ...{ trouble: null, police: true, qos: new Map(), strays: new Map(), flows: new Map(), spelled: new Map() },
  bridges: new Map(
    ['br0', 'br1'].map((name) => [
      name,
      {
        columns: { ...unsetColumns('Bridge'), other_config: { hwaddr: '52:54:00:00:00:aa' } },
        ...{ controllers: [], foreign: [] },
      },
    ]),
  ),
  ports: new Map([
    port('br0', 'br0'),
    port('br0', 'eth0'),
    port('br0', 'vnet0'),
    port('br1', 'br1'),
    port('br1', 'eth1'),
  ]),
  interfaces: new Map([
    row('br0', 'internal'),
    row('eth0'),
    row('vnet0', 'tap'),
    row('br1', 'internal'),
    row('eth1'),
  ]),
};

function hostWith(ovs: Ovs): Snapshot {
  const snapshot = snapshotOf({
    links: ['lo', 'br0', 'eth0', 'vnet0', 'br1', 'eth1'],
    addresses: ['br0 10.0.0.1/24'],
    routes4: `local 10.0.0.1 dev br0 table 255 proto kernel scope host src 10.0.0.1
10.0.0.0/24 dev br0 proto kernel scope link src 10.0.0.1
default via 10.0.0.254 dev br0 proto boot`,
    rules4: '0:\tfrom all lookup 255\n32766:\tfrom all lookup 254\n32767:\tfrom all lookup 253\n',
  });
  const session = { client: '10.9.9.9', clientPort: 50_000, server: '10.0.0.1', serverPort: 22, dev: null };
  const links = new Map(
    [...snapshot.links].map(([name, link]) => [name, { ...link, mac: '52:54:00:00:00:aa' }]),
  );
  return { ...snapshot, links, session, ovs };
}

function foreseen(name: string, params: unknown) {
  const resource = resources.find((known) => known.name === name);
  if (resource === undefined) throw new Error(`no resource ${name}`);
  const before = hostWith(OVS);
  const plan = planTasks([{ resource, items: [{ params, path: [] }] }], before);
  expect(plan.tasks.flatMap((task) => task.problems)).toEqual([]);
  expect(plan.sequence.length).toBeGreaterThan(0);
  return foresee(before, plan.state, plan);
}

const uses = 'the session itself (10.9.9.9 -> 10.0.0.1 by br0) uses it';

test.each([
  ['ovs_port', { name: 'eth0', tag: 5 }, [`ovs_port eth0 port: ${uses}`]],
  ['ovs_rate_limit', { interface: 'eth0', rate: '1mbit' }, [`ovs_rate_limit eth0: ${uses}`]],
  [
    'ovs_qos',
    { port: 'eth0', max_rate: '1mbit' },
    [`ovs_qos eth0: ${uses.replace('uses it', 'will go by it')}`],
  ],
  ['ovs_bridge', { name: 'br0', fail_mode: 'secure' }, [`ovs_bridge br0: ${uses}`]],
  // What no packet of the session meets.
  ['ovs_port', { name: 'eth1', tag: 5 }, []],
  ['ovs_port', { name: 'vnet0', tag: 5 }, []],
  ['ovs_port', { name: 'eth0', external_ids: { k: 'v' } }, []],
  ['ovs_bridge', { name: 'br1', fail_mode: 'secure' }, []],
])('%s %j', (name, params, touches) => {
  expect(foreseen(name, params)).toEqual({ touches });
});

test('a bridge that loses its way to the world, and one that goes, cut the session', () => {
  expect(foreseen('ovs_port', { name: 'eth0', state: 'absent' }).cuts).toContain(
    'br0 will be left without eth0, by which the world reaches it',
  );
  expect(foreseen('ovs_bridge', { name: 'br0', state: 'absent' }).cuts).toContain(
    'the host will no longer have the address 10.0.0.1',
  );
});
