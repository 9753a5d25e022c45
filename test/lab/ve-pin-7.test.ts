/** Pins on OpenVZ 7: UUIDs, a way of its own to each container, and no NEIGHBOUR_DEVS. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemsOf, runJson } from '../support/cli.js';
import { makeFolder, settledRun } from '../support/lab-runs.js';
import { type NicName, type OpenvzNode, openvzNode } from '../support/openvz/node.js';

const WWW = '7fe94cf1-0000-4000-8000-000000000101';
const MAIL = '8ad02b31-0000-4000-8000-000000000102';
const [FIRST, SECOND, ADDED] = ['192.168.18.101', '192.168.18.102', '192.168.18.201'];
const folder = makeFolder();
let node: OpenvzNode;

beforeAll(async () => {
  node = await openvzNode('ve-pin-7', {
    version: '7',
    groups: ['nodes'],
    ves: [
      { id: WWW, name: 'www', addresses: [FIRST] },
      { id: MAIL, name: 'mail', addresses: [SECOND] },
    ],
  });
});
afterAll(async () => {
  folder.remove();
  await node?.lab.down();
});

function play(...tasks: readonly object[]): string[] {
  return [folder.write('pin.yml', [{ hosts: 'nodes', tasks }]), '-i', node.lab.inventory];
}

async function expectPinned(address: string, nic: NicName): Promise<void> {
  expect(await node.proxies(address)).toEqual([nic]);
  expect(await node.answering(address)).toEqual([nic]);
  expect(await node.carried(address)).toBe(`${nic}/${nic}`);
}

const PINS = [{ ve_pin: { ve: WWW, nic: 'eth3' } }, { ve_pin: { ve: 'mail', nic: 'eth4' } }];

test('by UUID and by name', async () => {
  expect(await node.answering(FIRST)).toEqual(['eth0', 'eth3', 'eth4']);
  await settledRun(play(...PINS));
  await expectPinned(FIRST, 'eth3');
  await expectPinned(SECOND, 'eth4');
  await node.inside(WWW, `ping -n -c 2 -i 0.1 -W 2 ${SECOND}`);
});

test('an address that a task gives is pinned in the same run, and one that it takes leaves nothing', async () => {
  const given = { ve: { ve: 'www', addresses: [ADDED] } };
  await settledRun(play(given, ...PINS));
  await expectPinned(ADDED, 'eth3');
  await settledRun(play({ ve: { ve: 'www', addresses: [ADDED], state: 'absent' } }, ...PINS));
  expect(await node.proxies(ADDED)).toEqual([]);
  expect(await node.run('ip rule')).not.toContain(ADDED);
  await expectPinned(FIRST, 'eth3');
});

test('it holds when the container restarts, and an unknown UUID is refused', async () => {
  await node.vzctl('restart', WWW);
  await expectPinned(FIRST, 'eth3');
  const stranger = WWW.replace('101', '999');
  const run = await runJson(play({ ve_pin: { ve: stranger, nic: 'eth3' } }));
  expect(problemsOf(run).join('\n')).toContain(`there is no container ${stranger} on this node`);
});

test('strict reverse-path filters don’t mind, nor does a move under them', async () => {
  const strict = { sysctl: { name: 'net.ipv4.conf.all.rp_filter', value: 1, file: null } };
  await settledRun(play(strict, ...PINS));
  await expectPinned(FIRST, 'eth3');
  await settledRun(play(strict, { ve_pin: { ves: ['www', 'mail'], nic: 'eth4' } }));
  await expectPinned(FIRST, 'eth4');
});
