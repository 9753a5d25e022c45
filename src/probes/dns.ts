import { parseAddress } from '../shared/addr.js';
import { commandLine, quote } from '../shared/shell.js';
import { DEFAULT_TIMEOUT, type ProbeKind, TIMEOUT } from './probe.js';

export interface DnsParams {
  name: string;
  server?: string;
  addresses?: readonly string[] | string;
  timeout?: number;
}

/** A name's addresses, asked as programs of the host ask (`getent`), or of one server. */
export const dns: ProbeKind<DnsParams> = {
  name: 'dns',
  summary: 'A name has addresses: any, or exactly those expected',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        format: 'host',
        description: 'The name to look up',
        examples: ['www.example.org'],
      },
      server: {
        type: 'string',
        format: 'ip-address',
        description:
          'The server to ask. Without it the host resolves the name as its programs do, with /etc/hosts and all that nsswitch.conf says',
        examples: ['192.168.1.53'],
      },
      addresses: {
        anyOf: [
          { type: 'string', format: 'ip-addresses' },
          { type: 'array', minItems: 1, items: { type: 'string', format: 'ip-address' } },
        ],
        description:
          'The addresses that it must have: all of them, and of their families (IPv4, IPv6) no others. A list, or one text with commas',
        examples: [['192.0.2.80', '2001:db8::80']],
      },
      timeout: { ...TIMEOUT, description: 'Seconds until the answer must be there' },
    },
  },
  examples: [
    { dns: 'www.example.org' },
    { dns: { name: 'www.example.org', server: '192.168.1.53', addresses: ['192.0.2.80'] } },
  ],
  fromShort: (text) => ({ name: text }),
  describe: ({ name, server }) => ['dns', name, ...(server === undefined ? [] : ['of', server])].join(' '),
  seconds: ({ timeout = DEFAULT_TIMEOUT }) => timeout,
  script: dnsScript,
};

/**
 * A query of RFC 1035 over UDP for hosts without dig and nslookup: prints the addresses of the answer, or the name of its
 * error. Python 2.6 to 3.
 */
const PYTHON = `import socket, struct, sys
name, server, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
errors = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
family = socket.AF_INET6 if ":" in server else socket.AF_INET
def skip(data, at):
    while True:
        length = bytearray(data)[at]
        if length >= 192: return at + 2
        if length == 0: return at + 1
        at += length + 1
for number, kind, size, of in ((1, 1, 4, socket.AF_INET), (2, 28, 16, socket.AF_INET6)):
    labels = [label.encode() for label in name.strip(".").split(".")]
    query = struct.pack("!6H", number, 256, 1, 0, 0, 0)
    query += b"".join(struct.pack("B", len(label)) + label for label in labels) + struct.pack("!B2H", 0, kind, 1)
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.settimeout(seconds)
    s.connect((server, 53))
    try:
        s.send(query)
        data = s.recv(4096)
    except (socket.error, OSError):
        sys.exit("no answer: %s" % sys.exc_info()[1])
    flags, questions, answers = struct.unpack("!3H", data[2:8])
    if flags & 15: sys.exit(errors.get(flags & 15, "error %d" % (flags & 15)))
    at = 12
    for _ in range(questions): at = skip(data, at) + 4
    for _ in range(answers):
        at = skip(data, at)
        got, _class, _ttl, length = struct.unpack("!2HIH", data[at:at + 10])
        at += 10
        if got == kind and length == size: print(socket.inet_ntop(of, data[at:at + length]))
        at += length
`;

/** nslookup names its server by the same words, ahead of the answer: BIND's up to the first blank line, as busybox's. */
const NSLOOKUP_ANSWER = "sed '1,/^$/d' | sed -n 's/^Address\\( [0-9]*\\)\\{0,1\\}: *\\([^ ]*\\).*/\\2/p'";

/** Each prints the addresses one a line, and errors beside them. */
function lookups({ name, server, timeout = DEFAULT_TIMEOUT }: DnsParams): string {
  if (server === undefined) {
    const words = commandLine([name]);
    return `if command -v getent >/dev/null 2>&1; then
  getent ahosts ${words} | sed 's/ .*//'
  return
fi
for n in nslookup 'busybox nslookup'; do
  command -v \${n%% *} >/dev/null 2>&1 || continue
  $n ${words} | ${NSLOOKUP_ANSWER}
  return
done
echo 'no tool for it on the host: needs getent or nslookup'
`;
  }
  const dig = commandLine(['+short', '+tries=1', `+time=${timeout}`, `@${server}`, name]);
  return `if command -v dig >/dev/null 2>&1; then
  dig ${dig} A
  dig ${dig} AAAA
  return
fi
for n in nslookup 'busybox nslookup'; do
  command -v \${n%% *} >/dev/null 2>&1 || continue
  case $($n --help 2>&1 </dev/null) in *'applet not found'*) continue ;; esac
  said=$($n ${commandLine([name, server])} 2>&1)
  found=$(echo "$said" | ${NSLOOKUP_ANSWER})
  if [ -n "$found" ]; then echo "$found"; else echo "$said" | grep -v -e '^Server' -e '^Address'; fi
  return
done
for p in python3 python python2; do
  command -v $p >/dev/null 2>&1 || continue
  $p ${commandLine(['-c', PYTHON, name, server, String(timeout)])}
  return
done
echo 'no tool for it on the host: needs dig, nslookup or python'
`;
}

/** Of what a tool printed, the words that are addresses: dig shows an alias in the same place. */
const ADDRESSES =
  "tr -s ' \\011' '\\n\\n' | grep -E '^([0-9]+[.]){3}[0-9]+$|^[0-9a-fA-F:]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*$' | sort -u";

function dnsScript(params: DnsParams): string {
  const wanted = expectedAddresses(params.addresses);
  const families = [...new Set(wanted.map((address) => (address.includes(':') ? ':' : '[.]')))];
  return `ask() {
${lookups(params)}}
said=$(ask 2>&1)
found=$(echo "$said" | ${ADDRESSES})
if [ -z "$found" ]; then
  echo "${wanted.length === 0 ? '' : `expected ${wanted.join(' ')}, seen `}no address\${said:+: $said}"
  exit 1
fi
${wanted.length === 0 ? '' : comparison(wanted, families)}echo $found
`;
}

/** A family of which nothing is expected is not looked at. */
function comparison(wanted: readonly string[], families: readonly string[]): string {
  return `wanted=$(printf '%s\\n' ${commandLine(wanted)} | sort -u)
own=$(echo "$found" | grep -E ${quote(families.join('|'))})
if [ "$own" != "$wanted" ]; then
  echo "expected" $wanted", seen" $found
  exit 1
fi
`;
}

/** As `inet_ntop` writes them, which all tools use. */
function expectedAddresses(given: DnsParams['addresses']): string[] {
  const texts = given === undefined ? [] : typeof given === 'string' ? given.split(',') : given;
  return [...new Set(texts.map((text) => parseAddress(text.trim())?.address ?? text.trim()))];
}
