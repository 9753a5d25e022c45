/**
 * `netplay probe`, and the same probes in `verify`: on a network that is right each passes and says what it saw;
 * then something real is broken, and it says what was expected and what was seen.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import type { ProbeAnswered } from '../../src/shared/events.js';
import { netplay, ROOT, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';
import { expectRates } from '../support/rates.js';

/** Two NICs in one subnet, as they should be: a table and a rule for each, and one owner for each address. */
const RIGHT = [
  'ip route add 192.168.1.0/24 dev eth0 src 192.168.1.1 table 100',
  'ip route add default via 192.168.1.254 dev eth0 table 100',
  'ip route add 192.168.1.0/24 dev eth2 src 192.168.1.253 table 102',
  'ip route add default via 192.168.1.254 dev eth2 table 102',
  'ip rule add from 192.168.1.1 table 100 priority 100',
  'ip rule add from 192.168.1.253 table 102 priority 102',
];
const RULE = 'rule from 192.168.1.253 table 102 priority 102';
const MAC = { eth0: '02:00:00:00:01:00', eth2: '02:00:00:00:01:02' };

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('probe'),
    hosts: {
      server: {
        nics: {
          eth0: { switch: 'lan', addresses: ['192.168.1.1/24'], mac: MAC.eth0 },
          eth2: { switch: 'lan', addresses: ['192.168.1.253/24'], mac: MAC.eth2 },
        },
        vars: { gateway: '192.168.1.254' },
        routes: ['default via 192.168.1.254 dev eth0'],
        sysctls: { 'net.ipv4.conf.all.arp_ignore': 1, 'net.ipv4.conf.all.arp_announce': 2 },
        files: {
          '/etc/iproute2/rt_tables.d/lab.conf': '102 second\n',
          '/etc/resolv.conf': 'nameserver 192.168.1.254\noptions timeout:1 attempts:1\n',
        },
        run: RIGHT,
      },
      gw: {
        nics: {
          eth0: { switch: 'lan', addresses: ['192.168.1.254/24'] },
          eth1: { switch: 'far', addresses: ['192.168.2.254/24'] },
        },
        vars: { gateway: '192.168.2.5' },
        sysctls: { 'net.ipv4.ip_forward': 1 },
        files: {
          '/etc/zone': 'www.example.org 192.0.2.80 2001:db8::80\n',
          '/root/dns.py': { source: join(ROOT, 'test', 'lab', 'fixtures', 'dns.py') },
        },
        run: ['setsid /usr/bin/python3 /root/dns.py /etc/zone </dev/null >/dev/null 2>&1 &'],
      },
      client: {
        nics: { eth0: { switch: 'far', addresses: ['192.168.2.5/24'] } },
        routes: ['default via 192.168.2.254'],
      },
      dead: { run: ['kill "$(cat /run/sshd.pid)"'] },
    },
  });
});
afterAll(async () => {
  await lab?.down();
  folder?.remove();
});

const on = (host: string, script: string) => lab.exec(host, ['sh', '-c', script]);

