import type { Change, Problem } from '../shared/change.js';
import { parseRate } from '../shared/rate.js';
import type { Effect } from '../snapshot/effects.js';
import type { Snapshot } from '../snapshot/model.js';
import { OVS_MARK, type Ovs, type OvsQos, type OvsQueue, unsetColumns } from '../snapshot/ovs.js';
import { createWords, differ, ovsSteps, wantedColumns } from './ovs/columns.js';
import {
  changeQos,
  createQos,
  destroyQos,
  qosMark,
  qosSteps,
  queueMark,
  restoreQos,
} from './ovs/qos-rows.js';
import { qosSchema } from './ovs/qos-schema.js';
import { showQos, showQueue } from './ovs/qos-text.js';
import { isResult, OVS_READS, openVswitch } from './ovs/state.js';
import type { PlanResult, Resource } from './resource.js';

interface QueueParams {
  id: number;
  min_rate?: string | null;
  max_rate?: string | null;
  burst?: string | null;
  priority?: number | null;
  dscp?: number | null;
}

export interface OvsQosParams {
  port: string;
  type?: 'linux-htb' | 'linux-hfsc';
  max_rate?: string | null;
  queues?: readonly QueueParams[];
  exclusive?: boolean;
  external_ids?: Readonly<Record<string, string | number | boolean | null>> | null;
  state?: 'present' | 'absent';
}

function plan(params: OvsQosParams, snapshot: Snapshot): PlanResult {
  const absent = params.state === 'absent';
  const ovs = openVswitch(snapshot, absent);
  if (isResult(ovs)) return ovs;
  const { port } = params;
  const current = ovs.qos.get(port);
  const problems = absent ? [] : problemsOf(params, current, ovs);
  if (problems.length > 0) return { changes: [], problems };
  const own = absent
    ? current && removal(port, current)
    : wantedChange(port, current, wantedQos(params, current));
  const strays = strayChange(ovs);
  const changes = [own, strays].filter((change) => change !== undefined);
  return { changes };
}

function problemsOf(params: OvsQosParams, current: OvsQos | undefined, { ports }: Ovs): Problem[] {
  const { port, queues = [] } = params;
  if (!ports.has(port))
    return [
      {
        message: `Open vSwitch has no port ${port}`,
        hint: `Put before it: ovs_port: {bridge: …, name: ${port}}`,
        path: ['port'],
      },
    ];
  const problems = queues.flatMap((queue, index) => queueProblems(queue, queues, index));
  if (problems.length > 0 || current === undefined) return problems;
  const wanted = wantedQos(params, current);
  if (same(current, wanted)) return [];
  const [other] = current.sharedWith;
  if (other !== undefined)
    return [
      {
        message: `${port} has its QoS together with ${current.sharedWith.join(', ')}, which would change as well`,
        hint: `Give it one of its own: ovs-vsctl clear Port ${port} qos`,
        path: ['port'],
      },
    ];
  const made = Object.entries(current.queues).filter(
    ([id, queue]) => queue.uuid === null && differ(queue.columns, wanted.queues[id]?.columns ?? {}),
  );
  return made.map(([id]) => ({
    message: `queue ${id} of ${port} is made otherwise by an earlier task of this play`,
    path: ['queues', queues.findIndex((queue) => String(queue.id) === id)],
  }));
}

function queueProblems(
  { id, min_rate, max_rate }: QueueParams,
  all: readonly QueueParams[],
  index: number,
): Problem[] {
  const path = ['queues', index];
  const bits = (text: string | null | undefined): number | undefined =>
    text == null ? undefined : parseRate(text);
  const [low, high] = [bits(min_rate), bits(max_rate)];
  if (all.findIndex((other) => other.id === id) !== index)
    return [{ message: `queue ${id} is given twice`, path: [...path, 'id'] }];
  if (low !== undefined && high !== undefined && low > high)
    return [
      {
        message: `min_rate ${min_rate} of queue ${id} is above its max_rate ${max_rate}`,
        path: [...path, 'min_rate'],
      },
    ];
  return [];
}

function wantedQos(
  { port, type, max_rate, queues = [], exclusive, external_ids }: OvsQosParams,
  current?: OvsQos,
): OvsQos {
  const now = current?.columns ?? newColumns('QoS', qosMark(port));
  const columns = wantedColumns('QoS', now, {
    type: type ?? (now.type === '' ? 'linux-htb' : undefined),
    other_config: keyed('max-rate', rateText(max_rate)),
    external_ids,
  });
  const given = queues.map((queue): [string, OvsQueue] => [
    String(queue.id),
    wantedQueue(port, queue, current),
  ]);
  const kept = exclusive === true ? {} : current?.queues;
  return {
    ...(current ?? { uuid: null, sharedWith: [] }),
    columns,
    queues: { ...kept, ...Object.fromEntries(given) },
  };
}

