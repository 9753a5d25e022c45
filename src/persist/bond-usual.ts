/** What a new bond has of what is not said of it, by iproute2's words (drivers/net/bonding). */
const BOND_USUAL: Readonly<Record<string, string>> = {
  ...{ updelay: '0', downdelay: '0', peer_notify_delay: '0', use_carrier: '1', arp_interval: '0' },
  ...{ arp_validate: 'none', arp_all_targets: 'any', arp_missed_max: '2', primary_reselect: 'always' },
  ...{ fail_over_mac: 'none', xmit_hash_policy: 'layer2', lacp_active: 'on', lacp_rate: 'slow' },
  ...{ ad_select: 'stable', ad_actor_sys_prio: '65535', ad_user_port_key: '0', min_links: '0' },
  ...{ ad_actor_system: '00:00:00:00:00:00', all_slaves_active: '0', resend_igmp: '1' },
  ...{ num_grat_arp: '1', num_peer_notif: '1', packets_per_slave: '1', lp_interval: '1' },
  tlb_dynamic_lb: '1',
};

/** What systemd-networkd and netplan take for `arp_validate`; the kernel has more. */
export const VALIDATIONS: readonly string[] = ['none', 'active', 'backup', 'all'];

/** What is to be said of a bond: its mode, and what is not as usual. */
export function unusualOfBond({
  mode = '',
  ...others
}: Readonly<Record<string, string>>): [string, string][] {
  const said = Object.entries(others).filter(
    ([word, value]) => value !== '' && value !== BOND_USUAL[word] && !(word === 'miimon' && value === '0'),
  );
  return [['mode', mode], ...said];
}
