/** What is wrong with a wish before anything is touched. */
import type { Problem } from '../../shared/change.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import type { TcItem, TcOptions, TrafficControl } from '../../snapshot/tc.js';
import type { Specs } from '../../snapshot/tc-options.js';
import { below } from '../../snapshot/tc-tree.js';
import { missingDevice } from '../routing/route-checks.js';
import { findLink } from '../routing/route-wish.js';
import { canRestore } from './build.js';
import { nameOf } from './words.js';

/** A frame is as long as the MTU and its Ethernet header (linux/if_ether.h, ETH_HLEN). */
const HEADER = 14;

/** The device and its traffic control, or why there is none. */
export function deviceOf(
  dev: string,
  snapshot: Snapshot,
): { link: Link; tc: TrafficControl } | { problems: readonly Problem[] } {
  const link = findLink(dev, snapshot);
  const { tc } = snapshot;
  if (link === undefined) return { problems: [missingDevice(dev, snapshot, ['dev'])] };
  if (tc === undefined) throw new Error('traffic control was not read');
  return { link, tc };
}

/** A module that the running kernel is known to lack: known by its own configuration, not by trying. */
export function lackingProblem(
  tc: TrafficControl,
  module: string,
  what: string,
  path: readonly (string | number)[],
): Problem | undefined {
  if (!tc.lacking.has(module)) return undefined;
  return {
    message: `this host's kernel has no ${what} (module ${module})`,
    hint: 'Its configuration or its list of modules says so; a package of further modules may have it (kernel-modules-extra, linux-modules-extra).',
    path,
  };
}

/**
 * A bucket that holds less than one whole frame lets none pass: a total outage, SSH included.
 * @param name the option that is the bucket's size
 */
export function bucketProblem(
  options: TcOptions,
  name: 'burst' | 'mtu' | 'limit' | 'memory_limit',
  { mtu, name: dev }: Link,
): Problem | undefined {
  const size = options[name];
  if (typeof size !== 'number' || size >= mtu + HEADER) return undefined;
  return {
    message: `${name} ${size} bytes is less than one frame of ${dev} (MTU ${mtu} and ${HEADER} bytes): nothing would pass at all`,
    hint: `Give at least ${mtu + HEADER} bytes, such as ${name}: ${name === 'mtu' ? mtu + HEADER : '32k'}.`,
    path: [name],
  };
}

/** The kernel counts in 64 ns, up to 2^32 of them. */
const LONGEST_TIME = 274;

/** A bucket that takes longer than the kernel can count would come out as a far smaller one. */
export function overflowProblems(options: TcOptions, specs: Specs): Problem[] {
  return Object.entries(specs).flatMap(([name, { at }]) => {
    const [size, rate] = [options[name], at === undefined ? undefined : options[at]];
    if (typeof size !== 'number' || typeof rate !== 'number' || (size * 8) / rate <= LONGEST_TIME) return [];
    return [
      {
        message: `${name} ${size} bytes takes ${Math.round((size * 8) / rate)} s at ${at} ${rate}bit, and the kernel counts no more than ${LONGEST_TIME}`,
        path: [name],
      },
    ];
  });
}

/** Where timers are coarse, a bucket is filled but `hz` times a second. */
export function coarseWarning({ hz }: TrafficControl, { rate, burst }: TcOptions, name: string): string[] {
  if (typeof rate !== 'number' || typeof burst !== 'number' || hz >= 1e6 || burst >= rate / 8 / hz) return [];
  return [
    `${name}: the rate is not reached: this host's timers tick ${hz} times a second, which takes a burst of ${Math.ceil(rate / 8 / hz)} bytes`,
  ];
}

/** Undo must bring back all that goes, exactly: what netplay does not understand wholly, it does not take away. */
export function lossProblem(items: readonly TcItem[]): Problem | undefined {
  const strange = items.find((item) => !canRestore(item));
  if (strange === undefined) return undefined;
  const words = strange.other.length > 0 ? `: ${strange.other.join(' ')}` : '';
  return {
    message: `${nameOf(strange)} (${strange.kind}) would go, and netplay could not bring it back${words}`,
    hint: 'Remove it by hand with tc where it is not needed any more.',
  };
}

/** What goes with a qdisc, in words; empty where nothing does. */
export function alongWith(tc: TrafficControl, qdisc: Extract<TcItem, { type: 'qdisc' }>): string {
  const along = below(tc, qdisc);
  const count = (type: TcItem['type'], one: string, many: string): string[] => {
    const number = along.filter((item) => item.type === type).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  };
  return [
    ...count('class', 'class', 'classes'),
    ...count('filter', 'filter', 'filters'),
    ...count('qdisc', 'qdisc', 'qdiscs'),
  ].join(', ');
}
