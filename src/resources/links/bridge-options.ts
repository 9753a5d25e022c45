/** A bridge's own settings: their limits and units, and how `ip`, brctl or /sys sets each. */
import type { Problem, Step } from '../../shared/change.js';
import { BRIDGE_FILES, type BridgeField, type BridgeState } from '../../snapshot/bridge.js';
import type { Link, Snapshot, Tools } from '../../snapshot/model.js';
import { isAtLeast, type Since } from '../routing/tool-versions.js';
import { onOff, setLink } from './attributes.js';
import { writeSysfs } from './sysfs-step.js';

/** As a user gives them: times in seconds. */
export interface BridgeOptions {
  stp?: boolean;
  forward_delay?: number;
  hello_time?: number;
  max_age?: number;
  ageing_time?: number;
  priority?: number;
  vlan_filtering?: boolean;
  vlan_protocol?: '802.1Q' | '802.1ad';
  vlan_default_pvid?: number;
  vlan_stats_enabled?: boolean;
  group_fwd_mask?: number;
  group_address?: string;
  no_linklocal_learn?: boolean;
  multicast_snooping?: boolean;
  mcast_vlan_snooping?: boolean;
  mcast_router?: number;
  mcast_querier?: boolean;
  mcast_query_use_ifaddr?: boolean;
  mcast_hash_max?: number;
  mcast_last_member_count?: number;
  mcast_last_member_interval?: number;
  mcast_startup_query_count?: number;
  mcast_startup_query_interval?: number;
  mcast_membership_interval?: number;
  mcast_querier_interval?: number;
  mcast_query_interval?: number;
  mcast_query_response_interval?: number;
  mcast_stats_enabled?: boolean;
  mcast_igmp_version?: number;
  mcast_mld_version?: number;
  nf_call_iptables?: boolean;
  nf_call_ip6tables?: boolean;
  nf_call_arptables?: boolean;
}

export type OptionName = keyof BridgeOptions;
type OptionValue = boolean | number | string;

interface Option {
  field: BridgeField;
  /** iproute2's word after `type bridge`, where it is not the option's name. */
  word?: string;
  /** The first iproute2 that has the word. */
  since: Since;
  /** brctl's verb, which takes seconds, `on`/`off` or the number. */
  brctl?: string;
  unit: 'seconds' | 'switch' | 'number' | 'text' | 'protocol';
  /** Of the value as a user gives it; from net/bridge/br_private_stp.h and what the kernel refuses. */
  range?: readonly [number, number];
}

/** From iproute2's history: `type bridge` came with 4.0, most of its words with 4.6. */
const V4_0: Since = { major: 4, minor: 0, dateBefore: 150412 };
const V4_3: Since = { major: 4, minor: 3, dateBefore: 150831 };
const V4_6: Since = { major: 4, minor: 6, dateBefore: 160314 };
const V4_7: Since = { major: 4, minor: 7, dateBefore: 160518 };
const V4_9: Since = { major: 4, minor: 9, dateBefore: 161009 };
const V4_10: Since = { major: 4, minor: 10, dateBefore: 161212 };
const V5_15: Since = { major: 5, minor: 15, dateBefore: 200127 };
const V6_0: Since = { major: 6, minor: 0, dateBefore: 200127 };

const DAY = 86_400;
const U32 = 4_294_967_295;

function seconds(field: BridgeField, most: number, least = 0): Option {
  return { field, since: V4_6, unit: 'seconds', range: [least, most] };
}

