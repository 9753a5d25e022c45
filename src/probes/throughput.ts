import { formatRate, parseRate } from '../shared/rate.js';
import type { Partner, ProbeKind } from './probe.js';
import { listTools, receiveScript, sendScript, type Transfer } from './transfer.js';

export interface ThroughputParams {
  to: string;
  dest: string;
  min_rate?: string;
  max_rate?: string;
  time?: number;
  bytes?: number;
  port?: number;
  source?: string;
  interface?: string;
}

const DEFAULT_TIME = 3;
/** Some ten Gbit/s for the usual time. */
const DEFAULT_BYTES = 4_000_000_000;
/** Seconds until the connection must stand: a host that is slow to begin is waited for. */
const CONNECT_SECONDS = 8;
/** Seconds for a host to start its tools and end them. */
const MARGIN = 5;
const TOOL_SECONDS = 10;
/** Below the ports that kernels hand out by themselves (ip_local_port_range), above those of services. */
const PORTS = { first: 20_000, count: 10_000 } as const;

/** Zeros over TCP from the host that asks to another one, which counts what arrives. */
export const throughput: ProbeKind<ThroughputParams> = {
  name: 'throughput',
  summary: 'Zeros get from the asking host to another host at the rate that is expected',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['to', 'dest'],
    not: { required: ['source', 'interface'] },
    properties: {
      to: {
        type: 'string',
        minLength: 1,
        description: 'The host of the inventory that receives. For the other direction let that one ask',
        examples: ['client1'],
      },
      dest: {
        type: 'string',
        format: 'ip-address',
        description: 'The address of it to send to: it tells which way is measured',
        examples: ['192.168.2.5'],
      },
      min_rate: {
        type: 'string',
        format: 'rate',
        description:
          "The least that must arrive, in the units of tc. TCP's own bytes alone are counted: of a line's rate 93 to 97 % at best",
        examples: ['90mbit'],
      },
      max_rate: {
        type: 'string',
        format: 'rate',
        description: 'The most that may arrive, where a limit is to be shown to work',
        examples: ['100mbit'],
      },
      time: {
        type: 'integer',
        minimum: 1,
        maximum: 60,
        default: DEFAULT_TIME,
        description: 'Seconds to send for, from the first byte that arrives',
        examples: [10],
      },
      bytes: {
        type: 'integer',
        minimum: 65_536,
        default: DEFAULT_BYTES,
        description:
          'The most to send; with iperf3, which is bounded by time alone, no faster than this in that time',
        examples: [100_000_000],
      },
      port: {
        type: 'integer',
        minimum: 1,
        maximum: 65535,
        description: `The TCP port to listen on; by default any from ${PORTS.first} to ${PORTS.first + PORTS.count - 1}. A firewall must let it in`,
        examples: [5001],
      },
      source: {
        type: 'string',
        format: 'ip-address',
        description: 'The address to send from: one of the asking host itself. Not together with interface',
        examples: ['192.168.1.253'],
      },
      interface: {
        type: 'string',
        format: 'interface',
        description: 'The interface to send by. Needs python, perl or a recent iperf3, and root',
        examples: ['eth2'],
      },
    },
  },
  examples: [
    { throughput: { to: 'client1', dest: '192.168.2.5', min_rate: '90mbit' } },
    {
      throughput: {
        to: 'client1',
        dest: '192.168.2.5',
        source: '192.168.1.253',
        min_rate: '40mbit',
        max_rate: '50mbit',
        time: 5,
      },
    },
  ],
  contradiction: ({ min_rate, max_rate }) => {
    const [least, most] = [rateOf(min_rate), rateOf(max_rate)];
    if (least === undefined || most === undefined || least <= most) return undefined;
    const message = `min_rate: ${min_rate} is more than max_rate, ${max_rate}: no rate can pass`;
    return { path: ['min_rate'], message };
  },
  fromShort: (text) => ({ to: text }),
  describe: ({ to, dest, source, interface: dev }) =>
    [
      `throughput to ${to} (${dest})`,
      ...(source === undefined ? [] : ['from', source]),
      ...(dev === undefined ? [] : ['dev', dev]),
    ].join(' '),
  seconds: ({ time = DEFAULT_TIME }) => CONNECT_SECONDS + time + MARGIN,
  script: () => 'exit 1',
  explain: explainThroughput,
  partner: partnerOf,
};

function partnerOf(params: ThroughputParams): Partner {
  const transfer = transferOf(params);
  const seconds = throughput.seconds(params);
  return {
    param: 'to',
    host: params.to,
    turns: [
      {
        here: { script: listTools('send', transfer), seconds: TOOL_SECONDS },
        there: { script: listTools('receive', transfer), seconds: TOOL_SECONDS },
      },
      {
        here: { script: sendScript(transfer), seconds },
        there: { script: receiveScript(transfer), seconds },
      },
    ],
  };
}

function transferOf(params: ThroughputParams): Transfer {
  const { dest, time = DEFAULT_TIME, bytes = DEFAULT_BYTES, source, interface: dev } = params;
  return {
    dest,
    port: params.port ?? PORTS.first + Math.floor(Math.random() * PORTS.count),
    time,
    bytes,
    connectSeconds: CONNECT_SECONDS,
    min: rateOf(params.min_rate) ?? 0,
    max: rateOf(params.max_rate) ?? 0,
    ...(source !== undefined && { source }),
    ...(dev !== undefined && { dev }),
  };
}

function rateOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseRate(text);
}

/** The measuring side says `rate BITS BYTES HUNDREDTHS TOOL`. */
function explainThroughput(
  words: string,
  passed: boolean,
  { min_rate, max_rate }: ThroughputParams,
): string | undefined {
  const [, rate, bytes, hundredths, tool] = /\brate (\d+) (\d+) (\d+) (\S+)/.exec(words) ?? [];
  if (rate === undefined) return undefined;
  const amount = `${(Number(bytes) / 1e6).toFixed(1)} MB in ${(Number(hundredths) / 100).toFixed(1)} s`;
  const seen = `${formatRate(Number(rate))} (${amount}, by ${tool})`;
  if (passed) return seen;
  const expected = [
    ...(min_rate === undefined ? [] : [`at least ${min_rate}`]),
    ...(max_rate === undefined ? [] : [`at most ${max_rate}`]),
  ];
  return `expected ${expected.join(' and ')}, seen ${seen}`;
}
