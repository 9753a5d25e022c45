/** A bridge's own settings: their limits and units, and how `ip` or old hosts' brctl sets each. */
import type { Problem, Step } from '../../shared/change.js';
import type { BridgeState, Link, Tools } from '../../snapshot/model.js';
import { onOff, setLink } from './attributes.js';

/** As a user gives them: times in seconds. */
export interface BridgeOptions {
  stp?: boolean;
  forward_delay?: number;
  hello_time?: number;
  max_age?: number;
  ageing_time?: number;
  priority?: number;
  vlan_filtering?: boolean;
  multicast_snooping?: boolean;
}

export type OptionName = keyof BridgeOptions;

interface Option {
  field: keyof BridgeState;
  /** iproute2's word after `type bridge`. */
  word: string;
  /** brctl's verb, and whether it takes seconds, `on`/`off` or the number. */
  brctl?: string;
  unit: 'seconds' | 'switch' | 'number';
  /** Of the value as a user gives it; from net/bridge/br_private_stp.h. */
  range?: readonly [number, number];
}

/** `stp` last: with it, the kernel checks `forward_delay` against its limits. */
export const OPTIONS: Readonly<Record<OptionName, Option>> = {
  forward_delay: {
    field: 'forwardDelay',
    word: 'forward_delay',
    brctl: 'setfd',
    unit: 'seconds',
    range: [0, 30],
  },
  hello_time: { field: 'helloTime', word: 'hello_time', brctl: 'sethello', unit: 'seconds', range: [1, 10] },
  max_age: { field: 'maxAge', word: 'max_age', brctl: 'setmaxage', unit: 'seconds', range: [6, 40] },
  ageing_time: {
    field: 'ageingTime',
    word: 'ageing_time',
    brctl: 'setageing',
    unit: 'seconds',
    range: [0, 1_000_000],
  },
  priority: {
    field: 'priority',
    word: 'priority',
    brctl: 'setbridgeprio',
    unit: 'number',
    range: [0, 65_535],
  },
  vlan_filtering: { field: 'vlanFiltering', word: 'vlan_filtering', unit: 'switch' },
  multicast_snooping: { field: 'multicastSnooping', word: 'mcast_snooping', unit: 'switch' },
  stp: { field: 'stp', word: 'stp_state', brctl: 'stp', unit: 'switch' },
};

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** What a new bridge has (net/bridge/br_device.c). */
export const NEW_BRIDGE: BridgeState = {
  stp: false,
  forwardDelay: 1500,
  helloTime: 200,
  maxAge: 2000,
  ageingTime: 30_000,
  priority: 32_768,
  vlanFiltering: false,
  multicastSnooping: true,
};

/** The value as the kernel keeps it: times in hundredths of a second. */
export function kernelValue(name: OptionName, value: number | boolean): number | boolean {
  return OPTIONS[name].unit === 'seconds' ? Math.round(Number(value) * 100) : value;
}

/** As a person writes it: `forward_delay 15`, `stp on`. */
export function showOption(name: OptionName, state: BridgeState): string {
  const value = state[OPTIONS[name].field];
  if (typeof value === 'boolean') return onOff(value);
  return String(OPTIONS[name].unit === 'seconds' ? value / 100 : value);
}

/** `ip link … type bridge` takes its words, since 4.0 for most; `ss` is followed by a date until 2020. */
export function ipSetsBridges(tools: Tools): boolean {
  const dated = /iproute2-ss(\d{6})/.exec(tools.iproute2);
  return dated?.[1] === undefined ? tools.linkMaster : dated[1] >= '150413';
}

/** The words after `ip link … type bridge` that set an option. */
export function optionWords(name: OptionName, state: BridgeState): string[] {
  return [OPTIONS[name].word, String(Number(state[OPTIONS[name].field]))];
}

/** The step that gives an existing bridge this option; undefined where the host's tools can't. */
export function optionStep(
  bridge: string,
  name: OptionName,
  state: BridgeState,
  tools: Tools,
): Step | undefined {
  if (ipSetsBridges(tools)) return setLink(bridge, ['type', 'bridge', ...optionWords(name, state)]);
  const { brctl } = OPTIONS[name];
  if (brctl === undefined || !tools.others.includes('brctl')) return undefined;
  return { kind: 'run', argv: ['brctl', brctl, bridge, showOption(name, state)] };
}

/** What the kernel would refuse, told in the unit that the user writes. */
export function optionProblems(options: BridgeOptions, current: Link | undefined): Problem[] {
  const stp = options.stp ?? current?.bridge?.stp ?? NEW_BRIDGE.stp;
  return OPTION_NAMES.flatMap((name): Problem[] => {
    const value = options[name];
    const { range, unit } = OPTIONS[name];
    if (range === undefined || typeof value !== 'number') return [];
    const [low, high] = name === 'forward_delay' && stp ? [2, 30] : range;
    if (value >= low && value <= high) return [];
    const seconds = unit === 'seconds' ? ' seconds' : '';
    const hundredths = unit === 'seconds' && value / 100 >= low && value / 100 <= high;
    return [
      {
        message: `${name} takes ${low} to ${high}${seconds}, not ${value}`,
        ...(hundredths
          ? {
              hint: `${value} looks like hundredths of a second, as \`ip\` takes them: write ${value / 100}.`,
            }
          : {}),
        path: [name],
      },
    ];
  });
}
