/** Random rules and routes on the real kernel: where netplay sends a packet is where `ip route get` does. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, lookup } from '../../src/snapshot/lookup.js';
import type { Read, Snapshot } from '../../src/snapshot/model.js';
import { ALL_READS, readSnapshot } from '../support/facts.js';
import { createNetns, type Netns } from '../support/netns.js';

const STATES = process.env.NETPLAY_TEST_ALL === '1' ? 300 : 100;
const PACKETS = 12;
const READS: readonly Read[] = [
  ...ALL_READS,
  { kind: 'sysctl', path: 'net/ipv4/conf/*/ignore_routes_with_linkdown' },
  { kind: 'sysctl', path: 'net/ipv6/conf/*/ignore_routes_with_linkdown' },
];

let netns: Netns;
beforeAll(async () => {
  netns = await createNetns();
  netns.must(BASE);
});
afterAll(() => netns?.close());

/** d2 has no carrier; d3 is down. No device asks for routers or checks for duplicates. */
const BASE = `
for n in 0 1 2 3; do
  ip link add d$n type veth peer name p$n
  for d in d$n p$n; do
    echo 0 > /proc/sys/net/ipv6/conf/$d/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/$d/router_solicitations
    echo 1 > /proc/sys/net/ipv6/conf/$d/addr_gen_mode; echo 0 > /proc/sys/net/ipv4/conf/$d/rp_filter
  done
  ip link set d$n up; [ $n = 2 ] || ip link set p$n up
  ip addr add 10.$n.0.1/24 dev d$n; ip addr add 2001:db8:$n::1/64 dev d$n
done
ip link set d1 group 7
echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter
echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
`;
/** Much faster than devices made anew. The rules that every host has come back without their maker. */
const RESET = `
for f in 4 6; do
  ip -$f rule flush; ip -$f rule add lookup main priority 32766
  ip -$f route flush table all proto boot
  echo 0 > /proc/sys/net/ipv$f/conf/d2/ignore_routes_with_linkdown
done
ip rule add lookup default priority 32767
ip link set d0 up; ip addr replace 2001:db8:0::1/64 dev d0
`;

const DESTINATIONS = {
  4: ['0.0.0.0/0', '10.0.0.0/8', '10.9.0.0/16', '10.9.1.0/24', '10.9.1.1/32', '10.1.0.0/24'],
  6: [
    '::/0',
    '2001:db8::/32',
    '2001:db8:9::/48',
    '2001:db8:9:1::/64',
    '2001:db8:9:1::1/128',
    '2001:db8:1::/64',
  ],
} as const;
const TARGETS = {
  4: ['10.9.1.1', '10.9.1.2', '10.9.2.1', '10.8.0.1', '10.1.0.9', '10.0.0.9', '10.2.0.1', '8.8.8.8'],
  6: [
    ...['2001:db8:9:1::1', '2001:db8:9:1::2', '2001:db8:9:2::1', '2001:db8:8::1', '2001:db8:1::9'],
    ...['2001:db8::9', '2001:db8:2::1', '2600::1'],
  ],
} as const;
const own = (family: 4 | 6, dev: number): string => (family === 4 ? `10.${dev}.0.1` : `2001:db8:${dev}::1`);
const gateway = (family: 4 | 6, dev: number): string =>
  family === 4 ? `10.${dev}.0.254` : `2001:db8:${dev}::fe`;

const family = fc.constantFrom<4 | 6>(4, 6);
const table = fc.constantFrom(254, 253, 100, 200);
const device = fc.constantFrom(0, 1, 2);

