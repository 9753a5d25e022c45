import { displayPrefix, formatPrefix, hasHostBits, parsePrefix } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import { type Expansion, type Intent, part } from '../resource.js';
import { missingDevice } from '../routing/route-checks.js';
import { findLink } from '../routing/route-wish.js';
import { type SysctlParams, sysctl } from '../sysctl.js';
import {
  type Asymmetry,
  asymmetries,
  crossings,
  filterOf,
  isInward,
  reversePathReads,
} from './reverse-path.js';

type Mode = 'strict' | 'loose' | 'off';

export interface RpFilterParams {
  mode: Mode;
  devs?: readonly string[];
  sources?: Readonly<Record<string, readonly string[]>>;
}

/** RFC 3704, in the kernel's numbers (ip-sysctl.rst). Of `all` and the device's own the larger counts. */
const VALUES: Readonly<Record<Mode, number>> = { off: 0, strict: 1, loose: 2 };

/** Which senders the host believes; strict only where all that comes in has its way back by the same NIC. */
export const rpFilter: Intent<RpFilterParams> = {
  name: 'rp_filter',
  plural: 'rp_filters',
  mapKey: 'mode',
  mapValue: 'devs',
  summary: 'The reverse-path filter (IPv4): strict where the routing allows it, loose or off',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['mode'],
    properties: {
      mode: {
        enum: ['strict', 'loose', 'off'],
        description:
          'strict (1): a packet must come in by the device that its answer leaves by; refused where it would drop what comes to an address of this host. loose (2): any route must lead back to its sender. off (0): all pass',
        examples: ['strict'],
      },
      devs: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', format: 'interface' },
        description: 'The devices; left out, all of them and those to come',
        examples: [['eth0', 'eth1']],
      },
      sources: {
        type: 'object',
        propertyNames: { format: 'interface' },
        additionalProperties: { type: 'array', items: { type: 'string', format: 'ip-prefix' } },
        description:
          'By device, the networks beside its own that packets come from; [] for none. Left out: from anywhere, where the device has a default route in some table or the host forwards nothing',
        examples: [{ eth1: ['10.0.0.0/8'], eth2: [] }],
      },
    },
  },
  examples: [
    { rp_filter: { mode: 'strict' } },
    { rp_filter: { mode: 'strict', devs: ['eth1', 'eth2'], sources: { eth2: ['10.0.0.0/8'] } } },
    { rp_filter: { mode: 'loose', devs: ['eth0'] } },
  ],
  reads: ({ devs = ['all', 'default'] }): readonly Read[] => [
    ...reversePathReads,
    ...devs.flatMap((dev) => sysctl.reads(setting(dev, 'strict'))),
  ],
  expand,
};

function expand(params: RpFilterParams, snapshot: Snapshot): Expansion {
  const problems: Problem[] = [];
  const devs = namedDevices(params, snapshot, problems);
  const sources = readSources(params, snapshot, problems);
  const strict = params.mode === 'strict' && problems.length === 0;
  if (strict) problems.push(...devs.flatMap((dev) => refusals(dev, sources, snapshot)));
  if (problems.length > 0) return { parts: [], problems };
  const settings = params.devs === undefined ? everywhere(params.mode, snapshot) : devs;
  return {
    parts: settings.map((dev) => part(sysctl, setting(dev, params.mode))),
    warnings: strict ? devs.flatMap((dev) => crossingWarnings(dev, sources, snapshot)) : [],
  };
}

function setting(dev: string, mode: Mode): SysctlParams {
  // With slashes: a VLAN's name has a dot in it.
  return { name: `net/ipv4/conf/${dev}/rp_filter`, value: VALUES[mode] };
}

/** The devices that the task is about, by their own names. */
function namedDevices({ mode, devs }: RpFilterParams, snapshot: Snapshot, problems: Problem[]): string[] {
  if (devs === undefined) return [...snapshot.links.keys()].filter((dev) => !isInward(dev, snapshot));
  const all = filterOf(snapshot, 'all');
  if (all > VALUES[mode])
    problems.push({
      message: `rp_filter of all is ${all}, and the larger counts: ${devs.join(', ')} would not become ${mode}`,
      hint: `Leave out devs, or put a task before this one: sysctl: {name: net.ipv4.conf.all.rp_filter, value: ${VALUES[mode]}}`,
      path: ['devs'],
    });
  return devs.map((dev, at) => {
    const link = findLink(dev, snapshot);
    if (link === undefined) problems.push(missingDevice(dev, snapshot, ['devs', at]));
    return link?.name ?? dev;
  });
}

/** `all`, and whatever would be larger: devices that have another value, and those to come. */
function everywhere(mode: Mode, snapshot: Snapshot): string[] {
  const others = ['default', ...snapshot.links.keys()];
  return ['all', ...others.filter((dev) => filterOf(snapshot, dev) > VALUES[mode])];
}

/** By device, as the task gives them. */
type Sources = ReadonlyMap<string, readonly string[]>;

function readSources({ sources = {} }: RpFilterParams, snapshot: Snapshot, problems: Problem[]): Sources {
  return new Map(
    Object.entries(sources).map(([dev, networks]) => [
      findLink(dev, snapshot)?.name ?? dev,
      networks.flatMap((network, at) => readSource(network, ['sources', dev, at], problems)),
    ]),
  );
}

function readSource(text: string, path: (string | number)[], problems: Problem[]): string[] {
  const prefix = parsePrefix(text, 4);
  if (prefix !== undefined && !hasHostBits(prefix)) return [formatPrefix(prefix)];
  problems.push({ message: `${text} is no IPv4 network`, path });
  return [];
}

interface Folded extends Omit<Asymmetry, 'address'> {
  /** Null stands for what the host passes on. */
  addresses: readonly (string | null)[];
}

/** Those that come from one place and go back one way are told together. */
function folded(found: readonly Asymmetry[]): Folded[] {
  const byWay = new Map<string, Folded>();
  for (const { address, from, back } of found) {
    const key = `${from} ${back.join(' ')}`;
    const addresses = byWay.get(key)?.addresses ?? [];
    byWay.set(key, { from, back, addresses: [...new Set([...addresses, address])] });
  }
  return [...byWay.values()];
}

function refusals(dev: string, sources: Sources, snapshot: Snapshot): Problem[] {
  const stub = sources.has(dev) ? '' : `; where nothing comes from there, say sources: {${dev}: []}`;
  return folded(asymmetries(snapshot, dev, sources.get(dev))).map((found) => ({
    message: `strict on ${dev} would drop what comes in by it ${text(found)}`,
    hint: `multihome gives each address a way back by its own NIC; mode: loose lets all in${stub}.`,
    path: ['mode'],
  }));
}

/** Seldom meant to come in, so that it is no reason to refuse. */
function crossingWarnings(dev: string, sources: Sources, snapshot: Snapshot): string[] {
  if (sources.has(dev)) return [];
  return folded(crossings(snapshot, dev, new Set(sources.keys()))).map(
    (found) =>
      `strict on ${dev} drops what a router there brings ${text(found)} (none does: sources: {${found.back[0]}: []})`,
  );
}

function text({ addresses, from, back }: Folded): string {
  const targets = addresses.map((address) => address ?? 'other hosts').join(', ');
  const source = displayPrefix(from) === 'default' ? 'anywhere' : from;
  return `from ${source} for ${targets}: the way back is ${back.join(' and ')}`;
}
