/** `shape` on a real kernel: what it makes, changes in place, leaves alone and takes back. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyIn, changesIn, planBackIn, planIn, problemsIn, stepsOf, undoOf } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';

let host: Netns;

beforeEach(async () => {
  host = await createNetns();
  host.must('ip link add eth1 type veth peer name out1; ip link set dev eth1 up; ip link set dev out1 up');
  // The kernel tells of a carrier a moment later.
  host.must(
    'until [ "$(cat /sys/class/net/eth1/operstate /sys/class/net/out1/operstate | sort -u)" = up ]; do sleep 0.05; done',
  );
});
afterEach(() => host?.close());

type Params = Readonly<Record<string, unknown>>;
const planned = (params: Params) => planIn(host, [{ shape: { dev: 'eth1', ...params } }]);

/** Brings the host there, which must leave nothing to do. */
function make(params: Params): ReturnType<typeof planIn> {
  const plan = planned(params);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(host, stepsOf(plan))).toEqual([]);
  expect(changesIn(planned(params))).toEqual([]);
  return plan;
}

/** Links and traffic control, without what counts and what the kernel numbers by itself. */
function dump(): string {
  const text = host.must(`ip -o link | sed 's/^[0-9]*: //'; tc -d qdisc show
for d in $(ls /sys/class/net); do tc -d class show dev $d; tc -d filter show dev $d; tc -d filter show dev $d parent ffff: 2>/dev/null; done; true`);
  // A new ifb has a MAC of its own.
  return text
    .replaceAll(/(ifb-eth1: .*ether) \S+/g, '$1')
    .replaceAll(/ fh \S+/g, '')
    .replaceAll(/key ht \S+/g, '')
    .replaceAll(/@\S+|link-netnsid \d+/g, '');
}

/** Numbers of classes that a listing has, in its order. */
const minors = (dev = 'eth1'): string[] =>
  [...host.must(['tc', 'class', 'show', 'dev', dev]).matchAll(/class htb c9:(\w+)/g)].map(
    ([, minor = '']) => minor,
  );

const WEB = { name: 'web', rate: '30mbit', match: { protocol: 'tcp', sport: 443 } };
const VOICE = { name: 'voice', rate: '5%', priority: 0, match: { dscp: 'ef' } };
const BACKUP = { name: 'backup', ceil: '50mbit', match: [{ dst: '192.0.2.0/24' }, { dst: '2001:db8::/32' }] };
const INGRESS = { rate: '20mbit', classes: [{ name: 'in', rate: '50%', match: { src: '192.0.2.1' } }] };
const FULL: Params = { egress: '100mbit', classes: [VOICE, WEB, BACKUP], ingress: INGRESS };

