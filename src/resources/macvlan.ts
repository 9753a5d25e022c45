import type { Problem } from '../shared/change.js';
import type { Wish } from './links/virtual/kind.js';
import { virtualLink } from './links/virtual/plan.js';

function check({ params, wanted, snapshot }: Wish): Problem[] {
  const { mode } = wanted;
  const others = [...snapshot.links.values()].filter(
    ({ kind, lower, name }) => kind === 'macvlan' && lower === wanted.link && name !== params.name,
  );
  const all: (Problem | undefined)[] = [
    params.nopromisc === true && mode !== 'passthru'
      ? { message: 'nopromisc is for mode passthru', path: ['nopromisc'] }
      : undefined,
    Array.isArray(params.macaddr) && params.macaddr.length > 0 && mode !== 'source'
      ? { message: 'macaddr is for mode source', path: ['macaddr'] }
      : undefined,
    mode === 'passthru' && others.length > 0
      ? {
          message: `${wanted.link} has ${others.map(({ name }) => name).join(', ')} on it: passthru takes it whole`,
          path: ['mode'],
        }
      : undefined,
    mode === 'passthru' && params.mac !== undefined
      ? {
          message: `in mode passthru it has the MAC of ${wanted.link}`,
          hint: `Set it there: link: {name: ${wanted.link}, mac: '${params.mac}'}`,
          path: ['mac'],
        }
      : undefined,
    snapshot.links.get(wanted.link ?? '')?.kind === 'macvlan'
      ? { message: `${wanted.link} is a macvlan itself: name the device below it`, path: ['link'] }
      : undefined,
  ];
  return all.filter((problem) => problem !== undefined);
}

const STOLEN = 2;

/** A second MAC on a device, with a link of its own. */
export const macvlan = virtualLink({
  name: 'macvlan',
  plural: 'macvlans',
  called: 'a macvlan',
  summary: 'A link with a MAC of its own on a device.',
  ethernet: true,
  required: ['link'],
  properties: {
    link: {
      type: 'string',
      format: 'interface',
      description: 'The device that it is on. A change makes it anew.',
      examples: ['eth0'],
    },
    mode: {
      enum: ['private', 'vepa', 'bridge', 'passthru', 'source'],
      description:
        'What it has to do with others on the device; vepa by itself. To and from passthru it is made anew.',
    },
    nopromisc: {
      type: 'boolean',
      description: 'For passthru: the device is not made promiscuous. A change makes it anew.',
    },
    bcqueuelen: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 4_294_967_295,
      description: 'Broadcasts that wait; null for 1000.',
    },
    macaddr: {
      type: ['array', 'null'],
      items: { type: 'string', format: 'mac' },
      description: 'For source: all MACs whose frames it takes; null or an empty list for none.',
      examples: [['52:54:00:12:34:56']],
    },
  },
  examples: [
    { macvlan: { name: 'mv0', link: 'eth0', mode: 'bridge' } },
    { macvlan: { name: 'mv1', link: 'eth0', mode: 'source', macaddr: ['52:54:00:12:34:56'] } },
    { macvlan: { name: 'mv0', state: 'absent' } },
  ],
  fresh({ link, mode }, snapshot) {
    const lower = snapshot.links.get(link ?? '');
    const direct = mode === 'passthru';
    return {
      flags: ['BROADCAST', 'MULTICAST'],
      ...(direct && { mac: lower?.mac ?? null, addrAssignType: STOLEN }),
      ...(lower && { mtu: lower.mtu }),
    };
  },
  settle: (wanted) => (wanted.mode === 'source' ? wanted : { ...wanted, macaddr: null }),
  check,
});
