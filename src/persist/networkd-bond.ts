/** Bonds as systemd-networkd spells them (systemd.netdev(5), 252). */
import { bondSettings } from '../snapshot/bond.js';
import type { Link } from '../snapshot/model.js';
import { unusualOfBond, VALIDATIONS } from './bond-usual.js';
import type { Said } from './networkd-routing.js';
import type { Section } from './systemd-file.js';

/** By iproute2's words, with the unit that the number has here. */
const KEYS: Readonly<Record<string, readonly [key: string, unit?: 'ms' | 's']>> = {
  mode: ['Mode'],
  miimon: ['MIIMonitorSec', 'ms'],
  updelay: ['UpDelaySec', 'ms'],
  downdelay: ['DownDelaySec', 'ms'],
  arp_interval: ['ARPIntervalSec', 'ms'],
  arp_ip_target: ['ARPIPTargets'],
  arp_validate: ['ARPValidate'],
  arp_all_targets: ['ARPAllTargets'],
  primary_reselect: ['PrimaryReselectPolicy'],
  fail_over_mac: ['FailOverMACPolicy'],
  xmit_hash_policy: ['TransmitHashPolicy'],
  lacp_rate: ['LACPTransmitRate'],
  ad_select: ['AdSelect'],
  ad_actor_sys_prio: ['AdActorSystemPriority'],
  ad_user_port_key: ['AdUserPortKey'],
  ad_actor_system: ['AdActorSystem'],
  min_links: ['MinLinks'],
  all_slaves_active: ['AllSlavesActive'],
  resend_igmp: ['ResendIGMP'],
  num_grat_arp: ['GratuitousARP'],
  num_peer_notif: ['GratuitousARP'],
  packets_per_slave: ['PacketsPerSlave'],
  lp_interval: ['LearnPacketIntervalSec', 's'],
  tlb_dynamic_lb: ['DynamicTransmitLoadBalancing'],
};
const SWITCHES: readonly string[] = ['all_slaves_active', 'tlb_dynamic_lb'];

export function bondSection(link: Link): Said {
  const settings = bondSettings(link);
  if (settings === undefined) return 'a bond of which nothing is known';
  const lines: string[] = [];
  for (const [word, value] of unusualOfBond(settings)) {
    // That is a word of the port.
    if (word === 'primary') continue;
    const [key, unit = ''] = KEYS[word] ?? [];
    if (key === undefined) return `${word} of a bond`;
    if (word === 'arp_validate' && !VALIDATIONS.includes(value)) return `${word} ${value} of a bond`;
    const said = SWITCHES.includes(word) ? (value === '1' ? 'yes' : 'no') : value.replaceAll(',', ' ');
    lines.push(`${key}=${said}${unit}`);
  }
  return [{ name: 'Bond', lines }];
}

/** What its preferred port has to say. */
export function primaryOf(link: Link): { dev: string; sections: readonly Section[] } | undefined {
  const primary = bondSettings(link)?.primary ?? '';
  if (primary === '') return undefined;
  return { dev: primary, sections: [{ name: 'Network', lines: ['PrimarySlave=yes'] }] };
}
