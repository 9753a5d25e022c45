/**
 * Containers pinned to NICs, as the document asks for it: some use eth3, some eth4, none eth0. What the wire
 * shows before and after, and whether it holds when containers restart, are given addresses, and the node reboots.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemsOf, type RunReport, runJson } from '../support/cli.js';
import { foretoldRun, makeFolder, settledRun } from '../support/lab-runs.js';
import { type NicName, type OpenvzNode, openvzNode } from '../support/openvz/node.js';

const folder = makeFolder();
const FIRST = '192.168.18.101';
const SECOND = '192.168.18.102';
const ADDED = '192.168.18.201';

/** Ids from 101 on; each has the address of its number. */
const COUNT = 20;
const IDS = Array.from({ length: COUNT }, (_, index) => 101 + index);
const addressOf = (id: number): string => `192.168.18.${id}`;

let node: OpenvzNode;
beforeAll(async () => {
  node = await openvzNode('ve-pin', {
    groups: ['nodes'],
    ves: IDS.map((id) => ({ id, addresses: [addressOf(id)], ...(id === 101 && { name: 'www' }) })),
  });
}, 120_000);
afterAll(async () => {
  folder.remove();
  await node?.lab.down();
});

function play(...tasks: readonly object[]): string[] {
  return [folder.write('pin.yml', [{ hosts: 'nodes', tasks }]), '-i', node.lab.inventory];
}
const pin = (ves: readonly (number | string)[], nic: NicName) => ({ ve_pin: { ves, nic } });
const HALVES = [pin(IDS.slice(0, COUNT / 2), 'eth3'), pin(IDS.slice(COUNT / 2), 'eth4')];

/** Everything of the node that a pin may touch, by the kernel and its files. That netplay's protocol has a name stays. */
async function stateOfNode(): Promise<string> {
  return node.run(`for family in 4 6; do ip -$family rule; ip -$family route show table all | sort; done
ip neigh show proxy | sort; grep -r '' /proc/sys/net/ipv4/conf/*/arp_* /proc/sys/net/ipv4/conf/*/proxy_arp
find /etc -type f ! -path '/etc/vz/conf/*' ! -path '*/rt_protos.d/netplay.conf' | sort | xargs sha256sum`);
}

/** All of a pin, as the wire tells it. */
async function expectPinned(address: string, nic: NicName): Promise<void> {
  expect(await node.proxies(address)).toEqual([nic]);
  expect(await node.answering(address)).toEqual([nic]);
  expect(await node.carried(address)).toBe(`${nic}/${nic}`);
  expect(await node.carried(address, { from: 'far' })).toBe(`${nic}/${nic}`);
}

let before = '';

test('before: all three NICs answer for a container, and eth0 carries it', async () => {
  before = await stateOfNode();
  expect(await node.answering(FIRST)).toEqual(['eth0', 'eth3', 'eth4']);
  expect(await node.carried(FIRST, { by: 'eth0' })).toBe('eth0/eth0');
});

test('twenty containers on two NICs: each one’s traffic uses its own alone, in and out', async () => {
  const run = await settledRun(play(...HALVES));
  expect(run.ends.map(({ status }) => status)).toEqual(['changed']);
  for (const id of [101, 110, 111, 120]) await expectPinned(addressOf(id), id <= 110 ? 'eth3' : 'eth4');
  for (const id of IDS) expect(await node.proxies(addressOf(id))).toEqual([id <= 110 ? 'eth3' : 'eth4']);
  expect(await node.carriedFrom(101, '192.168.18.129')).toBe('eth3/eth3');
});

test('containers reach each other, on the same NIC and across', async () => {
  for (const id of [102, 120]) await node.inside(101, `ping -n -c 3 -i 0.1 -W 2 ${addressOf(id)}`);
});

