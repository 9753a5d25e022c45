/** Open vSwitch: bridges, ports, interfaces, QoS and flows, by the columns that somebody set. */
import { isDeepStrictEqual } from 'node:util';
import { mapOf } from '../resources/ovs/columns.js';
import { RATE_COLUMNS } from '../resources/ovs_rate_limit.js';
import {
  OVS_MARK,
  type Ovs,
  type OvsColumns,
  type OvsQos,
  type OvsTable,
  unsetColumns,
} from '../snapshot/ovs.js';
import { showValue } from '../snapshot/tc-options.js';
import { flowItems } from './ovs-flows.js';
import { type Captured, given, isCaptured, type Params, type Reading, unless } from './reading.js';

/** Parameters by the columns that they stand for, where names differ. */
const NAMES: Readonly<Record<string, string>> = {
  stp_enable: 'stp',
  rstp_enable: 'rstp',
  mcast_snooping_enable: 'mcast_snooping',
};

/** Columns without a parameter. */
const UNSPOKEN: Readonly<Partial<Record<OvsTable, readonly string[]>>> = {
  Bridge: ['flood_vlans'],
  Port: ['bond_fake_iface', 'cvlans', 'fake_bridge', 'mac', 'protected'],
  Interface: ['cfm_mpid'],
};

export function ovsItems(reading: Reading): Captured[] {
  const { ovs } = reading.snapshot;
  if (ovs === undefined || ovs.trouble?.kind === 'missing') return [];
  if (ovs.trouble !== null) {
    // Without its database's socket nobody has started it.
    if (ovs.trouble.words.includes('No such file or directory')) return [];
    reading.leaveOut('Open vSwitch', `it does not answer: ${ovs.trouble.words}`);
    return [];
  }
  const bridges = [...ovs.bridges.keys()].sort();
  return [
    ...bridges.map((name) => bridgeItem(name, ovs, reading)),
    ...portItems(ovs, reading),
    ...interfaceItems(ovs, reading),
    ...qosItems(ovs, reading),
    ...bridges.flatMap((name) => flowItems(name, ovs, reading)),
  ];
}

function bridgeItem(name: string, ovs: Ovs, reading: Reading): Captured {
  const bridge = ovs.bridges.get(name);
  const columns = bridge?.columns ?? {};
  const { hwaddr, ...config } = mapOf(columns.other_config);
  for (const column of bridge?.foreign ?? [])
    reading.leaveOut(`${column} of the bridge ${name} of Open vSwitch`, 'netplay has no parameter for it');
  const { other_config: _, ...spoken } = spokenColumns('Bridge', name, columns, reading);
  return {
    resource: 'ovs_bridge',
    params: given({
      name,
      mac: hwaddr ?? reading.snapshot.links.get(name)?.mac ?? undefined,
      ...spoken,
      other_config: Object.keys(config).length === 0 ? undefined : config,
      controllers: bridge === undefined || bridge.controllers.length === 0 ? undefined : bridge.controllers,
      up: upParam(name, reading),
    }),
  };
}

/** What differs from a row that was just made, by parameters; what has none is noted. */
function spokenColumns(table: OvsTable, name: string, columns: OvsColumns, reading: Reading): Params {
  const usual = unsetColumns(table);
  const own = Object.entries(columns).filter(([column, value]) => !isDeepStrictEqual(value, usual[column]));
  for (const [column] of own)
    if (UNSPOKEN[table]?.includes(column))
      reading.leaveOut(`${column} of ${name} of Open vSwitch`, 'netplay has no parameter for it');
  return Object.fromEntries(
    own
      .filter(([column]) => !UNSPOKEN[table]?.includes(column))
      .map(([column, value]) => [NAMES[column] ?? column, value]),
  );
}

function upParam(name: string, { snapshot }: Reading): boolean | undefined {
  const link = snapshot.links.get(name);
  return link === undefined ? undefined : unless(link.flags.includes('UP'), true);
}

function isOwn(name: string, ovs: Ovs): boolean {
  return ovs.bridges.has(name);
}

function portItems(ovs: Ovs, reading: Reading): Captured[] {
  return [...ovs.ports].sort(byName).flatMap(([name, port]): Captured[] => {
    const columns = spokenColumns('Port', name, port.columns, reading);
    if (isOwn(name, ovs))
      return Object.keys(columns).length === 0
        ? []
        : [{ resource: 'ovs_port', params: { name, ...columns } }];
    const gone = port.interfaces.find((member) => isMissing(member, ovs, reading));
    if (gone !== undefined) {
      reading.leaveOut(
        `port ${name} of the bridge ${port.bridge} of Open vSwitch`,
        `no task makes its device ${gone}`,
      );
      return [];
    }
    const [only, ...others] = port.interfaces;
    const row = others.length === 0 ? ovs.interfaces.get(only ?? '') : undefined;
    const params = given({
      name,
      bridge: port.bridge,
      ...(row && typeParams(row.columns)),
      interfaces: others.length === 0 ? undefined : port.interfaces,
      ...columns,
      up: port.interfaces.map((member) => upParam(member, reading)).find((up) => up !== undefined),
    });
    return [{ resource: 'ovs_port', params }];
  });
}

