/** A bond's settings: which values each takes, in which modes, and when the kernel lets it be changed. */
import type { Problem } from '../../shared/change.js';
import {
  ACTOR,
  BOND_MODES,
  type BondMode,
  type BondSettings,
  DELAYS,
  usualMiimon,
  withSetting,
} from '../../snapshot/bond.js';

/** As a user gives them; null is the kernel's default. */
export interface BondOptions {
  mode?: BondMode | number;
  miimon?: number | null;
  updelay?: number | null;
  downdelay?: number | null;
  peer_notify_delay?: number | null;
  use_carrier?: boolean | null;
  arp_interval?: number | null;
  arp_ip_target?: readonly string[] | null;
  arp_validate?: string | null;
  arp_all_targets?: string | null;
  arp_missed_max?: number | null;
  primary_reselect?: string | null;
  fail_over_mac?: string | null;
  xmit_hash_policy?: string | null;
  lacp_active?: boolean | null;
  lacp_rate?: string | null;
  ad_select?: string | null;
  ad_actor_sys_prio?: number | null;
  ad_actor_system?: string | null;
  ad_user_port_key?: number | null;
  min_links?: number | null;
  all_slaves_active?: boolean | null;
  resend_igmp?: number | null;
  num_grat_arp?: number | null;
  packets_per_slave?: number | null;
  lp_interval?: number | null;
  tlb_dynamic_lb?: boolean | null;
}

export type BondOption = keyof BondOptions;

interface Option {
  /** What a new bond has (drivers/net/bonding/bond_main.c). */
  usual: string;
  /** Those in which the kernel takes it; all where this is missing. */
  modes?: readonly BondMode[];
  /** Tried on Linux 6.1: changed only while the bond is down, or while it has no ports. */
  needs?: 'down' | 'empty';
}

const ARP: readonly BondMode[] = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'];
const LACP: readonly BondMode[] = ['802.3ad'];

/** In the order in which they are set. */
export const BOND_OPTIONS: Readonly<Record<BondOption, Option>> = {
  mode: { usual: 'balance-rr', needs: 'empty' },
  fail_over_mac: { usual: 'none', needs: 'empty' },
  miimon: { usual: '0' },
  updelay: { usual: '0' },
  downdelay: { usual: '0' },
  peer_notify_delay: { usual: '0' },
  use_carrier: { usual: '1' },
  arp_ip_target: { usual: '' },
  arp_interval: { usual: '0', modes: ARP },
  arp_validate: { usual: 'none', modes: ARP },
  arp_all_targets: { usual: 'any' },
  arp_missed_max: { usual: '2', modes: ARP },
  primary_reselect: { usual: 'always' },
  xmit_hash_policy: { usual: 'layer2' },
  lacp_active: { usual: 'on', modes: LACP, needs: 'down' },
  lacp_rate: { usual: 'slow', modes: LACP, needs: 'down' },
  ad_select: { usual: 'stable', needs: 'down' },
  ad_actor_sys_prio: { usual: '65535', modes: LACP },
  ad_actor_system: { usual: '00:00:00:00:00:00', modes: LACP },
  ad_user_port_key: { usual: '0', modes: LACP, needs: 'down' },
  min_links: { usual: '0' },
  all_slaves_active: { usual: '0' },
  resend_igmp: { usual: '1' },
  num_grat_arp: { usual: '1' },
  packets_per_slave: { usual: '1', modes: ['balance-rr'] },
  lp_interval: { usual: '1' },
  tlb_dynamic_lb: { usual: '1', modes: ['balance-tlb', 'balance-alb'], needs: 'down' },
};

export const BOND_OPTION_NAMES = Object.keys(BOND_OPTIONS) as BondOption[];

export function isAllowed(name: BondOption, mode: string | undefined): boolean {
  return BOND_OPTIONS[name].modes?.some((allowed) => allowed === mode) ?? true;
}

/** A new bond's settings. */
export function newBond(mode: string): BondSettings {
  const usual = BOND_OPTION_NAMES.filter((name) => mode === '802.3ad' || !(name in ACTOR)).flatMap((name) => {
    const value = BOND_OPTIONS[name].usual;
    return value === '' ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(usual), miimon: usualMiimon(mode), mode };
}

/** The value as `ip` prints and takes it; undefined where the task says nothing of it. */
function optionText(name: BondOption, options: BondOptions, mode: string | undefined): string | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (value === null) return name === 'miimon' ? usualMiimon(mode) : BOND_OPTIONS[name].usual;
  if (name === 'mode') return typeof value === 'number' ? BOND_MODES[value] : String(value);
  if (typeof value !== 'boolean') return Array.isArray(value) ? value.join(',') : String(value).toLowerCase();
  if (name === 'lacp_active') return value ? 'on' : 'off';
  return value ? '1' : '0';
}

