/** Making and removing a link of a kind whose settings are known. */
import type { Step } from '../../../shared/change.js';
import { KINDS, type KindName, settingsOf } from '../../../snapshot/kinds/kinds.js';
import type { Values } from '../../../snapshot/kinds/setting.js';
import type { Link } from '../../../snapshot/model.js';

/** /sys/class/net/X/addr_assign_type of a MAC that is that of the device below: it changes with that. */
const STOLEN = 2;

/**
 * Modules that make devices of their own as they are loaded (ifb0, ifb1, dummy0), unless they are told not
 * to; a host without modprobe loads them as it can.
 */
const LOADED_BARE: Partial<Record<KindName, readonly [module: string, parameter: string]>> = {
  dummy: ['dummy', 'numdummies=0'],
  ifb: ['ifb', 'numifbs=0'],
};

/** Settings of a link that tell how many queues it is made with. */
export const QUEUE_NAMES: ReadonlySet<string> = new Set(['numtxqueues', 'numrxqueues']);

const LOAD = '[ -d "/sys/module/$1" ] || modprobe -q "$@" 2>/dev/null || :';

/** The kind's own words behind `type KIND`. */
export function kindWords(kind: KindName, values: Values): string[] {
  return KINDS[kind].flatMap((setting) => setting.args(values[setting.name] ?? setting.initial));
}

/**
 * The steps that make the link with its settings and MAC: down, in no bridge. A veth comes with its peer.
 * @param mtu undefined for what the kernel gives it. @param peer words for a veth's other end
 */
export function addLink(
  link: Link,
  kind: KindName,
  mtu: number | undefined,
  peer: readonly string[] = [],
): Step[] {
  const values = settingsOf(link);
  const load = LOADED_BARE[kind];
  const below = values.link == null ? [] : ['link', values.link];
  const add: Step = {
    kind: 'ip',
    args: [
      ...['link', 'add', ...below, 'name', link.name],
      ...(link.mac === null || followsLower(link) ? [] : ['address', link.mac]),
      ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
      ...queueWords(values),
      ...['type', kind, ...kindWords(kind, values), ...peer],
    ],
  };
  return load === undefined ? [add] : [loadStep(load), add];
}

/** Loads a module so that it makes no devices of its own; one that is loaded is left alone. */
export function loadStep(module: readonly [module: string, parameter: string]): Step {
  return { kind: 'run', argv: ['sh', '-c', LOAD, 'load', ...module] };
}

/** In the words of `ip link add`. */
export function queueWords(values: Values): string[] {
  return [...QUEUE_NAMES].flatMap((name) => (values[name] == null ? [] : [name, values[name]]));
}

/** A VLAN has the MAC of the device below as long as nobody gives it one of its own; a macvlan in passthru always. */
function followsLower(link: Link): boolean {
  return link.addrAssignType === STOLEN;
}

export function removeLink(name: string): Step {
  return { kind: 'ip', args: ['link', 'del', 'dev', name] };
}

/**
 * As `ip` writes it: `vlan link eth0 id 5 gvrp on`; what a new link has anyway is left out.
 * @param besides the other side of a change: queues, which every link has, are shown only where the two differ
 */
export function showLink(kind: KindName, values: Values, besides: Values = {}): string {
  const words = KINDS[kind].flatMap(({ name, initial }) => {
    const value = values[name] ?? null;
    const hidden = QUEUE_NAMES.has(name) && value === besides[name];
    return value === null || value === initial || hidden ? [] : [name, value];
  });
  return [kind, ...words].join(' ');
}