describe('made, changed and removed', () => {
  test('all at once, and taken back to the byte', () => {
    const before = dump();
    const plan = make(FULL);
    expect(host.must('tc qdisc show dev ifb-eth1')).toContain('htb c9: root');
    const made = dump();
    expect(applyIn(host, undoOf(plan))).toEqual([]);
    expect(dump()).toBe(before);
    expect(applyIn(host, stepsOf(planned(FULL)))).toEqual([]);
    expect(dump()).toBe(made);
    const back = planBackIn(host, plan);
    expect(back.problems ?? []).toEqual([]);
    expect(
      applyIn(
        host,
        back.changes.flatMap((change) => change.do),
      ),
    ).toEqual([]);
    expect(dump()).toBe(before);
  });

  test('absent removes it all, leaves the kernel its default, and has nothing to do a second time', () => {
    const before = dump();
    make(FULL);
    const plan = make({ state: 'absent' });
    expect(dump()).toBe(before);
    expect(applyIn(host, undoOf(plan))).toEqual([]);
    expect(changesIn(planned(FULL))).toEqual([]);
  });

  test('a rate that changes is changed where it stands: no class, filter or queue is made anew', () => {
    make(FULL);
    const plan = planned({ ...FULL, egress: '50mbit', ingress: { ...INGRESS, rate: '10mbit' } });
    const changes = plan.sequence.flatMap((unit) => unit.changes);
    expect(changes.map(({ action }) => action)).toEqual(changes.map(() => 'update'));
    // A share of the whole shrinks with it; web's own rate stays.
    expect(changes.map(({ address }) => address)).toContain('class eth1 c9:1');
    const steps = stepsOf(plan).map((step) => ('args' in step ? step.args.slice(0, 2).join(' ') : step.kind));
    expect(new Set(steps)).toEqual(new Set(['class change', 'qdisc change']));
    const before = dump();
    expect(applyIn(host, stepsOf(plan))).toEqual([]);
    expect(host.must('tc class show dev eth1')).toContain('htb c9:1 root rate 50Mbit ceil 50Mbit');
    expect(host.must('tc class show dev ifb-eth1')).toContain('htb c9:1 root rate 10Mbit ceil 10Mbit');
    expect(applyIn(host, undoOf(plan))).toEqual([]);
    expect(dump()).toBe(before);
  });

  test('a class that comes in the middle leaves the others', () => {
    make(FULL);
    const filters = host.must('tc filter show dev eth1');
    const ssh = { name: 'ssh', match: { protocol: 'tcp', sport: 22 }, rate: '1mbit' };
    const changed = make({ ...FULL, classes: [VOICE, ssh, WEB, BACKUP] });
    const touched = changed.sequence
      .flatMap((unit) => unit.changes)
      .filter(({ action }) => action !== 'create');
    // Two classes share what the others leave, which is less by now.
    expect(touched.map(({ address, action }) => `${action} ${address}`)).toEqual([
      expect.stringMatching(/^update class eth1 c9:\w+$/),
      expect.stringMatching(/^update class eth1 c9:2$/),
    ]);
    const now = host.must('tc filter show dev eth1');
    expect(filters.split('\n').filter((line) => !now.includes(line))).toEqual([]);
    // voice at 100, ssh at 150, web at 200, backup at 300.
    expect([...now.matchAll(/protocol ip pref (\d+) u32 chain 0 \n/g)].map(([, prio]) => prio)).toEqual([
      '100',
      '150',
      '200',
      '300',
    ]);
  });

  test('a class that is left out goes with its filters, whoever made it', () => {
    make(FULL);
    host.must(`tc class add dev eth1 parent c9:1 classid c9:55 htb rate 1mbit
tc class add dev eth1 parent c9:55 classid c9:56 htb rate 1mbit
tc filter add dev eth1 parent c9: protocol ip prio 100 u32 match ip dport 99 0xffff flowid c9:56
tc filter add dev eth1 parent c9: protocol arp prio 7 u32 match u32 0 0 flowid c9:56`);
    const before = dump();
    const plan = make({ ...FULL, classes: [WEB] });
    expect(minors()).toHaveLength(3);
    expect(host.must('tc filter show dev eth1').match(/flowid/g)).toHaveLength(2);
    expect(applyIn(host, undoOf(plan))).toEqual([]);
    expect(sorted(dump())).toEqual(sorted(before));
  });

  test('another match of a class takes the place of the first one', () => {
    make(FULL);
    const plan = make({
      ...FULL,
      classes: [VOICE, { ...WEB, match: { protocol: 'tcp', sport: 8443 } }, BACKUP],
    });
    expect(changesIn(plan).map((text) => text.replace(/:.*/, ''))).toHaveLength(4);
    const filters = host.must('tc filter show dev eth1');
    expect(filters).toContain('20fb0000/ffff0000');
    expect(filters).not.toContain('01bb0000/ffff0000');
  });

  test('classes in another order are asked in that order', () => {
    make(FULL);
    make({ ...FULL, classes: [BACKUP, VOICE, WEB] });
    const flows = [...host.must('tc filter show dev eth1').matchAll(/pref (\d+) .*flowid (c9:\w+)/g)];
    const order = flows
      .map(([, prio, classid]) => ({ prio: Number(prio), classid }))
      .sort((a, b) => a.prio - b.prio);
    const [backup, voice, web] = [...new Set(order.map(({ classid }) => classid))];
    expect(host.must('tc class show dev eth1')).toMatch(new RegExp(`${backup} .*ceil 50Mbit`));
    expect(host.must('tc class show dev eth1')).toMatch(new RegExp(`${voice} .*prio 0`));
    expect(host.must('tc class show dev eth1')).toMatch(new RegExp(`${web} .*rate 30Mbit`));
  });

  test('the default class is another one: nothing else is made anew', () => {
    make({ ...FULL, classes: [VOICE, WEB, { ...BACKUP, default: true }] });
    const plan = make({ ...FULL, classes: [VOICE, { ...WEB, default: true }, BACKUP] });
    expect(changesIn(plan).join('\n')).not.toContain('qdisc eth1 root');
    expect(host.must('tc class show dev eth1')).toMatch(/c9:2 .*rate 30Mbit/);
  });

  test('what is left out of the task is removed: ingress, then egress', () => {
    make(FULL);
    make({ egress: '100mbit' });
    expect(host.exec('ip link show ifb-eth1').code).toBe(1);
    expect(host.must('tc qdisc show dev eth1')).not.toContain('ingress');
    make({ ingress: '20mbit' });
    expect(host.must('tc qdisc show dev eth1')).not.toContain('htb');
  });
});

