import type { Change, Problem, Step } from '../shared/change.js';
import { nearest } from '../shared/nearest.js';
import {
  changeable,
  ETHTOOL_PARTS,
  type EthtoolEffect,
  type EthtoolPart,
  type EthtoolState,
  ethtoolKey,
} from '../snapshot/ethtool.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Read, Snapshot } from '../snapshot/model.js';
import { onOff } from './links/attributes.js';
import { draft, take } from './links/draft.js';
import { ethtoolSchema } from './links/ethtool-schema.js';
import type { PlanResult, Resource } from './resource.js';
import { missingDevice } from './routing/route-checks.js';

type Settings = Readonly<Record<string, number | boolean>>;

export interface EthtoolParams {
  dev: string;
  features?: Settings;
  ring?: Settings;
  channels?: Settings;
  coalesce?: Settings;
  pause?: Settings;
  speed?: number;
  duplex?: string;
  autoneg?: boolean;
  wol?: string;
  private_flags?: Settings;
}

/** Short names, and those that the kernel has, of features that are listed by another one. */
const LISTED: Readonly<Record<string, string>> = {
  ...{ rx: 'rx-checksumming', 'rx-checksum': 'rx-checksumming', tx: 'tx-checksumming', sg: 'scatter-gather' },
  ...{ tso: 'tcp-segmentation-offload', ufo: 'udp-fragmentation-offload' },
  ...{ gso: 'generic-segmentation-offload', 'tx-generic-segmentation': 'generic-segmentation-offload' },
  ...{ gro: 'generic-receive-offload', 'rx-gro': 'generic-receive-offload' },
  ...{ lro: 'large-receive-offload', 'rx-lro': 'large-receive-offload' },
  ...{ rxvlan: 'rx-vlan-offload', 'rx-vlan-hw-parse': 'rx-vlan-offload' },
  ...{ txvlan: 'tx-vlan-offload', 'tx-vlan-hw-insert': 'tx-vlan-offload' },
  ...{ ntuple: 'ntuple-filters', 'rx-ntuple-filter': 'ntuple-filters' },
  ...{ rxhash: 'receive-hashing', 'rx-hashing': 'receive-hashing' },
};

/** Whose change the other end may notice. */
const FLAPPING: readonly EthtoolPart[] = ['ring', 'channels', 'pause', 'link'];
const LINK = ['speed', 'duplex', 'autoneg', 'wol'] as const;

/** One setting that a task asks for. */
interface Wish {
  name: string;
  value: string;
  /** Where the task says it. */
  path: readonly string[];
}

function wishesOf(params: EthtoolParams, part: EthtoolPart): Wish[] {
  const text = (value: number | boolean | string): string =>
    typeof value === 'boolean' ? onOff(value) : String(value);
  if (part === 'link')
    return LINK.flatMap((name) => {
      const value = params[name];
      return value === undefined ? [] : [{ name, value: text(value), path: [name] }];
    });
  return Object.entries(params[part] ?? {}).map(([name, value]) => ({
    name: part === 'features' ? (LISTED[name] ?? name) : name,
    value: text(value),
    path: [part, name],
  }));
}

function partsOf(params: EthtoolParams): EthtoolPart[] {
  const parts = Object.keys(ETHTOOL_PARTS) as EthtoolPart[];
  return parts.filter((part) => wishesOf(params, part).length > 0);
}

function plan(params: EthtoolParams, snapshot: Snapshot): PlanResult {
  const link = snapshot.links.get(params.dev);
  if (link === undefined) return { changes: [], problems: [missingDevice(params.dev, snapshot, ['dev'])] };
  const plan = draft(snapshot);
  const warnings: string[] = [];
  for (const part of partsOf(params)) {
    const state = snapshot.ethtool?.get(ethtoolKey(params.dev, part));
    if (state == null || typeof state === 'string') {
      plan.problems.push(unreadProblem(params.dev, part, state, params));
      continue;
    }
    const wishes = wishesOf(params, part).filter((wish) => !isUnknown(wish, state, link));
    plan.problems.push(...wishes.flatMap((wish) => wishProblem(params.dev, part, wish, state) ?? []));
    warnings.push(...partWarnings(wishesOf(params, part), state, link));
    const differing = wishes.filter(({ name, value }) => state.values[name] !== value);
    if (differing.length === 0 || plan.problems.length > 0) continue;
    take(plan, changeOf(params.dev, part, differing, state));
    if (FLAPPING.includes(part))
      warnings.push(`changing the ${part} of ${params.dev} may take its link down for a moment`);
  }
  return { changes: plan.problems.length > 0 ? [] : plan.changes, problems: plan.problems, warnings };
}

function kept(params: EthtoolParams, { links }: Snapshot): readonly Kept[] {
  const { dev } = params;
  if (!links.has(dev)) return [];
  return partsOf(params).flatMap((part) =>
    wishesOf(params, part).map(({ name, value }) => ({ kind: 'ethtool', dev, part, name, value }) as const),
  );
}

