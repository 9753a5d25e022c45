/**
 * What a network does, told from its packets: who answers ARP for an address, whether it can be reached,
 * and by which NIC a request comes in and its reply leaves. Configuration is never looked at.
 */

/** Runs a command inside a host of a lab. */
export type Exec = (
  host: string,
  argv: readonly string[],
) => Promise<{ code: number; stdout: string; stderr: string }>;

export interface ProofRequest {
  /** The host whose addresses are asked for. */
  server: string;
  addresses: readonly string[];
  /** The hosts on the server's networks: they forget first which MAC they last heard for an address. */
  neighbours: readonly string[];
  /** Who pings, from which of its addresses. */
  clients: readonly { host: string; address: string }[];
  /** Who asks by ARP, on which of its devices, for which of the addresses; the NICs are the server's. */
  arp: readonly { host: string; dev: string; addresses: readonly string[] }[];
}

/** The way that the pings of one client to one address took. */
export interface Path {
  client: string;
  address: string;
  sent: number;
  received: number;
  /** NICs of the server on which requests came in. */
  in: readonly string[];
  /** NICs of the server by which replies left. */
  out: readonly string[];
}

export interface Proof {
  /** By address: the server's NICs whose MACs answered. */
  arp: ReadonlyMap<string, readonly string[]>;
  paths: readonly Path[];
}

const PINGS = 3;
/** Seconds: time enough for the capture to begin, for all pings, and for the last reply. */
const CAPTURE_SECONDS = 3;
const CAPTURE_STARTS_MS = 700;

/** Sends ARP requests and pings, captures on the server what comes and goes, and says what was seen. */
export async function prove(exec: Exec, request: ProofRequest): Promise<Proof> {
  await Promise.all(request.neighbours.map((host) => exec(host, ['ip', 'neigh', 'flush', 'all'])));
  const arp = await proveArp(exec, request);
  const capture = exec(request.server, captureCommand());
  await new Promise((resolve) => setTimeout(resolve, CAPTURE_STARTS_MS));
  const pairs = request.clients.flatMap((client) =>
    request.addresses.map((address) => ({ client, address })),
  );
  const pings = await Promise.all(pairs.map(({ client, address }) => ping(exec, client.host, address)));
  const seen = parseCapture((await capture).stdout);
  const paths = pairs.map(({ client, address }, index) => ({
    client: client.host,
    address,
    ...(pings[index] ?? { sent: 0, received: 0 }),
    in: nicsOf(seen, client.address, address, 'In'),
    out: nicsOf(seen, address, client.address, 'Out'),
  }));
  return { arp, paths };
}

function captureCommand(): string[] {
  return ['timeout', String(CAPTURE_SECONDS), 'tcpdump', '-lnq', '-i', 'any', 'icmp'];
}

async function ping(exec: Exec, host: string, address: string): Promise<{ sent: number; received: number }> {
  const argv = ['ping', '-n', '-c', String(PINGS), '-i', '0.2', '-W', '1', address];
  const { stdout } = await exec(host, argv);
  const counts = /(\d+) packets transmitted, (\d+) received/.exec(stdout);
  return { sent: Number(counts?.[1] ?? 0), received: Number(counts?.[2] ?? 0) };
}

/**
 * Every MAC that answers, not the first: `-c` would stop at one reply and hide the second, and without
 * `-b` arping goes on in unicast to whoever answered first.
 */
async function proveArp(exec: Exec, request: ProofRequest): Promise<Map<string, string[]>> {
  const nics = await nicsByMac(exec, request.server);
  const asked = request.arp.flatMap(({ host, dev, addresses }) =>
    addresses.map(async (address): Promise<[string, string[]]> => {
      const { stdout } = await exec(host, ['arping', '-b', '-w', '1', '-I', dev, address]);
      const macs = [...stdout.matchAll(/\[([0-9A-Fa-f:]{17})\]/g)].map((match) =>
        (match[1] ?? '').toLowerCase(),
      );
      return [address, unique(macs.map((mac) => nics.get(mac) ?? mac))];
    }),
  );
  return new Map(await Promise.all(asked));
}

async function nicsByMac(exec: Exec, host: string): Promise<Map<string, string>> {
  const { stdout } = await exec(host, ['ip', '-o', 'link', 'show']);
  const links = stdout.matchAll(/^\d+: ([^:@]+)[^\n]*link\/ether ([0-9a-f:]{17})/gm);
  return new Map([...links].map((match) => [match[2] ?? '', match[1] ?? '']));
}

interface Packet {
  nic: string;
  direction: string;
  from: string;
  to: string;
}

/** Lines such as `10:00:00.1 eth0  In  IP 10.0.0.5 > 10.0.0.1: ICMP echo request, …` (tcpdump 4.99). */
function parseCapture(text: string): Packet[] {
  const lines = text.matchAll(/^\S+ (\S+)\s+(In|Out)\s+IP (\S+) > (\S+): ICMP echo/gm);
  return [...lines].map(([, nic = '', direction = '', from = '', to = '']) => ({ nic, direction, from, to }));
}

function nicsOf(packets: readonly Packet[], from: string, to: string, direction: string): string[] {
  const matching = packets.filter(
    (packet) => packet.from === from && packet.to === to && packet.direction === direction,
  );
  return unique(matching.map((packet) => packet.nic));
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)].sort();
}

/** A proof as a table: a line an address, a column for ARP and one for each client. */
export function renderProof(proof: Proof): string[] {
  const clients = [...new Set(proof.paths.map((path) => path.client))];
  const addresses = [...new Set(proof.paths.map((path) => path.address))];
  const header = ['address', 'ARP answered by', ...clients.map((client) => `${client}: in / out`)];
  const rows = addresses.map((address) => [
    address,
    proof.arp.get(address)?.join(' and ') ?? '',
    ...clients.map((client) =>
      renderPath(proof.paths.find((p) => p.client === client && p.address === address)),
    ),
  ]);
  const widths = header.map((_title, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}

function renderPath(path: Path | undefined): string {
  if (path === undefined) return '';
  const ways = `${path.in.join('+') || '-'} / ${path.out.join('+') || '-'}`;
  return path.received === path.sent ? ways : `${ways}, ${path.sent - path.received} of ${path.sent} lost`;
}