describe('what others made', () => {
  test('a root of somebody else is replaced, which the plan says, and comes back', () => {
    host.must('tc qdisc add dev eth1 root handle 5: tbf rate 5mbit burst 32kb latency 50ms');
    const before = dump();
    const plan = make({ egress: '20mbit' });
    expect(plan.tasks.flatMap((task) => task.warnings)).toContain(
      'eth1 has a tbf of somebody else at its root, which the shape replaces',
    );
    expect(changesIn(plan)[0]).toMatch(/^qdisc eth1 root: 5: tbf rate 5mbit .* → c9: htb/);
    expect(applyIn(host, undoOf(plan))).toEqual([]);
    expect(dump()).toBe(before);
  });

  test('absent leaves what is not its own', () => {
    host.must(`tc qdisc add dev eth1 root handle 5: tbf rate 5mbit burst 32kb latency 50ms
tc qdisc add dev eth1 handle ffff: ingress
tc filter add dev eth1 parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev out1`);
    expect(changesIn(planned({ state: 'absent' }))).toEqual([]);
  });

  test("somebody else's filter at ingress stays, and the plan says that it comes first", () => {
    host.must(`tc qdisc add dev eth1 handle ffff: ingress
tc filter add dev eth1 parent ffff: protocol ip prio 1 u32 match ip src 192.0.2.9/32 action mirred egress mirror dev out1`);
    const before = dump();
    const plan = make({ ingress: '20mbit' });
    expect(plan.tasks.flatMap((task) => task.warnings)).toEqual([
      'eth1 has filters of others at ingress (prio 1); what they take below prio 201 is not limited',
    ]);
    make({ state: 'absent' });
    expect(dump()).toBe(before);
  });
});

describe('names and numbers', () => {
  test('a device whose name leaves no room for a prefix has an ifb too', () => {
    host.must('ip link add enp130s0f1np1.x type veth peer name out2');
    const plan = planIn(host, [{ shape: { dev: 'enp130s0f1np1.x', ingress: '20mbit' } }]);
    expect(applyIn(host, stepsOf(plan))).toEqual([]);
    expect(host.must('ip -o link show type ifb')).toMatch(/^\d+: ifb-enp13-[\da-f]{5}: /);
    const gone = planIn(host, [{ shape: { dev: 'enp130s0f1np1.x', state: 'absent' } }]);
    expect(applyIn(host, stepsOf(gone))).toEqual([]);
    expect(host.must('ip -o link show type ifb')).toBe('');
  });

  test('two hundred classes come in one run, and leave nothing to do', () => {
    const classes = Array.from({ length: 200 }, (_, index) => ({
      name: `customer ${index}`,
      rate: '4mbit',
      ceil: '100mbit',
      match: { dst: `10.0.0.${index}` },
    }));
    make({ egress: '1gbit', classes });
    expect(minors()).toHaveLength(202);
  });
});

const sorted = (text: string): string[] => text.split('\n').sort();
