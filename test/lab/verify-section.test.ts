/** A play's probes over SSH: the verify section from several hosts, and the baseline before and after a change. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PreparedPlay, prepareRun } from '../../src/engine/prepare.js';
import { runVerify } from '../../src/engine/verify-section.js';
import { loadInventory } from '../../src/inventory/load.js';
import { type Lab, labUp } from '../../src/lab/index.js';
import { loadPlaybook } from '../../src/playbook/load.js';
import { baselineProbes, baselineReads } from '../../src/probes/baseline.js';
import { broken, type ProbeResult, probeScript, readProbes } from '../../src/probes/script.js';
import { resources } from '../../src/resources/registry.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import { createTemplates } from '../../src/template/templates.js';
import type { Session, Transport } from '../../src/transport/session.js';
import { createTransport } from '../../src/transport/transport.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';

let lab: Lab;
let folder: Folder;
let transport: Transport;
const sessions = new Map<string, Session>();

beforeAll(async () => {
  folder = makeFolder();
  transport = createTransport();
  lab = await labUp({
    name: ownName('verify'),
    hosts: {
      gw: { nics: { eth0: { switch: 'lan', addresses: ['10.6.0.254/24', '2001:db8:6::fe/64'] } } },
      'web[1:2]': {
        groups: ['web'],
        vars: { gateway: '10.6.0.254' },
        nics: { eth0: { switch: 'lan', addresses: ['10.6.0.{n}/24', '2001:db8:6::{n}/64'] } },
        routes: ['default via 10.6.0.254', 'default via 2001:db8:6::fe metric 100'],
        files: { '/etc/resolv.conf': 'nameserver 127.0.0.1\nnameserver 10.6.0.53\n' },
      },
      mon: { nics: { eth0: { switch: 'lan', addresses: ['10.6.0.200/24'] } } },
    },
  });
});
afterAll(async () => {
  await Promise.all([...sessions.values()].map((session) => session.close()));
  await transport?.close();
  await lab?.down();
  folder?.remove();
});

async function prepare(play: Readonly<Record<string, unknown>>): Promise<PreparedPlay> {
  const templates = createTemplates();
  const file = folder.write('play.yml', [{ hosts: 'web', ...play }]);
  const { plays } = await prepareRun({
    inventory: await loadInventory([lab.inventory]),
    playbook: await loadPlaybook(file, resources, { templates }),
    registry: resources,
    templates,
    transport,
    forks: 5,
    extraVars: {},
    check: false,
    diff: false,
    exitCode: false,
    run: 'r',
    magic: {},
    verbosity: 0,
    by: 'me',
    from: 'here',
    confirmTimeout: 30,
    lockTimeout: 0,
    target: {},
    signal: new AbortController().signal,
  });
  const [prepared] = plays;
  if (prepared === undefined) throw new Error('no play');
  return prepared;
}

/** One session a host, opened where a play needs it. */
async function sessionOf(play: PreparedPlay, host: string): Promise<Session> {
  const target = play.targets.get(host);
  if (target === undefined) throw new Error(`no target for ${host}`);
  const session = sessions.get(host) ?? (await transport.open(target));
  sessions.set(host, session);
  return session;
}

test('each host asks what it is to ask; what does not pass is told with its host and place', async () => {
  const play = await prepare({
    verify: [
      { ping: '{{ gateway }}' },
      { tcp_connect: { host: '10.6.0.1', port: 1 }, from: 'mon', name: 'nothing listens' },
      { ping: { dest: '10.6.0.2' }, from: 'mon:gw' },
      { ping: { dest: '10.6.0.77', timeout: 1 } },
      { command: 'ip -o addr show dev eth0 | grep -q 10.6.0.200', from: 'all' },
    ],
  });
  const errors = await runVerify({
    checks: play.verify,
    hosts: play.hosts,
    session: (host) => sessionOf(play, host),
    forks: 5,
    retry: { tries: 2, waitMs: 100 },
  });
  const told = errors.map(({ code, message, place }) => `${code} ${place?.line} ${message}`);
  expect(told.map((line) => line.replace(/^(\w+) \d+ /, '$1 '))).toEqual([
    'verify nothing listens, asked from mon: Connection refused',
    expect.stringMatching(
      /^verify ping 10\.6\.0\.77, asked from web1 and 1 more: (no answer to a ping|Destination Host Unreachable)$/,
    ),
    'verify ip -o addr show dev eth0 | grep -q 10.6.0.200, asked from web1 and 2 more: exit code 1',
  ]);
  expect(errors.every(({ place }) => (place?.line ?? 0) > 1)).toBe(true);
});

test('what passes is not told, and costs each host one frame', async () => {
  const play = await prepare({ verify: [{ ping: '{{ gateway }}' }, { ping: '10.6.0.200' }] });
  const used = await Promise.all(play.hosts.map((host) => sessionOf(play, host)));
  const before = used.map(({ frames }) => frames);
  const section = { checks: play.verify, hosts: play.hosts, forks: 5 };
  expect(await runVerify({ ...section, session: (host) => sessionOf(play, host) })).toEqual([]);
  expect(used.map(({ frames }, index) => frames - (before[index] ?? 0))).toEqual([1, 1]);
});

test('the baseline: gateways and resolvers that answered before and do not after are what a change broke', async () => {
  const play = await prepare({});
  const session = await sessionOf(play, 'web1');
  const snapshot = parseProbe((await session.run(buildProbe(baselineReads))).stdout, baselineReads);
  const probes = baselineProbes(snapshot);
  expect(probes.map(({ label }) => label)).toEqual([
    'ping 10.6.0.254 (default gateway)',
    'ping 2001:db8:6::fe (default gateway)',
    'ping 10.6.0.53 (resolver)',
  ]);
  const ask = async (script: string): Promise<ProbeResult[]> =>
    readProbes((await session.run(script)).stdout, probes);
  const before = await ask(probeScript(probes));
  const again = probeScript(probes, { tries: 3, waitMs: 500 }, before);
  expect(before.map(({ passed }) => passed)).toEqual([true, true, false]);
  expect(broken(before, await ask(again))).toEqual([]);
  await lab.exec('gw', ['ip', 'addr', 'del', '10.6.0.254/24', 'dev', 'eth0']);
  expect(broken(before, await ask(again)).map(({ index }) => index)).toEqual([0]);
});

test('nothing of the probes is left on the hosts', async () => {
  const play = await prepare({ verify: [{ command: { cmd: 'sleep 4321', timeout: 1 } }] });
  const section = { checks: play.verify, hosts: play.hosts, forks: 5, retry: { tries: 1, waitMs: 0 } };
  const errors = await runVerify({ ...section, session: (host) => sessionOf(play, host) });
  expect(errors.map(({ message }) => message)).toEqual([
    'sleep 4321, asked from web1 and 1 more: no end within 1 second',
  ]);
  const { stdout } = await lab.exec('web1', ['ps', '-eo', 'args']);
  expect(stdout).toContain('sshd');
  expect(stdout).not.toMatch(/sleep 4321|sleep 1|NETPLAY_PROBE|ping /);
});
