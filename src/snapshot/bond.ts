/** What `ip -d link` tells of a bond and of its ports, and how the kernel ties one setting to another. */
import type { Link } from './model.js';

export const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const;
export type BondMode = (typeof BOND_MODES)[number];

/** By iproute2's words, as it prints them; switches as `1` and `0`. */
export type BondSettings = Readonly<Record<string, string>>;

/** What a bond finds out by itself: not settings, though some can be told to it. */
const FOUND_OUT = /^(active_slave|ad_aggregator|ad_num_ports|ad_actor_key|ad_partner_key|ad_partner_mac)$/;

const SWITCHES = ['use_carrier', 'all_slaves_active', 'tlb_dynamic_lb'];
/** Later iproute2 spells switches out; the last two are those of all_slaves_active. */
const SPELLED: Readonly<Record<string, string>> = { on: '1', off: '0', delivered: '1', dropped: '0' };

/** @returns undefined where the host's `ip` does not print them (before 3.14), or the link is no bond */
export function bondSettings({ kind, info }: Link): BondSettings | undefined {
  if (kind !== 'bond' || info[0] !== 'mode') return undefined;
  const settings: Record<string, string> = {};
  for (let at = 0; at + 1 < info.length; at += 2) {
    const [word = '', value = ''] = info.slice(at, at + 2);
    if (!FOUND_OUT.test(word)) settings[word] = SWITCHES.includes(word) ? (SPELLED[value] ?? value) : value;
  }
  return settings;
}

/** The port through which a bond of one active port sends now. */
export function activeSlave({ info }: Link): string | null {
  return wordAfter(info, 'active_slave') ?? null;
}

/** The link with settings and active port of its own. */
export function withBond(link: Link, settings: BondSettings, active = activeSlave(link)): Link {
  const info = Object.entries(settings).flat();
  return { ...link, info: active === null ? info : [...info, 'active_slave', active] };
}

/** The MAC that a port had when it joined its bond, and has again when it leaves. */
export function ownMac({ port, mac }: Link): string | null {
  return wordAfter(port, 'perm_hwaddr') ?? mac;
}

function wordAfter(words: readonly string[], word: string): string | undefined {
  const at = words.findIndex((other, index) => index % 2 === 0 && other === word);
  return at < 0 ? undefined : words[at + 1];
}

/** A bond's and a port's settings, to compare two states of a link by. */
export function bondFields(link: Link): Record<string, unknown> {
  const settings = bondSettings(link);
  const queue = wordAfter(link.port, 'queue_id');
  return { ...(settings && { bond: settings }), ...(queue !== undefined && queue !== '0' && { queue }) };
}

/** Watching links by ARP is for these (bond_mode_uses_arp). */
const ARP_MODES: readonly string[] = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'];
/** Modes with one port that sends, or is preferred (bond_mode_uses_primary). */
export const ACTIVE_MODES: readonly string[] = ['active-backup', 'balance-tlb', 'balance-alb'];
/** What only 802.3ad shows, with what it begins with. */
export const ACTOR: BondSettings = {
  ad_actor_sys_prio: '65535',
  ad_user_port_key: '0',
  ad_actor_system: '00:00:00:00:00:00',
};
/** Milliseconds; what a mode that must watch its links takes by itself. */
const MIIMON = '100';
export const DELAYS = ['updelay', 'downdelay', 'peer_notify_delay'] as const;

/** `miimon` where nobody gives one. */
export function usualMiimon(mode: string | undefined): string {
  return mode === undefined || ARP_MODES.includes(mode) ? '0' : MIIMON;
}

/** Whether all ports have the bond's MAC; else the bond has that of the port that sends. */
export function sharesMac({ mode, fail_over_mac }: BondSettings): boolean {
  return mode !== 'active-backup' || fail_over_mac === 'none';
}

/**
 * The settings after one of them is given a value (empty for none), with what the kernel changes along
 * (drivers/net/bonding/bond_options.c): the two ways to watch links exclude each other, and delays are kept as
 * multiples of `miimon`.
 */
export function withSetting(settings: BondSettings, word: string, value: string): BondSettings {
  if (value === '') return without(settings, [word]);
  const after = { ...settings, [word]: value };
  if (word === 'mode') return withMode(after, value);
  if (word === 'miimon')
    return {
      ...scaled(after, settings.miimon, value),
      ...(value !== '0' && { arp_interval: '0', arp_validate: 'none' }),
    };
  return word === 'arp_interval' && value !== '0' ? scaled(after, settings.miimon, '0') : after;
}

function without(settings: BondSettings, words: readonly string[]): BondSettings {
  return Object.fromEntries(Object.entries(settings).filter(([word]) => !words.includes(word)));
}

function withMode(settings: BondSettings, mode: string): BondSettings {
  const shown = mode === '802.3ad' ? { ...ACTOR, ...settings } : without(settings, Object.keys(ACTOR));
  const after = {
    ...(ACTIVE_MODES.includes(mode) ? shown : without(shown, ['primary'])),
    arp_validate: 'none',
    ...(mode === 'balance-alb' && { tlb_dynamic_lb: '1' }),
  };
  if (ARP_MODES.includes(mode)) return after;
  const watched = { ...after, arp_interval: '0' };
  return settings.miimon === '0' ? scaled(watched, '0', MIIMON) : watched;
}

function scaled(settings: BondSettings, before: string | undefined, miimon: string): BondSettings {
  const old = Number(before ?? 0);
  const delays = DELAYS.filter((word) => settings[word] !== undefined).map((word) => {
    const count = old === 0 ? 0 : Number(settings[word]) / old;
    return [word, String(count * Number(miimon))];
  });
  return { ...settings, ...Object.fromEntries(delays), miimon };
}
