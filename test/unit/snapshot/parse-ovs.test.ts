/** What ovs-vsctl and ovs-ofctl print, in the encodings of RFC 7047 and of several versions. */
import { describe, expect, test } from 'vitest';
import { numbered, parseFlow, standIns } from '../../../src/snapshot/ovs-flow-text.js';
import { OVS_TABLES } from '../../../src/snapshot/ovs-script.js';
import { parseOvs } from '../../../src/snapshot/parse-ovs.js';

const answer = (content: string, code = 0, errors = '') => ({ content, code, errors });
const uuid = (name: string): unknown => ['uuid', name];

/** Tables of columns and rows; the columns in the order in which they are given. */
function listing(tables: Readonly<Record<string, { headings: string[]; data: unknown[][] }>>): string {
  return OVS_TABLES.map((table) => JSON.stringify(tables[table] ?? { headings: ['_uuid'], data: [] })).join(
    '\n',
  );
}

const TABLES = {
  Bridge: {
    headings: ['ports', 'name', '_uuid', 'fail_mode', 'controller', 'protocols', 'other_config', 'mirrors'],
    data: [
      [
        ['set', [uuid('p1'), uuid('p0')]],
        'br0',
        uuid('b0'),
        ['set', []],
        uuid('c0'),
        'OpenFlow13',
        ['map', [['hwaddr', '52:54:00:00:00:aa']]],
        uuid('m0'),
      ],
    ],
  },
  Port: {
    headings: ['_uuid', 'name', 'interfaces', 'tag', 'trunks', 'qos'],
    data: [
      [uuid('p0'), 'eth0', uuid('i0'), 5, ['set', [20, 3]], uuid('q0')],
      [uuid('p1'), 'bond0', ['set', [uuid('i2'), uuid('i1')]], ['set', []], 7, ['set', []]],
    ],
  },
  Interface: {
    headings: ['name', '_uuid', 'error', 'ofport', 'type', 'external_ids'],
    data: [
      ['eth0', uuid('i0'), ['set', []], 1, '', ['map', []]],
      ['eth1', uuid('i1'), 'could not open network device eth1 (No such device)', -1, '', ['map', []]],
      ['eth2', uuid('i2'), ['set', []], ['set', []], '', ['map', [['a b', 'x "y"']]]],
    ],
  },
  QoS: {
    headings: ['type', 'queues', '_uuid', 'external_ids', 'other_config'],
    data: [
      ['linux-htb', ['map', [[0, uuid('u0')]]], uuid('q0'), ['map', []], ['map', [['max-rate', '30']]]],
      ['linux-htb', ['map', []], uuid('q1'), ['map', [['netplay', 'eth9']]], ['map', []]],
    ],
  },
  Queue: {
    headings: ['_uuid', 'dscp', 'external_ids', 'other_config'],
    data: [
      [uuid('u0'), 46, ['map', []], ['map', []]],
      [uuid('u1'), ['set', []], ['map', []], ['map', []]],
    ],
  },
  Controller: { headings: ['target', '_uuid'], data: [['tcp:192.0.2.1:6653', uuid('c0')]] },
};

function parse(sections: Readonly<Record<string, ReturnType<typeof answer>>>) {
  return parseOvs((name) => sections[name], []);
}

describe('the database', () => {
  const ovs = parse({
    ovs: answer(listing(TABLES)),
    'ovs-vswitchd': answer(''),
    'ovs-police': answer('no\n'),
  });

  test('columns are found by their headings; a set of one stands bare, an empty one is unset', () => {
    const bridge = ovs.bridges.get('br0');
    expect(bridge?.columns).toMatchObject({ fail_mode: null, protocols: ['OpenFlow13'], stp_enable: false });
    expect(bridge).toMatchObject({ controllers: ['tcp:192.0.2.1:6653'], foreign: ['mirrors'] });
    expect(ovs.ports.get('eth0')).toMatchObject({ bridge: 'br0', interfaces: ['eth0'] });
    expect(ovs.ports.get('eth0')?.columns).toMatchObject({ tag: 5, trunks: [3, 20], vlan_mode: null });
    expect(ovs.ports.get('bond0')).toMatchObject({
      interfaces: ['eth1', 'eth2'],
      columns: { tag: null, trunks: [7] },
    });
    expect(ovs.interfaces.get('eth2')).toMatchObject({
      ofport: null,
      columns: { external_ids: { 'a b': 'x "y"' } },
    });
    expect(ovs.interfaces.get('eth1')).toMatchObject({
      ofport: -1,
      error: expect.stringContaining('No such device'),
    });
  });

  test("pitfall 43: a port's QoS with its queues; rows of ours that nobody refers to are strays", () => {
    expect(ovs.qos.get('eth0')).toMatchObject({
      uuid: 'q0',
      sharedWith: [],
      queues: { 0: { uuid: 'u0', shared: false, columns: { dscp: 46 } } },
    });
    expect([...ovs.strays.keys()]).toEqual(['q1']);
    expect([ovs.trouble, ovs.police]).toEqual([null, false]);
  });
});

