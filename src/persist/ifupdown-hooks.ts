/** What is kept as lines of stanzas of /etc/network/interfaces: commands that ifup and ifdown run. */
import { addressStep } from '../resources/links/address-args.js';
import { setLink } from '../resources/links/attributes.js';
import { routeStep } from '../resources/routing/route-args.js';
import { ruleStep } from '../resources/routing/rule-text.js';
import type { Family } from '../shared/addr.js';
import type { Step } from '../shared/change.js';
import { quote } from '../shared/shell.js';
import { type Kept, keptDev } from '../snapshot/kept.js';
import type { Link, Route, Snapshot } from '../snapshot/model.js';
import { commandOf } from '../transaction/steps.js';
import { commandsOf } from './commands.js';

/** One line of a stanza. */
export interface Hook {
  dev: string;
  family: Family;
  /** When: before and after the interface comes up, before and after it goes down. */
  phase: 'pre-up' | 'up' | 'down' | 'post-down';
  command: string;
}

/**
 * The lines that make it when its device comes up and take it away when that goes down. Each may be run again where all is
 * there: `ifup --force`, `ifreload`. One that fails ends ifup's work on its stanza, so none fails without need.
 * @param dev the device whose stanza they stand in
 * @param masters by port, as they are kept
 * @param made whether netplay alone makes the link, so that it goes with ifdown
 */
export function hooksOf(
  kept: Kept,
  dev: string,
  made: boolean,
  snapshot: Snapshot,
  masters: ReadonlyMap<string, string>,
): Hook[] {
  switch (kept.kind) {
    case 'link':
      return linkHooks(kept, made, snapshot);
    case 'setting':
      return settingHooks(kept, snapshot);
    case 'address':
      return [
        up(dev, kept.item.family, plainly(commandsOf(kept, snapshot))),
        ...away(dev, kept.item.family, addressStep(kept.item, 'del')),
      ];
    case 'route':
      return routeHooks(kept.item, dev);
    case 'rule': {
      // An old kernel takes the same rule twice, a later one refuses it.
      const gone = `${commandOf(ruleStep(kept.item, 'del', snapshot.tools))} 2>/dev/null`;
      const { family } = kept.item;
      return [
        up(dev, family, `${gone}; ${plainly(commandsOf(kept, snapshot))}`),
        ...away(dev, family, ruleStep(kept.item, 'del', snapshot.tools)),
      ];
    }
    case 'tc':
    case 'ovs_flow':
      return [];
    case 'fdb':
    case 'bridge_vlan':
      return commandsOf(kept, snapshot).flatMap((step) =>
        portHooks(kept, commandOf(step), masterOf(kept, masters, snapshot)),
      );
    default:
      return commandsOf(kept, snapshot).map((step) => up(dev, 4, commandOf(step)));
  }
}

function up(dev: string, family: Family, command: string): Hook {
  return { dev, family, phase: 'up', command };
}

/** What is gone already, along with its device, is none to fail for. */
function away(dev: string, family: Family, step: Step): Hook[] {
  return [{ dev, family, phase: 'down', command: `${commandOf(step)} 2>/dev/null || true` }];
}

function plainly(steps: readonly Step[]): string {
  return steps.map(commandOf).join(' && ');
}

function sysfs(dev: string): string {
  return quote(`/sys/class/net/${dev}`);
}

function linkHooks(kept: Kept & { kind: 'link' }, made: boolean, snapshot: Snapshot): Hook[] {
  const { item, peer } = kept;
  const { name, master } = item;
  const hook = (phase: Hook['phase'], command: string): Hook => ({ dev: name, family: 4, phase, command });
  const isUp = item.flags.includes('UP');
  const hooks = commandsOf(kept, snapshot).flatMap((step): Hook[] => {
    if (master !== null && isJoin(step)) return joins(name, master, step, snapshot);
    // The bond chooses one by itself until its ports have come.
    if (step.kind === 'ip' && step.args.includes('active_slave'))
      return [hook('up', `${commandOf(step)} 2>/dev/null || true`)];
    const guard = isMake(step) ? `[ -e ${sysfs(name)} ] || ` : '';
    return [hook('pre-up', `${guard}${commandOf(step)}`)];
  });
  const lower = isUp && item.lower !== peer?.name ? lowerOf(item, snapshot) : undefined;
  return [
    // The kernel brings none up whose lower one is down, and that one's own turn may come later.
    ...(lower === undefined ? [] : [hook('pre-up', commandOf(setLink(lower.name, ['up'])))]),
    ...hooks,
    // The method `manual` brings each up.
    ...(isUp ? [] : [hook('up', commandOf(setLink(name, ['down'])))]),
    ...(made ? [hook('post-down', `[ ! -e ${sysfs(name)} ] || ip link delete dev ${quote(name)}`)] : []),
  ];
}