test('moved to the other NIC under a running ping: no more than one ARP exchange is lost', async () => {
  await node.run(`ping -n -c 1 -W 2 ${FIRST}`, 'client');
  const ping = node.run(`ping -n -i 0.01 -c 600 -W 2 -q ${FIRST} || :`, 'client');
  const run = await runJson(
    play(pin([101], 'eth4'), ...[pin(IDS.slice(1, 10), 'eth3'), pin(IDS.slice(10), 'eth4')]),
  );
  expect(problemsOf(run)).toEqual([]);
  const [, received = '0'] = /(\d+) received/.exec(await ping) ?? [];
  // An exchange takes a millisecond here: a ping is sent every ten.
  expect(600 - Number(received)).toBeLessThanOrEqual(1);
  await expectPinned(FIRST, 'eth4');
  await settledRun(play(pin([101], 'eth3')));
  await expectPinned(FIRST, 'eth3');
});

test('it holds when the container restarts', async () => {
  await node.vzctl('restart', 101);
  await expectPinned(FIRST, 'eth3');
  await expectUnchanged();
});

test('a second address is pinned as soon as it is given, and leaves nothing when it goes', async () => {
  const whole = await stateOfNode();
  await node.vzctl('set', 101, '--ipadd', ADDED, '--save');
  await expectPinned(ADDED, 'eth3');
  await expectPinned(FIRST, 'eth3');
  await node.vzctl('set', 101, '--ipdel', ADDED, '--save');
  expect(await node.proxies(ADDED)).toEqual([]);
  expect(await stateOfNode()).toBe(whole);
});

test('another address in the place of the first', async () => {
  await node.vzctl('set', 102, '--ipdel', SECOND, '--ipadd', ADDED, '--save');
  await expectPinned(ADDED, 'eth3');
  expect(await node.proxies(SECOND)).toEqual([]);
  // What the file of pins says of the addresses is brought up to date by the next run.
  const run = await settledRun(play(...HALVES));
  expect(
    run.ends.flatMap(({ tasks }) => tasks.flatMap((task) => task.changes.map(({ address }) => address))),
  ).toEqual(['ve_hook 102']);
  await node.vzctl('set', 102, '--ipdel', ADDED, '--ipadd', SECOND, '--save');
  await settledRun(play(...HALVES));
});

test('it holds when the node reboots', async () => {
  await node.reboot(
    'cat /etc/sysctl.d/*.conf | sed -n "s|^net.ipv4.conf.\\(.*\\)\\.\\(.*\\) = \\(.*\\)|echo \\3 > /proc/sys/net/ipv4/conf/\\1/\\2|p" | sh',
  );
  await expectPinned(FIRST, 'eth3');
  await expectPinned(addressOf(120), 'eth4');
  await expectUnchanged();
}, 120_000);

test('a container that is stopped is answered for by nobody, and is pinned when it starts', async () => {
  await node.vzctl('stop', 103);
  expect(await node.proxies(addressOf(103))).toEqual([]);
  await expectUnchanged();
  await node.vzctl('start', 103);
  await expectPinned(addressOf(103), 'eth3');
  await expectUnchanged();
});

test('a node whose vzlist fails is pinned all the same', async () => {
  for (const fault of ['kernel', 'old', 'absent'] as const) {
    await node.vzlistFails(fault);
    await expectUnchanged();
    await node.vzlistFails(null);
  }
});

test('a container that does not exist is refused, and no file is made of it', async () => {
  const run = await runJson(play(pin([101, 999], 'eth3')));
  expect(run.code).toBe(2);
  expect(problemsOf(run).join('\n')).toContain('there is no container 999 on this node');
  expect(await node.run('ls /etc/vz/conf/999.conf 2>/dev/null || echo none')).toBe('none');
});

test('absent: all is as it was before', async () => {
  const run = await foretoldRun(play({ ve_pin: { ves: IDS, state: 'absent' } }));
  expect(problemsOf(run.run)).toEqual([]);
  expect(await stateOfNode()).toBe(before);
  expect(await node.answering(FIRST)).toEqual(['eth0', 'eth3', 'eth4']);
});

async function expectUnchanged(): Promise<void> {
  const run: RunReport = await runJson(play(...HALVES));
  expect(problemsOf(run)).toEqual([]);
  expect(run.ends.flatMap(({ tasks }) => tasks.flatMap((task) => task.changes))).toEqual([]);
}
