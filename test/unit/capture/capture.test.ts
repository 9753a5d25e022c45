/** From what a host's tools print to the text of a playbook, and back through the real loader. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { capture, captureReads } from '../../../src/capture/capture.js';
import { inventoryText } from '../../../src/capture/inventory-text.js';
import { labText } from '../../../src/capture/lab-text.js';
import { playbookText } from '../../../src/capture/playbook.js';
import { parseLab } from '../../../src/lab/load.js';
import { resources } from '../../../src/resources/registry.js';
import { parseProbe } from '../../../src/snapshot/parse.js';
import { createTemplates } from '../../../src/template/templates.js';
import { readPlaybookText } from '../../support/playbook-text.js';

const T = '0123456789abcdef0123456789abcdef';

/** What each command of the probe prints, by the name of its section; some that every host has are here. */
type Answers = Readonly<Record<string, string>>;

const RULES =
  '0:\tfrom all lookup 255 proto 2\n32766:\tfrom all lookup 254 proto 2\n32767:\tfrom all lookup 253 proto 2\n';

function snapshotOf({ session = '', ...answers }: Answers) {
  const all = { rules4: RULES, ...answers };
  const text = [
    `netplay-probe ${T}`,
    `\n${T} session\n${session}\n`,
    `\n${T} tools\nversion ip utility, iproute2-6.1.0\nnumeric\ntuntap\nmaster\n`,
    ...Object.entries(all).map(([name, content]) => `\n${T} ${name}\n${content}\n${T} = 0 `),
    `\n${T} end\n`,
  ].join('');
  return parseProbe(text, captureReads);
}

const LO =
  '1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group 0 qlen 1000\\    link/[772] 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0 ';
const nic = (index: number, name: string, more = ''): string =>
  `${index}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq ${more}state UP mode DEFAULT group 0 qlen 1000\\    link/ether 52:54:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 9000 addrgenmode eui64 numtxqueues 4 numrxqueues 4 gso_max_size 65536 gso_max_segs 65535 `;
const ether = (flags: string, mac: string, kind: string): string =>
  `<${flags}> mtu 1500 qdisc noqueue state UP mode DEFAULT group 0 qlen 1000\\    link/ether ${mac} brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535 \\    ${kind} addrgenmode eui64 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 `;
const UP = 'BROADCAST,MULTICAST,UP,LOWER_UP';

