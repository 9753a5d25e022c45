/**
 * IPv4 addresses of a device stand in an order: the first of a network is its primary and gives the
 * routes their source, the others are secondary. Whoever takes one out and puts it back must put back
 * those behind it as well, or they change places.
 */
import type { Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import { sameAddress } from '../../snapshot/identity.js';
import type { Address, Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { addressStep } from './address-args.js';
import { restoreSteps } from './restore.js';

export interface Rebuilt {
  steps: readonly Step[];
  effects: readonly Effect[];
}

/** The addresses of a device, of one family, in the kernel's order. */
export function addressesOf(snapshot: Snapshot, like: Pick<Address, 'dev' | 'family'>): Address[] {
  return snapshot.addresses.filter(({ dev, family }) => dev === like.dev && family === like.family);
}

/**
 * What turns the addresses that `snapshot` has for a device into `wanted`, in that order: from the first
 * difference on, the old ones are deleted from the end and the wanted ones added. Routes are not restored.
 */
export function rebuild(
  snapshot: Snapshot,
  like: Pick<Address, 'dev' | 'family'>,
  wanted: readonly Address[],
): Rebuilt {
  const present = addressesOf(snapshot, like);
  const first = present.findIndex((address, index) => !identical(address, wanted[index]));
  const from = first === -1 ? present.length : first;
  // IPv6 chooses its source by the address, not by its place in the list.
  const has = (list: readonly Address[], one: Address): boolean =>
    list.includes(one) || list.some((each) => identical(each, one));
  const out = like.family === 4 ? present.slice(from) : present.filter((one) => !has(wanted, one));
  const into = like.family === 4 ? wanted.slice(from) : wanted.filter((one) => !has(present, one));
  out.reverse();
  return {
    steps: [
      ...out.map((address) => addressStep(address, 'del')),
      ...into.map((address) => addressStep(address, 'add')),
    ],
    effects: [
      ...out.map((address): Effect => ({ kind: 'address', unset: address })),
      ...into.map((address): Effect => ({ kind: 'address', set: address })),
    ],
  };
}

/** The steps that lead from `after` back to `before`: the addresses in their order, and the routes lost on the way. */
export function backTo(before: Snapshot, after: Snapshot, like: Pick<Address, 'dev' | 'family'>): Step[] {
  const { steps, effects } = rebuild(after, like, addressesOf(before, like));
  return [...steps, ...restoreSteps(before, applyEffects(after, effects))];
}

function identical(a: Address, b: Address | undefined): boolean {
  if (a === b || b === undefined) return a === b;
  return sameAddress(a, b) && JSON.stringify(addressStep(a, 'add')) === JSON.stringify(addressStep(b, 'add'));
}
