import type { Problem } from '../shared/change.js';
import { formatRate, parseRate } from '../shared/rate.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Ovs, OvsColumns, OvsInterface } from '../snapshot/ovs.js';
import { wantedColumns } from './ovs/columns.js';
import { interfaceChange } from './ovs/interface-columns.js';
import { nameParameter, stateParameter } from './ovs/schema.js';
import { interfaceTrouble, isDevice, isResult, OVS_READS, openVswitch } from './ovs/state.js';
import type { JsonSchema, PlanResult, Resource } from './resource.js';

export interface OvsRateLimitParams {
  interface: string;
  rate?: string | null;
  burst?: string | null;
  kpkts_rate?: number | null;
  kpkts_burst?: number | null;
  state?: 'present' | 'absent';
}

/** Open vSwitch counts in these (bit). */
const KBIT = 1000;
/** What Open vSwitch takes where the burst is 0 (kbit). */
const DEFAULT_BURST = 8000;
/** Of the rate, as a burst: with less TCP does not get near the rate (ovs-vswitchd.conf.db(5)). */
const FOR_TCP = 0.8;
/** The columns are signed integers of 64 bits, the kernel's police counts bytes in 32. */
const MAX_KBIT = 34_000_000;

function plan(params: OvsRateLimitParams, snapshot: Snapshot): PlanResult {
  const absent = params.state === 'absent';
  const ovs = openVswitch(snapshot, absent);
  if (isResult(ovs)) return ovs;
  const { interface: name } = params;
  const now = ovs.interfaces.get(name);
  if (now === undefined && absent) return { changes: [] };
  const problems = now === undefined ? [missing(name)] : problemsOf(params, now, snapshot);
  if (problems.length > 0 || now === undefined) return { changes: [], problems };
  const wanted = wantedColumns('Interface', now.columns, absent ? NONE : wishesOf(params));
  const tooSmall = burstProblem(wanted, name, snapshot);
  if (tooSmall !== undefined) return { changes: [], problems: [tooSmall] };
  const change = interfaceChange('ovs_rate_limit', name, wanted, snapshot, ovs);
  return { changes: change === undefined ? [] : [change], warnings: warningsOf(name, wanted, now, ovs) };
}

/** The columns of `rate`, `burst`, `kpkts_rate` and `kpkts_burst`. */
export const RATE_COLUMNS: readonly string[] = [
  ...['ingress_policing_rate', 'ingress_policing_burst'],
  ...['ingress_policing_kpkts_rate', 'ingress_policing_kpkts_burst'],
];

const NONE = Object.fromEntries(RATE_COLUMNS.map((column) => [column, null]));

function wishesOf({ rate, burst, kpkts_rate, kpkts_burst }: OvsRateLimitParams) {
  return {
    ...{ ingress_policing_rate: kbitOf(rate), ingress_policing_burst: kbitOf(burst) },
    ...{ ingress_policing_kpkts_rate: kpkts_rate, ingress_policing_kpkts_burst: kpkts_burst },
  };
}

/** Kbit of `20mbit`; null and undefined as they are. */
function kbitOf(text: string | null | undefined): number | null | undefined {
  return text == null ? text : Math.round((parseRate(text) ?? 0) / KBIT);
}

function missing(name: string): Problem {
  return {
    message: `Open vSwitch has no interface ${name}`,
    hint: `Put before it: ovs_port: {bridge: …, name: ${name}}`,
    path: ['interface'],
  };
}

