/**
 * Facts of real network namespaces of different shapes against those of Ansible's `setup` run in them; and what the
 * script costs, in which shells and as whom it runs.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Facts, factsScript, parseFacts } from '../../src/facts/index.js';
import { createTransport } from '../../src/transport/transport.js';
import { createNetns, ENV, type Netns } from '../support/netns.js';
import { startSshd } from '../support/sshd.js';

/** A pair of devices, of which the first is the host's NIC. */
const nic = (name: string, mac: string): string =>
  `ip link add ${name} address ${mac} type veth peer name ${name}-peer
ip link set ${name}-peer up
ip link set ${name} up`;

const FACT_FILES = `mkdir -p /etc/ansible/facts.d
cd /etc/ansible/facts.d
printf '{"site": "dc1", "vlans": [1, 2]}' >json.fact
printf '[General]\\nRole = edge\\nempty =\\n' >ini.fact
printf '#!/bin/sh\\necho "{\\"uid\\": $(id -u)}"\\n' >program.fact
printf 'not a fact' >other.txt
chmod 755 program.fact
chmod 644 json.fact ini.fact`;

/** Hosts by what stands out on them: the script that makes each. */
const SHAPES: Readonly<Record<string, string>> = {
  'many addresses': `${nic('eth0', '52:54:00:00:01:01')}
for i in 1 2 3; do ip addr add 10.1.$i.1/24 brd + dev eth0; done
ip addr add 10.1.1.2/24 brd + dev eth0
ip addr add 10.1.1.3/24 brd + dev eth0 label eth0:x
ip addr add 10.9.0.1/16 dev eth0 label eth0:y
ip addr add 10.8.0.1 peer 10.8.0.2 dev eth0
ip addr add fd00:1::1/64 dev eth0 nodad
ip addr add fd00:1::2/128 dev eth0 nodad
ip route add default via 10.1.2.254 src 10.1.2.1
ip -6 route add default via fd00:1::fe
${FACT_FILES}`,
  'a bridge': `${nic('eth0', '52:54:00:00:02:01')}
${nic('eth1', '52:54:00:00:02:02')}
ip link add br-lan type bridge stp_state 1
ip link set eth0 master br-lan
ip link set eth1 master br-lan promisc on
ip link set br-lan mtu 1400 up
ip addr add 10.2.0.1/24 brd + dev br-lan
ip link add empty type bridge
ip route add default via 10.2.0.254 dev br-lan`,
  'no default route': `${nic('eth0.5', '52:54:00:00:03:01')}
ip addr add 10.3.0.1/30 dev eth0.5
printf 'nameserver 10.3.0.2\\nsearch a.example b.example\\n' >/etc/resolv.conf.new
rm -f /etc/resolv.conf
mv /etc/resolv.conf.new /etc/resolv.conf`,
  'IPv6 alone': `${nic('eth0', '52:54:00:00:04:01')}
ip addr flush dev lo
ip addr add fd00:4::1/64 dev eth0 nodad
ip -6 route add default via fe80::1 dev eth0`,
  'no address': `${nic('eth0', '52:54:00:00:05:01')}
ip link set eth0 down`,
  'a way that is refused': `${nic('eth0', '52:54:00:00:06:01')}
ip addr add 10.6.0.1/24 dev eth0
ip route add prohibit default`,
};

/** Facts of Ansible that netplay does not gather; docs/facts.md says so. */
const NOT_GATHERED = [
  ...[
    'device_links',
    'devices',
    'fibre_channel_wwn',
    'hostnqn',
    'iscsi_iqn',
    'lvm',
    'python',
    'python_version',
  ],
  ...['selinux_python_present', 'system_capabilities', 'system_capabilities_enforced'],
];
/** What an interface has besides, from two more processes for each. */
const NOT_OF_INTERFACES = ['features', 'timestamping', 'hw_timestamp_filters', 'phc_index'];
/** These change from one moment, or one login, to the next: only what they are made of is compared. */
const PASSING = new Set([
  ...['date_time', 'env', 'loadavg', 'memfree_mb', 'memory_mb', 'mounts', 'swapfree_mb', 'uptime_seconds'],
]);
/** Lists whose order means nothing: Ansible's is that of a folder, or of a set. */
const UNORDERED = new Set([
  ...['interfaces', 'all_ipv4_addresses', 'all_ipv6_addresses'],
  ...['virtualization_tech_guest', 'virtualization_tech_host'],
]);

const folder = mkdtempSync(join(tmpdir(), 'netplay-facts-'));
const names = Object.keys(SHAPES);
const hosts = new Map<string, Netns>();
const judged = new Map<string, Facts>();

beforeAll(async () => {
  for (const name of names) {
    const netns = await createNetns();
    hosts.set(name, netns);
    netns.must(SHAPES[name] ?? '');
  }
  askSetup();
});

afterAll(() => {
  for (const netns of hosts.values()) netns.close();
  rmSync(folder, { recursive: true });
});

