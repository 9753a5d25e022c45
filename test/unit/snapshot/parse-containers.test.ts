/** Tables as LXC 5, systemd 252, libvirt 9 and 1.2 and iproute2 6.1 print them, through the probe's script. */
import { expect, test } from 'vitest';
import type { ContainerType } from '../../../src/snapshot/containers.js';
import type { Link } from '../../../src/snapshot/model.js';
import { parseContainers } from '../../../src/snapshot/parse-containers.js';
import { snapshotOf } from '../../support/snapshots.js';

const veth = (name: string, index: number, details: Link['details']): [string, Link] => {
  const link = snapshotOf({ links: [name] }).links.get(name);
  if (link === undefined) throw new Error('no link');
  return [name, { ...link, index, kind: 'veth', details }];
};
const LINKS = new Map([
  veth('vweb', 7, { 'link-netnsid': '0' }),
  veth('vdb', 8, { 'link-netns': 'db' }),
  // Its other end is on the host itself.
  veth('alone', 9, {}),
]);

const INSIDE = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0 minmtu 0 maxmtu 0 numtxqueues 1
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host 
       valid_lft forever preferred_lft forever
2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 00:16:3E:01:02:03 brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 0 minmtu 68 maxmtu 65535 
    veth numtxqueues 2 numrxqueues 2 gso_max_size 65536 gso_max_segs 65535 
    inet 10.0.3.5/24 brd 10.0.3.255 scope global dynamic eth0
       valid_lft 3100sec preferred_lft 3100sec
    inet6 2001:DB8::5/64 scope global 
       valid_lft forever preferred_lft forever
    inet6 fe80::216:3eff:fe01:203/64 scope link 
       valid_lft forever preferred_lft forever
`;
const WEB = {
  ...{ name: 'eth0', kind: 'veth', mac: '00:16:3e:01:02:03', host: 'vweb' },
  addresses: ['10.0.3.5', '2001:db8::5'],
};

function parse(type: ContainerType, content: string, code = 0, errors = '') {
  return parseContainers(new Map([[type, { content, code, errors }]]), LINKS);
}

test('a container’s devices from inside, with their other ends and addresses', () => {
  const { all } = parse(
    'lxc',
    `container web running\n${INSIDE}container old stopped\ncontainer own shared\n`,
  );
  expect(all).toEqual([
    { type: 'lxc', name: 'web', running: true, shared: false, devices: [WEB] },
    { type: 'lxc', name: 'old', running: false, shared: false, devices: [] },
    { type: 'lxc', name: 'own', running: true, shared: true, devices: [] },
  ]);
});

test.each([
  ['the other end’s namespace has a name', 'eth0@if8', 'veth numtxqueues 1', 'veth', 'vdb'],
  [
    'the index is that of a link whose other end is on the host',
    'eth0@if9',
    'veth numtxqueues 1',
    'veth',
    null,
  ],
  ['the index is that of none', 'eth0@if77', 'veth numtxqueues 1', 'veth', null],
  ['the other end is in the same namespace', 'eth0@eth1', 'veth numtxqueues 1', 'veth', null],
  ['macvlan: the index is that of the NIC below', 'eth0@if7', 'macvlan mode bridge', 'macvlan', null],
  ['a NIC that was moved in', 'eth0', '', null, null],
])('%s', (_, name, detail, kind, host) => {
  const { all } = parse(
    'netns',
    `container n running\n2: ${name}: <UP> mtu 1500\n    link/ether 00:16:3e:01:02:03 brd ff:ff:ff:ff:ff:ff\n    ${detail} \n`,
  );
  expect(all[0]?.devices).toEqual([{ name: 'eth0', kind, mac: '00:16:3e:01:02:03', host, addresses: [] }]);
});

test.each([
  [
    'libvirt 9',
    `
 Interface   Type      Source    Model    MAC
-------------------------------------------------------------
 vnet0       network   default   virtio   52:54:00:AA:BB:05
 -           bridge    br0       -        52:54:00:aa:bb:06


 Name       MAC address          Protocol     Address
-------------------------------------------------------------------------------
 vnet0      52:54:00:aa:bb:05    ipv4         192.168.122.5/24
 -          -                    ipv6         2001:db8::7/64

`,
  ],
  [
    'libvirt 1.2',
    `Interface  Type       Source     Model       MAC
-------------------------------------------------------
vnet0      network    default    virtio      52:54:00:aa:bb:05
-          bridge     br0        -           52:54:00:aa:bb:06

 Name       MAC address          Protocol     Address
-------------------------------------------------------------------------------
 vnet0      52:54:00:aa:bb:05    ipv4         192.168.122.5/24
 -          -                    ipv6         2001:db8::7/64
`,
  ],
])('a guest’s taps, and the addresses that a lease tells: %s', (_, tables) => {
  const { all } = parse('libvirt', `container db running\n${tables}\ncontainer off stopped\n`);
  expect(all.map(({ name, running }) => `${name} ${running}`)).toEqual(['db true', 'off false']);
  expect(all[0]?.devices).toEqual([
    {
      ...{ name: null, kind: null, mac: '52:54:00:aa:bb:05', host: 'vnet0' },
      addresses: ['192.168.122.5', '2001:db8::7'],
    },
    { name: null, kind: null, mac: '52:54:00:aa:bb:06', host: null, addresses: [] },
  ]);
});

test('a tool that fails is told with its own words, and the others are read all the same', () => {
  const { all, failures } = parseContainers(
    new Map([
      ['libvirt', { content: '', code: 1, errors: 'error: failed to connect to the hypervisor' }],
      ['nspawn', { content: '', code: 3, errors: '' }],
      ['netns', { content: 'container n running\n', code: 0, errors: '' }],
    ]),
    LINKS,
  );
  expect(all.map(({ name }) => name)).toEqual(['n']);
  expect(failures).toEqual([
    { type: 'nspawn', message: 'exit code 3' },
    { type: 'libvirt', message: 'error: failed to connect to the hypervisor' },
  ]);
});
