/** The network's probes with the tools that hosts really have: each dialect of a tool, and none. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, askWithPartner } from '../../src/engine/partners.js';
import { arpOwner } from '../../src/probes/arp-owner.js';
import { dns } from '../../src/probes/dns.js';
import { mtuPath } from '../../src/probes/mtu-path.js';
import { ping } from '../../src/probes/ping.js';
import { makeProbe, type Probe } from '../../src/probes/probe.js';
import { routeGet } from '../../src/probes/route-get.js';
import { ONCE, probeScript, readProbes } from '../../src/probes/script.js';
import { symmetric } from '../../src/probes/symmetric.js';
import { type ThroughputParams, throughput } from '../../src/probes/throughput.js';
import { parseRate } from '../../src/shared/rate.js';
import type { Session } from '../../src/transport/session.js';
import { ROOT } from '../support/cli.js';
import { createNetns, type Netns } from '../support/netns.js';
import { expectRates } from '../support/rates.js';

const MAC = '02:00:00:00:00:fe';
let host: Netns;
let peer: Netns;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netplay-tools-'));
  [host, peer] = await Promise.all([createNetns(), createNetns()]);
  host.must(`ip link add eth0 type veth peer name eth0 netns ${peer.pid}
ip link set dev eth0 up
ip addr add 10.7.0.1/24 dev eth0; ip addr add 10.7.0.2/24 dev eth0
ip addr add 2001:db8:7::1/64 dev eth0 nodad
tc qdisc add dev eth0 root tbf rate 50mbit burst 32kb latency 50ms`);
  peer.must(`ip link set dev eth0 up address ${MAC}
ip addr add 10.7.0.254/24 dev eth0; ip addr add 2001:db8:7::fe/64 dev eth0 nodad`);
  host.must('for n in 1 2 3 4 5 6 7 8 9; do ping -c 1 -W 1 2001:db8:7::fe && break; sleep 0.5; done');
});
afterAll(() => {
  host?.close();
  peer?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the probes' scripts need besides the tools that do the work. */
const BASIC = [
  ...[
    'cat',
    'cut',
    'dd',
    'env',
    'grep',
    'ip',
    'ping',
    'sed',
    'sh',
    'sleep',
    'sort',
    'tail',
    'tr',
    'uname',
    'wc',
  ],
];

/** A folder that is the whole PATH of a host. @param others a path to link, or a script */
function tools(name: string, others: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  const linked = Object.fromEntries(BASIC.map((tool) => [tool, `/usr/bin/${tool}`]));
  for (const [tool, content] of Object.entries({ ...linked, ...others })) {
    const file = join(path, tool);
    if (content.startsWith('/')) symlinkSync(content, file);
    else {
      writeFileSync(file, content);
      chmodSync(file, 0o755);
    }
  }
  return path;
}

function ask(probe: Probe, path: string, where = host): { passed: boolean; words: string } {
  const { stdout, stderr } = where.exec(['env', `PATH=${path}`, 'sh', '-c', probeScript([probe])]);
  expect(stderr).toBe('');
  const [{ passed, words } = { passed: false, words: 'no answer' }] = readProbes(stdout, [probe]);
  return { passed, words };
}

/** Asks as the engine does, each host with its own tools and shell. */
function askBoth(
  probe: Probe,
  paths: Readonly<Record<'here' | 'there', string>>,
  shell: readonly string[] = ['sh'],
): Promise<Answer> {
  const session = (name: string): Promise<Session> => {
    const [netns, path] = name === 'here' ? [host, paths.here] : [peer, paths.there];
    const run: Session['run'] = async (script) => {
      const argv = ['-t', String(netns.pid), '-n', '-m', '--', 'env', `PATH=${path}`, ...shell, '-c', script];
      const { exitCode, stdout, stderr } = await execa('nsenter', argv, { reject: false, stdin: 'ignore' });
      return { code: exitCode ?? 1, stdout, stderr, ms: 1 };
    };
    return Promise.resolve({ frames: 0, run, close: () => Promise.resolve() });
  };
  const { partner } = probe;
  if (partner === undefined) throw new Error(`${probe.label} has no partner`);
  return askWithPartner({ host: 'here', probe: { ...probe, partner }, session, retry: ONCE });
}

