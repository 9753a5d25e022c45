/**
 * Which settings make two NICs in one subnet behave, told from packets. Each row has a server of its own, with
 * a client in its network and one behind its router; netplay brings it to the row's settings.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { prove } from '../../src/lab/proof.js';
import type { HostSpec } from '../../src/lab/spec.js';
import { type Folder, makeFolder, ownName, settledRun } from '../support/lab-runs.js';

type Task = Readonly<Record<string, unknown>>;

const NICS = [
  { dev: 'eth0', address: '192.168.1.1', table: 100 },
  { dev: 'eth2', address: '192.168.1.253', table: 200 },
] as const;

/** A table for each NIC, and a rule that sends what comes from its address there. */
const PR: readonly Task[] = NICS.flatMap(({ dev, address, table }) => [
  { rt_table: { id: table, name: `local${table}` } },
  { route: { dst: '192.168.1.0/24', dev, src: address, table } },
  { route: { dst: 'default', via: '192.168.1.254', dev, table } },
  { rule: { from: address, table, priority: table } },
]);

const all = (settings: Readonly<Record<string, number>>): Task => ({
  sysctls: Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`net.ipv4.conf.all.${key}`, value]),
  ),
});

interface Row {
  row: string;
  tasks: readonly Task[];
  /** NICs that answer ARP for each of the two addresses. */
  arp: readonly [first: string, second: string];
  /** NIC of the request and NIC of the reply, for each of the two addresses. */
  ways: readonly [first: string, second: string];
}

const BOTH = ['eth0+eth2', 'eth0+eth2'] as const;
const FIRST = ['eth0', 'eth0'] as const;
const OWN = ['eth0', 'eth2'] as const;
const RIGHT = ['eth0/eth0', 'eth2/eth2'] as const;

const MATRIX: readonly Row[] = [
  { row: 'nothing', tasks: [], arp: BOTH, ways: ['eth2/eth0', 'eth2/eth0'] },
  { row: 'rp_filter=1 only', tasks: [all({ rp_filter: 1 })], arp: FIRST, ways: ['eth0/eth0', 'eth0/eth0'] },
  { row: 'arp_filter=1 only', tasks: [all({ arp_filter: 1 })], arp: FIRST, ways: ['eth0/eth0', 'eth0/eth0'] },
  {
    row: 'arp_ignore=1 + arp_announce=2 only',
    tasks: [all({ arp_ignore: 1, arp_announce: 2 })],
    arp: OWN,
    ways: ['eth0/eth0', 'eth2/eth0'],
  },
  { row: 'PR only', tasks: PR, arp: BOTH, ways: ['eth2/eth0', 'eth2/eth2'] },
  {
    row: 'PR + rp_filter=2',
    tasks: [...PR, all({ rp_filter: 2 })],
    arp: BOTH,
    ways: ['eth2/eth0', 'eth2/eth2'],
  },
  { row: 'PR + rp_filter=1', tasks: [...PR, all({ rp_filter: 1 })], arp: OWN, ways: RIGHT },
  { row: 'PR + arp_filter=1', tasks: [...PR, all({ arp_filter: 1 })], arp: OWN, ways: RIGHT },
  ...[0, 1, 2].map((strictness) => ({
    row: `PR + arp_ignore=1 + arp_announce=2 + rp_filter=${strictness}`,
    tasks: [...PR, all({ arp_ignore: 1, arp_announce: 2, rp_filter: strictness })],
    arp: OWN,
    ways: RIGHT,
  })),
];

