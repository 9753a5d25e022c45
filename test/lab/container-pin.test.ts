/**
 * Containers of today's kinds pinned to NICs: those that the host routes to by rules and proxy ARP, those that are
 * ports of bridges by the bridge. What the wire shows before, after, when one moves, and when the pin goes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemsOf, runJson } from '../support/cli.js';
import { containerNode, guest, namespace, routed } from '../support/containers/node.js';
import { foretoldRun, makeFolder, settledRun } from '../support/lab-runs.js';
import { CLIENT, NICS, type NicName, type OpenvzNode } from '../support/openvz/node.js';

const folder = makeFolder();
const labs: OpenvzNode[] = [];
afterAll(async () => {
  folder.remove();
  for (const node of labs) await node.lab.down();
});

function play(node: OpenvzNode, ...tasks: readonly object[]): string[] {
  return [folder.write('pin.yml', [{ hosts: 'nodes', tasks }]), '-i', node.lab.inventory];
}
const pin = (container: string, nic: string, more: object = {}) => ({
  container_pin: { container, nic, ...more },
});
const unpin = (container: string) => ({ container_pin: { container, state: 'absent' } });

/** All that a pin may touch. That netplay's protocol has a name stays, and so do the addresses' lifetimes. */
async function stateOf(node: OpenvzNode): Promise<string> {
  return node.run(`for family in 4 6; do ip -$family rule; ip -$family route show table all | sort; done
ip neigh show proxy | sort; grep -r '' /proc/sys/net/ipv4/conf/*/arp_* /proc/sys/net/ipv4/conf/*/proxy_arp
ip -o link show | sed 's/^[0-9]*: \\([^:]*\\):.*\\(mtu [0-9]*\\).* master \\([^ ]*\\).*/\\1 \\2 \\3/;s/ state .*//'
ls /var/lib/netplay/pins.json 2>/dev/null || echo no record
find /etc -type f ! -path '*/rt_protos.d/netplay.conf' | sort | xargs sha256sum`);
}

/** Pings lost of those that are sent, one in ten milliseconds, while the tasks are run. */
async function lostMeanwhile(
  node: OpenvzNode,
  ping: { from: string; to: string },
  ...tasks: readonly object[]
): Promise<number> {
  const [host, prefix] = ping.from === 'client' ? ['client', ''] : ['node', `ip netns exec ${ping.from} `];
  await node.run(`${prefix}ping -n -c 1 -W 2 ${ping.to}`, host);
  const pings = node.run(`${prefix}ping -n -i 0.01 -c ${PINGS} -W 2 -q ${ping.to} || :`, host);
  const run = await runJson(play(node, ...tasks));
  expect(problemsOf(run)).toEqual([]);
  const [, received = '0'] = /(\d+) received/.exec(await pings) ?? [];
  return PINGS - Number(received);
}
const PINGS = 400;

async function refusal(node: OpenvzNode, task: object): Promise<string> {
  const run = await runJson(play(node, task));
  expect(run.code).toBe(2);
  return problemsOf(run).join('\n');
}

