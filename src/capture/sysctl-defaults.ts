/**
 * The network settings that people set, with what the kernel begins with: net/ipv4/devinet.c (ipv4_devconf and its
 * _dflt), net/ipv6/addrconf.c (ipv6_devconf and its _dflt) and net/ipv4/*.c; looked up on Linux 6.18, where a new
 * namespace has these.
 */

/** Of `all`, and of `default` with every device. */
type Usual = readonly [all: string, each: string];

const OFF: Usual = ['0', '0'];
const ON: Usual = ['1', '1'];

const IPV4_CONF: Readonly<Record<string, Usual>> = {
  accept_local: OFF,
  accept_redirects: ON,
  accept_source_route: ['0', '1'],
  arp_accept: OFF,
  arp_announce: OFF,
  arp_filter: OFF,
  arp_ignore: OFF,
  arp_notify: OFF,
  bc_forwarding: OFF,
  drop_gratuitous_arp: OFF,
  forwarding: OFF,
  ignore_routes_with_linkdown: OFF,
  log_martians: OFF,
  promote_secondaries: OFF,
  proxy_arp: OFF,
  proxy_arp_pvlan: OFF,
  route_localnet: OFF,
  rp_filter: OFF,
  secure_redirects: ON,
  send_redirects: ON,
  shared_media: ON,
  src_valid_mark: OFF,
};

const IPV6_CONF: Readonly<Record<string, Usual>> = {
  accept_dad: ['0', '1'],
  accept_ra: ON,
  accept_ra_defrtr: ON,
  accept_ra_pinfo: ON,
  accept_redirects: ON,
  accept_source_route: OFF,
  addr_gen_mode: OFF,
  autoconf: ON,
  dad_transmits: ON,
  disable_ipv6: OFF,
  forwarding: OFF,
  ignore_routes_with_linkdown: OFF,
  keep_addr_on_down: OFF,
  ndisc_notify: OFF,
  proxy_ndp: OFF,
  use_tempaddr: OFF,
};

export const CONF: Readonly<Record<'ipv4' | 'ipv6', Readonly<Record<string, Usual>>>> = {
  ipv4: IPV4_CONF,
  ipv6: IPV6_CONF,
};

/** Keys of no device, by their path. */
export const PLAIN: Readonly<Record<string, string>> = {
  'net/ipv4/ip_forward': '0',
  'net/ipv4/ip_nonlocal_bind': '0',
  'net/ipv4/ip_default_ttl': '64',
  'net/ipv4/ip_no_pmtu_disc': '0',
  'net/ipv4/ip_forward_use_pmtu': '0',
  'net/ipv4/ip_local_port_range': '32768 60999',
  'net/ipv4/icmp_echo_ignore_all': '0',
  'net/ipv4/icmp_echo_ignore_broadcasts': '1',
  'net/ipv4/icmp_errors_use_inbound_ifaddr': '0',
  'net/ipv4/fwmark_reflect': '0',
  'net/ipv4/fib_multipath_hash_policy': '0',
  'net/ipv4/fib_multipath_use_neigh': '0',
  'net/ipv4/igmp_max_memberships': '20',
  'net/ipv4/raw_l3mdev_accept': '1',
  'net/ipv4/tcp_ecn': '2',
  'net/ipv4/tcp_fwmark_accept': '0',
  'net/ipv4/tcp_l3mdev_accept': '0',
  'net/ipv4/tcp_mtu_probing': '0',
  'net/ipv4/tcp_sack': '1',
  'net/ipv4/tcp_syncookies': '1',
  'net/ipv4/tcp_timestamps': '1',
  'net/ipv4/tcp_window_scaling': '1',
  'net/ipv4/udp_l3mdev_accept': '0',
  'net/ipv6/bindv6only': '0',
  'net/ipv6/fib_multipath_hash_policy': '0',
  'net/ipv6/fwmark_reflect': '0',
  'net/ipv6/ip_nonlocal_bind': '0',
};
