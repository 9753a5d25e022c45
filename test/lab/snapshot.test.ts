/** The probe's script on real shells, tools and kernels. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quote } from '../../src/shared/shell.js';
import type { Read } from '../../src/snapshot/model.js';
import { nameFile, parseNameFile } from '../../src/snapshot/names.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import { ALL_READS, comparable, readSnapshot } from '../support/facts.js';
import { createNetns, type Netns } from '../support/netns.js';
import { RICH_STATE } from '../support/rich.js';

let netns: Netns;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netplay-snapshot-'));
  netns = await createNetns();
  netns.must(RICH_STATE);
  netns.must(`printf '100\\tlocal100\\n300 third\\n' > /etc/iproute2/rt_tables.d/x.conf
printf '201 netplay\\n' > /etc/iproute2/rt_protos.d/x.conf
printf '7 uplinks\\n' >> /etc/iproute2/group
printf '3 here\\n5 there\\n' >> /etc/iproute2/rt_realms`);
});
afterAll(() => {
  netns.close();
  rmSync(folder, { recursive: true });
});

const installed = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

test('a setting that several patterns stand for is read as one', () => {
  const patterns = ['net/ipv4/conf/default/*', 'net/ipv4/conf/*/accept_local', 'net/ipv4/conf/*/rp_filter'];
  const { sysctls } = readSnapshot(
    netns,
    patterns.map((path): Read => ({ kind: 'sysctl', path })),
  );
  expect(sysctls.get('net/ipv4/conf/default/rp_filter')).toBe('0');
  expect(sysctls.get('net/ipv4/conf/all/accept_local')).toBe('0');
  expect([...sysctls.keys()].filter((path) => !path.startsWith('net/'))).toEqual([]);
});

describe('every shell reads the same', () => {
  const HOSTILE = `/etc/it's "$(touch pwned)" \\; a*b`;
  const reads: readonly Read[] = [
    ...ALL_READS,
    { kind: 'sysctl', path: 'net/ipv4/conf/eth0.100/rp_filter' },
    { kind: 'sysctl', path: 'net/ipv4/tcp_rmem' },
    { kind: 'sysctl', path: 'net/ipv4/no_such_key' },
    { kind: 'file', path: HOSTILE },
    { kind: 'file', path: '/etc/no/such/file' },
    { kind: 'directory', path: '/etc/names' },
    { kind: 'directory', path: '/etc/no/such/directory' },
  ];

  beforeAll(() => {
    netns.must(`printf 'a\\n\\nb\\\\n %%s\\n\\tno newline' > ${quote(HOSTILE)}; chmod 640 ${quote(HOSTILE)}
mkdir /etc/names; : > '/etc/names/a b'; : > '/etc/names/.c'; : > '/etc/names/$(touch pwned)'; ln -s nowhere /etc/names/dangling`);
  });

  test.each(['dash', 'bash', 'bash --posix', 'busybox ash'])('%s', (shell) => {
    // What is not installed can't be tried here; dash is what `sh` is on Debian, and always is.
    if (!installed(shell.split(' ')[0] ?? shell)) return expect(shell).not.toBe('dash');
    // Debian's busybox takes its own `ip` before that of the path.
    const own = shell.startsWith('busybox') ? 'ip() { /sbin/ip "$@"; }\n' : '';
    const result = netns.exec([...shell.split(' '), '-c', own + buildProbe(reads)]);
    const snapshot = parseProbe(result.stdout, reads);
    expect(comparable(snapshot)).toEqual(comparable(readSnapshot(netns)));
    expect(snapshot.sysctls.get('net/ipv4/conf/eth0.100/rp_filter')).toBe('0');
    expect(snapshot.sysctls.get('net/ipv4/tcp_rmem')).toBe(
      netns.must('cat /proc/sys/net/ipv4/tcp_rmem').trimEnd(),
    );
    expect(snapshot.sysctls.get('net/ipv4/no_such_key')).toBeNull();
    expect(snapshot.files.get(HOSTILE)).toEqual({ content: 'a\n\nb\\n %s\n\tno newline', mode: '640' });
    expect(snapshot.files.get('/etc/no/such/file')).toBeNull();
    expect(snapshot.directories.get('/etc/names')?.toSorted()).toEqual([
      '$(touch pwned)',
      '.c',
      'a b',
      'dangling',
    ]);
    expect(snapshot.directories.get('/etc/no/such/directory')).toBeNull();
    expect(result.stderr).toBe('');
    expect(netns.exec('test -e pwned').code).toBe(1);
  });
});

test('a tool without numbers or JSON gives the same snapshot', () => {
  const ip = join(folder, 'ip');
  writeFileSync(
    ip,
    `#!/bin/sh
case $1 in -N | -j) echo "Option \\"$1\\" is unknown, try \\"ip -help\\"." >&2; exit 255 ;; esac
if [ "$1" = -V ]; then echo 'ip utility, iproute2-ss180813'; exit 0; fi
exec /sbin/ip "$@"
`,
    { mode: 0o755 },
  );
  const old = parseProbe(netns.must(`PATH=${folder}:$PATH\n${buildProbe(ALL_READS)}`), ALL_READS);
  expect(old.tools).toMatchObject({
    iproute2: 'iproute2-ss180813',
    numeric: false,
    tuntap: true,
    linkMaster: true,
  });
  const now = readSnapshot(netns);
  expect(now.tools.numeric).toBe(true);
  expect(comparable(old)).toEqual(comparable(now));
  expect(now.names.tables.byId.get(100)).toBe('local100');
});

test('a host without ip is told apart', () => {
  const result = netns.exec(`PATH=${folder}/none\n${buildProbe(ALL_READS)}`);
  expect(result.code).toBe(0);
  expect(() => parseProbe(result.stdout, ALL_READS)).toThrow(/^iproute2 is not installed/);
});

test('a tool that fails is told with its own words', () => {
  const ip = join(folder, 'broken', 'ip');
  netns.must(['mkdir', '-p', join(folder, 'broken')]);
  writeFileSync(
    ip,
    '#!/bin/sh\ncase "$*" in *addr*) echo "Cannot open netlink socket: no" >&2; exit 1 ;; esac\nexec /sbin/ip "$@"\n',
    {
      mode: 0o755,
    },
  );
  const text = netns.must(`PATH=${folder}/broken:$PATH\n${buildProbe(ALL_READS)}`);
  expect(() => parseProbe(text, ALL_READS)).toThrow(
    'Reading the addresses failed: Cannot open netlink socket: no',
  );
});

test('every sysctl of the network reads as cat reads it', () => {
  const paths = netns
    .must('cd /proc/sys && find net -type f -perm -400 ! -name stable_secret ! -name "*random*"')
    .split('\n')
    .filter((path) => path !== '');
  expect(paths.length).toBeGreaterThan(300);
  const expected = netns
    .must(`cd /proc/sys && for f in ${paths.map(quote).join(' ')}; do cat "$f"; echo '|'; done`)
    .split('|\n');
  const { sysctls } = readSnapshot(
    netns,
    paths.map((path) => ({ kind: 'sysctl', path })),
  );
  const different = paths.filter((path, index) => sysctls.get(path) !== expected[index]?.replace(/\n$/, ''));
  expect(different).toEqual([]);
});

describe('names are resolved as ip resolves them', () => {
  const line = fc.oneof(
    fc
      .tuple(fc.integer({ min: 400, max: 406 }), fc.constantFrom('a', 'b', 'c', '77', 'a b', 'x#y'))
      .map(([id, name]) => `${id}\t${name}`),
    fc.constantFrom('# remark', '', '0x191 hex', '  402   spaced   # remark', '403', 'corrupt line', '-5 no'),
  );

  beforeAll(() => {
    for (let id = 400; id <= 406; id++) netns.must(`ip rule add from all table ${id} priority ${id}`);
  });

  test('for any file', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.boolean(), (lines, ended) => {
        const content = `${lines.join('\n')}${ended ? '\n' : ''}`;
        const shown = netns.must('cat > /etc/iproute2/rt_tables.d/random.conf; ip rule show', content);
        const names = nameFile('tables', parseNameFile('random.conf', content));
        for (let id = 400; id <= 406; id++) {
          const word = new RegExp(`^${id}:.* lookup (\\S+)`, 'm').exec(shown)?.[1];
          expect(word, content).toBe(names.byId.get(id) ?? String(id));
        }
      }),
      { numRuns: 60, seed: 77 },
    );
  });
});

test('20,000 routes are read whole', () => {
  const batch = Array.from(
    { length: 20_000 },
    (_, index) => `route add 172.16.${Math.floor(index / 250)}.${index % 250} dev v0 table 9`,
  );
  netns.must(['ip', '-batch', '-'], batch.join('\n'));
  const { routes } = readSnapshot(netns);
  expect(routes.filter((route) => route.table === 9)).toHaveLength(20_000);
  netns.must('ip route flush table 9');
});