/** One process of Ansible for all hosts: the shell of each is one that enters its namespaces. */
function askSetup(): void {
  const lines = names.map((name, at) => {
    const shell = join(folder, `shell-${at}`);
    const enter = `exec nsenter -t ${hosts.get(name)?.pid} -n -m -- /bin/sh "$@"`;
    writeFileSync(shell, `#!/bin/sh\n${enter}\n`, { mode: 0o755 });
    return `h${at} ansible_connection=local ansible_python_interpreter=/usr/bin/python3 ansible_shell_executable=${shell}`;
  });
  writeFileSync(join(folder, 'hosts'), `${lines.join('\n')}\n`);
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  const argv = ['all', '-i', join(folder, 'hosts'), '-m', 'setup', '-f', '3', '--tree', tree];
  execFileSync('ansible', argv, {
    cwd: folder,
    env: { ...process.env, ...ENV, LC_ALL: 'C.UTF-8' },
    stdio: 'pipe',
  });
  for (const [at, name] of names.entries()) {
    const result = JSON.parse(readFileSync(join(tree, `h${at}`), 'utf8'));
    const facts = Object.entries<unknown>(result.ansible_facts);
    judged.set(name, Object.fromEntries(facts.map(([key, value]) => [key.replace(/^ansible_/, ''), value])));
  }
}

function gather(name: string, script = factsScript(), shell: readonly string[] = ['sh']): Facts {
  const result = hosts.get(name)?.exec([...shell], script);
  expect(result?.stderr).toBe('');
  return parseFacts(result?.stdout ?? '');
}

const isFacts = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As it is compared: without what netplay leaves out, lists without order sorted. */
function comparable(name: string, value: unknown): unknown {
  if (PASSING.has(name) && isFacts(value)) return Object.keys(value).toSorted();
  if (PASSING.has(name))
    return Array.isArray(value) ? value.map((one) => isFacts(one) && one.mount) : typeof value;
  if (UNORDERED.has(name)) return (value as unknown[]).toSorted();
  if (!isFacts(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !NOT_OF_INTERFACES.includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, comparable(key, inner)]));
}

describe.each(names)('a host with %s', (name) => {
  test('has the facts that Ansible finds', () => {
    const [ours, theirs] = [gather(name), judged.get(name) ?? {}];
    expect(
      Object.keys(theirs)
        .filter((key) => !(key in ours))
        .toSorted(),
    ).toEqual(NOT_GATHERED);
    expect(Object.keys(ours).filter((key) => !(key in theirs))).toEqual([]);
    // `env` is of the login, and so are its names.
    const both = Object.keys(theirs).filter((key) => key in ours && key !== 'env');
    expect(both.length).toBeGreaterThan(80);
    for (const key of both)
      expect({ [key]: comparable(key, ours[key]) }).toEqual({ [key]: comparable(key, theirs[key]) });
  });
});

test('what stands out is seen', () => {
  // A judge that saw the wrong namespace would agree on anything.
  expect(gather('many addresses')).toMatchObject({
    default_ipv4: { address: '10.1.2.1', gateway: '10.1.2.254', network: '10.1.2.0' },
    local: {
      json: { site: 'dc1', vlans: [1, 2] },
      ini: { General: { role: 'edge', empty: '' } },
      program: { uid: 0 },
    },
    eth0: { ipv4: { address: '10.1.1.1' }, ipv4_secondaries: expect.any(Array) },
    eth0_x: { ipv4_secondaries: [{ address: '10.1.1.3' }] },
  });
  expect(gather('a bridge')).toMatchObject({
    br_lan: { type: 'bridge', interfaces: ['eth0', 'eth1'], stp: true, mtu: 1400 },
    eth1: { promisc: true },
    empty: { interfaces: [] },
  });
  expect(gather('IPv6 alone')).toMatchObject({ default_ipv4: {}, default_ipv6: { gateway: 'fe80::1' } });
  expect(gather('a way that is refused')).toMatchObject({ default_ipv4: {} });
});

