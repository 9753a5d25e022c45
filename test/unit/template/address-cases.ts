/** Expressions of addresses, for which address-facts.json holds what the collection ansible.utils answers. */

const values = [
  "'192.168.32.0/24'",
  "'192.168.32.10/24'",
  "'192.168.32.255/24'",
  "'10.0.0.5'",
  "'10.1.2.6/31'",
  "'10.1.2.5/30'",
  "'10.1.2.4/30'",
  "'8.8.8.8'",
  "'169.254.1.1/16'",
  "'127.0.0.1'",
  "'224.0.0.5'",
  "'192.168.1.1/32'",
  "'0.0.0.0/0'",
  "'10/8'",
  "'10.0.0.1/255.255.255.0'",
  "'fe80::1/10'",
  "'2001:db8::/32'",
  "'2001:db8:1::15/64'",
  "'::1'",
  "'::ffff:10.0.0.1'",
  "'2002:c000:204::1/48'",
  '3232235521',
  "'3232235521/24'",
  "'42540766411282592856903984951653826561'",
  "'no address'",
  "''",
  'none',
  'true',
  "'10.0.0.1/33'",
];

const queries =
  `6to4 address address/prefix bool broadcast cidr first_usable gateway gw host host/prefix hostmask hostnet
int ip ip/prefix ip_netmask ipv4 ipv6 last_usable link-local lo loopback multicast net next_usable netmask network
network_id network/prefix network_netmask network_wildcard peer prefix previous_usable private public range_usable
revdns router size size_usable subnet type unicast version wildcard wrap 0 1 -1 -2 300 192.168.0.0/16 10.0.0.0/8
2001:db8::/32 10.0.0.5`.split(/\s+/);

