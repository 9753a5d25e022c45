/** Interfaces from /sys and from what `ip` of several decades and BusyBox print. */
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../../src/facts/parse.js';
import { factAnswer } from '../../support/fact-answers.js';

interface Case {
  name: string;
  /** `NAME/FILE:VALUE`. */
  sys?: readonly string[];
  ports?: readonly string[];
  links?: Readonly<Record<string, string>>;
  addresses?: string;
  route4?: string;
  route6?: string;
  facts: Readonly<Record<string, unknown>>;
}

const LO = [
  'lo/address:00:00:00:00:00:00',
  'lo/mtu:65536',
  'lo/operstate:unknown',
  'lo/type:772',
  'lo/flags:0x9',
];
const ETH0 = [
  ...[
    'eth0/address:52:54:00:00:00:01',
    'eth0/mtu:1500',
    'eth0/operstate:up',
    'eth0/type:1',
    'eth0/speed:1000',
  ],
  'eth0/flags:0x1003',
];
const LO_FACTS = { device: 'lo', mtu: 65536, active: true, type: 'loopback', promisc: false };
const ETH0_FACTS = {
  ...{ device: 'eth0', macaddress: '52:54:00:00:00:01', mtu: 1500, active: true, type: 'ether' },
  ...{ speed: 1000, promisc: false },
};
const LO_IPV4 = {
  address: '127.0.0.1',
  broadcast: '',
  netmask: '255.0.0.0',
  network: '127.0.0.0',
  prefix: '8',
};
const TEN = {
  ...{ address: '10.0.0.2', broadcast: '10.0.0.255', netmask: '255.255.255.0' },
  ...{ network: '10.0.0.0', prefix: '24' },
};
const DEFAULT = {
  ...{ ...TEN, interface: 'eth0', gateway: '10.0.0.1' },
  ...{ macaddress: '52:54:00:00:00:01', mtu: 1500, type: 'ether', alias: 'eth0' },
};

