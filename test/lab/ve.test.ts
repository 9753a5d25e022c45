/**
 * `ve` on a node with the stand-ins of vzctl, vzlist and prlctl, by whole runs: what check foretells, what the run does to
 * the container's file, the container and the node, and that the undo brings all of it back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labUp, type StartedLab } from '../../src/lab/index.js';
import { changesByHost, eventsOf, problemsOf, type RunReport, runJson } from '../support/cli.js';
import { type Folder, foretoldRun, makeFolder, ownName } from '../support/lab-runs.js';
import { OpenvzNode, openvzHosts } from '../support/openvz/node.js';

const UUID = '5b01ac1d-4a4b-4d2a-8a0e-1f5a3c7d9e11';
const OTHER_UUID = '9f3c0b52-77aa-4f0e-9a55-0c1d2e3f4a5b';
const NET = '192.168.18';

let lab: StartedLab;
let node: OpenvzNode;
let seven: OpenvzNode;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('ve'),
    hosts: {
      ...openvzHosts({
        ves: [
          { id: 101, name: 'web', hostname: 'web.example', addresses: [`${NET}.101`, `${NET}.111`] },
          { id: 102, addresses: [`${NET}.102`], onboot: false },
          { id: 103, addresses: [`${NET}.103`] },
          {
            id: 105,
            netif:
              'ifname=eth0,bridge=vmbr0,mac=00:18:51:aa:00:01,host_ifname=veth105.0,host_mac=00:18:51:00:00:02',
          },
        ],
        run: [0, 1].map((n) => `ip link add vmbr${n} address 52:54:00:00:ff:0${n} type bridge`),
      }),
      ...openvzHosts(
        {
          version: '7',
          ves: [
            { id: UUID, name: 'db', addresses: [`${NET}.101`] },
            { id: OTHER_UUID, addresses: [`${NET}.102`], onboot: false },
          ],
        },
        '7',
      ),
    },
  });
  node = new OpenvzNode(lab);
  seven = new OpenvzNode(lab, '7');
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

function play(tasks: readonly unknown[], host = 'node'): string[] {
  return [folder.write('ve.yml', [{ hosts: host, tasks }]), '-i', lab.inventory];
}

/** Lines of containers' files in any order, empty settings left out; what the kernel learned by itself left out. */
const STATE = `for f in /etc/vz/conf/*; do echo "$f"; grep . "$f" | grep -v '=""$' | sort; done
ls -l /etc/vz/names | sed 's/.* \\([^ ]* -> .*\\)/\\1/'
ip neigh show proxy | sort
for family in 4 6; do ip -$family route show table all | sort; done
ip -o link | sed 's/^[0-9]*: //; s/@[^:]*//; s/ qdisc .*//' | sort
for id in $(vzlist -H -o ctid); do
  vzctl exec2 $id 'ip -o address show dev venet0 | cut -d " " -f 2-8; hostname'
done`;

const stateOf = (host = node): Promise<string> => host.run(STATE);

/** Changes as they are shown. */
function shown(report: RunReport): string[] {
  return Object.values(changesByHost(report))
    .flat()
    .map(({ address, before, after }) => `${address}: ${before} -> ${after}`);
}

interface Undone {
  /** Of each host, once the task is done. */
  during: string;
}

/** A run as foretold, which leaves nothing for a second one, and is taken back: all is as it was then. */
async function madeAndUndone(
  task: unknown,
  changes: readonly string[],
  look: () => Promise<string> = async () => '',
  host = node,
  name = 'node',
): Promise<Undone> {
  const before = await stateOf(host);
  const { run } = await foretoldRun(play([task], name));
  expect(problemsOf(run)).toEqual([]);
  expect(shown(run)).toEqual(changes);
  const during = await look();
  const again = await runJson(play([task], name));
  expect(problemsOf(again)).toEqual([]);
  expect(shown(again)).toEqual([]);
  const back = await eventsOf(['rollback', name, '-i', lab.inventory]);
  expect(problemsOf(back)).toEqual([]);
  expect(back.code).toBe(0);
  expect(await stateOf(host)).toBe(before);
  return { during };
}