const PYTHON = '/usr/bin/python3';
const LEAN = '#!/bin/sh\n[ "$1" = nc ] && echo "nc: applet not found" >&2\nexit 127\n';
const RECEIVERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "OpenBSD's nc": { nc: '/usr/bin/nc.openbsd' },
  'the traditional nc': { nc: '/usr/bin/nc.traditional' },
  ncat: { ncat: '/usr/bin/ncat' },
  "busybox's nc": { busybox: '/usr/bin/busybox' },
  python: { python3: PYTHON, busybox: LEAN },
  perl: { perl: '/usr/bin/perl' },
};
const SENDERS = { ...RECEIVERS, bash: { bash: '/usr/bin/bash' } };

const SENT = /^(?<expected>.*?)(?<mbit>[\d.]+)mbit \((?<megabytes>\d\.\d) MB in \d\.\d s, by (?<by>\S+)\)$/;

describe('throughput', () => {
  const measure = (others: Partial<ThroughputParams> = {}): Probe =>
    makeProbe(throughput, { to: 'there', dest: '10.7.0.254', time: 1, ...others });
  const senders = Object.keys(SENDERS) as (keyof typeof SENDERS)[];
  const receivers = Object.keys(RECEIVERS) as (keyof typeof RECEIVERS)[];
  // Each with each of two others, rather than all with all.
  const pairs = senders.flatMap((sender, index) =>
    [index, index + 1].map((at) => [sender, receivers[at % receivers.length] ?? 'ncat'] as const),
  );

  /** What was told of so many bytes, which came at the rate that the line has: by default what it carries in a second. */
  async function sent(
    ask: () => Promise<Answer>,
    megabytes = 6,
  ): Promise<Record<string, string | undefined>> {
    let told: Record<string, string | undefined> = {};
    const rate = async (): Promise<number[]> => {
      const { passed, words } = await ask();
      told = SENT.exec(words)?.groups ?? {};
      expect(passed, words).toBe(told.expected === '');
      return [Number(told.mbit), Number(told.megabytes)];
    };
    await expectRates(rate, 48, megabytes);
    return told;
  }

  test.each(pairs)('%s sends to %s at the rate that the line has', async (sender, receiver) => {
    const paths = {
      here: tools('here', SENDERS[sender] ?? {}),
      there: tools('there', RECEIVERS[receiver] ?? {}),
    };
    await sent(() => askBoth(measure({ min_rate: '1mbit', max_rate: '50mbit' }), paths));
  });

  test.each([['busybox', 'sh'], ['bash']])('in the shell %s', async (...shell) => {
    const both = tools('shell', {
      nc: '/usr/bin/nc.openbsd',
      busybox: '/usr/bin/busybox',
      bash: '/usr/bin/bash',
    });
    const paths = { here: both, there: both };
    await sent(() => askBoth(measure({ max_rate: '50mbit' }), paths, shell.filter(Boolean)));
  });

  test('no more bytes than may be, from an address, over IPv6, by an interface', async () => {
    const paths = (name: string) => {
      const path = tools(name.replaceAll(/\W/g, ''), RECEIVERS[name] ?? {});
      return { here: path, there: path };
    };
    for (const name of ["OpenBSD's nc", 'the traditional nc', 'ncat', 'python', 'perl'])
      await sent(() => askBoth(measure({ bytes: 1_000_000, source: '10.7.0.2' }), paths(name)), 1);
    for (const name of ["OpenBSD's nc", 'ncat', 'python', 'perl'])
      expect(await askBoth(measure({ dest: '2001:db8:7::fe' }), paths(name))).toMatchObject({ passed: true });
    for (const name of ['python', 'perl'])
      expect(await askBoth(measure({ interface: 'eth0' }), paths(name))).toMatchObject({ passed: true });
    for (const name of ['python', 'perl'])
      expect((await askBoth(measure({ interface: 'lo' }), paths(name))).words).toMatch(
        /^can't send to 10\.7\.0\.254 port \d+: .*timed out; on there: nothing came to port \d+$/,
      );
  });

  test('iperf3 where both have it, and something else where one has not', async () => {
    const iperf = tools('iperf', { iperf3: '/usr/bin/iperf3', nc: '/usr/bin/nc.openbsd' });
    const nc = tools('only-nc', { nc: '/usr/bin/nc.openbsd' });
    const by = async (here: string, there: string) =>
      (await sent(() => askBoth(measure({ max_rate: '50mbit' }), { here, there }))).by;
    expect(await by(iperf, iperf)).toBe('iperf3');
    expect(await by(iperf, nc)).toBe('nc');
    expect(await by(nc, iperf)).toBe('nc');
    const slow = () => askBoth(measure({ min_rate: '60mbit' }), { here: iperf, there: iperf });
    expect(await sent(slow)).toMatchObject({ expected: 'expected at least 60mbit, seen ', by: 'iperf3' });
  });

  test('a host without any tool for it says so', async () => {
    const [none, nc] = [tools('none', {}), tools('some', { nc: '/usr/bin/nc.openbsd' })];
    const words = async (here: string, there: string, params = {}) =>
      (await askBoth(measure(params), { here, there })).words;
    expect(await words(none, nc)).toBe('no tool for it to send with: needs nc, python or perl');
    expect(await words(nc, none)).toBe('on there: no tool for it to receive with: needs nc, python or perl');
    expect(await words(nc, nc, { interface: 'eth0' })).toBe(
      'no tool for it to send with: needs python or perl',
    );
  });

  test('a port that is taken', async () => {
    const path = tools('taken', { python3: PYTHON });
    const script =
      'import socket,sys,time\ns=socket.socket(); s.bind(("0.0.0.0", 5001)); print("ready", flush=True); time.sleep(30)';
    const taking = execa('nsenter', ['-t', String(peer.pid), '-n', '--', PYTHON, '-c', script]);
    await new Promise((resolve) => taking.stdout?.once('data', resolve));
    const { passed, words } = await askBoth(measure({ port: 5001 }), { here: path, there: path });
    taking.kill();
    await taking.catch(() => undefined);
    expect(passed).toBe(false);
    expect(words).toMatch(/Address already in use/);
  });
});

