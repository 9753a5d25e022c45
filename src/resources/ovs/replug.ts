/**
 * What a change of a setting means for the device behind it, and the steps that bring back what the device loses by it.
 * Measured with Open vSwitch 3.1: in the userspace datapath a new MAC takes the device down for a moment, and with it its
 * routes; another number, type or datapath makes a device anew, down, with another MAC and without addresses.
 */
import type { Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { setLink } from '../links/attributes.js';
import { isUp } from '../links/device.js';
import { restoreSteps, undoWithLosses } from '../links/restore.js';

export interface DeviceChange {
  name: string;
  /** Undefined where there is no such device. */
  before: Link | undefined;
  after: Link | undefined;
  /** Whether Open vSwitch makes it anew on the way. */
  anew: boolean;
  /** Whether Open vSwitch sets the former MAC itself when its setting is put back. */
  setsMacBack: boolean;
}

/** @param back the steps that put the setting itself back */
export function deviceParts(
  { name, before, after, anew, setsMacBack }: DeviceChange,
  back: readonly Step[],
  snapshot: Snapshot,
): { do: Step[]; undo: Step[]; effects: Effect[] } {
  if (after === undefined) {
    const effects: Effect[] = before === undefined ? [] : [{ kind: 'link', unset: name }];
    if (before === undefined) return { do: [], undo: [...back], effects };
    const steps = [...back, sameAgain(before)];
    return {
      do: [],
      undo: undoWithLosses(snapshot, effects, steps, [{ kind: 'link', set: before }]),
      effects,
    };
  }
  const come: Effect = { kind: 'link', set: after };
  if (before === undefined) return { do: [], undo: [...back], effects: [come] };
  if (anew)
    return {
      do: afterAnew(after, snapshot),
      undo: [...back, ...afterAnew(before, snapshot)],
      effects: [come],
    };
  return {
    do: afterMac(before, after, snapshot),
    undo: [...back, ...macBack(before, after), ...(setsMacBack ? afterMac(after, before, snapshot) : [])],
    effects: [come],
  };
}

/** Open vSwitch does not take back a MAC that nobody asks for any more. */
function macBack(before: Link, after: Link): Step[] {
  return before.mac === after.mac || before.mac === null
    ? []
    : [setLink(before.name, ['address', before.mac])];
}

/** The kernel's datapath changes a MAC in place. */
function afterMac(before: Link, after: Link, snapshot: Snapshot): Step[] {
  if (before.kind !== 'tun' || before.mac === after.mac || !isUp(before)) return [];
  const down = { ...after, flags: after.flags.filter((flag) => flag !== 'UP') };
  const lost = applyEffects(snapshot, [
    { kind: 'link', set: down },
    { kind: 'link', set: after },
  ]);
  return restoreSteps(snapshot, lost);
}

/** The steps behind a device that was made anew, and shall be as `link` is. */
function afterAnew(link: Link, snapshot: Snapshot): Step[] {
  const lost = applyEffects(snapshot, [
    { kind: 'link', unset: link.name },
    { kind: 'link', set: link },
  ]);
  return [sameAgain(link), ...restoreSteps(snapshot, lost)];
}

/** Open vSwitch makes its devices down, with a MAC by chance. */
export function sameAgain(link: Link): Step {
  const mac = link.mac === null ? [] : ['address', link.mac];
  return setLink(link.name, [...mac, 'mtu', String(link.mtu), ...(isUp(link) ? ['up'] : [])]);
}
