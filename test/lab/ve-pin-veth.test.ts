/** Pins of containers with veth pairs: their bridge is the one over the NIC, whose MAC stays what it was. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder, settledRun } from '../support/lab-runs.js';
import { GATEWAY, NICS, type OpenvzNode, openvzNode } from '../support/openvz/node.js';

const [FIRST, VENET] = ['192.168.18.105', '192.168.18.106'];
const MAC = '52:54:00:18:01:05';
const folder = makeFolder();
let node: OpenvzNode;

beforeAll(async () => {
  node = await openvzNode('ve-pin-veth', {
    groups: ['nodes'],
    run: ['ip link add name vmbr0 type bridge && ip link set dev vmbr0 up'],
    ves: [
      {
        id: 105,
        netif: `ifname=eth0,bridge=vmbr0,mac=${MAC},host_ifname=veth105.0,host_mac=fe:54:00:18:01:05`,
        inside: `ip link set dev eth0 up; ip address add ${FIRST}/24 dev eth0; ip route replace default via ${GATEWAY} dev eth0; ip link set dev venet0 down`,
      },
      { id: 106, addresses: [VENET] },
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

const bridgeMac = async (name: string): Promise<string> => node.run(`cat /sys/class/net/${name}/address`);

async function expectInBridge(name: string, nic: 'eth3' | 'eth4'): Promise<void> {
  expect(await node.run(`basename $(readlink /sys/class/net/veth105.0/master)`)).toBe(name);
  expect(await bridgeMac(name)).toBe(NICS[nic].mac);
  expect(await node.answering(FIRST)).toEqual([MAC]);
  expect(await node.carried(FIRST)).toBe(`${nic}/${nic}`);
}

test('before: nobody reaches a container whose bridge has no NIC', async () => {
  expect(await node.carried(FIRST)).toBe('dead');
});

test('a bridge over the NIC is made, with its MAC and its address, and the pair moves there', async () => {
  await settledRun(play({ ve_pin: { ve: 105, nic: 'eth3' } }));
  await expectInBridge('br_eth3', 'eth3');
  // The node's own address there goes on working.
  expect(await node.carried(NICS.eth3.address)).not.toBe('dead');
});

test('it is there when the container restarts, and the bridge has the same MAC', async () => {
  await node.vzctl('restart', 105);
  await expectInBridge('br_eth3', 'eth3');
  await settledRun(play({ ve_pin: { ve: 105, nic: 'eth3' } }));
});

test('a container with venet beside it is pinned to the bridge', async () => {
  await settledRun(play({ ve_pin: { ves: [105, 106], nic: 'eth3' } }));
  await expectInBridge('br_eth3', 'eth3');
  expect(await node.proxies(VENET)).toEqual(['br_eth3']);
  expect(await node.carried(VENET)).toBe('eth3/eth3');
});

test('moved to another NIC', async () => {
  await settledRun(play({ ve_pin: { ve: 105, nic: 'eth4' } }));
  await expectInBridge('br_eth4', 'eth4');
});
