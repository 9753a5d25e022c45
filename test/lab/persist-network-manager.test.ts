/** Files of the backend `networkmanager`, with NetworkManager itself as the judge. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HostPlan, planTasks, readsOf } from '../../src/engine/plan.js';
import { networkManager } from '../../src/persist/network-manager.js';
import { resources } from '../../src/resources/registry.js';
import { type Kept, keptKey } from '../../src/snapshot/kept.js';
import type { Read, Snapshot } from '../../src/snapshot/model.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import { applyIn, stepsOf, type Wish } from '../support/apply.js';
import { createManagedNetns, hasNetworkManager, type ManagedNetns } from '../support/network-manager.js';

const FOLDER = '/etc/NetworkManager/system-connections';
const LAN = `${FOLDER}/lan.nmconnection`;
/** As an admin wrote it. */
const PROFILE = `# the office
[connection]
id=lan
uuid=2c9d1f1e-0f3e-4a0e-9d6f-000000000001
type=ethernet
interface-name=eth1

[ipv4]
method=manual
address1=10.0.0.5/24,10.0.0.1
# to the other office
route1=10.9.0.0/16,10.0.0.9

[ipv6]
method=link-local
`;
const MACS = ['02:00:00:00:00:01', '02:00:00:00:00:02'];

let host: ManagedNetns;
beforeEach(async () => {
  host = await createManagedNetns();
  host.must('mkdir -p /run/systemd/system');
  plug();
}, 60_000);
afterEach(() => host?.close());

/** The machine's devices, as they are when it starts. */
function plug(): void {
  for (const [at, mac] of MACS.entries())
    host.must(
      `ip link add eth${at + 1} address ${mac} type veth peer name p${at + 1}; ip link set p${at + 1} up`,
    );
}

/** Its devices are new, and so is /run. */
async function reboot(): Promise<void> {
  await host.stop();
  host.must(`for f in -4 -6; do ip $f rule flush; ip $f rule add pref 32766 table main; done
ip rule add pref 32767 table default
for l in $(ls /sys/class/net); do [ $l = lo ] || ip link del $l 2>/dev/null || :; done
rm -rf /run/NetworkManager`);
  plug();
  await host.start();
}

function save(path: string, content: string): void {
  host.must(['sh', '-c', 'umask 077; cat > "$0"', path], content);
}

function read(path: string): string {
  return host.must(['cat', path]);
}

function plan(wishes: readonly Wish[]): HostPlan {
  const tasks = wishes.map((wish) => {
    const [[name, params] = ['', {}]] = Object.entries(wish);
    const resource = resources.find((known) => known.name === name);
    if (resource === undefined) throw new Error(`no resource ${name}`);
    return { resource, items: [{ params, path: [] }], persist: 'auto' as const };
  });
  const reads = readsOf(tasks);
  return planTasks(tasks, parseProbe(host.must(['sh'], buildProbe(reads)), reads));
}

function apply(of: HostPlan): void {
  expect(applyIn(host, stepsOf(of))).toEqual([]);
}

const changes = (of: HostPlan) => of.sequence.flatMap((unit) => unit.changes);
const told = (of: HostPlan): string[] =>
  changes(of).map(({ address, before, after }) => `${address}: ${before} → ${after}`);
const persisted = (of: HostPlan) => changes(of).filter(({ resource }) => resource === 'persist');

/**
 * What counts of the state: NetworkManager marks as its own what it makes, makes the routes of addresses itself, one for
 * each, and gives addresses of IPv4 the usual broadcast address.
 */
function state(): string[] {
  const text = host.must(
    'ip -o addr show scope global; for f in -4 -6; do ip $f rule; ip $f route show table all | grep -v "table local"; done; ip -o link',
  );
  return text
    .split('\n')
    .filter((line) => !/^(fe80|multicast|ff00)|: (lo|p\d)|proto kernel/.test(line))
    .map((line) =>
      line
        .replaceAll(/ (proto static|proto netplay|proto 201|noprefixroute|tentative|secondary|linkdown)/g, '')
        .replace(/^\d+: /, '')
        .replace(/ brd 1\S+/, '')
        .replace(/if\d+|valid_lft.*|qdisc.*/g, '')
        .trim(),
    )
    .sort();
}

