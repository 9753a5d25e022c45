/** Addresses as arguments of `ip address`, and as a person reads them. */
import type { Step } from '../../shared/change.js';
import type { Address } from '../../snapshot/model.js';
import { SCOPE } from '../routing/names.js';

/** Flags that a user sets; all others are the kernel's own. */
export const ADDRESS_FLAGS = ['home', 'mngtmpaddr', 'nodad', 'noprefixroute', 'autojoin'] as const;
export type AddressFlag = (typeof ADDRESS_FLAGS)[number];

export type AddressVerb = 'add' | 'change' | 'replace' | 'del';

/** `192.168.1.1/24`, or `10.0.0.1 peer 10.0.0.2/32`. */
export function addressName(address: Pick<Address, 'local' | 'length' | 'peer'>): string {
  return address.peer === null
    ? `${address.local}/${address.length}`
    : `${address.local} peer ${address.peer}/${address.length}`;
}

/** One `ip address` command that makes, changes or removes exactly this address. */
export function addressStep(address: Address, verb: AddressVerb): Step {
  const attributes = verb === 'del' ? [] : attributeWords(address);
  const args = ['address', verb, ...addressName(address).split(' '), ...attributes, 'dev', address.dev];
  return { kind: 'ip', family: address.family, args };
}

/** As `ip address` writes it, without what every address has: `192.168.1.1/24 broadcast 192.168.1.255`. */
export function showAddress(address: Address): string {
  return [addressName(address), ...attributeWords(address)].join(' ');
}

/** The scope that an address gets by itself: the kernel tells it for IPv6, `ip` for IPv4's 127.0.0.0/8. */
export function naturalScope(address: Pick<Address, 'family' | 'local'>): number {
  const { family, local } = address;
  if (family === 4) return local.startsWith('127.') ? SCOPE.host : SCOPE.global;
  if (local === '::1') return SCOPE.host;
  if (/^fe[89ab][0-9a-f]:/.test(local)) return SCOPE.link;
  return /^fe[c-f][0-9a-f]:/.test(local) ? SCOPE.site : SCOPE.global;
}

function attributeWords(address: Address): string[] {
  const { broadcast, label, dev, scope, metric, validLft, preferredLft, flags } = address;
  const named = Object.entries(SCOPE).find(([, id]) => id === scope)?.[0] ?? String(scope);
  return [
    ...(broadcast === null ? [] : ['broadcast', broadcast]),
    ...(label === null || label === dev ? [] : ['label', label]),
    ...(scope === naturalScope(address) ? [] : ['scope', named]),
    ...(metric === null ? [] : ['metric', String(metric)]),
    ...ADDRESS_FLAGS.filter((flag) => flags.includes(flag)),
    ...(validLft === null ? [] : ['valid_lft', String(validLft)]),
    ...(preferredLft === null ? [] : ['preferred_lft', String(preferredLft)]),
  ];
}
