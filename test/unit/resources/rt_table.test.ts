import { describe, expect, test } from 'vitest';
import { planTasks } from '../../../src/engine/plan.js';
import { route } from '../../../src/resources/route.js';
import type { RouteParams } from '../../../src/resources/routing/route-wish.js';
import type { RtTableParams } from '../../../src/resources/rt_table.js';
import { rtTable } from '../../../src/resources/rt_table.js';
import { type Host, snapshotOf } from '../../support/snapshots.js';

const DIRECTORY = '/etc/iproute2/rt_tables.d';
const OWN = `${DIRECTORY}/netplay.conf`;
const OLD = '/etc/iproute2/rt_tables';

const MODERN: Host = { directories: { [DIRECTORY]: ['other.conf'] }, files: { [OWN]: null } };
const owning = (content: string, ...tables: [number, string][]): Host => ({
  directories: { [DIRECTORY]: ['netplay.conf'] },
  files: { [OWN]: { content, mode: '600' } },
  tables: tables.map(([id, name]) => ({ id, name, file: OWN })),
});
/** EL6 and early EL7: only rt_tables itself is read. */
const ancient = (content: string, ...tables: [number, string][]): Host => ({
  tools: { tablesDirectory: false },
  files: { [OLD]: { content, mode: '644' } },
  tables: tables.map(([id, name]) => ({ id, name, file: OLD })),
});

interface Written {
  name: string;
  host: Host;
  params: RtTableParams;
  path?: string;
  content: string;
  before?: string | null;
}

const WRITTEN: Written[] = [
  {
    name: 'pitfall 6: a file of our own, which ends in .conf',
    host: MODERN,
    params: { id: 100, name: 'local100' },
    content: '# Names of routing tables, written by netplay.\n100\tlocal100\n',
    before: null,
  },
  {
    name: 'one more name',
    host: owning('100\tlocal100\n', [100, 'local100']),
    params: { id: 200, name: 'local200' },
    content: '100\tlocal100\n200\tlocal200\n',
  },
  {
    name: 'pitfall 5: a last line without its end',
    host: ancient('255 local\n106 nonewline', [106, 'nonewline']),
    params: { id: 107, name: 'x107' },
    path: OLD,
    content: '255 local\n106 nonewline\n107\tx107\t# netplay\n',
  },
  {
    name: 'another id for a name that is ours',
    host: owning('# mine\n100\tlocal100\n', [100, 'local100']),
    params: { id: 101, name: 'local100' },
    content: '# mine\n101\tlocal100\n',
    before: '100 local100',
  },
  {
    name: 'a line that netplay put into rt_tables is changed, its neighbours are not',
    host: ancient('100\told\t# netplay\n7 seven\n', [100, 'old'], [7, 'seven']),
    params: { id: 100, name: 'new' },
    path: OLD,
    content: '7 seven\n100\tnew\t# netplay\n',
    before: '100 old',
  },
];