const others = `
LIST | ipaddr
LIST | ipaddr('address')
LIST | ipaddr('private')
LIST | ipaddr('192.168.0.0/16')
LIST | ipaddr('net')
LIST | ipv4
LIST | ipv6
LIST | ipv4('address')
LIST | ipv6('prefix')
LIST | ipwrap
LIST | ipaddr(1)
LIST | ipaddr('size')
'10.0.0.1/24' | ipv4
'10.0.0.1/24' | ipv4('address')
'10.0.0.1/24' | ipv6
'10.0.0.1' | ipv4 | ipv6
'fe80::1' | ipv6
'fe80::1' | ipv4
'fe80::1' | ipwrap
'fe80::1/64' | ipwrap
'10.0.0.1' | ipwrap
'host.example' | ipwrap
'2001:db8::1/64' | ipwrap('address')
'10.0.0.1/24' | ansible.utils.ipaddr('netmask')
'10.0.0.1/24' | ansible.netcommon.ipaddr('netmask')
'10.0.0.1' | ipaddr('nope')
'192.168.144.5' | ipsubnet
'192.168.0.0/16' | ipsubnet
'192.168.144.5/24' | ipsubnet
'192.168.0.0/16' | ipsubnet(20)
'192.168.0.0/16' | ipsubnet(20, 0)
'192.168.0.0/16' | ipsubnet(20, 3)
'192.168.0.0/16' | ipsubnet(20, -1)
'192.168.0.0/16' | ipsubnet(20, 16)
'192.168.0.0/16' | ipsubnet(12)
'192.168.0.0/16' | ipsubnet('20', '1')
'192.168.144.5' | ipsubnet(20)
'192.168.144.5' | ipsubnet(18, 0)
'192.168.144.5' | ipsubnet(18, 5)
'192.168.144.5' | ipsubnet(18, -1)
'192.168.144.5' | ipsubnet(18, -5)
'192.168.144.5' | ipsubnet(18, 40)
'192.168.144.5/24' | ipsubnet(20)
'192.168.144.5/24' | ipsubnet(26)
'192.168.144.5/24' | ipsubnet(26, 1)
'192.168.144.5' | ipsubnet('192.168.0.0/16')
'192.168.144.5' | ipsubnet('192.168.144.0/24')
'192.168.144.1/30' | ipsubnet('192.168.144.0/24')
'192.168.144.16/30' | ipsubnet('192.168.144.0/24')
'192.168.144.16/30' | ipsubnet('10.0.0.0/24')
'2600:1f1c:1b3:8f00::/56' | ipsubnet(120, 0)
'2600:1f1c:1b3:8f00::/56' | ipsubnet(120, -1)
'2600:1f1c:1b3:8f00::/56' | ipsubnet(64)
'2001:db8::15' | ipsubnet(64)
'nope' | ipsubnet(20)
'10.0.0.0/8' | nthhost(305)
'10.0.0.0/8' | nthhost(-1)
'10.0.0.0/8' | nthhost('5')
'10.0.0.0/8' | nthhost(0)
'10.0.0.0/30' | nthhost(5)
'10.0.0.0/30' | nthhost
'10.0.0.1/30' | nthhost(1)
'10.0.0.1' | nthhost(1)
'2001:db8::/64' | nthhost(300)
'nope' | nthhost(1)
'192.168.0.0/24' | network_in_usable('192.168.0.1')
'192.168.0.0/24' | network_in_usable('192.168.0.0')
'192.168.0.0/24' | network_in_usable('192.168.0.255')
'192.168.0.0/16' | network_in_usable('192.168.0.255')
'192.168.0.0/16' | network_in_usable('192.168.1.0/24')
'192.168.0.0/24' | network_in_network('192.168.0.1')
'192.168.0.0/24' | network_in_network('192.168.0.0')
'192.168.0.0/24' | network_in_network('192.168.0.255')
'192.168.0.0/24' | network_in_network('10.0.0.1')
'192.168.0.0/16' | network_in_network('192.168.0.0/24')
'192.168.0.0/24' | network_in_network('192.168.0.0/16')
'2001:db8::/32' | network_in_network('2001:db8:1::/48')
'nope' | network_in_network('10.0.0.1')
['192.168.0.34', '10.3.0.3', '192.168.2.34'] | reduce_on_network('192.168.0.0/24')
['192.168.0.0', '192.168.0.255'] | reduce_on_network('192.168.0.0/24')
'192.168.122.1/24' | next_nth_usable(2)
'192.168.122.254/24' | next_nth_usable(2)
'192.168.122.1' | next_nth_usable(2)
'192.168.122.0/31' | next_nth_usable(1)
'192.168.122.10/24' | previous_nth_usable(2)
'192.168.122.1/24' | previous_nth_usable(2)
'10.0.0.0/29' | usable_range
'10.0.0.1/30' | usable_range
'10.1.1.1' | usable_range
'2001:db8:abcd:0012::0/126' | usable_range
'nope' | usable_range
['192.168.0.0/17', '192.168.128.0/17', '192.168.128.1'] | cidr_merge
['192.168.1.1', '192.168.1.2', '192.168.1.3', '192.168.1.4'] | cidr_merge
['192.168.1.1', '192.168.1.2', '192.168.1.3', '192.168.1.4'] | cidr_merge('span')
['10.0.0.0/8', '2001:db8::/33', '2001:db8:8000::/33', '11.0.0.0/8'] | cidr_merge
['10.0.1.0/24', '10.0.0.0/24', '10.0.2.0/23'] | cidr_merge
['10.0.1.0/24'] | cidr_merge('span')
[] | cidr_merge
['10.0.1.0/24', 'nope'] | cidr_merge
['10.0.1.0/24', '10.0.2.0/24'] | cidr_merge('nope')
'fdcf:1894:23b5:d38c:0000:0000:0000:0000' | slaac('c2:31:b3:83:bf:2b')
'fe80::/64' | slaac('52:54:00:12:34:56')
'10.0.0.0/8' | slaac('52:54:00:12:34:56')
'fe80::/64' | slaac
'192.168.1.5' | ip4_hex
'192.168.1.5' | ip4_hex(':')
'10.0.0.1' | ip4_hex
'192.168.1.5' | ipmath(5)
'192.168.1.5' | ipmath(-10)
'192.168.1.1/24' | ipmath(5)
'192.168.1.6/24' | ipmath(-5)
'192.168.2.6/24' | ipmath(-10)
'2001::1' | ipmath(10)
'2001::5' | ipmath(-10)
'255.255.255.255' | ipmath(1)
'nope' | ipmath(1)
'192.168.1.5' | ipmath('x')
'1a:2b:3c:4d:5e:6f' | hwaddr
'1A-2B-3C-4D-5E-6F' | hwaddr
'1a2b.3c4d.5e6f' | hwaddr
'1a2b3c4d5e6f' | hwaddr
'1:2:3:4:5:6' | hwaddr
'nope' | hwaddr
'' | hwaddr
'1a:2b:3c:4d:5e:6f' | hwaddr('bare')
'1a:2b:3c:4d:5e:6f' | hwaddr('bool')
'1a:2b:3c:4d:5e:6f' | hwaddr('int')
'1a:2b:3c:4d:5e:6f' | hwaddr('cisco')
'1a:2b:3c:4d:5e:6f' | hwaddr('eui48')
'1A-2B-3C-4D-5E-6F' | hwaddr('linux')
'1a:2b:3c:4d:5e:6f' | hwaddr('pgsql')
'1a:2b:3c:4d:5e:6f' | hwaddr('postgresql')
'1a:2b:3c:4d:5e:6f' | hwaddr('psql')
'0a:2b:00:4d:5e:6f' | hwaddr('unix')
'1a:2b:3c:4d:5e:6f' | hwaddr('win')
'1a:2b:3c:4d:5e:6f' | hwaddr('nope')
'nope' | hwaddr('linux')
'nope' | hwaddr('bool')
'1a:2b:3c:4d:5e:6f' | macaddr('linux')
'1a:2b:3c:4d:5e:6f' | macaddr
'nope' | macaddr
'10.0.0.5' is ansible.utils.in_network('10.0.0.0/8')
'11.0.0.5' is in_network('10.0.0.0/8')
'11.0.0.5' is in_any_network(['10.0.0.0/8', '11.0.0.0/8'])
'11.0.0.5' is in_one_network(['10.0.0.0/8', '11.0.0.0/8'])
'10.1.0.0/16' is subnet_of('10.0.0.0/8')
'10.0.0.0/8' is supernet_of('10.1.0.0/16')
'10.0.0.1' is ip
'10.0.0.0/8' is ip
'nope' is ip
'10.0.0.1' is ip_address
'10.0.0.0/8' is ip_address
'10.0.0.0/8' is ipv4
'fe80::1' is ipv4
'10.0.0.1' is ipv4_address
'10.0.0.0/8' is ipv4_address
'fe80::1' is ipv6
'10.0.0.1' is ipv6
'fe80::1' is ipv6_address
'255.255.255.0' is ipv4_netmask
'255.255.0.255' is ipv4_netmask
'0.0.0.255' is ipv4_hostmask
'1a:2b:3c:4d:5e:6f' is mac
'nope' is mac
'127.0.0.1' is loopback
'10.0.0.1' is loopback
'224.0.0.1' is multicast
'10.0.0.1' is private
'8.8.8.8' is private
'8.8.8.8' is public
'10.0.0.1' is public
'0.0.0.0' is unspecified
'240.0.0.1' is reserved
`
  .replaceAll('LIST', "['192.168.1.1/24', 'nope', 'fe80::1/64', '10.0.0.0/8', '', '8.8.8.8', 5]")
  .split('\n')
  .filter((line) => line !== '');

export const addressExpressions: readonly string[] = [
  ...values.map((value) => `${value} | ipaddr`),
  ...values.flatMap((value) => queries.map((query) => `${value} | ipaddr('${query}')`)),
  ...others,
];
