/** What is kept of links as the variables of an ifcfg file, as ifup, ifup-eth and ifup-ipv6 of initscripts read them. */
import { BOND_OPTION_NAMES, newBond } from '../resources/links/bond-options.js';
import { OPTIONS, type OptionName } from '../resources/links/bridge-options.js';
import type { Step } from '../shared/change.js';
import { bondSettings } from '../snapshot/bond.js';
import { BRIDGE_FILES, PORT_FILES } from '../snapshot/bridge.js';
import { type Kept, keptNeeds } from '../snapshot/kept.js';
import { KINDS, settingsOf } from '../snapshot/kinds/kinds.js';
import type { Address, Link, Snapshot } from '../snapshot/model.js';
import { commandsOf } from './commands.js';
import type { Ifcfg } from './ifcfg.js';
import { isPlainAddress } from './said.js';

/** Variables with their values, or why there are none. */
export type Values = readonly (readonly [name: string, value: string])[] | string;

/** @param kindOf a device's kind, also of one that is yet to be made */
export function settingValues(
  kept: Kept & { kind: 'setting' },
  kindOf: (dev: string) => string | null | undefined,
): Values {
  const { name, words, needs } = kept;
  const value = words.at(-1) ?? '';
  if (name === 'mtu') return [['MTU', value]];
  if (name === 'mac') return [['MACADDR', value]];
  if (name === 'state') return [['ONBOOT', value === 'up' ? 'yes' : 'no']];
  if (name === 'master') return masterValues(needs ?? value, kindOf);
  const file = name.startsWith('port ') ? portFile(name.slice('port '.length)) : undefined;
  if (file !== undefined && kindOf(needs ?? '') === 'bridge')
    return [['BRIDGING_OPTS', `${file}=${{ on: '1', off: '0' }[value] ?? value}`]];
  return `network-scripts have no word for ${name}`;
}

function portFile(word: string): string | undefined {
  return Object.entries(PORT_FILES).find(([known]) => known === word)?.[1];
}

function masterValues(master: string, kindOf: (dev: string) => string | null | undefined): Values {
  const kind = kindOf(master);
  if (kind === 'bridge') return [['BRIDGE', master]];
  if (kind === 'bond')
    return [
      ['MASTER', master],
      ['SLAVE', 'yes'],
    ];
  return `network-scripts put nothing into ${master}`;
}

/** Of a link that netplay makes. */
export function linkValues(
  { item, peer }: Kept & { kind: 'link' },
  kindOf: (dev: string) => string | null | undefined,
): Values {
  const { mac, mtu, addrAssignType, master, txqueuelen, alias, flags } = item;
  if (!flags.includes('UP')) return 'network-scripts bring up whatever they make';
  if (peer !== undefined) return 'network-scripts make no pairs';
  if (alias !== null || txqueuelen !== null) return 'network-scripts set no alias and no txqueuelen';
  const own = kindValues(item);
  const joined = master === null ? [] : masterValues(master, kindOf);
  if (typeof own === 'string' || typeof joined === 'string') return typeof own === 'string' ? own : joined;
  return [
    ...own,
    ...(mac !== null && addrAssignType === 3 ? [['MACADDR', mac] as const] : []),
    ...(mtu === 0 ? [] : [['MTU', String(mtu)] as const]),
    ...joined,
  ];
}

function kindValues(link: Link): Values {
  if (link.kind === 'bridge') return bridgeValues(link);
  if (link.kind === 'bond') return bondValues(link);
  if (link.kind === 'vlan') return vlanValues(link);
  if (link.tun !== null) return tapValues(link);
  return `network-scripts make no ${link.kind ?? 'such link'}`;
}

/** Settings by their files in /sys; the three words of its own that each version knows are STP, DELAY and these. */
function bridgeValues({ bridge }: Link): Values {
  const names = Object.keys(OPTIONS) as OptionName[];
  const given = names.filter((name) => bridge !== null && bridge[OPTIONS[name].field] !== null);
  const options: string[] = [];
  const own: [string, string][] = [['TYPE', 'Bridge']];
  for (const name of given) {
    const { field } = OPTIONS[name];
    const value = bridge?.[field];
    const [file] = BRIDGE_FILES[field];
    if (field === 'stp') own.push(['STP', value === true ? 'yes' : 'no']);
    else if (field === 'forwardDelay') own.push(['DELAY', String(Number(value) / 100)]);
    else if (file === '') return `network-scripts have no word for ${name}`;
    else options.push(`${file}=${typeof value === 'boolean' ? Number(value) : value}`);
  }
  return options.length === 0 ? own : [...own, ['BRIDGING_OPTS', options.join(' ')]];
}

/** Where the kernel's name of a setting's file is not iproute2's word. */
const BOND_FILES: Readonly<Record<string, string>> = { peer_notify_delay: 'peer_notif_delay' };

function bondValues(link: Link): Values {
  const settings = bondSettings(link);
  if (settings === undefined) return 'this host tells nothing of bonds';
  const usual = newBond(settings.mode ?? '');
  const given = BOND_OPTION_NAMES.filter(
    (name) => name !== 'mode' && settings[name] !== undefined && settings[name] !== usual[name],
  );
  const primary = settings.primary === undefined ? [] : [`primary=${settings.primary}`];
  const options = [
    `mode=${settings.mode}`,
    ...given.map((name) => `${BOND_FILES[name] ?? name}=${settings[name]}`),
    ...primary,
  ];
  return [
    ['TYPE', 'Bond'],
    ['BONDING_MASTER', 'yes'],
    ['BONDING_OPTS', options.join(' ')],
  ];
}