/** Habets' arping 2.23 as far as the probe uses it: its help, -c, -i, and its words; iputils' does the work. */
const HABETS = `#!/bin/sh
case $1 in -h)
  echo 'ARPing 2.23, by Thomas Habets <thomas@habets.se>
usage: arping [ -0aAbdDeFpPqrRuUvzZ ] [ -w <sec> ] [ -W <sec> ] [ -S <host/ip> ]' >&2
  exit 1 ;;
esac
[ "$1 $3" = '-c -i' ] || exit 1
ip link show dev "$4" >/dev/null 2>&1 || {
  echo "arping: libnet_init(LIBNET_LINK, $4): libnet_check_iface() ioctl: No such device" >&2
  exit 1
}
/usr/bin/arping -b -w "$2" -I "$4" "$5" >/tmp/said.$$
sed -n 's/^Unicast reply from \\(.*\\) \\[\\(.*\\)\\].*/42 bytes from \\2 (\\1): index=0 time=7.747 usec/p' /tmp/said.$$
n=$(grep -c Unicast /tmp/said.$$)
rm /tmp/said.$$
echo "--- $5 statistics ---"
echo "$2 packets transmitted, $n packets received,   0% unanswered (0 extra)"
`;

describe('arp_owner', () => {
  const asking: [what: string, others: Readonly<Record<string, string>>][] = [
    ["iputils' arping", { arping: '/usr/bin/arping' }],
    ["Habets' arping", { arping: HABETS, rm: '/usr/bin/rm' }],
    ["busybox's arping", { busybox: '/usr/bin/busybox' }],
    ['python', { python3: PYTHON }],
  ];
  const owner = (params: { address?: string; mac?: string; dev?: string } = {}): Probe =>
    makeProbe(arpOwner, { address: '10.7.0.254', dev: 'eth0', time: 1, ...params });

  test.each(asking)('by %s: one, two, another and nobody', (what, others) => {
    const path = tools(what.replaceAll(/\W/g, ''), others);
    expect(ask(owner({ mac: MAC }), path)).toEqual({ passed: true, words: `${MAC} alone answers` });
    expect(ask(owner({ mac: '02:00:00:00:00:01' }), path)).toEqual({
      passed: false,
      words: `expected 02:00:00:00:00:01 alone to answer, seen ${MAC}`,
    });
    expect(ask(owner({ address: '10.7.0.77' }), path)).toEqual({
      passed: false,
      words: 'expected one MAC alone to answer, seen nobody',
    });
    expect(ask(owner({ dev: 'nosuch' }), path)).toEqual({
      passed: false,
      words: expect.stringMatching(/nosuch|No such device/),
    });
    host.must(`ip link add m0 type veth peer name m0 netns ${peer.pid}; ip link add br0 type bridge
ip link set m0 master br0; ip link set eth0 master br0; ip link set m0 up; ip link set br0 up
ip addr add 10.7.0.3/24 dev br0`);
    peer.must('ip link set m0 up address 02:00:00:00:00:fd');
    try {
      expect(ask(owner({ dev: 'br0' }), path)).toEqual({
        passed: false,
        words: `expected one MAC alone to answer, seen 02:00:00:00:00:fd and ${MAC}`,
      });
    } finally {
      host.must('ip link del br0; ip link del m0; ip link set eth0 nomaster');
    }
  });

  test('a host without any tool for it says so', () =>
    expect(ask(owner(), tools('no-arping', {})).words).toBe(
      "no tool for it on the host: needs arping (of iputils, of Habets or busybox's) or python",
    ));
});

