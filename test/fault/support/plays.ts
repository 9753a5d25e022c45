/** The plays that the faults are tried on. `n` is the host's number. */
export type Task = Readonly<Record<string, unknown>>;

const WEST = { table: 102, dev: 'eth1' };

export const PLAYS = {
  /** Some of everything, to be added, changed and removed; nothing that the connection uses. */
  much: [
    { rt_table: { name: 'west', id: 102 } },
    { sysctls: { 'net.ipv4.conf.eth1.arp_ignore': 1, 'net.ipv4.conf.eth1.arp_announce': 2 } },
    { link: { name: 'eth2', mtu: 1400, alias: 'to the east' } },
    {
      addresses: [
        { address: '10.2.9.{{ n }}/24', dev: 'eth1' },
        { address: '2001:db8:7::{{ n }}/64', dev: 'eth1' },
      ],
    },
    {
      routes: [
        { dst: '10.2.0.0/24', src: '10.2.0.{{ n }}', ...WEST },
        { dst: 'default', via: '10.2.0.254', ...WEST },
        { dst: '10.66.0.0/16', via: '10.3.0.254', dev: 'eth2' },
        { dst: '10.67.0.0/16', table: 200, state: 'absent' },
      ],
    },
    { rule: { from: '10.2.0.{{ n }}', table: 102, priority: 102 } },
    { bridge: { name: 'br7', ports: [], mac: '02:00:00:00:07:{{ n }}' } },
  ],
  /** Takes back what `much` did, all but the names. */
  back: [
    { bridge: { name: 'br7', state: 'absent' } },
    { rule: { from: '10.2.0.{{ n }}', table: 102, priority: 102, state: 'absent' } },
    {
      routes: [
        { dst: '10.67.0.0/16', via: '10.2.0.254', dev: 'eth1', metric: 7, table: 200 },
        { dst: '10.66.0.0/16', via: '10.2.0.254', dev: 'eth1' },
        { dst: 'default', table: 102, state: 'absent' },
        { dst: '10.2.0.0/24', table: 102, state: 'absent' },
      ],
    },
    {
      addresses: [
        { address: '10.2.9.{{ n }}/24', dev: 'eth1', state: 'absent' },
        { address: '2001:db8:7::{{ n }}/64', dev: 'eth1', state: 'absent' },
      ],
    },
    { link: { name: 'eth2', mtu: 1500, alias: null } },
    { sysctls: { 'net.ipv4.conf.eth1.arp_ignore': 0, 'net.ipv4.conf.eth1.arp_announce': 0 } },
  ],
  /** One thing that can't disturb: the ordinary run after a case whose own play must not be made. */
  little: [{ route: { dst: '10.70.0.0/16', via: '10.3.0.254', dev: 'eth2' } }],

  /** For many hosts at once: the running state, and two files. */
  fleet: [
    { rt_table: { name: 'west', id: 102 } },
    { route: { dst: '10.66.0.0/16', via: '10.3.0.254', dev: 'eth2' } },
    { rule: { from: '10.2.0.{{ n }}', table: 200, priority: 102 } },
    { sysctl: { name: 'net.ipv4.conf.eth1.arp_ignore', value: 1 } },
  ],

  wrongRule: [
    { route: { dst: 'default', type: 'blackhole', table: 666 } },
    { rule: { to: '10.9.0.0/24', table: 666, priority: 1 } },
  ],
  ruleThatDrops: [{ rule: { to: '10.9.0.200', action: 'blackhole', priority: 1 } }],
  noDefault: [{ route: { dst: 'default', via: '10.1.0.254', dev: 'eth0', state: 'absent' } }],
  wrongGateway: [{ route: { dst: 'default', via: '10.1.0.253', dev: 'eth0' } }],
  nicDown: [{ link: { name: 'eth0', state: 'down' } }],
  addressGone: [{ address: { address: '10.1.0.{{ n }}/24', dev: 'eth0', state: 'absent' } }],
  addressMoved: [
    { address: { address: '10.1.0.{{ n }}/24', dev: 'eth0', state: 'absent' } },
    { address: { address: '10.1.0.{{ n }}/24', dev: 'eth2' } },
  ],
  bridgeSwallows: [{ bridge: { name: 'br0', ports: ['eth0'] } }],
  strictFilter: [{ sysctl: { name: 'net.ipv4.conf.eth1.rp_filter', value: 1 } }],
  /** The host goes on telling others that it takes packets of 1500 bytes. */
  smallMtu: [
    { route: { dst: 'default', via: '10.1.0.254', dev: 'eth0', advmss: 1460 } },
    { link: { name: 'eth0', mtu: 1280 } },
  ],
  tinyMtu: [
    { route: { dst: 'default', via: '10.1.0.254', dev: 'eth0', advmss: 1460 } },
    { link: { name: 'eth0', mtu: 300 } },
  ],
  otherMac: [{ link: { name: 'eth0', mac: '52:54:00:00:0f:{{ n }}' } }],

  /** A value that the kernel alone can refuse, after other steps. */
  kernelRefusesSysctl: [
    { link: { name: 'eth2', mtu: 1400 } },
    { route: { dst: '10.66.0.0/16', via: '10.3.0.254', dev: 'eth2' } },
    { sysctl: { name: 'net.ipv4.tcp_congestion_control', value: 'nosuch' } },
    { rule: { from: '10.2.0.{{ n }}', table: 200, priority: 102 } },
  ],
  /** The same in the middle of one batch of `ip`, after a route that takes another's place. */
  kernelRefusesRoute: [
    { route: { dst: '10.66.0.0/16', via: '10.3.0.254', dev: 'eth2' } },
    { bridge: { name: 'br7', ports: ['eth2'] } },
    { route: { dst: '10.71.0.0/16', via: '10.2.0.254', dev: 'eth1' } },
    { route: { dst: '10.72.0.0/16', via: '10.2.0.254', dev: 'eth1', congctl: 'nosuch' } },
    { route: { dst: '10.73.0.0/16', via: '10.2.0.254', dev: 'eth1' } },
    { rule: { from: '10.2.0.{{ n }}', table: 200, priority: 102 } },
  ],
  /** What lasts is written when all else is confirmed: nothing may stay of a run whose file can't be. */
  unwritableFile: [
    { route: { dst: '10.66.0.0/16', via: '10.3.0.254', dev: 'eth2' } },
    { sysctl: { name: 'net.ipv4.conf.eth1.arp_ignore', value: 1, file: '/proc/nowhere.conf' } },
  ],
} as const satisfies Record<string, readonly Task[]>;

export type PlayName = keyof typeof PLAYS;
