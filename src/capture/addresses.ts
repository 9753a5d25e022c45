/** Addresses that somebody gave the host's devices. */
import { ADDRESS_FLAGS, addressName, naturalScope } from '../resources/links/address-args.js';
import { lastAddress } from '../resources/links/broadcast.js';
import { SCOPE, scopeName } from '../resources/routing/names.js';
import { parsePrefix, wordsOfAddress } from '../shared/addr.js';
import type { Address } from '../snapshot/model.js';
import {
  type Captured,
  compareNames,
  given,
  isCaptured,
  type Params,
  type Reading,
  unless,
} from './reading.js';
import { wordOrNumber } from './words.js';

/** In the order in which they are to be added: the kernel lists IPv6's from the last one on. */
export function addressItems(reading: Reading): Captured[] {
  const all = reading.snapshot.addresses.filter((address) => isTaken(address, reading));
  const devs = [...new Set(all.map(({ dev }) => dev))].sort(compareNames);
  return devs.flatMap((dev) => {
    const own = all.filter((address) => address.dev === dev);
    return [
      ...own.filter(({ family }) => family === 4),
      ...own.filter(({ family }) => family === 6).reverse(),
    ].map((address) => ({ resource: 'address', params: paramsOf(address, reading) }));
  });
}

function isTaken(address: Address, reading: Reading): boolean {
  const { dev, family, validLft, flags, local } = address;
  if (!isCaptured(reading, dev) || isOfKernel(address, reading)) return false;
  const name = `address ${addressName(address)} of ${dev}`;
  if (validLft !== null || flags.includes('dynamic')) {
    const why = family === 4 ? 'it came by DHCP' : 'it came by a router advertisement, or by DHCP';
    reading.leaveOut(name, `${why}: it has a lifetime`);
    return false;
  }
  if (local !== reading.snapshot.session?.server) return true;
  const line = `address: {dev: ${dev}, address: ${JSON.stringify(`${local}/${address.length}`)}}`;
  reading.leaveOut(
    name,
    `the host was reached by it, as another one must be before it can be set up (${line} sets it)`,
  );
  return false;
}

/**
 * Whether an address is made of a MAC, with ff:fe in its middle (RFC 4291, appendix A), or of a tunnel's own address of
 * IPv4, behind 0:5efe or 200:5efe (RFC 5214, 6.1).
 */
function isMadeUp(local: string): boolean {
  const [, , high = 0, low = 0] = wordsOfAddress(local);
  return ((high & 0xff) === 0xff && low >>> 24 === 0xfe) || high === 0x5efe || high === 0x2005efe;
}

function isOfKernel({ family, local, dev, scope, flags }: Address, { snapshot, roles }: Reading): boolean {
  if (roles.get(dev)?.kind === 'loopback') return local === '127.0.0.1' || local === '::1';
  if (family === 4 || scope !== SCOPE.link || flags.includes('nodad')) return false;
  const mode = snapshot.links.get(dev)?.addrgenmode;
  return isMadeUp(local) || mode === 'random' || mode === 'stable_secret';
}

function paramsOf(address: Address, { snapshot }: Reading): Params {
  const { dev, local, length, peer, label, scope, metric, flags, preferredLft } = address;
  return given({
    address: peer === null ? `${local}/${length}` : local,
    dev,
    peer: peer === null ? undefined : `${peer}/${length}`,
    broadcast: broadcastOf(address),
    label: label === null ? undefined : unless(label, dev),
    scope: scope === naturalScope(address) ? undefined : wordOrNumber(scopeName(scope, snapshot.names)),
    metric: metric ?? undefined,
    ...Object.fromEntries(ADDRESS_FLAGS.filter((flag) => flags.includes(flag)).map((flag) => [flag, true])),
    preferred_lft: preferredLft === null ? undefined : preferredLft,
  });
}

function broadcastOf({ local, length, broadcast }: Address): string | undefined {
  if (broadcast === null) return undefined;
  const prefix = parsePrefix(`${local}/${length}`);
  return prefix !== undefined && length < 31 && lastAddress(prefix) === broadcast ? '+' : broadcast;
}
