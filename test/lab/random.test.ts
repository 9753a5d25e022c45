/**
 * Random pairs of (state of a host, what is desired of it) on the real kernel: after applying, a second
 * plan is empty, nothing that was not named has changed, and taking it back brings everything back.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyIn, changesIn, planBackIn, planIn, problemsIn, stepsOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';

const PAIRS = process.env.NETPLAY_TEST_ALL === '1' ? 300 : 60;
const SEED = 20_260;
let netns: Netns;

beforeAll(async () => {
  netns = await createNetns();
});
afterAll(() => netns?.close());

const BASE = `
ip link add eth0 type veth peer name peer0; ip link add eth1 type veth peer name peer1
for d in eth0 eth1 peer0 peer1; do
  echo 0 > /proc/sys/net/ipv6/conf/$d/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/$d/router_solicitations
  echo 1 > /proc/sys/net/ipv6/conf/$d/addr_gen_mode; ip link set dev $d up
done
ip addr add 10.0.0.1/24 dev eth0; ip addr add 10.1.0.1/24 dev eth1
ip addr add 2001:db8:a::1/64 dev eth0; ip addr add 2001:db8:b::1/64 dev eth1
`;

/** The kernel makes an IPv6 address's own routes, and each device's multicast route, a moment later where it is busy. */
const SETTLED = `
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ "$(ip -6 -o addr | wc -l)" = "$(ip -6 route show table local type local | wc -l)" ] &&
    [ "$(ip -6 route show table local type multicast | wc -l)" = 4 ] && break
  sleep 0.05
done
`;

/** Back to two NICs with their base addresses; ends with everything else gone. */
const RESET = `
ip link del eth0; ip link del eth1
for p in $(ip rule | sed -n 's/^\\([0-9]*\\):.*/\\1/p'); do case $p in 0|32766|32767) ;; *) ip rule del priority $p;; esac; done
for p in $(ip -6 rule | sed -n 's/^\\([0-9]*\\):.*/\\1/p'); do case $p in 0|32766) ;; *) ip -6 rule del priority $p;; esac; done
ip route flush table all type blackhole; ip route flush table all type unreachable
ip -6 route flush table all type blackhole; ip -6 route flush table all type unreachable
rm -rf /etc/iproute2/rt_protos.d /etc/iproute2/rt_tables.d
`;

interface RouteCase {
  family: 4 | 6;
  dst: string;
  table: number;
  metric: number | undefined;
  way: 'via0' | 'via1' | 'dev0' | 'dev1' | 'blackhole' | 'unreachable' | 'multipath';
  mtu: number | undefined;
  src: boolean;
}

const GATEWAYS = { 4: ['10.0.0.254', '10.1.0.254'], 6: ['2001:db8:a::fe', '2001:db8:b::fe'] } as const;
const SOURCES = { 4: ['10.0.0.1', '10.1.0.1'], 6: ['2001:db8:a::1', '2001:db8:b::1'] } as const;
const DESTINATIONS = {
  4: ['0.0.0.0/0', '10.50.0.0/16', '10.51.1.0/24', '10.52.0.7/32'],
  6: ['::/0', '2001:db8:50::/48', '2001:db8:51::7/128'],
} as const;

const routeCase: fc.Arbitrary<RouteCase> = fc.constantFrom<4 | 6>(4, 4, 6).chain((family) =>
  fc.record({
    family: fc.constant(family),
    dst: fc.constantFrom(...DESTINATIONS[family]),
    table: fc.constantFrom(254, 100, 200, 300),
    metric: fc.constantFrom(undefined, 10, 1024),
    way: fc.constantFrom('via0', 'via1', 'dev0', 'dev1', 'blackhole', 'unreachable', 'multipath'),
    mtu: fc.constantFrom(undefined, undefined, 1400),
    src: fc.boolean(),
  }),
);

/** A default without a gateway is refused on purpose, so it is not asked for. */
const sensible = (route: RouteCase): boolean => !(route.way.startsWith('dev') && route.dst.endsWith('/0'));

const routeKey = ({ family, dst, table, metric }: RouteCase): string =>
  `${family} ${table} ${dst} ${metric ?? (family === 6 ? 1024 : 0)}`;

function routeParams(route: RouteCase): Wish {
  const { family, dst, table, metric, way, mtu, src } = route;
  const nic = way.endsWith('1') ? 1 : 0;
  const device = { dev: `eth${nic}` };
  const source = src ? { src: SOURCES[family][nic] } : {};
  const ways: Record<RouteCase['way'], Wish> = {
    via0: { ...device, ...source, via: GATEWAYS[family][0] },
    via1: { ...device, ...source, via: GATEWAYS[family][1] },
    dev0: { ...device, ...source },
    dev1: { ...device, ...source },
    blackhole: { type: 'blackhole' },
    unreachable: { type: 'unreachable' },
    multipath: {
      nexthops: [
        { via: GATEWAYS[family][0], dev: 'eth0', weight: 2 },
        { via: GATEWAYS[family][1], dev: 'eth1' },
      ],
    },
  };
  const withMtu = mtu !== undefined && way !== 'blackhole' && way !== 'unreachable' ? { mtu } : {};
  return { dst, table, ...(metric !== undefined && { metric }), ...ways[way], ...withMtu };
}

