import { familyOf, parseAddress, parseMac, prefixContains } from '../shared/addr.js';
import type { Change, Problem } from '../shared/change.js';
import { neighbourText, sameNeighbour } from '../snapshot/identity.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Neighbour, Read, Snapshot } from '../snapshot/model.js';
import { applyEffects } from '../snapshot/simulate.js';
import { isToBe, macProblem } from './links/device.js';
import { ipv6Problem, ipv6Reads } from './links/ipv6-switch.js';
import {
  neighbourName,
  proxyOfAll,
  removeNeighbourStep,
  restoreNeighbourSteps,
  setNeighbourStep,
  showNeighbour,
} from './links/neighbour-args.js';
import { neighbourSchema } from './links/neighbour-schema.js';
import type { PlanResult, Resource } from './resource.js';
import { missingDevice } from './routing/route-checks.js';
import { findLink } from './routing/route-wish.js';

export interface NeighbourParams {
  dst: string;
  dev?: string;
  lladdr?: string;
  nud?: 'permanent' | 'noarp';
  router?: boolean;
  proxy?: boolean;
  exclusive?: boolean;
  state?: 'present' | 'absent';
}

function plan(params: NeighbourParams, snapshot: Snapshot): PlanResult {
  const dst = parseAddress(params.dst)?.address ?? params.dst;
  const link = params.dev === undefined ? undefined : findLink(params.dev, snapshot);
  const problems = problemsOf({ ...params, dst }, link, snapshot);
  if (problems.length > 0) return { changes: [], problems };
  if (params.state === 'absent') return planAbsent(params, dst, link, snapshot);
  const wanted = wantedNeighbour(params, dst, link?.name ?? null, snapshot);
  const warnings = ownWarnings(dst, snapshot);
  const wide = proxyOfAll(wanted, snapshot.neighbours);
  if (wide !== undefined && params.exclusive !== true)
    return { changes: [], warnings, reason: 'the host answers for it on every device' };
  const change = setChange(wanted, snapshot);
  const others = surplus(params, wanted, snapshot);
  const [first, later] = [others.filter((each) => each === wide), others.filter((each) => each !== wide)];
  return {
    // The new one comes first, so that somebody always answers, unless the one of every device is in its way.
    changes: [
      ...first.map((each) => removal(each, snapshot)),
      ...(change === undefined ? [] : [change]),
      ...later.map((each) => removal(each, without(snapshot, wide))),
    ],
    warnings,
  };
}

/** The entry as it is there; one of every device may stand for it. */
function kept(params: NeighbourParams, snapshot: Snapshot): readonly Kept[] {
  const dst = parseAddress(params.dst)?.address ?? params.dst;
  const link = params.dev === undefined ? undefined : findLink(params.dev, snapshot);
  const wanted = wantedNeighbour(params, dst, link?.name ?? null, snapshot);
  const item = snapshot.neighbours.find((other) => sameNeighbour(other, wanted));
  return item === undefined ? [] : [{ kind: 'neighbour', item }];
}

function without(snapshot: Snapshot, gone: Neighbour | undefined): Snapshot {
  return gone === undefined ? snapshot : applyEffects(snapshot, [{ kind: 'neighbour', unset: gone }]);
}

/** Two tasks of one play that contradict each other would undo each other in every run. */
function settle(params: NeighbourParams, _declared: unknown, snapshot: Snapshot): PlanResult {
  if (params.state === 'absent') return { changes: [] };
  const { changes, problems } = plan(params, snapshot);
  const [first] = changes;
  if (problems !== undefined) return { changes: [], problems };
  if (first === undefined) return { changes: [], warnings: params.proxy ? silence(params, snapshot) : [] };
  return {
    changes: [],
    problems: [
      {
        message: `a later task of this play undoes this one: ${first.address}`,
        hint: 'A task that takes its device down, gives it another MAC or takes its last address must come before it.',
      },
    ],
  };
}

/** What is there keeps what the task says nothing of. */
function wantedNeighbour(
  params: NeighbourParams,
  dst: string,
  dev: string | null,
  snapshot: Snapshot,
): Neighbour {
  const proxy = params.proxy === true;
  const identity = { family: familyOf(dst), dst, dev, proxy };
  const bare: Neighbour = { ...identity, lladdr: null, nud: null, flags: [], protocol: null };
  const current = snapshot.neighbours.find((other) => sameNeighbour(other, bare)) ?? bare;
  const others = current.flags.filter((flag) => flag !== 'router');
  const router = params.router ?? current.flags.includes('router');
  return {
    ...current,
    lladdr: params.lladdr === undefined ? null : (parseMac(params.lladdr) ?? null),
    nud: proxy ? null : (params.nud ?? 'permanent'),
    flags: router ? ['router', ...others] : others,
  };
}

