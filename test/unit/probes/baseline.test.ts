import { expect, test } from 'vitest';
import { baselineProbes } from '../../../src/probes/baseline.js';
import { type Host, snapshotOf } from '../../support/snapshots.js';

const RESOLV = '/etc/resolv.conf';
const resolvers = (content: string): Host => ({ files: { [RESOLV]: { content, mode: '644' } } });

const cases: [what: string, host: Host, labels: string[]][] = [
  ['a host without anything', {}, []],
  [
    'no default route with a gateway',
    { routes4: 'default dev eth0 scope link\n10.0.0.0/8 via 10.0.0.1 dev eth0' },
    [],
  ],
  [
    'both families; an IPv6 gateway that is link-local by its device',
    {
      routes4: 'default via 192.168.1.254 dev eth0\nunicast 192.168.1.0/24 dev eth0 scope link',
      routes6: 'default via fe80::1 dev eth0 metric 1024\n2001:db8::/64 dev eth0 metric 256',
    },
    ['ping 192.168.1.254 (default gateway)', 'ping fe80::1 dev eth0 (default gateway)'],
  ],
  [
    'the lowest metric with a gateway, and the main table alone',
    {
      routes4: [
        'default dev eth2 scope link',
        'default via 10.0.0.2 dev eth1 metric 200',
        'default via 10.0.0.1 dev eth0 metric 100',
        'default via 10.0.0.3 dev eth0 table 100',
      ].join('\n'),
    },
    ['ping 10.0.0.1 (default gateway)'],
  ],
  [
    'every next hop of a multipath route, each once',
    {
      routes4:
        'default \n\tnexthop via 10.0.0.1 dev eth0 weight 1 \n\tnexthop via 10.1.0.1 dev eth1 weight 1 \n\tnexthop via 10.0.0.1 dev eth2 weight 1',
    },
    ['ping 10.0.0.1 (default gateway)', 'ping 10.1.0.1 (default gateway)'],
  ],
  ['an unreachable default', { routes4: 'unreachable default metric 4278198272' }, []],
  [
    'resolvers, but not those on the host itself',
    {
      addresses: ['eth0 192.168.1.1/24'],
      ...resolvers(
        '# nameserver 9.9.9.9\nsearch example.org\nnameserver 127.0.0.53\nnameserver\t192.168.1.1\nnameserver 192.168.1.53 # lan\n',
      ),
    },
    ['ping 192.168.1.53 (resolver)'],
  ],
  [
    'the first three, as resolvers do, in canonical spelling and with their zone',
    resolvers(
      'nameserver 2001:DB8:0::53\nnameserver fe80::53%eth0\n nameserver 10.0.0.9\nnameserver nonsense\nnameserver 10.0.0.1\nnameserver 10.0.0.2',
    ),
    ['ping 2001:db8::53 (resolver)', 'ping fe80::53 dev eth0 (resolver)', 'ping 10.0.0.1 (resolver)'],
  ],
  [
    'a gateway that is the resolver too, once',
    { routes4: 'default via 10.0.0.1 dev eth0', ...resolvers('nameserver 10.0.0.1\n') },
    ['ping 10.0.0.1 (default gateway)'],
  ],
  ['no resolv.conf', { files: { [RESOLV]: null } }, []],
];
test.each(cases)('%s', (_what, host, labels) => {
  expect(baselineProbes(snapshotOf(host)).map(({ label }) => label)).toEqual(labels);
});
