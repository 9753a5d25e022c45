/** The texts of iproute2 2.6.33 to 7.1, and what they come to. */
import { describe, expect, test } from 'vitest';
import { parseTc } from '../../../src/snapshot/parse-tc.js';
import { parseFilters } from '../../../src/snapshot/parse-tc-filter.js';
import { parseClasses, parseQdiscs } from '../../../src/snapshot/parse-tc-qdisc.js';
import type { TrafficControl } from '../../../src/snapshot/tc.js';

describe('qdiscs', () => {
  const one = (line: string) => parseQdiscs(line)[0];

  test.each([
    'qdisc noqueue 0: dev v1 root refcnt 2 ',
    'qdisc pfifo_fast 0: dev eth0 root refcnt 2 bands 3 priomap  1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1',
    'qdisc mq 0: dev eth0 root ',
    'qdisc fq_codel 0: dev eth0 parent :4 limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms memory_limit 32Mb ecn drop_batch 64 ',
  ])("the kernel's own default is none: %s", (line) => expect(parseQdiscs(line)).toEqual([]));

  test.each([
    ['7.1', 'qdisc tbf 10: dev eth0 root refcnt 2 rate 10Mbit burst 32Kb lat 400ms linklayer ethernet'],
    [
      '6.1',
      'qdisc tbf 10: dev eth0 root refcnt 2 rate 10Mbit burst 32Kb/1 mpu 0b lat 400ms linklayer ethernet ',
    ],
    ['2.6.33', 'qdisc tbf 10: dev eth0 root refcnt 2 rate 10000Kbit burst 32Kb lat 400.0ms '],
  ])('tbf of %s', (_version, line) =>
    expect(one(line)).toEqual({
      ...{ type: 'qdisc', dev: 'eth0', parent: 'root', handle: '10:', kind: 'tbf', other: [] },
      options: { rate: 10e6, burst: 32_768, latency: 400_000 },
    }),
  );

  test.each([
    [
      '6.1',
      'qdisc htb 1: dev eth0 root refcnt 3 r2q 10 default 0x10 direct_packets_stat 0 ver 3.17 direct_qlen 1000',
      { direct_qlen: 1000 },
    ],
    ['2.6.33', 'qdisc htb 1: dev eth0 root refcnt 2 r2q 10 default 10 direct_packets_stat 20 ver 3.17', {}],
    ['before 2.6.30', 'qdisc htb 1: dev eth0 r2q 10 default 10 direct_packets_stat 20', {}],
  ])('pitfall 39: the default of htb of %s is hexadecimal', (_version, line, more) =>
    expect(one(line)).toMatchObject({
      parent: 'root',
      handle: '1:',
      options: { r2q: 10, default: '10', ...more },
      other: [],
    }),
  );

  test('a leaf, with its details', () => {
    const line =
      'qdisc fq_codel 8001: dev eth0 parent 1:10 limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms memory_limit 32Mb ecn drop_batch 64 ';
    expect(one(line)).toMatchObject({
      parent: '1:10',
      options: {
        limit: 10_240,
        flows: 1024,
        quantum: 1514,
        target: 5000,
        interval: 100_000,
        memory_limit: 2 ** 25,
        ecn: true,
        drop_batch: 64,
      },
      other: [],
    });
  });

  test.each([
    ['qdisc ingress ffff: dev eth0 parent ffff:fff1 ---------------- ', 'ingress'],
    ['qdisc ingress ffff: dev eth0 ingress ---------------- ', 'ingress'],
    ['qdisc clsact ffff: dev eth0 parent ffff:fff1 ', 'clsact'],
  ])('%s', (line, parent) =>
    expect(one(line)).toMatchObject({ parent, handle: 'ffff:', options: {}, other: [] }),
  );

  test.each([
    [
      'qdisc sfq 5: dev eth0 root refcnt 2 limit 127p quantum 1514b depth 127 flows 128/1024 divisor 1024 perturb 10sec ',
      { flows: 127, perturb: 10, depth: 127 },
    ],
    [
      'qdisc sfq 5: dev eth0 root refcnt 2 limit 127p quantum 1514b perturb 10sec ',
      { limit: 127, quantum: 1514, perturb: 10 },
    ],
    [
      'qdisc prio 5: dev eth0 root refcnt 2 bands 3 priomap  1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1',
      { bands: 3, priomap: '1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1' },
    ],
    [
      'qdisc netem 5: dev eth0 root refcnt 2 limit 1000 delay 100.0ms  10.0ms loss 0.3% duplicate 1% rate 5Mbit',
      { delay: 100_000, jitter: 10_000, loss: 0.3, duplicate: 1, rate: 5e6 },
    ],
    ['qdisc bfifo 5: dev eth0 root refcnt 2 limit 50Kb', { limit: 51_200 }],
  ])('%s', (line, options) => expect(one(line)).toMatchObject({ options, other: [] }));

  test('words that are not known are kept, so that it is not taken away', () => {
    expect(one('qdisc cake 5: dev eth0 root refcnt 2 bandwidth 100Mbit diffserv3')).toMatchObject({
      other: ['bandwidth', '100Mbit', 'diffserv3'],
    });
  });

  test('what is no listing is refused', () => {
    expect(() => parseQdiscs('Object "qdsic" is unknown')).toThrow(
      "The output of tc qdisc can't be understood",
    );
  });
});

