import { parseAddress } from '../shared/addr.js';
import { commandLine } from '../shared/shell.js';
import { DEFAULT_TIMEOUT, type ProbeKind, TIMEOUT } from './probe.js';

export interface PingParams {
  dest: string;
  count?: number;
  interface?: string;
  source?: string;
  timeout?: number;
}

const DEFAULT_COUNT = 1;

/** ICMP echo requests, by the host's own `ping` (iputils or busybox). */
export const ping: ProbeKind<PingParams> = {
  name: 'ping',
  summary: 'An address answers at least one ping',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dest'],
    not: { required: ['interface', 'source'] },
    properties: {
      dest: {
        type: 'string',
        format: 'host',
        description: 'Whom to ping: an address, or a name that the host can resolve',
        examples: ['192.168.1.254'],
      },
      count: {
        type: 'integer',
        minimum: 1,
        maximum: 60,
        default: DEFAULT_COUNT,
        description: 'How many pings to send, one a second. One answer is enough',
        examples: [3],
      },
      interface: {
        type: 'string',
        format: 'interface',
        description: 'The interface to send by. An IPv6 link-local address needs it',
        examples: ['eth0'],
      },
      source: {
        type: 'string',
        format: 'ip-address',
        description: 'The address to send from: one of the host itself. Not together with interface',
        examples: ['192.168.1.1'],
      },
      timeout: { ...TIMEOUT, description: 'Seconds to wait for an answer to a ping' },
    },
  },
  examples: [
    { ping: '192.168.1.254' },
    { ping: { dest: '192.168.2.254', source: '192.168.1.1', count: 3 } },
    { ping: { dest: 'fe80::1', interface: 'eth0' } },
  ],
  fromShort: (text) => ({ dest: text }),
  describe: ({ dest, interface: dev, source }) =>
    [
      'ping',
      dest,
      ...(source === undefined ? [] : ['from', source]),
      ...(dev === undefined ? [] : ['dev', dev]),
    ].join(' '),
  // One second more than ping waits by itself, so that it is ping that says what happened.
  seconds: ({ count = DEFAULT_COUNT, timeout = DEFAULT_TIMEOUT }) => count + timeout,
  script: pingScript,
  explain: explainPing,
};

/** Old iputils have a `ping6` of its own; the newest have none, and `ping -6`. */
function pingScript(params: PingParams): string {
  const { dest, count = DEFAULT_COUNT, timeout = DEFAULT_TIMEOUT, interface: dev, source } = params;
  const by = source ?? dev;
  const words = commandLine([
    '-n',
    '-c',
    String(count),
    '-W',
    String(timeout),
    ...(by === undefined ? [] : ['-I', by]),
    dest,
  ]);
  const is6 = [dest, source ?? ''].some((text) => parseAddress(text)?.family === 6);
  if (!is6) return `exec ping ${words}`;
  return `if command -v ping6 >/dev/null 2>&1; then exec ping6 ${words}; else exec ping -6 ${words}; fi`;
}

function explainPing(words: string): string | undefined {
  const unreachable = /(?:Destination|Network|Host|Packet)[a-z ]* (?:[Uu]nreachable|filtered)[a-z ]*/i.exec(
    words,
  );
  if (unreachable !== null) return unreachable[0].trim();
  const sent = /(\d+) packets transmitted, 0 (?:packets )?received/.exec(words);
  return sent === null ? undefined : `no answer to ${sent[1] === '1' ? 'a ping' : `${sent[1]} pings`}`;
}
