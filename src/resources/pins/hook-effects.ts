/** What the hook in vz.conf does, beside OpenVZ's own helpers, when a running container gets or loses an address. */
import { familyOf } from '../../shared/addr.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import type { Ve } from '../../snapshot/openvz.js';
import { effectsOf } from './after.js';
import { type HookPin, PINS_FILE, readPins } from './hook-file.js';
import { proxiesGone, proxyPart, ruleParts, rulesGone, tableParts } from './parts.js';

/**
 * The pin that the node's file has for an address of the container; the file must have been read. It is written when
 * all is confirmed: the hook keeps to what it says before.
 */
export function hookPin({ id }: Ve, address: string, { files, saved }: Snapshot): HookPin | undefined {
  return readPins((saved ?? files).get(PINS_FILE)?.content).pins.find(
    (pin) => pin.ve === id && familyOf(pin.gateway) === familyOf(address),
  );
}

/** Behind what the helper itself does: the address is on one NIC alone, and has its rules. */
export function hookAdds(pin: HookPin, address: string, snapshot: Snapshot): Effect[] {
  const way = { ...pin, dev: pin.nic };
  const gone = rulesGone(address, [pin.priority], snapshot, pin);
  const rules = [...gone.parts, ...ruleParts(address, pin.table, pin.priority)];
  const parts = [...tableParts(way), ...rules, proxyPart(address, way)];
  return effectsOf(parts, snapshot).filter(inKernel);
}

/** No NIC answers for it any more, and its rules are gone: a container that runs on has lost it. */
export function hookRemoves(pin: HookPin, address: string, snapshot: Snapshot): Effect[] {
  const { parts } = rulesGone(address, [pin.priority], snapshot);
  return effectsOf([...parts, ...proxiesGone(address, snapshot)], snapshot).filter(inKernel);
}

/** As the plain tasks would have it, in the kernel: the hook writes no file. */
function inKernel({ kind }: Effect): boolean {
  return kind === 'route' || kind === 'rule' || kind === 'neighbour';
}
