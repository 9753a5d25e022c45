import { describe, expect, test } from 'vitest';
import { planTasks } from '../../../src/engine/plan.js';
import type { RuleParams } from '../../../src/resources/routing/rule-wish.js';
import { rule } from '../../../src/resources/rule.js';
import type { Step } from '../../../src/shared/change.js';
import { applyEffects } from '../../../src/snapshot/simulate.js';
import { describeStep } from '../../../src/transaction/steps.js';
import { type Host, snapshotOf } from '../../support/snapshots.js';

const KERNEL4 = `0:	from all lookup local proto kernel
32766:	from all lookup main proto kernel
32767:	from all lookup default proto kernel`;
const KERNEL6 = `0:	from all lookup local proto kernel
32766:	from all lookup main proto kernel`;
const PLAIN: Host = {
  rules4: KERNEL4,
  rules6: KERNEL6,
  tables: [{ id: 100, name: 'local100', file: '/etc/iproute2/rt_tables' }],
};

/** The kernel's rules and, between them, those given. */
const having = (...rules: string[]): Host => ({ ...PLAIN, rules4: `${rules.join('\n')}\n${KERNEL4}` });
const lines = (steps: readonly Step[]) => steps.map(describeStep);

interface Planned {
  name: string;
  host?: Host;
  params: RuleParams;
  address?: string;
  before?: string | null;
  after?: string | null;
  do: readonly string[];
  undo: readonly string[];
  warning?: string;
}