const TASKS: readonly Wish[] = [
  { address: { address: '10.0.0.6/24', dev: 'eth1' } },
  { address: { address: 'fd00::6/64', dev: 'eth1' } },
  { route: { dst: 'default', via: '10.0.0.1', dev: 'eth1', table: 100 } },
  { route: { dst: '10.7.0.0/16', via: '10.0.0.8', dev: 'eth1', src: '10.0.0.6', mtu: 1400, metric: 7 } },
  { route: { dst: '10.8.0.0/16', dev: 'eth1' } },
  { route: { dst: '10.6.0.0/16', via: '172.16.0.1', dev: 'eth1', onlink: true } },
  { route: { dst: 'fd01::/64', via: 'fd00::1', dev: 'eth1' } },
  { rule: { from: '10.0.0.6', table: 100, priority: 1000 } },
  {
    rule: {
      from: '10.0.0.0/24',
      to: '10.99.0.0/16',
      iif: 'eth1',
      fwmark: '0x1/0xff',
      table: 100,
      priority: 1001,
    },
  },
  { rule: { from: 'fd00::6', table: 100, priority: 1000 } },
];

describe.skipIf(!hasNetworkManager)('a device of NetworkManager', { timeout: 120_000 }, () => {
  test('what is set on it stands in its connection, is there after a reboot, and goes again', async () => {
    save(LAN, PROFILE);
    await host.start();
    const first = plan(TASKS);
    expect(persisted(first)).toMatchObject([{ address: LAN }]);
    expect(persisted(first)[0]?.after).toContain("by networkmanager (NetworkManager's connection lan)");
    apply(first);
    const before = state();
    expect(told(plan(TASKS))).toEqual([]);
    expect(host.must('nmcli -g ipv4.routing-rules,ipv6.method connection show lan')).toContain(
      'priority 1000 from 10.0.0.6 table 100',
    );

    await reboot();
    expect(state()).toEqual(before);
    expect(host.warnings()).toEqual([]);
    expect(told(plan(TASKS))).toEqual([]);

    apply(plan(TASKS.map(absent)));
    expect(read(LAN)).toBe(PROFILE);
    expect(host.exec('ls -A /etc/netplay').stdout).toBe('');
  });

  test('its files are written, and taken back, without a word to the device; another activation changes nothing', async () => {
    save(LAN, PROFILE);
    await host.start();
    const whole = plan(TASKS);
    const [files, others] = [persisted(whole), changes(whole).filter((each) => each.resource !== 'persist')];
    expect(
      applyIn(
        host,
        others.flatMap((change) => change.do),
      ),
    ).toEqual([]);
    await settled();
    const before = state();
    const events = watched(() => {
      expect(
        applyIn(
          host,
          files.flatMap((change) => change.do),
        ),
      ).toEqual([]);
      host.must('sleep 1');
    });
    expect(events).toEqual([]);
    host.must('nmcli connection up lan');
    await settled();
    // It knows no rule of netplay's for its own, and the kernel takes one of another maker beside it until the next boot.
    expect([...new Set(state())]).toEqual([...new Set(before)]);
    expect(told(plan(TASKS))).toEqual([]);
    expect(
      watched(
        () =>
          void applyIn(
            host,
            files.toReversed().flatMap((change) => change.undo),
          ),
      ),
    ).toEqual([]);
    expect(read(LAN)).toBe(PROFILE);
  });

  test('a connection that NetworkManager itself has written since is as good, and gives back what is withdrawn', async () => {
    save(LAN, PROFILE);
    await host.start();
    apply(plan(TASKS));
    host.must('nmcli connection modify lan ipv4.dns 10.0.0.1 +ipv4.routes "10.55.0.0/16 10.0.0.7 50"');
    expect(read(LAN)).not.toContain('the office');
    expect(told(plan(TASKS))).toEqual([]);
    apply(plan(TASKS.slice(2, 4).map(absent)));
    expect(read(LAN)).toContain('10.0.0.6/24');
    expect(read(LAN)).not.toContain('10.7.0.0/16');
    apply(plan(TASKS.map(absent)));
    expect(read(LAN)).not.toMatch(/netplay|10\.0\.0\.6|fd00/);
    expect(read(LAN)).toMatch(/10\.55\.0\.0\/16,10\.0\.0\.7,50[\s\S]*method=link-local/);
  });

  test('what the connection says already is not said twice, and stays when netplay lets go of it', async () => {
    save(
      LAN,
      `${PROFILE.replace('[ipv6]', 'routing-rule1=priority 1000 table 100 from 10.0.0.5\n\n[ipv6]')}`,
    );
    const before = read(LAN);
    await host.start();
    const tasks = [
      { address: { address: '10.0.0.5/24', dev: 'eth1' } },
      { route: { dst: 'default', via: '10.0.0.1', dev: 'eth1', metric: 100 } },
      { rule: { from: '10.0.0.5', table: 100, priority: 1000 } },
    ];
    apply(plan(tasks));
    expect(read(LAN)).toBe(before);
    expect(told(plan(tasks))).toEqual([]);
  });

  test('a connection with secrets is not read: it is left to boot, and no word of it is told', async () => {
    const secret = '[802-1x]\neap=md5;\nidentity=joe\npassword=Tr0ub4dor\n';
    save(LAN, `${PROFILE}\n${secret}`);
    save(`${FOLDER}/home.nmconnection`, '[connection]\nid=home\ntype=wifi\n[wifi-security]\npsk=Tr0ub4dor\n');
    await host.start();
    host.must('ip link set eth1 up');
    expect(host.must(['sh'], buildProbe([{ kind: 'boot' }]))).not.toMatch(/Tr0ub4dor|joe/);
    const made = plan(TASKS.slice(4, 5));
    expect(persisted(made)[0]?.address).toBe('/etc/netplay/boot');
    expect(persisted(made)[0]?.after).toContain(
      'boot (networkmanager: its connection is not to be changed: it has a section 802-1x',
    );
    expect(JSON.stringify(made)).not.toContain('Tr0ub4dor');
  });

  test('a connection that NetworkManager made up is saved with what netplay adds', async () => {
    host.must("sed -i 's/^no-auto-default.*//' /etc/NetworkManager/NetworkManager.conf");
    await host.start();
    const tasks = [{ address: { address: '10.0.0.6/24', dev: 'eth1' } }];
    const made = plan(tasks);
    const name = persisted(made)[0]?.address ?? '';
    expect(name).toMatch(/Wired connection \d\.nmconnection$/);
    const uuid = host.must('nmcli -g GENERAL.CON-UUID device show eth1');
    const events = watched(() => apply(made)).filter((line) => !/10\.0\.0\.|fe80|ff02|ff00/.test(line));
    expect(events).toEqual([]);
    expect(host.must('nmcli -g GENERAL.CON-UUID device show eth1')).toBe(uuid);
    expect(host.must('nmcli -f FILENAME connection show')).toContain(name);
    await reboot();
    expect(
      host.must('nmcli -g ipv4.addresses connection show "$(nmcli -g GENERAL.CONNECTION device show eth1)"'),
    ).toBe('10.0.0.6/24\n');
  });

  test('what it has no words for is set again by the boot script whenever it has configured the device', async () => {
    save(LAN, PROFILE);
    await host.start();
    const tasks = [{ route: { dst: '10.70.0.0/16', via: '10.0.0.9', dev: 'eth1', realms: '5' } }];
    const made = plan(tasks);
    expect(persisted(made)[0]?.after).toContain('boot (networkmanager: it has no realms)');
    apply(made);
    expect(read(LAN)).toBe(PROFILE);
    host.must('nmcli connection up lan');
    await settled();
    host.must('for n in 1 2 3 4 5 6 7 8 9 10; do ip route | grep -q 10.70 && break; sleep 0.5; done');
    expect(host.must('ip route show 10.70.0.0/16')).toContain('via 10.0.0.9 dev eth1');
    apply(plan(tasks.map(absent)));
    expect(host.exec('ls /etc/NetworkManager/dispatcher.d/50-netplay').code).not.toBe(0);
  });

  test('a bridge of netplay, its port and a tap have connections of their own, which are there after a reboot', async () => {
    save(LAN, PROFILE);
    save(`${FOLDER}/two.nmconnection`, TWO);
    await host.start();
    host.must(`ip link add br0 type bridge forward_delay 400 group_fwd_mask 8 mcast_querier 1
ip link set br0 address 02:00:00:00:00:99 mtu 1400 up
ip tuntap add tap0 mode tap user 1000 vnet_hdr; ip link set tap0 master br0 mtu 1400 up
ip link set eth2 mtu 1400 master br0
ip link set eth2 type bridge_slave cost 7 hairpin on
ip addr add 10.5.0.1/24 brd + dev br0; ip route add 10.6.0.0/16 via 10.5.0.9 proto 201
ip rule add from 10.5.0.1 table 77 priority 500 protocol 201`);
    await settled();
    const snapshot = readHost();
    const setting = (name: string, words: readonly string[]): Kept => ({
      kind: 'setting',
      dev: 'eth2',
      name,
      words,
    });
    const kept: Kept[] = [
      ...['br0', 'tap0'].flatMap((name): Kept[] => {
        const item = snapshot.links.get(name);
        return item === undefined ? [] : [{ kind: 'link', item }];
      }),
      setting('mtu', ['mtu', '1400']),
      setting('master', ['master', 'br0']),
      setting('port cost', ['type', 'bridge_slave', 'cost', '7']),
      setting('port hairpin', ['type', 'bridge_slave', 'hairpin', 'on']),
      ...snapshot.addresses.flatMap((item): Kept[] =>
        item.dev === 'br0' && item.family === 4 ? [{ kind: 'address', item }] : [],
      ),
      ...snapshot.routes.flatMap((item): Kept[] => (item.protocol === 201 ? [{ kind: 'route', item }] : [])),
      ...snapshot.rules.flatMap((item): Kept[] => (item.priority === 500 ? [{ kind: 'rule', item }] : [])),
    ];
    const entries = kept.map((each) => ({ key: keptKey(each), by: 'auto' as const, kept: each }));
    const { files, left } = networkManager.write(entries, snapshot);
    expect(left).toEqual([]);
    const [links, ports] = [bridgeState(), state()];
    const steps = files.flatMap(({ path, file, then = [] }) =>
      file === null ? [] : [{ kind: 'write' as const, path, ...file }, ...then],
    );
    expect(watched(() => expect(applyIn(host, steps)).toEqual([]))).toEqual([]);
    expect(files.map(({ path }) => path)).toEqual([
      `${FOLDER}/netplay-br0.nmconnection`,
      `${FOLDER}/netplay-tap0.nmconnection`,
      `${FOLDER}/two.nmconnection`,
    ]);
    await reboot();
    host.must('for n in $(seq 50); do [ -e /sys/class/net/tap0/brport ] && break; sleep 0.1; done');
    await settled();
    expect(host.warnings()).toEqual([]);
    expect(state()).toEqual(ports);
    expect(bridgeState()).toEqual(links);
    expect(networkManager.manages('br0', readHost())).toBe("NetworkManager's connection netplay-br0");
    // The same again from what is there now, and nothing once nothing is kept.
    const after = readHost();
    const again = networkManager.write(entries, after).files;
    expect(again.map(({ path, file }) => [path, file?.content])).toEqual(
      again.map(({ path }) => [path, after.files.get(path)?.content]),
    );
    expect(networkManager.write([], after).files.map(({ path, file }) => [path, file?.content])).toEqual([
      [`${FOLDER}/netplay-br0.nmconnection`, undefined],
      [`${FOLDER}/netplay-tap0.nmconnection`, undefined],
      [`${FOLDER}/two.nmconnection`, TWO],
    ]);
  });
});

