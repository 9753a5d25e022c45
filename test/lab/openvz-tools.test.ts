/** The stand-ins of vzctl, vzlist and prlctl: outputs, exit codes and effects as section 8 of the reference has them. */
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labUp, type StartedLab } from '../../src/lab/index.js';
import { ownName } from '../support/lab-runs.js';
import { CLIENT, NICS, OpenvzNode, openvzHosts } from '../support/openvz/node.js';

const UUID = '5b01ac1d-4a4b-4d2a-8a0e-1f5a3c7d9e11';
const OTHER_UUID = '9f3c0b52-77aa-4f0e-9a55-0c1d2e3f4a5b';
const VETH =
  'ifname=eth0,bridge=vmbr0,mac=00:18:51:aa:00:01,host_ifname=veth105.0,host_mac=00:18:51:00:00:02';

let lab: StartedLab;
let node: OpenvzNode;
let seven: OpenvzNode;

beforeAll(async () => {
  lab = await labUp({
    name: ownName('openvz-tools'),
    hosts: {
      ...openvzHosts({
        ves: [
          { id: 101, name: 'web', hostname: 'web.example', addresses: ['192.168.18.101', '192.168.18.111'] },
          { id: 102, addresses: ['192.168.18.102'], onboot: false },
          { id: 103, onboot: false },
        ],
      }),
      ...openvzHosts(
        {
          version: '7',
          ves: [
            { id: UUID, name: 'db', addresses: ['192.168.18.101'] },
            { id: OTHER_UUID, addresses: ['192.168.18.102'], onboot: false },
          ],
          vzConf: ['NEIGHBOUR_DEVS="list:eth3"'],
        },
        '7',
      ),
    },
  });
  node = new OpenvzNode(lab);
  seven = new OpenvzNode(lab, '7');
});
afterAll(() => lab?.down());

const routes = (address: string, host = node): Promise<string> =>
  host.run(`ip route show table all ${address}`);

/** Takes a container's addresses and file back to what they were. */
async function again(id: number, addresses: string): Promise<void> {
  await node.run(`sed -i 's/^IP_ADDRESS=.*/IP_ADDRESS="${addresses}"/' /etc/vz/conf/${id}.conf
    for dev in eth0 eth3 eth4 mgmt0; do for ip in 101 102 103 111 113; do
      ip neigh del proxy 192.168.18.$ip dev $dev 2>/dev/null; done; done
    vzctl restart ${id}`);
}

