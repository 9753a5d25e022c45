/** Containers with veth pairs: their pin is the bridge over the NIC. */
import type { Problem } from '../../shared/change.js';
import type { Address, Link, Route, Snapshot } from '../../snapshot/model.js';
import type { Ve } from '../../snapshot/openvz.js';
import { address } from '../address.js';
import { bridge } from '../bridge.js';
import { type Part, part } from '../resource.js';
import { PROTOCOL } from '../routing/names.js';
import { ve as veResource } from '../ve.js';

/** /sys/class/net/X/addr_assign_type of a MAC that somebody set: no port changes it. */
const SET = 3;
const LONGEST_NAME = 15;

/**
 * The tasks that bring the containers' veth pairs into the bridge over the NIC, made where there is none: with the
 * NIC's MAC, pinned, and its addresses, which would not work on a port.
 */
export function vethParts(
  ves: readonly Ve[],
  nic: string,
  snapshot: Snapshot,
  problems: Problem[],
): { bridge: Part[]; netifs: Part[] } {
  const link = snapshot.links.get(nic);
  const pairs = ves.filter(({ netifs }) => netifs.length > 0);
  if (pairs.length === 0 || link === undefined) return { bridge: [], netifs: [] };
  const master = link.master === null ? undefined : snapshot.links.get(link.master);
  const name = master?.name ?? `br_${nic}`.slice(0, LONGEST_NAME);
  const netifs = pairs.flatMap(({ id, netifs: own }) => {
    const moved = own.filter((netif) => netif.bridge !== name);
    return moved.length === 0
      ? []
      : [part(veResource, { ve: id, netifs: moved.map(({ ifname }) => ({ ifname, bridge: name })) })];
  });
  return {
    bridge: master === undefined ? newBridge(link, name, snapshot, problems) : pinned(master, link),
    netifs,
  };
}

/** A MAC that somebody chose stays. */
function pinned(master: Link, { mac }: Link): Part[] {
  if (master.kind !== 'bridge' || master.addrAssignType === SET || mac === null) return [];
  return [part(bridge, { name: master.name, mac })];
}

function newBridge({ name: nic, mac }: Link, name: string, snapshot: Snapshot, problems: Problem[]): Part[] {
  const lost = snapshot.routes.find((route) => isOver(nic, route));
  if (lost !== undefined) {
    problems.push({
      message: `${nic} is in no bridge, and routes lead over it (${lost.dst} in table ${lost.table}): a port's routes are dead`,
      hint: `Make the bridge by tasks of its own, and move addresses and routes to it: bridge: {name: ${name}, ports: [${nic}]}`,
      path: ['nic'],
    });
    return [];
  }
  const own = snapshot.addresses.filter(({ dev, scope }) => dev === nic && scope === 0);
  return [
    part(bridge, { name, ports: [nic], ...(mac !== null && { mac }), stp: false, forward_delay: 0 }),
    ...own.map((each) => part(address, { dev: nic, address: textOf(each), state: 'absent' })),
    ...own.map((each) => part(address, { dev: name, address: textOf(each) })),
  ];
}

function textOf({ local, length }: Address): string {
  return `${local}/${length}`;
}

/** Somebody's, not the kernel's own for the NIC's addresses. */
function isOver(nic: string, { protocol, nexthops }: Route): boolean {
  return protocol !== PROTOCOL.kernel && nexthops.some(({ dev }) => dev === nic);
}
