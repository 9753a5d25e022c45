/**
 * Hosts whose `ip` is of another decade: no JSON, no numbers for names, no protocol of rules, no folders of
 * names. The mission's scenarios come to the same network there as on a host of today.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import type { HostSpec, LabSpec } from '../../src/lab/spec.js';
import { ROOT, type RunReport } from '../support/cli.js';
import { type Folder, makeFolder, projectLab, settledRun } from '../support/lab-runs.js';

const REAL = '/usr/lib/old-iproute2/ip';
const STAND_IN = readFileSync(join(ROOT, 'test', 'lab', 'fixtures', 'old-ip.sh'), 'utf8');
const SERVERS = ['twin1', 'edge1', 'app1'] as const;

/** Settings of a bridge, some of which brctl knows; the others are written to /sys. */
const OPTIONS = { forward_delay: 3, ageing_time: 60, multicast_snooping: false, mcast_query_interval: 30 };

/** What is beyond routes and rules of IPv4: a bridge and a tap, which the oldest `ip` can't make, IPv6, and proxy entries, which it can't list. */
const BEYOND = [
  {
    hosts: 'twin1',
    tasks: [
      { bridge: { name: 'br0', mac: '52:54:00:12:34:56', stp: false, ports: ['spare'], ...OPTIONS } },
      {
        bridge_port: {
          dev: 'spare',
          cost: 77,
          priority: 5,
          hairpin: true,
          isolated: true,
          mcast_flood: false,
        },
      },
      { tap: { name: 'tap7', bridge: 'br0', owner: 1000, guest_mac: '52:54:00:84:e3:62' } },
      { address: { dev: 'br0', address: '10.7.0.1/24' } },
      { address: { dev: 'br0', address: '2001:db8:7::1/64' } },
      { link: { name: 'spare', mtu: 1400, state: 'up' } },
      { route: { dst: '2001:db8:8::/48', via: '2001:db8:7::2', dev: 'br0' } },
      { rule: { from: '2001:db8:7::/64', table: 100, priority: 300 } },
      { neighbour: { dst: '10.7.0.9', dev: 'br0', lladdr: '52:54:00:00:00:09' } },
      { neighbour: { dst: '2001:db8:7::9', dev: 'br0', lladdr: '52:54:00:00:00:09' } },
      { neighbour: { dst: '10.7.0.101', dev: 'br0', proxy: true, exclusive: true } },
    ],
  },
];

/** @param snapshot as `ip -V` tells it; null for the machine's own `ip` */
function host(spec: HostSpec, snapshot: string | null): HostSpec {
  const real = realpathSync('/usr/sbin/ip');
  const files: HostSpec['files'] = { [REAL]: { source: real, mode: '755' } };
  if (snapshot === null) return { ...spec, files };
  return {
    ...spec,
    files: { ...files, [real]: { content: `#!/bin/sh\nsnapshot=${snapshot}\n${STAND_IN}`, mode: '755' } },
    run: ['rm -rf /etc/iproute2/*.d'],
  };
}

/** The three servers alone: what is compared is their configuration. */
function servers(name: string, snapshot: string | null): LabSpec {
  const { hosts = {}, ...rest } = projectLab('site.yml', name);
  const made: LabSpec['hosts'] = Object.fromEntries(
    SERVERS.map((at) => [at, host(hosts[at] ?? {}, snapshot)]),
  );
  const spare = { ...made.twin1, nics: { ...made.twin1?.nics, spare: { switch: 'spare' } } };
  return { ...rest, hosts: { ...made, twin1: spare } };
}

/** What the kernel has, told by the machine's own `ip`; not what follows from the MAC of a lab's own NIC. */
async function network(lab: Lab, server: string): Promise<string[]> {
  const parts = await Promise.all(
    [
      [REAL, '-N', '-d', 'route', 'show', 'table', 'all'],
      [REAL, '-N', '-d', 'rule', 'show'],
      ['cat', '/proc/sys/net/ipv4/conf/all/arp_ignore', '/proc/sys/net/ipv4/conf/all/arp_announce'],
    ].map(async (argv) => (await lab.exec(server, argv)).stdout),
  );
  const [routes = '', rules = '', sysctls = ''] = parts;
  // Old rules carry no protocol, and none tells two rules apart.
  const steady = routes.split('\n').filter((line) => !line.includes(' fe80::'));
  return [steady.join('\n'), rules.replaceAll(/ proto \S+/g, ''), sysctls];
}

async function configure(lab: Lab): Promise<RunReport> {
  return settledRun(['playbooks/site.yml', '-i', 'inventory/site.yml', '-i', lab.inventory]);
}

/** What the bridge, its port and the tap have in the end, whatever tool set it. */
const SETTINGS = `cd /sys/class/net; cat br0/address tap7/address tap7/owner
for f in stp_state forward_delay ageing_time multicast_snooping multicast_query_interval; do cat br0/bridge/$f; done
for f in path_cost priority hairpin_mode isolated multicast_flood; do cat spare/brport/$f; done
ls br0/brif`;