describe.skipIf(!hasNetworkManager)('what NetworkManager has put up', { timeout: 120_000 }, () => {
  const made: Wish[] = [
    { bridge: { name: 'br0', ports: ['eth2'], mac: '02:00:00:00:00:99' } },
    { link: { name: 'br0', state: 'up' } },
    { address: { address: '10.5.0.1/24', dev: 'br0' } },
    { macvlan: { name: 'mv0', link: 'eth1', mac: '02:00:00:00:00:98', up: true } },
    { address: { address: '10.6.0.1/24', dev: 'mv0' } },
  ];
  const gone: Wish[] = [
    { link: { name: 'eth2', master: null } },
    { bridge: { name: 'br0', state: 'absent' } },
    { address: { address: '10.4.0.1/24', dev: 'eth2' } },
    { macvlan: { name: 'mv0', state: 'absent' } },
  ];
  const links = (): string =>
    host.must(
      "ip -br addr show scope global | sed -E 's/@[^ ]*//; s/ +(UP|UNKNOWN|DOWN) +/ /; s/ metric [0-9]+//; s/fe80[^ ]*//; s/ *$//' | grep -v '^[pl]' | sort; ip -o link | grep -o 'eth2.*master [^ ]*' | sed 's/@.*master/ in/'",
    );
  const up = 'br0 10.5.0.1/24\neth1 10.0.0.5/24\neth2\nmv0 10.6.0.1/24\neth2 in br0\n';
  const quiet = (): void => void host.must('sleep 3');

  beforeEach(async () => {
    save(LAN, PROFILE);
    save(`${FOLDER}/two.nmconnection`, TWO);
    await host.start();
    apply(plan(made));
    await reboot();
    host.must('for n in $(seq 50); do [ -e /sys/class/net/eth2/brport ] && break; sleep 0.1; done');
    await settled();
    expect(links()).toBe(up);
    expect(told(plan(made))).toEqual([]);
  });

  test('goes when it is to, a port and the bridge that it leaves, and does not come back', async () => {
    const before = plan(gone);
    apply(before);
    const bare = 'eth1 10.0.0.5/24\neth2 10.4.0.1/24\n';
    expect(links()).toBe(bare);
    quiet();
    expect(links()).toBe(bare);
    expect(told(plan(gone))).toEqual([]);
    expect(host.must('nmcli -g NAME connection show')).not.toContain('netplay');
    await reboot();
    await settled();
    expect(links()).toBe(bare);
  });

  test('comes back in its hands where that is undone', () => {
    // NetworkManager takes off what it does not know of as it begins.
    host.must('ip addr add 10.6.0.9/32 dev mv0');
    const all = links();
    expect(all).toContain('mv0 10.6.0.1/24 10.6.0.9/32');
    const back = changes(plan(gone)).filter(({ resource }) => resource !== 'persist');
    expect(
      applyIn(
        host,
        back.flatMap((change) => change.do),
      ),
    ).toEqual([]);
    expect(
      applyIn(
        host,
        back.toReversed().flatMap((change) => change.undo),
      ),
    ).toEqual([]);
    expect(links()).toBe(all);
    quiet();
    expect(links()).toBe(all);
    const active = host.must('nmcli -g DEVICE,NAME,STATE connection show --active').split('\n');
    expect(active).toEqual(
      expect.arrayContaining([
        'br0:netplay-br0:activated',
        'mv0:netplay-mv0:activated',
        'eth2:two:activated',
      ]),
    );
  });
});

