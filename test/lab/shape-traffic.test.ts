/** What `shape` does to packets: the rates that arrive, told by iperf3 at the other end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { expectRates } from '../support/rates.js';

const PORTS = [5001, 5002, 5003] as const;
const HERE_PORT = 5009;
const HERE = '10.8.0.1';
const THERE = '10.8.0.2';
/** Another address of the other end. */
const OTHER = '10.8.0.3';

let host: Netns;
let peer: Netns;
const servers: ChildProcess[] = [];

beforeAll(async () => {
  [host, peer] = await Promise.all([createNetns(), createNetns()]);
  host.must(`ip link add eth1 type veth peer name eth0 netns ${peer.pid}
ip link set dev eth1 up; ip addr add ${HERE}/24 dev eth1; ip addr add 2001:db8:8::1/64 dev eth1 nodad`);
  peer.must(`ip link set dev eth0 up; ip addr add ${THERE}/24 dev eth0; ip addr add ${OTHER}/24 dev eth0
ip addr add 2001:db8:8::2/64 dev eth0 nodad`);
  for (const port of PORTS) serve(peer, port);
  serve(host, HERE_PORT);
  peer.must(
    'for n in 1 2 3 4 5 6 7 8 9; do [ $(ss -Hltn "sport >= 5001" | wc -l) -ge 3 ] && exit; sleep 0.2; done; exit 1',
  );
});
function serve(netns: Netns, port: number): void {
  const argv = ['-t', String(netns.pid), '-n', '-m', '--', 'iperf3', '-s', '-p', String(port)];
  servers.push(spawn('nsenter', argv, { stdio: 'ignore' }));
}
afterAll(() => {
  for (const server of servers) server.kill();
  host?.close();
  peer?.close();
});
afterEach(() => shape({ state: 'absent' }));

function shape(params: Readonly<Record<string, unknown>>): string[] {
  const plan = planIn(host, [{ shape: { dev: 'eth1', ...params } }]);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(host, stepsOf(plan))).toEqual([]);
  return changesIn(plan);
}

/** Mbit/s of each second of a transfer to the other end, as they arrive there. */
async function received(seconds: number): Promise<number[]> {
  const iperf = ['iperf3', '-c', HERE, '-p', String(HERE_PORT), '-R', '-t', String(seconds), '-i', '1', '-J'];
  const { stdout } = await execa('nsenter', ['-t', String(peer.pid), '-n', '--', ...iperf]);
  const { intervals } = JSON.parse(stdout);
  return intervals.map(({ sum }: { sum: { bits_per_second: number } }) => sum.bits_per_second / 1e6);
}

interface Flow {
  port?: (typeof PORTS)[number];
  to?: string;
  /** The other end sends. */
  reverse?: boolean;
  tos?: number;
}

/** Seconds: the first is left out, in which buffers fill. */
const TIME = 3;

/** Mbit/s that arrive of each flow, all at once. */
function measure(...flows: Flow[]): number[] {
  const commands = flows.map(({ port = 5001, to = THERE, reverse = false, tos }, index) =>
    [
      `iperf3 -c ${to} -p ${port} -t ${TIME} -O 1 -J ${reverse ? '-R' : ''}`,
      `${tos === undefined ? '' : `-S ${tos}`} >/tmp/flow$$.${index} &`,
    ].join(' '),
  );
  const files = flows.map((_, index) => `/tmp/flow$$.${index}`).join(' ');
  const text = host.must(['sh', '-c', `${commands.join('\n')}\nwait; cat ${files}; rm -f ${files}`]);
  return text.split(/^(?=\{)/m).map((json) => {
    const { end, error } = JSON.parse(json);
    if (error !== undefined) throw new Error(error);
    return end.sum_received.bits_per_second / 1e6;
  });
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

describe('the whole', () => {
  test('egress and ingress are what was asked for, each for itself', async () => {
    await expectRates(() => measure({}), { over: 100 });
    shape({ egress: '20mbit', ingress: '10mbit' });
    await expectRates(() => measure({}), 20);
    await expectRates(() => measure({ reverse: true }), 10);
  });

  test('a running transfer goes on while the rate is changed under it', async () => {
    const changed = async (): Promise<number[]> => {
      shape({ egress: '50mbit' });
      const running = received(13);
      await setTimeout(5000);
      const changes = shape({ egress: '20mbit' });
      expect(changes.map((text) => text.replace(/: .*/, ''))).toEqual([
        'class eth1 c9:1',
        'class eth1 c9:2',
        'qdisc eth1 c9:2',
      ]);
      const seconds = await running;
      // Who reads late on a busy machine counts a second's bytes in the next one.
      return [mean(seconds.slice(1, 4)), mean(seconds.slice(9, 13)), Math.min(...seconds.slice(1, 13))];
    };
    // No second without bytes: nothing was taken away that packets wait in.
    await expectRates(changed, 50, 20, { over: 5 });
  });

  test('IPv6 and ARP are limited and get through as IPv4 does', async () => {
    shape({
      egress: '10mbit',
      classes: [{ name: 'all', rate: '9mbit', match: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }] }],
    });
    host.must('ip neigh flush all');
    await expectRates(() => measure({ to: '2001:db8:8::2' }), 10);
    host.must(`ip neigh flush all; ping -c 3 -i 0.2 -W 2 ${THERE}`);
  });
});

