/** What a node's sysctls must be for its pins to hold, and how they get back. */
import { familyOf } from '../../shared/addr.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import { type Part, part } from '../resource.js';
import { type SysctlParams, sysctl } from '../sysctl.js';
import type { Former } from './former.js';
import type { NicWay } from './nic.js';

const FORWARD = 'net/ipv4/ip_forward';
const FORWARD6 = 'net/ipv6/conf/all/forwarding';
const PROXY = (dev: string): string => `net/ipv4/conf/${dev}/proxy_arp`;

/** With arp_ignore 1 and arp_announce 2 the node's own addresses have one MAC each as well. */
const ARP: readonly SysctlParams[] = [
  { name: 'net/ipv4/conf/all/arp_ignore', value: 1 },
  { name: 'net/ipv4/conf/all/arp_announce', value: 2 },
];

export const nodeReads: readonly Read[] = [
  ...[FORWARD, FORWARD6, PROXY('all'), ...ARP.map(({ name }) => name)].flatMap((name) =>
    sysctl.reads({ name, value: 0 }),
  ),
  { kind: 'sysctl', path: PROXY('*') },
  { kind: 'sysctl', path: 'net/ipv6/conf/*/proxy_ndp' },
];

/**
 * Forwarding, one MAC for each address, and no NIC that answers for whatever it has a way to. Of IPv6, forwarding
 * and the pins' NICs alone.
 * @param inner devices that lead to containers: they may answer for everybody, since containers are to find all by them
 */
export function nodeSettings(
  ways: readonly NicWay[],
  snapshot: Snapshot,
  inner: readonly string[] = [],
): SysctlParams[] {
  const families = ways.map(({ gateway }) => familyOf(gateway));
  const six = ways.filter(({ gateway }) => familyOf(gateway) === 6);
  return [
    ...(families.includes(4) ? [{ name: FORWARD, value: 1 }, ...ARP, ...proxying(snapshot, inner)] : []),
    ...six.flatMap(({ dev }) => [
      { name: FORWARD6, value: 1 },
      { name: `net/ipv6/conf/${dev}/proxy_ndp`, value: 1 },
    ]),
  ];
}

/** Devices with an address that answer for everybody: containers' own ends have none. */
function proxying({ addresses, sysctls }: Snapshot, inner: readonly string[]): SysctlParams[] {
  const isOn = (dev: string): boolean => sysctls.get(PROXY(dev)) === '1';
  const devs = ['all', ...new Set(addresses.filter(({ family }) => family === 4).map(({ dev }) => dev))];
  return [
    // What was on by `all` stays on where it is needed. Such a device is gone after a reboot: so is the setting.
    ...inner
      .filter((dev) => isOn('all') && !isOn(dev))
      .map((dev) => ({ name: PROXY(dev), value: 1, file: null })),
    ...devs.filter((dev) => isOn(dev) && !inner.includes(dev)).map((dev) => ({ name: PROXY(dev), value: 0 })),
  ];
}

/** What they are now, but for forwarding: without it no container would be reached. */
export function formerOf(settings: readonly SysctlParams[], { sysctls }: Snapshot): Former[] {
  return settings.flatMap(({ name, value }) => {
    const now = sysctls.get(name);
    return now == null || now === String(value) || name === FORWARD || name === FORWARD6
      ? []
      : [{ path: name, value: now }];
  });
}

/** Back to what they were, and out of the file; forwarding goes on until somebody says otherwise. */
export function formerParts(former: readonly Former[], { sysctls }: Snapshot): Part[] {
  // Devices of containers come and go.
  const there = former.filter(({ path }) => sysctls.get(path) != null);
  const names = [FORWARD, ...ARP.map(({ name }) => name), ...former.map(({ path }) => path)];
  return [
    ...there.map(({ path, value }) => part(sysctl, { name: path, value, file: null })),
    ...[...new Set(names)].map((name) => part(sysctl, { name, state: 'absent' as const })),
  ];
}
