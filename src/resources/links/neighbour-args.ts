/** Neighbours as arguments of `ip neighbour`, and as a person reads them. */
import type { Step } from '../../shared/change.js';
import type { Neighbour } from '../../snapshot/model.js';

/** `10.0.0.9 dev eth0`, `proxy 10.0.0.9 dev eth0`; a proxy entry of every device has none. */
export function neighbourName({ dst, dev, proxy }: Pick<Neighbour, 'dst' | 'dev' | 'proxy'>): string {
  return [...(proxy ? ['proxy'] : []), dst, ...(dev === null ? [] : ['dev', dev])].join(' ');
}

/** What it says, in the words of `ip neighbour`: `lladdr 52:54:00:12:34:56 permanent router`, or `proxy`. */
export function showNeighbour({ proxy, lladdr, nud, flags }: Neighbour): string {
  return [
    ...(proxy ? ['proxy'] : []),
    ...(lladdr === null ? [] : ['lladdr', lladdr]),
    ...(nud === null ? [] : [nud]),
    ...flags,
  ].join(' ');
}

/**
 * Makes exactly this entry, or turns what is there into it. `replace`, since a neighbour that was learned
 * would be in the way of `add`. With its family, so that it shares no batch with what makes devices: `ip`
 * keeps all of their numbers from here on, and would take one that is made anew for the old one.
 */
export function setNeighbourStep(neighbour: Neighbour): Step {
  const { family, proxy, lladdr, nud, flags, protocol } = neighbour;
  const args = [
    ...['neighbour', proxy ? 'add' : 'replace', ...neighbourName(neighbour).split(' ')],
    ...(lladdr === null ? [] : ['lladdr', lladdr]),
    ...(nud === null ? [] : ['nud', nud]),
    ...flags,
    ...(protocol === null ? [] : ['protocol', String(protocol)]),
  ];
  return { kind: 'ip', family, args };
}

/**
 * The steps that bring an entry back beside others. A proxy entry of every device would swallow that of one
 * (pneigh_lookup), so it steps aside for it.
 * @param others that are there by then
 */
export function restoreNeighbourSteps(neighbour: Neighbour, others: readonly Neighbour[]): Step[] {
  const wide = neighbour.dev === null ? undefined : proxyOfAll(neighbour, others);
  const own = setNeighbourStep(neighbour);
  return wide === undefined ? [own] : [removeNeighbourStep(wide), own, setNeighbourStep(wide)];
}

/** The proxy entry of every device, where the address of a proxy entry has one. */
export function proxyOfAll(
  { dst, proxy }: Pick<Neighbour, 'dst' | 'proxy'>,
  neighbours: readonly Neighbour[],
): Neighbour | undefined {
  if (!proxy) return undefined;
  return neighbours.find((other) => other.proxy && other.dev === null && other.dst === dst);
}

export function removeNeighbourStep(neighbour: Neighbour): Step {
  const { family } = neighbour;
  return { kind: 'ip', family, args: ['neighbour', 'del', ...neighbourName(neighbour).split(' ')] };
}