/** @returns undefined where it is there already */
function setChange(wanted: Neighbour, snapshot: Snapshot): Change | undefined {
  const current = snapshot.neighbours.find((other) => sameNeighbour(other, wanted));
  if (current !== undefined && neighbourText(current) === neighbourText(wanted)) return undefined;
  return {
    resource: 'neighbour',
    address: `neighbour ${neighbourName(wanted)}`,
    action: current === undefined ? 'create' : 'update',
    before: current === undefined ? null : showNeighbour(current),
    after: showNeighbour(wanted),
    do: [setNeighbourStep(wanted)],
    undo: [current === undefined ? removeNeighbourStep(wanted) : setNeighbourStep(current)],
    effects: [{ kind: 'neighbour', set: wanted }],
  };
}

function removal(neighbour: Neighbour, { neighbours }: Snapshot): Change {
  return {
    resource: 'neighbour',
    address: `neighbour ${neighbourName(neighbour)}`,
    action: 'delete',
    before: showNeighbour(neighbour),
    after: null,
    do: [removeNeighbourStep(neighbour)],
    undo: restoreNeighbourSteps(neighbour, neighbours),
    effects: [{ kind: 'neighbour', unset: neighbour }],
  };
}

/** The proxy entries of the same address elsewhere, that of every device included. */
function surplus({ exclusive }: NeighbourParams, wanted: Neighbour, snapshot: Snapshot): Neighbour[] {
  if (exclusive !== true) return [];
  return snapshot.neighbours.filter(
    ({ dst, dev, proxy }) => proxy && dst === wanted.dst && dev !== wanted.dev,
  );
}

function planAbsent(
  { proxy = false, lladdr }: NeighbourParams,
  dst: string,
  link: Link | undefined,
  snapshot: Snapshot,
): PlanResult {
  const mac = lladdr === undefined ? undefined : parseMac(lladdr);
  const doomed = snapshot.neighbours.filter(
    (other) =>
      other.dst === dst &&
      other.proxy === proxy &&
      (link === undefined || other.dev === link.name) &&
      (mac === undefined || other.lladdr === mac),
  );
  // That of every device goes first: the undo must bring it back last.
  const ordered = doomed.toSorted((a, b) => Number(a.dev !== null) - Number(b.dev !== null));
  const [first] = ordered;
  const after = first?.dev === null ? without(snapshot, first) : snapshot;
  return { changes: ordered.map((each) => removal(each, after)) };
}

function problemsOf(
  params: NeighbourParams & { dst: string },
  link: Link | undefined,
  snapshot: Snapshot,
): Problem[] {
  const { dst, dev, proxy = false, state } = params;
  const problems: (Problem | undefined)[] = [listingProblem(params, snapshot)];
  if (dev !== undefined && link === undefined) problems.push(missingDevice(dev, snapshot, ['dev']));
  if (state === 'absent') {
    if (params.exclusive)
      problems.push({ message: 'exclusive means nothing with state: absent', path: ['exclusive'] });
    return problems.filter((problem) => problem !== undefined);
  }
  if (dev === undefined)
    problems.push({ message: 'a neighbour needs its device', hint: 'Name it with dev.', path: ['dst'] });
  const off =
    familyOf(dst) === 6 && link !== undefined ? ipv6Problem(link.name, snapshot, ['dst']) : undefined;
  problems.push(addressProblem(dst), off, routerProblem(params));
  problems.push(...(proxy ? proxyProblems(params) : plainProblems(params, link)));
  return problems.filter((problem) => problem !== undefined);
}

/** Without seeing them, none could be said to be there, and every run would change something. */
function listingProblem({ dst, proxy }: NeighbourParams, { tools }: Snapshot): Problem | undefined {
  if (proxy !== true || familyOf(dst) === 4 || tools.proxyListing !== false) return undefined;
  return {
    message: `this host's ip (${tools.iproute2}) can't list IPv6 proxy entries`,
    hint: 'A newer iproute2 does; IPv4 proxy entries work with this one too.',
    path: ['proxy'],
  };
}

function addressProblem(dst: string): Problem | undefined {
  const none = ['0.0.0.0', '255.255.255.255', '::', '::1'].includes(dst);
  const ranges = familyOf(dst) === 4 ? ['224.0.0.0/4', '127.0.0.0/8'] : ['ff00::/8'];
  if (!none && !ranges.some((range) => prefixContains(range, dst))) return undefined;
  return { message: `${dst} is no neighbour's address`, path: ['dst'] };
}

function routerProblem({ dst, router }: NeighbourParams): Problem | undefined {
  if (router === undefined || familyOf(dst) === 6) return undefined;
  return { message: 'router is for IPv6 alone: ARP knows none', path: ['router'] };
}