describe('dns', () => {
  const nslookup = '#!/bin/sh\nexec /usr/bin/busybox nslookup "$@"\n';
  const tried: [what: string, others: Readonly<Record<string, string>>][] = [
    ["busybox's nslookup", { busybox: '/usr/bin/busybox' }],
    ['nslookup', { nslookup }],
    ['python', { python3: PYTHON }],
  ];
  const look = (name: string, addresses?: string[]): Probe =>
    makeProbe(dns, { name, server: '10.7.0.254', ...(addresses && { addresses }) });

  test.each(tried)('by %s', async (what, others) => {
    const path = tools(what.replaceAll(/\W/g, ''), others);
    const zone = join(folder, 'zone');
    writeFileSync(zone, 'www.example.org 192.0.2.80 2001:db8::80 192.0.2.9\n');
    const argv = ['-t', String(peer.pid), '-n', '--', PYTHON, join(ROOT, 'test/lab/fixtures/dns.py'), zone];
    const server = execa('nsenter', argv);
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    try {
      expect(ask(look('www.example.org'), path)).toEqual({
        passed: true,
        words: '192.0.2.80 192.0.2.9 2001:db8::80',
      });
      expect(ask(look('www.example.org', ['192.0.2.9', '192.0.2.80']), path)).toMatchObject({ passed: true });
      expect(ask(look('www.example.org', ['192.0.2.80']), path)).toEqual({
        passed: false,
        words: 'expected 192.0.2.80, seen 192.0.2.80 192.0.2.9 2001:db8::80',
      });
      expect(ask(look('nosuch.example.org', ['192.0.2.80']), path)).toEqual({
        passed: false,
        words: expect.stringMatching(/^expected 192\.0\.2\.80, seen no address: .*NXDOMAIN/),
      });
    } finally {
      server.kill();
      await server.catch(() => undefined);
    }
    expect(ask(look('www.example.org'), path).passed).toBe(false);
  });

  test('without a server as programs do; and without any tool', () => {
    const getent = tools('getent', { getent: '/usr/bin/getent' });
    const local = makeProbe(dns, { name: 'localhost', addresses: '127.0.0.1' });
    expect(ask(local, getent).passed).toBe(true);
    expect(ask(local, tools('no-getent', {})).words).toContain('needs getent or nslookup');
    expect(ask(look('x.example.org'), tools('no-dig', {})).words).toContain('needs dig, nslookup or python');
  });
});

