import { describe, expect, test } from 'vitest';
import { nameFile, parseNameFile, readingOrder } from '../../../src/snapshot/names.js';
import { type Trials, toolsFrom } from '../../../src/snapshot/tools.js';

const FILE = '/etc/iproute2/rt_tables';

describe('a file of names', () => {
  test.each<[name: string, content: string, entries: [number, string][]]>([
    [
      'remarks, blanks and empty lines',
      '#\n# reserved\n\n  255\tlocal\n 100 a # remark\n#1 inr.ruhep\n',
      [
        [255, 'local'],
        [100, 'a'],
      ],
    ],
    [
      'a number in base 16',
      '0x12c third\n0X10 no\n',
      [
        [300, 'third'],
        [16, 'no'],
      ],
    ],
    [
      'no newline at its end, and what an echo >> made of it',
      '106 nonewline107 x107',
      [[106, 'nonewline107']],
    ],
    ['a name with a blank is cut', '103 with space\n', [[103, 'with']]],
    ['a name that looks like a number', '102 77\n', [[102, '77']]],
    [
      'negative and too large numbers are passed over',
      '-1 no\n4294967295 no\n2147483647 yes\n',
      [[2147483647, 'yes']],
    ],
    ['a corrupt line ends it', '100 a\nlocal100 100\n101 b\n', [[100, 'a']]],
    ['empty', '', []],
  ])('%s', (_name, content, entries) => {
    expect(parseNameFile(FILE, content)).toEqual(entries.map(([id, name]) => ({ id, name, file: FILE })));
  });
});

describe('names both ways', () => {
  const entries = (text: string) => parseNameFile(FILE, text);

  test('the built-in ones need no file', () => {
    const names = nameFile('tables', []);
    expect([names.byName.get('main'), names.byId.get(255)]).toEqual([254, 'local']);
  });

  test('of two names of one number the last is shown, and for tables both resolve', () => {
    const names = nameFile('tables', entries('100 first\n100 second\n'));
    expect(names.byId.get(100)).toBe('second');
    expect([names.byName.get('first'), names.byName.get('second')]).toEqual([100, 100]);
  });

  test('a protocol forgets the name that was shadowed', () => {
    const names = nameFile('protocols', entries('200 first\n200 second\n'));
    expect([names.byName.get('first'), names.byName.get('second')]).toEqual([undefined, 200]);
  });

  test('of two numbers of one name iproute2 finds the one in the lowest bucket of its hash', () => {
    expect(nameFile('tables', entries('100 twice\n300 twice\n')).byName.get('twice')).toBe(300);
    expect(nameFile('protocols', entries('200 twice\n100 twice\n')).byName.get('twice')).toBe(100);
  });
});

const TRIALS: Trials = {
  version: 'ip utility, iproute2-6.1.0, libbpf 1.1.2',
  numeric: true,
  tuntap: true,
  linkMaster: true,
  others: [],
  vendor: null,
  rules: '',
};

describe('what the tools can do', () => {
  const RULE = '0:\tfrom all lookup local';
  test.each<[version: string, rules: string, expected: object]>([
    [
      'ip utility, iproute2-ss091226',
      RULE,
      { iproute2: 'iproute2-ss091226', tablesDirectory: false, ruleProtocol: false },
    ],
    [
      'ip utility, iproute2-ss130716',
      RULE,
      { tablesDirectory: false, protocolsDirectory: false, ruleProtocol: false },
    ],
    ['ip utility, iproute2-ss160111', RULE, { tablesDirectory: true, protocolsDirectory: false }],
    [
      'ip utility, iproute2-ss170501',
      RULE,
      { tablesDirectory: true, protocolsDirectory: true, ruleProtocol: false },
    ],
    ['ip utility, iproute2-ss180813', `${RULE} proto kernel`, { ruleProtocol: true }],
    ['ip utility, iproute2-ss180813', '', { ruleProtocol: true }],
    ['ip utility, iproute2-ss170501', '', { ruleProtocol: false }],
    [
      'ip utility, iproute2-6.1.0, libbpf 1.1.2',
      `${RULE} proto 2`,
      { iproute2: 'iproute2-6.1.0', ruleProtocol: true, protocolsDirectory: true },
    ],
    // A kernel before 4.17 has no protocol of a rule, whatever the tool.
    [
      'ip utility, iproute2-5.4.0',
      RULE,
      { iproute2: 'iproute2-5.4.0', ruleProtocol: false, tablesDirectory: true },
    ],
  ])('%s, %s', (version, rules, expected) => {
    expect(toolsFrom({ ...TRIALS, version, rules })).toMatchObject(expected);
  });

  test('another ip than iproute2’s is told by its words', () => {
    expect(() => toolsFrom({ ...TRIALS, version: 'BusyBox v1.35.0 multi-call binary.\nUsage' })).toThrow(
      'iproute2 is not installed: ip -V says "BusyBox v1.35.0 multi-call binary."',
    );
  });
});

describe('which files are read, in which order', () => {
  const SHARE = '/usr/share/iproute2';
  const PRESENT = [
    '/etc/iproute2/rt_tables.d/b.conf',
    '/etc/iproute2/rt_tables.d/a.conf',
    '/etc/iproute2/rt_protos.d/x.conf',
    `${SHARE}/rt_tables`,
    `${SHARE}/rt_tables.d/a.conf`,
    `${SHARE}/rt_tables.d/z.conf`,
  ];
  const tools = (version: string) => toolsFrom({ ...TRIALS, version: `iproute2-${version}`, vendor: SHARE });

  test.each<[name: string, version: string, present: readonly string[], order: readonly string[]]>([
    [
      'before 4.4 the folder is not read',
      'ss130716',
      ['/etc/iproute2/rt_tables', ...PRESENT],
      ['/etc/iproute2/rt_tables'],
    ],
    [
      'before 6.5 the vendor’s files are not read',
      '6.1.0',
      ['/etc/iproute2/rt_tables', ...PRESENT],
      ['/etc/iproute2/rt_tables', '/etc/iproute2/rt_tables.d/a.conf', '/etc/iproute2/rt_tables.d/b.conf'],
    ],
    [
      'the vendor’s file, and those of its folder that have no namesake',
      '6.5.0',
      PRESENT,
      [
        `${SHARE}/rt_tables`,
        `${SHARE}/rt_tables.d/z.conf`,
        '/etc/iproute2/rt_tables.d/a.conf',
        '/etc/iproute2/rt_tables.d/b.conf',
      ],
    ],
    [
      'an own rt_tables hides the vendor’s',
      '7.1.0',
      ['/etc/iproute2/rt_tables', ...PRESENT],
      [
        '/etc/iproute2/rt_tables',
        `${SHARE}/rt_tables.d/z.conf`,
        '/etc/iproute2/rt_tables.d/a.conf',
        '/etc/iproute2/rt_tables.d/b.conf',
      ],
    ],
  ])('%s', (_name, version, present, order) => {
    expect(readingOrder('tables', present, tools(version))).toEqual(order);
  });
});