describe('names', () => {
  test.each(WRITTEN)('$name', ({ host, params, path = OWN, content, before }) => {
    const { changes, problems } = rtTable.plan(params, snapshotOf(host));
    expect(problems ?? []).toEqual([]);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.do).toEqual([{ kind: 'write', path, content }]);
    if (before !== undefined) expect(changes[0]?.before).toBe(before);
    const old = host.files?.[path];
    expect(changes[0]?.undo).toEqual([
      old ? { kind: 'write', path, content: old.content, mode: old.mode } : { kind: 'remove', path },
    ]);
  });

  test('makes the directory that iproute2 reads where it is missing', () => {
    const { changes } = rtTable.plan(
      { id: 100, name: 'local100' },
      snapshotOf({ directories: { [DIRECTORY]: null }, files: { [OWN]: null } }),
    );
    expect(changes[0]?.do[0]).toEqual({ kind: 'run', argv: ['mkdir', '-p', DIRECTORY] });
    expect(changes[0]?.undo.at(-1)).toEqual({ kind: 'run', argv: ['rmdir', DIRECTORY] });
  });

  test('a file of our own goes with its last name, and is put back as it was', () => {
    const content = '# Names of routing tables, written by netplay.\n100\tlocal100\n';
    const params = { name: 'local100', state: 'absent' } as const;
    const { changes } = rtTable.plan(params, snapshotOf(owning(content, [100, 'local100'])));
    expect(changes[0]?.do).toEqual([{ kind: 'remove', path: OWN }]);
    expect(changes[0]?.undo).toEqual([{ kind: 'write', path: OWN, content, mode: '600' }]);
    expect(changes[0]?.effects[0]).toEqual({ kind: 'file', path: OWN, file: null });
  });

  test.each<[string, Host, RtTableParams]>([
    ['there already', owning('100\tlocal100\n', [100, 'local100']), { id: 100, name: 'local100' }],
    [
      "there in a stranger's file",
      { tables: [{ id: 100, name: 'local100', file: OLD }] },
      { id: 100, name: 'local100' },
    ],
    ['known without a file', MODERN, { id: 254, name: 'main' }],
    ['absent already', MODERN, { name: 'local100', state: 'absent' }],
  ])('nothing to do: %s', (_name, host, params) => {
    const plan = rtTable.plan(params, snapshotOf(host));
    expect(plan.problems ?? []).toEqual([]);
    expect(plan.changes).toEqual([]);
  });

  test.each<[string, Host, RtTableParams, string]>([
    [
      'pitfall 5: the name stands for another table',
      ancient('7 x\n', [7, 'x']),
      { id: 8, name: 'x' },
      `x already names table 7 in ${OLD}`,
    ],
    [
      'pitfall 5: the table has another name',
      ancient('7 x\n', [7, 'x']),
      { id: 7, name: 'y' },
      `table 7 is already named x in ${OLD}`,
    ],
    ['main is 254', MODERN, { id: 100, name: 'main' }, "the name main is iproute2's own"],
    ['254 is main', MODERN, { id: 254, name: 'mine' }, 'table 254 is always named main'],
    ['table local', MODERN, { id: 255, name: 'local', exclusive: true }, "can't be exclusive"],
  ])('refused: %s', (_name, host, params, message) => {
    const { changes, problems } = rtTable.plan(params, snapshotOf(host));
    expect(changes).toEqual([]);
    expect(problems?.[0]?.message).toContain(message);
  });

  test("absent leaves a stranger's name, and says so", () => {
    const plan = rtTable.plan({ name: 'x', state: 'absent' }, snapshotOf(ancient('7 x\n', [7, 'x'])));
    expect(plan.changes).toEqual([]);
    expect(plan.warnings).toEqual([`x stays: ${OLD} gives the name, not netplay`]);
  });

  test('two tasks that give one table two names are told so', () => {
    const planned = planTasks(
      ['a', 'b'].map((name) => ({ resource: rtTable, items: [{ params: { id: 100, name }, path: [] }] })),
      snapshotOf(MODERN),
    ).tasks;
    expect(planned.flatMap((task) => task.problems).length).toBeGreaterThan(0);
  });
});

describe('exclusive', () => {
  const FULL: Host = {
    ...MODERN,
    addresses: ['eth0 192.168.1.1/24'],
    routes4: `unicast 10.9.0.0/16 dev eth0 table 100 proto static scope link
unicast 192.168.1.0/24 dev eth0 table 100 proto kernel scope link
unicast default via 192.168.1.9 dev eth0 table 100 proto static scope global
unicast 10.1.0.0/16 dev eth0 table main proto boot scope link
unicast 10.2.0.0/16 dev eth0 table main proto dhcp scope link
unicast 192.168.1.0/24 dev eth0 table main proto kernel scope link src 192.168.1.1`,
    routes6: 'unicast 2001:db8:9::/48 dev eth0 table 100 proto boot scope global metric 1024 pref medium',
  };
  const play = (table: RtTableParams, ...routes: RouteParams[]) =>
    planTasks(
      [
        { resource: rtTable, items: [{ params: table, path: [] }] },
        ...routes.map((params) => ({ resource: route, items: [{ params, path: [] }] })),
      ],
      snapshotOf(FULL),
    ).tasks;

  test('removes what no task declares, of both families, and nothing of the kernel', () => {
    const planned = play(
      { id: 100, name: 'x', exclusive: true },
      { dst: 'default', via: '192.168.1.254', dev: 'eth0', table: 'x' },
      { dst: '172.16.0.0/16', dev: 'eth0', table: 100 },
    );
    expect(planned.flatMap((task) => task.problems)).toEqual([]);
    expect(planned[0]?.changes.map((change) => `${change.action} ${change.address}`)).toEqual([
      'create rt_table x',
      'delete route 10.9.0.0/16 table x',
      'delete route 2001:db8:9::/48 table x',
    ]);
  });

  test('in main spares what daemons and the kernel made', () => {
    const planned = play({ id: 254, name: 'main', exclusive: true });
    expect(planned[0]?.changes.map((change) => change.address)).toEqual(['route 10.1.0.0/16']);
  });

  test('without it nothing is removed', () => {
    expect(play({ id: 100, name: 'x' })[0]?.changes.map((change) => change.action)).toEqual(['create']);
  });
});
