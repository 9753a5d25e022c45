/** An address that moves to another NIC: its neighbours learn of it at once, and again when the move is undone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { problemsOf, type RunReport, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';

const MOVED = '10.61.0.77';
const MACS = { eth1: '52:54:00:00:61:01', eth2: '52:54:00:00:61:02' };

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('announce'),
    hosts: {
      mover: {
        nics: {
          eth1: { switch: 'lan', mac: MACS.eth1, addresses: ['10.61.0.1/24'] },
          eth2: { switch: 'lan', mac: MACS.eth2, addresses: ['10.61.0.2/24'] },
        },
      },
      neighbour: { nics: { eth0: { switch: 'lan', addresses: ['10.61.0.9/24'] } } },
    },
  });
  // Its own answers don't tell the neighbour: it asks nobody during a run.
  const strict = 'for f in arp_ignore arp_announce; do echo 1 > /proc/sys/net/ipv4/conf/all/$f; done';
  await lab.exec('mover', ['sh', '-c', strict]);
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

/** The MAC that the neighbour sends to; it is asked of its table alone. */
async function known(): Promise<string> {
  const { stdout } = await lab.exec('neighbour', ['ip', 'neigh', 'show', MOVED]);
  return /lladdr (\S+)/.exec(stdout)?.[1] ?? stdout;
}

async function meet(): Promise<void> {
  await lab.exec('neighbour', ['ping', '-c', '1', '-W', '2', MOVED]);
}

function move(from: string, to: string, extra: readonly unknown[] = []): Promise<RunReport> {
  const tasks = [
    { address: { dev: from, address: `${MOVED}/24`, state: 'absent' } },
    { address: { dev: to, address: `${MOVED}/24` } },
    ...extra,
  ];
  return runJson([folder.write('move.yml', [{ hosts: 'mover', tasks }]), '-i', lab.inventory]);
}

test('a neighbour that knows the old MAC has the new one when the run is done', async () => {
  await lab.exec('mover', ['ip', 'address', 'add', `${MOVED}/24`, 'dev', 'eth1']);
  await meet();
  expect(await known()).toBe(MACS.eth1);
  const run = await move('eth1', 'eth2');
  expect(problemsOf(run)).toEqual([]);
  await expect.poll(known, { timeout: 3000 }).toBe(MACS.eth2);
});

test('where the move is undone, it has the old one again', async () => {
  await meet();
  expect(await known()).toBe(MACS.eth2);
  const fails = { command: `test "$(ip -4 -o address show dev eth2 | grep -c ${MOVED})" = 1` };
  const file = folder.write('undone.yml', [
    {
      hosts: 'mover',
      tasks: [
        { address: { dev: 'eth2', address: `${MOVED}/24`, state: 'absent' } },
        { address: { dev: 'eth1', address: `${MOVED}/24` } },
      ],
      verify: [{ name: 'the neighbour has heard of the move', ...waitFor(MACS.eth1) }, fails],
    },
  ]);
  const run = await runJson([file, '-i', lab.inventory]);
  expect(run.ends.map(({ status }) => status)).toEqual(['rolled_back']);
  expect(problemsOf(run).join('\n')).not.toContain('has heard');
  await expect.poll(known, { timeout: 3000 }).toBe(MACS.eth2);
});

function waitFor(mac: string) {
  return { command: `ip neigh show ${MOVED} | grep -q ${mac}`, from: 'neighbour' };
}