describe('classes', () => {
  test.each([
    [
      '6.1',
      'class htb 1:10 parent 1:1 leaf 10: prio 2 quantum 3000 rate 80Mbit overhead 20 ceil 100Mbit linklayer ethernet burst 15Kb/1 mpu 64b cburst 1600b/1 mpu 64b level 0 ',
      { prio: 2, quantum: 3000, overhead: 20, mpu: 64 },
    ],
    [
      '2.6.33',
      'class htb 1:10 parent 1:1 leaf 10: prio 0 rate 80000Kbit ceil 100000Kbit burst 15Kb cburst 1600b ',
      {},
    ],
  ])('htb of %s', (_version, line, more) =>
    expect(parseClasses(line, 'eth0')).toEqual([
      {
        ...{ type: 'class', dev: 'eth0', parent: '1:1', classid: '1:10', kind: 'htb', other: [] },
        options: { rate: 80e6, ceil: 100e6, burst: 15_360, cburst: 1600, ...more },
      },
    ]),
  );

  test('one right below the qdisc, and what is no class of anybody', () => {
    const text = `class htb 1:1 root rate 100Mbit ceil 100Mbit burst 1600b cburst 1600b
class tbf 10:1 parent 10:
class fq_codel 8001:1a parent 8001: `;
    expect(parseClasses(text, 'eth0')).toMatchObject([{ classid: '1:1', parent: '1:' }]);
  });
});

