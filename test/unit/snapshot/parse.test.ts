import { describe, expect, test } from 'vitest';
import type { Read } from '../../../src/snapshot/model.js';
import { parseProbe } from '../../../src/snapshot/parse.js';
import { buildProbe, wanted } from '../../../src/snapshot/probe.js';

const T = '0123456789abcdef0123456789abcdef';
const section = (name: string, content: string, code = 0, errors = ''): string =>
  `\n${T} ${name}\n${content}\n${T} = ${code} ${errors}`;
const answer = (...sections: string[]): string =>
  [
    `netplay-probe ${T}`,
    `\n${T} tools\nversion ip utility, iproute2-6.1.0\nnumeric\ntuntap\nmaster\nother brctl\n`,
    section('rules4', '0:\tfrom all lookup 255 proto 2\n'),
    ...sections,
    `\n${T} end\n`,
  ].join('');

const LINKS = section(
  'links',
  '1: lo: <LOOPBACK> mtu 65536 state DOWN\\    link/[772] 00:00:00:00:00:00 brd 00:00:00:00:00:00\n',
);

describe('the script', () => {
  test('reads each thing once, and what its meaning depends on', () => {
    const reads: Read[] = [
      { kind: 'routes', family: 6 },
      { kind: 'routes', family: 6 },
      { kind: 'sysctl', path: 'net/ipv4/ip_forward' },
      { kind: 'sysctl', path: 'net/ipv4/ip_forward' },
    ];
    expect(wanted(reads)).toEqual({
      links: true,
      addresses: true,
      routes4: false,
      routes6: true,
      rules4: false,
      rules6: false,
      neighbours: false,
      bridgeVlans: false,
      fdb: false,
      linkKinds: [],
      tc: [],
      ethtool: [],
      ovs: false,
      flows: [],
      sysctls: ['net/ipv4/ip_forward'],
      files: [],
      directories: [],
      boot: false,
      openvz: false,
      containers: false,
    });
  });

  test('quotes every path', () => {
    const path = "/etc/it's; reboot";
    const script = buildProbe([
      { kind: 'file', path },
      { kind: 'directory', path },
      { kind: 'sysctl', path: '$(reboot)' },
    ]);
    expect(script).toContain(`cat '/etc/it'\\''s; reboot'`);
    expect(script).toContain(`listing '/etc/it'\\''s; reboot'`);
    expect(script).toContain(`/proc/sys/'$(reboot)'`);
  });

  test('marks its frames with a word that nobody can know before', () => {
    expect(buildProbe([])).not.toEqual(buildProbe([]));
  });
});

