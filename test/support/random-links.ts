/** Random wishes for made-up links, bridges and taps. */
import fc from 'fast-check';
import type { Wish } from './apply.js';

const MACS = ['02:00:00:00:0a:01', '02:00:00:00:0a:02', '02:00:00:00:0a:03'] as const;
const mac = fc.constantFrom(...MACS);
const mtu = fc.constantFrom(1500, 1400, 1350);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const lower = fc.constantFrom('eth0', 'eth1');
const peer = fc.constantFrom('192.168.1.2', '192.168.1.3');

/** Parameters that are undefined are not given. */
function given(params: Readonly<Record<string, unknown>>): Wish {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

const common = {
  mtu: maybe(mtu),
  up: maybe(fc.boolean()),
  txqueuelen: maybe(fc.constantFrom(7, 1000, null)),
};
const alias = maybe(fc.constantFrom('x', null));
const master = maybe(fc.constantFrom('br0', null));

/** One link of each name; a wish may be for its end. */
const wishes: readonly fc.Arbitrary<Wish>[] = [
  fc
    .record({
      ...{
        name: fc.constant('v'),
        peer: fc.constantFrom('w', 'w', 'x'),
        mac: maybe(mac),
        ...common,
        alias,
        master,
      },
      ...{ peer_mtu: maybe(mtu), peer_up: maybe(fc.boolean()), numtxqueues: maybe(fc.constantFrom(1, 2)) },
    })
    .map((params) => ({ veth: given(params) })),
  fc
    .record({
      ...{
        name: fc.constant('mv'),
        link: lower,
        mode: maybe(fc.constantFrom('private', 'vepa', 'bridge', 'source')),
      },
      ...{ mac: maybe(mac), alias, master, mtu: maybe(mtu), up: maybe(fc.boolean()) },
      bcqueuelen: maybe(fc.constantFrom(500, null)),
    })
    .map((params) => ({ macvlan: given(params) })),
  fc
    .record({
      ...{
        name: fc.constant('vx'),
        id: fc.constantFrom(5, 6),
        dstport: fc.constantFrom(4789, 4790),
        ...common,
      },
      ...{
        remote: maybe(fc.oneof(peer, fc.constant(null))),
        local: maybe(fc.constantFrom('192.168.1.1', null)),
      },
      ...{
        dev: maybe(fc.oneof(lower, fc.constant(null))),
        ttl: maybe(fc.constantFrom(5, 'auto', 'inherit', null)),
      },
      ...{ tos: maybe(fc.constantFrom(16, 'inherit', null)), learning: maybe(fc.boolean()), master },
      ...{
        ageing: maybe(fc.constantFrom(100, null)),
        udpcsum: maybe(fc.boolean()),
        proxy: maybe(fc.boolean()),
      },
      ...{ maxaddress: maybe(fc.constantFrom(9, null)), srcport: maybe(fc.constantFrom('5-10', null)) },
    })
    .map((params) => ({ vxlan: given(params) })),
  fc
    .record({
      name: fc.constant('ifb9'),
      mac: maybe(mac),
      ...common,
      numtxqueues: maybe(fc.constantFrom(1, 3)),
    })
    .map((params) => ({ ifb: given(params) })),
  fc
    .record({
      name: fc.constant('tap9'),
      bridge: maybe(fc.constantFrom('br0', null)),
      mac: maybe(mac),
      mtu: maybe(mtu),
    })
    .map((params) => ({ tap: given(params) })),
];

const absences: readonly Wish[] = [
  { veth: { name: 'v', state: 'absent' } },
  { veth: { name: 'w', state: 'absent' } },
  { macvlan: { name: 'mv', state: 'absent' } },
  { vxlan: { name: 'vx', state: 'absent' } },
  { ifb: { name: 'ifb9', state: 'absent' } },
  { tap: { name: 'tap9', state: 'absent' } },
];

/** A link of a name once, in any order; the bridge that they may be ports of comes first. */
export const linkPlay: fc.Arbitrary<Wish[]> = fc
  .tuple(...wishes.map((wish) => maybe(wish)))
  .chain((all) => fc.shuffledSubarray(all.filter((wish) => wish !== undefined)))
  .chain((some) => {
    const named = new Set(some.map((wish) => Object.keys(wish)[0]));
    const others = absences.filter((wish) => !named.has(Object.keys(wish)[0]));
    return fc
      .shuffledSubarray(others, { maxLength: Math.min(2, others.length) })
      .map((gone) => [...gone, ...some]);
  });

export const LINK_BRIDGE: Wish = { bridge: { name: 'br0', mac: '02:00:00:00:00:b0', mtu: 1350 } };
