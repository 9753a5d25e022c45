/** Who made a route or rule, by its protocol: somebody, nobody in particular, or a program that makes it again. */
import { PROTOCOL, protocolName } from '../resources/routing/names.js';
import type { Names } from '../snapshot/model.js';
import { wordOrNumber } from './words.js';

/** linux/rtnetlink.h, RTPROT_*: those of programs that learn routes. */
const LEARNED: Readonly<Record<number, string>> = {
  1: 'it came by an ICMP redirect',
  8: 'gated makes it',
  9: 'it came by a router advertisement',
  10: 'Merit MRT makes it',
  11: 'Zebra makes it',
  12: 'BIRD makes it',
  13: 'DECnet routing makes it',
  14: 'XORP makes it',
  15: 'Netsukuku makes it',
  16: 'it came by DHCP',
  17: 'multicast routing makes it',
  18: 'keepalived makes it',
  42: 'Babel makes it',
  99: 'OpenR makes it',
  186: 'BGP makes it',
  187: 'IS-IS makes it',
  188: 'OSPF makes it',
  189: 'RIP makes it',
  192: 'EIGRP makes it',
};

/** Why a program's own is left to it; undefined for what a person made. */
export function learned(protocol: number | null): string | undefined {
  return LEARNED[protocol ?? PROTOCOL.boot];
}

/** RTPROT_UNSPEC and RTPROT_BOOT are what nobody signed: that becomes netplay's own. */
const NOBODYS: readonly number[] = [0, PROTOCOL.boot, PROTOCOL.netplay];

/** The maker, where a task must name it. */
export function protocolParam(protocol: number | null, names: Names): string | number | undefined {
  if (protocol === null || NOBODYS.includes(protocol)) return undefined;
  return wordOrNumber(protocolName(protocol, names));
}