describe('the script', () => {
  const stable = (facts: Facts): unknown =>
    Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, comparable(key, value)]));

  test.each(['dash', 'bash', 'bash --posix', 'busybox ash'])('says the same in %s', (shell) => {
    // Debian's busybox takes its own tools before those of the path, `ip` too, which finds no bridge's details.
    const { env, ...facts } = gather('many addresses', factsScript(), shell.split(' '));
    const { env: other, ...expected } = gather('many addresses');
    expect(stable(facts)).toEqual(stable(expected));
  });

  test('runs as a user without rights, and without a PATH that has sbin', () => {
    const argv = [
      'setpriv',
      '--reuid',
      '65534',
      '--regid',
      '65534',
      '--clear-groups',
      'env',
      '-i',
      '/bin/sh',
    ];
    const facts = gather('a bridge', factsScript(), argv);
    expect(facts).toMatchObject({ user_id: 'nobody', effective_user_id: 65534, product_serial: 'NA' });
    for (const key of ['interfaces', 'br_lan', 'eth1', 'default_ipv4', 'distribution', 'pkg_mgr', 'fqdn'])
      expect({ [key]: facts[key] }).toEqual({ [key]: gather('a bridge')[key] });
  });

  test('needs no iproute2: interfaces have no addresses then', () => {
    const netns = hosts.get('a bridge');
    const lean = 'mkdir -p /mnt/bin && busybox --install -s /mnt/bin && rm /mnt/bin/ip';
    const script = factsScript({ gatherSubset: '!all,!min,network' }).replace(/^PATH=\S+/m, 'PATH=/mnt/bin');
    const result = netns?.exec(`mount -t tmpfs tmpfs /mnt && ${lean} && exec sh`, script);
    expect(parseFacts(result?.stdout ?? '')).toMatchObject({
      br_lan: { type: 'bridge', mtu: 1400 },
      default_ipv4: {},
      all_ipv4_addresses: [],
    });
    netns?.must('umount /mnt');
  });

  test('is one frame of a session over SSH, whatever the login shell', async () => {
    const users = [{ name: 'tess', shell: '/usr/bin/tcsh', files: { '.cshrc': 'echo noise' } }];
    const sshd = await startSshd({ users });
    const transport = createTransport();
    try {
      const session = await transport.open(sshd.target({ user: 'tess' }));
      const { code, stdout, stderr } = await session.run(factsScript());
      expect({ code, stderr, frames: session.frames }).toEqual({ code: 0, stderr: '', frames: 1 });
      expect(parseFacts(stdout)).toMatchObject({
        user_id: 'tess',
        user_shell: '/usr/bin/tcsh',
        env: { LC_ALL: 'C', SSH_CONNECTION: expect.any(String) },
        interfaces: expect.arrayContaining(['lo']),
      });
    } finally {
      await transport.close();
      await sshd.stop();
    }
  });

  test('gathers what is asked for alone', () => {
    const facts = gather('a bridge', factsScript({ gatherSubset: ['!all', '!min', 'network'] }));
    expect(facts).toHaveProperty('default_ipv4.gateway', '10.2.0.254');
    expect(facts).toHaveProperty('gather_subset', ['!all', '!min', 'network']);
    // What Ansible's collector of interfaces needs besides.
    expect(facts).toHaveProperty('distribution');
    for (const key of ['memtotal_mb', 'dns', 'env', 'virtualization_type', 'local'])
      expect(facts).not.toHaveProperty(key);
  });

  test("takes a host's own facts from where it is told, and ends those that hang", () => {
    const netns = hosts.get('no address');
    netns?.must(`mkdir -p "/etc/it's facts"
cd "/etc/it's facts"
printf '#!/bin/sh\\necho half\\nsleep 30\\n' >slow.fact
printf '#!/bin/sh\\necho oh no >&2\\nexit 3\\n' >bad.fact
printf '{"a": 1}' >'$(touch pwned) x.fact'
printf '{' >broken.fact
ln -s nowhere dangling.fact
: >empty.fact
chmod 755 slow.fact bad.fact`);
    const started = performance.now();
    const facts = gather('no address', factsScript({ factPath: "/etc/it's facts", gatherTimeout: 1 }));
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(facts.local).toEqual({
      '$(touch pwned) x': { a: 1 },
      bad: "/etc/it's facts/bad.fact failed with exit code 3: oh no",
      broken: expect.stringContaining('is neither JSON nor INI'),
      dangling: expect.stringContaining('failed with exit code 1'),
      empty: {},
      slow: "/etc/it's facts/slow.fact took longer than gather_timeout and was ended.",
    });
    expect(netns?.exec(`test -e pwned || test -e "/etc/it's facts/pwned"`).code).toBe(1);
  });
});

describe('what it costs', () => {
  /** How many processes it starts: a namespace of its own counts them. */
  function processes(netns: Netns): number {
    const count = `sh && exec sh -c 'sh -c "echo \\$\\$" >&2'`;
    const { stdout, stderr } = netns.exec(['unshare', '-p', '-f', 'sh', '-c', count], factsScript());
    expect(parseFacts(stdout)).toHaveProperty('interfaces');
    return Number(stderr) - 2;
  }

  test('is as many processes with 300 interfaces as with one', async () => {
    const netns = await createNetns();
    try {
      const few = processes(netns);
      netns.must(`i=0
while [ $((i += 1)) -le 150 ]; do
  echo "link add a$i type veth peer name b$i"
  echo "addr add 10.$i.0.1/24 dev a$i"
done | ip -batch -`);
      const started = performance.now();
      const many = processes(netns);
      console.log(
        `facts: ${many} processes, 301 interfaces in ${Math.round(performance.now() - started)} ms`,
      );
      expect(many).toBe(few);
      expect(many).toBeLessThan(60);
      const facts = parseFacts(netns.must(['sh'], factsScript()));
      expect(facts.interfaces).toHaveLength(301);
      expect(facts.a150).toMatchObject({ device: 'a150', ipv4: { address: '10.150.0.1' } });
    } finally {
      netns.close();
    }
  });
});
