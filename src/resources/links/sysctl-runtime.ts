/** The running kernel's side of a sysctl: /proc/sys. */
import type { Change, Problem, Step } from '../../shared/change.js';
import { nearest } from '../../shared/nearest.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';
import type { PlanResult } from '../resource.js';
import { restoreSteps } from './restore.js';
import { deviceSysctl, isPseudoDevice, parseSysctlKey, type SysctlKey } from './sysctl-key.js';
import { combinationOf, matches, rangeOf, spreadOf } from './sysctl-rules.js';

/** What is lost where IPv6 is switched off. */
const IPV6_READS: readonly Read[] = [
  { kind: 'addresses' },
  { kind: 'routes', family: 6 },
  { kind: 'neighbours' },
];

/** What must be read to plan the runtime value of a key, its undo and its knock-on effects included. */
export function runtimeReads(key: SysctlKey): Read[] {
  const spread = spreadOf(key);
  const paths = [key.path, ...(spread?.same ?? []), ...(spread?.opposite ?? [])];
  if (combinationOf(key) !== undefined) paths.push(sisterPath(key, 'all'));
  if (key.device !== undefined) paths.push(sisterPath(key, 'default'));
  return [
    { kind: 'links' },
    // What stands beside it is asked for where the key may be misspelled.
    ...(rangeOf(key) === undefined ? [{ kind: 'directory', path: procDirectory(key) } as const] : []),
    ...[...new Set(paths)].map((path): Read => ({ kind: 'sysctl', path })),
    ...(isIpv6Switch(key) ? IPV6_READS : []),
  ];
}

/** Whether the key belongs to an interface that the host does not have, or not yet. */
export function waitsForDevice(key: SysctlKey, snapshot: Snapshot): boolean {
  const dev = key.device?.dev;
  return dev !== undefined && !isPseudoDevice(dev) && !snapshot.links.has(dev);
}

/** Plans the runtime value of a key whose interface, if it has one, is there. */
export function planRuntime(key: SysctlKey, value: string, snapshot: Snapshot): PlanResult {
  const current = currentValue(key, snapshot);
  if (current === null) return { changes: [], problems: [unknownKey(key, snapshot)] };
  const problem = numberProblem(key, current, value);
  if (problem !== undefined) return { changes: [], problems: [problem] };
  const warnings = ineffective(key, value, snapshot);
  if (sameValue(current, value)) return { changes: [], warnings };
  const losses = ipv6Losses(key, value, snapshot);
  const effects: Effect[] = [
    { kind: 'sysctl', path: key.path, value },
    ...spreadEffects(key, value, snapshot),
    ...losses,
  ];
  const change: Change = {
    resource: 'sysctl',
    address: `sysctl ${key.name}`,
    action: 'update',
    before: shown(current),
    after: shown(value),
    do: [{ kind: 'sysctl', path: key.path, value }],
    undo: [
      { kind: 'sysctl', path: key.path, value: current },
      ...restoreSpread(key, current, snapshot),
      ...(losses.length === 0 ? [] : restoreSteps(snapshot, applyEffects(snapshot, losses))),
    ],
    effects,
  };
  return {
    changes: [change],
    warnings: [...warnings, ...lossWarnings(key, losses), ...routerWarnings(key, value)],
  };
}

/** Keys of the network that show plain numbers and take more: lists of ports, masks in hexadecimal. */
const MORE_THAN_NUMBERS = /(reserved_ports|_mask|_bitmap)$/;

/** What shows decimal numbers takes only such; 010 and 0x10 would be stored as 8 and 16. */
function numberProblem(key: SysctlKey, current: string, value: string): Problem | undefined {
  const decimal = (word: string): boolean => /^-?(0|[1-9]\d*)$/.test(word);
  const shows = words(current);
  if (!key.path.startsWith('net/') || MORE_THAN_NUMBERS.test(key.path)) return undefined;
  if (shows.length === 0 || !shows.every(decimal) || words(value).every(decimal)) return undefined;
  return {
    message: `${key.name} takes decimal numbers, not ${shown(value)}`,
    hint: `It is ${shown(current)} now.`,
    path: ['value'],
  };
}

/** A device that an earlier task of the play makes begins with the values of `default`. */
function currentValue(key: SysctlKey, snapshot: Snapshot): string | null {
  const own = snapshot.sysctls.get(key.path);
  return own !== undefined ? own : (snapshot.sysctls.get(sisterPath(key, 'default')) ?? null);
}

/** Values compare word by word: the kernel separates them by tabs, people by blanks. */
export function sameValue(a: string, b: string): boolean {
  const [left, right] = [words(a), words(b)];
  return left.length === right.length && left.every((word, index) => sameWord(word, right[index] ?? ''));
}

function sameWord(a: string, b: string): boolean {
  return a === b || (/^-?\d+$/.test(a) && /^-?\d+$/.test(b) && BigInt(a) === BigInt(b));
}

function words(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== '');
}

function shown(value: string): string {
  return words(value).join(' ');
}

