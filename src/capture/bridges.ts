/** Bridges, with the ports that have no task of their own, and the settings of all ports. */
import {
  NEW_BRIDGE,
  OPTION_NAMES,
  OPTIONS,
  sameOption,
  showOption,
} from '../resources/links/bridge-options.js';
import { bridgeMac, isPinned } from '../resources/links/mac.js';
import { ownPortSettings } from '../resources/links/port-options.js';
import type { BridgeState, BridgeVlan } from '../snapshot/bridge.js';
import type { Link } from '../snapshot/model.js';
import { furtherItems, plainParams } from './link-settings.js';
import { masterOf } from './master.js';
import type { Making } from './order.js';
import {
  type Captured,
  given,
  inNameOrder,
  isCaptured,
  type Params,
  type Reading,
  unless,
} from './reading.js';

export function bridgeMaking(link: Link, reading: Reading): Making {
  if (!isPinned(link))
    reading.leaveOut(
      `that the MAC of ${link.name} moves with its ports`,
      'netplay pins it to the one that it has',
    );
  const ports = listedPorts(link, reading);
  const master = masterOf(link, reading);
  const params = given({
    name: link.name,
    ports: ports.length === 0 ? undefined : ports,
    mac: unless(link.mac ?? undefined, bridgeMac(link.name, ports, reading.snapshot)),
    mtu: unless(link.mtu, usualMtu(link, reading)),
    ...(link.bridge && options(link.bridge)),
    ...vlanParams(link, link.bridge, reading),
    up: unless(isUp(link), true),
  });
  return {
    makes: [link.name],
    needs: [...ports, ...(master === undefined ? [] : [master])],
    items: [{ resource: 'bridge', params }, ...furtherItems(link, reading, { ...plainParams(link), master })],
  };
}

/** NICs and bonds: what is made up says itself whose port it is. One that is down would be brought up by its bridge. */
function listedPorts(bridge: Link, reading: Reading): string[] {
  return portsOf(bridge, reading)
    .filter((port) => joinsByList(port, reading) && isUp(port) && isUp(bridge))
    .map(({ name }) => name);
}

function joinsByList(port: Link, { roles }: Reading): boolean {
  return roles.get(port.name)?.kind === 'nic' || port.kind === 'bond';
}

function isUp({ flags }: Link): boolean {
  return flags.includes('UP');
}

function portsOf({ name }: Link, reading: Reading): Link[] {
  const { links } = reading.snapshot;
  return inNameOrder(links.values()).filter((port) => port.master === name && isCaptured(reading, port.name));
}

/** A bridge has the smallest MTU of its ports until somebody sets it (br_mtu_auto_adjust). */
function usualMtu(bridge: Link, reading: Reading): number {
  const ports = portsOf(bridge, reading);
  return ports.length === 0 ? 1500 : Math.min(...ports.map(({ mtu }) => mtu));
}

function options(state: BridgeState): Params {
  return Object.fromEntries(
    OPTION_NAMES.flatMap((name): [string, unknown][] => {
      const { field, unit } = OPTIONS[name];
      const value = state[field];
      if (value === null || sameOption(name, state, NEW_BRIDGE)) return [];
      if (unit === 'seconds') return [[name, Number(value) / 100]];
      return [[name, unit === 'protocol' ? showOption(name, state) : value]];
    }),
  );
}

/** What each port has that a new one has not, and whose it is where no other task says that. */
export function portItems(reading: Reading): Captured[] {
  const { links } = reading.snapshot;
  return inNameOrder(links.values()).flatMap((link): Captured[] => {
    const bridge = links.get(link.master ?? '');
    if (bridge?.kind !== 'bridge' || !isCaptured(reading, link.name) || !isCaptured(reading, bridge.name))
      return [];
    const joins = joinsByList(link, reading) && !(isUp(link) && isUp(bridge));
    const params = {
      ...(joins && { bridge: bridge.name }),
      ...portParams(link),
      ...vlanParams(link, bridge.bridge, reading),
    };
    return Object.keys(params).length === 0
      ? []
      : [{ resource: 'bridge_port', params: { dev: link.name, ...params } }];
  });
}

function portParams(link: Link): Params {
  return Object.fromEntries(
    ownPortSettings(link).map(([word, value]): [string, unknown] => {
      if (value === 'on' || value === 'off') return [word, value === 'on'];
      return [word, /^\d+$/.test(value) ? Number(value) : value];
    }),
  );
}

/** The VLANs of a port or of a bridge itself, where they are not the one that each begins with. */
function vlanParams({ name }: Link, state: BridgeState | null, { snapshot }: Reading): Params {
  const vlans = snapshot.bridgeVlans?.filter(({ dev }) => dev === name);
  if (vlans === undefined || state === null || state.vlanDefaultPvid === null) return {};
  const pvid = state.vlanDefaultPvid;
  const [only, ...others] = vlans;
  const usual =
    pvid === 0 ? only === undefined : others.length === 0 && only?.vid === pvid && only.pvid && only.untagged;
  return usual ? {} : { vlans: ranges(vlans), exclusive_vlans: true };
}

/** Those with the same flags side by side are one range; a pvid stands alone. */
function ranges(vlans: readonly BridgeVlan[]): Params[] {
  const runs: { from: BridgeVlan; to: number }[] = [];
  for (const vlan of vlans.toSorted((a, b) => a.vid - b.vid)) {
    const run = runs.at(-1);
    const joins =
      run !== undefined &&
      run.to + 1 === vlan.vid &&
      !run.from.pvid &&
      !vlan.pvid &&
      run.from.untagged === vlan.untagged;
    if (joins) run.to = vlan.vid;
    else runs.push({ from: vlan, to: vlan.vid });
  }
  return runs.map(({ from, to }) => ({
    vid: from.vid === to ? from.vid : `${from.vid}-${to}`,
    ...(from.pvid && { pvid: true }),
    ...(from.untagged && { untagged: true }),
  }));
}
