/** Each kind of probe: what it takes, in its short and its long form, and what it comes to. */
import { describe, expect, test } from 'vitest';
import { command } from '../../../src/probes/command.js';
import { ping } from '../../../src/probes/ping.js';
import { makeProbe } from '../../../src/probes/probe.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { tcpConnect } from '../../../src/probes/tcp-connect.js';
import { validateParams } from '../../../src/resources/validate.js';

const kindOf = (name: string) => {
  const kind = probeKinds.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new Error(`no probe ${name}`);
  return kind;
};

const long = (name: string, params: unknown): unknown =>
  typeof params === 'string' ? kindOf(name).fromShort(params) : params;

const faults = (name: string, params: unknown): string[] =>
  validateParams(kindOf(name), long(name, params), { templates: false }).map(({ message }) => message);

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
];
test.each(shorts)('%s: %s', (name, text, params) => {
  expect(kindOf(name).fromShort(text)).toEqual(params);
  expect(faults(name, text)).toEqual([]);
});

const HOST = 'must be the address or name of a host, such as 192.168.1.1, 2001:db8::1 or gw.example.org';
const wrong: [name: string, params: unknown, faults: string[]][] = [
  ['ping', '10.0.0.256', [`dest: ${HOST}, not '10.0.0.256'`]],
  ['ping', '10.1', [`dest: ${HOST}, not '10.1'`]],
  ['ping', '-f 10.0.0.1', [`dest: ${HOST}, not '-f 10.0.0.1'`]],
  ['ping', 'fe80::1%eth0', [`dest: ${HOST}, not 'fe80::1%eth0'`]],
  ['ping', {}, ["missing parameter 'dest'"]],
  ['ping', ['10.0.0.1'], ['ping: must be a map, not a list']],
  ['ping', { dest: 'gw', count: 0 }, ['count: must be from 1 to 60, not 0']],
  ['ping', { dest: 'gw', timeout: 1.5 }, ['timeout: must be a whole number, not 1.5']],
  [
    'ping',
    { dest: 'gw', interface: 'eth0', source: '10.0.0.1' },
    ["'interface' and 'source' can't be given together"],
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
  test.each(said)('of ping: %s', (words, explained) => expect(ping.explain?.(words)).toBe(explained));

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
    expect(tcpConnect.explain?.(words)).toBe(explained),
  );
});