const route = fc
  .record({
    family,
    to: fc.nat(5),
    table,
    metric: fc.constantFrom(undefined, 10, 20),
    way: fc.constantFrom(
      ...(['via', 'via', 'via', 'dev', 'many', 'blackhole', 'unreachable', 'prohibit', 'throw'] as const),
    ),
    dev: device,
    tos: fc.constantFrom(0, 0, 0, 0x10),
    from: fc.constantFrom(undefined, undefined, 0, 1),
  })
  .map(({ family: f, to, table: t, metric, way, dev, tos, from }) => {
    const dst = DESTINATIONS[f][to] ?? '';
    const type = ['via', 'dev', 'many'].includes(way) ? '' : way;
    const other = (dev + 1) % 3;
    const hops = {
      via: `via ${gateway(f, dev)} dev d${dev}`,
      dev: `dev d${dev}`,
      many: `nexthop via ${gateway(f, dev)} dev d${dev} nexthop via ${gateway(f, other)} dev d${other}`,
    };
    const words = [
      `ip -${f} route add ${type} ${dst}`,
      ...(f === 4 && tos > 0 ? [`tos ${tos}`] : []),
      ...(f === 6 && from !== undefined && way === 'via' ? [`from 2001:db8:${from}::/64`] : []),
      `table ${t}`,
      ...(metric === undefined ? [] : [`metric ${metric}`]),
      hops[way as keyof typeof hops] ?? '',
    ];
    return words.join(' ');
  });

const maybe = <T>(value: fc.Arbitrary<T>, weight = 3): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const rule = fc
  .record({
    family,
    not: fc.constantFrom(false, false, false, true),
    from: maybe(device, 1),
    to: maybe(fc.nat(5)),
    iif: maybe(fc.constantFrom('lo', 'd0', 'd1', 'nosuch')),
    oif: maybe(fc.constantFrom('d0', 'd1', 'nosuch'), 6),
    fwmark: maybe(fc.constantFrom('0x1', '0x10/0xf0', '0xffffffff')),
    tos: maybe(fc.constantFrom(0x10), 6),
    ipproto: maybe(fc.constantFrom('tcp', 'udp'), 4),
    dport: maybe(fc.constantFrom('22', '1000-2000'), 4),
    uidrange: maybe(fc.constantFrom('0-0', '5-10'), 6),
    priority: fc.constantFrom(10, 20, 30, 40, 50, 32_800),
    action: fc.constantFrom(
      ...(['lookup', 'lookup', 'lookup', 'lookup', 'suppress', 'group'] as const),
      ...(['goto', 'nop', 'blackhole', 'unreachable', 'prohibit'] as const),
    ),
    table,
    goto: fc.constantFrom(30, 40, 60, 32_766),
  })
  .map((one) => {
    const words = Object.entries({
      from: one.from === undefined ? undefined : own(one.family, one.from),
      to: one.to === undefined ? undefined : DESTINATIONS[one.family][one.to],
      ...{ iif: one.iif, oif: one.oif, fwmark: one.fwmark, tos: one.tos, ipproto: one.ipproto },
      dport: one.ipproto === undefined ? undefined : one.dport,
      uidrange: one.uidrange,
    }).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
    const actions = {
      lookup: `table ${one.table}`,
      suppress: `table ${one.table} suppress_prefixlength 8`,
      group: `table ${one.table} suppress_ifgroup 7`,
      goto: `goto ${one.goto}`,
    };
    const action = actions[one.action as keyof typeof actions] ?? one.action;
    return `ip -${one.family} rule add ${one.not ? 'not ' : ''}${words.join(' ')} priority ${one.priority} ${action}`;
  });

/** A packet of the host itself, or one that came in by a device. */
const packet = fc.record({
  family,
  to: fc.nat(7),
  from: maybe(device, 1),
  iif: maybe(fc.constantFrom('d0', 'd1'), 2),
  mark: fc.constantFrom(0, 0, 1, 0x15, 0xffff_ffff),
  tos: fc.constantFrom(0, 0, 0x10),
  tcp: fc.boolean(),
  dport: fc.constantFrom(22, 1500, 9999),
});

function flowOf(one: typeof packet extends fc.Arbitrary<infer P> ? P : never): Flow {
  const stranger = one.family === 4 ? '10.77.0.1' : '2001:db8:77::1';
  return {
    dst: TARGETS[one.family][one.to] ?? '',
    ...(one.iif !== undefined ? { iif: one.iif, src: stranger } : { uid: 0 }),
    ...(one.iif === undefined && one.from !== undefined && { src: own(one.family, one.from) }),
    mark: one.mark,
    tos: one.tos,
    ...(one.tcp && { ipproto: 6, sport: 5000, dport: one.dport }),
  };
}

