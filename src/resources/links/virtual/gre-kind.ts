/** What gre and gretap have in common: they differ in what they carry. */
import type { Problem } from '../../../shared/change.js';
import type { JsonSchema } from '../../resource.js';
import type { LinkKind, VirtualParams, Wish } from './kind.js';
import { flag, TUNNEL, tunnelProblems } from './tunnel.js';

/** Parameters of both directions, and those of each. */
const BOTH = { key: ['ikey', 'okey'], seq: ['iseq', 'oseq'], csum: ['icsum', 'ocsum'] } as const;
type Both = keyof typeof BOTH;

function key(description: string): JsonSchema {
  return {
    type: ['integer', 'null'],
    minimum: 0,
    maximum: 4_294_967_295,
    description,
    examples: [42],
  };
}

export const GRE_PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  ...TUNNEL,
  key: key('Of both directions, that tells tunnels with the same ends apart; null for none.'),
  ikey: key('The key of packets that come in.'),
  okey: key('The key of packets that go out.'),
  seq: flag('Whether packets are numbered, in both directions.'),
  iseq: flag('Whether packets that come in must be in order.'),
  oseq: flag('Whether packets that go out are numbered.'),
  csum: flag('Whether packets have a checksum, in both directions.'),
  icsum: flag('Whether packets that come in must have a checksum.'),
  ocsum: flag('Whether packets that go out get a checksum.'),
  ignore_df: flag(
    'Whether packets are taken apart though they say that they must not be; needs pmtudisc off.',
  ),
};

function spread(params: VirtualParams): Record<string, unknown> {
  return Object.fromEntries(
    (Object.keys(BOTH) as Both[]).flatMap((name) =>
      params[name] === undefined ? [] : BOTH[name].map((one) => [one, params[name]]),
    ),
  );
}

function check(kind: 'gre' | 'gretap', wish: Wish): Problem[] {
  const { params, wanted } = wish;
  const twice = (Object.keys(BOTH) as Both[]).flatMap((name) =>
    params[name] === undefined ? [] : BOTH[name].filter((one) => params[one] !== undefined),
  );
  return [
    ...twice.map((name) => ({ message: `${name} is given twice: once for both directions`, path: [name] })),
    ...(wanted.ignore_df === 'on' && wanted.pmtudisc === 'on'
      ? [{ message: 'ignore_df needs pmtudisc: false', path: ['ignore_df'] }]
      : []),
    ...tunnelProblems(wish, kind),
  ];
}

/** @param header bytes of IP, GRE, and the Ethernet header where it is carried */
export function greKind(
  name: 'gre' | 'gretap',
  header: number,
): Pick<LinkKind, 'name' | 'properties' | 'spread' | 'check' | 'changeable' | 'fresh'> {
  return {
    name,
    properties: GRE_PROPERTIES,
    spread,
    check: (wish) => check(name, wish),
    // `ip` gives the ports back with their bytes swapped.
    changeable: ({ encap }) => encap === 'none',
    fresh: ({ okey, ocsum, oseq, remote }) => ({
      flags:
        name === 'gretap' ? ['BROADCAST', 'MULTICAST'] : [remote == null ? 'NOARP' : 'POINTOPOINT', 'NOARP'],
      mtu: 1500 - header - (okey == null ? 0 : 4) - (ocsum === 'on' ? 4 : 0) - (oseq === 'on' ? 4 : 0),
    }),
  };
}