/** What `netplay probe` prints, with one blank between its columns, and its exit code. */
async function probe(...args: string[]): Promise<[code: number, ...lines: string[]]> {
  const { code, stdout, stderr } = await netplay(['probe', '-i', lab.inventory, ...args]);
  expect(stderr).toBe('');
  return [code, ...stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '))];
}

/** Breaks something on a host for as long as `work` takes. */
async function broken<Result>(
  host: string,
  [breaks, mends]: readonly [string, string],
  work: () => Promise<Result>,
): Promise<Result> {
  await on(host, breaks);
  try {
    return await work();
  } finally {
    await on(host, mends);
  }
}

const NO_RULE = [`ip rule del ${RULE.slice(5)}`, `ip rule add ${RULE.slice(5)}`] as const;
const sysctl = (key: string, bad: number, good: number) => {
  const set = (value: number) => `echo ${value} > /proc/sys/net/ipv4/conf/${key}`;
  return [set(bad), set(good)] as const;
};

describe('ping', () => {
  const bound = ['dest=192.168.1.254', 'interface=eth2', 'source=192.168.1.253', 'count=2', 'loss=0'];

  test('from an address by an interface, and all hosts with their own variables', async () => {
    expect(await probe('server', 'ping', ...bound)).toEqual([
      0,
      expect.stringMatching(
        /^server ok ping 192\.168\.1\.254 from 192\.168\.1\.253 dev eth2: 2 of 2 answered, [\d.]+ ms$/,
      ),
    ]);
    expect(await probe('server:gw', 'ping', '{{ gateway }}')).toEqual([
      0,
      expect.stringMatching(/^server ok ping 192\.168\.1\.254: 1 of 1/),
      expect.stringMatching(/^gw ok ping 192\.168\.2\.5: 1 of 1/),
    ]);
  });

  test('no answer', async () => {
    const cut = ['ip link set eth1 down', 'ip link set eth1 up'] as const;
    expect(await broken('gw', cut, () => probe('client', 'ping', 'dest=192.168.2.254', 'timeout=1'))).toEqual(
      [
        2,
        expect.stringMatching(
          /^client FAILED ping 192\.168\.2\.254: (no answer to a ping|Destination Host Unreachable)$/,
        ),
      ],
    );
  });

  test('more lost than may be', async () => {
    const toggle = 'ip route add blackhole 192.168.2.5; sleep 1; ip route del blackhole 192.168.2.5; sleep 1';
    const flapping = on('gw', `for n in 1 2 3 4 5; do ${toggle}; done`);
    const said = await probe('server', 'ping', 'dest=192.168.2.5 count=4 loss=0');
    await flapping;
    expect(said).toEqual([
      2,
      expect.stringMatching(
        /^server FAILED ping 192\.168\.2\.5: expected at most 0% lost, seen [123] of 4 lost$/,
      ),
    ]);
  });
});

describe('route_get', () => {
  const SEEN = 'server ok route_get 192.168.2.5 from 192.168.1.253: dev eth2 via 192.168.1.254 table second';

  test.each(['second', '102', '0x66'])('by the table %s', async (table) => {
    const words = `dst=192.168.2.5 from=192.168.1.253 dev=eth2 via=192.168.1.254 table=${table}`;
    expect(await probe('server', 'route_get', words)).toEqual([0, SEEN]);
  });

  test('without its rule the packet goes by another device', async () => {
    const words = ['{dst: 192.168.2.5, from: 192.168.1.253, dev: eth2, table: second}'];
    expect(await broken('server', NO_RULE, () => probe('server', 'route_get', ...words))).toEqual([
      2,
      'server FAILED route_get 192.168.2.5 from 192.168.1.253: expected dev eth2 table second, seen dev eth0 via 192.168.1.254 table main',
    ]);
  });

  test('no route at all', async () => {
    const none = ['ip route add unreachable 10.77.0.0/16', 'ip route del unreachable 10.77.0.0/16'] as const;
    expect(await probe('server', 'route_get', '10.77.0.1')).toEqual([
      0,
      'server ok route_get 10.77.0.1: dev eth0 via 192.168.1.254 src 192.168.1.1 table main',
    ]);
    expect(
      await broken('server', none, () => probe('server', 'route_get', 'dst=10.77.0.1', 'dev=eth0')),
    ).toEqual([2, 'server FAILED route_get 10.77.0.1: expected dev eth0, seen No route to host']);
  });
});

describe('arp_owner', () => {
  const asked = ['gw', 'arp_owner', 'address=192.168.1.253', 'dev=eth0'];
  const owner = [...asked, 'owner=server', 'owner_dev=eth2'];
  const FLUX = sysctl('all/arp_ignore', 0, 1);

  test('one MAC alone: that of the address or of the host that is named', async () => {
    const answers = [0, `gw ok arp_owner 192.168.1.253 by eth0: ${MAC.eth2} alone answers`];
    expect(await probe(...asked)).toEqual(answers);
    expect(await probe(...asked, `mac=${MAC.eth2.toUpperCase()}`)).toEqual(answers);
    expect(await probe(...owner)).toEqual(answers);
  });

  test('the flux: two answer', async () => {
    const [line, two] = [
      'gw FAILED arp_owner 192.168.1.253 by eth0: expected',
      `${MAC.eth0} and ${MAC.eth2}`,
    ];
    expect(await broken('server', FLUX, () => probe(...asked))).toEqual([
      2,
      `${line} one MAC alone to answer, seen ${two}`,
    ]);
    expect(await broken('server', FLUX, () => probe(...owner))).toEqual([
      2,
      `${line} ${MAC.eth2} alone to answer, seen ${two}`,
    ]);
  });

  test('another one, or nobody', async () => {
    expect(await probe(...asked, `mac=${MAC.eth0}`)).toEqual([
      2,
      `gw FAILED arp_owner 192.168.1.253 by eth0: expected ${MAC.eth0} alone to answer, seen ${MAC.eth2}`,
    ]);
    const down = ['ip link set eth2 down', `ip link set eth2 up; ${RIGHT.slice(2, 4).join(';')}`] as const;
    expect(await broken('server', down, () => probe(...asked))).toEqual([
      2,
      'gw FAILED arp_owner 192.168.1.253 by eth0: expected one MAC alone to answer, seen nobody',
    ]);
  });
});

describe('symmetric', () => {
  const asked = ['server', 'symmetric', 'address=192.168.1.253', 'dev=eth2', 'peer=192.168.2.5'];
  const label = 'symmetric 192.168.1.253 by eth2 for 192.168.2.5:';
  const leaves = 'the reply leaves by dev eth2 via 192.168.1.254 table second';

  test('by the lookups, and by pings of the client', async () => {
    expect(await probe(...asked)).toEqual([
      0,
      `server ok ${label} a packet from 192.168.2.5 that comes in by eth2 is taken; ${leaves}`,
    ]);
    expect(await probe(...asked, 'client=client')).toEqual([
      0,
      `server ok ${label} 10 pings came in by eth2 and their replies left by it; ${leaves}`,
    ]);
  });

  test('the reply would leave by another interface', async () => {
    for (const client of [[], ['client=client']])
      expect(await broken('server', NO_RULE, () => probe(...asked, ...client))).toEqual([
        2,
        `server FAILED ${label} expected the reply to leave by dev eth2, seen dev eth0 via 192.168.1.254 table main`,
      ]);
  });

  test('the reverse-path filter would drop the request', async () => {
    const strict = [
      `${NO_RULE[0]}; ${sysctl('eth2/rp_filter', 1, 0)[0]}`,
      `${NO_RULE[1]}; ${sysctl('eth2/rp_filter', 1, 0)[1]}`,
    ] as const;
    expect(await broken('server', strict, () => probe(...asked))).toEqual([
      2,
      expect.stringMatching(
        /^server FAILED .*: expected a packet from 192\.168\.2\.5 that comes in by eth2 to be taken, seen that it is dropped \(Invalid .+\)$/,
      ),
    ]);
  });

  test('requests come in by another interface, which no lookup can tell', async () => {
    const misled = [
      `ip neigh replace 192.168.1.253 lladdr ${MAC.eth0} nud permanent dev eth0`,
      'ip neigh del 192.168.1.253 dev eth0',
    ] as const;
    expect((await broken('gw', misled, () => probe(...asked)))[0]).toBe(0);
    expect(await broken('gw', misled, () => probe(...asked, 'client=client', 'count=20'))).toEqual([
      2,
      expect.stringMatching(
        /^server FAILED .* expected the 20 pings to come in by dev eth2, seen \d there and more by eth0$/,
      ),
    ]);
  });

  test('the address does not answer the client', async () => {
    const deaf = [
      'ip route add blackhole 192.168.2.5 table 102',
      'ip route del blackhole 192.168.2.5 table 102',
    ] as const;
    expect((await broken('server', deaf, () => probe(...asked)))[0]).toBe(2);
    const cut = [
      'ip link set eth0 down',
      'ip link set eth0 up; ip route add default via 192.168.2.254',
    ] as const;
    expect(await broken('client', cut, () => probe(...asked, 'client=client', 'count=5'))).toEqual([
      2,
      expect.stringMatching(/^server FAILED .*on client: /),
    ]);
  });
});

describe('throughput', () => {
  const asked = ['server', 'throughput', 'to=client', 'dest=192.168.2.5', 'source=192.168.1.253', 'time=2'];
  const label = 'throughput to client (192.168.2.5) from 192.168.1.253:';
  const limit = (rate: string) =>
    [
      `tc qdisc add dev eth1 root tbf rate ${rate} burst 32kb latency 50ms`,
      'tc qdisc del dev eth1 root',
    ] as const;

  test('above the floor, and below it once somebody limits it', async () => {
    const floor = [...asked, 'min_rate=60mbit'];
    expect(await probe(...floor)).toEqual([
      0,
      expect.stringMatching(
        /^server ok throughput to client .*: [\d.]+[mg]bit \([\d.]+ MB in 2\.\d s, by \S+\)$/,
      ),
    ]);
    const limited = async (): Promise<number[]> => {
      const [code, line = ''] = await broken('gw', limit('20mbit'), () => probe(...floor));
      expect(code).toBe(2);
      expect(line).toContain(`server FAILED ${label} expected at least 60mbit, seen `);
      return [Number(/seen ([\d.]+)mbit/.exec(line)?.[1])];
    };
    const [seen] = await expectRates(limited, 19);
    expect(seen).toBeLessThan(20);
  });

  test('a limit is shown to work, and not to', async () => {
    const ceiling = [...asked, 'max_rate=20mbit'];
    expect((await broken('gw', limit('20mbit'), () => probe(...ceiling)))[0]).toBe(0);
    expect(await probe(...ceiling)).toEqual([
      2,
      expect.stringMatching(/^server FAILED .* expected at most 20mbit, seen [\d.]+[mg]bit /),
    ]);
  });

  test('nobody there, and nobody to be reached', async () => {
    expect(await probe('server', 'throughput', 'to=client', 'dest=192.168.2.99')).toEqual([
      2,
      expect.stringMatching(/^server FAILED .*192\.168\.2\.99.*([Nn]o route|[Uu]nreachable)/),
    ]);
    expect(await probe('server', 'throughput', 'to=dead', 'dest=192.168.2.99')).toEqual([
      4,
      expect.stringMatching(/^server UNREACHABLE throughput to dead .*: dead: /),
    ]);
  });
});

describe('dns', () => {
  const asked = ['name=www.example.org', 'addresses=192.0.2.80,2001:DB8::0080'];
  const moved = [
    'echo www.example.org 192.0.2.81 > /etc/zone',
    'echo www.example.org 192.0.2.80 2001:db8::80 > /etc/zone',
  ] as const;

  test.each([
    ['of 192.168.1.254', ['server=192.168.1.254']],
    ['by itself', []],
  ])('asked %s: the addresses, and others', async (_how, server) => {
    expect(await probe('server', 'dns', ...asked, ...server)).toEqual([
      0,
      expect.stringMatching(/^server ok dns www\.example\.org.*: 192\.0\.2\.80 2001:db8::80$/),
    ]);
    expect(await broken('gw', moved, () => probe('server', 'dns', ...asked, ...server))).toEqual([
      2,
      expect.stringMatching(
        /^server FAILED dns .*: expected 192\.0\.2\.80 2001:db8::80, seen 192\.0\.2\.81$/,
      ),
    ]);
  });

  test('no such name, and no server', async () => {
    expect(await probe('server', 'dns', 'name=nosuch.example.org', 'server=192.168.1.254')).toEqual([
      2,
      expect.stringMatching(
        /^server FAILED dns nosuch\.example\.org of 192\.168\.1\.254: no address: .*NXDOMAIN/,
      ),
    ]);
    expect((await probe('server', 'dns', 'name=www.example.org', 'server=192.168.2.5'))[0]).toBe(2);
  });
});

describe('mtu_path', () => {
  test('the whole size, a router that says its limit, and one that drops in silence', async () => {
    const asked = ['server', 'mtu_path', 'dest=192.168.2.5', 'min=1500'];
    expect(await probe(...asked)).toEqual([0, 'server ok mtu_path 192.168.2.5: 1500 (device eth0 has 1500)']);
    const size = (mtu: number) => [`ip link set eth1 mtu ${mtu}`, 'ip link set eth1 mtu 1500'] as const;
    expect(await broken('gw', size(1400), () => probe(...asked))).toEqual([
      2,
      'server FAILED mtu_path 192.168.2.5: expected at least 1500, seen 1400 (device eth0 has 1500)',
    ]);
    await on('server', 'ip route flush cache');
    // A veth takes four bytes more than its MTU, room for a VLAN's tag (is_skb_forwardable).
    const silent = ['ip link set eth0 mtu 1300', 'ip link set eth0 mtu 1500'] as const;
    expect(await broken('client', silent, () => probe(...asked))).toEqual([
      2,
      'server FAILED mtu_path 192.168.2.5: expected at least 1500, seen 1304 (device eth0 has 1500)',
    ]);
  });
});

describe('the command', () => {
  test('a host that can not be reached, as text and as JSON', async () => {
    const [code, ...lines] = await probe('server:dead', 'command', 'echo "seen it"');
    expect([code, lines[0]]).toEqual([4, 'server ok echo "seen it": seen it']);
    expect(lines[1]).toMatch(/^dead UNREACHABLE echo "seen it": /);
    const { code: failed, stdout } = await netplay([
      'probe',
      '-i',
      lab.inventory,
      'server:dead',
      'tcp_connect',
      '192.168.1.254:1',
      '--json',
    ]);
    expect(failed).toBe(2);
    expect(stdout.split('\n').map((line) => JSON.parse(line))).toEqual([
      { host: 'server', probe: 'tcp_connect 192.168.1.254:1', status: 'failed', seen: 'Connection refused' },
      { host: 'dead', probe: 'tcp_connect 192.168.1.254:1', status: 'unreachable', seen: expect.any(String) },
    ]);
  });

  const wrong: [words: string[], said: string][] = [
    [['server', 'pnig', 'x'], 'Did you mean ping?'],
    [['server', 'ping', 'dest=192.168.1.254', 'nonsense'], 'not all of the form key=value'],
    [['server', 'ping', 'dest=192.168.1.254 cuont=1'], "unknown parameter 'cuont'"],
    [['server', 'ping', 'dest=192.168.1.254', 'cuont=1'], "unknown parameter 'cuont'"],
    [['server', 'throughput', 'to=clint', 'dest=192.168.2.5'], 'Did you mean client?'],
    [['all', 'throughput', 'to=client', 'dest=192.168.2.5'], "to: 'client' is the host that asks"],
    [['nosuch', 'ping', '192.168.1.254'], 'nosuch'],
  ];
  test.each(wrong)('%j is refused before any host is touched', async (words, said) => {
    const { code, stdout, stderr } = await netplay(['probe', '-i', lab.inventory, ...words]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(said);
  });
});

describe('in a run', () => {
  const task = { rule: { from: '10.9.9.9', table: 102, priority: 500 } };
  const verify = (floor: string) => [
    { route_get: { dst: '192.168.2.5', from: '192.168.1.253', dev: 'eth2' } },
    { throughput: { to: 'client', dest: '192.168.2.5', min_rate: floor, time: 4 } },
    { arp_owner: { address: '192.168.1.253', dev: 'eth0', owner: 'server', owner_dev: 'eth2' }, from: 'gw' },
  ];
  const play = (floor: string) =>
    folder.write('play.yml', [{ hosts: 'server', tasks: [task], verify: verify(floor) }]);
  const arguments_ = (floor: string) => [play(floor), '-i', lab.inventory, '--confirm-timeout', '3s'];

  test('what does not pass undoes it, with what was expected and seen', async () => {
    const run = await runJson(arguments_('900tbit'));
    expect(run.code).toBe(2);
    const [end] = run.ends;
    expect(end?.status).toBe('rolled_back');
    expect(end?.error?.message).toMatch(
      /^all changes were undone: throughput to client \(192\.168\.2\.5\), asked from server: expected at least 900tbit, seen /,
    );
    expect((await on('server', 'ip rule')).stdout).not.toContain('10.9.9.9');
  });

  test('longer than the host would wait: it is kept, and each probe says what it saw', async () => {
    const run = await runJson(arguments_('1mbit'));
    expect([run.code, run.ends[0]?.status]).toEqual([0, 'changed']);
    const all = run.events.filter((event): event is ProbeAnswered => event.type === 'probe');
    // Beside those of the play: the gateway and the resolver, which are the same host, are asked by themselves.
    const [baseline, ...told] = all;
    expect(baseline?.probe).toBe('ping 192.168.1.254 (default gateway)');
    expect(baseline?.seen).toMatch(/^1 of 1 answered/);
    expect(told.map(({ host, passed }) => [host, passed])).toEqual([
      ['server', true],
      ['server', true],
      ['gw', true],
    ]);
    expect(told[0]?.seen).toBe('dev eth2 via 192.168.1.254 table second');
    expect((await on('server', 'ip rule')).stdout).toContain('10.9.9.9');
  });

  test('-v shows it', async () => {
    await on('server', 'ip rule del priority 500');
    const { stdout } = await netplay(['run', '-v', ...arguments_('1mbit')]);
    expect(stdout).toContain(
      'server  saw route_get 192.168.2.5 from 192.168.1.253: dev eth2 via 192.168.1.254 table second',
    );
    expect(stdout).toMatch(/saw arp_owner 192\.168\.1\.253 by eth0: 02:00:00:00:01:02 alone answers/);
  });
});

test('nothing of the probes is left on the hosts', async () => {
  for (const host of ['server', 'client', 'gw']) {
    const { stdout } = await on(host, 'ps -eo args');
    expect(stdout).not.toMatch(/^(nc|ncat|iperf3|dd|wc|arping|ping|sleep ([02-9]|\d\d))/m);
    expect((await on(host, 'ls /tmp')).stdout).toBe('');
  }
});
