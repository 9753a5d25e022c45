/** The lab itself: real namespaces, real sshd, and a machine that notices nothing of it. */
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labDown, labUp, openLab } from '../../src/lab/index.js';
import { bootId, identify, isAlive } from '../../src/lab/process.js';
import type { LabSpec } from '../../src/lab/spec.js';
import { labStatus } from '../../src/lab/status.js';
import { netplay } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'netplay-lab-test-'));
const before = process.env.NETPLAY_LAB_DIR;
process.env.NETPLAY_LAB_DIR = root;
afterAll(() => {
  if (before === undefined) delete process.env.NETPLAY_LAB_DIR;
  else process.env.NETPLAY_LAB_DIR = before;
  rmSync(root, { recursive: true, force: true });
});

/** What the lab must not touch: the network, mounts and name of the machine, and its tap and sysctl settings. */
function machine(): Record<string, string> {
  const run = (command: string): string => execaSync('sh', ['-c', command]).stdout;
  return {
    // Addresses of a live machine count down their lifetimes.
    network: run(
      'ip -d link; ip address | grep -v valid_lft; ip route show table all; ip rule; ip -6 rule; ip neigh show nud permanent',
    ),
    devices: run('cut -d: -f1 /proc/net/dev'),
    namespaces: run('ls /run/netns /var/run/netns 2>/dev/null; true'),
    mounts: run('cat /proc/self/mountinfo'),
    name: run('uname -n'),
    sysctls: run(
      'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/rp_filter /proc/sys/net/ipv4/conf/*/arp_ignore /proc/sys/kernel/panic',
    ),
    files: run(
      'cat /etc/passwd /etc/shadow /etc/hosts /etc/ssh/sshd_config; ls -la /etc /root /usr/local/sbin',
    ),
  };
}

