/** Each kind of probe: what it takes, in its short and its long form, and what it comes to. */
import { describe, expect, test } from 'vitest';
import { arpOwner } from '../../../src/probes/arp-owner.js';
import { command } from '../../../src/probes/command.js';
import { dns } from '../../../src/probes/dns.js';
import { mtuPath } from '../../../src/probes/mtu-path.js';
import { probeViolations } from '../../../src/probes/params.js';
import { ping } from '../../../src/probes/ping.js';
import { makeProbe } from '../../../src/probes/probe.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { routeGet } from '../../../src/probes/route-get.js';
import { symmetric } from '../../../src/probes/symmetric.js';
import { tcpConnect } from '../../../src/probes/tcp-connect.js';
import { throughput } from '../../../src/probes/throughput.js';

const kindOf = (name: string) => {
  const kind = probeKinds.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new Error(`no probe ${name}`);
  return kind;
};

const long = (name: string, params: unknown): unknown =>
  typeof params === 'string' ? kindOf(name).fromShort(params) : params;

const faults = (name: string, params: unknown): string[] =>
  probeViolations(kindOf(name), long(name, params), { templates: false }).map(({ message }) => message);

test.each(probeKinds.flatMap(({ examples }) => examples.flatMap((example) => Object.entries(example))))(
  'the example %s: %j is taken',
  (name, params) => expect(faults(name, params)).toEqual([]),
);

const shorts: [name: string, text: string, params: unknown][] = [
  ['ping', '10.0.0.1', { dest: '10.0.0.1' }],
  ['tcp_connect', '10.0.0.1:22', { host: '10.0.0.1', port: 22 }],
  ['tcp_connect', ' gw.example.org:443 ', { host: 'gw.example.org', port: 443 }],
  ['tcp_connect', '[2001:db8::1]:22', { host: '2001:db8::1', port: 22 }],
  ['command', 'true && ip route', { cmd: 'true && ip route' }],
  ['dns', 'gw.example.org', { name: 'gw.example.org' }],
  ['mtu_path', '10.0.0.1', { dest: '10.0.0.1' }],
  ['route_get', '10.0.0.1', { dst: '10.0.0.1' }],
];
test.each(shorts)('%s: %s', (name, text, params) => {
  expect(kindOf(name).fromShort(text)).toEqual(params);
  expect(faults(name, text)).toEqual([]);
});

