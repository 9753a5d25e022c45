import type { Change, Problem } from '../shared/change.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import type { OpenVz, Ve } from '../snapshot/openvz.js';
import { applyEffects } from '../snapshot/simulate.js';
import { findVe, isMissing, noNode, showVe } from './openvz/find-ve.js';
import { addressesChange, checkAddresses, type ListMode, readAddresses } from './openvz/ve-addresses.js';
import { type NetifParams, planNetifs } from './openvz/ve-netifs.js';
import { veSchema } from './openvz/ve-schema.js';
import { type SettingParams, settingChanges } from './openvz/ve-settings.js';
import { PINS_FILE } from './pins/hook-file.js';
import type { PlanResult, Resource } from './resource.js';

export interface VeParams extends SettingParams {
  ve: string | number;
  addresses?: readonly string[] | null;
  netifs?: readonly NetifParams[] | null;
  exclusive?: boolean;
  state?: 'present' | 'absent';
}

function plan(params: VeParams, snapshot: Snapshot): PlanResult {
  const node = snapshot.openvz;
  if (node == null) return { changes: [], problems: [noNode(['ve'])] };
  const ve = findVe(params.ve, node, ['ve']);
  if (isMissing(ve)) return { changes: [], problems: [ve] };
  const problems = [...paramProblems(params), ...nameProblems(params, ve, node)];
  if (problems.length > 0) return { changes: [], problems };
  const result = planParts(params, node, ve, snapshot);
  if ((result.problems ?? []).length > 0) return result;
  return { ...result, warnings: [...(result.warnings ?? []), ...(ve.running === null ? [unknown(ve)] : [])] };
}

/** Whether it runs decides what becomes of the node's routes and proxy entries. */
function unknown(ve: Ve): string {
  return `whether container ${showVe(ve)} runs is not known: neither vzlist nor vzctl says it`;
}

function planParts(params: VeParams, node: OpenVz, ve: Ve, snapshot: Snapshot): PlanResult {
  const changes: Change[] = [];
  let state = snapshot;
  const current = (): Ve => state.openvz?.ves.find(({ id }) => id === ve.id) ?? ve;
  const take = (made: readonly Change[]): void => {
    changes.push(...made);
    state = applyEffects(
      state,
      made.flatMap(({ effects }) => effects),
    );
  };
  const given = readAddresses(params.addresses ?? []);
  const checked = checkAddresses(ve, params.state === 'absent' ? [] : given, snapshot);
  if (params.addresses !== undefined) {
    const change = addressesChange(node, ve, given, modeOf(params, params.addresses), snapshot);
    take(change === undefined ? [] : [change]);
  }
  const netifs =
    params.netifs === undefined
      ? { changes: [], problems: [], warnings: [] }
      : planNetifs(node, current(), params.netifs ?? [], modeOf(params, params.netifs), state);
  take(netifs.changes);
  take(settingChanges(node, current(), params));
  return {
    changes,
    problems: [...checked.problems, ...netifs.problems],
    warnings: [...checked.warnings, ...netifs.warnings],
  };
}

/** null asks for none at all. */
function modeOf({ exclusive, state }: VeParams, list: readonly unknown[] | null): ListMode {
  if (state === 'absent') return 'remove';
  return exclusive === true || list === null ? 'exactly' : 'merge';
}

const LISTS = ['addresses', 'netifs'] as const;
const SETTINGS = ['hostname', 'name', 'nameservers', 'searchdomains', 'onboot'] as const;

function paramProblems(params: VeParams): Problem[] {
  const { exclusive, state, netifs } = params;
  const lists = LISTS.filter((name) => params[name] != null);
  const problems: Problem[] = [];
  const needed = state === 'absent' || exclusive === true;
  if (needed && lists.length === 0)
    problems.push({
      message: `${state === 'absent' ? 'absent' : 'exclusive'} needs a list of addresses or netifs`,
      hint: 'A container itself is neither made nor removed here.',
      path: [state === 'absent' ? 'state' : 'exclusive'],
    });
  if (state === 'absent')
    problems.push(
      ...[...SETTINGS, 'exclusive' as const]
        .filter((name) => params[name] !== undefined)
        .map((name) => ({ message: `${name} means nothing with state: absent`, path: [name] })),
    );
  const names = (netifs ?? []).map(({ ifname }) => ifname);
  const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (twice >= 0)
    problems.push({ message: `${names[twice]} is given twice`, path: ['netifs', twice, 'ifname'] });
  return problems;
}

/** vzctl refuses a name that another container has (set_name). */
function nameProblems({ name }: VeParams, ve: Ve, { ves }: OpenVz): Problem[] {
  const other = ves.find(
    (each) => each.id !== ve.id && name != null && (each.name === name || each.id === name),
  );
  return other === undefined
    ? []
    : [{ message: `${name} is the name of container ${other.id} already`, path: ['name'] }];
}

function reads(): Read[] {
  return [
    { kind: 'openvz' },
    { kind: 'file', path: PINS_FILE },
    { kind: 'links' },
    { kind: 'addresses' },
    { kind: 'neighbours' },
    { kind: 'routes', family: 4 },
    { kind: 'routes', family: 6 },
    { kind: 'rules', family: 4 },
    { kind: 'rules', family: 6 },
  ];
}

/** The network settings of an OpenVZ container that is there. */
export const ve: Resource<VeParams> = {
  name: 've',
  plural: 'ves',
  mapKey: 've',
  summary: "An OpenVZ container's addresses, veth pairs and names, in its file and where it runs.",
  schema: veSchema,
  examples: [
    { ve: { ve: 101, addresses: ['192.168.18.101'], hostname: 'web.example.org', onboot: true } },
    { ve: { ve: 'web', addresses: ['192.168.18.101', '2001:db8::101'], exclusive: true } },
    {
      ve: {
        ve: 105,
        netifs: [
          { ifname: 'eth0', mac: '52:54:00:84:e3:62', host_mac: 'fe:54:00:84:e3:62', bridge: 'vmbr0' },
        ],
      },
    },
    { ve: { ve: 101, addresses: ['192.168.18.111'], state: 'absent' } },
  ],
  reads,
  plan,
};
