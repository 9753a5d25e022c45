import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueInFile, withKey, withoutKey } from '../../../src/resources/links/sysctl-file.js';
import { parseSysctlKey } from '../../../src/resources/links/sysctl-key.js';
import { type SysctlParams, sysctl } from '../../../src/resources/sysctl.js';
import { type HostState, hostState, nic } from '../../support/host-state.js';

const OWN = '/etc/sysctl.d/zz-netplay.conf';
const CONF = 'net/ipv4/conf';

/** A host with eth0, whose sysctl directory is there and empty. */
function host(state: HostState = {}) {
  return hostState({
    links: [nic('eth0')],
    ...state,
    directories: { '/etc/sysctl.d': [], ...state.directories },
    files: { [OWN]: null, '/etc/sysctl.conf': null, ...state.files },
  });
}

describe('parseSysctlKey', () => {
  test.each([
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
    ['net/ipv4/ip_forward', 'net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
    ['/proc/sys/net/ipv4/ip_forward', 'net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
    ['net.ipv4.conf.eth0.rp_filter', `${CONF}/eth0/rp_filter`, 'net.ipv4.conf.eth0.rp_filter'],
    ['net.ipv4.conf.eth0.100.rp_filter', `${CONF}/eth0.100/rp_filter`, `${CONF}/eth0.100/rp_filter`],
    ['net.ipv4.conf.eth0/100.rp_filter', `${CONF}/eth0.100/rp_filter`, `${CONF}/eth0.100/rp_filter`],
    ['net/ipv4/conf/eth0.100/rp_filter', `${CONF}/eth0.100/rp_filter`, `${CONF}/eth0.100/rp_filter`],
    [
      'net.ipv6.neigh.eth0.1.2.gc_stale_time',
      'net/ipv6/neigh/eth0.1.2/gc_stale_time',
      'net/ipv6/neigh/eth0.1.2/gc_stale_time',
    ],
    [
      'net.ipv4.neigh.default.gc_thresh1',
      'net/ipv4/neigh/default/gc_thresh1',
      'net.ipv4.neigh.default.gc_thresh1',
    ],
  ])('pitfall 30: %s', (text, path, name) => {
    expect(parseSysctlKey(text)).toMatchObject({ path, name });
  });

  test.each([
    'ip_forward',
    'net..x',
    'net/../../etc/passwd',
    'net.ipv4.conf.*.rp_filter',
    'a b.c',
    'a.b=1',
    '.a',
    'net/ipv4/conf/../x',
    '',
  ])('refuses %j', (text) => expect(parseSysctlKey(text)).toBeUndefined());

  test('no text leads out of /proc/sys, and the written name is read back as the same key', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('.', '/', 'a', 'net', 'ipv4', 'conf', 'eth0') }),
        (text) => {
          const key = parseSysctlKey(text);
          if (key === undefined) return;
          expect(key.path.split('/')).not.toContain('..');
          expect(key.path.startsWith('/')).toBe(false);
          expect(parseSysctlKey(key.name)?.path).toBe(key.path);
        },
      ),
    );
  });
});

describe('files', () => {
  const KEY = 'net/ipv4/ip_forward';
  test.each([
    ['the last line counts', 'net.ipv4.ip_forward=0\nnet/ipv4/ip_forward = 1\n', '1'],
    ['comments do not', '#net.ipv4.ip_forward=1\n; net.ipv4.ip_forward = 1', null],
    ['a leading - ignores errors', '-net.ipv4.ip_forward = 1', '1'],
    ['a longer key is another', 'net.ipv4.ip_forward_use_pmtu = 1', null],
  ])('%s', (_, content, expected) => expect(valueInFile(content, KEY)).toBe(expected));

  test('a file without a final newline keeps its last line', () => {
    expect(withKey('kernel.sysrq = 0', KEY, 'net.ipv4.ip_forward', '1')).toBe(
      'kernel.sysrq = 0\nnet.ipv4.ip_forward = 1\n',
    );
  });

  test('whatever the file, only the named key changes, and setting it twice is setting it once', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('net.ipv4.ip_forward = 0', '#x', 'a.b=c d', '', 'net/ipv4/ip_forward=7'),
    );
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), (lines, newline) => {
        const content = lines.map((each) => each.replace(/[\r\n]/g, '')).join('\n') + (newline ? '\n' : '');
        const once = withKey(content, KEY, 'net.ipv4.ip_forward', '1');
        expect(valueInFile(once, KEY)).toBe('1');
        expect(withKey(once, KEY, 'net.ipv4.ip_forward', '1')).toBe(once);
        expect(valueInFile(once, 'a/b')).toBe(valueInFile(content, 'a/b'));
        expect(valueInFile(withoutKey(once, KEY) ?? '', KEY)).toBeNull();
      }),
    );
  });
});