const CHANGES: Planned[] = [
  {
    name: 'from an address',
    params: { from: '192.168.1.1', table: 'local100', priority: 100 },
    address: 'rule 100 from 192.168.1.1',
    before: null,
    after: '100: from 192.168.1.1 lookup local100',
    do: ['ip rule add from 192.168.1.1 priority 100 table 100 protocol 201'],
    undo: ['ip rule del from 192.168.1.1 priority 100 table 100 protocol 201'],
  },
  {
    name: 'pitfall 7: without a priority it gets the smallest free from 30000 on',
    host: having('30000:	from 10.0.0.1 lookup 9 proto boot'),
    params: { from: '192.168.1.1', table: 100 },
    do: ['ip rule add from 192.168.1.1 priority 30001 table 100 protocol 201'],
    undo: ['ip rule del from 192.168.1.1 priority 30001 table 100 protocol 201'],
  },
  {
    name: 'pitfall 8: whatever rules there are, the kernel does not choose',
    host: having('1000:	from 10.0.0.1 lookup 9 proto boot'),
    params: { from: '192.168.1.1', table: 100 },
    do: ['ip rule add from 192.168.1.1 priority 30000 table 100 protocol 201'],
    undo: ['ip rule del from 192.168.1.1 priority 30000 table 100 protocol 201'],
  },
  {
    name: 'pitfall 12: a mark of 0 is sent with its mask',
    params: { fwmark: '0/0xffffffff', table: 100, priority: 5 },
    do: ['ip rule add from all fwmark 0x0/0xffffffff priority 5 table 100 protocol 201'],
    undo: ['ip rule del from all fwmark 0x0/0xffffffff priority 5 table 100 protocol 201'],
  },
  {
    name: 'pitfall 13: an IPv6 rule beside its IPv4 twin',
    host: having('100:	from all iif eth0 lookup local100 proto boot'),
    params: { iif: 'eth0', table: 100, priority: 100, family: 6 },
    address: '-6 rule 100 from all iif eth0',
    do: ['ip -6 rule add from all iif eth0 priority 100 table 100 protocol 201'],
    undo: ['ip -6 rule del from all iif eth0 priority 100 table 100 protocol 201'],
  },
  {
    name: "moved: the new one first, then netplay's old one",
    host: having(
      '500:	from 192.168.1.1 lookup local100 proto netplay',
      '500:	from 10.0.0.1 lookup 9 proto boot',
    ),
    params: { from: '192.168.1.1', table: 100, priority: 100 },
    before: '500: from 192.168.1.1 lookup local100',
    after: '100: from 192.168.1.1 lookup local100',
    do: [
      'ip rule add from 192.168.1.1 priority 100 table 100 protocol 201',
      'ip rule del from 192.168.1.1 priority 500 table 100 protocol 201',
    ],
    undo: [
      'ip rule del from 192.168.1.1 priority 100 table 100 protocol 201',
      'ip rule add from 192.168.1.1 priority 500 table 100 protocol 201',
      'ip rule del from 10.0.0.1 priority 500 table 9 protocol 3',
      'ip rule add from 10.0.0.1 priority 500 table 9 protocol 3',
    ],
  },
  {
    name: "a stranger's rule at another priority stays, with a warning",
    host: having('500:	from 192.168.1.1 lookup local100 proto static'),
    params: { from: '192.168.1.1', table: 100, priority: 100 },
    do: ['ip rule add from 192.168.1.1 priority 100 table 100 protocol 201'],
    undo: ['ip rule del from 192.168.1.1 priority 100 table 100 protocol 201'],
    warning: 'the same rule is at priority 500 too, made by static; it was left there',
  },
  {
    name: 'a maker that is asked for: the new one beside the old, then the old away',
    host: having('100:	from 192.168.1.1 lookup local100 proto boot'),
    params: { from: '192.168.1.1', table: 100, protocol: 'netplay' },
    before: '100: from 192.168.1.1 lookup local100 proto boot',
    do: [
      'ip rule add from 192.168.1.1 priority 100 table 100 protocol 201',
      'ip rule del from 192.168.1.1 priority 100 table 100 protocol 3',
    ],
    undo: [
      'ip rule del from 192.168.1.1 priority 100 table 100 protocol 201',
      'ip rule add from 192.168.1.1 priority 100 table 100 protocol 3',
    ],
  },
  {
    name: 'an ip that knows no protocol in rules',
    host: { ...PLAIN, tools: { ruleProtocol: false, iproute2: 'iproute2-ss130716' } },
    params: { from: '192.168.1.1', table: 100, priority: 100 },
    do: ['ip rule add from 192.168.1.1 priority 100 table 100'],
    undo: ['ip rule del from 192.168.1.1 priority 100 table 100'],
  },
  {
    name: 'pitfall 26: a missing device makes a rule that is dead',
    params: { iif: 'eth9', table: 100, priority: 100 },
    do: ['ip rule add from all iif eth9 priority 100 table 100 protocol 201'],
    undo: ['ip rule del from all iif eth9 priority 100 table 100 protocol 201'],
    warning: 'the rule is there but dead: no device eth9',
  },
  {
    name: 'everything blackholed says so',
    params: { action: 'blackhole', priority: 40000 },
    do: ['ip rule add from all priority 40000 blackhole protocol 201'],
    undo: ['ip rule del from all priority 40000 blackhole protocol 201'],
    warning: 'blackhole without a selector holds for every packet of this host',
  },
  {
    name: 'pitfall 10: absent deletes by the whole selector, priority, action and maker',
    host: having('90:	from 10.0.0.1 iif eth0 lookup local100 proto boot'),
    params: { from: '10.0.0.1', state: 'absent' },
    before: '90: from 10.0.0.1 iif eth0 lookup local100 proto boot',
    after: null,
    do: ['ip rule del from 10.0.0.1 iif eth0 priority 90 table 100 protocol 3'],
    undo: ['ip rule add from 10.0.0.1 iif eth0 priority 90 table 100 protocol 3'],
  },
];

