import { parseAddress } from '../shared/addr.js';
import { commandLine } from '../shared/shell.js';
import { pingCommand } from './ping.js';
import type { ProbeKind } from './probe.js';
import { lookupCommand, READ_ROUTE } from './route-get.js';

export interface MtuPathParams {
  dest: string;
  min?: number;
  max?: number;
  source?: string;
  timeout?: number;
}

/** Bytes that every path must carry (RFC 791, RFC 8200). */
const LEAST = { 4: 68, 6: 1280 } as const;
/** Bytes of the IP and ICMP headers around a ping's data. */
const HEADERS = { 4: 28, 6: 48 } as const;
/** Steps that halve the sizes up to 65535. */
const STEPS = 16;
const DEFAULT_TIMEOUT = 1;

/** The largest packet that is answered unfragmented, by pings that no router may fragment. */
export const mtuPath: ProbeKind<MtuPathParams> = {
  name: 'mtu_path',
  summary:
    'Packets of the expected size get to an address and back, and none of the routers has to fragment them',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dest'],
    properties: {
      dest: {
        type: 'string',
        format: 'ip-address',
        description: 'Whom to ping. Needs the ping of iputils, since no other can forbid fragmenting',
        examples: ['192.168.2.5'],
      },
      min: {
        type: 'integer',
        minimum: LEAST[4],
        maximum: 65535,
        description:
          'The MTU that the path must have, in bytes with the IP header. Without it the largest that passes is told, and any will do',
        examples: [1500],
      },
      max: {
        type: 'integer',
        minimum: LEAST[4],
        maximum: 65535,
        description: 'The largest size to try; by default the MTU of the device',
        examples: [9000],
      },
      source: {
        type: 'string',
        format: 'ip-address',
        description: 'The address to send from: one of the host itself',
        examples: ['192.168.1.1'],
      },
      timeout: {
        type: 'integer',
        minimum: 1,
        maximum: 10,
        default: DEFAULT_TIMEOUT,
        description:
          'Seconds to wait for an answer to a ping. Each size is tried twice before it counts as too large',
        examples: [2],
      },
    },
  },
  examples: [
    { mtu_path: '192.168.2.5' },
    { mtu_path: { dest: '192.168.2.5', min: 1500, source: '192.168.1.1' } },
  ],
  contradiction: ({ min, max }) =>
    Number(min) > Number(max)
      ? { path: ['min'], message: `min: ${min} is more than max, ${max}: no path can pass` }
      : undefined,
  fromShort: (text) => ({ dest: text }),
  describe: ({ dest, source }) =>
    ['mtu_path', dest, ...(source === undefined ? [] : ['from', source])].join(' '),
  seconds: ({ timeout = DEFAULT_TIMEOUT }) => (STEPS + 2) * (timeout + 1),
  script: mtuScript,
};

/**
 * `probe` sets DF and minds no MTU that was learned before (IP_PMTUDISC_PROBE); a ping before 2023 only knows
 * `do`, which sends nothing above one: that it was learned is then told.
 */
function mtuScript({ dest, min, max, source, timeout = DEFAULT_TIMEOUT }: MtuPathParams): string {
  const family = parseAddress(dest)?.family ?? 4;
  const by = source === undefined ? '' : ` -I ${commandLine([source])}`;
  const least = Math.max(LEAST[family], HEADERS[family]);
  const wanted = min === undefined ? '' : `expected at least ${min}, seen `;
  return `${pingCommand(family === 6)}${READ_ROUTE}set -f
case $($ping -h 2>&1 </dev/null) in *-M*) ;; *)
  echo 'no tool for it on the host: needs the ping of iputils'
  exit 127 ;;
esac
said=$(${lookupCommand({ dst: dest, ...(source !== undefined && { from: source }) })} 2>&1) || {
  echo "${wanted}\${said#RTNETLINK answers: }"
  exit 1
}
read_route $said
read -r top <"/sys/class/net/$dev/mtu"
high=${max ?? '$top'}
learned=$(echo "$said" | sed -n 's/.* expires .* mtu \\([0-9]*\\).*/, \\1 was learned from a router/p')
how=probe
case $($ping -M probe -c 1 -W 1 -s 1 127.0.0.1 2>&1) in *nvalid*) how=do ;; *) learned= ;; esac
passes() {
  for again in 1 2; do
    said=$($ping -n -M $how -c 1 -W ${timeout}${by} -s $(($1 - ${HEADERS[family]})) ${commandLine([dest])} 2>&1) && return
    case $said in *'too long'* | *eeded* | *'too big'*) return 1 ;; esac
  done
  return 1
}
if passes "$high"; then
  low=$high
elif low=${least} && passes $low; then
  while [ $((high - low)) -gt 1 ]; do
    middle=$(((high + low) / 2))
    if passes $middle; then low=$middle; else high=$middle; fi
  done
else
  echo "${wanted}no answer to a packet of any size"
  exit 1
fi
seen="$low (device $dev has $top$learned)"
${min === undefined ? '' : `[ $low -ge ${min} ] || { echo "${wanted}$seen"; exit 1; }\n`}echo "$seen"
`;
}