interface Case {
  name: string;
  answers: Answers;
  /** The tasks as they stand in the playbook, without their indent. */
  tasks: string;
  leftOut?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'two NICs, each with a table of its own',
    answers: {
      session: '192.0.2.5 40000 192.168.1.1 22',
      links: [LO, nic(2, 'eth0'), nic(3, 'eth1')].join('\n'),
      addresses: [
        '1: lo    inet 127.0.0.1/8 scope 254 lo\\       valid_lft forever preferred_lft forever',
        '2: eth0    inet 192.168.1.1/24 brd 192.168.1.255 scope 0 eth0\\       valid_lft forever preferred_lft forever',
        '2: eth0    inet6 fe80::5054:ff:fe00:2/64 scope 253 \\       valid_lft forever preferred_lft forever',
        '3: eth1    inet 10.0.0.1/24 brd 10.0.0.255 scope 0 eth1\\       valid_lft forever preferred_lft forever',
        '3: eth1    inet 10.0.0.9/24 scope 0 secondary dynamic eth1\\       valid_lft 3000sec preferred_lft 3000sec',
      ].join('\n'),
      names: '/etc/iproute2/rt_tables\n',
      lines: '/etc/iproute2/rt_tables:255\tlocal\n/etc/iproute2/rt_tables:100\tblue\n',
      routes4: [
        'unicast default via 10.0.0.254 dev eth1 table 100 proto 3 scope 0 ',
        'unicast default via 192.168.1.254 dev eth0 proto 16 scope 0 metric 100 ',
        'unicast 10.0.0.0/24 dev eth1 proto 2 scope 253 src 10.0.0.1 ',
        'unicast 10.9.0.0/16 via 10.0.0.7 dev eth1 proto 188 scope 0 ',
        'unicast 10.8.0.0/16 via 10.0.0.7 dev eth1 proto 4 scope 0 mtu lock 1400 ',
        'blackhole 10.7.0.0/16 proto 3 scope 0 ',
      ].join('\n'),
      rules4: `${RULES}100:\tfrom 10.0.0.1 lookup 100 proto 3\n`,
    },
    tasks: `
- name: names of routing tables
  rt_table: {name: blue, id: 100}
- name: devices
  link: {name: eth1, state: up}
- name: addresses
  address: {address: 10.0.0.1/24, dev: eth1, broadcast: +}
- name: routes
  routes:
    - {dst: 10.7.0.0/16, type: blackhole}
    - {dst: default, via: 10.0.0.254, dev: eth1, table: blue}
    - {dst: 10.8.0.0/16, via: 10.0.0.7, dev: eth1, mtu: 1400, mtu_lock: true, protocol: static}
- name: rules
  rule: {priority: 100, from: 10.0.0.1, table: blue}
`,
    leftOut: [
      'address 192.168.1.1/24 of eth0: the host was reached by it, as another one must be before it can be set up (address: {dev: eth0, address: "192.168.1.1/24"} sets it)',
      'address 10.0.0.9/24 of eth1: it came by DHCP: it has a lifetime',
      'route default via 192.168.1.254 dev eth0 metric 100: it came by DHCP',
      'route 10.9.0.0/16 via 10.0.0.7 dev eth1: OSPF makes it',
    ],
  },
  {
    name: 'a bond of two NICs under a VLAN, a VRF and tunnels, which this kernel may lack',
    answers: {
      links: [
        LO,
        nic(2, 'eth0')
          .replace('UP,LOWER_UP', 'SLAVE,UP,LOWER_UP')
          .replace('qdisc mq', 'qdisc mq master bond0'),
        nic(3, 'eth1')
          .replace('UP,LOWER_UP', 'SLAVE,UP,LOWER_UP')
          .replace('qdisc mq', 'qdisc mq master bond0'),
        `4: bond0: ${ether('BROADCAST,MULTICAST,MASTER,UP,LOWER_UP', '52:54:00:00:00:02', 'bond mode 802.3ad miimon 100 updelay 200 downdelay 0 use_carrier 1 arp_interval 0 arp_validate none arp_all_targets any primary_reselect always fail_over_mac none xmit_hash_policy layer3+4 resend_igmp 1 num_grat_arp 1 all_slaves_active 0 min_links 0 lp_interval 1 packets_per_slave 1 lacp_rate fast ad_select stable ad_actor_sys_prio 65535 ad_user_port_key 0 ad_actor_system 00:00:00:00:00:00 tlb_dynamic_lb 1')}`,
        `5: bond0.7@bond0: ${ether(UP, '52:54:00:00:00:02', 'vlan protocol [33024] id 7 <REORDER_HDR,GVRP> egress-qos-map { 6:5 }').replace(' qdisc noqueue', ' qdisc noqueue master blue')}`,
        `6: blue: ${ether('NOARP,MASTER,UP,LOWER_UP', '02:00:00:00:00:06', 'vrf table 100').replace('mtu 1500', 'mtu 65575')}`,
        '7: gre0@NONE: <NOARP> mtu 1476 qdisc noop state DOWN mode DEFAULT group 0 qlen 1000\\    link/[778] 0.0.0.0 brd 0.0.0.0 promiscuity 0 \\    gre external',
        '8: tun1@NONE: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1476 qdisc noqueue state UNKNOWN mode DEFAULT group 0 qlen 1000\\    link/[778] 192.0.2.1 peer 192.0.2.2 promiscuity 0 \\    gre remote 192.0.2.2 local 192.0.2.1 ttl 64 ikey 0.0.0.42 okey 0.0.0.42 icsum ocsum addrgenmode eui64 ',
        `9: wg0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN mode DEFAULT group 0 qlen 1000\\    link/[65534] promiscuity 0 \\    wireguard addrgenmode none `,
        `10: wg0.5@wg0: ${ether(UP, '02:00:00:00:00:0a', 'vlan protocol [33024] id 5 <REORDER_HDR>')}`,
      ].join('\n'),
      addresses: [
        '8: tun1    inet6 fe80::200:5efe:c000:201/64 scope 253 \\       valid_lft forever preferred_lft forever',
        '8: tun1    inet6 fe80::200:5eff:c000:201/64 scope 253 \\       valid_lft forever preferred_lft forever',
        '9: wg0    inet 10.99.0.1/24 scope 0 wg0\\       valid_lft forever preferred_lft forever',
      ].join('\n'),
      routes4: 'unicast 10.98.0.0/16 dev wg0 proto 3 scope 253 ',
      rules4: `${RULES}1000:\tfrom all lookup [l3mdev-table] proto 2\n`,
    },
    tasks: `
- name: devices
  links:
    eth0: {state: up}
    eth1: {state: up}
- name: vrf blue
  vrf: {name: blue, table: 100}
- name: bond bond0
  bond:
    name: bond0
    mode: 802.3ad
    updelay: 200
    xmit_hash_policy: layer3+4
    lacp_rate: fast
    ports: [eth0, eth1]
- name: vlan bond0.7
  vlan: {name: bond0.7, link: bond0, id: 7, gvrp: true, egress_qos_map: {"6": 5}, master: blue}
- name: gre tun1
  gre: {name: tun1, remote: 192.0.2.2, local: 192.0.2.1, ttl: 64, key: 42, csum: true, mtu: 1476}
- name: addresses
  address: {address: fe80::200:5eff:c000:201/64, dev: tun1}
`,
    leftOut: [
      'wg0, and what hangs on it: netplay makes no links of the kind wireguard',
      'wg0.5, and what hangs on it: it stands on wg0',
    ],
  },
  {
    name: 'a machine with containers: what daemons make is theirs',
    answers: {
      links: [
        LO,
        nic(2, 'eth0'),
        `3: docker0: ${ether(UP, '02:42:00:00:00:03', 'bridge forward_delay 1500 ')}`,
        `4: veth9@if3: ${ether(UP, '02:00:00:00:00:04', 'veth').replace(' qdisc noqueue', ' qdisc noqueue master docker0')} link-netnsid 0`,
        `5: ct7@if2: ${ether(UP, '02:00:00:00:00:05', 'veth')}`.replace(
          ' promiscuity 0',
          ' link-netns blue promiscuity 0',
        ),
      ].join('\n'),
      addresses:
        '3: docker0    inet 172.17.0.1/16 scope 0 docker0\\       valid_lft forever preferred_lft forever',
      lines:
        '/proc/sys/net/ipv4/ip_forward:1\n/proc/sys/net/ipv4/conf/all/forwarding:1\n/proc/sys/net/ipv4/conf/all/accept_redirects:0\n/proc/sys/net/ipv4/conf/eth0/rp_filter:2\n/proc/sys/net/ipv4/conf/eth0/forwarding:1\n',
    },
    tasks: `
- name: settings of the kernel
  sysctl: {name: net.ipv4.ip_forward, value: 1}
- name: devices
  link: {name: eth0, state: up}
- name: settings of the kernel
  sysctl: {name: net.ipv4.conf.eth0.rp_filter, value: 2}
`,
    leftOut: [
      'docker0, and what hangs on it: Docker makes it',
      "veth9, and what hangs on it: its other end is a container's, or in a namespace without a name",
      'ct7, and what hangs on it: its other end is in the namespace blue, and its name is not seen from here',
    ],
  },
  {
    name: 'shares of a line, and what no parameter says',
    answers: {
      links: [LO, nic(2, 'eth0'), nic(3, 'eth1')].join('\n'),
      'tc-psched': '/proc/net/psched:000003e8 00000040 000f4240 3b9aca00',
      'tc-qdiscs': [
        'qdisc htb 1: dev eth0 root refcnt 2 r2q 10 default 0x10 direct_packets_stat 0 direct_qlen 1000',
        'qdisc cake 8001: dev eth1 root refcnt 2 bandwidth unlimited diffserv3',
      ].join('\n'),
      'tc-classes eth0':
        'class htb 1:10 root prio 0 quantum 125000 rate 10Mbit ceil 20Mbit linklayer ethernet burst 1600b/1 mpu 0b cburst 1600b/1 mpu 0b level 0 \n',
      'tc-filters eth0 1:': [
        'filter protocol ip pref 1 u32 chain 0 ',
        'filter protocol ip pref 1 u32 chain 0 fh 800: ht divisor 1 ',
        'filter protocol ip pref 1 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 flowid 1:10 not_in_hw ',
        '  match 0a020000/ffffff00 at 16',
        '  match 00060000/00ff0000 at 8',
        '  match 000001bb/0000ffff at 20',
      ].join('\n'),
    },
    tasks: `
- name: devices
  links:
    eth0: {state: up}
    eth1: {state: up}
- name: queues
  qdisc: {dev: eth0, handle: "1:", kind: htb, default: "10"}
- name: shares of the line
  class: {dev: eth0, classid: "1:10", rate: 10mbit, ceil: 20mbit}
- name: what goes where
  filter:
    dev: eth0
    parent: "1:"
    prio: 1
    match: {dst: 10.2.0.0/24, protocol: tcp, dport: 443}
    classid: "1:10"
`,
    leftOut: [
      'traffic control at root of eth1 (cake): netplay has no parameters for qdisc cake with bandwidth unlimited diffserv3',
    ],
  },
  {
    name: 'names that look like shell, YAML or templates',
    answers: {
      links: [
        LO,
        nic(2, "a'b"),
        nic(3, 'x$(y)'),
        nic(4, '{{x}}'),
        nic(5, '{#y#}'),
        nic(6, 'yes'),
        nic(7, '0x10'),
        nic(8, '#z'),
      ].join('\n'),
      rules4: `${RULES}7:\tfrom all iif {{x}} lookup 254 proto 3\n`,
    },
    tasks: `
- name: devices
  links:
    - {name: "#z", state: up}
    - {name: "0x10", state: up}
    - {name: a'b, state: up}
    - {name: x$(y), state: up}
    - {name: "yes", state: up}
    - {name: !unsafe "{#y#}", state: up}
    - {name: !unsafe "{{x}}", state: up}
- name: rules
  rule: {priority: 7, iif: !unsafe "{{x}}", table: main}
`,
  },
];

