import { parseAddress } from '../shared/addr.js';
import { commandLine } from '../shared/shell.js';
import { DEFAULT_TIMEOUT, type ProbeKind, TIMEOUT } from './probe.js';

export interface PingParams {
  dest: string;
  count?: number;
  interface?: string;
  source?: string;
  loss?: number;
  timeout?: number;
}

const DEFAULT_COUNT = 1;

/** ICMP echo requests, by the host's own `ping` (iputils or busybox). */
export const ping: ProbeKind<PingParams> = {
  name: 'ping',
  summary: 'An address answers pings: one at least, or as many as are asked for',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dest'],
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
        description:
          'How many pings to send, one a second. One answer is enough, where loss says nothing else',
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
        description:
          "The address to send from: one of the host itself. Together with interface it needs the ping of iputils, since busybox's takes one of them",
        examples: ['192.168.1.1'],
      },
      loss: {
        type: 'integer',
        minimum: 0,
        maximum: 99,
        description: 'How many of a hundred pings may be lost',
        examples: [0],
      },
      timeout: { ...TIMEOUT, description: 'Seconds to wait for an answer to a ping' },
    },
  },
  examples: [
    { ping: '192.168.1.254' },
    { ping: { dest: '192.168.2.254', source: '192.168.1.1', count: 3, loss: 0 } },
    { ping: { dest: '192.168.1.254', interface: 'eth2', source: '192.168.1.253' } },
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

const ONE_OF_THEM =
  'the ping of this host (busybox) takes an interface or a source, not both: they need the ping of iputils';

function pingScript(params: PingParams): string {
  const { dest, count = DEFAULT_COUNT, timeout = DEFAULT_TIMEOUT, interface: dev, source, loss } = params;
  const by = [source, dev].flatMap((one) => (one === undefined ? [] : ['-I', one]));
  const words = commandLine(['-n', '-c', String(count), '-W', String(timeout), ...by, dest]);
  const is6 = [dest, source ?? ''].some((text) => parseAddress(text)?.family === 6);
  const both =
    source === undefined || dev === undefined
      ? ''
      : `case $($ping --help 2>&1) in *BusyBox*) echo ${commandLine([ONE_OF_THEM])}; exit 127 ;; esac\n`;
  const run = loss === undefined ? `exec $ping ${words}\n` : countedPing(words, loss);
  return `${pingCommand(is6)}${both}${run}`;
}

/**
 * Shell text that leaves in $ping the command for a family: old iputils have a `ping6` of its own; the newest
 * have none, and `ping -6`.
 */
export function pingCommand(is6: boolean): string {
  if (!is6) return 'ping=ping\n';
  return "if command -v ping6 >/dev/null 2>&1; then ping=ping6; else ping='ping -6'; fi\n";
}

/** ping itself says yes to one answer. Its summary is the same in iputils and busybox, but for a word. */
function countedPing(words: string, loss: number): string {
  return `said=$($ping ${words} 2>&1)
rc=$?
echo "$said"
set -- $(echo "$said" | sed -n 's/^\\([0-9]*\\) packets transmitted, \\([0-9]*\\) .*/\\1 \\2/p')
[ -n "$2" ] || exit $rc
[ $((($1 - $2) * 100)) -le $((${loss} * $1)) ]
`;
}

function explainPing(words: string, passed: boolean, { loss }: PingParams): string | undefined {
  const [, sent, got] = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(words) ?? [];
  if (passed) return sent === undefined ? undefined : answered(words, sent, got ?? '0');
  if (got !== undefined && got !== '0') {
    const lost = Number(sent) - Number(got);
    return `expected at most ${loss}% lost, seen ${lost} of ${sent} lost`;
  }
  const unreachable = /(?:Destination|Network|Host|Packet)[a-z ]* (?:[Uu]nreachable|filtered)[a-z ]*/i.exec(
    words,
  );
  if (unreachable !== null) return unreachable[0].trim();
  return sent === undefined ? undefined : `no answer to ${sent === '1' ? 'a ping' : `${sent} pings`}`;
}

/** `rtt min/avg/max/mdev = 0.03/0.04/…` of iputils, `round-trip min/avg/max = …` of busybox. */
function answered(words: string, sent: string, got: string): string {
  const [, average] = /= [\d.]+\/([\d.]+)\//.exec(words) ?? [];
  return `${got} of ${sent} answered${average === undefined ? '' : `, ${Number(average)} ms`}`;
}