/** `stp` last: with it, the kernel checks `forward_delay` against its limits. VLANs are looked at before more is made of them. */
export const OPTIONS: Readonly<Record<OptionName, Option>> = {
  forward_delay: { field: 'forwardDelay', since: V4_0, brctl: 'setfd', unit: 'seconds', range: [0, 30] },
  hello_time: { field: 'helloTime', since: V4_0, brctl: 'sethello', unit: 'seconds', range: [1, 10] },
  max_age: { field: 'maxAge', since: V4_0, brctl: 'setmaxage', unit: 'seconds', range: [6, 40] },
  ageing_time: {
    field: 'ageingTime',
    since: V4_0,
    brctl: 'setageing',
    unit: 'seconds',
    range: [0, 1_000_000],
  },
  priority: { field: 'priority', since: V4_0, brctl: 'setbridgeprio', unit: 'number', range: [0, 65_535] },
  vlan_protocol: { field: 'vlanProtocol', since: V4_3, unit: 'protocol' },
  vlan_default_pvid: { field: 'vlanDefaultPvid', since: V4_6, unit: 'number', range: [0, 4094] },
  vlan_filtering: { field: 'vlanFiltering', since: V4_3, unit: 'switch' },
  vlan_stats_enabled: { field: 'vlanStats', since: V4_7, unit: 'switch' },
  group_fwd_mask: { field: 'groupFwdMask', since: V4_6, unit: 'number', range: [0, 65_535] },
  group_address: { field: 'groupAddress', since: V4_6, unit: 'text' },
  no_linklocal_learn: { field: 'noLinklocalLearn', since: V6_0, unit: 'switch' },
  multicast_snooping: { field: 'multicastSnooping', word: 'mcast_snooping', since: V4_6, unit: 'switch' },
  mcast_vlan_snooping: { field: 'mcastVlanSnooping', since: V5_15, unit: 'switch' },
  mcast_router: { field: 'mcastRouter', since: V4_6, unit: 'number', range: [0, 2] },
  mcast_querier: { field: 'mcastQuerier', since: V4_6, unit: 'switch' },
  mcast_query_use_ifaddr: { field: 'mcastQueryUseIfaddr', since: V4_6, unit: 'switch' },
  mcast_hash_max: { field: 'mcastHashMax', since: V4_6, unit: 'number', range: [1, U32] },
  mcast_last_member_count: { field: 'mcastLastMemberCount', since: V4_6, unit: 'number', range: [0, U32] },
  mcast_startup_query_count: {
    field: 'mcastStartupQueryCount',
    since: V4_6,
    unit: 'number',
    range: [0, U32],
  },
  mcast_last_member_interval: seconds('mcastLastMemberInterval', DAY),
  mcast_membership_interval: seconds('mcastMembershipInterval', DAY),
  mcast_querier_interval: seconds('mcastQuerierInterval', DAY),
  // Less than a second counts as one (br_multicast_set_query_intvl).
  mcast_query_interval: seconds('mcastQueryInterval', DAY, 1),
  mcast_query_response_interval: seconds('mcastQueryResponseInterval', DAY),
  mcast_startup_query_interval: seconds('mcastStartupQueryInterval', DAY, 1),
  mcast_stats_enabled: { field: 'mcastStats', since: V4_9, unit: 'switch' },
  mcast_igmp_version: { field: 'mcastIgmpVersion', since: V4_10, unit: 'number', range: [2, 3] },
  mcast_mld_version: { field: 'mcastMldVersion', since: V4_10, unit: 'number', range: [1, 2] },
  nf_call_iptables: { field: 'nfCallIptables', since: V4_6, unit: 'switch' },
  nf_call_ip6tables: { field: 'nfCallIp6tables', since: V4_6, unit: 'switch' },
  nf_call_arptables: { field: 'nfCallArptables', since: V4_6, unit: 'switch' },
  stp: { field: 'stp', word: 'stp_state', since: V4_0, brctl: 'stp', unit: 'switch' },
};

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** What a new bridge has (net/bridge/br_device.c, br_multicast.c). */
export const NEW_BRIDGE: BridgeState = {
  stp: false,
  forwardDelay: 1500,
  helloTime: 200,
  maxAge: 2000,
  ageingTime: 30_000,
  priority: 32_768,
  vlanFiltering: false,
  vlanProtocol: 0x8100,
  vlanDefaultPvid: 1,
  vlanStats: false,
  groupFwdMask: 0,
  groupAddress: '01:80:c2:00:00:00',
  noLinklocalLearn: false,
  multicastSnooping: true,
  mcastVlanSnooping: false,
  mcastRouter: 1,
  mcastQuerier: false,
  mcastQueryUseIfaddr: false,
  mcastHashMax: 4096,
  mcastLastMemberCount: 2,
  mcastLastMemberInterval: 100,
  mcastStartupQueryCount: 2,
  mcastStartupQueryInterval: 3125,
  mcastMembershipInterval: 26_000,
  mcastQuerierInterval: 25_500,
  mcastQueryInterval: 12_500,
  mcastQueryResponseInterval: 1000,
  mcastStats: false,
  mcastIgmpVersion: 2,
  mcastMldVersion: 1,
  nfCallIptables: false,
  nfCallIp6tables: false,
  nfCallArptables: false,
};