const count = MATRIX.length;
const HOSTS: Readonly<Record<string, HostSpec>> = {
  [`server[1:${count}]`]: {
    nics: {
      eth0: { switch: 'lan{n}', mac: '52:54:00:00:00:e0', addresses: ['192.168.1.1/24'] },
      eth2: { switch: 'lan{n}', mac: '52:54:00:00:00:e2', addresses: ['192.168.1.253/24'] },
    },
    routes: [{ dst: 'default', via: '192.168.1.254', dev: 'eth0' }],
  },
  [`near[1:${count}]`]: { ssh: false, nics: { eth0: { switch: 'lan{n}', addresses: ['192.168.1.5/24'] } } },
  [`router[1:${count}]`]: {
    ssh: false,
    nics: {
      eth0: { switch: 'lan{n}', addresses: ['192.168.1.254/24'] },
      eth1: { switch: 'far{n}', addresses: ['10.9.0.1/24'] },
    },
    sysctls: { 'net.ipv4.ip_forward': 1 },
  },
  [`far[1:${count}]`]: {
    ssh: false,
    nics: { eth0: { switch: 'far{n}', addresses: ['10.9.0.5/24'] } },
    routes: [{ dst: 'default', via: '10.9.0.1' }],
  },
};

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({ name: ownName('matrix'), hosts: HOSTS });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

/** Packets that each NIC has carried so far, each way. */
async function counters(server: string): Promise<Record<'rx' | 'tx', number[]>> {
  const files = ['rx', 'tx'].flatMap((way) =>
    NICS.map(({ dev }) => `/sys/class/net/${dev}/statistics/${way}_packets`),
  );
  const { stdout } = await lab.exec(server, ['cat', ...files]);
  const numbers = stdout.trim().split('\n').map(Number);
  return { rx: numbers.slice(0, 2), tx: numbers.slice(2) };
}

const PINGS = 20;

/** `in/out` of 20 pings by the counters of the NICs: whoever carried all of them, not a stray ARP request. */
async function counted(server: string, client: string, address: string): Promise<string> {
  const before = await counters(server);
  const ping = await lab.exec(client, ['ping', '-n', '-c', String(PINGS), '-i', '0.02', '-W', '1', address]);
  const after = await counters(server);
  expect(ping.stdout).toMatch(`${PINGS} packets transmitted, ${PINGS} received, 0% packet loss`);
  const carried = (way: 'rx' | 'tx'): string =>
    NICS.filter((_, nic) => (after[way][nic] ?? 0) - (before[way][nic] ?? 0) >= PINGS)
      .map(({ dev }) => dev)
      .join('+');
  return `${carried('rx')}/${carried('tx')}`;
}

describe.sequential('pitfalls 33 and 34: the matrix of two NICs in one subnet, from all the MACs that answer', () => {
  test('netplay brings each server to its row, as foretold', async () => {
    const plays = MATRIX.map(({ row, tasks }, index) => ({ name: row, hosts: `server${index + 1}`, tasks }));
    const playbook = folder.write('matrix.yml', plays.slice(1));
    const run = await settledRun([playbook, '-i', lab.inventory]);
    expect(run.ends.map(({ status }) => status)).toEqual(MATRIX.slice(1).map(() => 'changed'));
  });

  describe.concurrent('row', () => {
    const rows = MATRIX.map((row, index) => [row.row, row, index + 1] as const);
    test.each(rows)('%s', async (_, { arp, ways }, n) => {
      const addresses = NICS.map(({ address }) => address);
      const proof = await prove(lab.exec, {
        server: `server${n}`,
        addresses,
        neighbours: [`near${n}`, `router${n}`],
        clients: [{ host: `far${n}`, address: '10.9.0.5' }],
        arp: [{ host: `near${n}`, dev: 'eth0', addresses }],
      });
      expect(addresses.map((address) => proof.arp.get(address)?.join('+'))).toEqual(arp);
      expect(proof.paths.map((path) => `${path.in.join('+')}/${path.out.join('+')}`)).toEqual(ways);
      expect(proof.paths.map(({ sent, received }) => sent - received)).toEqual([0, 0]);
      for (const [index, address] of addresses.entries())
        expect(await counted(`server${n}`, `far${n}`, address)).toBe(ways[index]);
    });
  });
});
