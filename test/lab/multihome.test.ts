/**
 * One `multihome` task a host cures the mission's three scenarios, by the packets that tell them broken; it
 * follows its uplinks when they change, and leaves nothing behind.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Lab, labUp } from '../../src/lab/index.js';
import { type Proof, type ProofRequest, prove } from '../../src/lab/proof.js';
import type { HostSpec } from '../../src/lab/spec.js';
import { changesByHost, problemsOf, ROOT, type RunReport, runJson } from '../support/cli.js';
import { type Folder, makeFolder, projectLab, settledRun } from '../support/lab-runs.js';

type Task = Record<string, unknown>;
interface Play {
  hosts: string;
  tasks: Task[];
}

const PLAYBOOK = `${ROOT}/playbooks/multihome.yml`;
const plays: readonly Play[] = parse(readFileSync(PLAYBOOK, 'utf8'));
const proofs: Record<'same-subnet' | 'dual-uplink' | 'asymmetric', ProofRequest> = JSON.parse(
  readFileSync(`${ROOT}/inventory/lab/proofs.json`, 'utf8'),
);
const { 'same-subnet': twin, 'dual-uplink': edge, asymmetric: app } = proofs;

/** One router of its own for each of two providers, which drop what they did not give; both reach somebody. */
const SIX: Readonly<Record<string, HostSpec>> = {
  six1: {
    nics: {
      eth0: { switch: 'six-a', addresses: ['2001:db8:a::2/64'] },
      eth1: { switch: 'six-b', addresses: ['2001:db8:b::2/64'] },
    },
    routes: [{ dst: 'default', via: '2001:db8:a::1', dev: 'eth0' }],
  },
  ...Object.fromEntries(
    ['a', 'b'].map((letter, index): [string, HostSpec] => [
      `provider6-${letter}`,
      {
        ssh: false,
        nics: {
          eth0: { switch: `six-${letter}`, addresses: [`2001:db8:${letter}::1/64`, `fe80::${index + 1}/64`] },
          eth1: { switch: 'six-net', addresses: [`2001:db8:f::${index + 1}/64`] },
        },
        sysctls: { 'net.ipv6.conf.all.forwarding': 1 },
        run: [
          `ip -6 rule add from 2001:db8:${letter}::/64 iif eth0 lookup main priority 100`,
          'ip -6 rule add iif eth0 prohibit priority 101',
        ],
      },
    ]),
  ),
  somebody6: {
    ssh: false,
    nics: { eth0: { switch: 'six-net', addresses: ['2001:db8:f::5/64'] } },
    routes: [
      { dst: '2001:db8:a::/64', via: '2001:db8:f::1' },
      { dst: '2001:db8:b::/64', via: '2001:db8:f::2' },
    ],
  },
};

let lab: Lab;
let folder: Folder;
let inventories: string[];
const untouched = new Map<string, string>();