describe('routed', () => {
  const WEB = '192.168.18.101';
  const LXC = '192.168.18.102';
  const MACHINE = '192.168.18.103';
  const INNER = '10.0.3.5';
  const HALVES = [pin('web', 'eth3'), pin('shop', 'eth4'), pin('build', 'eth3'), pin('lan', 'eth4')];
  let node: OpenvzNode;
  let before = '';
  beforeAll(async () => {
    node = await containerNode(
      'pin-routed',
      {
        lxc: ['shop /run/shop', 'old', 'twice'],
        machines: [
          'build container systemd-nspawn /run/build',
          'host container systemd-nspawn /run/host',
          'qemu-1-db vm libvirt-qemu /run/build',
        ],
      },
      [
        ...routed('web', WEB),
        ...routed('shop', LXC, '/run/shop'),
        ...routed('build', MACHINE, '/run/build'),
        `ip route add ${WEB} dev vweb; ip route add ${LXC} dev vshop`,
        'echo 1 >/run/host; ip netns add twice',
        // As lxcbr0: the containers' own network, and the host its router.
        'ip link add lxcbr0 type bridge; ip addr add 10.0.3.1/24 dev lxcbr0; ip link set lxcbr0 up',
        ...namespace('lan', `ip addr add ${INNER}/24 dev eth0; ip route add default via 10.0.3.1`),
        'ip link set vlan master lxcbr0',
        `for dev in eth0 eth3 eth4; do ip neigh add proxy ${WEB} dev $dev; done`,
      ],
      ['10.0.3.0/24 via 192.168.18.12'],
    );
    labs.push(node);
    before = await stateOf(node);
  }, 120_000);

  async function expectPinned(address: string, nic: NicName): Promise<void> {
    expect(await node.proxies(address)).toEqual([nic]);
    expect(await node.answering(address)).toEqual([nic]);
    expect(await node.carried(address)).toBe(`${nic}/${nic}`);
    expect(await node.carried(address, { from: 'far' })).toBe(`${nic}/${nic}`);
  }

  test('before: three NICs answer, and eth0 carries it', async () => {
    expect(await node.answering(WEB)).toEqual(['eth0', 'eth3', 'eth4']);
    expect(await node.carried(WEB, { by: 'eth0' })).toBe('eth0/eth0');
  });

  test('each one’s traffic uses its NIC alone, in and out, and one MAC answers', async () => {
    await settledRun(play(node, ...HALVES));
    await expectPinned(WEB, 'eth3');
    await expectPinned(LXC, 'eth4');
    // Its route was missing.
    await expectPinned(MACHINE, 'eth3');
    await node.run(`ip netns exec web ping -n -c 3 -i 0.1 -W 2 ${LXC}`);
  });

  test('one on a network of its own goes out by its NIC, and nobody answers for it on the wire', async () => {
    expect(await node.proxies(INNER)).toEqual([]);
    expect(await node.carried(INNER, { from: 'far' })).toBe('eth4/eth4');
    await node.run(`ip netns exec lan ping -n -c 3 -i 0.1 -W 2 ${CLIENT.address}`);
  });

  test('moved to the other NIC under a running ping: no more than one ARP exchange is lost', async () => {
    const lost = await lostMeanwhile(node, { from: 'client', to: WEB }, pin('web', 'eth4'));
    expect(lost).toBeLessThanOrEqual(1);
    await expectPinned(WEB, 'eth4');
    await settledRun(play(node, pin('web', 'eth3')));
  });

  test('plain addresses', async () => {
    await settledRun(play(node, unpin('web')));
    await settledRun(play(node, { container_pin: { addresses: [WEB], nic: 'eth4' } }));
    await expectPinned(WEB, 'eth4');
    await settledRun(play(node, { container_pin: { addresses: [WEB], state: 'absent' } }));
    await settledRun(play(node, pin('web', 'eth3')));
    expect(await refusal(node, { container_pin: { addresses: [CLIENT.address], nic: 'eth3' } })).toContain(
      `no route tells where ${CLIENT.address} is: 192.168.18.0/24 is on the wire, by eth0`,
    );
  });

  test('unknown, ambiguous and shared ones are refused, and one that does not run is said', async () => {
    expect(await refusal(node, pin('wbe', 'eth3'))).toContain(
      'there is no container wbe on this host; did you mean web?',
    );
    expect(await refusal(node, pin('twice', 'eth3'))).toContain(
      'twice is the name of several on this host: lxc, netns',
    );
    expect(await refusal(node, pin('host', 'eth3'))).toContain("host uses the host's own network");
    expect(await refusal(node, pin('qemu-1-db', 'eth3'))).toContain('there is no container qemu-1-db');
    const run = await runJson(play(node, pin('old', 'eth3')));
    expect(problemsOf(run)).toEqual([]);
    expect(run.stdout).toContain('old does not run');
  });

  test('absent: all is as it was before', async () => {
    const { run } = await foretoldRun(play(node, ...['web', 'shop', 'build', 'lan'].map(unpin)));
    expect(problemsOf(run)).toEqual([]);
    expect(await stateOf(node)).toBe(before);
    expect(await node.answering(WEB)).toEqual(['eth0', 'eth3', 'eth4']);
  });
});