/** Processes whose command line names this test's folder. */
function leftOvers(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
        return line.includes(root) && Number(pid) !== process.pid ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

const ssh = (lab: Lab, host: string, command: string) =>
  execa('ssh', ['-F', lab.sshConfig, '-o', 'ConnectTimeout=3', host, command], {
    reject: false,
    stdin: 'ignore',
  });

const spec: LabSpec = {
  name: 'two',
  hosts: {
    server: {
      groups: ['servers'],
      vars: { role: 'x' },
      nics: {
        eth0: { switch: 'lan', mac: '52:54:00:00:00:e0', addresses: ['192.168.1.1/24', '2001:db8::1/64'] },
        eth2: { switch: 'lan', mac: '52:54:00:00:00:e2', addresses: ['192.168.1.253/24'], mtu: 1400 },
      },
      routes: [{ dst: 'default', via: '192.168.1.254', dev: 'eth0' }, '10.5.0.0/16 via 192.168.1.9'],
      sysctls: { 'net.ipv4.conf.eth0.arp_ignore': 1, 'net.ipv4.ip_local_port_range': '20000 30000' },
      files: {
        '/etc/foo': 'content',
        '/sbin/hello': { content: '#!/bin/sh\necho hello\n', mode: '755' },
      },
      run: ['echo started >/tmp/started', 'sleep 1000 &'],
    },
    client: {
      ssh: false,
      nics: { eth0: { switch: 'lan', addresses: ['192.168.1.5/24', '2001:db8::5/64'] } },
    },
  },
};

describe('a lab that is up', () => {
  let lab: Lab;
  const untouched = machine();
  const run = async (host: string, line: string): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec(host, ['sh', '-c', line]);
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
    return stdout.trim();
  };

  beforeAll(async () => {
    lab = await labUp(spec);
  });
  afterAll(() => lab?.down());

  test('leaves the machine as it was, also while it is changed inside', async () => {
    await run('server', 'echo x >>/etc/passwd; rm /etc/hosts; touch /usr/local/sbin/new /root/new /etc/new');
    await run(
      'server',
      'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 2 >/proc/sys/net/ipv4/conf/all/rp_filter',
    );
    await run('server', 'ip link add br9 type bridge; mount -t tmpfs none /mnt; rm /dev/full');
    expect(machine()).toEqual(untouched);
    expect(existsSync('/dev/full')).toBe(true);
    expect(await run('server', 'tail -n1 /etc/passwd; ls /root /usr/local/sbin')).toMatch(
      /^x\n\/root:\nnew\n[\s\S]*\nnew$/,
    );
  });

  test('takes a stock ssh, with the host key checked and nothing of root’s shell or environment', async () => {
    const { stdout, stderr, exitCode } = await ssh(
      lab,
      'server',
      'hostname; pwd; env; cat /etc/foo /tmp/started',
    );
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2)).toEqual(['server', '/root']);
    expect(lines.at(-1)).toBe('contentstarted');
    expect(lines).toContainEqual(
      expect.stringMatching(/^SSH_CONNECTION=10\.213\.0\.1 \d+ 10\.213\.0\.2 22$/),
    );
    expect(stdout).not.toMatch(/PYENV|NODE|NETPLAY|npm_/);
  });

  test('has what its file says: addresses without waiting, routes, sysctls, files with their modes', async () => {
    const addresses = await run('server', 'ip -o address show dev eth0');
    expect(addresses).toMatch(/inet 192\.168\.1\.1\/24 /);
    expect(addresses).toMatch(/inet6 2001:db8::1\/64 /);
    expect(addresses).not.toMatch(/tentative/);
    expect(await run('server', 'cat /sys/class/net/eth0/address /sys/class/net/eth2/mtu')).toBe(
      '52:54:00:00:00:e0\n1400',
    );
    expect(await run('server', 'ip route')).toMatch(
      /default via 192\.168\.1\.254 dev eth0[\s\S]*10\.5\.0\.0\/16 via 192\.168\.1\.9/,
    );
    expect(await run('server', 'cat /proc/sys/net/ipv4/conf/eth0/arp_ignore')).toBe('1');
    expect(await run('server', 'cat /proc/sys/net/ipv4/ip_local_port_range')).toBe('20000\t30000');
    expect(await run('server', 'hello; stat -c %a /usr/sbin/hello')).toBe('hello\n755');
  });

  test('carries packets between hosts, IPv4 and IPv6', async () => {
    await run('client', 'ping -c1 -W2 192.168.1.1');
    await run('client', 'ping -c1 -W2 2001:db8::1');
    expect((await lab.exec('client', ['ping', '-c1', '-W1', '192.168.1.77'])).code).toBe(1);
  });

  test('begins with the kernel’s own settings, per host, and refuses those that are the machine’s', async () => {
    expect(
      await run('client', 'cat /proc/sys/net/ipv4/conf/all/rp_filter /proc/sys/net/ipv4/ip_forward'),
    ).toBe('0\n0');
    const panic = await lab.exec('server', ['sh', '-c', 'echo 1 >/proc/sys/kernel/panic']);
    expect(panic.stderr).toMatch(/Read-only file system/);
  });

  test('makes taps and bridges', async () => {
    await run(
      'server',
      'ip tuntap add dev tap0 mode tap && ip link add br0 type bridge && ip link set tap0 master br0 up',
    );
    expect(await run('server', 'cat /sys/class/net/br0/brif/tap0/state')).toMatch(/^\d$/);
    expect(
      await run(
        'server',
        'echo 1 >/sys/class/net/br0/bridge/stp_state; cat /sys/class/net/br0/bridge/stp_state',
      ),
    ).toBe('1');
  });

  test('sees its own processes and devices only', async () => {
    expect(await run('client', 'ls /sys/class/net')).toBe('eth0\nlo');
    const processes = await run('server', 'ps -e -o args=');
    expect(processes).toMatch(/^sleep 1000$/m);
    expect(processes).not.toContain('vitest');
    expect(await run('server', 'cat /proc/1/cmdline')).toContain('server');
  });

  test('reaps what its processes leave behind', async () => {
    await run('server', '(sh -c "sleep 0.1 & :" &); sleep 0.4');
    expect(await run('server', 'ps -e -o stat=')).not.toMatch(/Z/);
  });

  test('passes input, output and exit codes', async () => {
    const done = await lab.exec('server', ['sh', '-c', 'cat; echo no >&2; exit 7'], { input: 'abc' });
    expect(done).toEqual({ code: 7, stdout: 'abc', stderr: 'no\n' });
    expect((await lab.exec('server', ['sh', '-c', 'kill -TERM $$'])).code).toBe(143);
    expect((await lab.exec('server', ['no-such-command'])).code).toBe(127);
    await expect(lab.exec('servr', ['true'])).rejects.toThrow('has no host "servr"');
  });

  test('has a controller on the hosts’ network with the machine’s files, to run netplay from inside', async () => {
    expect(await run('controller', 'hostname; ls /sys/class/net')).toBe('controller\nlo\nmgmt0');
    const inside = ['-i', `${lab.dir}/id_ed25519`, '-o', `UserKnownHostsFile=${lab.dir}/known_hosts`];
    const done = await lab.exec('controller', [
      'ssh',
      ...inside,
      '-o',
      'BatchMode=yes',
      'root@10.213.0.2',
      'hostname',
    ]);
    expect(done).toEqual({ code: 0, stdout: 'server\n', stderr: '' });
    expect(await run('controller', `cat ${lab.inside}`)).toContain('ansible_host: 10.213.0.2');
  });

  test('is shown by status and opened again by its name', async () => {
    const status = labStatus('two');
    expect(status.complete).toBe(true);
    expect(status.nodes.map(({ name, running }) => `${name} ${running}`)).toEqual([
      'controller true',
      'server true',
      'client true',
    ]);
    expect(openLab('two').hostPid('server')).toBe(lab.hostPid('server'));
  });

  test('cuts a cable: the way in is one of packets', async () => {
    const port = lab.port('server', 'mgmt0');
    await run('fabric', `ip link set ${port} down`);
    expect((await ssh(lab, 'server', 'true')).exitCode).toBe(255);
    expect((await lab.exec('server', ['true'])).code).toBe(0);
    await run('fabric', `ip link set ${port} up`);
    expect((await ssh(lab, 'server', 'true')).exitCode).toBe(0);
  });

  test('carries much data through the forwarder unharmed', async () => {
    const size = 20_000_000;
    const done = await execa(
      'ssh',
      ['-F', lab.sshConfig, 'server', `head -c ${size} /dev/zero | tee /dev/stderr | wc -c`],
      {
        stdin: 'ignore',
        encoding: 'buffer',
        maxBuffer: 2 * size,
      },
    );
    expect(Buffer.from(done.stdout).toString().trim()).toBe(String(size));
    expect(done.stderr).toHaveLength(size);
  });

  test('replaces a lab of its name, and says so', async () => {
    const old = identify(lab.hostPid('server'));
    const again = await labUp(spec);
    lab = again;
    expect(again.replaced).toBe(true);
    expect(old && isAlive(old)).toBe(false);
    expect((await again.exec('server', ['ls', '/etc/new'])).code).not.toBe(0);
  });

  test('ends a host for good when its first process is killed', async () => {
    process.kill(lab.hostPid('client'), 'SIGKILL');
    await expect
      .poll(() => labStatus('two').nodes.find(({ name }) => name === 'client')?.running)
      .toBe(false);
    await expect(lab.exec('client', ['true'])).rejects.toThrow('is dead');
    expect((await lab.exec('server', ['true'])).code).toBe(0);
  });

  test('goes without a trace', async () => {
    const port = lab.nodes.find(({ name }) => name === 'server')?.port ?? 0;
    expect(await canConnect(port)).toBe(true);
    await lab.down();
    expect(await canConnect(port)).toBe(false);
    expect(readdirSync(root)).toEqual([]);
    expect(leftOvers()).toEqual([]);
    expect(machine()).toEqual(untouched);
    expect(await labDown('two')).toBe(false);
  });
});

