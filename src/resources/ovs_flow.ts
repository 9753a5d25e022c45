import type { Change, Problem, Step } from '../shared/change.js';
import type { Kept, KeptFlow } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import { flowKey, type Ovs, type OvsFlow } from '../snapshot/ovs.js';
import { cookieText, numbered } from '../snapshot/ovs-flow-text.js';
import { nameParameter, stateParameter } from './ovs/schema.js';
import { isDevice, isResult, isUserspace, OVS_READS, openVswitch } from './ovs/state.js';
import type { JsonSchema, PlanResult, Resource } from './resource.js';

export interface OvsFlowParams {
  bridge: string;
  table?: number;
  priority?: number;
  match?: string;
  actions?: string;
  cookie?: string;
  state?: 'present' | 'absent';
}

/** Says of a flow that netplay made it: "netplay" in ASCII. */
export const OWN_COOKIE = '0x6e6574706c6179';
const DEFAULT_PRIORITY = 32_768;

/** The flow in ovs-ofctl's words, for the host to say how it spells them. */
function textOf({
  table = 0,
  priority = DEFAULT_PRIORITY,
  match = '',
  actions = 'drop',
}: OvsFlowParams): string {
  return [
    `table=${table}`,
    `priority=${priority}`,
    ...(match.trim() === '' ? [] : [match.trim()]),
    `actions=${actions.trim()}`,
  ].join(',');
}

function plan(params: OvsFlowParams, snapshot: Snapshot): PlanResult {
  const absent = params.state === 'absent';
  const ovs = openVswitch(snapshot, absent);
  if (isResult(ovs)) return ovs;
  const { bridge, actions } = params;
  if (!ovs.bridges.has(bridge))
    return absent ? { changes: [] } : { changes: [], problems: [noBridge(bridge, ovs)] };
  if (!absent && actions === undefined)
    return {
      changes: [],
      problems: [{ message: 'a flow needs actions', hint: 'To drop what matches: actions: drop.', path: [] }],
    };
  const spelled = ovs.spelled.get(`${bridge} ${textOf(params)}`);
  if (spelled === undefined || 'words' in spelled)
    return {
      changes: [],
      problems: [
        {
          message: `ovs-ofctl does not take this flow: ${spelled?.words ?? 'it was not asked'}`,
          path: ['match'],
        },
      ],
    };
  const current = ovs.flows.get(flowKey(spelled));
  if (absent) return { changes: current === undefined ? [] : [removal(current, ovs)] };
  const wanted = { ...spelled, cookie: cookieText(params.cookie ?? current?.cookie ?? OWN_COOKIE) };
  if (current !== undefined && same(current, wanted))
    return { changes: [], warnings: queueWarnings(wanted, ovs) };
  const missing = portsOf(wanted).filter((name) => !ovs.interfaces.has(name));
  if (missing.length > 0)
    return {
      changes: [],
      problems: [{ message: `Open vSwitch has no interface ${missing.join(', ')}`, path: ['match'] }],
    };
  return { changes: [setting(params, wanted, current, ovs)], warnings: queueWarnings(wanted, ovs) };
}

/** It knows the number of a queue and does not tell the device: measured with Open vSwitch 3.1. */
function queueWarnings({ bridge, actions }: OvsFlow, { bridges }: Ovs): string[] {
  const columns = bridges.get(bridge)?.columns;
  if (columns === undefined || !isUserspace(columns) || !actions.includes('set_queue:')) return [];
  return [
    `${bridge} is in the userspace datapath, which sends nothing to queues: the flow matches, and queue 0 takes it`,
  ];
}

function noBridge(bridge: string, { bridges }: Ovs): Problem {
  return {
    message: `Open vSwitch has no bridge ${bridge}`,
    hint: `Bridges here: ${[...bridges.keys()].join(', ') || 'none'}.`,
    path: ['bridge'],
  };
}

function same(one: OvsFlow, other: OvsFlow): boolean {
  return (
    one.actions === other.actions && one.cookie === other.cookie && one.other.join() === other.other.join()
  );
}

/** Names of ports in a flow; numbers and OpenFlow's own words are none. */
export function portsOf({ match, actions }: Pick<OvsFlow, 'match' | 'actions'>): readonly string[] {
  return numbered(`${match},${actions}`).names;
}

function setting(params: OvsFlowParams, wanted: OvsFlow, current: OvsFlow | undefined, ovs: Ovs): Change {
  return {
    resource: 'ovs_flow',
    address: `ovs_flow ${flowKey(wanted)}`,
    action: current === undefined ? 'create' : 'update',
    before: current === undefined ? null : showFlow(current),
    after: showFlow(wanted),
    do: [ofctl(['add-flow'], wanted.bridge, spokenBy(wanted.bridge, ovs), ownText(params, wanted))],
    undo: [current === undefined ? remove(wanted, params.match?.trim() ?? '', ovs) : add(current, ovs)],
    effects: [{ kind: 'ovs', part: 'flows', name: flowKey(wanted), value: wanted }],
  };
}

function showFlow({ actions, cookie, other }: OvsFlow): string {
  const own = cookie === OWN_COOKIE ? [] : [`cookie ${cookie}`];
  return [...own, ...other, `actions ${actions}`].join(' ');
}

function removal(current: OvsFlow, ovs: Ovs): Change {
  return {
    resource: 'ovs_flow',
    address: `ovs_flow ${flowKey(current)}`,
    action: 'delete',
    before: showFlow(current),
    after: null,
    do: [remove(current, current.raw.match, ovs)],
    undo: [add(current, ovs)],
    effects: [{ kind: 'ovs', part: 'flows', name: flowKey(current), value: null }],
  };
}

