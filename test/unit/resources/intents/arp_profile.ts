import { snapshotOf } from '../../../support/snapshots.js';
import type { ExpansionCase } from './cases.js';

const CONF = 'net/ipv4/conf';
const sysctls = Object.fromEntries(
  ['all', 'eth1', 'eth2.100'].flatMap((dev) =>
    ['arp_ignore', 'arp_announce'].map((key) => [`${CONF}/${dev}/${key}`, '0']),
  ),
);

export const ARP_PROFILE: readonly ExpansionCase[] = [
  {
    title: 'strict for the host',
    params: { profile: 'strict' },
    snapshot: snapshotOf({ sysctls }),
    parts: [
      { sysctl: { name: `${CONF}/all/arp_ignore`, value: 1 } },
      { sysctl: { name: `${CONF}/all/arp_announce`, value: 2 } },
    ],
  },
  {
    title: 'strict for two interfaces, one with a dot',
    params: { profile: 'strict', devs: ['eth1', 'eth2.100'] },
    snapshot: snapshotOf({ sysctls }),
    parts: [
      { sysctl: { name: `${CONF}/eth1/arp_ignore`, value: 1 } },
      { sysctl: { name: `${CONF}/eth1/arp_announce`, value: 2 } },
      { sysctl: { name: `${CONF}/eth2.100/arp_ignore`, value: 1 } },
      { sysctl: { name: `${CONF}/eth2.100/arp_announce`, value: 2 } },
    ],
  },
  {
    title: "the kernel's own",
    params: { profile: 'kernel' },
    snapshot: snapshotOf({ sysctls }),
    parts: [
      { sysctl: { name: `${CONF}/all/arp_ignore`, value: 0 } },
      { sysctl: { name: `${CONF}/all/arp_announce`, value: 0 } },
    ],
  },
];
