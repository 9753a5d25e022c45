/**
 * The document's own scenario, by hand-typed commands and before netplay has any part in it: a container that shall
 * use eth3 alone, from the flux to the pin, state by state as section 8.2 of the reference has them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT, GATEWAY, NETWORK, NIC_NAMES, type OpenvzNode, openvzNode } from '../support/openvz/node.js';

const VE = '192.168.18.101';
const OTHER = '192.168.18.102';
const THIRD = '192.168.18.103';
const ALL = ['eth0', 'eth3', 'eth4'];

let node: OpenvzNode;

beforeAll(async () => {
  node = await openvzNode('openvz', {
    ves: [
      { id: 101, addresses: [VE] },
      { id: 102, addresses: [OTHER] },
      { id: 103, addresses: [THIRD], onboot: false },
    ],
  });
});
afterAll(() => node?.lab.down());

const answers = async (address: string): Promise<string> => (await node.answering(address)).join(' ');

describe.sequential('section 8.2, row by row, for one container', () => {
  test('vzctl’s default: all three NICs answer for it, and whichever the client takes, the reply leaves by eth0', async () => {
    expect(await answers(VE)).toBe('eth0 eth3 eth4');
    expect(await node.proxies(VE)).toEqual([...ALL, 'mgmt0']);
    for (const by of NIC_NAMES) expect(await node.carried(VE, { by })).toBe(`${by}/eth0`);
    expect(await node.carried(VE, { from: 'far', by: 'eth4' })).toBe('eth4/eth0');
    expect(await node.carriedFrom(101, CLIENT.address)).toMatch(/^eth[034]\/eth0$/);
  });

  test('the node’s own address too, as in the document’s capture', async () => {
    expect(await answers('192.168.18.10')).toBe('eth0 eth3 eth4');
    expect(await node.carried('192.168.18.10', { by: 'eth4' })).toBe('eth4/eth0');
  });

  test('arp_ignore=1 and arp_announce=2 cure the node’s own address, not the container’s', async () => {
    await node.run('cd /proc/sys/net/ipv4/conf/all; echo 1 >arp_ignore; echo 2 >arp_announce');
    expect(await answers(VE)).toBe('eth0 eth3 eth4');
    expect(await answers('192.168.18.10')).toBe('eth0');
    expect(await answers('192.168.18.12')).toBe('eth4');
  });

  test('the proxy entry left on eth3 alone: in by eth3, out by eth0', async () => {
    for (const dev of ['eth0', 'eth4', 'mgmt0']) await node.run(`ip neigh del proxy ${VE} dev ${dev}`);
    expect(await answers(VE)).toBe('eth3');
    expect(await node.carried(VE)).toBe('eth3/eth0');
  });

  test('a source rule and a table with the connected network and the default: in and out by eth3', async () => {
    await node.run(`set -e
      ip route add ${NETWORK} dev eth3 table 503
      ip route add default via ${GATEWAY} dev eth3 table 503
      ip rule add from ${VE} table 503 priority 503`);
    expect(await answers(VE)).toBe('eth3');
    expect(await node.carried(VE)).toBe('eth3/eth3');
    expect(await node.carried(VE, { from: 'far' })).toBe('eth3/eth3');
    expect(await node.carriedFrom(101, CLIENT.address)).toBe('eth3/eth3');
  });

  test('the other container still has the flux', async () => {
    expect(await answers(OTHER)).toBe('eth0 eth3 eth4');
    expect(await node.carried(OTHER, { by: 'eth4' })).toBe('eth4/eth0');
  });

  test('containers of the node reach each other only where table or rule know them', async () => {
    const ping = `ping -n -c 2 -i 0.2 -W 1 ${OTHER} >/dev/null && echo reached || echo lost`;
    await node.run(`for dev in ${ALL.join(' ')} mgmt0; do ip neigh del proxy ${OTHER} dev $dev; done
      ip neigh add proxy ${OTHER} dev eth3; ip neigh flush all`);
    // The question goes out by eth3, where the node, whose answer it would be, does not hear itself.
    expect(await node.inside(101, ping)).toBe('lost');
    await node.run(`ip route add ${OTHER} dev venet0 table 503`);
    expect(await node.inside(101, ping)).toBe('reached');
    await node.run(`ip route del ${OTHER} dev venet0 table 503; ip neigh flush all`);
    expect(await node.inside(101, ping)).toBe('lost');
    await node.run(`ip rule add to ${OTHER} table main priority 500`);
    expect(await node.inside(101, ping)).toBe('reached');
    await node.run('ip rule del priority 500');
  });

  test('rp_filter=1 leaves it as it is', async () => {
    await node.run('echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter');
    expect(await answers(VE)).toBe('eth3');
    expect(await node.carried(VE)).toBe('eth3/eth3');
  });

  test('iif venet0 in place of the source: in and out by eth3, but for every container', async () => {
    await node.run('ip rule del priority 503; ip rule add iif venet0 table 503 priority 503');
    for (const strict of [1, 0]) {
      await node.run(`echo ${strict} >/proc/sys/net/ipv4/conf/all/rp_filter`);
      expect(await node.carried(VE)).toBe('eth3/eth3');
    }
    expect(await answers(VE)).toBe('eth3');
    expect(await node.carriedFrom(102, CLIENT.address)).toBe('eth3/eth3');
  });

  test('iif eth3: nobody answers, until the table has the container’s own route', async () => {
    await node.run(`ip rule add from ${VE} table 503 priority 503
      ip rule del iif venet0 priority 503
      ip rule add iif eth3 table 503 priority 502`);
    expect(await answers(VE)).toBe('');
    expect(await node.carried(VE)).toBe('dead');
    await node.run(`ip route add ${VE} dev venet0 table 503`);
    expect(await answers(VE)).toBe('eth3');
    expect(await node.carried(VE)).toBe('eth3/eth3');
  });

  test('a restart, with the container’s route in the table too: vzctl finds that one and leaves main without', async () => {
    await node.run('ip rule del priority 502');
    expect(await node.run(`ip route show table main ${VE}`)).toContain(`${VE} dev venet0`);
    expect(await node.carried(VE)).toBe('eth3/eth3');
    await node.vzctl('restart', 101);
    expect(await node.run(`ip route show table main ${VE}`)).toBe('');
    expect(await node.carried(VE, { by: 'eth3' })).toBe('dead');
  });

  test('a restart without it: the flux is back; rp_filter=1 beside the source rule hides it', async () => {
    await node.run(`ip route del ${VE} dev venet0 table 503`);
    await node.vzctl('restart', 101);
    expect(await node.proxies(VE)).toEqual([...ALL, 'mgmt0']);
    expect(await answers(VE)).toBe('eth0 eth3 eth4');
    await node.run('echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter');
    expect(await answers(VE)).toBe('eth3');
  });

  test('a reboot leaves nothing of what was typed, and starts those with ONBOOT', async () => {
    await node.reboot();
    expect(
      await node.run(
        'ip rule; ip route show table 503 2>/dev/null; cat /proc/sys/net/ipv4/conf/all/arp_ignore',
      ),
    ).toMatch(/^0:\tfrom all lookup local\s+\d+:\tfrom all lookup main\s+\d+:\tfrom all lookup default\s+0$/);
    expect(await node.run('vzlist -a -H -o ctid,status')).toBe(
      '101 running\n       102 running\n       103 stopped',
    );
    expect(await node.carried(VE, { by: 'eth3' })).toBe('eth3/eth0');
    expect(await node.carried(OTHER, { from: 'far', by: 'eth4' })).toBe('eth4/eth0');
  });
});