/** A device of the host that goes with whoever made it, such as a guest's tap. */
function isMissing(name: string, ovs: Ovs, reading: Reading): boolean {
  const type = ovs.interfaces.get(name)?.columns.type;
  return (type === '' || type === 'system') && !isCaptured(reading, name);
}

function typeParams({ type, options }: OvsColumns): Params {
  return {
    ...(type !== '' && type !== 'system' && { type }),
    ...(Object.keys(mapOf(options)).length > 0 && { options }),
  };
}

function interfaceItems(ovs: Ovs, reading: Reading): Captured[] {
  return [...ovs.interfaces].sort(byName).flatMap(([name, { columns }]): Captured[] => {
    if (isMissing(name, ovs, reading)) return [];
    const { type, options, ...others } = spokenColumns('Interface', name, columns, reading);
    const inBond = [...ovs.ports].some(
      ([port, { interfaces }]) => port !== name && interfaces.includes(name),
    );
    const own = Object.entries(others).filter(([column]) => !RATE_COLUMNS.includes(column));
    const params = { ...(inBond && typeParams(columns)), ...Object.fromEntries(own) };
    return [
      ...(Object.keys(params).length === 0
        ? []
        : [{ resource: 'ovs_interface', params: { name, ...params } }]),
      ...rateItems(name, columns),
    ];
  });
}

/** Open vSwitch counts in thousands of bits. */
function rateItems(name: string, columns: OvsColumns): Captured[] {
  const [rate, burst, packets, packetBurst] = RATE_COLUMNS.map((column) => Number(columns[column] ?? 0));
  const spoken = (kbit: number | undefined): string | undefined =>
    kbit ? showValue('rate', kbit * 1000) : undefined;
  const params = given({
    rate: spoken(rate),
    burst: spoken(burst),
    kpkts_rate: packets || undefined,
    kpkts_burst: packetBurst || undefined,
  });
  return Object.keys(params).length === 0
    ? []
    : [{ resource: 'ovs_rate_limit', params: { interface: name, ...params } }];
}

function qosItems(ovs: Ovs, reading: Reading): Captured[] {
  return [...ovs.qos].sort(byName).flatMap(([port, qos]): Captured[] => {
    if (!ovs.ports.has(port)) return [];
    const why = unableQos(qos);
    if (why === undefined) return [{ resource: 'ovs_qos', params: qosParams(port, qos) }];
    reading.leaveOut(`QoS of the port ${port} of Open vSwitch`, why);
    return [];
  });
}

const QOS_CONFIG = new Set(['max-rate']);
const QUEUE_CONFIG = new Set(['max-rate', 'min-rate', 'burst', 'priority']);

function unableQos({ columns, queues }: OvsQos): string | undefined {
  if (columns.type !== 'linux-htb' && columns.type !== 'linux-hfsc')
    return `netplay has no QoS of type ${String(columns.type)}`;
  const odd = [
    ...Object.keys(mapOf(columns.other_config)).filter((key) => !QOS_CONFIG.has(key)),
    ...Object.values(queues).flatMap((queue) =>
      Object.keys(mapOf(queue.columns.other_config)).filter((key) => !QUEUE_CONFIG.has(key)),
    ),
  ][0];
  return odd === undefined ? undefined : `netplay has no parameter for other_config:${odd}`;
}

function qosParams(port: string, { columns, queues }: OvsQos): Params {
  const { [OVS_MARK]: _, ...ids } = mapOf(columns.external_ids);
  const list = Object.entries(queues).map(([id, queue]) => {
    const config = mapOf(queue.columns.other_config);
    return given({
      id: Number(id),
      max_rate: rateOf(config['max-rate']),
      min_rate: rateOf(config['min-rate']),
      burst: rateOf(config.burst),
      priority: config.priority === undefined ? undefined : Number(config.priority),
      dscp: queue.columns.dscp ?? undefined,
    });
  });
  return given({
    port,
    type: unless(columns.type, 'linux-htb'),
    max_rate: rateOf(mapOf(columns.other_config)['max-rate']),
    queues: list.length === 0 ? undefined : list,
    external_ids: Object.keys(ids).length === 0 ? undefined : ids,
  });
}

function rateOf(bits: string | undefined): string | undefined {
  return bits === undefined ? undefined : showValue('rate', Number(bits));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
