import { parseMac } from '../shared/addr.js';
import type { Problem } from '../shared/change.js';
import type { Snapshot } from '../snapshot/model.js';
import type { OvsInterface } from '../snapshot/ovs.js';
import { macProblem } from './links/device.js';
import { interfaceChange, interfaceProblems, isAnew, withType } from './ovs/interface-columns.js';
import {
  externalIds,
  mapParameter,
  nameParameter,
  optionsParameter,
  otherConfig,
  typeParameter,
} from './ovs/schema.js';
import { interfaceTrouble, isResult, OVS_READS, openVswitch } from './ovs/state.js';
import type { JsonSchema, PlanResult, Resource } from './resource.js';

type Map = Readonly<Record<string, string | number | boolean | null>>;

export interface OvsInterfaceParams {
  name: string;
  type?: string;
  options?: Map | null;
  mac?: string | null;
  mtu_request?: number | null;
  ofport_request?: number | null;
  bfd?: Map | null;
  lldp?: Map | null;
  external_ids?: Map | null;
  other_config?: Map | null;
}

function plan(params: OvsInterfaceParams, snapshot: Snapshot): PlanResult {
  const ovs = openVswitch(snapshot, false);
  if (isResult(ovs)) return ovs;
  const { name, type, mac } = params;
  const now = ovs.interfaces.get(name);
  if (now === undefined) return { changes: [], problems: [missing(name)] };
  const { options, mtu_request, ofport_request, bfd, lldp, external_ids, other_config } = params;
  const wanted = withType(now.columns, type, {
    ...{ options, mtu_request, ofport_request, bfd, lldp, external_ids, other_config },
    mac: mac == null ? mac : parseMac(mac),
  });
  const change = interfaceChange('ovs_interface', name, wanted, snapshot, ovs);
  const problems = [
    ...settingProblems(params, now),
    ...interfaceProblems(name, wanted, snapshot, 'name'),
    ...(change === undefined ? [interfaceTrouble(name, now, snapshot)] : []),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) return { changes: [], problems };
  return {
    changes: change === undefined ? [] : [change],
    warnings: isAnew(now, wanted)
      ? [`Open vSwitch plugs ${name} in anew: what passes it is interrupted for a moment`]
      : [],
  };
}

function missing(name: string): Problem {
  return {
    message: `Open vSwitch has no interface ${name}`,
    hint: `Put before it: ovs_port: {bridge: …, name: ${name}}`,
    path: ['name'],
  };
}

function settingProblems(
  { name, mac, type }: OvsInterfaceParams,
  now: OvsInterface,
): (Problem | undefined)[] {
  const parsed = mac == null ? undefined : parseMac(mac);
  const kind = type ?? now.columns.type;
  return [
    parsed === undefined ? undefined : macProblem(parsed, ['mac']),
    // Open vSwitch takes it for others, and does nothing.
    mac != null && kind !== 'internal'
      ? { message: `${name} is not internal: only such an interface gets its MAC here`, path: ['mac'] }
      : undefined,
  ];
}

const schema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: nameParameter('An interface that a port of Open vSwitch has.', 'vnet0'),
    type: typeParameter,
    options: optionsParameter,
    mac: {
      type: ['string', 'null'],
      format: 'mac',
      description: "An internal interface's MAC; null leaves it to Open vSwitch.",
      examples: ['52:54:00:12:34:56'],
    },
    mtu_request: {
      type: ['integer', 'null'],
      minimum: 68,
      maximum: 65_535,
      description: 'Bytes; null leaves the MTU to Open vSwitch.',
      examples: [9000],
    },
    ofport_request: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: 65_279,
      description: 'The number that flows know it by; null leaves it to Open vSwitch.',
      examples: [10],
    },
    bfd: mapParameter('Bidirectional forwarding detection.', { enable: 'true' }),
    lldp: mapParameter('LLDP.', { enable: 'true' }),
    external_ids: externalIds,
    other_config: otherConfig,
  },
};

/** Settings of an interface of Open vSwitch. */
export const ovsInterface: Resource<OvsInterfaceParams> = {
  name: 'ovs_interface',
  plural: 'ovs_interfaces',
  mapKey: 'name',
  summary: 'The settings of an interface that a port of Open vSwitch has: type, options, MAC, MTU, number.',
  schema,
  examples: [
    { ovs_interface: { name: 'vnet0', ofport_request: 10, external_ids: { 'iface-id': 'vm1-eth0' } } },
    { ovs_interface: { name: 'vx0', options: { remote_ip: '192.0.2.3', key: null } } },
    { ovs_interface: { name: 'int0', mac: '52:54:00:12:34:56', mtu_request: 9000 } },
  ],
  reads: () => OVS_READS,
  plan,
};
