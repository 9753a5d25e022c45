/** Making and removing a tap: owner, mode and queues can't be changed, so a change is both. */
import type { Problem, Step } from '../../shared/change.js';
import type { Link, Snapshot, Tools, TunState } from '../../snapshot/model.js';
import { alias, group, mac, mtu, setLink, txqueuelen } from './attributes.js';
import { isUp } from './device.js';
import { enslaveStep } from './enslave.js';

/** What this host's tools lack for such a tap, or undefined. */
export function toolProblem(tun: TunState, tools: Tools): Problem | undefined {
  if (tools.tuntap) return undefined;
  const without = `this host's ip (${tools.iproute2}) makes no taps`;
  if (!tools.others.includes('tunctl')) {
    const hint = 'Install tunctl (uml-utilities) on the host.';
    return { message: `${without}, and there is no tunctl`, hint };
  }
  if (tun.mode === 'tap' && !tun.multiQueue && !tun.vnetHdr) return undefined;
  return { message: `${without}, and tunctl knows no mode tun, multi_queue or vnet_hdr` };
}

/** Makes the tap as such, down. A tap without `user` may be used by anybody who may use /dev/net/tun. */
export function addTap(name: string, tun: TunState, tools: Tools): Step {
  const { owner, group: gid } = tun;
  if (!tools.tuntap) {
    const user = owner === null ? [] : ['-u', String(owner)];
    return {
      kind: 'run',
      argv: ['tunctl', '-t', name, ...user, ...(gid === null ? [] : ['-g', String(gid)])],
    };
  }
  const args = [
    ...['tuntap', 'add', 'dev', name, 'mode', tun.mode],
    ...(owner === null ? [] : ['user', String(owner)]),
    ...(gid === null ? [] : ['group', String(gid)]),
    ...(tun.multiQueue ? ['multi_queue'] : []),
    ...(tun.vnetHdr ? ['vnet_hdr'] : []),
  ];
  return { kind: 'ip', args };
}

/** Whether another one than $2 is there is asked first: nobody waits for a tap that was there already. */
const UDEV_DONE =
  'if [ "$(cat "/sys/class/net/$1/address")" != "$2" ] && command -v udevadm >/dev/null; then udevadm settle --timeout=5 || :; fi';

/**
 * What a tap needs for its MAC; none to be set is null. No tap is made with one of its own, and udev gives one that has
 * none its own a moment later (`MACAddressPolicy=persistent` of systemd's 99-default.link): it is waited for.
 */
export function newTapMac({ name, mac: address }: Pick<Link, 'name' | 'mac'>): Step[] {
  if (address === null) return [];
  const settle: Step = { kind: 'run', argv: ['sh', '-c', UDEV_DONE, 'settle', name, address] };
  return [settle, setLink(name, mac.args(address))];
}

/** `ip tuntap del` finds a tap of many queues only where it is told so. */
export function removeTap(name: string, tun: TunState, tools: Tools): Step {
  if (!tools.tuntap) return { kind: 'run', argv: ['tunctl', '-d', name] };
  const queues = tun.multiQueue ? ['multi_queue'] : [];
  return { kind: 'ip', args: ['tuntap', 'del', 'dev', name, 'mode', tun.mode, ...queues] };
}

/** The steps that make a tap exactly as `link` has it, its bridge included; addresses and routes are not. */
export function makeTapSteps(link: Link, tun: TunState, snapshot: Snapshot): Step[] {
  return [
    addTap(link.name, tun, snapshot.tools),
    ...newTapMac(link),
    ...(link.mtu === 1500 ? [] : [setLink(link.name, mtu.args(link.mtu))]),
    ...(link.txqueuelen === null ? [] : [setLink(link.name, txqueuelen.args(link.txqueuelen))]),
    ...(link.alias === null ? [] : [setLink(link.name, alias.args(link.alias))]),
    ...(link.group === 0 ? [] : [setLink(link.name, group.args(link.group))]),
    ...(link.master === null ? [] : [enslaveStep(link.name, link.master, snapshot)]),
    ...(isUp(link) ? [setLink(link.name, ['up'])] : []),
  ];
}

/** As a person writes it: `mode tap owner 0`. */
export function showTun(tun: TunState): string {
  return [
    `mode ${tun.mode}`,
    ...(tun.owner === null ? [] : [`owner ${tun.owner}`]),
    ...(tun.group === null ? [] : [`group ${tun.group}`]),
    ...(tun.multiQueue ? ['multi_queue'] : []),
    ...(tun.vnetHdr ? ['vnet_hdr'] : []),
  ].join(' ');
}