function proxyProblems({ lladdr, nud }: NeighbourParams): Problem[] {
  const given = Object.entries({ lladdr, nud }).filter(([, value]) => value !== undefined);
  return given.map(([name]) => ({
    message: `a proxy entry has no ${name}: the host answers with the MAC of its own device`,
    path: [name],
  }));
}

function plainProblems(
  { dst, lladdr, nud, exclusive }: NeighbourParams,
  link: Link | undefined,
): (Problem | undefined)[] {
  const mac = lladdr === undefined ? undefined : parseMac(lladdr);
  return [
    mac === undefined
      ? {
          message: 'a neighbour needs its lladdr',
          hint: 'Say proxy: true to answer for it instead.',
          path: ['dst'],
        }
      : macProblem(mac, ['lladdr']),
    exclusive ? { message: 'exclusive is for proxy entries alone', path: ['exclusive'] } : undefined,
    link === undefined ? undefined : deviceProblem(dst, nud, link),
  ];
}

/** Measured: the kernel keeps one entry, for 0.0.0.0, where every IPv4 packet goes to the same neighbour (arp_hash). */
function deviceProblem(dst: string, nud: NeighbourParams['nud'], link: Link): Problem | undefined {
  const path = ['dev'];
  const { name, mac, flags } = link;
  if (mac === null && !isToBe(link))
    return { message: `${name} has no MACs, so its neighbours have none`, path };
  const single = flags.includes('LOOPBACK') || flags.includes('POINTOPOINT');
  if (nud === 'noarp' && (single || flags.includes('NOARP')))
    return {
      message: `${name} needs no ARP: the kernel makes all of its neighbours noarp by itself`,
      path: ['nud'],
    };
  if (!single || familyOf(dst) === 6) return undefined;
  return { message: `${name} has one neighbour for all of IPv4: the kernel keeps no other`, path };
}

function ownWarnings(dst: string, { addresses }: Snapshot): string[] {
  return addresses
    .filter(({ local }) => local === dst)
    .map(({ dev }) => `${dst} is this host's own address, on ${dev}: it answers for it anyway`);
}

/** Why nobody would be answered by a proxy entry (arp_process, ndisc_recv_ns), as far as it was read. */
function silence({ dst, dev }: NeighbourParams, { sysctls }: Snapshot): string[] {
  const is = (device: string | undefined, key: string): boolean | undefined => {
    const value = sysctls.get(sysctlPath(dst, device ?? '', key));
    return value === undefined || value === null ? undefined : Number(value) > 0;
  };
  const dead = [
    ...(is(dev, 'forwarding') === false ? ['forwarding'] : []),
    ...(is(dev, 'proxy_ndp') === false && is('all', 'proxy_ndp') === false ? ['proxy_ndp'] : []),
  ];
  return dead.map((key) => {
    const name = sysctlPath(dst, dev ?? '', key);
    return `${neighbourName({ dst, dev: dev ?? null, proxy: true })} answers nobody while ${name} is 0`;
  });
}

function sysctlPath(dst: string, dev: string, key: string): string {
  return `net/ipv${familyOf(dst)}/conf/${dev}/${key}`;
}

function reads({ dst, dev, proxy, state }: NeighbourParams): Read[] {
  const six = familyOf(dst) === 6;
  const sysctl = (name: string, key: string): Read => ({ kind: 'sysctl', path: sysctlPath(dst, name, key) });
  const answering = proxy === true && state !== 'absent' && dev !== undefined;
  return [
    { kind: 'links' },
    { kind: 'addresses' },
    { kind: 'neighbours' },
    ...(six ? ipv6Reads : []),
    ...(answering ? [sysctl(dev, 'forwarding')] : []),
    ...(answering && six ? [sysctl(dev, 'proxy_ndp'), sysctl('all', 'proxy_ndp')] : []),
  ];
}

/** A neighbour that is set by hand, or an address that the host answers for: proxy ARP and proxy NDP. */
export const neighbour: Resource<NeighbourParams> = {
  name: 'neighbour',
  plural: 'neighbours',
  mapKey: 'dst',
  summary:
    'An entry of the ARP or NDP table: a neighbour with a fixed MAC, or an address to answer for (proxy).',
  schema: neighbourSchema,
  examples: [
    { neighbour: { dst: '192.168.1.9', dev: 'eth0', lladdr: '52:54:00:12:34:56' } },
    { neighbour: { dst: '2001:db8::fe', dev: 'eth0', lladdr: '52:54:00:12:34:56', router: true } },
    { neighbour: { dst: '192.168.18.101', dev: 'eth3', proxy: true, exclusive: true } },
    { neighbour: { dst: '192.168.18.101', proxy: true, state: 'absent' } },
  ],
  reads,
  plan,
  kept,
  settle,
};