describe('what is found right', () => {
  test.each<[string, SysctlParams, HostState]>([
    ['equal', { name: 'net.ipv4.ip_forward', value: 1 }, { sysctls: { 'net/ipv4/ip_forward': '1' } }],
    ['true is 1', { name: 'net.ipv4.ip_forward', value: true }, { sysctls: { 'net/ipv4/ip_forward': '1' } }],
    [
      'tabs are blanks',
      { name: 'net.ipv4.tcp_rmem', value: '4096 131072  6291456' },
      { sysctls: { 'net/ipv4/tcp_rmem': '4096\t131072\t6291456' } },
    ],
    [
      'a list of ports is no number',
      { name: 'net.ipv4.ip_local_reserved_ports', value: '8080,9000-9100' },
      { sysctls: { 'net/ipv4/ip_local_reserved_ports': '8080,9000-9100' } },
    ],
    ['numbers as numbers', { name: 'kernel.sysrq', value: '01' }, { sysctls: { 'kernel/sysrq': '1' } }],
  ])('%s', (_, params, state) => {
    expect(sysctl.plan({ ...params, file: null }, host(state)).changes).toEqual([]);
  });
});

describe('problems', () => {
  test.each<[string, SysctlParams, HostState, string, string?]>([
    [
      'pitfall 30: a value that the kernel would store in vain',
      { name: 'net.ipv4.conf.all.rp_filter', value: 99 },
      {},
      'takes 0 to 2, not 99',
    ],
    ['pitfall 30: a switch', { name: 'net.ipv4.ip_forward', value: 5 }, {}, 'takes 0 or 1, not 5'],
    [
      'pitfall 30: octal, which the kernel would read as 8',
      { name: 'net.ipv4.tcp_fin_timeout', value: '010', file: null },
      { sysctls: { 'net/ipv4/tcp_fin_timeout': '60\n' } },
      'net.ipv4.tcp_fin_timeout takes decimal numbers, not 010',
      'It is 60 now.',
    ],
    [
      'pitfall 30: a word where numbers are',
      { name: 'net.ipv4.tcp_rmem', value: '4096 lots 6291456', file: null },
      { sysctls: { 'net/ipv4/tcp_rmem': '4096\t131072\t6291456\n' } },
      'net.ipv4.tcp_rmem takes decimal numbers',
    ],
    [
      'a file in a directory that is not there',
      { name: 'kernel.sysrq', value: 1, file: '/etc/none/x.conf', runtime: false },
      { files: { '/etc/none/x.conf': null }, directories: { '/etc/none': null } },
      'there is no directory /etc/none',
    ],
    ['no number', { name: 'net.ipv4.conf.eth0.arp_ignore', value: 'abc' }, {}, 'takes 0 to 8, not abc'],
    [
      'an empty write is ignored by the kernel',
      { name: 'net.ipv4.tcp_rmem', value: ' ' },
      {},
      'needs a value',
    ],
    ['two lines', { name: 'kernel.hostname', value: 'a\nkernel.sysrq = 1' }, {}, 'must be one line'],
    ['a trigger', { name: 'net.ipv4.route.flush', value: 1 }, {}, 'keeps no value'],
    ['no key', { name: 'net/../../etc', value: 1 }, {}, 'is no sysctl key'],
    [
      'a mistyped key',
      { name: 'net.ipv4.conf.eth0.rp_fliter', value: 1 },
      { directories: { '/proc/sys/net/ipv4/conf/eth0': ['rp_filter', 'arp_filter'] } },
      'no sysctl net.ipv4.conf.eth0.rp_fliter',
      'Did you mean net.ipv4.conf.eth0.rp_filter?',
    ],
    [
      'a device that is not there, and no file',
      { name: 'net.ipv4.conf.eth9.arp_ignore', value: 1, file: null },
      {},
      'no interface eth9',
    ],
  ])('%s', (_, params, state, message, hint) => {
    const { changes, problems } = sysctl.plan(params, host(state));
    expect(changes.filter((change) => change.do.some((step) => step.kind === 'sysctl'))).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems?.[0]?.message).toContain(message);
    if (hint !== undefined) expect(problems?.[0]?.hint).toBe(hint);
  });
});