test.each([
  [{}, 'missing', 'there is no command ovs-vsctl'],
  [
    {
      ovs: answer('', 1, 'ovs-vsctl: unix:/db.sock: database connection failed (No such file or directory)'),
    },
    'unread',
    /database connection failed/,
  ],
  [
    { ovs: answer('', 142, '2026-01-01T00:00:00Z|00001|fatal_signal|WARN|terminating') },
    'unread',
    'it does not answer',
  ],
  [
    { ovs: answer(listing({})), 'ovs-vswitchd': answer('', 1, 'ovs-appctl: cannot read pidfile') },
    'idle',
    'ovs-appctl: cannot read pidfile',
  ],
] as const)('pitfall 43: what does not run is told: %#', (sections, kind, words) => {
  const { trouble } = parse(sections);
  expect(trouble).toMatchObject({ kind });
  expect(trouble?.words).toMatch(words);
});

test('what is no list of tables is refused', () => {
  expect(() => parse({ ovs: answer('{"data":[]}') })).toThrow("ovs-vsctl printed what can't be understood");
});

describe('flows', () => {
  const ports = new Map([
    [1, 'eth0'],
    [2, 'int0'],
  ]);
  const of = (line: string) => parseFlow('br0', line, ports);

  test.each([
    [
      ' cookie=0x0, duration=5.1s, table=0, n_packets=1, n_bytes=42, idle_age=5, priority=9,in_port=2,ip actions=enqueue:1:7',
      'in_port=int0,ip',
      'set_queue:7,output:eth0,pop_queue',
    ],
    [
      ' cookie=0x0, priority=9,ip,in_port="int0" actions=set_queue:7,output:"eth0",pop_queue',
      'in_port=int0,ip',
      'set_queue:7,output:eth0,pop_queue',
    ],
    [
      'OFPT_FLOW_MOD (xid=0x1): ADD priority=9,ip,in_port=2 actions=enqueue:1:7',
      'in_port=int0,ip',
      'set_queue:7,output:eth0,pop_queue',
    ],
    [' priority=9 actions=output:LOCAL', '', 'LOCAL'],
  ])('%#: versions spell a flow apart', (line, match, actions) => {
    expect(of(line)).toMatchObject({ table: 0, priority: 9, match, actions, cookie: '0x0' });
  });

  test('timeouts and flags are kept; a cookie has one spelling; what is no flow is none', () => {
    expect(of(' cookie=0x0007, idle_timeout=60, send_flow_rem priority=1 actions=drop')).toMatchObject({
      cookie: '0x7',
      other: ['idle_timeout=60', 'send_flow_rem'],
      match: '',
    });
    expect(of('NXST_FLOW reply (xid=0x4):')).toBeUndefined();
    expect(of('OFPT_FLOW_MOD (xid=0x1): ADD table:255 in_port=1 actions=drop')).toMatchObject({
      table: 0,
      priority: 32_768,
    });
  });

  test('names of ports are numbers while ovs-ofctl parses, and names again', () => {
    const { text, names } = numbered('in_port=v0.x,actions=output:v0.x,enqueue:eth1:2,output:3,LOCAL');
    expect(text).toBe('in_port=60000,actions=output:60000,enqueue:60001:2,output:3,LOCAL');
    expect([...standIns(names)]).toEqual([
      [60_000, 'v0.x'],
      [60_001, 'eth1'],
    ]);
  });
});