const HOST = 'must be the address or name of a host, such as 192.168.1.1, 2001:db8::1 or gw.example.org';
const wrong: [name: string, params: unknown, faults: string[]][] = [
  [
    'mtu_path',
    { dest: '10.0.0.1', min: 1500, max: 1400 },
    ['min: 1500 is more than max, 1400: no path can pass'],
  ],
  [
    'throughput',
    { to: 'b', dest: '10.0.0.1', min_rate: '1gbit', max_rate: '100mbps' },
    ['min_rate: 1gbit is more than max_rate, 100mbps: no rate can pass'],
  ],
  ['ping', '10.0.0.256', [`dest: ${HOST}, not '10.0.0.256'`]],
  ['ping', '10.1', [`dest: ${HOST}, not '10.1'`]],
  ['ping', '-f 10.0.0.1', [`dest: ${HOST}, not '-f 10.0.0.1'`]],
  ['ping', 'fe80::1%eth0', [`dest: ${HOST}, not 'fe80::1%eth0'`]],
  ['ping', {}, ["missing parameter 'dest'"]],
  ['ping', ['10.0.0.1'], ['ping: must be a map, not a list']],
  ['ping', { dest: 'gw', count: 0 }, ['count: must be from 1 to 60, not 0']],
  ['ping', { dest: 'gw', timeout: 1.5 }, ['timeout: must be a whole number, not 1.5']],
  ['ping', { dest: 'gw', loss: 100 }, ['loss: must be from 0 to 99, not 100']],
  ['route_get', { dst: '10.0.0.1', iif: 'eth0' }, ["'iif' needs 'from' as well"]],
  ['route_get', 'gw', ["dst: must be an IPv4 or IPv6 address, such as 192.168.1.1 or 2001:db8::1, not 'gw'"]],
  ['arp_owner', '10.0.0.1', ["missing parameter 'dev'"]],
  [
    'arp_owner',
    { address: '10.0.0.1', dev: 'eth0', owner: 'a', owner_dev: 'eth0', mac: '02:00:00:00:00:01' },
    ["'mac' and 'owner' can't be given together"],
  ],
  ['arp_owner', { address: '10.0.0.1', dev: 'eth0', owner: 'a' }, ["'owner' needs 'owner_dev' as well"]],
  [
    'dns',
    { name: 'gw', addresses: '10.0.0.1,10.0.0' },
    [
      "addresses: must be an address or several with commas between them, such as 192.0.2.80,2001:db8::80, not '10.0.0.1,10.0.0'",
    ],
  ],
  ['symmetric', { address: '10.0.0.1', dev: 'eth0' }, ["missing parameter 'peer'"]],
  ['throughput', { to: 'a' }, ["missing parameter 'dest'"]],
  [
    'throughput',
    { to: 'a', dest: '10.0.0.1', min_rate: '100mb' },
    [
      "min_rate: must be a rate as tc spells it, such as 100mbit (bits per second) or 12mbps (bytes per second), not '100mb'",
    ],
  ],
  [
    'throughput',
    { to: 'a', dest: '10.0.0.1', source: '10.0.0.2', interface: 'eth0' },
    ["'source' and 'interface' can't be given together"],
  ],
  ['tcp_connect', '10.0.0.1', ["missing parameter 'port'"]],
  ['tcp_connect', '10.0.0.1:70000', ['port: must be from 1 to 65535, not 70000']],
  ['tcp_connect', '2001:db8::1:22', ["missing parameter 'port'"]],
  ['tcp_connect', { host: 'a b', port: 1 }, [`host: ${HOST}, not 'a b'`]],
  ['command', '', ["cmd: must be some text, not ''"]],
  ['command', { cmd: 'true', timeout: 301 }, ['timeout: must be from 1 to 300, not 301']],
];
test.each(wrong)('%s: %j is refused', (name, params, expected) => {
  expect(faults(name, params)).toEqual(expected);
});

const labels: [label: string, expected: string][] = [
  [ping.describe({ dest: '10.0.0.1' }), 'ping 10.0.0.1'],
  [ping.describe({ dest: 'fe80::1', interface: 'eth0' }), 'ping fe80::1 dev eth0'],
  [ping.describe({ dest: '10.0.0.1', source: '10.0.0.2' }), 'ping 10.0.0.1 from 10.0.0.2'],
  [tcpConnect.describe({ host: 'gw', port: 22 }), 'tcp_connect gw:22'],
  [tcpConnect.describe({ host: '::1', port: 22, source: '::2' }), 'tcp_connect [::1]:22 from ::2'],
  [
    ping.describe({ dest: '10.0.0.1', source: '10.0.0.2', interface: 'eth2' }),
    'ping 10.0.0.1 from 10.0.0.2 dev eth2',
  ],
  [
    routeGet.describe({ dst: '10.0.0.1', from: '10.0.0.2', iif: 'v0', mark: '1' }),
    'route_get 10.0.0.1 from 10.0.0.2 iif v0 mark 1',
  ],
  [arpOwner.describe({ address: '10.0.0.1', dev: 'eth0' }), 'arp_owner 10.0.0.1 by eth0'],
  [dns.describe({ name: 'gw', server: '10.0.0.53' }), 'dns gw of 10.0.0.53'],
  [mtuPath.describe({ dest: '10.0.0.1', source: '10.0.0.2' }), 'mtu_path 10.0.0.1 from 10.0.0.2'],
  [
    symmetric.describe({ address: '10.0.0.1', dev: 'eth2', peer: '10.1.0.1' }),
    'symmetric 10.0.0.1 by eth2 for 10.1.0.1',
  ],
  [
    throughput.describe({ to: 'b', dest: '10.0.0.1', source: '10.0.0.2' }),
    'throughput to b (10.0.0.1) from 10.0.0.2',
  ],
  [command.describe({ cmd: ' a\n  b ' }), 'a b'],
  [command.describe({ cmd: 'x'.repeat(61) }), `${'x'.repeat(60)}…`],
];
test.each(labels)('it is called %s', (label, expected) => expect(label).toBe(expected));

