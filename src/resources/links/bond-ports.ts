/** Devices that join a bond and leave it, with what the kernel does to them and to the bond. */
import type { Change, Problem } from '../../shared/change.js';
import {
  activeSlave,
  type BondSettings,
  bondSettings,
  ownMac,
  sharesMac,
  withBond,
  withSetting,
} from '../../snapshot/bond.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import { missingDevice } from '../routing/route-checks.js';
import { mac, setLink, state } from './attributes.js';
import { isUp } from './device.js';
import { joinSteps, portsOf } from './make-bond.js';
import { undoWithLosses } from './restore.js';

/** A port as the bond has it: up, and with the bond's MTU and, but for fail_over_mac, its MAC. */
export function joined(port: Link, bond: Link, settings: BondSettings): Link {
  const own = ownMac(port);
  return {
    ...state.with(port, true),
    master: bond.name,
    mtu: bond.mtu,
    mac: sharesMac(settings) && bond.mac !== null ? bond.mac : own,
    port:
      port.port.includes('perm_hwaddr') || own === null ? port.port : ['perm_hwaddr', own, 'queue_id', '0'],
  };
}

/** A device that left its bond: down, with the MAC that it had before. */
export function left(port: Link): Link {
  return { ...state.with(port, false), master: null, mac: ownMac(port), port: [] };
}

/** The change that puts a device into the bond; the kernel takes none that is up. */
export function joinChange(port: Link, bond: Link, snapshot: Snapshot): Change {
  const settings = bondSettings(bond) ?? {};
  const first = portsOf(bond, snapshot).length === 0;
  // A MAC that nobody set is the first port's.
  const takes = first && port.mac !== null && (bond.addrAssignType === 1 || !sharesMac(settings));
  const after = takes ? { ...bond, mac: port.mac, addrAssignType: 2 } : bond;
  const effects: Effect[] = [
    { kind: 'link', set: state.with(port, false) },
    { kind: 'link', set: after },
    { kind: 'link', set: joined(port, after, settings) },
  ];
  const back = [
    setLink(port.name, ['nomaster']),
    ...(takes && bond.mac !== null ? [setLink(bond.name, mac.args(bond.mac))] : []),
    ...(isUp(port) ? [setLink(port.name, ['up'])] : []),
  ];
  return {
    resource: 'bond',
    address: `link ${port.name} master`,
    action: 'update',
    before: null,
    after: bond.name,
    do: [...(isUp(port) ? [setLink(port.name, ['down'])] : []), setLink(port.name, ['master', bond.name])],
    undo: undoWithLosses(snapshot, effects, back, [
      { kind: 'link', set: bond },
      { kind: 'link', set: port },
    ]),
    effects,
  };
}

/** The change that takes a port out; with the last one the kernel makes up a new MAC for the bond. */
export function leaveChange(port: Link, bond: Link, snapshot: Snapshot): Change {
  const settings = bondSettings(bond) ?? {};
  const ports = portsOf(bond, snapshot);
  const last = ports.length === 1;
  const shown = settings.primary === port.name ? withSetting(settings, 'primary', '') : settings;
  const active = activeSlave(bond) === port.name ? null : activeSlave(bond);
  const remains = withBond(bond, shown, active);
  const effects: Effect[] = [
    { kind: 'link', set: left(port) },
    { kind: 'link', set: last ? { ...remains, mac: null, addrAssignType: 1 } : remains },
  ];
  const address = last && sharesMac(settings) && bond.mac !== null;
  return {
    resource: 'bond',
    address: `link ${port.name} master`,
    action: 'update',
    before: bond.name,
    after: null,
    do: [setLink(port.name, ['nomaster'])],
    undo: [
      ...(address ? [setLink(bond.name, mac.args(bond.mac ?? ''))] : []),
      ...joinSteps(bond.name, [port]),
    ],
    effects,
  };
}

/** Why a device can't be a port of the bond. */
export function portProblem(
  name: string,
  bond: string,
  snapshot: Snapshot,
  path: (string | number)[],
): Problem | undefined {
  const port = snapshot.links.get(name);
  if (name === bond) return { message: `${name} can't be a port of itself`, path };
  if (port === undefined) return missingDevice(name, snapshot, path);
  if (port.kind === 'bond') return { message: `${name} is a bond: it can't be a port of ${bond}`, path };
  if (port.flags.includes('LOOPBACK')) return { message: `${name} can't be a port of a bond`, path };
  if (port.master === null || port.master === bond) return undefined;
  return {
    message: `${name} is a port of ${port.master}: putting it into ${bond} would take it from there`,
    hint: `If that is meant, put before it: link: {name: ${name}, master: null}`,
    path,
  };
}