describe('bridged', () => {
  const WEB = '192.168.18.101';
  const GUEST = '192.168.18.105';
  const MAC = '52:54:00:aa:bb:05';
  let node: OpenvzNode;
  let before = '';
  beforeAll(async () => {
    node = await containerNode(
      'pin-bridged',
      { guests: [`db vnet0 br3 ${MAC} -`, 'off vnet9 br3 52:54:00:aa:bb:06 -'] },
      [
        'ip link add br3 type bridge; ip link add br4 type bridge',
        ...(['3', '4'] as const).flatMap((number) => [
          `ip addr flush dev eth${number}; ip link set eth${number} master br${number}; ip link set br${number} up`,
          `ip addr add ${NICS[`eth${number}`].address}/24 dev br${number}`,
        ]),
        ...namespace('web', `ip addr add ${WEB}/24 dev eth0; ip route add default via 192.168.18.1`),
        'ip link set vweb master br3',
        guest('vnet0', MAC, GUEST),
        'ip link set vnet0 master br3',
      ],
    );
    labs.push(node);
    before = await stateOf(node);
  }, 120_000);

  test('before: they use the NIC of the bridge that they are on', async () => {
    expect(await node.carried(GUEST)).toBe('eth3/eth3');
    expect(await node.carried(WEB, { from: 'far' })).toBe('eth3/eth3');
  });

  test('pinned to another NIC: ports of its bridge, and each answers with its own MAC alone', async () => {
    await settledRun(play(node, pin('db', 'eth4'), pin('web', 'eth4')));
    expect(await node.carried(GUEST)).toBe('eth4/eth4');
    expect(await node.carried(WEB, { from: 'far' })).toBe('eth4/eth4');
    expect(await node.answering(GUEST)).toEqual([MAC]);
    expect(await node.proxies(WEB)).toEqual([]);
    const assigned = await node.run('cat /sys/class/net/br4/addr_assign_type /sys/class/net/br4/address');
    expect(assigned).toBe(`3\n${NICS.eth4.mac}`);
  });

  test('moved back to the first, which is one changed word', async () => {
    const run = await settledRun(play(node, pin('db', 'eth3'), pin('web', 'eth4')));
    const changed = run.ends.flatMap(({ tasks }) => tasks.flatMap((task) => task.changes));
    expect(changed.map(({ address }) => address)).toEqual([
      'bridge br3 mac',
      'link vnet0 master',
      'pin_record libvirt db',
    ]);
    expect(await node.carried(GUEST)).toBe('eth3/eth3');
  });

  test('moved while it talks: the switch learns the way from what it sends', async () => {
    const lost = await lostMeanwhile(node, { from: 'web', to: CLIENT.address }, pin('web', 'eth3'));
    expect(lost).toBeLessThanOrEqual(2);
    expect(await node.carried(WEB, { from: 'far' })).toBe('eth3/eth3');
    await settledRun(play(node, pin('web', 'eth4')));
  });

  test('a NIC without a bridge is refused, and so is one that is not there', async () => {
    expect(await refusal(node, pin('db', 'eth0'))).toContain(
      'eth0 is no port of a bridge: db needs one there',
    );
    expect(await refusal(node, pin('db', 'eth9'))).toContain('no interface eth9 on this host');
  });

  test('a virsh that knows no domifaddr says all the same', async () => {
    await node.run('touch /etc/containers-stand-in/virsh-1.2');
    const run = await runJson(play(node, pin('db', 'eth3')));
    await node.run('rm /etc/containers-stand-in/virsh-1.2');
    expect(problemsOf(run)).toEqual([]);
    expect(run.ends.flatMap(({ tasks }) => tasks.flatMap((task) => task.changes))).toEqual([]);
  });

  test('absent: the ports are where they were before', async () => {
    const { run } = await foretoldRun(play(node, unpin('db'), unpin('web')));
    expect(problemsOf(run)).toEqual([]);
    expect(await stateOf(node)).toBe(before);
    expect(await node.carried(GUEST)).toBe('eth3/eth3');
  });
});
