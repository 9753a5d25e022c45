import type { Read } from '../../snapshot/model.js';
import { type Expansion, type Intent, part } from '../resource.js';
import { type SysctlParams, sysctl } from '../sysctl.js';

export interface ArpProfileParams {
  profile: 'strict' | 'kernel';
  devs?: readonly string[];
}

/**
 * What each profile sets (ip-sysctl.rst; measured on hosts with two NICs in one network). arp_ignore 1: a
 * NIC answers for its own addresses alone. arp_announce 2: it asks from its own address, and so teaches
 * nobody its MAC for another one's.
 */
const PROFILES = {
  strict: { arp_ignore: 1, arp_announce: 2 },
  kernel: { arp_ignore: 0, arp_announce: 0 },
} as const;

/** How the host answers and asks by ARP, so that each address has one MAC. */
export const arpProfile: Intent<ArpProfileParams> = {
  name: 'arp_profile',
  plural: 'arp_profiles',
  mapKey: 'profile',
  mapValue: 'devs',
  summary:
    'How a host with several NICs answers and asks by ARP: one MAC for each address, or the flux of the kernel',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['profile'],
    properties: {
      profile: {
        enum: ['strict', 'kernel'],
        description:
          "strict: a NIC answers for its own addresses alone (arp_ignore 1) and asks from its own address (arp_announce 2). kernel: Linux's own, any NIC for any address of the host (0 and 0). Addresses that the host answers for by proxy ARP are in neither: see ve_pin",
        examples: ['strict'],
      },
      devs: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', format: 'interface' },
        description:
          "The interfaces; left out, `all`, which is what to take: an interface that is left out answers for the others' addresses. The kernel takes the larger of all's value and the interface's own, so that strict for all can't be loosened for one",
        examples: [['eth1', 'eth2']],
      },
    },
  },
  examples: [
    { arp_profile: { profile: 'strict' } },
    { arp_profile: { profile: 'strict', devs: ['eth1', 'eth2'] } },
  ],
  reads: (params) => sysctlsOf(params).flatMap((each): readonly Read[] => sysctl.reads(each)),
  expand: (params): Expansion => ({ parts: sysctlsOf(params).map((each) => part(sysctl, each)) }),
};

function sysctlsOf({ profile, devs = ['all'] }: ArpProfileParams): SysctlParams[] {
  return devs.flatMap((dev) =>
    Object.entries(PROFILES[profile]).map(([key, value]) => ({
      // With slashes: a VLAN's name has a dot in it.
      name: `net/ipv4/conf/${dev}/${key}`,
      value,
    })),
  );
}