function unknownKey(key: SysctlKey, snapshot: Snapshot): { message: string; hint: string; path: string[] } {
  const last = key.path.slice(key.path.lastIndexOf('/') + 1);
  const near = nearest(last, snapshot.directories.get(procDirectory(key)) ?? []);
  const meant = near === undefined ? undefined : siblingName(key, near);
  return {
    message: `this host has no sysctl ${key.name}`,
    hint:
      meant === undefined
        ? 'Check its spelling, and whether the kernel module that brings it is loaded.'
        : `Did you mean ${meant}?`,
    path: ['name'],
  };
}

function siblingName(key: SysctlKey, last: string): string | undefined {
  if (key.device !== undefined) return deviceSysctl({ ...key.device, key: last }).name;
  return parseSysctlKey(`${key.path.slice(0, key.path.lastIndexOf('/'))}/${last}`)?.name;
}

function procDirectory(key: SysctlKey): string {
  return `/proc/sys/${key.path.slice(0, key.path.lastIndexOf('/'))}`;
}

function sisterPath(key: SysctlKey, dev: string): string {
  return key.device === undefined ? key.path : deviceSysctl({ ...key.device, dev }).path;
}

/** Says where an interface's value counts for nothing beside that of `all`. */
function ineffective(key: SysctlKey, value: string, snapshot: Snapshot): string[] {
  const combination = combinationOf(key);
  const all = snapshot.sysctls.get(sisterPath(key, 'all'));
  if (combination === undefined || key.device === undefined || isPseudoDevice(key.device.dev)) return [];
  if (all === undefined || all === null) return [];
  const dead =
    combination === 'larger' ? Number(value) < Number(all) : Number(value) !== 0 && Number(all) === 0;
  if (!dead) return [];
  const rule =
    combination === 'larger' ? 'the larger of the two counts' : 'it counts only where both are switched on';
  const allName = deviceSysctl({ ...key.device, dev: 'all' }).name;
  return [`${key.name} = ${value} has no effect while ${allName} is ${all.trim()}: ${rule}`];
}

/** The keys that were read and that the kernel rewrites when `key` gets `value`, with what they become. */
function knockOn(key: SysctlKey, value: string, snapshot: Snapshot): [path: string, value: string][] {
  const spread = spreadOf(key);
  if (spread === undefined) return [];
  const opposite = Number(value) === 0 ? '1' : '0';
  return [...snapshot.sysctls.keys()]
    .filter((path) => path !== key.path && snapshot.sysctls.get(path) !== null)
    .flatMap((path): [string, string][] => {
      if (spread.same.some((pattern) => matches(pattern, path))) return [[path, value]];
      return spread.opposite.includes(path) ? [[path, opposite]] : [];
    });
}

function spreadEffects(key: SysctlKey, value: string, snapshot: Snapshot): Effect[] {
  return knockOn(key, value, snapshot).map(([path, after]) => ({ kind: 'sysctl', path, value: after }));
}

/** Writing the old value back spreads as well: what differed from it before is written one by one. */
function restoreSpread(key: SysctlKey, old: string, snapshot: Snapshot): Step[] {
  return knockOn(key, old, snapshot).flatMap(([path, after]): Step[] => {
    const before = snapshot.sysctls.get(path);
    if (before === undefined || before === null || sameValue(before, after)) return [];
    return [{ kind: 'sysctl', path, value: before }];
  });
}

function isIpv6Switch(key: SysctlKey): boolean {
  return key.device?.family === 'ipv6' && key.device.table === 'conf' && key.device.key === 'disable_ipv6';
}

/** A device that is told to do without IPv6 loses its IPv6 addresses, routes and neighbours at once. */
function ipv6Losses(key: SysctlKey, value: string, snapshot: Snapshot): Effect[] {
  const only = key.device?.dev;
  if (!isIpv6Switch(key) || Number(value) === 0 || only === 'default') return [];
  const hit = (dev: string | null): boolean => dev !== null && (only === 'all' || dev === only);
  const addresses = snapshot.addresses.filter(({ family, dev }) => family === 6 && hit(dev));
  const routes = snapshot.routes.filter(
    ({ family, nexthops }) => family === 6 && nexthops.some(({ dev }) => hit(dev)),
  );
  const neighbours = snapshot.neighbours.filter(({ family, dev }) => family === 6 && hit(dev));
  return [
    ...neighbours.map((neighbour): Effect => ({ kind: 'neighbour', unset: neighbour })),
    ...routes.map((route): Effect => ({ kind: 'route', unset: route })),
    ...addresses.map((address): Effect => ({ kind: 'address', unset: address })),
  ];
}

/** A router takes no default route from another one: the kernel drops those that it has (accept_ra in ip-sysctl.rst). */
function routerWarnings(key: SysctlKey, value: string): string[] {
  const { device } = key;
  if (device?.family !== 'ipv6' || device.key !== 'forwarding' || Number(value) === 0) return [];
  return [
    `${key.name} = ${value} drops IPv6 default routes that came by router advertisements, unless accept_ra is 2`,
  ];
}

function lossWarnings(key: SysctlKey, losses: readonly Effect[]): string[] {
  const addresses = losses.filter((effect) => effect.kind === 'address').length;
  if (addresses === 0) return [];
  return [
    `${key.name} = 1 removes ${addresses} IPv6 address${addresses === 1 ? '' : 'es'} and the routes through them`,
  ];
}
