import { parseMac } from '../shared/addr.js';
import { commandLine, quote } from '../shared/shell.js';
import type { Partner, ProbeKind } from './probe.js';

export interface ArpOwnerParams {
  address: string;
  dev: string;
  mac?: string;
  owner?: string;
  owner_dev?: string;
  time?: number;
}

const DEFAULT_TIME = 2;
/** Seconds for a tool to start and to end beside what it is told to wait. */
const MARGIN = 3;
/** Seconds for reading a file. */
const READ_SECONDS = 2;

/** Who answers ARP requests, by broadcasts that go on after the first answer: only so does a second owner show. */
export const arpOwner: ProbeKind<ArpOwnerParams> = {
  name: 'arp_owner',
  summary: 'Exactly one MAC answers ARP requests for an address, and it is the one expected',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['address', 'dev'],
    dependencies: { owner: ['owner_dev'], owner_dev: ['owner'] },
    not: { required: ['mac', 'owner'] },
    properties: {
      address: {
        type: 'string',
        format: 'ipv4-address',
        description: 'Whose owner to look for. Another host must ask: nobody answers himself',
        examples: ['192.168.1.253'],
      },
      dev: {
        type: 'string',
        format: 'interface',
        description: 'The interface of the asking host by which it asks: it is in the same network',
        examples: ['eth0'],
      },
      mac: {
        type: 'string',
        format: 'mac',
        description: 'The MAC that alone may answer. Without it and without owner, any one will do',
        examples: ['52:54:00:12:34:56'],
      },
      owner: {
        type: 'string',
        minLength: 1,
        description: 'In place of mac: the host of the inventory whose MAC it is',
        examples: ['server1'],
      },
      owner_dev: {
        type: 'string',
        format: 'interface',
        description: "The owner's interface that has the MAC",
        examples: ['eth2'],
      },
      time: {
        type: 'integer',
        minimum: 1,
        maximum: 60,
        default: DEFAULT_TIME,
        description: 'Seconds to ask for, once a second',
        examples: [5],
      },
    },
  },
  examples: [
    { arp_owner: { address: '192.168.1.253', dev: 'eth0', mac: '52:54:00:12:34:56' } },
    { arp_owner: { address: '192.168.1.253', dev: 'eth0', owner: 'server1', owner_dev: 'eth2' } },
  ],
  fromShort: (text) => ({ address: text }),
  describe: ({ address, dev }) => `arp_owner ${address} by ${dev}`,
  seconds: ({ time = DEFAULT_TIME }) => time + MARGIN,
  script: (params) => askScript(params, quote((params.mac && parseMac(params.mac)) ?? '')),
  explain: (words) => (/not permitted/i.test(words) ? `${words} (only root may ask: say become)` : undefined),
  partner: partnerOf,
};

function partnerOf(params: ArpOwnerParams): Partner | undefined {
  const { owner, owner_dev = '' } = params;
  if (owner === undefined) return undefined;
  const script = `cat ${quote(`/sys/class/net/${owner_dev}/address`)}`;
  return {
    param: 'owner',
    host: owner,
    turns: [
      { there: { script, seconds: READ_SECONDS } },
      { here: { script: askScript(params, '$there'), seconds: arpOwner.seconds(params) } },
    ],
  };
}

/**
 * One ARP request a second by a raw socket, printing who answers: for hosts without arping. Python 2.6 to 3.
 * A packet of ARP is laid out in RFC 826.
 */
const PYTHON = `import select, socket, struct, sys, time
dev, target, seconds = sys.argv[1], socket.inet_aton(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
s.bind((dev, 0x0806))
mac = s.getsockname()[4][:6]
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    u.setsockopt(socket.SOL_SOCKET, 25, struct.pack("16s", dev.encode()))
    u.connect((sys.argv[2], 9))
    own = socket.inet_aton(u.getsockname()[0])
except (socket.error, OSError):
    own = socket.inet_aton("0.0.0.0")
none = struct.pack("6x")
request = struct.pack("!6s6sHHHBBH6s4s6s4s", struct.pack("B", 255) * 6, mac, 0x0806, 1, 0x0800, 6, 4, 1, mac, own, none, target)
end, due = time.time() + seconds, 0
while time.time() < end:
    if time.time() >= due:
        s.send(request)
        due = time.time() + 1
    if not select.select([s], [], [], 0.1)[0]:
        continue
    packet = s.recv(2048)
    if packet[20:22] == struct.pack("!H", 2) and packet[28:32] == target:
        print(":".join("%02x" % b for b in bytearray(packet[22:28])))
`;

/**
 * The tool is told by its help. iputils and busybox stop at the first MAC where -c bids them, and go over to
 * unicast without -b; Habets' counts requests, and broadcasts all of them.
 * @param mac shell word with the MAC that is expected, or an empty one
 */
function askScript({ address, dev, time = DEFAULT_TIME }: ArpOwnerParams, mac: string): string {
  const usual = commandLine(['-b', '-w', String(time), '-I', dev, address]);
  const habets = commandLine(['-c', String(time), '-i', dev, address]);
  const python = commandLine(['-c', PYTHON, dev, address, String(time)]);
  return `mac=${mac}
ask() {
  for a in arping 'busybox arping'; do
    command -v \${a%% *} >/dev/null 2>&1 || continue
    case $($a -h 2>&1 </dev/null) in
      *Habets*) $a ${habets}; return ;;
      *-I*) $a ${usual}; return ;;
    esac
  done
  for p in python3 python python2; do
    command -v $p >/dev/null 2>&1 || continue
    $p ${python}
    return
  done
  echo "no tool for it on the host: needs arping (of iputils, of Habets or busybox's) or python"
}
said=$(ask 2>&1)
macs=$(echo "$said" | tr A-F a-f | grep -o '\\([0-9a-f]\\{2\\}:\\)\\{5\\}[0-9a-f]\\{2\\}' | sort -u)
set -- $macs
seen=$(echo $macs | sed 's/ / and /g')
if [ $# -eq 0 ]; then
  case $said in '' | *'Received 0'* | *' 0 packets received'*) seen=nobody ;; *) echo "$said"; exit 2 ;; esac
fi
if [ $# -ne 1 ] || { [ -n "$mac" ] && [ "$1" != "$mac" ]; }; then
  echo "expected \${mac:-one MAC} alone to answer, seen $seen"
  exit 1
fi
echo "$seen alone answers"
`;
}
