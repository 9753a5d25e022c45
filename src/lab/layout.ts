/** A lab laid out: ranges expanded, each NIC with its MAC, port and addresses. Pure; nothing is started. */
import { createHash } from 'node:crypto';
import { formatPrefix, parseMac, parsePrefix, prefixContains } from '../shared/addr.js';
import { expandHosts } from './expand.js';
import { DEFAULT_MANAGEMENT, type HostSpec, type LabSpec, type RouteSpec } from './spec.js';

export interface Nic {
  name: string;
  switch: string;
  /** The other end of its cable: a port of the switch in the fabric. */
  port: string;
  mac: string;
  addresses: readonly string[];
  mtu: number;
  up: boolean;
}

export interface LabFile {
  path: string;
  content?: string;
  source?: string;
  mode: number;
}

/** One set of namespaces that takes part in the network: a host, or the controller. */
export interface Node {
  name: string;
  kind: 'host' | 'controller';
  groups: readonly string[];
  vars: Readonly<Record<string, unknown>>;
  nics: readonly Nic[];
  /** Argument lists for `ip route add`. */
  routes: readonly (readonly string[])[];
  /** Paths below /proc/sys and their values. */
  sysctls: readonly (readonly [path: string, value: string])[];
  files: readonly LabFile[];
  run: readonly string[];
  /** Where the controller reaches its sshd; null where there is none. */
  sshAddress: string | null;
}

export interface Layout {
  name: string;
  /** Every switch, the hidden one for management included. */
  switches: readonly string[];
  controller: Node;
  hosts: readonly Node[];
}

export const MANAGEMENT_SWITCH = 'management';
const FILE_MODE = 0o644;

/** Dots and slashes change places where a dot comes first, as in procps: `conf.eth0/100.rp_filter`. */
export function sysctlPath(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first !== '.') return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** The words of `ip route add` for a route. */
export function routeArgs(route: RouteSpec | string): string[] {
  if (typeof route === 'string') return route.split(/\s+/).filter((word) => word !== '');
  const { type, dst, onlink, ...pairs } = route;
  const args = type === undefined ? [dst] : [type, dst];
  for (const [key, value] of Object.entries(pairs)) if (value !== undefined) args.push(key, String(value));
  return onlink === true ? [...args, 'onlink'] : args;
}

/** A unicast, locally administered MAC that is the same at each start of the same lab. */
function madeMac(...names: readonly string[]): string {
  const digest = createHash('sha256').update(names.join('\n')).digest('hex');
  return `02:${digest.slice(0, 10).match(/../g)?.join(':')}`;
}

/** The `index`th address of an IPv4 network (0 is the network itself). */
function nthAddress(network: string, index: number): string {
  const number = network.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

function addressOn(nics: readonly Nic[], switchName: string, network: string): string | undefined {
  const addresses = nics.filter((nic) => nic.switch === switchName).flatMap((nic) => nic.addresses);
  return addresses.map((address) => address.split('/')[0] ?? '').find((a) => prefixContains(network, a));
}

class Cabling {
  private ports = 0;
  constructor(private readonly lab: string) {}

  nic(host: string, name: string, spec: NonNullable<HostSpec['nics']>[string]): Nic {
    this.ports += 1;
    const mac = spec.mac === undefined ? undefined : parseMac(spec.mac);
    return {
      name,
      switch: spec.switch,
      port: `p${this.ports}`,
      mac: mac ?? madeMac(this.lab, host, name),
      addresses: spec.addresses ?? [],
      mtu: spec.mtu ?? 1500,
      up: spec.up ?? true,
    };
  }
}

function filesOf(spec: HostSpec): LabFile[] {
  return Object.entries(spec.files ?? {}).map(([path, entry]) => {
    if (typeof entry === 'string') return { path, content: entry, mode: FILE_MODE };
    const { mode, ...rest } = entry;
    return { path, ...rest, mode: mode === undefined ? FILE_MODE : Number.parseInt(mode, 8) };
  });
}

function hostNode(name: string, spec: HostSpec, nics: readonly Nic[], sshAddress: string | null): Node {
  return {
    name,
    kind: 'host',
    groups: spec.groups ?? [],
    vars: spec.vars ?? {},
    nics,
    routes: (spec.routes ?? []).map(routeArgs),
    sysctls: Object.entries(spec.sysctls ?? {}).map(([key, value]) => [sysctlPath(key), String(value)]),
    files: filesOf(spec),
    run: spec.run ?? [],
    sshAddress,
  };
}

/**
 * Lays out a lab that `checkLab` found sound.
 * @param name of the lab, used where the spec has none
 */
export function layOut(spec: LabSpec, name: string): Layout {
  const lab = spec.name ?? name;
  const cabling = new Cabling(lab);
  const management =
    spec.management === false ? undefined : parsePrefix(spec.management ?? DEFAULT_MANAGEMENT);
  const outside = spec.controller;
  const controllerNics: Nic[] = [];
  const manage = (host: string, index: number): Nic | undefined =>
    management &&
    cabling.nic(host, 'mgmt0', {
      switch: MANAGEMENT_SWITCH,
      addresses: [`${nthAddress(management.network, index)}/${management.length}`],
    });
  const controllerManagement = manage('controller', 1);
  if (controllerManagement) controllerNics.push(controllerManagement);
  if (outside)
    controllerNics.push(
      cabling.nic('controller', 'eth0', { switch: outside.switch, addresses: [outside.address] }),
    );

  let index = 1;
  const hosts = expandHosts(spec.hosts ?? {}).map(({ name: host, spec: hostSpec }) => {
    const nics = Object.entries(hostSpec.nics ?? {}).map(([nic, nicSpec]) => cabling.nic(host, nic, nicSpec));
    if (hostSpec.ssh === false) return hostNode(host, hostSpec, nics, null);
    index += 1;
    const managed = manage(host, index);
    const reached =
      (typeof hostSpec.ssh === 'string' ? hostSpec.ssh : undefined) ??
      managed?.addresses[0]?.split('/')[0] ??
      (outside && addressOn(nics, outside.switch, networkOf(outside.address)));
    return hostNode(host, hostSpec, managed ? [...nics, managed] : nics, reached ?? null);
  });

  const controller: Node = {
    ...hostNode('controller', { routes: outside?.routes ?? [] }, controllerNics, null),
    kind: 'controller',
  };
  const named = [controller, ...hosts].flatMap((node) => node.nics.map((nic) => nic.switch));
  return { name: lab, switches: [...new Set([...(spec.switches ?? []), ...named])], controller, hosts };
}

function networkOf(address: string): string {
  const prefix = parsePrefix(address);
  return prefix === undefined ? address : formatPrefix(prefix);
}
