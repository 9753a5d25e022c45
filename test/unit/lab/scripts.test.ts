import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { extraFileSystems } from '../../../src/lab/folder.js';
import { layOut } from '../../../src/lab/layout.js';
import {
  CONFIGURE_SCRIPT,
  fabricBatch,
  hostBatch,
  INIT_SCRIPT,
  LAUNCH_SCRIPT,
  startScript,
} from '../../../src/lab/scripts.js';

const layout = layOut(
  {
    hosts: {
      a: {
        nics: {
          eth0: { switch: 'lan', mac: '52:54:00:00:00:01', addresses: ['10.0.0.1/24'], mtu: 9000 },
          e1: { switch: 'b', up: false },
        },
        routes: ['default via 10.0.0.254'],
        sysctls: { 'net.ipv4.tcp_rmem': "1 2 '3'" },
        run: ["echo 'it'; exit 3"],
        ssh: false,
      },
    },
  },
  'x',
);
const [host] = layout.hosts;
if (host === undefined) throw new Error('the lab has a host');

test.each([
  ['init', INIT_SCRIPT],
  ['launch', LAUNCH_SCRIPT],
  ['configure', CONFIGURE_SCRIPT],
  ['start', startScript(host, '/usr/sbin/sshd')],
])('the %s script is one that sh can read', (_name, script) => {
  expect(() => execFileSync('sh', ['-n'], { input: script, stdio: 'pipe' })).not.toThrow();
});

describe('batches', () => {
  test('the fabric has a bridge for each switch, and a cable into the host for each NIC', () => {
    const pids = new Map([
      ['a', 77],
      ['controller', 66],
    ]);
    const lines = fabricBatch(layout, pids).split('\n');
    expect(lines).toContain('link add name lan type bridge stp_state 0 mcast_snooping 0');
    expect(lines).toContain(
      'link add name p2 mtu 9000 type veth peer name eth0 address 52:54:00:00:00:01 mtu 9000 netns 77',
    );
    expect(lines).toContain('link set dev p2 alias a:eth0 master lan up');
  });

  test('a host’s NIC that shall be down stays down', () => {
    expect(hostBatch(host)).toBe(
      'link set dev lo up\naddress add 10.0.0.1/24 dev eth0\nlink set dev eth0 up\nroute add default via 10.0.0.254\n',
    );
  });
});

test('the start script quotes what the lab file says', () => {
  expect(startScript(host, '/usr/sbin/sshd')).toBe(`set -e
cd /root
echo '1 2 '\\''3'\\''' >/proc/sys/net/ipv4/tcp_rmem
sh -c 'echo '\\''it'\\''; exit 3' || { echo "run[0] ended with exit code $?" >&2; exit 1; }
`);
});

test('file systems of their own are found, those of the kernel and of containers are not', () => {
  const mountinfo = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 8:2 / /usr rw,relatime shared:2 - ext4 /dev/sda2 ro
24 22 8:3 /@home /home rw,relatime shared:3 - btrfs /dev/sda3 rw
25 22 0:5 / /dev rw - devtmpfs devtmpfs rw
26 22 0:21 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
27 22 0:22 / /var/log rw - tmpfs tmpfs rw
28 22 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro
29 24 8:4 / /home rw - xfs /dev/sda4 rw
`;
  expect(extraFileSystems(mountinfo)).toEqual(['/home', '/usr']);
});