describe('warnings', () => {
  test.each<[string, SysctlParams, Record<string, string>, string]>([
    [
      'pitfall 30: the larger of all and the device',
      { name: 'net.ipv4.conf.eth0.rp_filter', value: 0 },
      { [`${CONF}/eth0/rp_filter`]: '1', [`${CONF}/all/rp_filter`]: '1' },
      'has no effect while net.ipv4.conf.all.rp_filter is 1',
    ],
    [
      'pitfall 30: either of the two',
      { name: 'net.ipv4.conf.eth0.proxy_arp', value: 0 },
      { [`${CONF}/eth0/proxy_arp`]: '0', [`${CONF}/all/proxy_arp`]: '1' },
      'the larger of the two counts',
    ],
    [
      'pitfall 30: both of the two',
      { name: 'net.ipv4.conf.eth0.accept_source_route', value: 1 },
      { [`${CONF}/eth0/accept_source_route`]: '1', [`${CONF}/all/accept_source_route`]: '0' },
      'only where both are switched on',
    ],
  ])('%s', (_, params, sysctls, warning) => {
    expect(sysctl.plan(params, host({ sysctls })).warnings?.join()).toContain(warning);
  });

  test('the larger value is not warned of', () => {
    const sysctls = { [`${CONF}/eth0/rp_filter`]: '1', [`${CONF}/all/rp_filter`]: '1' };
    expect(
      sysctl.plan({ name: 'net.ipv4.conf.eth0.rp_filter', value: 2 }, host({ sysctls })).warnings,
    ).toEqual([]);
  });

  test('pitfall 30: an interface that is not there yet gets its line, and it is said', () => {
    const plan = sysctl.plan({ name: 'net.ipv4.conf.tap0.100.rp_filter', value: 2 }, host());
    expect(plan.changes.map((change) => change.do)).toEqual([
      [
        {
          kind: 'write',
          path: OWN,
          content: expect.stringContaining('net/ipv4/conf/tap0.100/rp_filter = 2\n'),
          mode: '644',
        },
      ],
    ]);
    expect(plan.warnings?.join()).toContain('no interface tap0.100 on this host yet');
  });

  test('pitfall 32: another file that says otherwise is named', () => {
    const files = { '/etc/sysctl.conf': 'net.ipv4.ip_forward=0\n' };
    const plan = sysctl.plan(
      { name: 'net.ipv4.ip_forward', value: 1 },
      host({ files, sysctls: { 'net/ipv4/ip_forward': '1' } }),
    );
    expect(plan.warnings?.join()).toContain('/etc/sysctl.conf still says net.ipv4.ip_forward = 0');
  });
});

test('a key that nobody may read is not read', () => {
  expect(sysctl.reads({ name: 'net.ipv4.route.flush', value: 1, file: null })).toEqual([]);
});

test('pitfall 31: the undo of ip_forward writes back every key that the kernel rewrites', () => {
  const sysctls = {
    'net/ipv4/ip_forward': '0',
    [`${CONF}/all/forwarding`]: '0',
    [`${CONF}/default/forwarding`]: '0',
    [`${CONF}/eth0/forwarding`]: '1',
    [`${CONF}/all/accept_redirects`]: '0',
  };
  const [change] = sysctl.plan(
    { name: 'net.ipv4.ip_forward', value: 1, file: null },
    host({ sysctls }),
  ).changes;
  expect(change?.undo).toEqual([
    { kind: 'sysctl', path: 'net/ipv4/ip_forward', value: '0' },
    { kind: 'sysctl', path: `${CONF}/eth0/forwarding`, value: '1' },
    { kind: 'sysctl', path: `${CONF}/all/accept_redirects`, value: '0' },
  ]);
  expect(change?.effects).toContainEqual({
    kind: 'sysctl',
    path: `${CONF}/all/accept_redirects`,
    value: '0',
  });
  expect(change?.effects).toContainEqual({ kind: 'sysctl', path: `${CONF}/default/forwarding`, value: '1' });
});
