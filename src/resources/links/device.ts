/** Small questions about a device that several resources ask. */
import type { Problem } from '../../shared/change.js';
import type { Link } from '../../snapshot/model.js';

export function isUp(link: Link): boolean {
  return link.flags.includes('UP');
}

/** An Ethernet link that an earlier task makes: what the kernel will give it, its MAC above all, is not known yet. */
export function isToBe({ index, broadcast }: Link): boolean {
  return index === 0 && broadcast !== null;
}

/** A multicast MAC (lowest bit of the first byte) is no device's own; the kernel refuses it and all zeroes. */
export function macProblem(mac: string, path: Problem['path'] & object): Problem | undefined {
  const odd = Number.parseInt(mac.slice(0, 2), 16) % 2 === 1;
  if (!odd && !/^[0:]+$/.test(mac)) return undefined;
  const kind = odd ? 'a multicast address (its first byte is odd)' : 'the zero address';
  return { message: `${mac} is ${kind}: no device can have it`, path };
}

/** Bytes: RFC 8200; the kernel takes IPv6 off a device with less. */
export const IPV6_MIN_MTU = 1280;

/** IPv6 needs 1280 bytes (RFC 8200) and leaves a device whose MTU is smaller; no IPv4 works below 68 (RFC 791). */
export function mtuProblem(link: Link | undefined, mtu: number, hasIpv6: boolean): Problem | undefined {
  const path = ['mtu'];
  if (mtu < 68) return { message: `mtu ${mtu} is too small: IPv4 needs 68 bytes`, path };
  const { minmtu, maxmtu } = link?.details ?? {};
  if (minmtu !== undefined && mtu < Number(minmtu))
    return {
      message: `mtu ${mtu} is too small for ${link?.name}: its driver takes ${minmtu} at least`,
      path,
    };
  if (maxmtu !== undefined && Number(maxmtu) > 0 && mtu > Number(maxmtu))
    return { message: `mtu ${mtu} is too large for ${link?.name}: its driver takes ${maxmtu} at most`, path };
  if (mtu >= IPV6_MIN_MTU || !hasIpv6) return undefined;
  return {
    message: `mtu ${mtu} would take all IPv6 addresses off ${link?.name}: IPv6 needs 1280 bytes`,
    hint: `To do without IPv6 there, put before it: sysctl: {name: net/ipv6/conf/${link?.name}/disable_ipv6, value: 1}`,
    path,
  };
}
