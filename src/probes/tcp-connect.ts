import { parseAddress } from '../shared/addr.js';
import { commandLine, quote } from '../shared/shell.js';
import { DEFAULT_TIMEOUT, type ProbeKind, TIMEOUT } from './probe.js';

export interface TcpConnectParams {
  host: string;
  port: number;
  source?: string;
  timeout?: number;
}

/** A TCP connection, by whatever tool the host has for one: nc in any of its dialects, else bash. */
export const tcpConnect: ProbeKind<TcpConnectParams> = {
  name: 'tcp_connect',
  summary: 'A TCP connection to an address and port can be opened',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['host', 'port'],
    properties: {
      host: {
        type: 'string',
        format: 'host',
        description: 'Where to connect: an address, or a name that the host can resolve',
        examples: ['192.168.1.254'],
      },
      port: {
        type: 'integer',
        minimum: 1,
        maximum: 65535,
        description: 'The TCP port',
        examples: [22],
      },
      source: {
        type: 'string',
        format: 'ip-address',
        description: 'The address to connect from: one of the host itself. Needs an nc that can do it (-s)',
        examples: ['192.168.1.1'],
      },
      timeout: { ...TIMEOUT, description: 'Seconds until the connection must stand' },
    },
  },
  examples: [
    { tcp_connect: '192.168.1.254:22' },
    { tcp_connect: { host: '192.168.1.254', port: 443, source: '192.168.1.1', timeout: 5 } },
    { tcp_connect: '[2001:db8::1]:22' },
  ],
  fromShort: splitPort,
  describe: ({ host, port, source }) =>
    `tcp_connect ${host.includes(':') ? `[${host}]` : host}:${port}${source === undefined ? '' : ` from ${source}`}`,
  seconds: ({ timeout = DEFAULT_TIMEOUT }) => timeout,
  script: connectScript,
  explain: (words, passed) =>
    passed
      ? 'connected'
      : /(?:connection (?:refused|timed out|reset by peer)|no route to host|network is unreachable)/i.exec(
          words,
        )?.[0],
};

/** `10.0.0.1:22`, `gw:22`, `[2001:db8::1]:22`; the schema tells what is missing. */
function splitPort(text: string): unknown {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  return host === undefined || port === undefined ? { host: text } : { host, port: Number(port) };
}

/**
 * Each dialect of nc is told by its own help: `zero-I/O mode` (-z: BSD's, traditional, ncat, and busybox's
 * larger one), or busybox's smaller one, which can run a program once it is connected.
 */
function connectScript({ host, port, source, timeout = DEFAULT_TIMEOUT }: TcpConnectParams): string {
  const numeric = parseAddress(host) === undefined ? [] : ['-n'];
  const from = source === undefined ? [] : ['-s', source];
  const where = commandLine([host, String(port)]);
  const zero = commandLine(['-z', '-v', ...numeric, '-w', String(timeout), ...from]);
  // The traditional one knows no IPv6.
  const unable = parseAddress(host)?.family === 6 ? "    *'[v1.1'*) ;;\n" : '';
  const others = `    *'Run PROG after connect'*) exec $c -w ${timeout} ${where} -e true ;;\n`;
  const bash = `if command -v bash >/dev/null 2>&1; then
  exec bash -c ${quote(`: < /dev/tcp/${host}/${port}`)}
fi
`;
  const needed = source === undefined ? 'needs nc or bash' : 'needs an nc that takes -s';
  return `for c in nc ncat 'busybox nc'; do
  command -v \${c%% *} >/dev/null 2>&1 || continue
  case $($c -h 2>&1 </dev/null) in
${unable}    *ero-I/O*) exec $c ${zero} ${where} ;;
${source === undefined ? others : ''}  esac
done
${source === undefined ? bash : ''}echo 'no tool for it on the host: ${needed}' >&2
exit 127
`;
}
