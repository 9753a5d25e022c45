/** Bonds as netplan 0.106 spells them. */
import { bondSettings } from '../snapshot/bond.js';
import type { Link } from '../snapshot/model.js';
import { unusualOfBond, VALIDATIONS } from './bond-usual.js';
import type { Word } from './netplan-words.js';

/** By iproute2's words; times are milliseconds unless said otherwise, as they are here. */
const PARAMETERS: Readonly<Record<string, string>> = {
  mode: 'mode',
  miimon: 'mii-monitor-interval',
  updelay: 'up-delay',
  downdelay: 'down-delay',
  arp_interval: 'arp-interval',
  arp_ip_target: 'arp-ip-targets',
  arp_validate: 'arp-validate',
  arp_all_targets: 'arp-all-targets',
  primary: 'primary',
  primary_reselect: 'primary-reselect-policy',
  fail_over_mac: 'fail-over-mac-policy',
  xmit_hash_policy: 'transmit-hash-policy',
  lacp_rate: 'lacp-rate',
  ad_select: 'ad-select',
  min_links: 'min-links',
  all_slaves_active: 'all-slaves-active',
  resend_igmp: 'resend-igmp',
  num_grat_arp: 'gratuitous-arp',
  num_peer_notif: 'gratuitous-arp',
  packets_per_slave: 'packets-per-slave',
  lp_interval: 'learn-packet-interval',
};

/** @param idOf netplan's name of a device; undefined where it has none */
export function bondWord(link: Link, idOf: (dev: string) => string | undefined): Word {
  const settings = bondSettings(link);
  if (settings === undefined) return { why: 'a bond of which nothing is known' };
  // systemd gives it one of its own otherwise.
  if (link.addrAssignType !== 3) return { why: 'a bond that has the MAC of a port' };
  const parameters: Record<string, unknown> = {};
  for (const [word, value] of unusualOfBond(settings)) {
    const key = PARAMETERS[word];
    if (key === undefined) return { why: `${word} of a bond` };
    if (word === 'arp_validate' && !VALIDATIONS.includes(value)) return { why: `${word} ${value} of a bond` };
    const said = word === 'primary' ? idOf(value) : parameter(word, value);
    if (said === undefined) return { why: `a bond whose primary, ${value}, netplan does not know` };
    parameters[key] = said;
  }
  return { value: { interfaces: [], parameters } };
}

function parameter(word: string, value: string): unknown {
  if (word === 'arp_ip_target') return value.split(',');
  if (word === 'all_slaves_active') return value === '1';
  return /^\d+$/.test(value) ? Number(value) : value;
}