describe('filters', () => {
  const U32 = `filter parent 1: protocol ip pref 1 u32 chain 0
filter parent 1: protocol ip pref 1 u32 chain 0 fh 800: ht divisor 1
filter parent 1: protocol ip pref 1 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 *flowid 1:10 not_in_hw
  match 0a020001/ffffffff at 12
  match 00000050/0000ffff at 20
`;
  const KEYS = [
    { value: 0x0a020001, mask: 0xffffffff, at: 12 },
    { value: 0x50, mask: 0xffff, at: 20 },
  ];

  test.each([
    ['6.1', U32],
    ['2.6.33', U32.replaceAll(' chain 0', '').replace('*flowid', 'flowid').replace(' not_in_hw', '')],
  ])('u32 of %s', (_version, text) => {
    const { filters, tables } = parseFilters(text, 'eth0', '1:');
    expect(tables).toBe(true);
    expect(filters).toEqual([
      {
        ...{
          type: 'filter',
          dev: 'eth0',
          parent: '1:',
          protocol: 'ip',
          prio: 1,
          kind: 'u32',
          handle: '800::800',
        },
        ...{ chain: 0, keys: KEYS, match: {}, classid: '1:10', actions: [], other: [] },
      },
    ]);
  });

  test('a table without filters', () => {
    const text = 'filter protocol ip pref 1 u32\nfilter protocol ip pref 1 u32 fh 800: ht divisor 1\n';
    expect(parseFilters(text, 'eth0', '1:')).toEqual({ filters: [], tables: true });
    expect(parseFilters('', 'eth0', '1:')).toEqual({ filters: [], tables: false });
  });

  test('one that was hung up by the word ingress, in the listing of its handle', () => {
    const text = [
      'filter ingress protocol ip pref 1 u32 chain 0 ',
      'filter ingress protocol ip pref 1 u32 chain 0 fh 800: ht divisor 1 ',
      'filter ingress protocol ip pref 1 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 terminal flowid not_in_hw ',
      '  match 00000000/00000000 at 0',
      '\taction order 1: mirred (Egress Mirror to device ifb9) pipe',
      '\tindex 1 ref 1 bind 1',
    ].join('\n');
    expect(parseFilters(text, 'eth0', 'ingress').filters).toMatchObject([
      { parent: 'ingress', protocol: 'ip', prio: 1, kind: 'u32', handle: '800::800', other: [] },
    ]);
  });

  const HEAD = 'filter protocol all pref 1 u32 fh 800::800 order 2048 key ht 800 bkt 0 flowid ???';
  test.each([
    [
      'mirred',
      `${HEAD}\n  match 00000000/00000000 at 0\n\taction order 1: mirred (Egress Redirect to device ifb0) stolen\n\tindex 1 ref 1 bind 1\n`,
      [{ kind: 'mirred', options: { direction: 'egress', redirect: 'ifb0' }, other: [] }],
    ],
    [
      'police, as an action',
      `${HEAD}\n  match 00000000/00000000 at 0\n\taction order 1:  police 0x1 rate 20Mbit burst 200Kb mtu 64Kb action drop overhead 0b \n\tref 1 bind 1 \n`,
      [{ kind: 'police', options: { rate: 20e6, burst: 204_800, mtu: 65_536, exceed: 'drop' }, other: [] }],
    ],
    [
      'police, of old',
      `${HEAD}\n  match 00000000/00000000 at 0\n police 0x1 rate 20000Kbit burst 200Kb mtu 2Kb action drop overhead 0b \nref 1 bind 1\n`,
      [{ kind: 'police', options: { rate: 20e6, burst: 204_800, mtu: 2048, exceed: 'drop' }, other: [] }],
    ],
    [
      'two',
      `${HEAD}\n\taction order 1: skbedit  mark 5 pipe\n\t index 1 ref 1 bind 1\n\taction order 2: gact action drop\n\t random type none pass val 0\n\t index 1 ref 1 bind 1\n`,
      [
        { kind: 'skbedit', options: { mark: 5 }, other: [] },
        { kind: 'gact', options: { action: 'drop' }, other: [] },
      ],
    ],
  ])('actions: %s', (_name, text, actions) => {
    expect(parseFilters(text, 'eth0', 'ingress').filters).toMatchObject([{ classid: null, actions }]);
  });

  test('flower, fw and matchall', () => {
    const text = `filter protocol ip pref 5 flower chain 0
filter protocol ip pref 5 flower chain 0 handle 0x1 classid 1:10
  eth_type ipv4
  ip_proto tcp
  dst_ip 10.3.0.0/16
  dst_port 443
  not_in_hw
filter protocol all pref 6 fw chain 0
filter protocol all pref 6 fw chain 0 handle 0x5/0xff classid 1:20
filter protocol all pref 7 matchall chain 0
filter protocol all pref 7 matchall chain 0 handle 0x1 flowid 1:20
  not_in_hw (rule hit 0)
`;
    expect(parseFilters(text, 'eth0', '1:').filters).toMatchObject([
      {
        kind: 'flower',
        handle: '0x1',
        classid: '1:10',
        match: { ip_proto: 'tcp', dst_ip: '10.3.0.0/16', dst_port: '443' },
        other: [],
      },
      { kind: 'fw', handle: '0x5/0xff', classid: '1:20', other: [] },
      { kind: 'matchall', handle: '0x1', classid: '1:20', other: [] },
    ]);
  });
});

describe('the whole', () => {
  const read = (modules: string): TrafficControl => {
    const tc = parseTc(
      new Map([
        ['tc-qdiscs', { content: '', code: 0 }],
        ['tc-modules', { content: modules, code: 0 }],
        ['tc-psched', { content: '000003e8 00000040 000f4240 000000fa', code: 0 }],
      ]),
      [{ dev: 'eth1' }],
      ({ content }) => content,
    );
    if (tc === undefined) throw new Error('it was not read');
    return tc;
  };

  test('what the kernel lacks, by its configuration or its list of modules', () => {
    const config = '# CONFIG_NET_SCH_NETEM is not set\n# CONFIG_NET_ACT_POLICE is not set\nhave act_police';
    expect([...read(config).lacking]).toEqual(['sch_netem']);
    expect(read('listed\nhave sch_htb\nhave cls_u32').lacking).toContain('sch_tbf');
    expect(read('listed\nhave sch_htb\nhave cls_u32').lacking).not.toContain('sch_htb');
  });

  test('where nothing tells, nothing is said to be lacking', () => expect(read('').lacking.size).toBe(0));
  test('coarse timers', () => expect(read('').hz).toBe(250));
  test('a host without tc is told what to install', () => {
    const none = new Map([['tc-none', { content: '', code: 0 }]]);
    expect(() => parseTc(none, [{ dev: 'eth1' }], () => '')).toThrow(
      'traffic control needs the command "tc" of iproute2, which is not installed',
    );
    // Whoever only wants to know what goes with a device can do without.
    expect(parseTc(none, [{}], () => '')).toBeUndefined();
  });
});
