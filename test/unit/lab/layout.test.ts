import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLab } from '../../../src/lab/check.js';
import { expandHosts } from '../../../src/lab/expand.js';
import { layOut, routeArgs, sysctlPath } from '../../../src/lab/layout.js';

describe('ranges', () => {
  test('a range makes many hosts, zeroes kept in the name alone', () => {
    const made = expandHosts({
      'web[08:10].lan': {
        vars: { id: '{n}', deep: [{ x: 'a{n}b' }] },
        run: ['echo {n} ${n}'],
        nics: { 'eth{n}': { switch: 's' } },
      },
    });
    expect(made.map(({ name }) => name)).toEqual(['web08.lan', 'web09.lan', 'web10.lan']);
    expect(made[0]?.spec).toEqual({
      vars: { id: '8', deep: [{ x: 'a8b' }] },
      run: ['echo 8 ${n}'],
      nics: { eth8: { switch: 's' } },
    });
  });
});

test.each([
  ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
  ['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
  ['net.ipv4.conf.eth0/100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
  ['net/ipv4/conf/eth0.100/rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
])('the sysctl %s is the file %s', (name, path) => {
  expect(sysctlPath(name)).toBe(path);
});

test.each([
  [{ dst: 'default', via: '10.0.0.1', dev: 'eth0', onlink: true }, 'default via 10.0.0.1 dev eth0 onlink'],
  [
    { dst: '10.1.0.0/16', type: 'blackhole', table: 100, metric: 0 },
    'blackhole 10.1.0.0/16 table 100 metric 0',
  ],
  [{ dst: '10.1.0.0/16', dev: 'eth0', onlink: false }, '10.1.0.0/16 dev eth0'],
  ['default  via 10.0.0.1 ', 'default via 10.0.0.1'],
])('the route %j is `ip route add %s`', (route, words) => {
  expect(routeArgs(route).join(' ')).toBe(words);
});

describe('layout', () => {
  test('a host with sshd gets a management NIC, one without does not', () => {
    const { controller, hosts, switches } = layOut({ hosts: { a: {}, b: { ssh: false }, c: {} } }, 'x');
    const addresses = [controller, ...hosts].map(({ nics }) => nics.flatMap((nic) => nic.addresses));
    expect(addresses).toEqual([['10.213.0.1/16'], ['10.213.0.2/16'], [], ['10.213.0.3/16']]);
    expect(hosts.map(({ sshAddress }) => sshAddress)).toEqual(['10.213.0.2', null, '10.213.0.3']);
    expect(switches).toEqual(['management']);
  });

  test('without management the controller reaches a host by its address in the controller’s network', () => {
    const { controller, hosts, switches } = layOut(
      {
        management: false,
        controller: { switch: 'lan', address: '10.1.0.9/24', routes: ['default via 10.1.0.1'] },
        hosts: {
          a: {
            nics: {
              eth0: { switch: 'other', addresses: ['10.1.0.7/24'] },
              eth1: { switch: 'lan', addresses: ['10.2.0.1/24', '10.1.0.1/24'] },
            },
          },
          far: { ssh: '10.2.0.2', nics: { eth0: { switch: 'other' } } },
        },
      },
      'x',
    );
    expect(hosts.map(({ sshAddress }) => sshAddress)).toEqual(['10.1.0.1', '10.2.0.2']);
    expect(controller.nics.map(({ addresses }) => addresses)).toEqual([['10.1.0.9/24']]);
    expect(controller.routes).toEqual([['default', 'via', '10.1.0.1']]);
    expect(switches).toEqual(['lan', 'other']);
  });

  test('whatever the size: ports and MACs are unique, management addresses too, and two layouts are equal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 3 }), (count, nicCount) => {
        const names = Array.from({ length: nicCount }, (_, index) => `eth${index}`);
        const nics = Object.fromEntries(names.map((name) => [name, { switch: 'lan' }]));
        const spec = { management: '10.255.254.0/23', hosts: { [`h[1:${count}]`]: { nics } } };
        expect(checkLab(spec)).toEqual([]);
        const layout = layOut(spec, 'x');
        const all = [layout.controller, ...layout.hosts].flatMap((node) => node.nics);
        expect(all).toHaveLength(count * (nicCount + 1) + 1);
        expect(new Set(all.map(({ port }) => port)).size).toBe(all.length);
        expect(new Set(all.map(({ mac }) => mac)).size).toBe(all.length);
        expect(new Set(all.flatMap(({ addresses }) => addresses)).size).toBe(count + 1);
        // Locally administered, unicast: any other first byte is somebody's or a group's.
        expect(all.filter(({ mac }) => !/^02(:[0-9a-f]{2}){5}$/.test(mac))).toEqual([]);
        expect(layOut(spec, 'x')).toEqual(layout);
      }),
      { numRuns: 30 },
    );
  });

  test('a given MAC is taken in the kernel’s spelling', () => {
    const { hosts } = layOut(
      { hosts: { a: { nics: { e: { switch: 's', mac: '52-54-00-AA-00-E0' } } } } },
      'x',
    );
    expect(hosts[0]?.nics[0]?.mac).toBe('52:54:00:aa:00:e0');
  });
});
