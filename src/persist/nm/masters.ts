/** Bridges and bonds as NetworkManager's profiles spell them. */
import { bondSettings } from '../../snapshot/bond.js';
import type { BridgeField } from '../../snapshot/bridge.js';
import type { Link } from '../../snapshot/model.js';
import { unusualOfBond } from '../bond-usual.js';
import type { Said } from './ip.js';
import type { Line } from './part.js';

/** NetworkManager's keys by netplay's fields; `hundredths` of a second are seconds there. */
const BRIDGE_KEYS: Readonly<Partial<Record<BridgeField, readonly [key: string, hundredths?: true]>>> = {
  forwardDelay: ['forward-delay', true],
  helloTime: ['hello-time', true],
  maxAge: ['max-age', true],
  ageingTime: ['ageing-time', true],
  priority: ['priority'],
  vlanFiltering: ['vlan-filtering'],
  vlanDefaultPvid: ['vlan-default-pvid'],
  vlanStats: ['vlan-stats-enabled'],
  groupFwdMask: ['group-forward-mask'],
  groupAddress: ['group-address'],
  multicastSnooping: ['multicast-snooping'],
  mcastQuerier: ['multicast-querier'],
  mcastQueryUseIfaddr: ['multicast-query-use-ifaddr'],
  mcastHashMax: ['multicast-hash-max'],
  mcastLastMemberCount: ['multicast-last-member-count'],
  mcastLastMemberInterval: ['multicast-last-member-interval'],
  mcastStartupQueryCount: ['multicast-startup-query-count'],
  mcastStartupQueryInterval: ['multicast-startup-query-interval'],
  mcastMembershipInterval: ['multicast-membership-interval'],
  mcastQuerierInterval: ['multicast-querier-interval'],
  mcastQueryInterval: ['multicast-query-interval'],
  mcastQueryResponseInterval: ['multicast-query-response-interval'],
};

/** What a new bridge has; a bridge with these needs no words, and one with others of a field without a key has none. */
const NEW_BRIDGE: Readonly<Partial<Record<BridgeField, boolean | number | string>>> = {
  ...{ helloTime: 200, maxAge: 2000, ageingTime: 30_000, priority: 32_768, vlanFiltering: false },
  ...{ vlanDefaultPvid: 1, vlanStats: false, groupFwdMask: 0, groupAddress: '01:80:c2:00:00:00' },
  ...{ multicastSnooping: true, mcastQuerier: false, mcastQueryUseIfaddr: false, mcastHashMax: 4096 },
  ...{ mcastLastMemberCount: 2, mcastLastMemberInterval: 100, mcastStartupQueryCount: 2 },
  ...{ mcastStartupQueryInterval: 3124, mcastMembershipInterval: 26_000, mcastQuerierInterval: 25_500 },
  ...{ mcastQueryInterval: 12_500, mcastQueryResponseInterval: 1000 },
  ...{
    vlanProtocol: 0x8100,
    noLinklocalLearn: false,
    mcastVlanSnooping: false,
    mcastRouter: 1,
    mcastStats: false,
  },
  ...{ mcastIgmpVersion: 2, mcastMldVersion: 1, nfCallIptables: false, nfCallIp6tables: false },
  ...{ nfCallArptables: false },
};

/** By the kernel's numbers. */
const ROUTERS = ['disabled', 'auto', 'enabled'];
const VLAN_PROTOCOLS: Readonly<Record<number, string>> = { 33024: '802.1Q', 34984: '802.1ad' };

export function bridgeLines({ bridge }: Link): Said {
  if (bridge === null) return 'the host does not tell its settings';
  // NetworkManager's own bridges have the spanning tree where nothing is said.
  const lines: Line[] = [{ section: 'bridge', key: 'stp', value: String(bridge.stp ?? false) }];
  for (const [field, value] of Object.entries(bridge) as [BridgeField, boolean | number | string | null][]) {
    if (field === 'stp' || value === null || value === NEW_BRIDGE[field]) continue;
    const line = bridgeLine(field, value);
    if (typeof line === 'string') return line;
    lines.push(line);
  }
  return lines;
}

function bridgeLine(field: BridgeField, value: boolean | number | string): Line | string {
  const section = 'bridge';
  if (field === 'mcastRouter')
    return { section, key: 'multicast-router', value: ROUTERS[Number(value)] ?? 'auto', since: 24 };
  if (field === 'vlanProtocol')
    return {
      section,
      key: 'vlan-protocol',
      value: VLAN_PROTOCOLS[Number(value)] ?? String(value),
      since: 24,
    };
  const [key, hundredths] = BRIDGE_KEYS[field] ?? [];
  if (key === undefined) return `it has no word for ${field} of a bridge`;
  if (hundredths !== undefined && Number(value) % 100 !== 0) return `it knows ${key} in whole seconds alone`;
  return {
    section,
    key,
    value: hundredths === undefined ? String(value) : String(Number(value) / 100),
    since: sinceOf(key),
  };
}

function sinceOf(key: string): number {
  if (key === 'vlan-filtering' || key === 'vlan-default-pvid') return 18;
  return /^(multicast-(?!snooping)|vlan-|group-address)/.test(key) ? 26 : 0;
}

/** iproute2's words are NetworkManager's, all but these, which stay as they are. */
export function bondLines(link: Link): Said {
  const settings = bondSettings(link);
  if (settings === undefined) return 'the host does not tell its settings';
  const lines = unusualOfBond(settings).map(
    ([word, value]): Line => ({
      section: 'bond',
      key: word === 'num_peer_notif' ? 'num_grat_arp' : word,
      value,
    }),
  );
  const odd = lines.find(({ key }) => !BOND_KEYS.has(key));
  if (odd !== undefined) return `it has no word for ${odd.key} of a bond`;
  const unwatched = settings.miimon === '0' && Number(settings.arp_interval ?? 0) === 0;
  return [...lines, ...(unwatched ? [{ section: 'bond', key: 'miimon', value: '0' }] : [])];
}

/** Those that NetworkManager 1.42 takes; it knows no others of the kernel's. */
const BOND_KEYS: ReadonlySet<string> = new Set([
  ...[
    'mode',
    'miimon',
    'updelay',
    'downdelay',
    'use_carrier',
    'arp_interval',
    'arp_ip_target',
    'arp_validate',
  ],
  ...['arp_all_targets', 'primary', 'primary_reselect', 'fail_over_mac', 'xmit_hash_policy', 'lacp_rate'],
  ...[
    'ad_select',
    'ad_actor_sys_prio',
    'ad_actor_system',
    'ad_user_port_key',
    'min_links',
    'all_slaves_active',
  ],
  ...['resend_igmp', 'num_grat_arp', 'num_unsol_na', 'packets_per_slave', 'lp_interval', 'tlb_dynamic_lb'],
  ...['peer_notif_delay', 'arp_missed_max'],
]);