const CASES: readonly Case[] = [
  {
    name: 'iproute2 6.1: a default route of each family',
    sys: [...LO, ...ETH0],
    addresses: `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever preferred_lft forever
2: eth0    inet6 fd00::2/64 scope global \\       valid_lft forever preferred_lft forever
2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever
`,
    route4: '8.8.8.8 via 10.0.0.1 dev eth0 src 10.0.0.2 uid 0 \\    cache \n',
    route6: '2404:6800:400a:800::1012 from :: via fd00::1 dev eth0 src fd00::2 metric 1024 pref medium\n',
    facts: {
      interfaces: ['lo', 'eth0'],
      lo: { ...LO_FACTS, ipv4: LO_IPV4, ipv6: [{ address: '::1', prefix: '128', scope: 'host' }] },
      eth0: {
        ...{ ...ETH0_FACTS, ipv4: TEN },
        ipv6: [
          { address: 'fd00::2', prefix: '64', scope: 'global' },
          { address: 'fe80::1', prefix: '64', scope: 'link' },
        ],
      },
      default_ipv4: DEFAULT,
      default_ipv6: {
        ...{ address: 'fd00::2', prefix: '64', scope: 'global', interface: 'eth0', gateway: 'fd00::1' },
        ...{ macaddress: '52:54:00:00:00:01', mtu: 1500, type: 'ether' },
      },
      all_ipv4_addresses: ['10.0.0.2'],
      all_ipv6_addresses: ['fd00::2', 'fe80::1'],
    },
  },
  {
    name: 'iproute2 2.6.33, which prints links in between and two blanks',
    sys: [...LO, ...ETH0],
    addresses: `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 16436 qdisc noqueue state UNKNOWN \\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
1: lo    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP qlen 1000\\    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff
2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0
`,
    route4: '8.8.8.8 via 10.0.0.1 dev eth0  src 10.0.0.2 \n    cache  mtu 1500 advmss 1460 hoplimit 64\n',
    facts: { lo: { ...LO_FACTS, ipv4: LO_IPV4 }, eth0: { ...ETH0_FACTS, ipv4: TEN }, default_ipv4: DEFAULT },
  },
  {
    name: "BusyBox's ip",
    sys: [...LO, ...ETH0],
    addresses: `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.0.0.3/24 scope global secondary eth0\\       valid_lft forever preferred_lft forever
`,
    route4: '8.8.8.8 via 10.0.0.1 dev eth0  src 10.0.0.2 \n',
    facts: {
      eth0: {
        ...{ ...ETH0_FACTS, ipv4: TEN },
        ipv4_secondaries: [{ ...TEN, address: '10.0.0.3', broadcast: '' }],
      },
      default_ipv4: DEFAULT,
    },
  },
  {
    name: 'an OpenVZ container, whose addresses have labels of their own',
    sys: [
      'venet0/address:00',
      'venet0/mtu:1500',
      'venet0/operstate:unknown',
      'venet0/type:65535',
      'venet0/flags:0xd1',
    ],
    addresses: `2: venet0    inet 127.0.0.1/32 scope host venet0
2: venet0    inet 192.0.2.7/32 brd 192.0.2.7 scope global venet0:0
`,
    route4: '8.8.8.8 dev venet0  src 192.0.2.7 \n    cache  mtu 1500\n',
    facts: {
      interfaces: ['venet0', 'venet0_0'],
      venet0: {
        ...{ device: 'venet0', macaddress: '00', mtu: 1500, active: true, type: 'unknown', promisc: false },
        ipv4: {
          address: '127.0.0.1',
          broadcast: '',
          netmask: '255.255.255.255',
          network: '127.0.0.1',
          prefix: '32',
        },
      },
      venet0_0: {
        ipv4: {
          ...{ address: '192.0.2.7', broadcast: '192.0.2.7', netmask: '255.255.255.255' },
          ...{ network: '192.0.2.7', prefix: '32' },
        },
      },
      default_ipv4: {
        ...{ interface: 'venet0', address: '192.0.2.7', broadcast: '192.0.2.7', netmask: '255.255.255.255' },
        ...{ network: '192.0.2.7', prefix: '32', macaddress: '00', mtu: 1500, type: 'unknown' },
        alias: 'venet0:0',
      },
      all_ipv4_addresses: ['192.0.2.7'],
    },
  },
  {
    name: 'a point-to-point address, one with a metric, and a temporary one',
    sys: ['tun0/mtu:1400', 'tun0/type:65534', 'tun0/flags:0x10d1', 'tun0/operstate:down'],
    addresses: `3: tun0    inet 10.8.0.1 peer 10.8.0.2/24 scope global tun0
3: tun0    inet 10.9.0.1/16 metric 100 brd 10.9.255.255 scope global dynamic tun0\\       valid_lft 5sec preferred_lft 5sec
3: tun0    inet6 fd08::1 peer fd08::2/128 scope global
3: tun0    inet6 fd09::9/64 scope global temporary dynamic
3: tun0    inet6 fd09::1/64 scope global dynamic mngtmpaddr
`,
    facts: {
      tun0: {
        ...{ device: 'tun0', mtu: 1400, active: false, type: 'tunnel', promisc: false },
        ipv4: {
          address: '10.8.0.1',
          broadcast: '',
          netmask: '255.255.255.255',
          network: '10.8.0.1',
          prefix: '32',
        },
        ipv4_secondaries: [
          {
            ...{ address: '10.9.0.1', broadcast: '10.9.255.255', netmask: '255.255.0.0' },
            ...{ network: '10.9.0.0', prefix: '16' },
          },
        ],
        ipv6: [
          { address: 'fd08::1', prefix: '128', scope: 'global' },
          { address: 'fd09::1', prefix: '64', scope: 'global' },
          { address: 'fd09::9', prefix: '64', scope: 'global' },
        ],
      },
    },
  },
  {
    name: 'no route, or one that refuses',
    sys: ETH0,
    addresses: '2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\n',
    route4: '',
    route6:
      'unreachable 2404:6800:400a:800::1012 dev lo table unspec proto kernel src ::1 metric 4294967295\n',
    facts: { default_ipv4: {}, default_ipv6: {}, all_ipv4_addresses: ['10.0.0.2'] },
  },
  {
    name: 'a gateway of the other family',
    sys: ETH0,
    addresses: '2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\n',
    route4: '8.8.8.8 via inet6 fe80::1 dev eth0 src 10.0.0.2 uid 0\n',
    facts: { default_ipv4: { ...DEFAULT, gateway: 'fe80::1' } },
  },
  {
    name: 'a bridge and a bond with their ports, and a card with its driver',
    sys: [
      ...['br-lan/type:1', 'br-lan/bridge/bridge_id:8000.525400000001', 'br-lan/bridge/stp_state:1'],
      ...['bond0/type:1', 'bond0/bonding/slaves:eth1 eth2', 'bond0/bonding/mode:802.3ad 4'],
      ...['bond0/bonding/miimon:100', 'bond0/bonding/lacp_rate:fast 1', 'bond0/bonding/primary:'],
      ...['bond1/type:1', 'bond1/bonding/mode:active-backup 1', 'bond1/bonding/miimon:0'],
      ...[
        'bond1/bonding/lacp_rate:slow 0',
        'bond1/bonding/primary:eth3',
        'bond1/bonding/all_slaves_active:1',
      ],
      ...['eth1/type:1', 'eth1/bonding_slave/perm_hwaddr:52:54:00:00:00:11', 'eth1/flags:0x1103'],
    ],
    ports: ['/sys/class/net/br-lan/brif/eth5', '/sys/class/net/br-lan/brif/vnet0'],
    links: {
      '/sys/class/net/eth1/device': '../../../0000:00:03.0',
      '/sys/class/net/eth1/device/driver/module': '../../../../module/e1000e',
    },
    facts: {
      // The names as they are, and the keys as templates can say them.
      interfaces: ['br-lan', 'bond0', 'bond1', 'eth1'],
      br_lan: {
        ...{ device: 'br-lan', type: 'bridge', interfaces: ['eth5', 'vnet0'] },
        ...{ id: '8000.525400000001', stp: true },
      },
      bond0: {
        ...{ device: 'bond0', type: 'bonding', slaves: ['eth1', 'eth2'], mode: '802.3ad' },
        ...{ miimon: '100', lacp_rate: 'fast' },
      },
      bond1: {
        ...{ device: 'bond1', type: 'bonding', slaves: [], mode: 'active-backup', miimon: '0' },
        ...{ lacp_rate: 'slow', primary: 'eth3', all_slaves_active: true },
      },
      eth1: {
        ...{ device: 'eth1', type: 'ether', promisc: true, perm_macaddress: '52:54:00:00:00:11' },
        ...{ pciid: '0000:00:03.0', module: 'e1000e' },
      },
    },
  },
  {
    name: 'no `ip`, and no ports',
    sys: ETH0,
    ports: ['/sys/class/net/*/brif/*'],
    facts: { interfaces: ['eth0'], eth0: ETH0_FACTS, default_ipv4: {}, all_ipv4_addresses: [] },
  },
  {
    name: "a device that /sys does not show, which is another namespace's",
    addresses: '7: eth7    inet 10.7.0.2/24 scope global eth7\n',
    facts: {
      interfaces: ['eth7'],
      eth7: {
        device: 'eth7',
        ipv4: {
          address: '10.7.0.2',
          broadcast: '',
          netmask: '255.255.255.0',
          network: '10.7.0.0',
          prefix: '24',
        },
      },
    },
  },
  {
    name: "interfaces that are called as facts are, or as an object's own",
    sys: ['hostname/type:1', 'env/type:1', '__proto__/type:1', 'eth0/type:1'],
    addresses:
      '5: eth0    inet 10.0.0.2/24 scope global eth0\n6: eth0x    inet 10.6.0.2/24 scope global eth0\n',
    facts: { hostname: 'host', env: {}, interfaces: ['hostname', 'env', '__proto__', 'eth0', 'eth0x'] },
  },
];

describe('interfaces', () => {
  test.each(CASES)('$name', ({ sys = [], ports = [], links = {}, facts, ...texts }) => {
    const told = parseFacts(
      factAnswer({
        links,
        sections: {
          net: sys.join('\n'),
          'bridge-ports': ports.join('\n'),
          addresses: texts.addresses ?? '',
          route4: texts.route4 ?? '',
          route6: texts.route6 ?? '',
        },
      }),
    );
    expect(Object.fromEntries(Object.keys(facts).map((name) => [name, told[name]]))).toEqual(facts);
    expect(Object.getPrototypeOf(told)).toBe(Object.prototype);
  });

  test('a line that nobody can read is said', () => {
    const answer = factAnswer({ sections: { addresses: '2: eth0    inet ten scope global eth0\n' } });
    expect(() => parseFacts(answer)).toThrow(/"ten" is no address/);
  });
});