async function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** The first that a server says. */
async function banner(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const [first] = await once(socket, 'data');
  socket.destroy();
  return String(first);
}

describe('a lab in which SSH comes over the NIC under change', () => {
  test('has no management NIC, and the controller reaches the host through the switch', async () => {
    const lab = await labUp({
      name: 'inband',
      management: false,
      controller: { switch: 'lan', address: '192.168.1.200/24' },
      hosts: { a: { nics: { eth0: { switch: 'lan', addresses: ['192.168.1.1/24'] } } } },
    });
    try {
      expect((await lab.exec('a', ['ls', '/sys/class/net'])).stdout).toBe('eth0\nlo\n');
      const { stdout } = await ssh(lab, 'a', 'echo $SSH_CONNECTION');
      expect(stdout).toMatch(/^192\.168\.1\.200 \d+ 192\.168\.1\.1 22$/);
      await lab.exec('a', ['ip', 'address', 'del', '192.168.1.1/24', 'dev', 'eth0']);
      expect((await ssh(lab, 'a', 'true')).exitCode).toBe(255);
    } finally {
      await lab.down();
    }
  });
});

describe('a start that fails', () => {
  test.each([
    [
      'a route',
      { routes: ['default via 10.0.0.1'] },
      /"a" did not start: .*\n?.*ip route add default via 10\.0\.0\.1/,
    ],
    ['a line to run', { run: ['true', 'echo nope >&2; exit 4'] }, /nope\nrun\[1\] ended with exit code 4/],
    ['a sysctl', { sysctls: { 'net.ipv4.ip_forwad': 1 } }, /ip_forwad/],
    ['a source', { files: { '/etc/x': { source: '/no/such/file' } } }, /can't copy \/no\/such\/file/],
  ])('%s: says why and leaves nothing', async (_name, host, message) => {
    await expect(labUp({ name: 'bad', hosts: { a: host } })).rejects.toThrow(message);
    expect(readdirSync(root)).toEqual([]);
    expect(leftOvers()).toEqual([]);
  });

  test('is ended by its signal, and leaves nothing', async () => {
    const abort = new AbortController();
    const started = labUp({ name: 'bad', hosts: { a: { run: ['sleep 1000'] } } }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 500);
    await expect(started).rejects.toThrow('interrupted');
    expect(leftOvers()).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('after a crash', () => {
  const file = join(root, '..', `${root.split('/').pop()}.yml`);
  beforeAll(() =>
    writeFileSync(
      file,
      `name: crash\nhosts:\n  h[1:20]: {nics: {eth0: {switch: lan, addresses: ["10.0.0.{n}/24"]}}}\n`,
    ),
  );
  afterAll(() => rmSync(file, { force: true }));

  // From the folder's making to the last host's start: wherever the kill falls, the same holds.
  test.each([0, 60, 150, 250, 400, 600])('%i ms into `lab up`, down removes everything', async (delay) => {
    const starting = execa('node', ['bin/netplay.js', 'lab', 'up', file], {
      reject: false,
      stdout: 'ignore',
    });
    await expect
      .poll(() => existsSync(join(root, 'crash', 'starter')), { interval: 5, timeout: 20_000 })
      .toBe(true);
    await new Promise((resolve) => setTimeout(resolve, delay));
    starting.kill('SIGKILL');
    await starting;
    expect(await labDown('crash')).toBe(true);
    await expect.poll(leftOvers, { timeout: 5000 }).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });

  test('a second `lab up` takes over', async () => {
    const starting = execa('node', ['bin/netplay.js', 'lab', 'up', file], {
      reject: false,
      stdout: 'ignore',
    });
    await expect
      .poll(() => existsSync(join(root, 'crash', 'pids', 'h3')), { interval: 5, timeout: 20_000 })
      .toBe(true);
    starting.kill('SIGKILL');
    await starting;
    const up = await netplay(['lab', 'up', file]);
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(up.stdout).toMatch(/lab "crash" is up: 20 hosts/);
    expect((await netplay(['lab', 'exec', 'h20', '--', 'ping', '-c1', '-W2', '10.0.0.1'])).code).toBe(0);
    expect((await netplay(['lab', 'exec', 'h20', '--', 'sh', '-c', 'exit 9'])).code).toBe(9);
    expect((await netplay(['lab', 'status'])).stdout).toMatch(
      /^h20 +running +127\.0\.0\.1:\d+ +eth0 10\.0\.0\.20\/24/m,
    );
    expect(await netplay(['lab', 'down'])).toMatchObject({ code: 0, stdout: 'lab "crash" is down' });
    expect(leftOvers()).toEqual([]);
  });

  test('a process that has taken over an id is not ours to kill, nor is any of another boot', async () => {
    const stranger = execa('sleep', ['1000'], { reject: false });
    const pid = stranger.pid ?? 0;
    const start = identify(pid)?.start ?? '';
    for (const [boot, line] of [
      [bootId(), `${pid} ${Number(start) - 1}\n`],
      ['another-boot', `${pid} ${start}\n`],
    ]) {
      mkdirSync(join(root, 'old', 'pids'), { recursive: true });
      writeFileSync(join(root, 'old', 'boot_id'), `${boot}\n`);
      writeFileSync(join(root, 'old', 'pids', 'a'), `${line}`);
      expect(await labDown('old')).toBe(true);
      expect(isAlive({ pid, start })).toBe(true);
    }
    stranger.kill('SIGKILL');
    await stranger;
  });

  test('a lab that another process is starting is left alone', async () => {
    const other = execa('sleep', ['1000'], { reject: false });
    const id = identify(other.pid ?? 0);
    mkdirSync(join(root, 'busy'));
    writeFileSync(join(root, 'busy', 'boot_id'), `${bootId()}\n`);
    writeFileSync(join(root, 'busy', 'starter'), `${id?.pid} ${id?.start}\n`);
    await expect(labDown('busy')).rejects.toThrow(`process ${id?.pid} is starting the lab "busy"`);
    other.kill('SIGKILL');
    await other;
    expect(await labDown('busy')).toBe(true);
  });
});

describe('what is missing', () => {
  test('not root', async () => {
    const { stderr, exitCode } = await execa('node', ['bin/netplay.js', 'lab', 'status'], {
      uid: 65534,
      reject: false,
    });
    expect({ stderr, exitCode }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining('a lab needs root'),
    });
  });

  test('no sshd: names its package', async () => {
    const hide = 'mount --bind /dev/null /usr/sbin/sshd && exec node bin/netplay.js lab up "$0"';
    const file = join(root, '..', 'netplay-missing.yml');
    writeFileSync(file, 'hosts: {a: {}}');
    const { stderr, exitCode } = await execa('unshare', ['-m', 'sh', '-c', hide, file], { reject: false });
    rmSync(file);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/sshd is missing[\s\S]*apt-get install openssh-server/);
  });
});

test('fifty hosts with two NICs each come up, and every one can be reached', async () => {
  const lab = await labUp({
    name: 'fifty',
    hosts: {
      'h[1:50]': {
        nics: {
          eth0: { switch: 'a', addresses: ['10.1.0.{n}/24'] },
          eth1: { switch: 'b', addresses: ['10.2.0.{n}/24'] },
        },
      },
    },
  });
  try {
    const ports = lab.nodes.flatMap(({ port }) => port ?? []);
    expect(new Set(ports).size).toBe(50);
    const banners = await Promise.all(ports.map(banner));
    expect(banners.filter((text) => !text.startsWith('SSH-2.0-'))).toEqual([]);
    for (const name of ['h1', 'h50']) expect((await ssh(lab, name, 'hostname')).stdout).toBe(name);
  } finally {
    await lab.down();
  }
});