/** The same route for `ip route add`, written by hand so that the product is not its own judge. */
function routeCommand(route: RouteCase): string {
  const { family, dst, table, metric, way, mtu } = route;
  const nic = way.endsWith('1') ? 1 : 0;
  const [first, second] = GATEWAYS[family];
  const type = way === 'blackhole' || way === 'unreachable' ? `${way} ` : '';
  const head = `ip -${family} route append ${type}${dst} table ${table}${metric === undefined ? '' : ` metric ${metric}`}`;
  if (type !== '') return head;
  const tail = mtu === undefined ? '' : ` mtu ${mtu}`;
  if (way === 'multipath')
    return `${head}${tail} nexthop via ${first} dev eth0 weight 1 nexthop via ${second} dev eth1 weight 3`;
  return `${head}${way.startsWith('via') ? ` via ${GATEWAYS[family][nic]}` : ''} dev eth${nic}${tail}`;
}

interface RuleCase {
  family: 4 | 6;
  from: string | undefined;
  fwmark: string | undefined;
  iif: string | undefined;
  table: number;
  priority: number | undefined;
}

const ruleCase: fc.Arbitrary<RuleCase> = fc.constantFrom<4 | 6>(4, 4, 6).chain((family) =>
  fc.record({
    family: fc.constant(family),
    from: fc.constantFrom<string | undefined>(
      undefined,
      ...SOURCES[family],
      family === 4 ? '10.9.0.0/16' : '2001:db8:9::/48',
    ),
    fwmark: fc.constantFrom(undefined, '0x1', '0x10/0xff'),
    iif: fc.constantFrom(undefined, 'eth0', 'nosuch0'),
    table: fc.constantFrom(100, 200, 300, 254),
    priority: fc.constantFrom(undefined, 100, 200, 1000),
  }),
);

const selective = (rule: RuleCase): boolean =>
  rule.from !== undefined || rule.fwmark !== undefined || rule.iif !== undefined;

const selector = ({ family, from, fwmark, iif }: RuleCase): string => `${family} ${from} ${fwmark} ${iif}`;

function ruleParams({ family, from, fwmark, iif, table, priority }: RuleCase): Wish {
  return {
    ...(from === undefined ? { family } : { from }),
    ...(fwmark !== undefined && { fwmark }),
    ...(iif !== undefined && { iif }),
    ...(priority !== undefined && { priority }),
    table,
  };
}

function ruleCommand({ family, from, fwmark, iif, table, priority }: RuleCase): string {
  const words = [
    ...(from === undefined ? [] : ['from', from]),
    ...(fwmark === undefined ? [] : ['fwmark', fwmark]),
    ...(iif === undefined ? [] : ['iif', iif]),
  ];
  return `ip -${family} rule add ${words.join(' ')} table ${table} priority ${priority ?? 5000}`;
}

interface AddressCase {
  dev: string;
  address: string;
}
const addressCase: fc.Arbitrary<AddressCase> = fc.record({
  dev: fc.constantFrom('eth0', 'eth1'),
  address: fc.constantFrom(
    '10.0.0.2/24',
    '10.0.9.1/24',
    '10.8.0.1/32',
    '2001:db8:c::5/64',
    '2001:db8:a::6/64',
  ),
});
const addressKey = ({ address }: AddressCase): string => address;

const sets = {
  routes: (size: number) =>
    fc.uniqueArray(routeCase.filter(sensible), { maxLength: size, selector: routeKey }),
  rules: (size: number) => fc.uniqueArray(ruleCase.filter(selective), { maxLength: size, selector }),
  addresses: (size: number) => fc.uniqueArray(addressCase, { maxLength: size, selector: addressKey }),
};

interface Side {
  routes: RouteCase[];
  rules: RuleCase[];
  addresses: AddressCase[];
}
const side = (size: number): fc.Arbitrary<Side> =>
  fc.record({ routes: sets.routes(size), rules: sets.rules(size), addresses: sets.addresses(3) });

function wishesOf(desired: Side, gone: ReadonlySet<number>): Wish[] {
  const state = (index: number): Wish => (gone.has(index) ? { state: 'absent' } : {});
  return [
    { rt_table: { id: 100, name: 'random100' } },
    ...desired.addresses.map(({ dev, address }) => ({ address: { dev, address } })),
    ...desired.routes.map((route, index) => ({ route: { ...routeParams(route), ...state(index) } })),
    ...desired.rules.map((rule, index) => ({ rule: { ...ruleParams(rule), ...state(index + 50) } })),
  ];
}

