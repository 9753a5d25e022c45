/** A bond and its ports as steps: made, changed, taken apart, with all that they had. */
import type { Step } from '../../shared/change.js';
import { activeSlave, type BondSettings, bondSettings, sharesMac, withBond } from '../../snapshot/bond.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import { alias, group, mac, mtu, setLink, txqueuelen } from './attributes.js';
import { newBond, settingWords } from './bond-options.js';
import { isUp } from './device.js';
import { newLink } from './new-link.js';

/** A bond that is not there yet: down, without ports. @param mac null where the kernel makes one up */
export function wantedBond(name: string, mac: string | null, settings: BondSettings): Link {
  const link = newLink(name, { kind: 'bond', mac, addrAssignType: mac === null ? 1 : 3 });
  return withBond({ ...link, flags: [...link.flags, 'MASTER'] }, settings, null);
}

/** The bond's ports: the one that sends first, since the first that joins begins to. */
export function portsOf(bond: Link, { links }: Snapshot): Link[] {
  const ports = [...links.values()].filter((link) => link.master === bond.name);
  const active = activeSlave(bond);
  return ports.toSorted((a, b) => Number(b.name === active) - Number(a.name === active));
}

/** Makes a bond with all that can be set of one without ports, down. */
export function addBond(bond: Link, settings: BondSettings): Step[] {
  const { primary: _, ...own } = settings;
  const start = newBond(own.mode ?? '');
  const words = settingWords(start, own).flat();
  const address = bond.mac !== null && bond.addrAssignType === 3 ? ['address', bond.mac] : [];
  const type = ['type', 'bond', 'mode', own.mode ?? '', ...words];
  return [{ kind: 'ip', args: ['link', 'add', 'name', bond.name, ...address, ...type] }];
}

/** Makes a bond as it is, its ports, MTU and state included; addresses and routes are not. */
export function makeBondSteps(bond: Link, ports: readonly Link[]): Step[] {
  const settings = bondSettings(bond) ?? newBond('balance-rr');
  const fixed = { ...bond, addrAssignType: sharesMac(settings) ? 3 : bond.addrAssignType };
  return [
    ...addBond(fixed, settings),
    ...(bond.mtu === 1500 ? [] : [setLink(bond.name, mtu.args(bond.mtu))]),
    ...(bond.txqueuelen === 1000 ? [] : [setLink(bond.name, txqueuelen.args(txqueuelen.read(bond) ?? 0))]),
    ...(bond.alias === null ? [] : [setLink(bond.name, alias.args(bond.alias))]),
    ...(bond.group === 0 ? [] : [setLink(bond.name, group.args(bond.group))]),
    ...joinSteps(bond.name, ports),
    ...(settings.primary === undefined ? [] : primarySteps(bond.name, settings.primary)),
    ...(isUp(bond) ? [setLink(bond.name, ['up'])] : []),
  ];
}

/** Puts ports that are down into a bond, each with settings of its own. */
export function joinSteps(bond: string, ports: readonly Link[]): Step[] {
  return ports.flatMap((port) => [setLink(port.name, ['master', bond]), ...portSteps(port)]);
}

/** A port's own settings; those that a new port has are left out. */
function portSteps({ name, port }: Link): Step[] {
  return ['queue_id', 'prio'].flatMap((word) => {
    const value = port[port.indexOf(word) + 1];
    const usual = !port.includes(word) || value === undefined || value === '0';
    return usual ? [] : [setLink(name, ['type', 'bond_slave', word, value])];
  });
}

export function setBond(name: string, words: readonly string[]): Step {
  return setLink(name, ['type', 'bond', ...words]);
}

/** `ip` has no word for no primary: the bond's file takes an empty line for it. */
export function primarySteps(bond: string, primary: string | undefined): Step[] {
  if (primary !== undefined) return [setBond(bond, ['primary', primary])];
  return [{ kind: 'run', argv: ['sh', '-c', 'echo >"/sys/class/net/$1/bonding/primary"', 'sh', bond] }];
}

/** What must be so while settings change: nothing, the bond down, or no port in it as well. */
export type Interruption = 'none' | 'down' | 'empty';

/** The steps between two states of a bond, which leave it with its ports and up as it is. */
export function settingSteps(
  bond: Link,
  [from, to]: readonly [BondSettings, BondSettings],
  how: Interruption,
  ports: readonly Link[],
): Step[] {
  const set = settingWords(from, to).map((words) => setBond(bond.name, words));
  if (how === 'none') return set;
  const down = isUp(bond) ? [setLink(bond.name, ['down'])] : [];
  const up = isUp(bond) ? [setLink(bond.name, ['up'])] : [];
  if (how === 'down') return [...down, ...set, ...up];
  // The last port that leaves takes the bond's MAC along.
  const address = sharesMac(to) && bond.mac !== null ? [setLink(bond.name, mac.args(bond.mac))] : [];
  return [
    ...down,
    ...ports.map((port) => setLink(port.name, ['nomaster'])),
    ...set,
    ...address,
    ...joinSteps(bond.name, ports),
    ...(to.primary === undefined ? [] : primarySteps(bond.name, to.primary)),
    ...up,
  ];
}
