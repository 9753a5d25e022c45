/** Probes against real hosts: what answers, what does not, and what a host has to ask with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command } from '../../src/probes/command.js';
import { ping } from '../../src/probes/ping.js';
import { makeProbe, type Probe } from '../../src/probes/probe.js';
import { type ProbeResult, probeScript, readProbes } from '../../src/probes/script.js';
import { type TcpConnectParams, tcpConnect } from '../../src/probes/tcp-connect.js';
import { createNetns, type Netns } from '../support/netns.js';

const PORT = 2222;
let host: Netns;
let peer: Netns;
let listener: ChildProcess;
let folder: string;

/** Serves both families; Debian's own Python, which every test machine has. */
const LISTENER = `import socket
s = socket.socket(socket.AF_INET6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("::", ${PORT})); s.listen(); print("ready", flush=True)
while True:
    c, a = s.accept(); print(a[0], flush=True); c.close()
`;
let clients = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netplay-probes-'));
  [host, peer] = await Promise.all([createNetns(), createNetns()]);
  host.must(`ip link add eth0 type veth peer name eth0 netns ${peer.pid}
ip link set dev eth0 up
ip addr add 10.7.0.1/24 dev eth0; ip addr add 10.7.0.2/24 dev eth0
ip addr add 2001:db8:7::1/64 dev eth0 nodad
ip neigh add 10.7.0.99 lladdr 02:00:00:00:00:99 dev eth0`);
  peer.must(`ip link set dev eth0 up address 02:00:00:00:00:fe
ip addr add 10.7.0.254/24 dev eth0; ip addr add 2001:db8:7::fe/64 dev eth0 nodad
ip addr add fe80::fe/64 dev eth0 nodad`);
  host.must('for n in 1 2 3 4 5 6 7 8 9; do ping -c 1 -W 1 2001:db8:7::fe && break; sleep 0.5; done');
  const argv = ['-t', String(peer.pid), '-n', '--', '/usr/bin/python3', '-c', LISTENER];
  listener = spawn('nsenter', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (listener.stdout === null) throw new Error('the listener has no output');
  expect(String(await once(listener.stdout, 'data'))).toContain('ready');
  listener.stdout.setEncoding('utf8').on('data', (text: string) => {
    clients += text;
  });
});
afterAll(() => {
  listener?.kill();
  host?.close();
  peer?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs probes in the host by a shell, with the tools of a folder alone where one is given. */
function ask(probes: readonly Probe[], shell = 'sh', path?: string): ProbeResult[] {
  const env = path === undefined ? [] : ['env', `PATH=${path}`];
  const { stdout, stderr } = host.exec([...env, ...shell.split(' '), '-c', probeScript(probes)]);
  expect(stderr).toBe('');
  return readProbes(stdout, probes);
}

const words = (results: readonly ProbeResult[]): string[] =>
  results.map(({ passed, words: said }) => (passed ? 'yes' : said));

const pings = [
  makeProbe(ping, { dest: '10.7.0.254' }),
  makeProbe(ping, { dest: '10.7.0.254', source: '10.7.0.2', count: 2 }),
  makeProbe(ping, { dest: '10.7.0.254', interface: 'eth0' }),
  makeProbe(ping, { dest: '2001:db8:7::fe' }),
  makeProbe(ping, { dest: 'fe80::fe', interface: 'eth0' }),
  makeProbe(ping, { dest: '10.7.0.99', timeout: 1 }),
  makeProbe(ping, { dest: '10.99.0.1' }),
];
const answers = ['yes', 'yes', 'yes', 'yes', 'yes', 'no answer to a ping'];

test.each(['dash', 'bash', 'busybox sh'])(
  'ping by %s: who answers and who does not, all at once',
  (shell) => {
    const start = performance.now();
    const [last, ...others] = words(ask(pings, shell)).reverse();
    expect(others.reverse()).toEqual(answers);
    expect(last).toMatch(/Network is unreachable/i);
    expect(performance.now() - start).toBeLessThan(4_000);
  },
);

/** What a script of probes needs besides the probes' own tools. */
const BASIC = ['cat', 'env', 'grep', 'sed', 'sh', 'sleep', 'tail', 'tr'];

/** A folder that is the whole PATH of a host. */
function tools(name: string, others: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const tool of BASIC) symlinkSync(`/usr/bin/${tool}`, join(path, tool));
  for (const [tool, content] of Object.entries(others)) {
    const file = join(path, tool);
    if (content.startsWith('/')) symlinkSync(content, file);
    else {
      writeFileSync(file, content);
      chmodSync(file, 0o755);
    }
  }
  return path;
}

/** BSD's nc as far as the probe uses it: its help, -z, -w, -s, and its words. */
const BSD_NC = `#!/usr/bin/python3
import socket, sys
if "-h" in sys.argv:
    sys.stderr.write("usage: nc [-46CDdFhklNnrStUuvZz]\\n\\t-z\\t\\tZero-I/O mode [used for scanning]\\n"); sys.exit(1)
host, port = sys.argv[-2:]
assert "-z" in sys.argv
source = (sys.argv[sys.argv.index("-s") + 1], 0) if "-s" in sys.argv else None
try:
    socket.create_connection((host, int(port)), float(sys.argv[sys.argv.index("-w") + 1]), source)
except OSError as e:
    sys.exit("nc: connect to %s port %s (tcp) failed: %s" % (host, port, e.strerror))
`;
const LEAN_BUSYBOX = '#!/bin/sh\n[ "$1" = nc ] && echo "nc: applet not found" >&2\nexit 127\n';

describe('tcp_connect', () => {
  const hosts: [what: string, others: Readonly<Record<string, string>>][] = [
    ['an nc with -z', { nc: BSD_NC }],
    ["busybox's nc", { nc: '/usr/bin/busybox' }],
    ['busybox without a link of its name', { busybox: '/usr/bin/busybox' }],
    ['bash and no nc', { bash: '/usr/bin/bash' }],
    ['bash and a busybox without nc', { bash: '/usr/bin/bash', busybox: LEAN_BUSYBOX }],
  ];
  const connects = (params: Partial<TcpConnectParams> = {}): Probe[] =>
    ['10.7.0.254', '2001:db8:7::fe'].map((to) => makeProbe(tcpConnect, { host: to, port: PORT, ...params }));

  test.each(hosts)('with %s: what is open, what is closed, and what is not there', (what, others) => {
    const path = tools(what.replaceAll(/\W/g, '-'), others);
    const probes = [
      ...connects(),
      ...connects({ port: PORT + 1 }),
      makeProbe(tcpConnect, { host: '10.7.0.99', port: PORT, timeout: 1 }),
    ];
    const said = words(ask(probes, 'sh', path));
    expect(said.slice(0, 4)).toEqual(['yes', 'yes', 'Connection refused', 'Connection refused']);
    expect(said[4]).toMatch(/timed out|no end within 1 second/i);
  });

  test('with an nc that can: from the address that is asked for', async () => {
    const path = tools('source', { nc: BSD_NC });
    const [probe] = connects({ source: '10.7.0.2' });
    clients = '';
    expect(words(ask(probe === undefined ? [] : [probe], 'sh', path))).toEqual(['yes']);
    await expect.poll(() => clients).toContain('10.7.0.2');
  });

  test('without any tool for it says so', () => {
    const without = tools('none', {});
    expect(words(ask(connects(), 'sh', without))[0]).toBe('no tool for it on the host: needs nc or bash');
    const bash = tools('no-source', { bash: '/usr/bin/bash', nc: '/usr/bin/busybox' });
    expect(words(ask(connects({ source: '10.7.0.2' }), 'sh', bash))[0]).toBe(
      'no tool for it on the host: needs an nc that takes -s',
    );
  });
});

test('a host without ping says so', () => {
  expect(words(ask(pings.slice(0, 1), 'sh', tools('no-ping', {})))).toEqual(['ping: not found']);
});

test('a change that settles late is waited for', () => {
  const script = probeScript(
    [makeProbe(ping, { dest: '10.7.0.254' }), makeProbe(command, { cmd: 'false' })],
    {
      tries: 3,
      waitMs: 300,
    },
  );
  host.must('ip link set dev eth0 down');
  const { stdout } = host.exec(
    `{ sleep 0.4; ip link set dev eth0 up; ip addr add 2001:db8:7::1/64 dev eth0 nodad; } >/dev/null 2>&1 &\n${script}`,
  );
  expect(
    readProbes(
      stdout,
      [pings[0], pings[0]].flatMap((probe) => probe ?? []),
    ).map((r) => r.passed),
  ).toEqual([true, false]);
});