describe('changes', () => {
  test.each(CHANGES)('$name', ({ host = PLAIN, params, warning, ...expected }) => {
    const snapshot = snapshotOf(host);
    const { changes, problems, warnings } = rule.plan(params, snapshot);
    expect(problems ?? []).toEqual([]);
    expect(changes).toHaveLength(1);
    const [change] = changes;
    expect(lines(change?.do ?? [])).toEqual(expected.do);
    expect(lines(change?.undo ?? [])).toEqual(expected.undo);
    for (const field of ['address', 'before', 'after'] as const)
      if (expected[field] !== undefined) expect(change?.[field]).toBe(expected[field]);
    expect(warnings ?? []).toEqual(warning === undefined ? [] : [warning]);
    const after = applyEffects(
      snapshot,
      changes.flatMap((each) => each.effects),
    );
    expect(rule.plan(params, after).changes).toEqual([]);
  });

  test('ports as a list, for both families', () => {
    const { changes } = rule.plan(
      { ipproto: 'tcp', dport: ['80', 443], table: 100, family: 'both' },
      snapshotOf(PLAIN),
    );
    expect(lines(changes.flatMap((change) => change.do))).toEqual([
      'ip rule add from all ipproto 6 dport 80 priority 30000 table 100 protocol 201',
      'ip rule add from all ipproto 6 dport 443 priority 30001 table 100 protocol 201',
      'ip -6 rule add from all ipproto 6 dport 80 priority 30000 table 100 protocol 201',
      'ip -6 rule add from all ipproto 6 dport 443 priority 30001 table 100 protocol 201',
    ]);
  });
});

test('absent from a table whose name is gone, too: nothing to remove; a name that is nearly one is a slip', () => {
  expect(rule.plan({ from: '10.0.0.1', table: 'upstream', state: 'absent' }, snapshotOf(PLAIN))).toEqual({
    changes: [],
    warnings: ["no table is named 'upstream' on this host: there is nothing to remove"],
  });
  const slip = rule.plan({ from: '10.0.0.1', table: 'local10', state: 'absent' }, snapshotOf(PLAIN));
  expect(slip.problems?.[0]?.message).toContain("Did you mean 'local100'?");
});

interface Same {
  name: string;
  host: Host;
  params: RuleParams;
}

const UNCHANGED: Same[] = [
  {
    name: "pitfall 9: a stranger's twin is the rule",
    host: having('100:	from 192.168.1.1 lookup local100 proto 99'),
    params: { from: '192.168.1.1', table: 'local100', priority: 100 },
  },
  {
    name: 'pitfall 7: the same rule at any priority, where none is asked for',
    host: having('777:	from 192.168.1.1 lookup local100 proto boot'),
    params: { from: '192.168.1.1/32', table: 100 },
  },
  {
    name: 'pitfall 12: from all is no selector',
    host: having('100:	from all iif eth0 lookup local100 proto boot'),
    params: { from: '0/0', to: 'all', iif: 'eth0', table: 100, priority: 100 },
  },
  {
    name: 'pitfall 12: a mark without a mask has all bits',
    host: having('100:	from all fwmark 0x10 lookup local100 proto boot'),
    params: { fwmark: 16, fwmask: '0xffffffff', table: 100 },
  },
  {
    name: 'pitfall 12: not',
    host: having('100:	not from 10.0.0.0/8 lookup local100 proto boot'),
    params: { not: true, from: '10/8', table: 100 },
  },
  {
    name: "absent: the kernel's own rules stay",
    host: PLAIN,
    params: { priority: 32766, state: 'absent' },
  },
  {
    name: 'absent with from: null means only rules without from',
    host: having('100:	from 10.0.0.1 iif eth0 lookup local100 proto boot'),
    params: { from: null, iif: 'eth0', state: 'absent' },
  },
];

describe('nothing to do', () => {
  test.each(UNCHANGED)('$name', ({ host, params }) => {
    const plan = rule.plan(params, snapshotOf(host));
    expect(plan.problems ?? []).toEqual([]);
    expect(plan.changes).toEqual([]);
  });

  test.each([
    '100:	not from 192.168.1.1 lookup local100 proto boot',
    '100:	from 192.168.1.1 iif eth0 lookup local100 proto boot',
    '100:	from 192.168.1.1 lookup local100 suppress_prefixlength 0 proto boot',
    '100:	from 192.168.1.1 lookup 101 proto boot',
    '100:	from 192.168.1.1 dscp 8 lookup local100 proto boot',
  ])('a rule that only looks alike is not the one: %s', (line) => {
    const { changes } = rule.plan(
      { from: '192.168.1.1', table: 100, priority: 100 },
      snapshotOf(having(line)),
    );
    expect(changes.map((change) => change.action)).toEqual(['create']);
  });
});