/** What a task asks for: what it leaves out is left alone. @param before undefined where the bond is to be made */
export function wantedSettings(options: BondOptions, before: BondSettings | undefined): BondSettings {
  const start = before ?? newBond(optionText('mode', options, undefined) ?? BOND_OPTIONS.mode.usual);
  return BOND_OPTION_NAMES.reduce((settings, name) => {
    const text = optionText(name, options, settings.mode);
    if (text === undefined || text === (settings[name] ?? '') || !isAllowed(name, settings.mode))
      return settings;
    return withSetting(settings, name, text);
  }, start);
}

/** Names of what tells two states of a bond apart. */
export function differingOptions(from: BondSettings, to: BondSettings): BondOption[] {
  return BOND_OPTION_NAMES.filter((name) => (from[name] ?? '') !== (to[name] ?? ''));
}

/** All settings of a bond that tasks know, those that this host does not tell as a new bond has them. */
export function keptBond(settings: BondSettings): BondSettings {
  const { mode = BOND_OPTIONS.mode.usual, primary } = settings;
  const told = BOND_OPTION_NAMES.filter((name) => settings[name] !== undefined && isAllowed(name, mode));
  const own = Object.fromEntries(told.map((name) => [name, settings[name] ?? '']));
  return { ...newBond(mode), ...own, ...(primary !== undefined && { primary }) };
}

/** The settings of `names` for a person; what comes or goes with the mode by itself is left out. */
export function showOptions(
  names: readonly BondOption[],
  settings: BondSettings,
  other: BondSettings,
): string {
  const told = names.filter((name) => {
    const usual = ACTOR[name];
    const alone = settings[name] === undefined || other[name] === undefined;
    return !alone || usual === undefined || (settings[name] ?? other[name]) !== usual;
  });
  return told.map((name) => `${name} ${settings[name] ?? 'none'}`).join(' ');
}

/**
 * The words, each with its value, that lead from one state of a bond to another, in their order. Delays that end
 * are ended first: without `miimon` the kernel shows none, and remembers them. So is what only the former mode takes.
 */
export function settingWords(from: BondSettings, to: BondSettings): [string, string][] {
  const steps: [string, string][] = [];
  let now = from;
  const set = (word: string): void => {
    const value = to[word] ?? '';
    if ((now[word] ?? '') === value) return;
    steps.push([word, value]);
    now = withSetting(now, word, value);
  };
  for (const word of DELAYS) if (to[word] === '0') set(word);
  const names = BOND_OPTION_NAMES.filter((name) => name in from || name in to);
  for (const name of names)
    if (name in to && !isAllowed(name, to.mode) && isAllowed(name, from.mode)) set(name);
  for (const name of names) if (isAllowed(name, to.mode)) set(name);
  return steps;
}

/** What the kernel would refuse, or round without a word. @param after the settings that are asked for */
export function bondOptionProblems(options: BondOptions, after: BondSettings): Problem[] {
  const { mode = '' } = after;
  const wrong = BOND_OPTION_NAMES.filter((name) => options[name] != null && !isAllowed(name, mode));
  const problems: Problem[] = wrong.map((name) => ({
    message: `${name} is not for mode ${mode}, but for ${BOND_OPTIONS[name].modes?.join(', ')}`,
    path: [name],
  }));
  if ((options.miimon ?? 0) > 0 && (options.arp_interval ?? 0) > 0)
    problems.push({
      message: 'miimon and arp_interval exclude each other: a bond watches its links in one way',
      path: ['arp_interval'],
    });
  for (const name of ['updelay', 'downdelay', 'peer_notify_delay'] as const)
    problems.push(...delayProblems(name, options[name] ?? 0, Number(after.miimon)));
  return problems;
}

/** A multiple of miimon is what the kernel keeps; it rounds others down. */
function delayProblems(name: BondOption, delay: number, miimon: number): Problem[] {
  if (delay === 0 || (miimon > 0 && delay % miimon === 0)) return [];
  const message =
    miimon === 0
      ? `${name} needs miimon: without it nothing is delayed`
      : `${name} ${delay} is not a multiple of miimon (${miimon}): the kernel would make it ${delay - (delay % miimon)}`;
  return [{ message, path: [name] }];
}