const TWO = `[connection]
id=two
uuid=2c9d1f1e-0f3e-4a0e-9d6f-000000000002
type=ethernet
interface-name=eth2

[ipv4]
method=disabled

[ipv6]
method=disabled
`;

const READS: readonly Read[] = [
  { kind: 'boot' },
  { kind: 'links' },
  { kind: 'addresses' },
  { kind: 'routes', family: 4 },
  { kind: 'rules', family: 4 },
];

function readHost(): Snapshot {
  return parseProbe(host.must(['sh'], buildProbe(READS)), READS);
}

/** What `ip -d` tells of bridges, ports and taps, without times and what changes from one boot to the next. */
function bridgeState(): string[] {
  return host
    .must('for l in br0 eth2 tap0; do ip -o -d link show $l; done')
    .split('\n')
    .map((line) =>
      line
        .replace(/^\d+: /, '')
        .replace(/@\w+|link-netnsid.*? /g, '')
        .replaceAll(
          /\w+_timer +[\d.]+|state \w+|port_(id|no) \S+|designated_port \S+|if\d+|promiscuity \d+|allmulti \d+/g,
          '',
        )
        .replaceAll(/LOWER_UP|NO-CARRIER|[,<>]/g, '')
        // No task gives the tap a cost: NetworkManager's is not the kernel's.
        .replace(/(?<=tap0.*link\/ether) \S+|(?<=tap0.*)addrgenmode \w+|(?<=tap0.*) cost \d+/g, ''),
    );
}

/** What the kernel tells of links, addresses, routes and rules meanwhile. */
function watched(doing: () => void): string[] {
  host.must('ip monitor link address route rule > /run/monitor 2>&1 & echo $! > /run/monitor.pid; sleep 0.5');
  doing();
  host.must('sleep 0.5; kill $(cat /run/monitor.pid)');
  return host
    .must('cat /run/monitor')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '));
}

/** Addresses of IPv6 are checked for duplicates first. */
async function settled(): Promise<void> {
  host.must(
    'for n in $(seq 50); do [ -z "$(ip -6 -o addr show tentative | grep -v tap0)" ] && break; sleep 0.1; done; sleep 0.5',
  );
}

function absent(wish: Wish): Wish {
  const [[name, params] = ['', {}]] = Object.entries(wish);
  return { [name]: { ...(params as object), state: 'absent' } };
}