describe.sequential('vzctl', () => {
  test('status: words, never an exit code', async () => {
    expect(await node.tool('vzctl', 'status', '101')).toEqual({
      code: 0,
      stdout: 'CTID 101 exist mounted running\n',
      stderr: '',
    });
    expect(await node.vzctl('status', 'web')).toBe('CTID 101 exist mounted running');
    expect(await node.vzctl('status', 102)).toBe('CTID 102 exist unmounted down');
    expect(await node.tool('vzctl', 'status', '999')).toEqual({
      code: 0,
      stdout: 'CTID 999 deleted unmounted down\n',
      stderr: '',
    });
  });

  test.each([
    [['start', '999'], 14, 'Container config file does not exist'],
    [['start', '101'], 32, 'Container is already running'],
    [['stop', '102'], 0, 'Unable to stop: container is not running'],
    [['exec', '102', 'true'], 31, 'Container is not running'],
    [['exec', '101', 'exit 5'], 8, ''],
    [['exec2', '101', 'exit 5'], 5, ''],
    [['status', 'nobody'], 21, 'Bad CT ID nobody'],
    [['status', UUID], 21, `Bad CT ID ${UUID}`],
    [['start', '0'], 21, 'Only set actions are allowed for CT0'],
    [['frob', '101'], 20, 'Bad command: frob'],
    [['set', '101', '--ipadd', '192.168.18.300'], 21, 'Bad parameter for --ipadd: 192.168.18.300'],
    [['set', '101', '--ipadd', 'eth3'], 21, 'Bad parameter for --ipadd: eth3'],
    [['set', '101', '--onboot', 'maybe', '--save'], 21, 'Bad parameter for --onboot: maybe'],
    [['set', '101', '--netif_add', 'eth0,00:18', '--save'], 21, 'Bad parameter for --netif_add: eth0,00:18'],
    [['set', '101', '--nic', 'eth3'], 21, "vzctl: unrecognized option '--nic'"],
    [
      ['set', '101', '--mac', '00:18:51:00:00:09', '--save'],
      255,
      'Invalid usage.  Option --ifname not specified',
    ],
    [
      ['set', '101', '--ifname', 'eth9', '--mac', '00:18:51:00:00:09', '--save'],
      255,
      'Invalid usage: veth device eth9 is not configured, use --netif_add option first',
    ],
    [
      ['set', '101', '--ifname', 'eth0', '--mac_filter', 'maybe'],
      21,
      'Bad parameter for --mac_filter: maybe',
    ],
    [['set', '102', '--name', 'a/b', '--save'], 21, 'Bad parameter for --name: a/b'],
    [['set', '102', '--name', 'web', '--save'], 131, 'Conflict: name web already used by container 101'],
    [['set', '101', '--ipadd'], 21, "vzctl: option '--ipadd' requires an argument"],
    [['set', '101', '--name', 'x'], 131, 'Error: unable to use --name option without --save'],
    [
      ['set', '102', '--ipadd', '192.168.18.9'],
      31,
      'Unable to apply network parameters: container is not running',
    ],
  ])('vzctl %j: exit code %i', async (words, code, said) => {
    const files = 'sha256sum /etc/vz/conf/*';
    const before = await node.run(files);
    const done = await node.tool('vzctl', ...words);
    expect({ code: done.code, said: done.stderr.trim() }).toEqual({ code, said });
    expect(await node.run(files)).toBe(before);
  });

  test('set of a missing container makes its file, exit code 0; vzlist does not show it', async () => {
    const done = await node.tool('vzctl', 'set', '999', '--ipadd', '1.2.3.4', '--save');
    expect(done).toEqual({
      code: 0,
      stdout: 'CT configuration saved to /etc/vz/conf/999.conf\n',
      stderr: 'WARNING: /etc/vz/conf/999.conf not found: No such file or directory\n',
    });
    expect(await node.run('cat /etc/vz/conf/999.conf')).toBe('IP_ADDRESS="1.2.3.4"');
    expect(await node.vzctl('status', 999)).toBe('CTID 999 deleted unmounted down');
    expect(await node.run('vzlist -a -H -o ctid | tr -d " "')).toBe('101\n102\n103');
    expect((await node.tool('vzctl', 'start', '999')).code).toBe(43);
    await node.run('rm /etc/vz/conf/999.conf');
  });

  test('without --save it applies, only warns, and forgets at the next start', async () => {
    const done = await node.tool('vzctl', 'set', '101', '--ipadd', '192.168.18.113', '--hostname', 'other');
    expect(done).toEqual({
      code: 0,
      stderr: '',
      stdout: `Set hostname: other
Adding IP address(es): 192.168.18.113
WARNING: Settings were not saved to config and will be lost after CT restart (use --save flag)
`,
    });
    expect(await node.inside(101, 'hostname')).toBe('other');
    expect(await node.run('vzlist -H -o ip 101')).toBe('192.168.18.101 192.168.18.111 192.168.18.113');
    await node.vzctl('restart', 101);
    expect(await node.inside(101, 'hostname')).toBe('web.example');
    expect(await node.run('vzlist -H -o ip 101')).toBe('192.168.18.101 192.168.18.111');
  });

  test('an address that is there is added again: exit code 0, and its proxy entries are back on all NICs', async () => {
    await node.run('ip neigh del proxy 192.168.18.101 dev eth0');
    const said = await node.vzctl('set', 101, '--ipadd', '192.168.18.101', '--save');
    expect(said).toBe(`Deleting IP address(es): 192.168.18.101
Adding IP address(es): 192.168.18.101
CT configuration saved to /etc/vz/conf/101.conf`);
    expect(await node.proxies('192.168.18.101')).toEqual(['eth0', 'eth3', 'eth4', 'mgmt0']);
    expect(await node.run('grep IP_ADDRESS /etc/vz/conf/101.conf')).toBe(
      'IP_ADDRESS="192.168.18.111 192.168.18.101"',
    );
    await again(101, '192.168.18.101 192.168.18.111');
  });

  test('ipdel takes route and entries away, `ipdel all` leaves both', async () => {
    expect(await routes('192.168.18.111')).toBe('192.168.18.111 dev venet0 scope link src 192.168.18.10');
    await node.vzctl('set', 101, '--ipdel', '192.168.18.111', '--save');
    expect(await routes('192.168.18.111')).toBe('');
    expect(await node.proxies('192.168.18.111')).toEqual([]);
    await node.vzctl('set', 101, '--ipdel', 'all', '--save');
    expect(await node.run('vzlist -H -o ip 101')).toBe('-');
    expect(await routes('192.168.18.101')).not.toBe('');
    expect(await node.proxies('192.168.18.101')).toHaveLength(4);
    await again(101, '192.168.18.101 192.168.18.111');
  });

  test('NEIGHBOUR_DEVS: a list, detect, and the stale entries of the value before', async () => {
    await node.run(`echo 'NEIGHBOUR_DEVS="list:eth3 eth4"' >>/etc/vz/vz.conf`);
    await node.vzctl('restart', 101);
    expect(await node.proxies('192.168.18.101')).toEqual(['eth0', 'eth3', 'eth4', 'mgmt0']);
    await node.vzctl('start', 102);
    expect(await node.proxies('192.168.18.102')).toEqual(['eth3', 'eth4']);
    await node.vzctl('stop', 102);
    expect(await node.proxies('192.168.18.102')).toEqual([]);
    await node.run(`sed -i 's/^NEIGHBOUR_DEVS.*/NEIGHBOUR_DEVS=detect/' /etc/vz/vz.conf`);
    await node.vzctl('start', 102);
    expect(await node.proxies('192.168.18.102')).toEqual(['eth0']);
    await node.vzctl('stop', 102);
    await node.run("sed -i '/^NEIGHBOUR_DEVS/d' /etc/vz/vz.conf");
    await again(101, '192.168.18.101 192.168.18.111');
  });

  test('a start says the address on each NIC, so that neighbours take the new MAC', async () => {
    const capture = lab.exec('client', [
      'timeout',
      '6',
      'tcpdump',
      '-lnei',
      'eth0',
      'arp',
      'and',
      'arp[6:2]',
      '=',
      '1',
    ]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await node.vzctl('start', 102);
    await node.vzctl('stop', 102);
    const said = (await capture).stdout.split('\n').filter((line) => line.includes('tell 192.168.18.102'));
    expect(said.map((line) => line.split(' ')[1]).sort()).toEqual(
      Object.values(NICS)
        .map(({ mac }) => mac)
        .sort(),
    );
  });

  test('a second host with the address: a warning, or with ERROR_ON_ARPFAIL an error', async () => {
    await lab.exec('client', ['ip', 'address', 'add', '192.168.18.102/24', 'dev', 'eth0']);
    await node.run("sed -i 's/^SKIP_ARPDETECT.*/SKIP_ARPDETECT=no/' /etc/vz/vz.conf");
    const warned = await node.tool('vzctl', 'start', '102');
    expect(warned.code).toBe(0);
    expect(warned.stderr).toContain(
      'vps-net_add WARNING: arpsend -c 1 -w 1 -D -e 192.168.18.102 eth0 FAILED',
    );
    await node.vzctl('stop', 102);
    await node.run('echo ERROR_ON_ARPFAIL=yes >>/etc/vz/vz.conf');
    const refused = await node.tool('vzctl', 'start', '102');
    expect(refused.code).toBe(34);
    expect(await node.vzctl('status', 102)).toBe('CTID 102 exist unmounted down');
    await node.run("sed -i -e '/^ERROR_ON/d' -e 's/^SKIP_ARPDETECT.*/SKIP_ARPDETECT=yes/' /etc/vz/vz.conf");
    await lab.exec('client', ['ip', 'address', 'del', '192.168.18.102/24', 'dev', 'eth0']);
  });

  test('action scripts: their order, where they run, and that mount comes before any route', async () => {
    const names = ['premount', 'mount', 'umount', 'postumount'].flatMap((name) => [
      `vps.${name}`,
      `102.${name}`,
    ]);
    for (const name of names)
      await node.run(`cat >/etc/vz/conf/${name} <<'END'
#!/bin/sh
echo "${name} $VEID $VE_CONFFILE $(hostname) $(ip route show 192.168.18.102 | wc -l)" >>/tmp/actions
END
chmod +x /etc/vz/conf/${name}`);
    for (const name of ['start', 'stop'])
      await node.run(
        `printf '%s\\n' '#!/bin/sh' 'echo "102.${name} $(hostname) $(ip -4 -o address show dev venet0 | wc -l)" >>/tmp/actions' >/etc/vz/conf/102.${name}`,
      );
    expect(await node.vzctl('start', 102)).toBe(`Starting container...
Container is mounted
Adding IP address(es): 192.168.18.102
Setting CPU units: 1000
Container start in progress...`);
    expect(await node.vzctl('stop', 102)).toBe(
      'Stopping container ...\nContainer was stopped\nContainer is unmounted',
    );
    const outside = '102 /etc/vz/conf/102.conf node 0';
    expect(await node.run('cat /tmp/actions')).toBe(`vps.premount ${outside}
102.premount ${outside}
vps.mount ${outside}
102.mount ${outside}
102.start ve102 2
102.stop ve102 2
102.umount ${outside}
vps.umount ${outside}
102.postumount ${outside}
vps.postumount ${outside}`);
    await node.run('echo "exit 1" >>/etc/vz/conf/102.mount');
    expect((await node.tool('vzctl', 'start', '102')).code).toBe(79);
    expect(await node.vzctl('status', 102)).toBe('CTID 102 exist unmounted down');
    await node.run('cd /etc/vz/conf; rm vps.* 102.[mpsu]*');
  });

  test('vzifup-post does again what a link that went down has lost', async () => {
    await node.run('ip link set dev eth3 down; ip link set dev eth3 up');
    expect(await node.proxies('192.168.18.101')).toEqual(['eth0', 'eth4', 'mgmt0']);
    await node.run('vzifup-post eth3');
    expect(await node.proxies('192.168.18.101')).toEqual(['eth0', 'eth3', 'eth4', 'mgmt0']);
  });

  test('veth: into the bridge, whose MAC is the lowest that it finds; by its own MAC on the wire', async () => {
    await node.run('ip link add vmbr0 type bridge; ip link set dev vmbr0 up');
    await node.addVe({
      id: 105,
      netif: VETH,
      inside: 'ip link set dev eth0 up; ip address add 192.168.18.105/24 dev eth0',
    });
    expect(await node.vzctl('start', 105)).toContain('Configure veth devices: veth105.0');
    expect(await node.run('cat /sys/class/net/vmbr0/address')).toBe('00:18:51:00:00:02');
    await node.run('ip link set dev eth4 master vmbr0');
    expect(await node.run('cat /sys/class/net/vmbr0/address; ls /sys/class/net/vmbr0/brif')).toBe(
      `${NICS.eth4.mac}\neth4\nveth105.0`,
    );
    expect(await node.answering('192.168.18.105')).toEqual(['00:18:51:aa:00:01']);
    expect(await node.carried('192.168.18.105')).toBe('eth4/eth4');
    await node.vzctl('restart', 105);
    expect(await node.carried('192.168.18.105')).toBe('eth4/eth4');
  });

  test('netif_add: the vendor’s MACs, idempotent; netif_del takes it away', async () => {
    await node.vzctl('set', 105, '--netif_add', 'eth1,,,,vmbr0', '--save');
    const file = await node.run('grep NETIF /etc/vz/conf/105.conf');
    expect(file).toMatch(
      /^NETIF="ifname=eth0,[^;]*;ifname=eth1,bridge=vmbr0,mac=00:18:51:[0-9a-f:]{8},host_ifname=veth105\.1,host_mac=00:18:51:[0-9a-f:]{8}"$/,
    );
    await node.vzctl('set', 105, '--netif_add', 'eth1,,,,vmbr0', '--save');
    expect(await node.run('grep NETIF /etc/vz/conf/105.conf')).toBe(file);
    await node.vzctl('set', 105, '--netif_del', 'eth1', '--save');
    expect(await node.run('grep NETIF /etc/vz/conf/105.conf; ls -d /sys/class/net/veth*')).toBe(
      `NETIF="${VETH}"\n/sys/class/net/veth105.0`,
    );
    await node.vzctl('stop', 105);
    await node.run('ip link set dev eth4 nomaster; ip link delete dev vmbr0');
  });

  test('--ifname: the file at once, what runs at its next start; its name on the node not while it runs', async () => {
    await node.run('ip link add vmbr0 type bridge');
    await node.vzctl('start', 105);
    const mac = 'cat /sys/class/net/eth0/address';
    await node.vzctl(
      'set',
      105,
      '--ifname',
      'eth0',
      '--mac',
      '00:18:51:aa:00:09',
      '--mac_filter',
      'off',
      '--save',
    );
    expect(await node.run('grep NETIF /etc/vz/conf/105.conf')).toBe(
      `NETIF="${VETH.replace('aa:00:01', 'aa:00:09')},mac_filter=off"`,
    );
    expect(await node.inside(105, mac)).toBe('00:18:51:aa:00:01');
    const renamed = await node.tool(
      'vzctl',
      'set',
      '105',
      '--ifname',
      'eth0',
      '--host_ifname',
      'c105',
      '--save',
    );
    expect(renamed).toMatchObject({ code: 130, stderr: '/usr/sbin/vznetcfg exited with error\n' });
    await node.vzctl('restart', 105);
    expect(await node.inside(105, mac)).toBe('00:18:51:aa:00:09');
    await node.vzctl('stop', 105);
    await node.run('ip link delete dev vmbr0');
  });

  test('an empty name or host name is saved, an empty list is not', async () => {
    await node.vzctl('set', 102, '--name', 'other', '--nameserver', '10.0.0.1', '--save');
    await node.vzctl('set', 102, '--name', '', '--hostname', '', '--nameserver', '', '--save');
    expect(await node.run('grep -e NAME /etc/vz/conf/102.conf | sort; ls /etc/vz/names')).toBe(
      'HOSTNAME=""\nNAME=""\nNAMESERVER="10.0.0.1"\nweb',
    );
    await node.vzctl('set', 102, '--hostname', 've102', '--save');
    await node.run("sed -i -e '/^NAMESERVER/d' -e '/^NAME=/d' /etc/vz/conf/102.conf");
  });

  test('netdev_add takes a NIC with all it had; netdev_del brings it back down and bare', async () => {
    await node.vzctl('set', 101, '--netdev_add', 'eth4', '--save');
    expect(await node.run('[ -e /sys/class/net/eth4 ] || echo gone')).toBe('gone');
    expect(await node.inside(101, 'cat /sys/class/net/eth4/address')).toBe(NICS.eth4.mac);
    await node.vzctl('restart', 101);
    expect(await node.inside(101, 'cat /sys/class/net/eth4/address')).toBe(NICS.eth4.mac);
    await node.vzctl('set', 101, '--netdev_del', 'eth4', '--save');
    expect(await node.run('ip -br address show dev eth4')).toMatch(/^eth4\S* +DOWN$/);
    await node.run(`ip link set dev eth4 up; ip address add ${NICS.eth4.address}/24 dev eth4`);
  });
});

describe.sequential('vzlist', () => {
  test('text: columns as wide as the real ones', async () => {
    expect(await node.run('vzlist -a')).toMatch(
      /^CTID {6}NPROC STATUS {4}IP_ADDR {9}HOSTNAME\n {7}101 {10}\d running {3}192\.168\.18\.101 {2}web\.example\n {7}102 {10}- stopped {3}192\.168\.18\.102 {2}ve102\n/,
    );
    expect(await node.run('vzlist -1')).toBe('101');
    expect(await node.run('vzlist -S -H -o ctid,ip | head -n 2')).toBe('102 192.168.18.102\n       103 -');
    expect(await node.run('vzlist -Ho ip,ctid 101')).toBe('192.168.18.101         101');
    expect(await node.run('vzlist -t -H -o ip,ctid 101')).toBe('192.168.18.101 192.168.18.111        101');
  });

  test('JSON: numbers, lists and null', async () => {
    const all = JSON.parse(await node.run('vzlist -a -j'));
    expect(all[0]).toMatchObject({
      ctid: 101,
      name: 'web',
      hostname: 'web.example',
      ip: ['192.168.18.101', '192.168.18.111'],
      nameserver: [],
      status: 'running',
      onboot: true,
      private: '/vz/private/101',
      laverage: null,
    });
    expect(all[2]).toMatchObject({ ctid: 103, name: null, ip: [], status: 'stopped', onboot: false });
    expect(await node.run('vzlist -j -o ctid,status 101')).toBe(
      '[\n  {\n    "ctid": 101,\n    "status": "running"\n  }\n]',
    );
  });

  test('what it refuses, and that nothing found is an error only where somebody was asked for', async () => {
    expect(await node.tool('vzlist', '-o', 'nic')).toMatchObject({ code: 1, stderr: 'Unknown field: nic\n' });
    expect(await node.tool('vzlist', 'nobody')).toMatchObject({
      code: 1,
      stderr: 'CT ID nobody is invalid.\n',
    });
    expect(await node.tool('vzlist', '-Z')).toMatchObject({
      code: 1,
      stderr: "vzlist: invalid option -- 'Z'\n",
    });
    expect(await node.tool('vzlist', '-a', '999')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Container(s) not found\n',
    });
    await node.run('mv /etc/vz/conf /etc/vz/conf.away; mkdir /etc/vz/conf');
    const nobody = await node.tool('vzlist', '-a', '-j');
    await node.run('rmdir /etc/vz/conf; mv /etc/vz/conf.away /etc/vz/conf');
    expect(nobody).toEqual({ code: 0, stdout: '', stderr: 'Container(s) not found\n' });
  });

  test('its faults: silence with exit code 0, a version before JSON, and none at all', async () => {
    await node.vzlistFails('kernel');
    const silent = await node.tool('vzlist', '-a', '-j');
    await node.vzlistFails('old');
    const old = await node.tool('vzlist', '-a', '-j');
    const text = await node.tool('vzlist', '-a', '-H', '-o', 'ctid');
    await node.vzlistFails('absent');
    const absent = await node.tool('vzlist', '-a', '-j');
    await node.vzlistFails(null);
    expect(silent).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('Unable to open') });
    expect(old).toMatchObject({ code: 1, stderr: "vzlist: invalid option -- 'j'\n" });
    expect(text.code).toBe(0);
    expect(absent.code).toBe(127);
    expect((await node.tool('vzlist', '-a', '-j')).code).toBe(0);
  });
});

