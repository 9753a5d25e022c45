/** What an address task asks for, checked as far as it can be without its host's state. */
import { type Family, MAX_LENGTH, parseAddress, parsePrefix, prefixContains } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Names } from '../../snapshot/model.js';
import { resolveScope } from '../routing/names.js';
import { ADDRESS_FLAGS, type AddressFlag, addressName, naturalScope } from './address-args.js';
import { lastAddress } from './broadcast.js';

export interface AddressParams extends Partial<Record<AddressFlag, boolean>> {
  dev: string;
  address: string;
  peer?: string | null;
  broadcast?: string | null;
  anycast?: string;
  label?: string | null;
  scope?: string | number | null;
  metric?: number | null;
  valid_lft?: number | string | null;
  preferred_lft?: number | string | null;
  state?: 'present' | 'absent';
}

/** Undefined is what the task leaves alone; null is nothing. */
export interface AddressWish {
  family: Family;
  local: string;
  length: number;
  peer: string | null;
  broadcast: string | null | undefined;
  /** Null is the device's own name. */
  label: string | null | undefined;
  scope: number | undefined;
  metric: number | null | undefined;
  /** Seconds; null for ever. */
  validLft: number | null | undefined;
  preferredLft: number | null | undefined;
  flags: Partial<Record<AddressFlag, boolean>>;
}

/** Only IPv6 knows these (linux/if_addr.h). */
const IPV6_FLAGS: readonly AddressFlag[] = ['home', 'mngtmpaddr', 'nodad'];

/** Reads a task's parameters; what is wrong with them is added to `problems`. */
export function readAddress(
  params: AddressParams,
  names: Names,
  problems: Problem[],
): AddressWish | undefined {
  const identity = readIdentity(params, problems);
  if (identity === undefined) return undefined;
  const wish: AddressWish = {
    ...identity,
    broadcast: broadcastOf(params.broadcast, identity),
    label: params.label,
    scope: scopeOf(params.scope, identity, names, problems),
    metric: params.metric === 0 ? null : params.metric,
    validLft: lifetime(params.valid_lft),
    preferredLft: lifetime(params.preferred_lft === undefined ? params.valid_lft : params.preferred_lft),
    flags: Object.fromEntries(
      ADDRESS_FLAGS.flatMap((flag) => (params[flag] === undefined ? [] : [[flag, params[flag]]])),
    ),
  };
  problems.push(...attributeProblems(params, wish));
  if (params.state !== 'absent') problems.push(...hostProblems(wish));
  return wish;
}

type Identity = Pick<AddressWish, 'family' | 'local' | 'length' | 'peer'>;

/** With a peer, the length is the peer's; without, a bare address is a host (/32, /128). */
function readIdentity({ address, peer }: AddressParams, problems: Problem[]): Identity | undefined {
  const own = parseAddress(address.split('/')[0] ?? '') === undefined ? undefined : parsePrefix(address);
  if (own === undefined) {
    problems.push({ message: `'${address}' is no address, such as 192.168.1.1/24`, path: ['address'] });
    return undefined;
  }
  const { family, address: local, length } = own;
  if (peer === undefined || peer === null) return { family, local, length, peer: null };
  const other = parsePrefix(peer, family);
  if (other === undefined) {
    problems.push({ message: `peer '${peer}' is no IPv${family} address`, path: ['peer'] });
    return undefined;
  }
  const given = peer.includes('/') ? other.length : length;
  if (peer.includes('/') && address.includes('/') && length !== given && length !== MAX_LENGTH[family]) {
    problems.push({ message: `${address} and its peer ${peer} have two prefix lengths`, path: ['peer'] });
    return undefined;
  }
  // A peer that is the address itself is none: that is how the kernel keeps an address without one.
  return { family, local, length: given, peer: other.address === local ? null : other.address };
}

function broadcastOf(
  given: string | null | undefined,
  { local, length }: Identity,
): string | null | undefined {
  if (given === undefined || given === null) return given;
  const prefix = parsePrefix(`${local}/${length}`);
  if (given === '+') return prefix === undefined ? given : lastAddress(prefix);
  if (given === '-') return prefix?.network ?? given;
  return parseAddress(given)?.address ?? given;
}

function scopeOf(
  given: AddressParams['scope'],
  identity: Identity,
  names: Names,
  problems: Problem[],
): number | undefined {
  if (given === undefined) return undefined;
  const natural = naturalScope(identity);
  const scope = given === null ? natural : resolveScope(given, names, problems);
  if (scope === undefined || identity.family === 4 || scope === natural) return scope;
  problems.push({
    message: `the scope of an IPv6 address follows from the address: that of ${identity.local} can't be ${given}`,
    path: ['scope'],
  });
  return undefined;
}

function lifetime(given: number | string | null | undefined): number | null | undefined {
  if (given === undefined) return undefined;
  return given === null || given === 'forever' ? null : Number(given);
}

function attributeProblems(params: AddressParams, wish: AddressWish): Problem[] {
  const { family, label, validLft, preferredLft, flags } = wish;
  const problems: Problem[] = [];
  const complain = (path: string, message: string, hint?: string): void => {
    problems.push({ message, path: [path], ...(hint === undefined ? {} : { hint }) });
  };
  if (params.anycast !== undefined)
    complain('anycast', '`ip` takes the word anycast, but no kernel keeps it', 'Leave it out.');
  if (family === 6 && wish.broadcast) complain('broadcast', 'IPv6 has no broadcast');
  if (family === 6 && label) complain('label', 'IPv6 addresses have no label');
  if (family === 4 && label && !label.startsWith(params.dev))
    complain('label', `label ${label} must begin with the device, as in ${params.dev}:1`);
  if (family === 4)
    for (const flag of IPV6_FLAGS) if (flags[flag]) complain(flag, `${flag} is for IPv6 addresses only`);
  if (validLft === 0)
    complain('valid_lft', 'valid_lft 0 is no lifetime', 'To remove the address: state: absent');
  if (typeof validLft === 'number' && (preferredLft === null || (preferredLft ?? 0) > validLft))
    complain('preferred_lft', 'preferred_lft is longer than valid_lft');
  if (flags.autojoin && !isMulticast(wish)) complain('autojoin', 'autojoin is for multicast addresses only');
  return problems;
}

function isMulticast({ family, local }: Identity): boolean {
  return prefixContains(family === 4 ? '224.0.0.0/4' : 'ff00::/8', local);
}

/** Addresses that no host can have. */
function hostProblems(wish: AddressWish): Problem[] {
  const { family, local, length, peer, broadcast } = wish;
  const path = ['address'];
  if (isMulticast(wish) && !wish.flags.autojoin)
    return [
      { message: `${local} is a multicast address`, hint: 'Say autojoin: true to join its group.', path },
    ];
  if (local === '0.0.0.0' || local === '::' || local === '255.255.255.255')
    return [{ message: `${local} is no host's address`, path }];
  if (family === 6 || peer !== null) return [];
  const prefix = parsePrefix(`${local}/${length}`);
  if (prefix === undefined) return [];
  const outside = broadcast && !prefixContains(`${prefix.network}/${length}`, broadcast);
  if (outside && broadcast !== '255.255.255.255')
    return [
      { message: `broadcast ${broadcast} is outside of ${prefix.network}/${length}`, path: ['broadcast'] },
    ];
  if (length > 30) return [];
  const name = addressName({ local, length, peer });
  if (local === prefix.network)
    return [{ message: `${name} is the address of its network, not of a host`, path }];
  if (local === lastAddress(prefix))
    return [{ message: `${name} is the broadcast address of its network`, path }];
  return [];
}