function unreadProblem(
  dev: string,
  part: EthtoolPart,
  answer: string | null | undefined,
  params: EthtoolParams,
): Problem {
  const path = wishesOf(params, part)[0]?.path.slice(0, 1) ?? [];
  if (answer === null)
    return { message: 'this host has no ethtool', hint: 'Install the package ethtool on the host.' };
  if (answer === undefined || /no such device|no device matches name/i.test(answer))
    return {
      message: `${dev} was not there to be asked: what makes it must run in a play before`,
      path: ['dev'],
    };
  const option = ETHTOOL_PARTS[part].read;
  return { message: `the driver of ${dev} tells no ${part} (ethtool ${option}: ${answer})`, path };
}

/** A device without a carrier has no speed: that is no reason to set it each time. */
function isUnknown({ name }: Wish, { values }: EthtoolState, link: Link): boolean {
  return values[name] === 'unknown' && !link.flags.includes('LOWER_UP');
}

function wishProblem(dev: string, part: EthtoolPart, wish: Wish, state: EthtoolState): Problem | undefined {
  const { name, value, path } = wish;
  const { values, limits, fixed } = state;
  if (values[name] === undefined) {
    const near = nearest(name, Object.keys(values));
    const hint = near === undefined ? undefined : `Did you mean ${near}?`;
    return { message: `the driver of ${dev} has no ${path.join(' ')}`, ...(hint && { hint }), path };
  }
  if (values[name] === value) return undefined;
  if (part === 'features' && fixed.includes(name))
    return { message: `${name} of ${dev} is fixed ${values[name]}: its driver lets nobody change it`, path };
  const limit = limits[name];
  if (limit === undefined || Number(value) <= limit) return undefined;
  return { message: `${part} ${name} of ${dev} is ${limit} at most, not ${value}`, path };
}

function partWarnings(wishes: readonly Wish[], state: EthtoolState, link: Link): string[] {
  return wishes.flatMap((wish) => {
    const { name, value } = wish;
    if (isUnknown(wish, state, link))
      return [`the ${name} of ${link.name} is not known without a carrier: it is left alone`];
    if (!state.held.includes(name) || state.values[name] !== value) return [];
    return [`${name} of ${link.name} is asked to be ${value} and is not: another feature holds it back`];
  });
}

function changeOf(dev: string, part: EthtoolPart, wishes: readonly Wish[], state: EthtoolState): Change {
  const before = (name: string): string => state.values[name] ?? '';
  const show = (value: (wish: Wish) => string): string =>
    wishes.map((wish) => `${wish.name} ${value(wish)}`).join(' ');
  const back = wishes.flatMap(({ name }) => {
    const members = part === 'features' ? changeable(state, name) : [];
    return (members.length > 0 ? members : [name]).flatMap((each) =>
      before(each) === 'unknown' ? [] : [each, before(each)],
    );
  });
  return {
    resource: 'ethtool',
    address: `ethtool ${dev} ${part}`,
    action: 'update',
    before: show(({ name }) => before(name)),
    after: show(({ value }) => value),
    do: [
      ethtoolStep(
        dev,
        part,
        wishes.flatMap(({ name, value }) => [name, value]),
      ),
    ],
    // There is no way back to a speed that is not known.
    undo: back.length === 0 ? [] : [ethtoolStep(dev, part, back)],
    effects: wishes.map(({ name, value }): EthtoolEffect => ({ kind: 'ethtool', dev, part, name, value })),
  };
}

/** Values by their names, as ethtool takes them: `rx 4096 tx 4096`. */
export function ethtoolStep(dev: string, part: EthtoolPart, words: readonly string[]): Step {
  return { kind: 'run', argv: ['ethtool', ETHTOOL_PARTS[part].set, dev, ...words] };
}

function reads(params: EthtoolParams): readonly Read[] {
  const { dev } = params;
  return [{ kind: 'links' }, ...partsOf(params).map((part): Read => ({ kind: 'ethtool', dev, part }))];
}

/** What a network device's driver does, by ethtool. */
export const ethtool: Resource<EthtoolParams> = {
  name: 'ethtool',
  plural: 'ethtools',
  mapKey: 'dev',
  summary:
    "What a NIC's driver does: offloads, rings, channels, coalescing, pause frames, speed, wake-on-LAN.",
  schema: ethtoolSchema,
  examples: [
    { ethtool: { dev: 'eth0', features: { tso: false, gro: true }, ring: { rx: 4096, tx: 4096 } } },
    {
      ethtool: { dev: 'eth1', channels: { combined: 4 }, coalesce: { 'adaptive-rx': false, 'rx-usecs': 50 } },
    },
    { ethtool: { dev: 'eth2', speed: 1000, duplex: 'full', autoneg: false, wol: 'g' } },
  ],
  reads,
  plan,
  kept,
};
