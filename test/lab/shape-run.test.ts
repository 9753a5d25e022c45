/** `shape` by the whole program: the example's playbook with its probes, and containers of an OpenVZ node. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { changesByHost, netplay, problemsOf, ROOT, runJson } from '../support/cli.js';
import { makeFolder, projectLab, settledRun } from '../support/lab-runs.js';
import { type OpenvzNode, openvzNode } from '../support/openvz/node.js';
import { expectRates } from '../support/rates.js';

const folder = makeFolder();
afterAll(() => folder.remove());

describe('playbooks/shape.yml', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await labUp(projectLab('shape.yml', 'shape'));
  });
  afterAll(() => lab?.down());

  const asked = ['server1', 'throughput', 'to=client1', 'dest=10.10.0.5', 'max_rate=21mbit', 'time=1'];

  test('without it more gets through than the probe lets pass', async () => {
    const { code, stdout } = await netplay(['probe', '-i', lab.inventory, ...asked]);
    expect([code, stdout]).toEqual([2, expect.stringMatching(/expected at most 21mbit, seen /)]);
  });

  test('its probes see the rates that it asks for, and a second run changes nothing', async () => {
    const playbook = [`${ROOT}/playbooks/shape.yml`, '-i', lab.inventory];
    const seen = async (): Promise<number[]> => {
      const run = await runJson(playbook);
      expect(problemsOf(run)).toEqual([]);
      expect(run.code).toBe(0);
      const probes = run.events.flatMap((event) => (event.type === 'probe' ? [event] : []));
      expect(probes.map(({ passed }) => passed)).toEqual([true, true, true]);
      return probes.map((probe) => Number(/^([\d.]+)mbit /.exec(probe.seen)?.[1]));
    };
    await expectRates(seen, 20, 5, 10);
    expect(Object.values(changesByHost(await runJson([...playbook, '--check'])))).toEqual([[]]);
  });
});

describe('containers', () => {
  const ADDRESS = '192.168.18.101';
  const MOVED = '192.168.18.201';
  let node: OpenvzNode;
  beforeAll(async () => {
    node = await openvzNode('shape-ve', {
      groups: ['nodes'],
      ves: [{ id: 101, addresses: [ADDRESS], name: 'www' }],
    });
    await node.inside(101, 'iperf3 -s -D >/dev/null 2>&1');
  }, 120_000);
  afterAll(async () => node?.lab.down());

  const classes = (ceil: string) => [{ name: 'www', rate: '1mbit', ceil, match: { ve: 'www' } }];
  const SHAPES = [
    { shape: { dev: 'venet0', egress: '30mbit', classes: classes('8mbit') } },
    { shape: { dev: 'eth0', egress: '30mbit', classes: classes('5mbit') } },
  ];
  const play = (...tasks: readonly object[]): string[] => [
    folder.write('shape.yml', [{ hosts: 'nodes', tasks }]),
    '-i',
    node.lab.inventory,
  ];

  /** Mbit/s between the client and the container; `-R` is from the container. */
  async function rate(address: string, ...words: string[]): Promise<number> {
    const text = await node.run(`iperf3 -c ${address} -t 3 -O 1 -J ${words.join(' ')}`, 'client');
    return JSON.parse(text).end.sum_received.bits_per_second / 1e6;
  }

  async function expectLimits(address: string): Promise<void> {
    await expectRates(async () => [await rate(address)], 8);
    await expectRates(async () => [await rate(address, '-R')], 5);
  }

  test('by name, to it on venet0 and from it on the NIC', async () => {
    await settledRun(play(...SHAPES));
    await expectLimits(ADDRESS);
    // The node itself is in no class.
    const ofNode = async (): Promise<number[]> => {
      await node.run('iperf3 -s -1 -D -p 5009');
      return [await rate('192.168.18.10', '-R', '-p', '5009')];
    };
    await expectRates(ofNode, { over: 20 });
  });

  test('another address of the container: the next run follows, and the old one is free', async () => {
    await node.vzctl('set', 101, '--ipadd', MOVED, '--ipdel', ADDRESS, '--save');
    const run = await settledRun(play(...SHAPES));
    const words = run.ends.flatMap(({ tasks }) =>
      tasks.flatMap(({ changes }) => changes.map((change) => change.action)),
    );
    expect(words.sort()).toEqual(['create', 'create', 'delete', 'delete']);
    await expectLimits(MOVED);
    const filters = await node.run('tc filter show dev eth0; tc filter show dev venet0');
    expect(filters).not.toContain('c0a81265');
  });

  test('a container that is not there is refused, with its place, before anything is touched', async () => {
    const run = await runJson(
      play({ shape: { dev: 'eth0', egress: '10mbit', classes: [{ name: 'a', match: { ve: 109 } }] } }),
    );
    expect(run.code).not.toBe(0);
    expect(problemsOf(run).join('\n')).toContain('there is no container 109 on this node');
    expect(await node.run('tc class show dev eth0')).toContain('htb c9:1 root rate 30Mbit');
  });
});
