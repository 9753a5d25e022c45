import { Address4, Address6 } from 'ip-address';
import { MAX_LENGTH, type Prefix } from '../../shared/addr.js';

/** The last address of a prefix: IPv4's broadcast address. */
export function lastAddress(prefix: Prefix): string {
  const { family, network, length } = prefix;
  const hosts = (1n << BigInt(MAX_LENGTH[family] - length)) - 1n;
  return family === 4
    ? Address4.fromBigInt(new Address4(network).bigInt() | hosts).correctForm()
    : Address6.fromBigInt(new Address6(network).bigInt() | hosts).correctForm();
}