function newColumns(table: 'QoS' | 'Queue', mark: string): OvsQos['columns'] {
  return wantedColumns(table, unsetColumns(table), { external_ids: { [OVS_MARK]: mark } });
}

/** A queue that another QoS has as well is not changed: the port gets one of its own. */
function wantedQueue(port: string, queue: QueueParams, current: OvsQos | undefined): OvsQueue {
  const { id, min_rate, max_rate, burst, priority, dscp } = queue;
  const now = current?.queues[id];
  const wishes = {
    dscp,
    other_config: {
      ...keyed('min-rate', rateText(min_rate)),
      ...keyed('max-rate', rateText(max_rate)),
      ...keyed('burst', rateText(burst)),
      ...keyed('priority', priority),
    },
  };
  const fresh = { uuid: null, shared: false, columns: newColumns('Queue', queueMark(port, String(id))) };
  if (now === undefined) return { ...fresh, columns: wantedColumns('Queue', fresh.columns, wishes) };
  const columns = wantedColumns('Queue', now.columns, wishes);
  if (!now.shared || !differ(now.columns, columns)) return { ...now, columns };
  const { external_ids } = fresh.columns;
  return { ...fresh, columns: { ...columns, external_ids: external_ids ?? {} } };
}

function keyed(
  key: string,
  value: string | number | null | undefined,
): Record<string, string | number | null> {
  return value === undefined ? {} : { [key]: value };
}

/** Bits per second, or bits of a burst, as Open vSwitch has them. */
function rateText(text: string | null | undefined): string | null | undefined {
  return text == null ? text : String(parseRate(text));
}

function same(one: OvsQos, other: OvsQos): boolean {
  const ids = new Set([...Object.keys(one.queues), ...Object.keys(other.queues)]);
  return (
    !differ(one.columns, other.columns) &&
    [...ids].every((id) => {
      const [a, b] = [one.queues[id], other.queues[id]];
      return a !== undefined && b !== undefined && !differ(a.columns, b.columns);
    })
  );
}

/** One change for the port's own settings and its queues: they are one transaction of the database. */
function wantedChange(port: string, current: OvsQos | undefined, wanted: OvsQos): Change | undefined {
  if (current !== undefined && same(current, wanted)) return undefined;
  return {
    resource: 'ovs_qos',
    address: `ovs_qos ${port}`,
    action: current === undefined ? 'create' : 'update',
    before: current === undefined ? null : showQos(current, wanted),
    after: showQos(wanted, current),
    do:
      current === undefined ? ovsSteps(createQos(port, wanted)) : qosSteps(changeQos(port, current, wanted)),
    undo: qosSteps(current === undefined ? destroyQos(port, wanted) : changeQos(port, wanted, current)),
    effects: [{ kind: 'ovs', part: 'qos', name: port, value: wanted }],
  };
}

function removal(port: string, current: OvsQos): Change {
  return {
    resource: 'ovs_qos',
    address: `ovs_qos ${port}`,
    action: 'delete',
    before: showQos(current),
    after: null,
    do: qosSteps(destroyQos(port, current)),
    undo: ovsSteps(restoreQos(port, current)),
    effects: [{ kind: 'ovs', part: 'qos', name: port, value: null }],
  };
}

/** Rows with netplay's mark that nobody refers to any more: their port went, or somebody gave it others. */
function strayChange({ strays }: Ovs): Change | undefined {
  if (strays.size === 0) return undefined;
  const all = [...strays];
  return {
    resource: 'ovs_qos',
    address: 'ovs_qos rows that no port has',
    action: 'delete',
    before: all.map(([, { table, columns }]) => showQueue(table, columns)).join(', '),
    after: null,
    do: ovsSteps([...all].map(([uuid, { table }]) => ['--if-exists', 'destroy', table, uuid])),
    undo: ovsSteps(all.map(([, { table, columns }]) => ['create', table, ...createWords(table, columns)])),
    effects: all.map(([name]): Effect => ({ kind: 'ovs', part: 'strays', name, value: null })),
  };
}

/** Egress shaping of a port of Open vSwitch, with queues. */
export const ovsQos: Resource<OvsQosParams> = {
  name: 'ovs_qos',
  plural: 'ovs_qoses',
  mapKey: 'port',
  mapValue: 'max_rate',
  summary: 'What a port of Open vSwitch sends, shaped, in queues that flows send to (ovs_flow).',
  schema: qosSchema,
  examples: [
    {
      ovs_qos: {
        port: 'eth1',
        max_rate: '100mbit',
        queues: [
          { id: 0, max_rate: '100mbit' },
          { id: 1, min_rate: '10mbit', max_rate: '20mbit', priority: 5 },
        ],
      },
    },
    { ovs_qos: { port: 'eth1', queues: [{ id: 0, max_rate: '50mbit' }], exclusive: true } },
    { ovs_qos: { port: 'eth1', state: 'absent' } },
  ],
  reads: () => OVS_READS,
  plan,
};
