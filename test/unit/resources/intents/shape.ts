import { planTasks } from '../../../../src/engine/plan.js';
import { shape } from '../../../../src/resources/intents/shape.js';
import type { Snapshot } from '../../../../src/snapshot/model.js';
import type { OpenVz, Ve } from '../../../../src/snapshot/openvz.js';
import type { TcItem } from '../../../../src/snapshot/tc.js';
import { type Host, snapshotOf } from '../../../support/snapshots.js';
import type { ExpansionCase } from './cases.js';

/** A host whose kernel ticks finely and has all but what is lacking. */
function shaped(host: Host, items: readonly TcItem[] = [], lacking: readonly string[] = []): Snapshot {
  const tc = { items, tables: new Set<string>(), lacking: new Set(lacking), hz: 1_000_000_000 };
  return { ...snapshotOf(host), tc, linkKinds: new Map([['ifb', !lacking.includes('ifb')]]) };
}

const PLAIN = shaped({});

/** The host once a task is done. */
export function afterShape(params: unknown, snapshot: Snapshot = PLAIN): Snapshot {
  const { state, tasks } = planTasks([{ resource: shape, items: [{ params, path: [] }] }], snapshot);
  const problems = tasks.flatMap((task) => task.problems);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
  return state;
}

const root = (dev: string, r2q?: number) => ({
  qdisc: { dev, kind: 'htb', handle: 'c9:', default: '2', ...(r2q !== undefined && { r2q }) },
});
const whole = (dev: string, rate: string, burst: number) => ({
  class: { dev, classid: 'c9:1', parent: 'c9:', rate, ceil: rate, burst, cburst: burst },
});
/** Its rate and ceil with their bursts. */
type Rates = readonly [rate: string, burst: number, ceil: string, cburst: number];
const share = (dev: string, minor: string, [rate, burst, ceil, cburst]: Rates, quantum: number, prio = 4) => ({
  class: { dev, classid: `c9:${minor}`, parent: 'c9:1', rate, ceil, burst, cburst, prio, quantum },
});
const fair = (dev: string, minor: string, target = '5ms', interval = '100ms', quantum = 1514) => ({
  qdisc: { dev, parent: `c9:${minor}`, kind: 'fq_codel', target, interval, quantum },
});
const sort = (dev: string, prio: number, minor: string, match: object) => ({
  filter: {
    ...{ dev, parent: 'c9:', protocol: prio % 10 === 1 ? 'ipv6' : 'ip', prio, kind: 'u32', match },
    classid: `c9:${minor}`,
  },
});

/** Minors that follow from names. */
const [WEB, VOICE, BACKUP] = ['ad41', '9ba9', 'd7a8'];

const EGRESS = { dev: 'eth1', egress: '100mbit' };
/** Of 100mbit: a millisecond's bytes and a packet. */
const FULL = ['100mbit', 14_014, '100mbit', 14_014] as const;
const PLAIN_TREE = [root('eth1', 209), whole('eth1', '100mbit', 14_014), share('eth1', '2', FULL, 200_000), fair('eth1', '2')];
const WEB_CLASS = { name: 'web', rate: '30%', match: { protocol: 'tcp', sport: 443 } };
const WEB_RATES = ['30mbit', 5264, '100mbit', 14_014] as const;
const REST_RATES = ['70mbit', 10_264, '100mbit', 14_014] as const;

function ve(id: string, running: boolean, addresses: readonly string[]): Ve {
  return {
    ...{ id, name: null, hostname: `www${id}`, running, addresses: running ? addresses : [], configured: addresses },
    ...{ netifs: [], nameservers: [], searchdomains: [], onboot: true },
  };
}

const OPENVZ: OpenVz = {
  ...{ version: 'legacy', prlctl: false, conf: new Map(), listed: true },
  ves: [
    ve('101', true, ['192.168.18.101', '2001:db8::101']),
    ve('102', false, ['192.168.18.102']),
    ve('103', true, []),
  ],
};
const NODE = shaped({ links: ['lo', 'eth1', 'venet0'], openvz: OPENVZ });

const TBF: TcItem = {
  ...{ type: 'qdisc', dev: 'eth1', parent: 'root', handle: '8001:', kind: 'tbf', other: [] },
  options: { rate: 1_000_000, burst: 5000, latency: 50_000 },
};

function refused(title: string, params: object, problems: readonly string[], snapshot = PLAIN): ExpansionCase {
  return { title: `refused: ${title}`, params: { ...EGRESS, ...params }, snapshot, parts: [], problems };
}

const match = { dst: '192.0.2.1' };

export const SHAPE: readonly ExpansionCase[] = [
  { title: 'what leaves, in one class', params: EGRESS, snapshot: PLAIN, parts: PLAIN_TREE },
  {
    title: 'a class has its rate, all others what it leaves; a port is looked for in both families',
    params: { ...EGRESS, classes: [WEB_CLASS] },
    snapshot: PLAIN,
    parts: [
      ...PLAIN_TREE.slice(0, 2),
      ...[share('eth1', WEB, WEB_RATES, 200_000), fair('eth1', WEB)],
      ...[share('eth1', '2', REST_RATES, 200_000), fair('eth1', '2')],
      sort('eth1', 100, WEB, WEB_CLASS.match),
      sort('eth1', 101, WEB, WEB_CLASS.match),
    ],
  },
];

export const UNUSED = { VOICE, BACKUP, NODE, TBF, refused, match };