function question(flow: Flow): string {
  const words = [
    ...(flow.src == null ? [] : ['from', flow.src]),
    ...(flow.iif === undefined ? [] : ['iif', flow.iif]),
    `mark ${flow.mark} tos ${flow.tos}`,
    ...(flow.ipproto === undefined ? [] : [`ipproto tcp sport ${flow.sport} dport ${flow.dport}`]),
  ];
  return `ip route get ${flow.dst} ${words.join(' ')} 2>&1 | head -n1`;
}

/** What the kernel said, as one of the answers that netplay may give. */
function agrees(snapshot: Snapshot, flow: Flow, said: string): boolean {
  const answer = lookup(snapshot, flow);
  const device = /\bdev (\S+)/.exec(said)?.[1];
  const via = /\bvia (\S+)/.exec(said)?.[1] ?? null;
  const type = /^(local|broadcast|multicast|unreachable|blackhole|prohibit)\b/.exec(said)?.[1] ?? 'unicast';
  // IPv6 shows an answer that is no as a route with an error.
  if (/^RTNETLINK answers|error -\d+/.test(said) || ['unreachable', 'blackhole', 'prohibit'].includes(type))
    return answer === undefined ? /Network is unreachable|error -101/.test(said) : answer.kind === 'refused';
  if (answer?.kind !== 'taken' || answer.route.type !== type) return false;
  if (type === 'local') return device === 'lo';
  return answer.hops.some((hop) => hop.dev === device && hop.via === via);
}

test(`${STATES} random states, ${PACKETS} packets each: netplay and the kernel agree`, {
  timeout: 600_000,
}, () => {
  const seen = { local: 0, taken: 0, refused: 0, none: 0 };
  const tables = new Set<number>();
  fc.assert(
    fc.property(
      fc.array(route, { minLength: 3, maxLength: 14 }),
      fc.array(rule, { maxLength: 8 }),
      fc.array(packet, { minLength: PACKETS, maxLength: PACKETS }),
      fc.subarray(['ignore', 'down']),
      (routes, rules, packets, more) => {
        const extra = {
          ignore: 'for f in 4 6; do echo 1 > /proc/sys/net/ipv$f/conf/d2/ignore_routes_with_linkdown; done',
          down: 'ip link set d0 down',
        };
        // IPv6 shares a multipath route out when it is made: what is to be passed over must be known by then.
        const first = more.map((name) => extra[name as keyof typeof extra]);
        const commands = [...first, ...routes, ...rules];
        netns.exec([RESET, ...commands].join('\n'));
        const snapshot = readSnapshot(netns, READS);
        // IPv6 looks up routes with a source of their own in its own way where the packet has none yet.
        const sourced = snapshot.routes.some((each) => each.from !== null);
        const flows = packets.map(flowOf).filter((flow) => !sourced || flow.src !== undefined);
        fc.pre(flows.length > 0);
        const answers = netns.exec(flows.map(question).join('\n')).stdout.trim().split('\n');
        expect(answers.length).toBe(flows.length);
        flows.forEach((flow, at) => {
          const said = answers[at] ?? '';
          const answer = lookup(snapshot, flow);
          const kind =
            answer?.kind === 'taken' && answer.route.type === 'local' ? 'local' : (answer?.kind ?? 'none');
          seen[kind] += 1;
          if (answer?.kind === 'taken') tables.add(answer.table);
          const shown = { dev: 'dev' in (answer ?? {}) ? (answer as { dev: string }).dev : null, answer };
          if (!agrees(snapshot, flow, said))
            expect.fail(`${commands.join('\n')}\n${question(flow)}\n${said}\n${JSON.stringify(shown)}`);
        });
      },
    ),
    { numRuns: STATES, seed: 20_263 },
  );
  // Each kind of answer must come often, and from every table, for this to say anything.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  expect([...tables].sort((a, b) => a - b)).toEqual([100, 200, 253, 254, 255]);
});
