/** The MAC of a guest's tap, shown by pings from another host: one from the guest's own host proves nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyIn, planIn, problemsIn, stepsOf } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';

const GUEST_MAC = '52:54:00:84:e3:62';
const GUEST = '192.168.7.2';
const SCRIPT = join(import.meta.dirname, '../support/guest.py');

let host: Netns;
let outside: Netns;
let guest: ChildProcess | undefined;

beforeEach(async () => {
  [host, outside] = await Promise.all([createNetns(), createNetns()]);
  host.must(`ip link add eth1 type veth peer name out0 netns ${outside.pid}`);
  outside.must('ip link set dev out0 up; ip addr add 192.168.7.1/24 dev out0');
});

afterEach(() => {
  guest?.stdin?.end();
  guest?.kill();
  guest = undefined;
  host.close();
  outside.close();
});

/** Starts the guest on tap0. Debian's own Python, which every test machine has. */
async function startGuest(): Promise<void> {
  const argv = ['-t', String(host.pid), '-n', '--', '/usr/bin/python3', SCRIPT, 'tap0', GUEST_MAC, GUEST];
  guest = spawn('nsenter', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  if (guest.stdout === null) throw new Error('the guest has no output');
  expect(String(await once(guest.stdout, 'data'))).toContain('ready');
}

/** Whether the guest answers at least one of a few pings. */
function answers(from: Netns): boolean {
  return from.exec(['ping', '-c', '3', '-i', '0.2', '-W', '1', GUEST]).code === 0;
}

test('pitfall 35: a tap with the rule of the tap resource: the guest is reached from outside', async () => {
  const plans = planIn(host, [
    { bridge: { name: 'br0', ports: ['eth1'] } },
    { tap: { name: 'tap0', bridge: 'br0', owner: 'root', guest_mac: GUEST_MAC } },
    { address: { dev: 'br0', address: '192.168.7.3/24' } },
  ]);
  expect(problemsIn(plans)).toEqual([]);
  expect(applyIn(host, stepsOf(plans))).toEqual([]);
  await startGuest();

  expect(answers(outside)).toBe(true);
  expect(answers(host)).toBe(true);
  expect(host.must('bridge fdb show br br0')).not.toContain(`${GUEST_MAC} dev tap0 master br0 permanent`);
});

test("pitfall 35: a tap with the guest's own MAC: nobody outside reaches the guest, while its host does", async () => {
  host.must(`ip link add br0 address 52:54:00:00:00:aa type bridge; ip link set dev eth1 master br0
ip tuntap add dev tap0 mode tap; ip link set dev tap0 address ${GUEST_MAC} master br0
for d in eth1 tap0 br0; do ip link set dev $d up; done; ip addr add 192.168.7.3/24 dev br0`);
  await startGuest();

  expect(answers(outside)).toBe(false);
  expect(answers(host)).toBe(true);
  expect(host.must('bridge fdb show br br0')).toContain(`${GUEST_MAC} dev tap0 master br0 permanent`);
});