describe('classes', () => {
  const web = { name: 'web', rate: '8mbit', match: { dport: 5001 } };
  const mail = { name: 'mail', rate: '4mbit', match: { protocol: 'tcp', dport: 5002 } };

  test('by port: alone a class borrows all, together each gets what is guaranteed', async () => {
    shape({ egress: '15mbit', classes: [web, mail] });
    await expectRates(() => measure({ port: 5001 }), 15);
    await expectRates(() => measure({ port: 5001 }, { port: 5002 }, { port: 5003 }), 8, 4, 3);
  });

  test('no class gets more than its ceil, though the rest is idle', async () => {
    shape({ egress: '20mbit', classes: [{ ...web, rate: '2mbit', ceil: '5mbit' }] });
    await expectRates(() => measure({ port: 5001 }), 5);
    await expectRates(() => measure({ port: 5002 }), 20);
  });

  test('by address, by DSCP, and in the order of the list where two fit', async () => {
    shape({
      egress: '20mbit',
      classes: [
        { name: 'voice', rate: '3mbit', ceil: '3mbit', match: { dscp: 'ef' } },
        { name: 'other', rate: '6mbit', ceil: '6mbit', match: { dst: OTHER } },
      ],
    });
    await expectRates(() => measure({ to: OTHER }), 6);
    await expectRates(() => measure({ to: OTHER, tos: 46 << 2 }), 3);
    await expectRates(() => measure({}), 20);
  });

  test('who is first gets what the others leave', async () => {
    const first = { name: 'first', rate: '1mbit', priority: 0, match: { dport: 5001 } };
    const last = { name: 'last', rate: '1mbit', priority: 7, match: { dport: 5002 } };
    shape({ egress: '12mbit', classes: [first, last, { name: 'rest', rate: '1mbit', default: true }] });
    const [most = 0, least = 0] = await expectRates(() => measure({ port: 5001 }, { port: 5002 }), 11, null);
    expect(least / most).toBeLessThan(2.5 / 11);
  });

  test('what comes in has classes too', async () => {
    const slow = { name: 'slow', rate: '2mbit', ceil: '5mbit', match: { src: OTHER } };
    shape({ ingress: { rate: '15mbit', classes: [slow] } });
    await expectRates(() => measure({ to: OTHER, reverse: true }), 5);
    await expectRates(() => measure({ reverse: true }), 15);
    await expectRates(() => measure({}), { over: 50 });
  });

  test('the default class is not starved by those that want all', () => {
    shape({ egress: '10mbit', classes: [{ ...web, rate: '9mbit', priority: 0 }] });
    const ping = host.must(
      `iperf3 -c ${THERE} -p 5001 -t 5 >/dev/null & sleep 2; ping -c 10 -i 0.2 -W 2 ${THERE}; wait`,
    );
    expect(ping).toContain(' 10 received');
    // Behind the other class's queue they would wait for 100 ms and more.
    expect(Number(/= [\d.]+\/([\d.]+)/.exec(ping)?.[1])).toBeLessThan(50);
  });
});
