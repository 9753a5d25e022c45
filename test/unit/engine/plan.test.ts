import { expect, test } from 'vitest';
import { planTasks } from '../../../src/engine/plan.js';
import { arpProfile } from '../../../src/resources/intents/arp_profile.js';
import { resources } from '../../../src/resources/registry.js';
import { type Intent, type Part, part } from '../../../src/resources/resource.js';
import { route } from '../../../src/resources/route.js';
import { rtTable } from '../../../src/resources/rt_table.js';
import { rule } from '../../../src/resources/rule.js';
import { snapshotOf } from '../../support/snapshots.js';

test('what an exclusive table has too much is removed after all that the play adds: no gap', () => {
  const snapshot = snapshotOf({
    addresses: ['eth0 192.168.1.1/24'],
    routes4: [
      '192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.1',
      '10.9.0.0/16 dev eth0 table 100 proto boot scope link',
    ].join('\n'),
  });
  const plan = planTasks(
    [
      { resource: rtTable, items: [{ params: { id: 100, name: 'dx', exclusive: true }, path: [] }] },
      { resource: route, items: [{ params: { dst: '10.8.0.0/16', dev: 'eth0', table: 'dx' }, path: [] }] },
    ],
    snapshot,
  );
  expect(plan.tasks.flatMap((task) => task.problems)).toEqual([]);
  const order = plan.sequence.map(({ task, changes }) => [
    task,
    ...changes.map(({ action, address }) => `${action} ${address}`),
  ]);
  expect(order).toEqual([
    [0, 'create rt_table dx'],
    [1, 'create route 10.8.0.0/16 table dx'],
    [0, 'delete route 10.9.0.0/16 table dx'],
  ]);
  expect(plan.tasks[0]?.changes.length).toBe(2);
});

test('what is refused is told once, and not that a later task undoes it', () => {
  const tasks = [
    { resource: rtTable, items: [{ params: { id: 254, name: 'mine' }, path: [] }] },
    { resource: route, items: [{ params: { dst: 'default', dev: 'eth0' }, path: [] }] },
  ];
  const { tasks: planned } = planTasks(tasks, snapshotOf({ addresses: ['eth0 192.168.1.1/24'] }));
  expect(planned.map(({ problems }) => problems.map(({ message }) => message))).toEqual([
    ['table 254 is always named main'],
    ['a default route without via would ARP for every address in the world'],
  ]);
});

const HOST = {
  addresses: ['eth0 192.168.1.1/24'],
  routes4: [
    '192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.1',
    '10.9.0.0/16 dev eth0 table 100 proto boot scope link',
  ].join('\n'),
};

/** An intent that stands for the parts that it is given. */
const these: Intent<readonly Part[]> = {
  name: 'these',
  plural: 'theses',
  mapKey: 'name',
  summary: 'Parts',
  schema: {},
  examples: [],
  reads: (parts) => parts.flatMap(({ resource, params }) => resource.reads(params)),
  expand: (parts) => ({ parts }),
};
const table = part(rtTable, { id: 100, name: 'dx', exclusive: true });
const way = part(route, { dst: '10.8.0.0/16', dev: 'eth0', table: 100 });
const mistake = part(route, { dst: 'default', dev: 'eth0' });

const planThese = (...parts: Part[]) =>
  planTasks([{ resource: these, items: [{ params: parts, path: [] }] }], snapshotOf(HOST));

test('an intent is planned as its parts, and an exclusive table knows what they declare', () => {
  const plan = planThese(table, way);
  expect(plan.tasks[0]?.changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
    'create rt_table dx',
    'create route 10.8.0.0/16 table dx',
    'delete route 10.9.0.0/16 table dx',
  ]);
  expect(plan.tasks[0]?.parts).toEqual([table, way]);
});

test('an intent that can’t be carried out whole changes nothing', () => {
  const plan = planThese(table, way, mistake);
  expect(plan.tasks[0]).toMatchObject({
    changes: [],
    problems: [{ message: 'route: a default route without via would ARP for every address in the world' }],
  });
  expect(plan.sequence).toEqual([]);
  expect(plan.state.names.tables.byName.has('dx')).toBe(false);
});

