/** What the tasks of Open vSwitch ask of a host before all else, and how its ports look as links. */
import type { Problem } from '../../shared/change.js';
import type { Link, Read, Snapshot, TunState } from '../../snapshot/model.js';
import type { Ovs, OvsBridge, OvsColumns, OvsInterface, OvsTrouble } from '../../snapshot/ovs.js';
import { newLink } from '../links/new-link.js';
import type { PlanResult } from '../resource.js';
import { mapOf } from './columns.js';

/** With what hangs on a port that is a link, which its removal takes along. */
export const OVS_READS: readonly Read[] = [
  { kind: 'ovs' },
  { kind: 'links' },
  { kind: 'addresses' },
  { kind: 'routes', family: 4 },
  { kind: 'routes', family: 6 },
  { kind: 'neighbours' },
];

/**
 * Open vSwitch as it was read, or why nothing can be planned on this host.
 * @param absent whether the task takes something away: where there is no Open vSwitch, it is away
 */
export function openVswitch(snapshot: Snapshot, absent: boolean): Ovs | PlanResult {
  const { ovs } = snapshot;
  if (ovs === undefined) throw new Error('Open vSwitch was not read');
  if (ovs.trouble === null) return ovs;
  if (ovs.trouble.kind === 'missing' && absent)
    return { changes: [], reason: 'this host has no Open vSwitch' };
  return { changes: [], problems: [troubleProblem(ovs.trouble)] };
}

export function isResult(found: Ovs | PlanResult): found is PlanResult {
  return 'changes' in found;
}

function troubleProblem({ kind, words }: OvsTrouble): Problem {
  switch (kind) {
    case 'missing':
      return {
        message: 'Open vSwitch is not installed: there is no command ovs-vsctl',
        hint: 'Install the package openvswitch-switch (Debian) or openvswitch (Red Hat).',
      };
    case 'unread':
      return {
        message: `the database of Open vSwitch does not answer: ${words}`,
        hint: 'Start ovsdb-server (the service openvswitch-switch or openvswitch); only root may read it.',
      };
    case 'idle':
      return {
        message: `ovs-vswitchd does not run, and without it no change takes effect: ${words}`,
        hint: 'Start it: the service openvswitch-switch (Debian) or openvswitch (Red Hat).',
      };
  }
}

/** The userspace datapath, whose internal ports are taps; else the kernel's. */
export function isUserspace(columns: OvsColumns): boolean {
  return columns.datapath_type === 'netdev';
}

const TAP: TunState = {
  ...{ mode: 'tap', owner: null, group: null },
  ...{ multiQueue: false, vnetHdr: false, persistent: true },
};

/** An internal port as a link: down, as Open vSwitch makes it. */
export function internalLink(name: string, bridge: OvsBridge, port: OvsColumns): Link {
  const hwaddr = mapOf(bridge.columns.other_config).hwaddr;
  const mac = typeof port.mac === 'string' ? port.mac : (hwaddr ?? null);
  const mtu = typeof port.mtu_request === 'number' ? port.mtu_request : 1500;
  return isUserspace(bridge.columns)
    ? newLink(name, { kind: 'tun', mac, mtu, tun: TAP })
    : newLink(name, { kind: 'openvswitch', mac, mtu });
}

/** What a device of the host is called that the kernel's datapath has as a port. */
const KERNEL_MASTER = 'ovs-system';

/** A device of the host as a port of a bridge; the userspace datapath leaves it without a master. */
export function enslaved(link: Link, bridge: OvsBridge): Link {
  return isUserspace(bridge.columns) ? link : { ...link, master: KERNEL_MASTER };
}

export function released(link: Link): Link {
  return link.master === KERNEL_MASTER ? { ...link, master: null } : link;
}

/** Whether an interface is a device of the host that Open vSwitch did not make. */
export function isSystem({ columns }: Pick<OvsInterface, 'columns'>): boolean {
  return columns.type === '' || columns.type === 'system';
}

/** Whether an interface is seen by `ip link`, so that it can be up. */
export function isDevice(row: Pick<OvsInterface, 'columns'>): boolean {
  return isSystem(row) || row.columns.type === 'internal';
}

/** The number of an interface that is planned: Open vSwitch counts from 1. */
export const NOT_YET = 0;

/** What Open vSwitch says where the other end of a patch is missing: it may come later. */
const NO_PEER = /No usable peer/;

/**
 * What Open vSwitch says of an interface that it can't use: its commands end well all the same.
 * @param links as they will be: a device that was missing may be made by the same play
 */
export function interfaceTrouble(
  name: string,
  row: OvsInterface,
  { links }: Pick<Snapshot, 'links'>,
): Problem | undefined {
  const { error, ofport } = row;
  if (NO_PEER.test(error ?? '')) return undefined;
  if (error === null && ofport !== null && ofport >= NOT_YET) return undefined;
  if (isSystem(row) && links.has(name) && /No such device/.test(error ?? '')) return undefined;
  const hint = 'The log of ovs-vswitchd says more: /var/log/openvswitch/ovs-vswitchd.log';
  return { message: `Open vSwitch can't use ${name}: ${error ?? 'it gives it no number'}`, hint };
}
