/** Odd plays on an OpenVZ node: pins beside other intents, and containers that take over each other's addresses. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemsOf, runJson } from '../support/cli.js';
import { foretoldRun, makeFolder, settledRun } from '../support/lab-runs.js';
import { type OpenvzNode, openvzNode } from '../support/openvz/node.js';

const folder = makeFolder();
const SHARED = '192.168.18.150';

let node: OpenvzNode;
beforeAll(async () => {
  node = await openvzNode('ve-odd', {
    groups: ['nodes'],

    ves: [
      { id: 101, addresses: ['192.168.18.101'] },
      { id: 102, addresses: ['192.168.18.102'] },
      { id: 103, addresses: ['192.168.18.103'], onboot: false },
    ],
  });
}, 120_000);
afterAll(async () => {
  folder.remove();
  await node?.lab.down();
});

function play(...tasks: readonly object[]): string[] {
  return [folder.write('odd.yml', [{ hosts: 'nodes', tasks }]), '-i', node.lab.inventory];
}
const uplink = (dev: string, address: string, table: number) => ({
  ...{ dev, address: `${address}/24`, gateway: '192.168.18.1', table },
});
const MULTIHOME = {
  multihome: { uplinks: [uplink('eth0', '192.168.18.10', 600), uplink('eth3', '192.168.18.11', 603)] },
};

// The hook is written when all is confirmed: vzctl, which the same play calls, does not find it yet.
test('an address that is given in the same play, pins, and the uplinks of the node itself', async () => {
  await settledRun(
    play({ ve_pin: { ve: 101, nic: 'eth3' } }, { ve: { ve: 101, addresses: [SHARED] } }, MULTIHOME, {
      ve_pin: { ves: [102, 103], nic: 'eth4' },
    }),
  );
  expect(await node.proxies(SHARED)).toEqual(['eth3']);
  expect(await node.carried(SHARED)).toBe('eth3/eth3');
  expect(await node.carried('192.168.18.102')).toBe('eth4/eth4');
});

test('one container pinned to two NICs is refused', async () => {
  const { check } = await foretoldRun(
    play({ ve_pin: { ve: 101, nic: 'eth3' } }, { ve_pin: { ves: ['ve101'], nic: 'eth4' } }),
  );
  expect(problemsOf(check)).not.toEqual([]);
});

test('an address that a stopped container lost to another is pinned with that one', async () => {
  await node.vzctl('stop', 101);
  await node.vzctl('set', 101, '--ipdel', SHARED, '--save');
  await node.vzctl('set', 102, '--ipadd', SHARED, '--save');
  expect(await node.proxies(SHARED)).toEqual(['eth4']);
  expect(await node.carried(SHARED)).toBe('eth4/eth4');
});

test('its former container is unpinned, and it stays', async () => {
  await settledRun(play({ ve_pin: { ve: 102, nic: 'eth4' } }));
  await settledRun(play({ ve_pin: { ve: 101, state: 'absent' } }));
  expect(await node.proxies(SHARED)).toEqual(['eth4']);
  expect(await node.carried(SHARED)).toBe('eth4/eth4');
});

test('moved by a play from a container that stops to be pinned', async () => {
  await node.vzctl('start', 101);
  const run = await runJson(
    play(
      { ve: { ve: 102, addresses: [SHARED], state: 'absent' } },
      { ve: { ve: 101, addresses: [SHARED] } },
      { ve_pin: { ve: 102, state: 'absent' } },
      { ve_pin: { ve: 101, nic: 'eth3' } },
    ),
  );
  expect(problemsOf(run)).toEqual([]);
  expect(await node.carried(SHARED)).toBe('eth3/eth3');
});

test('all pins and uplinks go', async () => {
  await settledRun(
    play(
      { multihome: { ...MULTIHOME.multihome, state: 'absent' } },
      { ve_pin: { ves: ['*'], state: 'absent' } },
    ),
  );
  expect(
    await node.run('ip rule | wc -l; ip route show table all | grep -c "proto 201\\|netplay" || :'),
  ).toBe('3\n0');
});
