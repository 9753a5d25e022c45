/** A namespace's state that holds every kind of route, rule, address and link that netplay reads. */
export const RICH_STATE = `set -e
ip link add v0 type veth peer name v1
ip link add w0 type veth peer name w1
ip link add eth0.100 type veth peer name x1
ip tuntap add dev tap0 mode tap user 1000 group 1001 multi_queue
ip tuntap add dev tun0 mode tun
ip link add br0 type bridge forward_delay 200 stp_state 1
ip link set br0 address 02:00:00:00:00:01
ip link set v1 master br0
ip link set tap0 master br0
for d in br0 v0 v1 w0 w1 eth0.100; do ip link set $d up; done
ip link set v0 alias 'a \\    altname x' mtu 1400 txqueuelen 500 group 7
ip link property add dev v0 altname a-long-alternative-name
ip addr add 192.168.1.1/24 brd + dev v0
ip addr add 192.168.1.9/24 dev v0 label v0:1
ip addr add 10.0.0.1 peer 10.0.0.2/32 dev w0
ip addr add 10.5.5.1/24 dev w0 metric 77 valid_lft 1000 preferred_lft 500 noprefixroute
ip addr add 10.6.6.1/24 dev eth0.100 scope link
ip addr add 2001:db8::1/64 dev v0 nodad
ip addr add 2001:db8:1::1 peer 2001:db8:1::2/128 dev w0 nodad
ip addr add ::ffff:1.2.3.4/128 dev w0 nodad
ip route add default via 192.168.1.254 dev v0 table 100 metric 5
ip route add default via 192.168.1.253 dev v0
ip route add 10.1.0.0/16 nexthop via 192.168.1.2 dev v0 weight 3 nexthop via 10.0.0.2 dev w0 onlink
ip route add 10.2.0.0/16 via inet6 fe80::1 dev v0
ip route add tos 0x10 10.3.0.0/16 dev v0 mtu lock 1400 advmss 1300 rtt 1200ms rto_min 50ms src 192.168.1.1 realms 3/5 congctl lock reno features ecn quickack 1 initcwnd 10
ip route add blackhole 10.4.0.0/16
ip route add unreachable 10.6.0.0/16 metric 4
ip route add throw 10.7.0.0/16 table 77
ip route add prohibit 10.8.0.0/16 proto static
ip route add 10.9.0.0/16 via 1.2.3.4 dev v0 onlink proto 201
ip route append 10.9.0.0/16 via 1.2.3.5 dev v0 onlink
ip nexthop add id 5 via 192.168.1.3 dev v0
ip nexthop add id 6 via 192.168.1.4 dev v0
ip nexthop add id 9 group 5/6
ip route add 10.11.0.0/16 nhid 5
ip route add 10.13.0.0/16 nhid 9
ip route add 10.12.0.0/16 encap ip id 5 dst 1.1.1.1 src 2.2.2.2 ttl 3 tos 4 via 192.168.1.2 dev v0
ip route add local 10.14.0.1 dev v0 table 300
ip route add 10.15.0.1 dev w0 scope link table 4294967295
ip -6 route add 2001:db8:5::/48 via 2001:db8::2 dev v0 pref high
ip -6 route add 2001:db8:6::/48 nexthop via 2001:db8::2 dev v0 nexthop via 2001:db8::3 weight 2 dev v0
ip -6 route add unreachable 2001:db8:7::/48
ip -6 route add blackhole default metric 4000 table 100
ip -6 route add 2001:db8:8::/48 from 2001:db8::/64 dev v0 expires 100
ip -6 route add 2001:db8:9::/48 dev v0 mtu 1300 hoplimit 64
ip rule add not from 10.0.0.0/8 to 1.2.3.4 iif lo oif nix fwmark 0x10/0xff tos 0x10 ipproto tcp sport 10-20 dport 80 uidrange 0-100 table 100 priority 1000 protocol 201 suppress_prefixlength 0 realms 3/5
ip rule add from all goto 5000 priority 1001
ip rule add priority 1002 prohibit
ip rule add priority 1003 from 1.1.1.1 nop
ip rule add l3mdev pref 1004
ip rule add fwmark 5 lookup main suppress_ifgroup 3 priority 1005
ip rule add ipproto 200 priority 1006 table 5 tun_id 7
ip rule add iif v0 blackhole pref 1007
ip rule add unreachable pref 1008 to 10.0.0.0/8
ip rule add goto 32766 pref 1009
ip -6 rule add from 2001:db8::/64 ipproto ipv6-icmp table 100 pref 50
ip neigh add 192.168.1.50 lladdr 02:00:00:00:00:50 dev v0 nud permanent
ip neigh add 192.168.1.51 lladdr 02:00:00:00:00:51 dev v0 nud noarp
ip neigh add 192.168.1.52 lladdr 02:00:00:00:00:52 dev v0 nud permanent extern_learn protocol 201
ip neigh add 192.168.1.53 lladdr 02:00:00:00:00:53 dev v0 nud reachable
ip neigh add 192.168.1.255 lladdr ff:ff:ff:ff:ff:ff dev v0 nud noarp
ip neigh add 2001:db8::50 lladdr 02:00:00:00:00:50 dev v0 router nud permanent
ip neigh add 2001:db8::51 lladdr 02:00:00:00:00:51 dev w0 nud noarp
ip neigh add proxy 192.168.1.60 dev v0
ip neigh add proxy 192.168.1.60 dev w0 protocol 7
ip neigh add proxy 2001:db8::60 dev v0 router
ip -6 rule add to 2001:db8::1 oif v0 lookup main pref 51
`;
