/**
 * Random pairs of (neighbours of a host, what is desired of them, its addresses and its links) on the real
 * kernel: after applying, a second plan is empty, nothing that was not named has changed, and both the undo and
 * taking it back bring everything back.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  applyIn,
  changesIn,
  planBackIn,
  planIn,
  problemsIn,
  stepsOf,
  undoOf,
  type Wish,
} from '../support/apply.js';
import { createNetns, DROP_WIDE_PROXIES, type Netns } from '../support/netns.js';

const PAIRS = process.env.NETPLAY_TEST_ALL === '1' ? 120 : 60;
const SEED = 20_261;
let netns: Netns;

beforeAll(async () => {
  netns = await createNetns();
});
afterAll(() => {
  netns?.must(DROP_WIDE_PROXIES);
  netns?.close();
});

const BASE = `
ip link del eth0; ip link del eth1; ${DROP_WIDE_PROXIES}
ip link add eth0 address 52:54:00:00:00:00 type veth peer name peer0
ip link add eth1 address 52:54:00:00:00:01 type veth peer name peer1
for d in eth0 eth1 peer0 peer1; do
  echo 0 > /proc/sys/net/ipv6/conf/$d/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/$d/router_solicitations
  echo 1 > /proc/sys/net/ipv6/conf/$d/addr_gen_mode; ip link set dev $d up
done
ip addr add 10.0.0.1/24 dev eth0; ip addr add 10.1.0.1/24 dev eth1
ip addr add 2001:db8:a::1/64 dev eth0; ip addr add 2001:db8:b::1/64 dev eth1
`;

interface NeighbourCase {
  dst: string;
  dev: 'eth0' | 'eth1';
  kind: 'permanent' | 'noarp' | 'proxy';
  mac: string;
  router: boolean;
  /** A proxy entry: as a state, of every device; as a wish, of this one alone. */
  wide: boolean;
  absent: boolean;
}
const neighbourCase: fc.Arbitrary<NeighbourCase> = fc.record({
  dst: fc.constantFrom('10.0.0.77', '10.1.0.77', '2001:db8:a::77', '2001:db8:60::1'),
  dev: fc.constantFrom('eth0', 'eth1'),
  kind: fc.constantFrom('permanent', 'noarp', 'proxy', 'proxy'),
  mac: fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02'),
  router: fc.boolean(),
  wide: fc.boolean(),
  absent: fc.constantFrom(false, false, true),
});

const isSix = (dst: string): boolean => dst.includes(':');

function neighbourCommand({ dst, dev, kind, mac, router, wide }: NeighbourCase): string {
  const words = kind === 'proxy' ? `proxy ${dst}` : `${dst} lladdr ${mac} nud ${kind}`;
  const device = wide && kind === 'proxy' && !isSix(dst) ? '' : ` dev ${dev}`;
  return `ip neigh add ${words}${device}${isSix(dst) && router ? ' router' : ''}`;
}

function neighbourWish({ dst, dev, kind, mac, router, wide, absent }: NeighbourCase): Wish {
  const proxy = kind === 'proxy';
  if (absent) return { neighbour: { dst, ...(!wide && { dev }), proxy, state: 'absent' } };
  const own = proxy ? { proxy, exclusive: wide } : { lladdr: mac, nud: kind };
  return { neighbour: { dst, dev, ...own, ...(isSix(dst) && { router }) } };
}

/** What takes neighbours along, before they are set. */
const others: readonly Wish[] = [
  { link: { name: 'eth0', state: 'down' } },
  { link: { name: 'eth0', mac: '52:54:00:00:00:aa' } },
  { link: { name: 'eth1', arp: false } },
  { link: { name: 'eth1', mtu: 1400 } },
  { address: { dev: 'eth0', address: '10.0.0.1/24', state: 'absent' } },
  { address: { dev: 'eth1', address: '10.1.0.1/24', label: 'eth1:x' } },
  { address: { dev: 'eth1', address: '10.1.0.7/24' } },
  { sysctl: { name: 'net.ipv6.conf.eth0.disable_ipv6', value: 1, file: null } },
];

/** One of an address, since one that is exclusive takes those of other devices away. */
const desired = fc.record({
  others: fc.subarray([...others], { maxLength: 2 }),
  neighbours: fc.uniqueArray(neighbourCase, { minLength: 1, maxLength: 4, selector: ({ dst }) => dst }),
});

const NEIGHBOURS = 'ip -N neigh show nud permanent nud noarp; ip -N neigh show proxy';
const REST = `ip -o addr | sed 's/^[0-9]*: //; s/ tentative//'; ip -4 -N -d route show table all
ip -o link | sed 's/^[0-9]*: //; s/NO-CARRIER,//; s/,LOWER_UP//; s/,M-DOWN//; s/ state [A-Z]*//'`;

const lines = (command: string): string[] =>
  netns
    .must(command)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^(ff0|224)/.test(line))
    .sort();
const listing = (): string[] => [...lines(NEIGHBOURS), ...lines(REST)];

function expectMade(steps: Parameters<typeof applyIn>[1], context: string): void {
  expect(applyIn(netns, steps), context).toEqual([]);
}

test(`${PAIRS} pairs converge, touch nothing else, and can be undone and taken back`, {
  timeout: 300_000,
}, () => {
  let changes = 0;
  fc.assert(
    fc.property(fc.array(neighbourCase, { maxLength: 7 }), desired, (state, { others, neighbours }) => {
      netns.exec(BASE);
      netns.exec(state.map(neighbourCommand).join('\n'));
      const before = listing();
      const wishes = [...others, ...neighbours.map(neighbourWish)];
      const plan = planIn(netns, wishes);
      fc.pre(problemsIn(plan).length === 0);
      const context = changesIn(plan).join('\n');

      expectMade(stepsOf(plan), context);
      const again = planIn(netns, wishes);
      expect(problemsIn(again), context).toEqual([]);
      expect(changesIn(again), context).toEqual([]);
      if (others.length === 0) {
        const now = new Set(listing());
        const old = new Set(before);
        const changed = [
          ...before.filter((line) => !now.has(line)),
          ...[...now].filter((line) => !old.has(line)),
        ];
        const named = (line: string): boolean => neighbours.some(({ dst }) => line.startsWith(`${dst} `));
        expect(
          changed.filter((line) => !named(line)),
          context,
        ).toEqual([]);
      }
      expectMade(undoOf(plan), context);
      expect(listing(), context).toEqual(before);

      expectMade(stepsOf(plan), context);
      const back = planBackIn(netns, plan);
      expect(back.problems ?? [], context).toEqual([]);
      expectMade(
        back.changes.flatMap((change) => change.do),
        context,
      );
      expect(listing(), context).toEqual(before);
      changes += changesIn(plan).length;
    }),
    { numRuns: PAIRS, seed: SEED, maxSkipsPerRun: 20 },
  );
  // Were most pairs nothing to do, the test would prove nothing.
  expect(changes).toBeGreaterThan(2 * PAIRS);
});