/** What a new bridge has on this host: nothing of VLANs where its kernel is known to be built without them. */
export function newBridge({ linkKinds }: Snapshot): BridgeState {
  if (linkKinds?.get('bridge_vlan') !== false) return NEW_BRIDGE;
  const without = { vlanFiltering: null, vlanProtocol: null, vlanDefaultPvid: null, vlanStats: null };
  return { ...NEW_BRIDGE, ...without, mcastVlanSnooping: null };
}

/** The protocols of VLAN tags, by their number in a frame. */
const PROTOCOLS: readonly (readonly [string, number])[] = [
  ['802.1Q', 0x8100],
  ['802.1ad', 0x88a8],
];

/** The value as the kernel keeps it: times in hundredths of a second. */
export function kernelValue(name: OptionName, value: OptionValue): OptionValue {
  const { unit } = OPTIONS[name];
  if (unit === 'seconds') return Math.round(Number(value) * 100);
  if (unit === 'text') return String(value).toLowerCase().replaceAll('-', ':');
  return unit === 'protocol' ? (PROTOCOLS.find(([word]) => word === value)?.[1] ?? value) : value;
}

/** As a person writes it: `forward_delay 15`, `stp on`. */
export function showOption(name: OptionName, state: BridgeState): string {
  const value = state[OPTIONS[name].field];
  if (typeof value === 'boolean') return onOff(value);
  if (OPTIONS[name].unit === 'protocol')
    return PROTOCOLS.find(([, number]) => number === value)?.[0] ?? String(value);
  return String(OPTIONS[name].unit === 'seconds' ? Number(value) / 100 : value);
}

/**
 * Whether two states have the same value of an option. A kernel that counts 250 ticks a second keeps no odd
 * hundredth: it tells 3124 of 3125.
 */
export function sameOption(name: OptionName, one: BridgeState, other: BridgeState): boolean {
  const { field, unit } = OPTIONS[name];
  if (unit !== 'seconds') return one[field] === other[field];
  return Math.abs(Number(one[field]) - Number(other[field])) <= 1;
}

/** What a bridge has otherwise than a new one; what its host does not tell is as in a new one. */
export function unusualOptions(bridge: BridgeState): OptionName[] {
  return OPTION_NAMES.filter(
    (name) => bridge[OPTIONS[name].field] !== null && !sameOption(name, bridge, NEW_BRIDGE),
  );
}

/** Whether `ip link … type bridge` takes the option. */
export function ipSets(name: OptionName, tools: Tools): boolean {
  return tools.linkMaster && isAtLeast(tools.iproute2, OPTIONS[name].since);
}

/** The words after `ip link … type bridge` that set an option. */
export function optionWords(name: OptionName, state: BridgeState): string[] {
  const { field, word = name, unit } = OPTIONS[name];
  const value = state[field];
  const plain = unit === 'text' || unit === 'protocol' ? showOption(name, state) : String(Number(value));
  return [word, plain];
}

/**
 * The step that gives an existing bridge this option: by `ip`, else brctl, else by /sys, which any kernel has that
 * knows the option. Undefined where the host's tools can't.
 */
export function optionStep(
  bridge: string,
  name: OptionName,
  state: BridgeState,
  tools: Tools,
): Step | undefined {
  if (ipSets(name, tools)) return setLink(bridge, ['type', 'bridge', ...optionWords(name, state)]);
  const { brctl, field } = OPTIONS[name];
  if (brctl !== undefined && tools.others.includes('brctl'))
    return { kind: 'run', argv: ['brctl', brctl, bridge, showOption(name, state)] };
  const [file, type] = BRIDGE_FILES[field];
  if (file === '') return undefined;
  return writeSysfs(
    `${bridge}/bridge/${file}`,
    type === 'text' ? showOption(name, state) : String(Number(state[field])),
  );
}

/** What the kernel would refuse, told in the unit that the user writes. */
export function optionProblems(options: BridgeOptions, current: Link | undefined): Problem[] {
  return [
    ...OPTION_NAMES.flatMap((name) => rangeProblem(name, options, current)),
    ...maskProblems(options),
    ...vlanProblems(options, current),
  ];
}