/** What `ip` shows, a line each, counters and lifetimes left out. */
function listing(): { routes: string[]; rules: string[]; addresses: string[] } {
  const lines = (command: string): string[] =>
    netns.must(`${command} | sed 's/ *$//'`).split('\n').filter(Boolean);
  return {
    routes: [
      ...lines('ip -N -4 -d -o route show table all | sed "s/^/4 /"'),
      ...lines('ip -N -6 -d -o route show table all | sed "s/^/6 /"'),
    ],
    rules: [...lines('ip -N -4 -d rule | sed s/^/4/'), ...lines('ip -N -6 -d rule | sed s/^/6/')],
    addresses: lines('ip -o addr show'),
  };
}

/** Lines that are in one listing alone. */
function difference(before: readonly string[], after: readonly string[]): string[] {
  const one = new Set(before);
  const two = new Set(after);
  return [...before.filter((line) => !two.has(line)), ...after.filter((line) => !one.has(line))];
}

/** What a line of a listing (`FAMILY TYPE DST …`) is about, as `routeKey` has it. */
function keyOfLine(line: string): string {
  const words = line.split(/\s+/);
  const value = (name: string): string | undefined => words[words.indexOf(name) + 1 || words.length];
  const family = words[0] === '6' ? 6 : 4;
  const [, , first = ''] = words;
  const host = `${first}/${family === 6 ? 128 : 32}`;
  const dst = first === 'default' ? DESTINATIONS[family][0] : first.includes('/') ? first : host;
  return `${family} ${value('table') ?? 254} ${dst} ${value('metric') ?? 0}`;
}

/** Routes in table local, and those that the kernel makes of an address, belong to the addresses that were named. */
function ofAddress(line: string, addresses: readonly AddressCase[]): boolean {
  if (!/proto (kernel|2)\b/.test(line)) return false;
  return addresses.some(({ address }) => {
    const [ip = ''] = address.split('/');
    const network = ip.includes(':') ? (ip.split('::')[0] ?? '') : ip.split('.').slice(0, 3).join('.');
    return line.includes(network);
  });
}

describe('random states and wishes', () => {
  test(`${PAIRS} pairs converge, touch nothing else, and can be undone`, { timeout: 600_000 }, () => {
    let applied = 0;
    let changes = 0;
    fc.assert(
      fc.property(side(5), side(5), fc.uniqueArray(fc.nat(4), { maxLength: 2 }), (state, desired, absent) => {
        netns.exec(RESET);
        netns.exec(BASE);
        const commands = [
          ...state.addresses.map(({ dev, address }) => `ip addr add ${address} dev ${dev}`),
          ...state.routes.map(routeCommand),
          ...state.rules.map(ruleCommand),
        ];
        netns.exec([...commands, SETTLED].join('\n'));
        const before = listing();
        const wishes = wishesOf(desired, new Set(absent));
        const plan = planIn(netns, wishes);
        fc.pre(problemsIn(plan).length === 0);

        expect(applyIn(netns, stepsOf(plan))).toEqual([]);
        const again = planIn(netns, wishes);
        expect(problemsIn(again)).toEqual([]);
        expect(changesIn(again)).toEqual([]);

        const after = listing();
        const named = new Set(desired.routes.map(routeKey));
        const strangers = difference(before.routes, after.routes).filter(
          (line) => !named.has(keyOfLine(line)) && !ofAddress(line, desired.addresses),
        );
        expect(strangers).toEqual([]);
        const tables = new Set(desired.rules.map((rule) => rule.table));
        const foreignRules = difference(before.rules, after.rules).filter(
          (line) => ![...tables].some((t) => line.includes(`lookup ${t}`)),
        );
        expect(foreignRules).toEqual([]);
        const foreignAddresses = difference(before.addresses, after.addresses).filter(
          (line) => !desired.addresses.some(({ address }) => line.includes(` ${address.replace('/32', '')}`)),
        );
        expect(foreignAddresses).toEqual([]);

        const back = planBackIn(netns, plan);
        expect(back.problems ?? []).toEqual([]);
        expect(back.changes).toHaveLength(
          stepsOf(plan).length === 0 ? 0 : plan.sequence.flatMap((unit) => unit.changes).length,
        );
        expect(
          applyIn(
            netns,
            back.changes.flatMap((change) => change.do),
          ),
        ).toEqual([]);
        expect(listing()).toEqual(before);
        expect(planBackIn(netns, plan)).toMatchObject({ changes: [] });
        expect(planBackIn(netns, plan).problems).toBeUndefined();
        applied += 1;
        changes += changesIn(plan).length;
      }),
      { numRuns: PAIRS, seed: SEED, maxSkipsPerRun: 20 },
    );
    expect(applied).toBeGreaterThanOrEqual(PAIRS);
    // Were most pairs nothing to do, the test would prove nothing.
    expect(changes).toBeGreaterThan(2 * PAIRS);
  });
});
