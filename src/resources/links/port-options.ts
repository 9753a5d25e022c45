/** A bridge port's own settings: their limits, and how `ip`, brctl or /sys sets each. */
import type { Problem, Step } from '../../shared/change.js';
import { PORT_FILES, portValue } from '../../snapshot/bridge.js';
import type { Link, Tools } from '../../snapshot/model.js';
import { isAtLeast, type Since } from '../routing/tool-versions.js';
import { setLink } from './attributes.js';
import { writeSysfs } from './sysfs-step.js';

/** In iproute2's words, as after `ip link set dev X type bridge_slave`. */
export interface PortOptions {
  cost?: number;
  priority?: number;
  hairpin?: boolean;
  isolated?: boolean;
  learning?: boolean;
  flood?: boolean;
  mcast_flood?: boolean;
  bcast_flood?: boolean;
  guard?: boolean;
  root_block?: boolean;
  fastleave?: boolean;
  mcast_fast_leave?: boolean;
  mcast_router?: number;
  mcast_to_unicast?: boolean;
  neigh_suppress?: boolean;
  vlan_tunnel?: boolean;
  locked?: boolean;
  proxy_arp?: boolean;
  proxy_arp_wifi?: boolean;
  group_fwd_mask?: number;
  backup_port?: string | null;
}

export type PortOption = keyof PortOptions;

interface Option {
  /** What a new port has; undefined where that depends on the device (cost: its speed). */
  usual?: string;
  since: Since;
  brctl?: 'setpathcost' | 'setportprio' | 'hairpin';
  range?: readonly [number, number];
}

/** From iproute2's history. */
const V4_0: Since = { major: 4, minor: 0, dateBefore: 150412 };
const V4_6: Since = { major: 4, minor: 6, dateBefore: 160314 };
const V4_9: Since = { major: 4, minor: 9, dateBefore: 161009 };
const V4_15: Since = { major: 4, minor: 15, dateBefore: 171113 };
const V4_19: Since = { major: 4, minor: 19, dateBefore: 180813 };
const V5_18: Since = { major: 5, minor: 18, dateBefore: 200127 };

/** net/bridge/br_if.c and br_netlink.c. `fastleave` and `mcast_fast_leave` are one. */
export const PORT_OPTIONS: Readonly<Record<Exclude<PortOption, 'mcast_fast_leave'>, Option>> = {
  cost: { since: V4_0, brctl: 'setpathcost', range: [1, 65_535] },
  priority: { usual: '32', since: V4_0, brctl: 'setportprio', range: [0, 63] },
  hairpin: { usual: 'off', since: V4_0, brctl: 'hairpin' },
  guard: { usual: 'off', since: V4_0 },
  root_block: { usual: 'off', since: V4_0 },
  fastleave: { usual: 'off', since: V4_0 },
  learning: { usual: 'on', since: V4_0 },
  flood: { usual: 'on', since: V4_0 },
  proxy_arp: { usual: 'off', since: V4_6 },
  proxy_arp_wifi: { usual: 'off', since: V4_6 },
  mcast_router: { usual: '1', since: V4_6, range: [0, 3] },
  mcast_flood: { usual: 'on', since: V4_9 },
  bcast_flood: { usual: 'on', since: V5_18 },
  mcast_to_unicast: { usual: 'off', since: V4_15 },
  neigh_suppress: { usual: 'off', since: V4_15 },
  vlan_tunnel: { usual: 'off', since: V4_15 },
  group_fwd_mask: { usual: '0', since: V4_15, range: [0, 65_535] },
  isolated: { usual: 'off', since: V4_19 },
  locked: { usual: 'off', since: V5_18 },
  backup_port: { usual: '', since: V4_19 },
};

export type PortWord = keyof typeof PORT_OPTIONS;
export const PORT_WORDS = Object.keys(PORT_OPTIONS) as PortWord[];

/** What a task asks for, each setting by the word that `ip` prints. */
export function wantedPort(options: PortOptions): [PortWord, string][] {
  const { mcast_fast_leave, ...others } = options;
  const all = { ...(mcast_fast_leave !== undefined && { fastleave: mcast_fast_leave }), ...others };
  return PORT_WORDS.flatMap((word): [PortWord, string][] => {
    const value = all[word];
    return value === undefined ? [] : [[word, plainValue(value)]];
  });
}