/** A flow that was listed, as it was. */
function add({ bridge, table, priority, cookie, other, raw }: OvsFlow, ovs: Ovs): Step {
  const words = [`cookie=${cookie}`, `table=${table}`, `priority=${priority}`, ...other, raw.match];
  return ofctl(
    ['add-flow'],
    bridge,
    spokenBy(bridge, ovs),
    `${words.filter((each) => each !== '').join(',')},actions=${raw.actions}`,
  );
}

function remove({ bridge, table, priority }: OvsFlow, match: string, ovs: Ovs): Step {
  const words = [`table=${table}`, `priority=${priority}`, ...(match === '' ? [] : [match])];
  return ofctl(['--strict', 'del-flows'], bridge, spokenBy(bridge, ovs), words.join(','));
}

/** ovs-ofctl offers OpenFlow 1.0 by itself in old versions: a bridge may be told to speak others alone. */
export function spokenBy(bridge: string, { bridges }: Ovs): string | null {
  const spoken = bridges.get(bridge)?.columns.protocols;
  const protocols = Array.isArray(spoken) ? spoken : [];
  return protocols.length === 0 || protocols.includes('OpenFlow10') ? null : String(protocols.at(-1));
}

/**
 * @param command its word, behind its options
 * @param version OpenFlow's; null for its own choice
 */
export function ofctl(
  command: readonly string[],
  bridge: string,
  version: string | null,
  flow: string,
): Step {
  const spoken = version === null ? [] : ['-O', version];
  return { kind: 'run', argv: ['ovs-ofctl', '--timeout=10', ...spoken, ...command, bridge, flow] };
}

/** The database has no flows: they are made anew with each boot. */
function kept(params: OvsFlowParams, { ovs }: Snapshot): Kept[] {
  const spelled = ovs?.spelled.get(`${params.bridge} ${textOf(params)}`);
  if (ovs === undefined || spelled === undefined || 'words' in spelled) return [];
  const flow = ovs.flows.get(flowKey(spelled));
  if (flow === undefined) return [];
  const { raw: _, ...item } = flow;
  // Patch ports and tunnels are Open vSwitch's alone.
  const devices = portsOf(flow).filter((name) => {
    const row = ovs.interfaces.get(name);
    return row !== undefined && isDevice(row);
  });
  const needs = [params.bridge, ...devices.filter((name) => name !== params.bridge)];
  const version = spokenBy(params.bridge, ovs);
  return [{ kind: 'ovs_flow', item, text: ownText(params, flow), version, needs }];
}

/** Whether a task with these parameters means it, by its own words: also where no ovs-ofctl spells them. */
export function isFlowOf({ item, text }: KeptFlow, params: OvsFlowParams): boolean {
  const words = textOf({ ...params, actions: '' });
  return item.bridge === params.bridge && text.slice(text.indexOf(',') + 1).startsWith(words);
}

/** In the task's own words: those with names of ports that the play is about to make. */
function ownText(params: OvsFlowParams, { cookie }: Pick<OvsFlow, 'cookie'>): string {
  return `cookie=${cookie},${textOf(params)}`;
}

const schema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['bridge'],
  properties: {
    bridge: nameParameter('The bridge.', 'br0'),
    table: {
      type: 'integer',
      minimum: 0,
      maximum: 254,
      default: 0,
      description: 'The table; packets begin in 0.',
    },
    priority: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: DEFAULT_PRIORITY,
      description: 'The highest that matches counts.',
    },
    match: {
      type: 'string',
      default: '',
      pattern: '^[^\\n]*$',
      description: 'Fields as ovs-ofctl spells them, ports by number or name; empty matches all.',
      examples: ['in_port=vnet0,ip,nw_dst=192.0.2.0/24'],
    },
    actions: {
      type: 'string',
      minLength: 1,
      pattern: '^[^\\n]*$',
      description: 'As ovs-ofctl spells them; ports by name behind output: or enqueue:.',
      examples: ['set_queue:1,NORMAL'],
    },
    cookie: {
      type: 'string',
      pattern: '^(0[xX][0-9a-fA-F]{1,16}|\\d{1,18})$',
      description: "A number of your own; without it netplay's, or the one that is there.",
      examples: ['0x10'],
    },
    state: stateParameter('absent removes the flow with this table, priority and match.'),
  },
};

/** A flow of a bridge of Open vSwitch. */
export const ovsFlow: Resource<OvsFlowParams> = {
  name: 'ovs_flow',
  plural: 'ovs_flows',
  mapKey: 'bridge',
  summary: 'A flow of a bridge of Open vSwitch, such as one that sends packets to a queue.',
  schema,
  examples: [
    {
      ovs_flow: { bridge: 'br0', priority: 100, match: 'ip,nw_dst=192.0.2.7', actions: 'set_queue:1,NORMAL' },
    },
    { ovs_flow: { bridge: 'br0', match: 'in_port=vnet0,tcp,tp_dst=25', actions: 'drop' } },
    { ovs_flow: { bridge: 'br0', match: 'in_port=vnet0,tcp,tp_dst=25', state: 'absent' } },
  ],
  reads: (params) => [...OVS_READS, { kind: 'ovs-flow', bridge: params.bridge, text: textOf(params) }],
  plan,
  kept,
};