function problemsOf(params: OvsRateLimitParams, now: OvsInterface, snapshot: Snapshot): Problem[] {
  const { interface: name, state } = params;
  const given = (['rate', 'burst', 'kpkts_rate', 'kpkts_burst'] as const).filter(
    (key) => params[key] !== undefined,
  );
  if (state === 'absent')
    return given.map((key) => ({ message: `${key} means nothing with state: absent`, path: [key] }));
  const problems: (Problem | undefined)[] = [
    ...(['rate', 'burst'] as const).map((key) => unitProblem(key, params[key])),
    given.length === 0
      ? { message: 'a limit needs rate or kpkts_rate', hint: 'To take it away: state: absent.', path: [] }
      : undefined,
    isDevice(now) || now.columns.type === 'tap' || String(now.columns.type).startsWith('dpdk')
      ? undefined
      : {
          message: `${name} is of type ${String(now.columns.type)}: Open vSwitch limits devices only`,
          path: ['interface'],
        },
    interfaceTrouble(name, now, snapshot),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** Open vSwitch counts whole kbit: less would be no limit at all, and a part of one not what was asked for. */
function unitProblem(key: 'rate' | 'burst', text: string | null | undefined): Problem | undefined {
  const bits = text == null ? undefined : parseRate(text);
  if (bits === undefined || text == null) return undefined;
  if (bits % KBIT !== 0)
    return {
      message: `${key} ${text} is no whole number of kbit, in which Open vSwitch counts`,
      path: [key],
    };
  if (bits / KBIT <= MAX_KBIT) return undefined;
  return {
    message: `${key} ${text} is more than the kernel can count (${formatRate(MAX_KBIT * KBIT)})`,
    path: [key],
  };
}

/** A bucket that holds no whole packet passes none: pitfall 41. */
function burstProblem(wanted: OvsColumns, name: string, { links }: Snapshot): Problem | undefined {
  const { ingress_policing_rate: rate, ingress_policing_burst: burst } = wanted;
  const mtu = links.get(name)?.mtu ?? 1500;
  const bits = Number(burst) * KBIT;
  if (Number(rate) === 0 || Number(burst) === 0 || bits / 8 >= mtu) return undefined;
  return {
    message: `a burst of ${formatRate(bits)} holds no packet of ${mtu} bytes: nothing would pass ${name}`,
    hint: `At least ${Math.ceil((mtu * 8) / KBIT)}kbit; for TCP four fifths of the rate.`,
    path: ['burst'],
  };
}

function warningsOf(name: string, wanted: OvsColumns, now: OvsInterface, { police }: Ovs): string[] {
  const rate = Number(wanted.ingress_policing_rate);
  const burst = Number(wanted.ingress_policing_burst) || DEFAULT_BURST;
  const limited = rate > 0 || Number(wanted.ingress_policing_kpkts_rate) > 0;
  const warnings: string[] = [];
  if (limited && police === false && !String(now.columns.type).startsWith('dpdk'))
    warnings.push(
      `this kernel has no act_police: Open vSwitch takes the limit of ${name} and enforces nothing`,
    );
  if (rate > 0 && burst < rate * FOR_TCP)
    warnings.push(
      `a burst of ${formatRate(burst * KBIT)} is less than four fifths of the rate: TCP does not reach ${formatRate(rate * KBIT)} through ${name}`,
    );
  return warnings;
}

const schema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['interface'],
  properties: {
    interface: nameParameter(
      'The interface: what comes in by it, from a guest or the wire, is limited.',
      'vnet0',
    ),
    rate: {
      type: ['string', 'null'],
      format: 'rate',
      description: 'What is above it is dropped; whole kbit, in any unit of tc. null: no limit.',
      examples: ['20mbit'],
    },
    burst: {
      type: ['string', 'null'],
      format: 'rate',
      description:
        'How much may come at once, in bits by the units of tc: at least one packet, for TCP four fifths of the rate. null: 8000kbit.',
      examples: ['16mbit'],
    },
    kpkts_rate: {
      type: ['integer', 'null'],
      minimum: 0,
      description: 'Thousands of packets a second (Open vSwitch 2.16 and later). null: no limit.',
      examples: [10],
    },
    kpkts_burst: {
      type: ['integer', 'null'],
      minimum: 0,
      description: 'Thousands of packets at once. null: 16.',
    },
    state: stateParameter('absent takes all limits away.'),
  },
};

/** Ingress policing of an interface of Open vSwitch. */
export const ovsRateLimit: Resource<OvsRateLimitParams> = {
  name: 'ovs_rate_limit',
  plural: 'ovs_rate_limits',
  mapKey: 'interface',
  mapValue: 'rate',
  summary: 'How much may come in by an interface of Open vSwitch; the rest is dropped (ingress policing).',
  schema,
  examples: [
    { ovs_rate_limit: { interface: 'vnet0', rate: '20mbit', burst: '16mbit' } },
    { ovs_rate_limit: { interface: 'vnet0', kpkts_rate: 10, kpkts_burst: 10 } },
    { ovs_rate_limit: { interface: 'vnet0', state: 'absent' } },
  ],
  reads: () => OVS_READS,
  plan,
};
