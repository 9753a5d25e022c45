import { parseAddress } from '../shared/addr.js';
import { commandLine, quote } from '../shared/shell.js';
import { DEFAULT_TIMEOUT, type ProbeKind } from './probe.js';

export interface RouteGetParams {
  dst: string;
  from?: string;
  iif?: string;
  mark?: string;
  dev?: string;
  via?: string;
  src?: string;
  table?: string;
}

/** What the host's own lookup says: no packet is sent. */
export const routeGet: ProbeKind<RouteGetParams> = {
  name: 'route_get',
  summary: 'The host would send to an address by the device, gateway, source and table that are expected',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dst'],
    dependencies: { iif: ['from'] },
    properties: {
      dst: {
        type: 'string',
        format: 'ip-address',
        description: 'The address to look up. Where nothing is expected, any route to it will do',
        examples: ['10.0.0.9'],
      },
      from: {
        type: 'string',
        format: 'ip-address',
        description: "The packet's source: one of the host's own, where iif is not given",
        examples: ['192.168.1.253'],
      },
      iif: {
        type: 'string',
        format: 'interface',
        description: 'The interface that the packet would come in by, to be forwarded',
        examples: ['venet0'],
      },
      mark: {
        type: 'string',
        format: 'fwmark',
        description: 'The firewall mark that it would have',
        examples: ['0x1'],
      },
      dev: { type: 'string', format: 'interface', description: 'Expected device', examples: ['eth2'] },
      via: {
        type: 'string',
        format: 'ip-address',
        description: 'Expected gateway',
        examples: ['192.168.1.254'],
      },
      src: {
        type: 'string',
        format: 'ip-address',
        description: 'Expected source address, where from leaves it to the host',
        examples: ['192.168.1.253'],
      },
      table: {
        type: 'string',
        format: 'table',
        description:
          "Expected table, by name or number. Kernels before 4.2 don't tell the table of an IPv4 route; the probe then says so and fails",
        examples: ['local100'],
      },
    },
  },
  examples: [
    { route_get: '10.0.0.9' },
    { route_get: { dst: '10.0.0.9', from: '192.168.1.253', dev: 'eth2', table: 'local100' } },
    { route_get: { dst: '10.0.0.9', from: '10.5.0.101', iif: 'venet0', dev: 'eth3', via: '192.168.1.254' } },
  ],
  fromShort: (text) => ({ dst: text }),
  describe: ({ dst, from, iif, mark }) => ['route_get', ...lookupWords({ dst, from, iif, mark })].join(' '),
  seconds: () => DEFAULT_TIMEOUT,
  script: routeGetScript,
};

/** What `ip route get` is asked, in its own words. */
interface Lookup {
  dst: string;
  from?: string | undefined;
  iif?: string | undefined;
  mark?: string | undefined;
}

function lookupWords({ dst, from, iif, mark }: Lookup): string[] {
  const pairs = Object.entries({ from, iif, mark });
  return [dst, ...pairs.flatMap(([word, value]) => (value === undefined ? [] : [word, value]))];
}

/** The command line of a lookup, with all that `ip` tells of it on one line. */
export function lookupCommand(lookup: Lookup): string {
  const family = parseAddress(lookup.dst)?.family ?? 4;
  return commandLine(['ip', `-${family}`, '-o', '-d', 'route', 'get', ...lookupWords(lookup)]);
}

/**
 * Shell function: `read_route WORDS…`, the words of a route as `ip` prints it, sets type, dev, via, src and table, and
 * $seen to how the user reads them. IPv6 has unreachable routes that are found without an error.
 */
export const READ_ROUTE = `read_route() {
  type=unicast dev= via= src= table=
  case $1 in [a-z]*) case $1 in *:*) ;; *) type=$1 ;; esac ;; esac
  while [ $# -gt 1 ]; do
    case $1 in
      via) shift; [ "$1" != inet6 ] || shift; via=$1 ;;
      dev) shift; dev=$1 ;;
      src) shift; src=$1 ;;
      table) shift; table=$1 ;;
    esac
    shift
  done
  seen="\${dev:+dev $dev}\${via:+ via $via}\${src:+ src $src}\${table:+ table $table}"
  [ "$type" = unicast ] || seen="$type $seen"
}
`;

/**
 * A table's number by its name: iproute2 shows the name where its files know one (iproute2 6.5 and later: also
 * those of the vendor).
 */
const TABLE_NUMBER = `number_of() {
  case $1 in local) echo 255; return ;; main) echo 254; return ;; default) echo 253; return ;; esac
  case $1 in '' | *[!0-9]*) ;; *) echo "$1"; return ;; esac
  for file in /usr/share/iproute2/rt_tables /etc/iproute2/rt_tables \\
    /usr/share/iproute2/rt_tables.d/*.conf /etc/iproute2/rt_tables.d/*.conf; do
    [ -r "$file" ] || continue
    while read -r number name rest || [ -n "$number" ]; do
      case $number in '#'*) continue ;; esac
      [ "$name" != "$1" ] || echo $((number))
    done <"$file"
  done | tail -n 1
}
`;

function routeGetScript(params: RouteGetParams): string {
  const { table, ...others } = params;
  const plain = (['dev', 'via', 'src'] as const).flatMap((word) => {
    const value = expected(others[word]);
    return value === undefined ? [] : [{ word, value }];
  });
  const wanted = [
    ...plain.map(({ word, value }) => `${word} ${value}`),
    ...(table ? [`table ${table}`] : []),
  ];
  const tests = plain.map(({ word, value }) => `[ "$${word}" = ${quote(value)} ] || differs`);
  return `${READ_ROUTE}${table === undefined ? '' : TABLE_NUMBER}set -f
wanted=${quote(wanted.join(' '))}
differs() {
  echo "\${wanted:+expected $wanted, }seen $seen"
  exit 1
}
said=$(${lookupCommand(params)} 2>&1) || {
  echo "\${wanted:+expected $wanted, seen }\${said#RTNETLINK answers: }"
  exit 1
}
read_route $said
case $type in unreachable | prohibit | blackhole | throw) differs ;; esac
${tests.join('\n')}
${table === undefined ? '' : tableTest(table, parseAddress(params.dst)?.family === 6)}echo "$seen"
`;
}

/** Addresses as the kernel writes them. */
function expected(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (parseAddress(text)?.address ?? text);
}

/**
 * Before 4.2 the kernel says main whatever table it was (RTM_F_LOOKUP_TABLE), and an `ip` of that time
 * says nothing.
 */
function tableTest(table: string, is6: boolean): string {
  const old = is6 ? '' : '[ "$table" != main ] || case $(uname -r) in [0-3].* | 4.[01].*) table= ;; esac\n';
  return `${old}if [ -z "$table" ]; then
  echo "expected $wanted, seen $seen: which table it is, this host's kernel or ip does not tell"
  exit 1
fi
set +f
[ "$(number_of "$table")" = "$(number_of ${quote(tableWord(table))})" ] || differs
`;
}

/** `0x64` is a number to iproute2 too. */
function tableWord(table: string): string {
  return /^(\d+|0[xX][0-9a-fA-F]+)$/.test(table) ? String(Number(table)) : table;
}
