/** What a reboot loses of links: those that software makes, whole; of others each setting that a task gives. */
import type { BridgeState } from '../../snapshot/bridge.js';
import type { Kept } from '../../snapshot/kept.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import type { Attribute } from './attributes.js';
import { isUp } from './device.js';
import { newLink } from './new-link.js';

/** /sys/class/net/X/addr_assign_type of a MAC that a user set. */
const SET_BY_USER = 3;

/** What a task may ask of any link that it makes. */
export interface Asked {
  mac?: unknown;
  mtu?: unknown;
  txqueuelen?: unknown;
  alias?: unknown;
  master?: unknown;
}

/**
 * The link without all that the kernel gives it by itself, which may be otherwise on the next boot.
 * @param own what tells its kind: settings, a bridge's state
 */
export function keptLink(link: Link, asked: Asked, own: Partial<Link>): Link {
  const said = (name: keyof Asked): boolean => asked[name] !== undefined && asked[name] !== null;
  // One that no task asks for is udev's or the kernel's to give, though udev's looks like a user's.
  const mac = said('mac') ? link.mac : null;
  return newLink(link.name, {
    kind: link.kind,
    flags: isUp(link) ? ['UP'] : [],
    ...{ mac, addrAssignType: mac === null ? null : SET_BY_USER },
    mtu: said('mtu') ? link.mtu : 0,
    txqueuelen: said('txqueuelen') ? link.txqueuelen : null,
    alias: said('alias') ? link.alias : null,
    master: said('master') ? link.master : null,
    broadcast: null,
    ...own,
  });
}

/** One setting; null takes back what an earlier task said of it. */
export function keptSetting<T>(
  link: Link | undefined,
  attribute: Attribute<T>,
  given: unknown,
): Extract<Kept, { kind: 'setting' }>[] {
  const value = link && attribute.read(link);
  if (link === undefined || given === undefined || value === undefined) return [];
  const words = given === null ? [] : attribute.args(value);
  return [{ kind: 'setting', dev: link.name, name: attribute.name, words }];
}

/** Ports that are in this bridge or bond. */
export function keptPorts(ports: readonly string[], master: string, { links }: Snapshot): Kept[] {
  return ports.flatMap((dev) => (links.get(dev)?.master === master ? [keptMaster(dev, master)] : []));
}

/** @param master null where an earlier task's word is taken back */
export function keptMaster(dev: string, master: string | null): Kept {
  const words = master === null ? [] : ['master', master];
  return { kind: 'setting', dev, name: 'master', words, ...(master !== null && { needs: master }) };
}

/** No option of a bridge given. */
export function bareBridge(state: BridgeState): BridgeState {
  return Object.fromEntries(Object.keys(state).map((field) => [field, null])) as unknown as BridgeState;
}