describe('with other tools than usual', () => {
  const busybox = '#!/bin/sh\nexec /usr/bin/busybox ping "$@"\n';

  test("busybox's ping: one of interface and source, loss, and no size of the path", () => {
    const path = tools('busybox-ping', {
      ping: busybox,
      ping6: '#!/bin/sh\nexec /usr/bin/busybox ping6 "$@"\n',
    });
    expect(ask(makeProbe(ping, { dest: '10.7.0.254', source: '10.7.0.2', count: 2, loss: 0 }), path)).toEqual(
      {
        passed: true,
        words: expect.stringMatching(/^2 of 2 answered, [\d.]+ ms$/),
      },
    );
    const both = makeProbe(ping, { dest: '10.7.0.254', source: '10.7.0.2', interface: 'eth0' });
    expect(ask(both, path).words).toContain('takes an interface or a source, not both');
    expect(ask(makeProbe(mtuPath, { dest: '10.7.0.254' }), path).words).toBe(
      'no tool for it on the host: needs the ping of iputils',
    );
  });

  test('an ip that tells no table says that it can not', () => {
    // As iproute2 before 4.3 shows what the kernel says of a cached route.
    const old = '#!/bin/sh\n/usr/sbin/ip "$@" | sed "s/ table [a-z0-9]*//"\n';
    const path = tools('old-ip', {});
    rmSync(join(path, 'ip'));
    writeFileSync(join(path, 'ip'), old, { mode: 0o755 });
    const seen = (params: object) => ask(makeProbe(routeGet, { dst: '10.7.0.254', ...params }), path);
    expect(seen({ dev: 'eth0', src: '10.7.0.1' })).toEqual({ passed: true, words: 'dev eth0 src 10.7.0.1' });
    expect(seen({ dev: 'eth2' }).words).toBe('expected dev eth2, seen dev eth0 src 10.7.0.1');
    expect(seen({ table: 'main' })).toEqual({
      passed: false,
      words:
        "expected table main, seen dev eth0 src 10.7.0.1: which table it is, this host's kernel or ip does not tell",
    });
  });

  test('IPv6: routes, symmetry and the size of the path', () => {
    const path = tools('ipv6', {});
    const to = '2001:db8:7::fe';
    expect(ask(makeProbe(routeGet, { dst: to, dev: 'eth0', table: '254' }), path)).toMatchObject({
      passed: true,
    });
    expect(ask(makeProbe(routeGet, { dst: '2001:db8:9::1' }), path).passed).toBe(false);
    const own = { address: '2001:db8:7::1', peer: to };
    expect(ask(makeProbe(symmetric, { ...own, dev: 'eth0' }), path)).toMatchObject({ passed: true });
    expect(ask(makeProbe(symmetric, { ...own, dev: 'lo' }), path).passed).toBe(false);
    expect(ask(makeProbe(mtuPath, { dest: to, min: 1500 }), path)).toEqual({
      passed: true,
      words: '1500 (device eth0 has 1500)',
    });
    expect(ask(makeProbe(mtuPath, { dest: to, max: 1300 }), path).words).toBe('1300 (device eth0 has 1500)');
  });
});

test('rates are read as tc reads them', () => {
  for (const text of ['1mbit', '1Mibit', '2mbps', '300kbps', '1.5mbit', '96000', '1gbit', '10kibps']) {
    peer.must(`tc qdisc replace dev eth0 root tbf rate ${text} burst 256kb latency 50ms`);
    const [{ options }] = JSON.parse(peer.must('tc -j qdisc show dev eth0 root'));
    expect([text, parseRate(text)]).toEqual([text, options.rate * 8]);
  }
  peer.must('tc qdisc del dev eth0 root');
});
