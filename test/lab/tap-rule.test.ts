/**
 * The rule of taps' and bridges' MACs, seen by a neighbour: what it knows of a bridge's address stays true while taps
 * come and go; and the control experiment, in which it does not.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, type Wish } from '../support/apply.js';
import { type Folder, makeFolder, ownName, settledRun } from '../support/lab-runs.js';
import { createNetns, type Netns } from '../support/netns.js';

const ADDRESS = '192.168.7.3';
const UPLINK = '52:54:00:00:00:01';
const TAPS = Array.from({ length: 50 }, (_, at) => at);
/** Lower than the uplink's, as a random one may be. */
const lowMac = (at: number): string => `02:00:00:00:00:${at.toString(16).padStart(2, '0')}`;
const guestMac = (at: number): string => `00:16:3e:00:00:${at.toString(16).padStart(2, '0')}`;
const hex = (at: number): string => at.toString(16).padStart(2, '0');

describe('a neighbour on the uplink', () => {
  let host: Netns;
  let neighbour: Netns;
  beforeEach(async () => {
    [host, neighbour] = await Promise.all([createNetns(), createNetns()]);
    host.must(`ip link add eth1 address ${UPLINK} type veth peer name out0 netns ${neighbour.pid}`);
    neighbour.must('ip link set dev out0 up; ip addr add 192.168.7.1/24 dev out0');
  });
  afterEach(() => {
    host.close();
    neighbour.close();
  });

  /** Until one answer has come: a port that has just come up may lose the first question. */
  const ASK = ['ping', '-c', '1', '-w', '4', ADDRESS];

  const run = (...tasks: Wish[]): string[] => {
    const plan = planIn(host, tasks);
    expect(problemsIn(plan)).toEqual([]);
    expect(applyIn(host, stepsOf(plan))).toEqual([]);
    return changesIn(plan);
  };
  const macOf = (dev: string): string => host.must(`cat /sys/class/net/${dev}/address`).trim();
  /** What the neighbour learns of the bridge's address when it asks anew, which a stale entry would hide. */
  const learned = (): string => {
    neighbour.must('ip neigh flush dev out0');
    neighbour.must(ASK);
    return /lladdr (\S+)/.exec(neighbour.must(`ip neigh show ${ADDRESS}`))?.[1] ?? 'nothing';
  };

  test('pitfall 36: 50 taps come and go, and its ARP entry of the bridge is the same all the time', () => {
    run({ bridge: { name: 'br0', ports: ['eth1'] } }, { address: { dev: 'br0', address: `${ADDRESS}/24` } });
    neighbour.must(ASK);
    const kept = new Set([learned()]);
    for (const at of TAPS) {
      run({ tap: { name: `tap${at}`, bridge: 'br0', guest_mac: guestMac(at) } });
      expect(macOf(`tap${at}`)).toBe(`fe${guestMac(at).slice(2)}`);
      kept.add(learned()).add(macOf('br0'));
    }
    for (const at of TAPS) {
      run({ tap: { name: `tap${at}`, state: 'absent' } });
      kept.add(learned()).add(macOf('br0'));
    }
    expect([...kept]).toEqual([UPLINK]);
  }, 120_000);

  test('pitfall 36, the control: with plain `ip` and low MACs, its entry changes with each tap', () => {
    host.must(`ip link add br0 type bridge; ip link set eth1 master br0
for d in eth1 br0; do ip link set $d up; done; ip addr add ${ADDRESS}/24 dev br0`);
    expect([learned(), macOf('br0')]).toEqual([UPLINK, UPLINK]);
    const seen = TAPS.slice(1, 11).map((at) => {
      const mac = lowMac(11 - at);
      host.must(`ip tuntap add tap${at} mode tap; ip link set tap${at} address ${mac} master br0`);
      return [learned(), macOf('br0'), mac];
    });
    for (const [learnt, own, mac] of seen) expect([learnt, own]).toEqual([mac, mac]);
    expect(new Set(seen.map(([learnt]) => learnt)).size).toBe(10);
    for (const at of TAPS.slice(1, 11)) host.must(`ip tuntap del tap${at} mode tap`);
    expect([learned(), macOf('br0')]).toEqual([UPLINK, UPLINK]);
  });

  test('the rule for taps alone spares a bridge that nobody pinned, as long as its uplink stays', () => {
    host.must(`ip link add br0 type bridge; ip link set eth1 master br0
for d in eth1 br0; do ip link set $d up; done; ip addr add ${ADDRESS}/24 dev br0`);
    const taps = TAPS.slice(0, 5).map((at) => ({ tap: { name: `tap${at}`, bridge: 'br0' } }));
    run(...taps);
    expect([learned(), macOf('br0'), macOf('tap0').slice(0, 2)]).toEqual([UPLINK, UPLINK, 'fe']);
    // Only a pinned bridge outlives its uplink.
    host.must('ip link set eth1 nomaster');
    expect(macOf('br0').slice(0, 2)).toBe('fe');
  });

  test('a bridge without a NIC has one that is fixed and low, whatever taps it has', () => {
    run({ bridge: { name: 'br9' } });
    const own = macOf('br9');
    expect(own).toMatch(/^02:/);
    const seen = new Set<string>();
    for (const at of TAPS.slice(0, 10)) {
      run({ tap: { name: `tap${at}`, bridge: 'br9', guest_mac: guestMac(at) } });
      seen.add(macOf('br9'));
    }
    host.must(`ip tuntap add low mode tap; ip link set low address 02:00:00:00:00:01 master br9`);
    seen.add(macOf('br9'));
    host.must('ip tuntap del low mode tap');
    for (const at of TAPS.slice(0, 10)) run({ tap: { name: `tap${at}`, state: 'absent' } });
    expect([...seen.add(macOf('br9'))]).toEqual([own]);
  });

  test('a tap of which nobody tells the guest gets a fixed one; one that is there with a MAC of the kernel gets it when it joins', () => {
    run({ bridge: { name: 'br0', ports: ['eth1'] } });
    host.must(
      'ip tuntap add tap1 mode tap; ip tuntap add tap2 mode tap; ip link set tap2 address 0a:00:00:00:00:02',
    );
    const tasks = [0, 1, 2].map((at) => ({ tap: { name: `tap${at}`, bridge: 'br0' } }));
    run(...tasks);
    expect([macOf('tap0').slice(0, 2), macOf('tap1').slice(0, 2), macOf('tap2')]).toEqual([
      ...['fe', 'fe'],
      // Somebody chose this one.
      '0a:00:00:00:00:02',
    ]);
    expect(new Set([macOf('tap0'), macOf('tap1')]).size).toBe(2);
    expect(changesIn(planIn(host, tasks))).toEqual([]);
  });

  test('another guest: the MAC of its tap changes in place', () => {
    run(
      { bridge: { name: 'br0', ports: ['eth1'] } },
      { tap: { name: 'tap0', bridge: 'br0', guest_mac: guestMac(1) } },
    );
    expect(run({ tap: { name: 'tap0', bridge: 'br0', guest_mac: 'fe:00:00:00:00:07' } })).toEqual([
      `link tap0 mac: fe${guestMac(1).slice(2)} → fa:00:00:00:00:07`,
    ]);
  });
});