describe.sequential('vzctl 4', () => {
  test('an address: file, container, route and proxy entries', async () => {
    const address = `${NET}.121`;
    const { during } = await madeAndUndone(
      { ve: { ve: 101, addresses: [`${NET}.111`, address] } },
      [`ve 101 addresses: ${NET}.101 ${NET}.111 -> ${NET}.101 ${NET}.111 ${address}`],
      async () =>
        [
          await node.run('grep IP_ADDRESS /etc/vz/conf/101.conf; vzlist -H -o ip 101'),
          await node.run(`ip route show ${address}`),
          (await node.proxies(address)).join(' '),
        ].join('\n'),
    );
    expect(during).toBe(
      [
        `IP_ADDRESS="${NET}.101 ${NET}.111 ${address}"`,
        `${NET}.101 ${NET}.111 ${address}`,
        `${address} dev venet0 scope link src ${NET}.10`,
        'eth0 eth3 eth4 mgmt0',
      ].join('\n'),
    );
  });

  test('exactly these: what is surplus goes, and the undo has them in their order, behind a pin by hand too', async () => {
    await node.run(`for dev in eth0 eth4 mgmt0; do ip neigh del proxy ${NET}.101 dev $dev; done`);
    const { during } = await madeAndUndone(
      { ve: { ve: 'web', addresses: [`${NET}.111`], exclusive: true } },
      [`ve 101 addresses: ${NET}.101 ${NET}.111 -> ${NET}.111`],
      async () =>
        `${await node.run(`vzlist -H -o ip 101; ip route show ${NET}.101`)} ${await node.proxies(`${NET}.101`)}`,
    );
    expect(during.trim()).toBe(`${NET}.111`);
    expect(await node.proxies(`${NET}.101`)).toEqual(['eth3']);
    await node.vzctl('restart', 101);
  });

  test('null: none at all; absent: those that are given', async () => {
    await madeAndUndone({ ve: { ve: 101, addresses: null } }, [
      `ve 101 addresses: ${NET}.101 ${NET}.111 -> none`,
    ]);
    await madeAndUndone({ ve: { ve: 101, addresses: [`${NET}.111`, `${NET}.9`], state: 'absent' } }, [
      `ve 101 addresses: ${NET}.101 ${NET}.111 -> ${NET}.101`,
    ]);
  });

  test('IPv6', async () => {
    await node.run('ip address add 2001:db8::10/64 dev eth3 nodad');
    const { during } = await madeAndUndone(
      { ve: { ve: 101, addresses: ['2001:DB8::0101'] } },
      [`ve 101 addresses: ${NET}.101 ${NET}.111 -> ${NET}.101 ${NET}.111 2001:db8::101`],
      () => node.run('ip -6 route show 2001:db8::101; ip neigh show proxy 2001:db8::101'),
    );
    expect(during).toContain('2001:db8::101 dev venet0 metric 1024');
    await node.run('ip address del 2001:db8::10/64 dev eth3');
  });

  test('a stopped container: its file alone', async () => {
    const { during } = await madeAndUndone(
      { ve: { ve: 102, addresses: [`${NET}.122`] } },
      [`ve 102 addresses: ${NET}.102 -> ${NET}.102 ${NET}.122`],
      async () =>
        `${await node.run(`grep IP_ADDRESS /etc/vz/conf/102.conf; ip route show ${NET}.122`)} ${await node.proxies(`${NET}.122`)}`,
    );
    expect(during.trim()).toBe(`IP_ADDRESS="${NET}.102 ${NET}.122"`);
  });

  test('what runs without being saved, and what is saved without running', async () => {
    await node.run(`vzctl set 101 --ipadd ${NET}.131; vzctl set 101 --ipdel ${NET}.111`);
    await madeAndUndone({ ve: { ve: 101, addresses: [`${NET}.111`, `${NET}.131`] } }, [
      `ve 101 addresses: ${NET}.101 ${NET}.131; in its file: ${NET}.101 ${NET}.111 -> ${NET}.101 ${NET}.111 ${NET}.131`,
    ]);
    await madeAndUndone({ ve: { ve: 101, addresses: [`${NET}.101`], exclusive: true } }, [
      `ve 101 addresses: ${NET}.101 ${NET}.131; in its file: ${NET}.101 ${NET}.111 -> ${NET}.101`,
    ]);
    await node.vzctl('restart', 101);
  });

  const devices: [setting: string, proxies: string[]][] = [
    ['"list:eth3 eth4 eth9"', ['eth3', 'eth4']],
    ['detect', ['eth0']],
    ['none', []],
  ];
  test.each(devices)(
    'NEIGHBOUR_DEVS=%s is foretold, for a later task of the play too',
    async (setting, proxies) => {
      const address = `${NET}.121`;
      await node.run(`echo 'NEIGHBOUR_DEVS=${setting}' >>/etc/vz/vz.conf`);
      const { during } = await madeAndUndone(
        { ve: { ve: 101, addresses: [address] } },
        [`ve 101 addresses: ${NET}.101 ${NET}.111 -> ${NET}.101 ${NET}.111 ${address}`],
        async () => (await node.proxies(address)).join(' '),
      );
      expect(during).toBe(proxies.join(' '));
      const pinned = [
        { ve: { ve: 101, addresses: [address] } },
        { neighbour: { dst: address, dev: 'eth3', proxy: true, exclusive: true } },
      ];
      const { run } = await foretoldRun(play(pinned));
      expect(problemsOf(run)).toEqual([]);
      expect(await node.proxies(address)).toEqual(['eth3']);
      expect(shown(await runJson(play(pinned)))).toEqual([]);
      await node.run("sed -i '/^NEIGHBOUR_DEVS/d' /etc/vz/vz.conf");
      // The entries that an older setting made go with the address.
      expect(
        problemsOf(await runJson(play([{ ve: { ve: 101, addresses: [address], state: 'absent' } }]))),
      ).toEqual([]);
      expect(await node.proxies(address)).toEqual([]);
    },
  );

  test('entries of an older NEIGHBOUR_DEVS, which vzctl would leave, go with their address, and come back', async () => {
    await node.run(`echo 'NEIGHBOUR_DEVS=list:eth4' >>/etc/vz/vz.conf`);
    const { during } = await madeAndUndone(
      { ve: { ve: 101, addresses: [`${NET}.111`], state: 'absent' } },
      [`ve 101 addresses: ${NET}.101 ${NET}.111 -> ${NET}.101`],
      async () => (await node.proxies(`${NET}.111`)).join(' '),
    );
    expect(during).toBe('');
    expect(await node.proxies(`${NET}.111`)).toEqual(['eth0', 'eth3', 'eth4', 'mgmt0']);
    await node.run("sed -i '/^NEIGHBOUR_DEVS/d' /etc/vz/vz.conf");
  });

  test('names, resolvers and onboot; what was not there is not there again', async () => {
    const { during } = await madeAndUndone(
      {
        ve: {
          ...{ ve: 102, hostname: 'db.example.org', name: 'db one', nameservers: [`${NET}.1`, 'inherit'] },
          ...{ searchdomains: ['example.org', 'example.net'], onboot: true },
        },
      },
      [
        've 102 hostname: ve102 -> db.example.org',
        've 102 name: none -> db one',
        `ve 102 nameservers: none -> ${NET}.1 inherit`,
        've 102 searchdomains: none -> example.org example.net',
        've 102 onboot: no -> yes',
      ],
      () => node.run('sort /etc/vz/conf/102.conf; vzctl status "db one"'),
    );
    expect(during).toBe(`HOSTNAME="db.example.org"
IP_ADDRESS="${NET}.102"
NAME="db one"
NAMESERVER="${NET}.1 inherit"
ONBOOT="yes"
OSTEMPLATE="debian-8.0-x86_64"
SEARCHDOMAIN="example.org example.net"
CTID 102 exist unmounted down`);
  });

  test('of one that runs; null takes away', async () => {
    await node.run('vzctl set 101 --nameserver 10.0.0.1 --nameserver 10.0.0.2 --save');
    const { during } = await madeAndUndone(
      { ve: { ve: 101, hostname: 'other.example', name: null, nameservers: null } },
      [
        've 101 hostname: web.example -> other.example',
        've 101 name: web -> none',
        've 101 nameservers: 10.0.0.1 10.0.0.2 -> none',
      ],
      () =>
        node.run('vzctl exec2 101 hostname; grep -c NAMESERVER /etc/vz/conf/101.conf || :; ls /etc/vz/names'),
    );
    expect(during).toBe('other.example\n0');
  });

  test('a pair of veth for one that runs: made in its bridge, and taken away again', async () => {
    const { during } = await madeAndUndone(
      { ve: { ve: 105, netifs: [{ ifname: 'eth1', mac: '52:54:00:00:01:05', bridge: 'vmbr1' }] } },
      [
        've 105 netif eth1: null -> mac=52:54:00:00:01:05 host_ifname=veth105.1 host_mac=fe:54:00:00:01:05 bridge=vmbr1',
      ],
      async () =>
        `${await node.run('ls /sys/class/net/vmbr1/brif')} ${await node.inside(105, 'cat /sys/class/net/eth1/address')}`,
    );
    expect(during).toBe('veth105.1 52:54:00:00:01:05');
  });

  test('a pair in place: its end on the node moves to another bridge under the container', async () => {
    const { during } = await madeAndUndone(
      { ve: { ve: 105, netifs: [{ ifname: 'eth0', bridge: 'vmbr1', host_mac: 'fe:18:51:aa:00:01' }] } },
      [
        've 105 netif eth0: mac=00:18:51:aa:00:01 host_ifname=veth105.0 host_mac=00:18:51:00:00:02 bridge=vmbr0 -> mac=00:18:51:aa:00:01 host_ifname=veth105.0 host_mac=fe:18:51:aa:00:01 bridge=vmbr1',
      ],
      () =>
        node.run(
          'ls /sys/class/net/vmbr1/brif; cat /sys/class/net/veth105.0/address; grep NETIF /etc/vz/conf/105.conf',
        ),
    );
    expect(during).toBe(
      'veth105.0\nfe:18:51:aa:00:01\nNETIF="ifname=eth0,bridge=vmbr1,mac=00:18:51:aa:00:01,host_ifname=veth105.0,host_mac=fe:18:51:aa:00:01"',
    );
  });

  test('a pair that is surplus goes from a container that runs, and comes back into its bridge', async () => {
    const { during } = await madeAndUndone(
      { ve: { ve: 105, netifs: [], exclusive: true } },
      [
        've 105 netif eth0: mac=00:18:51:aa:00:01 host_ifname=veth105.0 host_mac=00:18:51:00:00:02 bridge=vmbr0 -> null',
      ],
      () => node.run('ls /sys/class/net/vmbr0/brif; grep NETIF /etc/vz/conf/105.conf'),
    );
    expect(during).toBe('NETIF=""');
    expect(await node.run('ls /sys/class/net/vmbr0/brif')).toBe('veth105.0');
  });

  test('what a file holds is text, to the undo too', async () => {
    const hostile = "$(touch /tmp/owned);`touch /tmp/owned`'";
    await node.run(`sed -i '/^HOSTNAME/d' /etc/vz/conf/102.conf; cat >>/etc/vz/conf/102.conf <<'END'
HOSTNAME="${hostile}"
END`);
    await madeAndUndone({ ve: { ve: 102, hostname: 'plain' } }, [`ve 102 hostname: ${hostile} -> plain`]);
    expect(await node.run('ls /tmp/owned 2>/dev/null || echo none')).toBe('none');
    await node.run('vzctl set 102 --hostname ve102 --save');
  });

  test('of a stopped one: all of a pair, with a bridge that it did not have', async () => {
    await node.run("vzctl stop 105; sed -i 's/bridge=vmbr0,//' /etc/vz/conf/105.conf");
    const netif = { ifname: 'eth0', mac: '52:54:00:00:01:05', host_ifname: 'c105', bridge: 'vmbr1' };
    const { during } = await madeAndUndone(
      { ve: { ve: 105, netifs: [netif] } },
      [
        've 105 netif eth0: mac=00:18:51:aa:00:01 host_ifname=veth105.0 host_mac=00:18:51:00:00:02 -> mac=52:54:00:00:01:05 host_ifname=c105 host_mac=00:18:51:00:00:02 bridge=vmbr1',
      ],
      () => node.run('grep NETIF /etc/vz/conf/105.conf'),
    );
    expect(during).toBe(
      'NETIF="ifname=eth0,bridge=vmbr1,mac=52:54:00:00:01:05,host_ifname=c105,host_mac=00:18:51:00:00:02"',
    );
    await madeAndUndone({ ve: { ve: 105, netifs: null } }, [
      've 105 netif eth0: mac=00:18:51:aa:00:01 host_ifname=veth105.0 host_mac=00:18:51:00:00:02 -> null',
    ]);
  });

  test.each(['kernel', 'old', 'absent'] as const)('a vzlist that fails: %s', async (fault) => {
    await node.vzlistFails(fault);
    try {
      await node.run('printf "IP_ADDRESS=\\"1.2.3.4\\"\\n" >/etc/vz/conf/999.conf');
      const gone = await runJson(play([{ ve: { ve: 999, addresses: [`${NET}.121`] } }]));
      expect(problemsOf(gone)).toEqual([expect.stringContaining('there is no container 999')]);
      const wish = { ve: { ve: 101, addresses: [`${NET}.121`] } };
      const { run } = await foretoldRun(play([wish]));
      expect(problemsOf(run)).toEqual([]);
      expect(await node.proxies(`${NET}.121`)).toEqual(['eth0', 'eth3', 'eth4', 'mgmt0']);
      expect(shown(await runJson(play([wish])))).toEqual([]);
      const back = await eventsOf(['rollback', 'node', '-i', lab.inventory]);
      expect(problemsOf(back)).toEqual([]);
      expect(await node.proxies(`${NET}.121`)).toEqual([]);
    } finally {
      await node.vzlistFails(null);
      await node.run('rm -f /etc/vz/conf/999.conf');
    }
  });

  const refused: [task: Record<string, unknown>, message: string][] = [
    [{ ve: 999, addresses: [`${NET}.121`] }, 'there is no container 999 on this node'],
    [{ ve: 'wbe', hostname: 'x' }, 'there is no container wbe on this node; did you mean web?'],
    [{ ve: OTHER_UUID, hostname: 'x' }, `there is no container ${OTHER_UUID} on this node`],
    [{ ve: '0', hostname: 'x' }, '0 is the node itself, not a container'],
    [{ ve: 101, addresses: [`${NET}.10`] }, `${NET}.10 is the node's own, on eth0`],
    [{ ve: 101, addresses: [`${NET}.103`] }, `${NET}.103 is container 103's`],
    [{ ve: 102, name: 'web' }, 'web is the name of container 101 already'],
    [{ ve: 101, netifs: [{ ifname: 'eth0', bridge: 'vmbr9' }] }, 'there is no device vmbr9 on this host'],
  ];
  test.each(refused)('refuses %j', async (task, message) => {
    const files = 'ls /etc/vz/conf /etc/vz/names; sha256sum /etc/vz/conf/*';
    const before = await node.run(files);
    for (const extra of [['--check'], []]) {
      const run = await runJson([...play([{ ve: task }]), ...extra]);
      expect(problemsOf(run)).toEqual([expect.stringContaining(message)]);
    }
    expect(await node.run(files)).toBe(before);
  });

  test('a vzctl that fails half-way: all is as before', async () => {
    await lab.exec('client', ['ip', 'address', 'add', `${NET}.150/24`, 'dev', 'eth0']);
    await node.run(
      "sed -i 's/^SKIP_ARPDETECT.*/SKIP_ARPDETECT=no/' /etc/vz/vz.conf; echo ERROR_ON_ARPFAIL=yes >>/etc/vz/vz.conf",
    );
    const before = await stateOf();
    const tasks = [{ ve: { ve: 101, hostname: 'other' } }, { ve: { ve: 101, addresses: [`${NET}.150`] } }];
    const run = await runJson(play(tasks));
    expect(run.code).toBe(2);
    expect(problemsOf(run)[0]).toContain('192.168.18.150');
    expect(await stateOf()).toBe(before);
    await node.run("sed -i -e '/^ERROR_ON/d' -e 's/^SKIP_ARPDETECT.*/SKIP_ARPDETECT=yes/' /etc/vz/vz.conf");
    await lab.exec('client', ['ip', 'address', 'del', `${NET}.150/24`, 'dev', 'eth0']);
  });
});