describe('the answer', () => {
  test('what a login prints before it is passed over', () => {
    const snapshot = parseProbe(`Welcome!\nnetplay-probe of old\n${answer()}`, []);
    expect(snapshot.tools).toMatchObject({
      iproute2: 'iproute2-6.1.0',
      numeric: true,
      others: ['brctl'],
      ruleProtocol: true,
    });
    expect(snapshot.rules).toEqual([]);
  });

  test.each([
    [
      '10.0.0.5 50000 10.0.0.1 22',
      { client: '10.0.0.5', clientPort: 50000, server: '10.0.0.1', serverPort: 22, dev: null },
    ],
    [
      'fe80::5%eth0 50000 fe80::1%eth0 22',
      { client: 'fe80::5', clientPort: 50000, server: 'fe80::1', serverPort: 22, dev: 'eth0' },
    ],
    [
      '::ffff:10.0.0.5 50000 ::ffff:10.0.0.1 22',
      { client: '10.0.0.5', clientPort: 50000, server: '10.0.0.1', serverPort: 22, dev: null },
    ],
    ['UNKNOWN 65535 UNKNOWN 65535', null],
    ['', null],
  ])('the ends of the session from SSH_CONNECTION=%s', (text, session) => {
    expect(parseProbe(answer(`\n${T} session\n${text}\n`), []).session).toEqual(session);
  });

  test('a kernel without policy routing has no rules; any other failure is told', () => {
    const reads: Read[] = [{ kind: 'rules', family: 6 }];
    const said = (words: string) => parseProbe(answer(LINKS, section('rules6', '', 2, words)), reads);
    expect(said('RTNETLINK answers: Operation not supported').rules).toEqual([]);
    expect(() => said('Dump terminated')).toThrow('Reading the IPv6 rules failed: Dump terminated');
  });

  test('a file that holds frames of another probe is a file', () => {
    const other = 'f'.repeat(32);
    const content = `netplay-probe ${other}\n${other} rules4\n\n${other} = 1 no\n${T}\n = 5 x`;
    const text = answer(
      section('modes', '-rwsr-x--T. 1 root root 5 Jan  1 00:00 /etc/a b'),
      section('file:0', content),
    );
    const snapshot = parseProbe(text, [{ kind: 'file', path: '/etc/a b' }]);
    expect(snapshot.files.get('/etc/a b')).toEqual({ content, mode: '5750' });
  });

  test('a dump that was interrupted is taken from its repetition', () => {
    const read: Read[] = [{ kind: 'links' }];
    const broken = section('links', '1: lo: <LOOP', 0, 'Dump was interrupted and may be inconsistent.');
    expect(parseProbe(answer(broken, LINKS), read).links.has('lo')).toBe(true);
    expect(() => parseProbe(answer(broken, broken, broken), read)).toThrow(
      /Reading the links failed: they changed meanwhile/,
    );
  });

  test('IPv6 is empty where the host has none', () => {
    const read: Read[] = [
      { kind: 'rules', family: 6 },
      { kind: 'routes', family: 6 },
    ];
    expect(parseProbe(answer(LINKS), read)).toMatchObject({ rules: [], routes: [] });
  });

  test.each<[name: string, text: string, reads: Read[], message: RegExp]>([
    [
      'no ip',
      `netplay-probe ${T}\n${T} no-ip\n\n${T} end\n`,
      [],
      /^iproute2 is not installed: there is no command "ip"/,
    ],
    ['no answer', 'sh: not found', [], /^The host did not answer the probe: it said "sh: not found"/],
    ['an answer that was cut off', answer().slice(0, -20), [], /ends in its middle/],
    [
      'a tool that failed, with its words',
      answer(LINKS, section('rules6', '', 2, 'RTNETLINK answers: Operation not permitted')),
      [{ kind: 'rules', family: 6 }],
      /^Reading the IPv6 rules failed: RTNETLINK answers: Operation not permitted$/,
    ],
    [
      'a tool that failed without a word',
      answer(section('links', '', 139)),
      [{ kind: 'links' }],
      /exit code 139/,
    ],
    [
      'a file that may not be read',
      answer(section('file:0', '', 1, 'cat: /etc/shadow: Permission denied')),
      [{ kind: 'file', path: '/etc/shadow' }],
      /^Reading \/etc\/shadow failed: cat: \/etc\/shadow: Permission denied$/,
    ],
    [
      'a sysctl that may not be read',
      answer(`\n${T} unread\ndenied /proc/sys/net/x\n`),
      [{ kind: 'sysctl', path: 'net/x' }],
      /^Reading the sysctl net\/x failed: Permission denied$/,
    ],
  ])('%s', (_name, text, reads, message) => {
    expect(() => parseProbe(text, reads)).toThrow(
      expect.objectContaining({ code: 'probe', message: expect.stringMatching(message) }),
    );
  });

  test('sysctls that are there, missing, empty, of many words and of many lines', () => {
    const paths = ['net/a', 'net/b', 'net/c', 'net/d', 'net/e'];
    const text = answer(
      `\n${T} unread\nmissing /proc/sys/net/b\n`,
      section(
        'lines',
        '/proc/sys/net/a:1\n/proc/sys/net/d:4096\t131072\t33554432\n/proc/sys/net/e:x:y\n/proc/sys/net/e:z\n',
        1,
      ),
    );
    const { sysctls } = parseProbe(
      text,
      paths.map((path) => ({ kind: 'sysctl', path })),
    );
    expect(paths.map((path) => sysctls.get(path))).toEqual([
      '1',
      null,
      '',
      '4096\t131072\t33554432',
      'x:y\nz',
    ]);
  });

  test('directories: names, empty, missing', () => {
    const reads: Read[] = ['/a', '/b', '/c'].map((path) => ({ kind: 'directory', path }));
    const text = answer(section('directory:0', 'one two/.three/'), section('directory:1', ''));
    expect([...parseProbe(text, reads).directories.values()]).toEqual([['one two', '.three'], [], null]);
  });
});