async function goBeyond(lab: Lab): Promise<string[]> {
  await settledRun([folder.write('beyond.yml', BEYOND), '-i', lab.inventory]);
  const { stdout } = await lab.exec('twin1', [REAL, '-o', 'link', 'show', 'master', 'br0']);
  const [port = ''] = stdout.match(/spare\S* <\S*UP\S*> mtu 1400/) ?? [];
  const parts = await Promise.all(
    [
      [REAL, '-N', '-6', 'rule', 'show'],
      [REAL, '-N', '-6', 'route', 'show', 'dev', 'br0'],
      [REAL, '-br', 'address', 'show', 'dev', 'br0'],
      [REAL, '-N', 'neighbour', 'show', 'nud', 'permanent', 'dev', 'br0'],
      [REAL, '-N', 'neighbour', 'show', 'proxy'],
      ['sh', '-c', SETTINGS],
    ].map(async (argv) => (await lab.exec('twin1', argv)).stdout),
  );
  return [port, ...parts.map((text) => text.replaceAll(/ proto \S+$/gm, ''))];
}

let folder: Folder;
let today: Lab;
let beyond: string[];
const expected = new Map<string, string[]>();

beforeAll(async () => {
  folder = makeFolder();
  today = await labUp(servers('ip-of-today', null));
  await configure(today);
  for (const server of SERVERS) expected.set(server, await network(today, server));
  beyond = await goBeyond(today);
});
afterAll(async () => {
  folder?.remove();
  await today?.down();
});

describe.each([
  ['3.10, as of RHEL 7', '130716'],
  ['2.6.32, as of RHEL 6', '091226'],
])('iproute2 %s', (_, snapshot) => {
  let lab: Lab;
  let run: RunReport;
  beforeAll(async () => {
    lab = await labUp(servers(`ip-of-${snapshot}`, snapshot));
  });
  afterAll(() => lab?.down());

  test('is what the hosts have', async () => {
    for (const server of SERVERS) {
      expect((await lab.exec(server, ['ip', '-V'])).stdout).toBe(`ip utility, iproute2-ss${snapshot}\n`);
      const json = await lab.exec(server, ['ip', '-j', 'rule']);
      expect([json.code, json.stderr]).toEqual([255, 'Option "-j" is unknown, try "ip -help".\n']);
      expect((await network(lab, server)).join()).not.toBe(expected.get(server)?.join());
      await lab.exec(server, ['rm', '/var/log/refused']);
    }
  });

  test('a check foretells the run, and a second run changes nothing', async () => {
    run = await configure(lab);
    expect(run.ends.map(({ status }) => status)).toEqual(['changed', 'changed', 'changed']);
  });

  test.each(SERVERS)('%s has the routes, rules and names of a host of today', async (server) => {
    expect(await network(lab, server)).toEqual(expected.get(server));
  });

  test('pitfall 38: bridges, ports, taps, links and IPv6 come out as on a host of today, by brctl, tunctl and /sys', async () => {
    expect(beyond[0]).not.toBe('');
    expect(await goBeyond(lab)).toEqual(beyond);
  });

  test('a proxy entry that another device has goes, though an old tool does not list it', async () => {
    const made = await lab.exec('twin1', [REAL, 'neighbour', 'add', 'proxy', '10.7.0.101', 'dev', 'eth0']);
    expect(made.code).toBe(0);
    expect(await goBeyond(lab)).toEqual(beyond);
    expect(beyond.join()).toContain('10.7.0.101 dev br0 proxy');
  });

  test('names stand in the one file that the tool reads', async () => {
    const { stdout } = await lab.exec('twin1', ['ls', '/etc/iproute2']);
    expect(stdout.split('\n').filter((name) => name.endsWith('.d'))).toEqual([]);
    for (const [table, dev] of [
      ['local100', 'eth0'],
      ['local200', 'eth2'],
    ] as const) {
      const { stdout: routes } = await lab.exec('twin1', [REAL, 'route', 'show', 'table', table]);
      expect(routes).toMatch(new RegExp(`^default via 192\\.168\\.1\\.254 dev ${dev} `, 'm'));
    }
  });

  test('the tool is asked for nothing that it does not know, but for what is tried', async () => {
    const trials = [
      'Option "-N" is unknown, try "ip -help".',
      'Object "tuntap" is unknown, try "ip help".',
      'Error: an inet prefix is expected rather than "proxy".',
    ];
    for (const server of SERVERS) {
      const { stdout } = await lab.exec(server, ['cat', '/var/log/refused']);
      const refused = stdout.split('\n').filter((line) => line !== '');
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.filter((line) => !trials.includes(line))).toEqual([]);
    }
  });
});