function plainValue(value: boolean | number | string | null): string {
  if (value === null) return '';
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

/**
 * What a port has, as a task would give it. One that is to join a bridge in the same play has what any new one has.
 * @returns undefined where that can't be told
 */
export function portSetting(link: Link, word: PortWord): string | undefined {
  const value = portValue(link.port, word);
  if (value === undefined) {
    // `ip` says nothing of a backup that is not there.
    return link.port.length === 0 || word === 'backup_port' ? PORT_OPTIONS[word].usual : undefined;
  }
  return value.startsWith('0x') ? String(Number(value)) : value;
}

/** The link with this setting; a port that was new tells all that new ones have. */
export function withPortSetting(link: Link, word: PortWord, value: string): Link {
  const told = link.port.length > 0 ? link.port : USUAL_WORDS;
  const at = told.indexOf(word);
  if (value === '') return { ...link, port: at < 0 ? told : told.toSpliced(at, 2) };
  return { ...link, port: at < 0 ? [...told, word, value] : told.toSpliced(at + 1, 1, value) };
}

const USUAL_WORDS = PORT_WORDS.flatMap((word) => {
  const { usual } = PORT_OPTIONS[word];
  return usual === undefined || usual === '' ? [] : [word, usual];
});

/** The step that gives a port this setting, by `ip`, else brctl, else /sys; undefined where none can. */
export function portStep(
  link: Pick<Link, 'name' | 'master'>,
  word: PortWord,
  value: string,
  tools: Tools,
): Step | undefined {
  const { since, brctl } = PORT_OPTIONS[word];
  if (tools.linkMaster && isAtLeast(tools.iproute2, since)) {
    const words = word === 'backup_port' && value === '' ? ['nobackup_port'] : [word, value];
    return setLink(link.name, ['type', 'bridge_slave', ...words]);
  }
  if (brctl !== undefined && link.master !== null && tools.others.includes('brctl'))
    return { kind: 'run', argv: ['brctl', brctl, link.master, link.name, value] };
  const file = (PORT_FILES as Readonly<Record<string, string | undefined>>)[word];
  if (file === undefined) return undefined;
  return writeSysfs(`${link.name}/brport/${file}`, value === 'on' ? '1' : value === 'off' ? '0' : value);
}

/** What the kernel would refuse. */
export function portOptionProblems(options: PortOptions): Problem[] {
  const ranges = PORT_WORDS.flatMap((word): Problem[] => {
    const value = options[word];
    const [low, high] = PORT_OPTIONS[word].range ?? [0, 0];
    if (typeof value !== 'number' || (value >= low && value <= high)) return [];
    return [{ message: `${word} takes ${low} to ${high}, not ${value}`, path: [word] }];
  });
  const { fastleave, mcast_fast_leave, group_fwd_mask = 0 } = options;
  const twice = fastleave !== undefined && mcast_fast_leave !== undefined && fastleave !== mcast_fast_leave;
  return [
    ...ranges,
    ...(twice
      ? [{ message: 'fastleave and mcast_fast_leave are one setting', path: ['mcast_fast_leave'] }]
      : []),
    // BR_GROUPFWD_MACPAUSE: measured, all others are taken.
    ...((group_fwd_mask & 2) === 0
      ? []
      : [
          {
            message: `group_fwd_mask ${group_fwd_mask} has the bit of pause frames (2), which the kernel never hands on`,
            path: ['group_fwd_mask'],
          },
        ]),
  ];
}

/** Costs that the kernel gives by itself, by the speed of a device (port_cost in br_if.c). */
const OWN_COSTS: ReadonlySet<string> = new Set(['1', '2', '4', '19', '100']);

/**
 * What a port has that a new one does not. A cost that the kernel gives by itself is left to it: once set, it would
 * not follow the device's speed any more.
 */
export function ownPortSettings(link: Link): [PortWord, string][] {
  return PORT_WORDS.flatMap((word): [PortWord, string][] => {
    const value = portSetting(link, word);
    const own = word === 'cost' ? OWN_COSTS.has(value ?? '') : value === PORT_OPTIONS[word].usual;
    return value === undefined || own ? [] : [[word, value]];
  });
}

/** The steps that give a port again what it had before it left its bridge and came back. */
export function restorePortSteps(link: Link, tools: Tools): Step[] {
  return ownPortSettings(link).flatMap(([word, value]): Step[] => {
    const step = portStep(link, word, value, tools);
    return step === undefined ? [] : [step];
  });
}