beforeAll(async () => {
  folder = makeFolder();
  const site = projectLab('site.yml', 'multihome');
  lab = await labUp({ ...site, hosts: { ...site.hosts, ...SIX } });
  inventories = ['-i', 'inventory/site.yml', '-i', lab.inventory];
  for (const host of ['twin1', 'edge1', 'app1', 'six1']) untouched.set(host, await routingOf(host));
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

async function out(host: string, ...argv: string[]): Promise<string> {
  return (await lab.exec(host, argv)).stdout;
}

/** All that `multihome` may touch, as the kernel tells it, and what the host keeps for its next boot. */
function routingOf(host: string): Promise<string> {
  const script = `for family in 4 6; do ip -$family -d route show table all; ip -$family -d rule; ip -$family address; done
    grep -s . /proc/sys/net/ipv4/conf/*/rp_filter /proc/sys/net/ipv4/conf/*/arp_*
    ls /etc/sysctl.d /etc/iproute2/rt_tables.d; cat /etc/iproute2/rt_tables.d/*.conf`;
  return out(host, 'sh', '-c', script);
}

/** `client address: in/out lost`, short enough to compare whole proofs. */
function paths(proof: Proof): string[] {
  return proof.paths.map(
    ({ client, address, sent, received, in: from, out: by }) =>
      `${client} ${address}: ${from.join('+')}/${by.join('+')} ${sent - received} lost`,
  );
}

/** The tasks of the playbook's play for a host's group, with its uplinks changed. */
function tasksOf(
  group: string,
  change: (uplink: Task) => Task = (uplink) => uplink,
  more: Task = {},
): Task[] {
  return (plays.find(({ hosts }) => hosts === group)?.tasks ?? []).flatMap(({ multihome }) => {
    if (multihome === undefined) return [];
    const { uplinks, ...rest } = multihome as { uplinks: Task[] };
    return [{ multihome: { ...rest, ...more, uplinks: uplinks.map(change) } }];
  });
}

function write(name: string, hosts: string, tasks: readonly Task[]): string[] {
  return [folder.write(`${name}.yml`, [{ hosts, become: true, tasks }]), ...inventories];
}

/** Pings that run beside a change; how many were lost, and whether they ended before it did. */
async function whilePinging(client: string, address: string, change: () => Promise<RunReport>) {
  let ended = false;
  const argv = ['ping', '-n', '-q', '-i', '0.01', '-c', '600', '-W', '2', address];
  const ping = lab.exec(client, argv).finally(() => {
    ended = true;
  });
  const run = await change();
  const early = ended;
  const { stdout } = await ping;
  const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
  return { run, early, lost: Number(sent) - Number(received) };
}

const toDx = { dev: 'eth1', address: '192.168.1.162/24', table: 101 };
const isDx = (uplink: Task): boolean => uplink.dev === toDx.dev;

describe.sequential('before', () => {
  test('the scenarios are broken', async () => {
    const flux = await prove(lab.exec, twin);
    expect(flux.arp.get('192.168.1.253')).toEqual(['eth0', 'eth2']);
    expect(paths(await prove(lab.exec, edge))).toContain('somebody 192.168.1.162: eth1/eth0 3 lost');
    const strict = paths(await prove(lab.exec, app));
    expect(strict).toContain('client-c 192.168.1.10: ens224/ 3 lost');
    expect(strict).toContain('client-b 192.168.0.10: ens192/ 3 lost');
  });

  test('a strict filter alone is refused where packets prove it wrong, and nothing is touched', async () => {
    const strict = write('strict', 'app1', [{ rp_filter: { mode: 'strict', devs: ['ens192', 'ens224'] } }]);
    const run = await runJson(strict);
    expect(run.code).toBe(2);
    expect(problemsOf(run)).toContain(
      'app1: rp_filter: strict on ens224 would drop what comes in by it from anywhere for 192.168.1.10: the way back is ens192',
    );
    expect(await routingOf('app1')).toBe(untouched.get('app1'));
  });

  test('where it may be wrong, it says so', async () => {
    const one = write('one', 'app1', [{ rp_filter: { mode: 'strict', devs: ['ens192'] } }]);
    const { ends } = await runJson([...one, '--check']);
    expect(ends.flatMap(({ tasks }) => tasks.flatMap(({ warnings }) => warnings))).toContain(
      'strict on ens192 drops what a router there brings from 192.168.1.0/24 for 192.168.0.10: the way back is ens224 (none does: sources: {ens224: []})',
    );
  });
});

describe.sequential('multihome alone', () => {
  test('a check foretells the run, and a second run changes nothing', async () => {
    const run = await settledRun([PLAYBOOK, ...inventories]);
    expect(Object.keys(changesByHost(run))).toEqual(['twin1', 'edge1', 'app1']);
  });

  test('same subnet: each address is answered by its NIC alone, and its replies leave by that NIC', async () => {
    const proof = await prove(lab.exec, twin);
    expect(proof.arp.get('192.168.1.1')).toEqual(['eth0']);
    expect(proof.arp.get('192.168.1.253')).toEqual(['eth2']);
    expect(paths(proof)).toEqual([
      'twin-client 192.168.1.1: eth0/eth0 0 lost',
      'twin-client 192.168.1.253: eth2/eth2 0 lost',
      'twin-far 192.168.1.1: eth0/eth0 0 lost',
      'twin-far 192.168.1.253: eth2/eth2 0 lost',
    ]);
  });

  test('dual uplink: both addresses can be reached, each through its provider', async () => {
    expect(paths(await prove(lab.exec, edge))).toEqual([
      'somebody 172.16.1.162: eth0/eth0 0 lost',
      'somebody 192.168.1.162: eth1/eth1 0 lost',
    ]);
  });

  test('asymmetric: with the strict filter on, every client reaches both addresses symmetrically', async () => {
    const filters = await out('app1', 'sh', '-c', 'cat /proc/sys/net/ipv4/conf/ens*/rp_filter');
    expect(filters).toBe('1\n1\n');
    const seen = paths(await prove(lab.exec, app));
    expect(seen).toHaveLength(6);
    expect(seen.filter((path) => !path.endsWith(' 0 lost'))).toEqual([]);
    expect(seen.filter((path) => path.includes(' 192.168.0.10:') !== path.includes('/ens192 '))).toEqual([]);
  });
});

describe.sequential('what later tasks do', () => {
  const strict = (file: null): Task => ({ sysctl: { name: 'net.ipv4.conf.all.rp_filter', value: 1, file } });

  test('an address that comes later has the filter loose from the first run on', async () => {
    const later = { address: { dev: 'eth1', address: '192.168.1.164/24' } };
    await settledRun(write('later', 'edge1', [strict(null), ...tasksOf('dual_uplink'), later]));
    expect(await out('edge1', 'cat', '/proc/sys/net/ipv4/conf/eth1/rp_filter')).toBe('2\n');
    const undo = [
      { sysctl: { name: 'net.ipv4.conf.all.rp_filter', value: 0, file: null } },
      { sysctl: { name: 'net.ipv4.conf.eth1.rp_filter', value: 0, file: null } },
      { sysctl: { name: 'net.ipv4.conf.eth1.rp_filter', state: 'absent' } },
      { address: { dev: 'eth1', address: '192.168.1.164/24', state: 'absent' } },
    ];
    await settledRun(write('later-undo', 'edge1', undo));
  });

  test('a rule that bends the way back is told by the check, and nothing is touched', async () => {
    const before = await routingOf('app1');
    const bent = [
      ...(plays.find(({ hosts }) => hosts === 'asymmetric')?.tasks ?? []),
      { rule: { from: '192.168.1.10', table: 'main', priority: 50 } },
    ];
    for (const more of [['--check'], []]) {
      const run = await runJson([...write('bent', 'app1', bent), ...more]);
      expect(problemsOf(run)).toContain(
        'app1: rp_filter: with what later tasks of this play do: strict on ens224 would drop what comes in by it from anywhere for 192.168.1.10: the way back is ens192',
      );
    }
    expect(await routingOf('app1')).toBe(before);
  });
});

describe.sequential('an uplink that changes', () => {
  test('another gateway: a running ping loses nothing', async () => {
    await lab.exec('provider-dx', ['ip', 'address', 'add', '192.168.1.2/24', 'dev', 'eth0']);
    const moved = tasksOf('dual_uplink', (uplink) =>
      isDx(uplink) ? { ...uplink, gateway: '192.168.1.2' } : uplink,
    );
    const { run, early, lost } = await whilePinging('somebody', '192.168.1.162', () =>
      runJson(write('gateway', 'edge1', moved)),
    );
    expect(problemsOf(run)).toEqual([]);
    expect({ early, lost }).toEqual({ early: false, lost: 0 });
    expect(await out('edge1', 'ip', 'route', 'show', 'table', '101')).toMatch(
      /^default via 192\.168\.1\.2 /m,
    );
  });

  test('another table and name: the old ones are gone, and a running ping loses nothing', async () => {
    const moved = tasksOf('dual_uplink', (uplink) =>
      isDx(uplink) ? { ...uplink, table: 111, name: 'dx2' } : uplink,
    );
    const args = write('table', 'edge1', moved);
    const { run, early, lost } = await whilePinging('somebody', '192.168.1.162', () => runJson(args));
    expect(problemsOf(run)).toEqual([]);
    expect({ early, lost }).toEqual({ early: false, lost: 0 });
    const rules = await out('edge1', 'ip', 'rule');
    expect(rules).toMatch(/^111:\s+from 192\.168\.1\.162 lookup dx2 /m);
    expect(rules).not.toContain('101:');
    expect(await out('edge1', 'sh', '-c', 'ip route show table 101 2>/dev/null')).toBe('');
    expect(await out('edge1', 'sh', '-c', 'cat /etc/iproute2/rt_tables.d/*.conf')).not.toMatch(/^101\b/m);
    expect(changesByHost(await runJson(args))).toEqual({ edge1: [] });
  });

  test('weights: main goes by both, and back to one where the other may not carry it', async () => {
    const weighed = (also: Task): Task[] =>
      tasksOf('dual_uplink', (uplink) =>
        isDx(uplink) ? { ...uplink, weight: 1, ...also } : { ...uplink, weight: 3 },
      );
    await settledRun(write('weights', 'edge1', weighed({})));
    const ways = await out('edge1', 'ip', 'route', 'show', 'default');
    expect(ways).toMatch(/nexthop via 192\.168\.1\.1 dev eth1 weight 1/);
    expect(ways).toMatch(/nexthop via 172\.16\.1\.1 dev eth0 weight 3/);
    await settledRun(write('ill', 'edge1', weighed({ default: false })));
    expect((await out('edge1', 'ip', 'route', 'show', 'default')).trim()).toMatch(
      /^default via 172\.16\.1\.1 dev eth0 +src 172\.16\.1\.162$/,
    );
  });

  test('loose where an address has no way back by its device: what strict drops comes in', async () => {
    await lab.exec('edge1', ['ip', 'address', 'add', '192.168.1.163/24', 'dev', 'eth1']);
    await lab.exec('edge1', ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter']);
    const dropped = async (): Promise<number> => {
      const counter = async () =>
        Number(
          /\d+/.exec(
            (await out('edge1', 'nstat', '-asz', 'TcpExtIPReversePathFilter')).split('\n')[1] ?? '',
          )?.[0],
        );
      const before = await counter();
      await lab.exec('somebody', ['ping', '-n', '-c', '3', '-i', '0.1', '-W', '1', '192.168.1.163']);
      return (await counter()) - before;
    };
    expect(await dropped()).toBe(3);
    await settledRun(write('loose', 'edge1', tasksOf('dual_uplink')));
    expect(await out('edge1', 'cat', '/proc/sys/net/ipv4/conf/eth1/rp_filter')).toBe('2\n');
    expect(await dropped()).toBe(0);
  });
});

describe.sequential('IPv6', () => {
  const uplinks = [
    { dev: 'eth0', address: '2001:db8:a::2/64', gateway: '2001:db8:a::1', table: 201, name: 'a6' },
    { dev: 'eth1', address: '2001:db8:b::2/64', gateway: 'fe80::2', table: 202, name: 'b6' },
  ];
  const lost = async (address: string): Promise<number> => {
    const argv = ['ping', '-n', '-c', '3', '-i', '0.2', '-W', '1', address];
    const { stdout } = await lab.exec('somebody6', argv);
    const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
    return Number(sent) - Number(received);
  };

  test('both addresses can be reached, by a router that is link-local too', async () => {
    expect(await lost('2001:db8:a::2')).toBe(0);
    expect(await lost('2001:db8:b::2')).toBe(3);
    await settledRun(write('six', 'six1', [{ multihome: { uplinks } }]));
    expect(await lost('2001:db8:a::2')).toBe(0);
    expect(await lost('2001:db8:b::2')).toBe(0);
  });

  test('absent leaves the state from before', async () => {
    await settledRun(write('six-absent', 'six1', [{ multihome: { uplinks, state: 'absent' } }]));
    expect(await routingOf('six1')).toBe(untouched.get('six1'));
  });
});

describe.sequential('absent', () => {
  test('leaves the state from before', async () => {
    for (const [group, host] of [
      ['same_subnet', 'twin1'],
      ['asymmetric', 'app1'],
    ] as const) {
      await settledRun(write(`absent-${host}`, host, tasksOf(group, undefined, { state: 'absent' })));
      // The strict filter is what the play's other task keeps for the next boot.
      const left = (await routingOf(host)).replace(/^zz-netplay\.conf\n/m, host === 'app1' ? '' : '$&');
      expect(left).toBe(untouched.get(host));
    }
  });

  test("leaves main's default route, and puts the filter back", async () => {
    await settledRun(write('absent-edge', 'edge1', tasksOf('dual_uplink', undefined, { state: 'absent' })));
    await lab.exec('edge1', ['ip', 'address', 'del', '192.168.1.163/24', 'dev', 'eth1']);
    await lab.exec('edge1', ['sh', '-c', 'echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter']);
    const left = await routingOf('edge1');
    // It was there, and went by both for a while: its source is what is new.
    expect(left.replace(/^(unicast default via 172\.16\.1\.1 .*?) src 172\.16\.1\.162/m, '$1')).toBe(
      untouched.get('edge1'),
    );
  });
});