function lowerOf({ lower, kind }: Link, { links }: Snapshot): Link | undefined {
  const link = lower === null || kind === 'veth' ? undefined : links.get(lower);
  return link?.flags.includes('UP') ? link : undefined;
}

/** Makes the link, and fails where it is there. */
function isMake(step: Step): boolean {
  if (step.kind === 'ip') return step.args[1] === 'add' && step.args[0] !== 'address';
  return step.kind === 'run' && (step.argv[1] === 'addbr' || step.argv[0] === 'tunctl');
}

function isJoin(step: Step): boolean {
  if (step.kind === 'ip') return step.args[1] === 'set' && step.args.includes('master');
  return step.kind === 'run' && step.argv[1] === 'addif';
}

/** Whichever of the two comes last joins them, unless they are together; a bond takes none that is up. */
function joins(dev: string, master: string, step: Step, { links }: Snapshot): Hook[] {
  const kind = links.get(master)?.kind;
  const down = kind === 'bond' ? `${commandOf(setLink(dev, ['down']))} && ` : '';
  const together =
    kind === 'bond'
      ? `grep -qsw ${quote(dev)} ${quote(`/sys/class/net/${master}/bonding/slaves`)} || `
      : kind === 'bridge'
        ? `[ -e ${quote(`/sys/class/net/${master}/brif/${dev}`)} ] || `
        : '';
  return onceBoth(dev, master, `${together}${down}${commandOf(step)}`);
}

function onceBoth(dev: string, other: string, command: string): Hook[] {
  const braced = /&&|\|\|/.test(command) ? `{ ${command}; }` : command;
  return [
    up(dev, 4, `[ ! -e ${sysfs(other)} ] || ${braced}`),
    up(other, 4, `[ ! -e ${sysfs(dev)} ] || ${braced}`),
  ];
}

/** What a bridge knows of a port: once that is in it. */
function portHooks({ item: { dev } }: KeptOfPort, command: string, master: string | null): Hook[] {
  return master === null ? [up(dev, 4, command)] : onceBoth(dev, master, command);
}

type KeptOfPort = Extract<Kept, { kind: 'fdb' | 'bridge_vlan' }>;

/**
 * The device without which a port's setting, or what its bridge knows of it, can't be set; null for all else.
 * @param masters by port, as they are kept
 */
export function masterOf(
  kept: Kept,
  masters: ReadonlyMap<string, string>,
  { links }: Snapshot,
): string | null {
  if (kept.kind === 'setting') return kept.needs ?? null;
  if (kept.kind !== 'fdb' && kept.kind !== 'bridge_vlan') return null;
  const alone = kept.kind === 'fdb' ? kept.item.self : kept.self === true;
  return alone ? null : (masters.get(kept.item.dev) ?? links.get(kept.item.dev)?.master ?? null);
}

function settingHooks(kept: Kept & { kind: 'setting' }, snapshot: Snapshot): Hook[] {
  const { dev, needs } = kept;
  return commandsOf(kept, snapshot).flatMap((step) => {
    // A name that it has already is no failure.
    if (kept.name === 'altnames') return [up(dev, 4, `${commandOf(step)} 2>/dev/null || true`)];
    if (needs === undefined) return [up(dev, 4, commandOf(step))];
    return isJoin(step) ? joins(dev, needs, step, snapshot) : onceBoth(dev, needs, commandOf(step));
  });
}

/** With next hops over several devices: when the last of them comes up. */
function routeHooks(route: Route, home: string): Hook[] {
  const { family, nexthops, src } = route;
  const gone = routeStep(route, 'del');
  // IPv6 has several of one prefix and metric, of which one would take the place of another.
  const command =
    family === 4 || nexthops.length > 1
      ? commandOf(routeStep(route, 'replace'))
      : `${commandOf(gone)} 2>/dev/null; ${commandOf(routeStep(route, 'append'))}`;
  const devices = [...new Set([home, ...nexthops.flatMap(({ dev }) => (dev === null ? [] : [dev]))])];
  return devices.flatMap((dev) => {
    const others = devices.filter((other) => other !== dev);
    const guards = others.map((other) => `[ -z "$(ip link show dev ${quote(other)} up 2>/dev/null)" ] || `);
    return [
      ...(family === 6 && src !== null ? [up(dev, family, waitFor(src))] : []),
      up(dev, family, guards.length === 0 ? command : `${guards.join('')}{ ${command}; }`),
      ...away(dev, family, gone),
    ];
  });
}

/** At most five seconds: IPv6 refuses a source address until duplicate address detection is through with it. */
function waitFor(src: string): string {
  const tentative = `"$(ip -6 address show to ${quote(src)} tentative)"`;
  return `n=0; while [ $n -lt 50 ] && [ -n ${tentative} ]; do n=$((n + 1)); sleep 0.1; done`;
}

/** The device whose stanza it stands in, but for a rule or a route without one. */
export function homeOf(kept: Kept): string | null {
  return kept.kind === 'rule' ? null : keptDev(kept);
}
