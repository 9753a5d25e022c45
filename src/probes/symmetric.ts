import { parseAddress } from '../shared/addr.js';
import { commandLine, quote } from '../shared/shell.js';
import { pingCommand } from './ping.js';
import type { Partner, ProbeKind } from './probe.js';
import { lookupCommand, READ_ROUTE } from './route-get.js';

export interface SymmetricParams {
  address: string;
  dev: string;
  peer: string;
  iif?: string;
  client?: string;
  count?: number;
}

const DEFAULT_COUNT = 10;
/** Seconds for lookups and counters. */
const LOOK_SECONDS = 3;
/** Seconds between two pings: the least that those who are not root may ask for. */
const INTERVAL = 0.2;

/** Both ways of a packet's path through the host: by the kernel's own lookups, and by real pings from outside. */
export const symmetric: ProbeKind<SymmetricParams> = {
  name: 'symmetric',
  summary:
    'What comes in by an interface for an address is taken, and the reply leaves by the same interface',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['address', 'dev', 'peer'],
    dependencies: { count: ['client'] },
    properties: {
      address: {
        type: 'string',
        format: 'ip-address',
        description: "The address that is asked: the host's own, or with iif that of a container behind it",
        examples: ['192.168.1.253'],
      },
      dev: {
        type: 'string',
        format: 'interface',
        description: 'The interface by which packets for it are to come in and leave',
        examples: ['eth2'],
      },
      peer: {
        type: 'string',
        format: 'ip-address',
        description: 'The address of who asks it',
        examples: ['192.168.2.5'],
      },
      iif: {
        type: 'string',
        format: 'interface',
        description: "The interface behind which the address is, where it is not the host's own",
        examples: ['venet0'],
      },
      client: {
        type: 'string',
        minLength: 1,
        description:
          "The host of the inventory that has the peer's address. Where it is given, it sends pings, and the interface's counters must show them in both directions",
        examples: ['client1'],
      },
      count: {
        type: 'integer',
        minimum: 5,
        maximum: 100,
        default: DEFAULT_COUNT,
        description:
          'How many pings the client sends, five a second. On an interface with much other traffic counters tell little: the lookups are then what counts',
        examples: [20],
      },
    },
  },
  examples: [
    { symmetric: { address: '192.168.1.253', dev: 'eth2', peer: '192.168.2.5' } },
    { symmetric: { address: '192.168.1.253', dev: 'eth2', peer: '192.168.2.5', client: 'client1' } },
    { symmetric: { address: '10.5.0.101', dev: 'eth3', peer: '192.168.2.5', iif: 'venet0' } },
  ],
  fromShort: (text) => ({ address: text }),
  describe: ({ address, dev, peer }) => `symmetric ${address} by ${dev} for ${peer}`,
  seconds: () => LOOK_SECONDS,
  script: (params) => `${lookups(params)}echo "$taken; $leaves"\n`,
  partner: partnerOf,
};

function partnerOf(params: SymmetricParams): Partner | undefined {
  const { client, count = DEFAULT_COUNT } = params;
  if (client === undefined) return undefined;
  return {
    param: 'client',
    host: client,
    turns: [
      { here: { script: `${lookups(params)}${COUNTERS}counters\n`, seconds: LOOK_SECONDS } },
      { there: { script: pings(params, count), seconds: count + LOOK_SECONDS } },
      { here: { script: compared(params, count), seconds: LOOK_SECONDS } },
    ],
  };
}

/**
 * Leaves in $taken and $leaves what the kernel would do with a packet and with its reply; ends where that is not as it should be.
 * The first lookup goes through the reverse-path filter, as a packet does.
 */
function lookups({ address, dev, peer, iif }: SymmetricParams): string {
  const forward = lookupCommand({ dst: address, from: peer, iif: dev });
  const back = lookupCommand({ dst: peer, from: address, iif });
  const request = `a packet from ${peer} that comes in by ${dev}`;
  const test = iif === undefined ? '[ "$type" = local ]' : `[ "$dev" = ${quote(iif)} ]`;
  return `${READ_ROUTE}set -f
wrong() {
  echo "$1"
  exit 1
}
said=$(${forward} 2>&1) || wrong ${quote(`expected ${request} to be taken, seen that it is dropped`)}" (\${said#RTNETLINK answers: })"
read_route $said
${test} || wrong ${quote(`expected ${request} to go to ${iif ?? 'the host itself'}, seen`)}" $seen"
taken=${quote(`${request} is taken`)}
said=$(${back} 2>&1) || wrong ${quote(`expected the reply to leave by dev ${dev}, seen`)}" \${said#RTNETLINK answers: }"
read_route $said
[ "$dev" = ${quote(dev)} ] || wrong ${quote(`expected the reply to leave by dev ${dev}, seen`)}" $seen"
leaves="the reply leaves by $seen"
`;
}

/** Prints for each interface its name and the packets that it received and sent. */
const COUNTERS = `counters() {
  while IFS=: read -r name numbers; do
    [ -n "$numbers" ] || continue
    set -- $numbers
    echo $name $2 \${10}
  done </proc/net/dev
}
`;

/** A ping that can't be told the interval, as busybox's before 1.33, takes a second for each. */
function pings({ address, peer }: SymmetricParams, count: number): string {
  const is6 = parseAddress(address)?.family === 6;
  const words = commandLine(['-n', '-q', '-c', String(count), '-W', '2', '-I', peer, address]);
  const expected = quote(`expected ${address} to answer ${count} pings of ${peer}, seen`);
  return `${pingCommand(is6)}case $($ping -h 2>&1 </dev/null) in *-i*) ping="$ping -i ${INTERVAL}" ;; esac
said=$($ping ${words} 2>&1)
case $said in
  *' ${count} received'* | *' ${count} packets received'*) ;;
  *transmitted*)
    echo ${expected} $(echo "$said" | sed -n 's/.*transmitted, \\([0-9]* .*received\\).*/\\1/p')
    exit 1 ;;
  *) echo "$said"; exit 1 ;;
esac
`;
}

/** $here holds the counters from before. Another interface is named where its counters rose by as many packets. */
function compared(params: SymmetricParams, count: number): string {
  const { dev } = params;
  return `${lookups(params)}${COUNTERS}dev=${quote(dev)}
ins= outs= others_in= others_out=
look() {
  set -- $here
  while [ $# -gt 2 ]; do
    [ "$1" != "$name" ] || { before_in=$2; before_out=$3; return; }
    shift 3
  done
  before_in=0 before_out=0
}
while read -r name now_in now_out; do
  look
  more_in=$((now_in - before_in)) more_out=$((now_out - before_out))
  if [ "$name" = "$dev" ]; then
    ins=$more_in outs=$more_out
  elif [ "$name" != lo ]; then
    [ $more_in -lt ${count} ] || others_in="$others_in $name"
    [ $more_out -lt ${count} ] || others_out="$others_out $name"
  fi
done <<END
$(counters)
END
[ "\${ins:-0}" -ge ${count} ] || wrong "expected the ${count} pings to come in by dev $dev, seen \${ins:-0} there\${others_in:+ and more by$others_in}"
[ "$outs" -ge ${count} ] || wrong "expected the ${count} replies to leave by dev $dev, seen $outs there\${others_out:+ and more by$others_out}"
echo "${count} pings came in by $dev and their replies left by it; $leaves"
`;
}