/** Wants the network of table 100 there if anything leads to that table. */
const needy: Intent<null> = {
  ...{ ...these, reads: () => [], name: 'needy' },
  expand: (_, { rules }) => ({
    parts: rules.some((one) => one.table === 100) ? [way] : [],
    problems: rules.some((one) => one.table === 101) ? [{ message: 'table 101 is taken' }] : [],
  }),
};
const lead = (to: number) => ({
  resource: rule,
  items: [{ params: { from: '10.1.1.1', table: to, priority: 9 }, path: [] }],
});
const needing = { resource: needy, items: [{ params: null, path: [] }] };

test('what later tasks make an intent want is made good', () => {
  const plan = planTasks([needing, lead(100)], snapshotOf(HOST));
  expect(plan.tasks.flatMap(({ problems }) => problems)).toEqual([]);
  expect(plan.tasks[0]?.changes.map(({ address }) => address)).toEqual(['route 10.8.0.0/16 table 100']);
  expect(planTasks([needing, lead(100)], plan.state).sequence).toEqual([]);
});

test('what later tasks make an intent refuse is told of it', () => {
  const plan = planTasks([needing, lead(101)], snapshotOf(HOST));
  expect(plan.tasks.map(({ problems }) => problems.map(({ message }) => message))).toEqual([
    ['with what later tasks of this play do: table 101 is taken'],
    [],
  ]);
});

test('intents that undo each other are refused', () => {
  const arp = (profile: string) => ({ resource: arpProfile, items: [{ params: { profile }, path: [] }] });
  const sysctls = { 'net/ipv4/conf/all/arp_ignore': '0', 'net/ipv4/conf/all/arp_announce': '0' };
  const host = snapshotOf({ ...HOST, sysctls, directories: { '/etc/sysctl.d': [] } });
  const plan = planTasks([arp('strict'), arp('kernel')], host);
  expect(plan.tasks.map(({ problems }) => problems.map(({ message }) => message))).toEqual([
    ['another task of this play undoes this one: sysctl net.ipv4.conf.all.arp_ignore would be 0'],
    [],
  ]);
});

test.each<[string, readonly Readonly<Record<string, unknown>>[], readonly (readonly string[])[]]>([
  [
    'made and removed',
    [{ veth: { name: 'a', peer: 'b' } }, { veth: { name: 'a', state: 'absent' } }],
    [['another task of this play undoes this one: link a would be absent'], []],
  ],
  [
    'there already, and removed',
    [{ link: { name: 'eth0', mtu: 1500 } }, { link: { name: 'eth0', mtu: 1400 } }],
    [['another task of this play undoes this one: link eth0 mtu would be 1400'], []],
  ],
  [
    'removed and made as something else',
    [
      { bridge: { name: 'x' } },
      { bridge: { name: 'x', state: 'absent' } },
      { veth: { name: 'x', peer: 'y' } },
    ],
    [['with what later tasks of this play do: x is there already, and is a veth, not a bridge'], [], []],
  ],
  [
    'added to by another task',
    [{ veth: { name: 'a', peer: 'b' } }, { veth: { name: 'b', peer: 'a', mac: '02:00:00:00:00:01' } }],
    [[], []],
  ],
])('tasks that undo each other are told before anything is touched: %s', (_, tasks, expected) => {
  const plannable = tasks.map((task) => {
    const [[name, params] = ['', {}]] = Object.entries(task);
    const resource = resources.find((known) => known.name === name);
    if (resource === undefined) throw new Error(`no resource ${name}`);
    return { resource, items: [{ params, path: [] }] };
  });
  const { tasks: planned } = planTasks(plannable, snapshotOf({ addresses: ['eth0 192.168.1.1/24'] }));
  expect(planned.map(({ problems }) => problems.map(({ message }) => message))).toEqual(expected);
});