describe.sequential('OpenVZ 7', () => {
  const undone = (task: unknown, changes: readonly string[], look: () => Promise<string>): Promise<Undone> =>
    madeAndUndone(task, changes, look, seven, 'node7');

  test('by UUID and prlctl: proxy entries on all NICs, the route by the container’s own veth', async () => {
    const address = `${NET}.121`;
    const { during } = await undone(
      { ve: { ve: `{${UUID}}`, addresses: [address] } },
      [`ve ${UUID} addresses: ${NET}.101 -> ${NET}.101 ${address}`],
      async () => `${await seven.run(`ip route show ${address}`)}\n${await seven.proxies(address)}`,
    );
    expect(during).toBe(
      `${address} dev veth5b01ac1d scope link src ${NET}.10 \neth0,eth3,eth4,mgmt0`.replace(' \n', '\n'),
    );
  });

  test('by name; what prlctl has no word for goes by vzctl; the file is a link and stays one', async () => {
    const { during } = await undone(
      { ve: { ve: 'db', addresses: null, hostname: 'db.example.org', searchdomains: ['example.org'] } },
      [
        `ve ${UUID} addresses: ${NET}.101 -> none`,
        `ve ${UUID} hostname: ve${UUID} -> db.example.org`,
        `ve ${UUID} searchdomains: none -> example.org`,
      ],
      () =>
        seven.run(
          `readlink /etc/vz/conf/${UUID}.conf; vzlist -H -o ip ${UUID}; ip neigh show proxy ${NET}.101`,
        ),
    );
    expect(during).toBe(`/vz/private/${UUID}/ve.conf\n-`);
    expect(await seven.run(`readlink /etc/vz/conf/${UUID}.conf`)).toBe(`/vz/private/${UUID}/ve.conf`);
  });
});

test('a host that is no OpenVZ node', async () => {
  const run = await runJson([
    folder.write('local.yml', [{ hosts: 'node', tasks: [{ ve: { ve: 101, hostname: 'x' } }] }]),
    ...['-i', lab.inventory],
  ]);
  expect(run.code).toBe(0);
  await node.run('mv /etc/vz/vz.conf /etc/vz/vz.conf.away');
  const none = await runJson(play([{ ve: { ve: 101, hostname: 'x' } }]));
  await node.run('mv /etc/vz/vz.conf.away /etc/vz/vz.conf');
  expect(problemsOf(none)).toEqual([expect.stringContaining('this host is no OpenVZ node')]);
});