describe('a host becomes a playbook', () => {
  test.each(cases)('$name', async ({ answers, tasks, leftOut = [] }) => {
    const captured = capture(snapshotOf(answers));
    const text = playbookText([{ host: 'h1', ...captured, differs: [] }]);
    const body = text.slice(text.indexOf('  tasks:\n') + '  tasks:\n'.length).replaceAll(/^ {4}/gm, '');
    expect(`\n${body}`).toBe(tasks);
    expect(captured.leftOut.map(({ what, why }) => `${what}: ${why}`)).toEqual(leftOut);
    for (const line of leftOut) expect(text).toContain(`# - ${line}\n`);

    const read = await readPlaybookText(text, '/x/site.yml', resources, { templates: createTemplates() });
    expect(read.errors.map(({ message }) => message)).toEqual([]);
  });
});

describe('several hosts', () => {
  const one = capture(snapshotOf({ links: [LO, nic(2, 'eth0')].join('\n') }));
  const other = capture(snapshotOf({ links: [LO, nic(2, 'eth0'), nic(3, 'eth1')].join('\n') }));

  test('that are alike share a play', () => {
    const text = playbookText([
      { host: 'web1', ...one, differs: [] },
      { host: 'db', ...other, differs: ['link eth0 mtu: 1500 → 1400'] },
      { host: 'web2', ...one, differs: [] },
    ]);
    expect(parse(text).map(({ hosts }: { hosts: unknown }) => hosts)).toEqual([['web1', 'web2'], 'db']);
    expect(text).toContain('# A run would still change on db:\n# - link eth0 mtu: 1500 → 1400\n');
  });

  test('a line break in a name ends no comment', () => {
    const leftOut = [{ what: 'x\n- hosts: all', why: 'so' }];
    expect(parse(playbookText([{ host: 'h\u2028x', ...one, leftOut, differs: [] }]))).toHaveLength(1);
  });
});