/** Settings of a VLAN that ifup has words for, with their values that are not the kernel's own. */
const VLAN_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  reorder_hdr: ['REORDER_HDR', 'no'],
  gvrp: ['GVRP', 'yes'],
};

function vlanValues(link: Link): Values {
  const settings = settingsOf(link);
  const id = Number(settings.id);
  const [, device, number] = /^(.+)\.(\d{1,4})$/.exec(link.name) ?? [];
  const vlan = /^vlan0*(\d{1,4})$/.exec(link.name)?.[1];
  const named = device === link.lower && Number(number) === id;
  if (link.lower === null || (!named && Number(vlan) !== id))
    return `network-scripts make a VLAN by its name alone: ${link.lower}.${id}, vlan${id}`;
  const others = KINDS.vlan.filter(
    ({ name, initial }) => name !== 'id' && name !== 'link' && (settings[name] ?? initial) !== initial,
  );
  const unknown = others.find(({ name }) => !(name in VLAN_WORDS));
  if (unknown !== undefined) return `network-scripts have no word for a VLAN's ${unknown.name}`;
  return [
    ['VLAN', 'yes'],
    ...(named ? [] : [['PHYSDEV', link.lower] as const]),
    ...others.flatMap(({ name }) => {
      const word = VLAN_WORDS[name];
      return word === undefined ? [] : [word];
    }),
  ];
}

function tapValues({ name, tun }: Link): Values {
  if (tun === null) return 'no tap';
  // The script tells by the name which of the two to make.
  if ((tun.mode === 'tun') !== name.startsWith('tun'))
    return `network-scripts make no ${tun.mode} of that name`;
  if (tun.group !== null || tun.multiQueue || tun.vnetHdr)
    return "network-scripts have no word for a tap's group, multi_queue or vnet_hdr";
  return [['TYPE', 'Tap'], ...(tun.owner === null ? [] : [['OWNER', String(tun.owner)] as const])];
}

/** @param there what ETHTOOL_OPTS has already */
export function ethtoolValues(kept: Kept & { kind: 'ethtool' }, there: string, snapshot: Snapshot): Values {
  const commands = commandsOf(kept, snapshot).map(ethtoolWords);
  if (commands.length === 0 || commands.includes(undefined)) return 'no command of ethtool sets it';
  return [['ETHTOOL_OPTS', [...(there === '' ? [] : [there]), ...commands].join('; ')]];
}

function ethtoolWords(step: Step): string | undefined {
  if (step.kind !== 'run') return undefined;
  const [tool = '', ...words] = step.argv;
  return tool.endsWith('ethtool') ? words.join(' ') : undefined;
}

/**
 * Addresses of one device, behind those that its file has.
 * @returns variables of all that can be written, and the others with the reason
 */
export function addressValues(
  addresses: readonly Address[],
  ifcfg: Ifcfg | undefined,
): { values: readonly (readonly [string, string])[]; left: ReadonlyMap<Address, string> } {
  const left = new Map<Address, string>();
  const there = ifcfg?.values ?? new Map<string, string>();
  const dhcp = /^(dhcp|bootp)$/i.test(there.get('BOOTPROTO') ?? '');
  for (const address of addresses) {
    if (!isPlainAddress(address))
      left.set(address, 'network-scripts have no words for more than an address and its length');
    else if (dhcp && address.family === 4)
      left.set(address, 'network-scripts set no address where BOOTPROTO is dhcp');
  }
  const plain = addresses.filter((address) => !left.has(address));
  return {
    values: [
      ...plain.filter(({ family }) => family === 4).flatMap(numbered(there)),
      ...ipv6Values(
        plain.filter(({ family }) => family === 6).map(({ local, length }) => `${local}/${length}`),
        there,
      ),
    ],
    left,
  };
}

/** IPADDR, IPADDR1, IPADDR2, …: from 2 on there must be no gap. */
function numbered(there: ReadonlyMap<string, string>) {
  const used = [...there.keys()].flatMap((name) => /^IPADDR(\d*)$/.exec(name)?.[1] ?? []);
  const last = Math.max(-1, ...used.map((number) => (number === '' ? 0 : Number(number))));
  return ({ local, length }: Address, at: number): (readonly [string, string])[] => {
    const number = last + 1 + at === 0 ? '' : String(last + 1 + at);
    return [
      [`IPADDR${number}`, local],
      [`PREFIX${number}`, String(length)],
    ];
  };
}

function ipv6Values(
  addresses: readonly string[],
  there: ReadonlyMap<string, string>,
): (readonly [string, string])[] {
  if (addresses.length === 0) return [];
  const first = there.get('IPV6ADDR') ?? '';
  const [own, ...others] = addresses;
  const more = [
    ...(there.get('IPV6ADDR_SECONDARIES') ?? '').split(' '),
    ...(first === '' ? others : addresses),
  ];
  const secondaries = more.filter((address) => address !== '').join(' ');
  return [
    ['IPV6INIT', 'yes'],
    ...(first === '' && own !== undefined ? [['IPV6ADDR', own] as const] : []),
    ...(secondaries === '' ? [] : [['IPV6ADDR_SECONDARIES', secondaries] as const]),
  ];
}

/** Devices that a link or setting of this kind stands on. */
export function needsOf(kept: Kept): string[] {
  return kept.kind === 'link' && kept.item.master !== null
    ? [...keptNeeds(kept), kept.item.master]
    : keptNeeds(kept);
}