describe('by the program, over SSH', () => {
  let folder: Folder;
  let lab: Lab;
  beforeAll(async () => {
    folder = makeFolder();
    lab = await labUp({
      name: ownName('taps'),
      hosts: {
        node: { nics: { eth1: { switch: 'lan', mac: UPLINK } } },
        neighbour: { ssh: false, nics: { eth0: { switch: 'lan', addresses: ['192.168.7.1/24'] } } },
      },
    });
  });
  afterAll(async () => {
    folder?.remove();
    await lab?.down();
  });

  const learned = async (): Promise<string> => {
    const script = `ip neigh flush dev eth0; ping -c 1 -W 2 ${ADDRESS} >/dev/null; ip neigh show ${ADDRESS}`;
    return /lladdr (\S+)/.exec((await lab.exec('neighbour', ['sh', '-c', script])).stdout)?.[1] ?? 'nothing';
  };
  const play = async (name: string, tap: object): Promise<void> => {
    const tasks = [
      { bridge: { name: 'br0', ports: ['eth1'] } },
      { address: { dev: 'br0', address: `${ADDRESS}/24` } },
      {
        taps: TAPS.map((at) => ({
          name: `tap${at}`,
          ...tap,
          ...('state' in tap ? {} : { guest_mac: `52:54:00:aa:00:${hex(at)}` }),
        })),
      },
    ];
    await settledRun([folder.write(`${name}.yml`, [{ hosts: 'node', tasks }]), '-i', lab.inventory]);
  };

  test('50 taps in one run, and none in the next: the neighbour sees one MAC', async () => {
    await play('taps', { bridge: 'br0' });
    const { stdout } = await lab.exec('node', ['sh', '-c', 'ls /sys/class/net | grep -c ^tap']);
    expect(stdout.trim()).toBe('50');
    expect(await learned()).toBe(UPLINK);
    await play('none', { state: 'absent' });
    const { stdout: left } = await lab.exec('node', ['sh', '-c', 'ls /sys/class/net | grep -c ^tap']);
    expect(left.trim()).toBe('0');
    expect(await learned()).toBe(UPLINK);
  });
});