describe('the files beside it', () => {
  const answers = {
    session: '192.0.2.5 40000 192.168.1.1 22',
    links: [LO, nic(2, 'eth0'), nic(3, 'eth1'), nic(4, 'mgmt0')].join('\n'),
    addresses: [
      '2: eth0    inet 192.168.1.1/24 scope 0 eth0\\       valid_lft forever preferred_lft forever',
      '3: eth1    inet 192.168.1.2/24 scope 0 eth1\\       valid_lft forever preferred_lft forever',
    ].join('\n'),
  };

  test('the lab has the NICs, on the wires that their networks tell of', () => {
    const snapshot = snapshotOf(answers);
    const second = snapshotOf({ links: [LO, nic(2, 'eth0')].join('\n') });
    const text = labText([
      { host: 'web1', snapshot, ...capture(snapshot) },
      { host: 'fe80::1', snapshot: second, ...capture(second) },
    ]);
    expect(parseLab(text, 'lab.yml').hosts).toEqual({
      web1: {
        nics: {
          eth0: { switch: 'net1', mac: '52:54:00:00:00:02', addresses: ['192.168.1.1/24'] },
          eth1: { switch: 'net1', mac: '52:54:00:00:00:03' },
        },
      },
      'fe80--1': { nics: { eth0: { switch: 'net2', mac: '52:54:00:00:00:02' } } },
    });
  });

  test('the inventory tells how a host was reached, or asks for it', () => {
    const text = inventoryText([
      { host: 'web1', vars: { ansible_host: '192.0.2.1', ansible_port: 2222 } },
      { host: 'copy', vars: null },
    ]);
    expect(text).toContain('# Give copy an ansible_host');
    expect(parse(text).all.hosts).toEqual({
      web1: { ansible_host: '192.0.2.1', ansible_port: 2222 },
      copy: {},
    });
  });
});