test('a name of the user stands before the own one', () =>
  expect(makeProbe(ping, { dest: '10.0.0.1' }, 'the gateway').label).toBe('the gateway'));

test('one try is bounded: by the time-out, and for ping by one second a ping besides', () => {
  expect(ping.seconds({ dest: 'gw' })).toBe(3);
  expect(ping.seconds({ dest: 'gw', count: 4, timeout: 5 })).toBe(9);
  expect(tcpConnect.seconds({ host: 'gw', port: 1 })).toBe(2);
  expect(command.seconds({ cmd: 'true', timeout: 7 })).toBe(7);
});

describe('the last words', () => {
  const said: [words: string, explained: string | undefined][] = [
    ['1 packets transmitted, 0 received, 100% packet loss, time 0ms', 'no answer to a ping'],
    ['3 packets transmitted, 0 packets received, 100% packet loss', 'no answer to 3 pings'],
    [
      'From 10.0.0.2 icmp_seq=1 Destination Host Unreachable --- 10.0.0.1 ping statistics --- 1 packets transmitted, 0 received, +1 errors',
      'Destination Host Unreachable',
    ],
    ['ping: connect: Network is unreachable', 'Network is unreachable'],
    ['ping: no: Name or service not known', undefined],
  ];
  test.each(said)('of ping: %s', (words, explained) =>
    expect(ping.explain?.(words, false, { dest: 'gw' })).toBe(explained),
  );

  test('of ping: more lost than may be', () => {
    const words = '20 packets transmitted, 17 received, 15% packet loss, time 19403ms';
    expect(ping.explain?.(words, false, { dest: 'gw', loss: 10 })).toBe(
      'expected at most 10% lost, seen 3 of 20 lost',
    );
  });

  const answered: [words: string, explained: string][] = [
    [
      '2 packets transmitted, 2 received, 0% packet loss, time 1001ms rtt min/avg/max/mdev = 0.031/0.045/0.060/0.014 ms',
      '2 of 2 answered, 0.045 ms',
    ],
    [
      '2 packets transmitted, 1 packets received, 50% packet loss round-trip min/avg/max = 12.250/12.500/13.000 ms',
      '1 of 2 answered, 12.5 ms',
    ],
  ];
  test.each(answered)('of ping that passed: %s', (words, explained) =>
    expect(ping.explain?.(words, true, { dest: 'gw' })).toBe(explained),
  );

  const rates: [passed: boolean, explained: string][] = [
    [true, '47.7mbit (17.9 MB in 3.0 s, by nc)'],
    [false, 'expected at least 90mbit and at most 100mbit, seen 47.7mbit (17.9 MB in 3.0 s, by nc)'],
  ];
  test.each(rates)('of throughput that passed or not: %s', (passed, explained) => {
    const params = { to: 'b', dest: '10.0.0.1', min_rate: '90mbit', max_rate: '100mbit' };
    expect(throughput.explain?.('rate 47733333 17900000 300 nc', passed, params)).toBe(explained);
  });

  const connects: [words: string, explained: string | undefined][] = [
    [
      'bash: connect: Connection refused bash: line 1: /dev/tcp/127.0.0.1/1: Connection refused',
      'Connection refused',
    ],
    ["nc: can't connect to remote host (127.0.0.1): Connection refused", 'Connection refused'],
    ['nc: connect to 10.0.0.1 port 1 (tcp) failed: No route to host', 'No route to host'],
    ['no tool for it on the host: needs nc or bash', undefined],
  ];
  test.each(connects)('of tcp_connect: %s', (words, explained) =>
    expect(tcpConnect.explain?.(words, false, { host: 'gw', port: 1 })).toBe(explained),
  );
});
