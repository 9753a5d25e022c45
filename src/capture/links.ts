/** All devices: NICs that are there, and what is made, in the order in which it can be. */
import type { Link } from '../snapshot/model.js';
import { bondMaking } from './bonds.js';
import { bridgeMaking } from './bridges.js';
import { furtherItems, ownMac, plainParams } from './link-settings.js';
import { masterOf } from './master.js';
import { inOrder, type Making } from './order.js';
import { type Captured, inNameOrder, type Reading, unless } from './reading.js';
import { tapMaking } from './taps.js';
import { virtualMaking } from './virtual.js';

export interface LinkItems {
  /** What is made of NICs and of nothing. */
  first: Captured[];
  /** What stands on ports of Open vSwitch, or has some that do. */
  later: Captured[];
}

export function linkItems(reading: Reading): LinkItems {
  const isNic = ({ name }: Link): boolean => reading.roles.get(name)?.kind === 'nic';
  const all = inNameOrder(reading.snapshot.links.values());
  const makings = [...all.filter(isNic), ...all.filter((link) => !isNic(link))].flatMap(
    (link) => makingOf(link, reading) ?? [],
  );
  const late = new Set<string>();
  const items: LinkItems = { first: [], later: [] };
  for (const making of inOrder(makings)) {
    const waits = making.needs.some((name) => late.has(name) || reading.roles.get(name)?.kind === 'ovs');
    if (waits) for (const name of making.makes) late.add(name);
    (waits ? items.later : items.first).push(...making.items);
  }
  return items;
}

function makingOf(link: Link, reading: Reading): Making | undefined {
  const role = reading.roles.get(link.name);
  if (role?.kind === 'nic') return nicMaking(link, reading);
  if (role?.kind !== 'made') return undefined;
  if (link.kind === 'bridge') return bridgeMaking(link, reading);
  if (link.kind === 'bond') return bondMaking(link, reading);
  return link.tun === null ? virtualMaking(link, reading) : tapMaking(link, link.tun, reading);
}

/** A NIC is there: only how it is set is said, and whether it is up, which on another host it may not be. */
function nicMaking(link: Link, reading: Reading): Making {
  const { snapshot } = reading;
  const above = snapshot.links.get(link.master ?? '');
  const inBond = above?.kind === 'bond';
  const master = above?.kind === 'vrf' ? masterOf(link, reading) : undefined;
  const items = furtherItems(link, reading, {
    state: stateOf(link, reading),
    // The ports of a bond have its MTU and its MAC.
    mtu: inBond ? undefined : unless(link.mtu, 1500),
    mac: inBond || isWayIn(link, reading) ? undefined : ownMac(link),
    ...plainParams(link),
    master,
  });
  return { makes: [link.name], needs: master === undefined ? [] : [master], items };
}

/** One that the host is reached by is up. */
function stateOf(link: Link, reading: Reading): 'up' | 'down' | undefined {
  if (!link.flags.includes('UP')) return 'down';
  return isWayIn(link, reading) ? undefined : 'up';
}

/** By which the host is reached: what it has there tells it from others, and is there before any playbook can run. */
export function isWayIn({ name }: Link, { snapshot }: Reading): boolean {
  const server = snapshot.session?.server;
  return snapshot.addresses.some(({ dev, local }) => dev === name && local === server);
}