function rangeProblem(name: OptionName, options: BridgeOptions, current: Link | undefined): Problem[] {
  const stp = options.stp ?? current?.bridge?.stp ?? NEW_BRIDGE.stp;
  const value = options[name];
  const { range, unit } = OPTIONS[name];
  if (range === undefined || typeof value !== 'number') return [];
  const [low, high] = name === 'forward_delay' && stp ? [2, 30] : range;
  if (value >= low && value <= high) return [];
  const suffix = unit === 'seconds' ? ' seconds' : '';
  const hundredths = unit === 'seconds' && value / 100 >= low && value / 100 <= high;
  return [
    {
      message: `${name} takes ${low} to ${high}${suffix}, not ${value}`,
      ...(hundredths && {
        hint: `${value} looks like hundredths of a second, as \`ip\` takes them: write ${value / 100}.`,
      }),
      path: [name],
    },
  ];
}

/** The first three of the link-local groups are never handed on: STP, pause frames and LACP (BR_GROUPFWD_RESTRICTED). */
const RESTRICTED_GROUPS = 0x7;

function maskProblems({ group_fwd_mask = 0, group_address }: BridgeOptions): Problem[] {
  const masks: Problem[] =
    (group_fwd_mask & RESTRICTED_GROUPS) === 0
      ? []
      : [
          {
            message: `group_fwd_mask ${group_fwd_mask} has one of its three lowest bits: the kernel never hands those groups on`,
            path: ['group_fwd_mask'],
          },
        ];
  if (group_address === undefined || isGroupAddress(group_address.toLowerCase().replaceAll('-', ':')))
    return masks;
  const message = `group_address takes 01:80:c2:00:00:00 or one that ends in 04 to 0f, not ${group_address}`;
  return [...masks, { message, path: ['group_address'] }];
}

/** 802.1D's reserved groups without those that are for pause frames, LACP and 802.1X (br_sysfs_br.c, group_addr_store). */
function isGroupAddress(mac: string): boolean {
  return /^01:80:c2:00:00:0(0|[4-9a-f])$/.test(mac);
}

function vlanProblems(options: BridgeOptions, current: Link | undefined): Problem[] {
  const filtering = options.vlan_filtering ?? current?.bridge?.vlanFiltering ?? false;
  if (options.mcast_vlan_snooping !== true || filtering) return [];
  const message = 'mcast_vlan_snooping needs vlan_filtering: the kernel refuses it without';
  return [{ message, path: ['mcast_vlan_snooping'] }];
}

/** Those that a kernel of RHEL 6 or its like may well lack: they came with 3.2 and later. */
const LATE: ReadonlySet<OptionName> = new Set([
  ...(['vlan_filtering', 'vlan_protocol', 'vlan_default_pvid', 'vlan_stats_enabled'] as const),
  ...(['group_fwd_mask', 'no_linklocal_learn', 'mcast_vlan_snooping', 'mcast_querier'] as const),
  ...(['mcast_query_use_ifaddr', 'mcast_stats_enabled', 'mcast_igmp_version', 'mcast_mld_version'] as const),
]);

/**
 * Why an option can't be set on this host: its kernel has none such, or its tools don't know it. One that is
 * off, as on any new bridge, needs neither.
 */
export function unsettable(
  name: OptionName,
  bridge: string,
  options: BridgeOptions,
  snapshot: Snapshot,
): Problem | undefined {
  const { links, tools } = snapshot;
  const value = options[name];
  const { field } = OPTIONS[name];
  if (value === undefined || kernelValue(name, value) === NEW_BRIDGE[field]) return undefined;
  const told = links.get(bridge) ?? [...links.values()].find((link) => link.bridge !== null);
  const path = [name];
  if ((told?.bridge ?? newBridge(snapshot))[field] === null)
    return {
      message: `bridges of this host have no ${name}: its kernel, or its ip (${tools.iproute2}), knows none`,
      path,
    };
  const step = optionStep(bridge, name, NEW_BRIDGE, tools);
  // Only a bridge that is there tells whether the kernel has the file that is written.
  const sure = told !== undefined || ipSets(name, tools) || !LATE.has(name);
  if (step !== undefined && sure) return undefined;
  return { message: `this host's tools (${tools.iproute2}) can't set ${name} of a bridge`, path };
}