test('pitfall 48: each host is asked for what its own tools know', () => {
  const params: RuleParams = { from: '192.168.1.1', table: 100, priority: 100 };
  const made = [true, false, true].map((ruleProtocol) => {
    const { changes } = rule.plan(params, snapshotOf({ ...PLAIN, tools: { ruleProtocol } }));
    return lines(changes.flatMap((change) => change.do));
  });
  const plain = 'ip rule add from 192.168.1.1 priority 100 table 100';
  expect(made).toEqual([[`${plain} protocol 201`], [plain], [`${plain} protocol 201`]]);
});

interface Refused {
  name: string;
  host?: Host;
  params: RuleParams;
  message: string;
}

const old = (iproute2: string): Host => ({ ...PLAIN, tools: { iproute2 } });
const REFUSED: Refused[] = [
  { name: 'no table', params: { from: '10.0.0.1' }, message: 'a rule needs a table' },
  {
    name: 'host bits',
    params: { from: '192.168.1.5/24', table: 100 },
    message: 'from 192.168.1.5/24 has bits set beyond its length',
  },
  {
    name: 'two families',
    params: { from: '10.0.0.1', to: '2001:db8::1', table: 100 },
    message: 'to 2001:db8::1 is IPv6',
  },
  {
    name: 'a mark of 0 without its mask means any mark',
    params: { fwmark: 0, table: 100 },
    message: 'fwmark 0 without a mask means every packet',
  },
  {
    name: 'a mask of 0 compares no bit',
    params: { fwmark: '0x1/0', table: 100 },
    message: 'fwmark 0x1/0 with mask 0 means every packet',
  },
  {
    name: 'protocol 0 is no selector to the kernel',
    params: { ipproto: 'ip', table: 100 },
    message: 'ipproto ip means every protocol',
  },
  {
    name: 'goto back from the priority that netplay chooses',
    params: { from: '10.0.0.1', goto: 600 },
    message: 'goto 600 leads back: the rule would have priority 30000',
  },
  { name: 'goto back', params: { from: '10.0.0.1', goto: 50, priority: 100 }, message: 'goto 50 leads back' },
  { name: 'tos beyond', params: { tos: 0x80, table: 100 }, message: 'beyond what a rule can tell' },
  {
    name: 'an unknown table',
    params: { from: '10.0.0.1', table: 'nope' },
    message: "no table is named 'nope'",
  },
  {
    name: 'absent by table alone',
    params: { table: 100, state: 'absent' },
    message: 'absent without a selector or a priority',
  },
  {
    name: 'pitfall 28: ports on 4.11',
    host: old('iproute2-ss170501'),
    params: { dport: '80', table: 100 },
    message: 'the ip of this host (iproute2-ss170501) knows no dport in rules',
  },
  {
    name: 'pitfall 28: suppress_prefixlength on 3.10',
    host: old('iproute2-ss130716'),
    params: { table: 'main', suppress_prefixlength: 0 },
    message: 'knows no suppress_prefixlength in rules',
  },
  {
    name: 'pitfall 28: uidrange on 2.6.33',
    host: old('iproute2-ss100224'),
    params: { uidrange: '0-100', table: 100 },
    message: 'knows no uidrange in rules',
  },
];

describe('refused before anything is touched', () => {
  test.each(REFUSED)('$name', ({ host = PLAIN, params, message }) => {
    const { changes, problems } = rule.plan(params, snapshotOf(host));
    expect(changes).toEqual([]);
    expect(problems?.map((problem) => problem.message).join('\n')).toContain(message);
  });

  test('two tasks that want one rule at two priorities', () => {
    const planned = planTasks(
      [100, 200].map((priority) => ({
        resource: rule,
        items: [{ params: { from: '192.168.1.1', table: 100, priority }, path: [] }],
      })),
      snapshotOf(PLAIN),
    ).tasks;
    expect(planned[0]?.problems[0]?.message).toContain('a later task of this play undoes this one');
  });
});