describe.sequential('OpenVZ 7', () => {
  test('ids are UUIDs, files are links into the private area, names are found', async () => {
    expect(await seven.vzctl('status', UUID)).toBe(`CTID ${UUID} exist mounted running`);
    expect(await seven.vzctl('status', 'db')).toBe(`CTID ${UUID} exist mounted running`);
    expect((await seven.tool('vzctl', 'status', '101')).code).toBe(21);
    expect(await seven.run(`readlink /etc/vz/conf/${UUID}.conf`)).toBe(`/vz/private/${UUID}/ve.conf`);
    expect(JSON.parse(await seven.run('vzlist -j -o ctid,ip'))).toEqual([
      { ctid: UUID, ip: ['192.168.18.101'] },
    ]);
  });

  test('the route goes to the container’s own veth; proxies on all NICs, whatever NEIGHBOUR_DEVS says', async () => {
    expect(await routes('192.168.18.101', seven)).toBe(
      '192.168.18.101 dev veth5b01ac1d scope link src 192.168.18.10',
    );
    expect(await seven.run('cat /proc/sys/net/ipv4/conf/veth5b01ac1d/proxy_arp')).toBe('1');
    expect(await seven.proxies('192.168.18.101')).toEqual(['eth0', 'eth3', 'eth4', 'mgmt0']);
    expect(await seven.carried('192.168.18.101', { by: 'eth4' })).toBe('eth4/eth0');
    expect(await seven.carriedFrom(UUID, CLIENT.address)).toMatch(/^eth[034]\/eth0$/);
    expect(await seven.run('cat /proc/sys/net/ipv4/ip_nonlocal_bind')).toBe('0');
  });

  test('ipdel goes by what there is and leaves no entry; a script of the administrator’s takes the helper’s place', async () => {
    await seven.vzctl('set', UUID, '--ipadd', '192.168.18.113', '--save');
    await seven.run('ip neigh add proxy 192.168.18.113 dev lo');
    await seven.vzctl('set', UUID, '--ipdel', '192.168.18.113', '--save');
    expect(await seven.proxies('192.168.18.113')).toEqual([]);
    expect(await routes('192.168.18.113', seven)).toBe('');
    await seven.run(`mkdir -p /etc/vz/script.d
printf '%s\\n' '#!/bin/sh' 'echo "$VEID $IP_ADDR" >/tmp/added' >/etc/vz/script.d/vz-net_add; chmod +x /etc/vz/script.d/*`);
    await seven.vzctl('start', OTHER_UUID);
    expect(await seven.run('cat /tmp/added')).toBe(`${OTHER_UUID} 192.168.18.102`);
    expect(await seven.proxies('192.168.18.102')).toEqual([]);
    await seven.vzctl('stop', OTHER_UUID);
    await seven.run('rm -r /etc/vz/script.d');
  });

  test('prlctl list: JSON and text', async () => {
    expect(JSON.parse(await seven.run('prlctl list -a -j'))).toEqual([
      { uuid: UUID, status: 'running', ip_configured: '192.168.18.101', type: 'CT', name: 'db' },
      { uuid: OTHER_UUID, status: 'stopped', ip_configured: '192.168.18.102', type: 'CT', name: OTHER_UUID },
    ]);
    expect(JSON.parse(await seven.run('prlctl list -j'))).toHaveLength(1);
    expect(JSON.parse(await seven.run('prlctl list -i -j db'))).toMatchObject([
      {
        ID: UUID,
        Name: 'db',
        State: 'running',
        Autostart: 'on',
        Hardware: { venet0: { enabled: true, type: 'routed', ips: '192.168.18.101/255.255.255.255 ' } },
      },
    ]);
    expect(await seven.run('prlctl list -a')).toMatch(
      new RegExp(
        `^UUID {36}STATUS {7}IP_ADDR {9}T {2}NAME\n\\{${UUID}\\} +running +192\\.168\\.18\\.101 +CT db\n`,
      ),
    );
  });

  test('prlctl set: saved and applied at once; what it refuses', async () => {
    await seven.run(`prlctl set ${UUID} --device-add net --type routed --ipadd 192.168.18.113`);
    expect(await seven.run(`grep IP_ADDRESS /vz/private/${UUID}/ve.conf; vzlist -H -o ip ${UUID}`)).toBe(
      'IP_ADDRESS="192.168.18.101 192.168.18.113"\n192.168.18.101 192.168.18.113',
    );
    await seven.run('prlctl set db --ipdel 192.168.18.113');
    expect(await seven.run(`vzlist -H -o ip ${UUID}`)).toBe('192.168.18.101');
    const refused = await seven.tool('prlctl', 'set', OTHER_UUID.replace('9f', '8f'), '--ipadd', '1.2.3.4');
    expect(refused).toMatchObject({ code: 255, stderr: expect.stringContaining('could not be found') });
    const wrong = await seven.tool('prlctl', 'set', 'db', '--ipadd', '1.2.3.400');
    expect(wrong).toMatchObject({
      code: 255,
      stderr: "The following IP addresses are invalid: '1.2.3.400'\n",
    });
  });
});

test('SSH reaches the node, and what it starts lives on after the connection', async () => {
  const ssh = (command: string) => execa('ssh', ['-F', lab.sshConfig, 'node', command], { stdin: 'ignore' });
  await ssh('vzctl start 103');
  expect((await ssh('vzlist -H -o status 103')).stdout).toBe('running');
});
