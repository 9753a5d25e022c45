/** Open vSwitch in whole runs over SSH: on trial, asked by traffic, taken back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { changesByHost, eventsOf, problemsOf, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName, settledRun } from '../support/lab-runs.js';
import { START_OVS } from '../support/ovs.js';

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('ovs'),
    hosts: {
      node: {
        nics: { eth0: { switch: 'lan', addresses: ['10.6.0.1/24'] }, eth1: { switch: 'data' } },
        run: [START_OVS],
      },
      peer: {
        nics: {
          eth0: { switch: 'lan', addresses: ['10.6.0.2/24'] },
          eth1: { switch: 'data', addresses: ['10.9.0.2/24'] },
        },
        // The userspace datapath passes packets on whose checksum the other end left to its NIC.
        run: ['ethtool -K eth1 tx off'],
      },
    },
  });
});
afterAll(async () => {
  await lab?.down();
  folder?.remove();
});

const BRIDGE = [
  {
    ovs_bridge: {
      name: 'br0',
      datapath_type: 'netdev',
      mac: '52:54:00:00:00:aa',
      other_config: { 'mac-table-size': 99 },
    },
  },
  { ovs_port: { bridge: 'br0', name: 'eth1' } },
  { address: { dev: 'br0', address: '10.9.0.1/24' } },
];
const LIMIT = { ovs_rate_limit: { interface: 'eth1', rate: '10mbit', burst: '10mbit' } };

const play = (name: string, more: Readonly<Record<string, unknown>>): string[] => [
  folder.write(name, [{ hosts: 'node', ...more }]),
  '-i',
  lab.inventory,
];

async function limitOf(): Promise<string> {
  const { stdout } = await lab.exec('node', [
    'ovs-vsctl',
    'get',
    'Interface',
    'eth1',
    'ingress_policing_rate',
  ]);
  return stdout.trim();
}

test('a check tells what a run does, a second run does nothing', async () => {
  const run = await settledRun(play('bridge.yml', { tasks: BRIDGE }));
  expect(changesByHost(run).node).toHaveLength(4);
});

test('pitfall 43: a limit that is taken and not enforced is found out by the throughput probe, and taken back', async () => {
  if (
    (
      await lab.exec('node', ['sh', '-c', 'modprobe -n -q act_police && echo yes || echo no'])
    ).stdout.trim() === 'yes'
  )
    return;
  const verify = [
    { throughput: { to: 'node', dest: '10.9.0.1', max_rate: '12mbit', time: 2 }, from: 'peer' },
  ];
  const report = await runJson(play('limit.yml', { tasks: [LIMIT], verify }));
  expect(report.code).toBe(2);
  expect(problemsOf(report).join('\n')).toMatch(/expected at most 12mbit|12mbit/);
  expect(JSON.stringify(report)).toContain('enforces nothing');
  expect(await limitOf()).toBe('0');
});

test('a confirmed change of Open vSwitch is taken back by its journal', async () => {
  const made = await runJson(play('limit.yml', { tasks: [LIMIT] }));
  expect(made.code).toBe(0);
  expect(await limitOf()).toBe('10000');
  const back = await eventsOf(['rollback', 'node', '-i', lab.inventory]);
  expect(back.code).toBe(0);
  expect(await limitOf()).toBe('0');
});
