/** What a schema can't say about a lab: names that clash, addresses that aren't any, switches that no one has. */
import { parseAddress, parseMac, parsePrefix, prefixContains } from '../shared/addr.js';
import type { Problem } from '../shared/change.js';
import { expandHosts, type NamedHost, rangeProblem } from './expand.js';
import { layOut, routeArgs, sysctlPath } from './layout.js';
import { DEFAULT_MANAGEMENT, type LabSpec, type NicSpec, RESERVED } from './spec.js';
import { suggestion } from './suggestion.js';

type Path = readonly (string | number)[];

export interface LabProblem extends Problem {
  /** The key of the map at `path` that is at fault, where it is not a value. */
  key?: string;
}

function problem(path: Path, message: string, hint?: string): LabProblem {
  return hint === undefined ? { message, path } : { message, hint, path };
}

function isInterfaceName(name: string): boolean {
  return /^[^\s/:"'\\-][^\s/:"'\\]{0,14}$/.test(name) && name !== '.' && name !== '..';
}

function isCidr(address: string): boolean {
  return address.includes('/') && parsePrefix(address) !== undefined;
}

function checkSwitches(spec: LabSpec): LabProblem[] {
  return (spec.switches ?? []).flatMap((name, index) => {
    const path = ['switches', index];
    if (!isInterfaceName(name))
      return [problem(path, `"${name}" can't name a switch`, 'at most 15 characters')];
    if (RESERVED.switches.some((word) => word === name))
      return [problem(path, `the switch "${name}" is the lab's own`, 'choose another name')];
    return [];
  });
}

function checkSwitchName(spec: LabSpec, name: string, path: Path): LabProblem[] {
  if (RESERVED.switches.some((word) => word === name))
    return [problem(path, `the switch "${name}" is the lab's own`, 'choose another name')];
  if (spec.switches !== undefined && !spec.switches.includes(name))
    return [problem(path, `no switch is named "${name}"`, suggestion(name, spec.switches))];
  return isInterfaceName(name)
    ? []
    : [problem(path, `"${name}" can't name a switch`, 'at most 15 characters')];
}

function checkNic(spec: LabSpec, name: string, nic: NicSpec, path: Path): LabProblem[] {
  const found: LabProblem[] = checkSwitchName(spec, nic.switch, [...path, 'switch']);
  if (!isInterfaceName(name))
    found.push(
      problem(path, `"${name}" can't name a NIC`, 'at most 15 characters, without spaces and slashes'),
    );
  if (RESERVED.nics.some((word) => word === name))
    found.push(problem(path, `the NIC "${name}" is the lab's own`, 'choose another name'));
  if (nic.mac !== undefined && parseMac(nic.mac) === undefined)
    found.push(problem([...path, 'mac'], `"${nic.mac}" is not a MAC address`, 'such as 52:54:00:12:34:56'));
  const management = spec.management === false ? undefined : (spec.management ?? DEFAULT_MANAGEMENT);
  for (const [index, address] of (nic.addresses ?? []).entries()) {
    const at = [...path, 'addresses', index];
    if (!isCidr(address))
      found.push(
        problem(at, `"${address}" is not an address with its prefix length`, 'such as 192.168.1.1/24'),
      );
    else if (management !== undefined && prefixContains(management, address.split('/')[0] ?? ''))
      found.push(problem(at, `${address} lies in the management network ${management}`, 'set `management`'));
  }
  return found;
}

function checkHost(spec: LabSpec, { name, key, spec: host }: NamedHost): LabProblem[] {
  const path = ['hosts', key];
  const found: LabProblem[] = [];
  if (!/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(name))
    found.push(problem(path, `"${name}" can't name a host`, 'letters, digits, dots and dashes, at most 63'));
  if (RESERVED.hosts.some((word) => word === name))
    found.push(problem(path, `the host "${name}" is the lab's own`, 'choose another name'));
  for (const [nic, nicSpec] of Object.entries(host.nics ?? {}))
    found.push(...checkNic(spec, nic, nicSpec, [...path, 'nics', nic]));
  for (const sysctl of Object.keys(host.sysctls ?? {}))
    if (!sysctlPath(sysctl).startsWith('net/') || /(^|\/)\.\.(\/|$)/.test(sysctlPath(sysctl)))
      found.push({
        ...problem([...path, 'sysctls'], `"${sysctl}" is not a host's own`, 'only net.* is'),
        key: sysctl,
      });
  for (const [file, entry] of Object.entries(host.files ?? {})) {
    const at = { path: [...path, 'files'], key: file };
    if (!file.startsWith('/') || file.endsWith('/') || file.split('/').includes('..'))
      found.push({ ...at, message: `"${file}" is not an absolute path of a file` });
    if (typeof entry !== 'string' && (entry.content === undefined) === (entry.source === undefined))
      found.push({ ...at, message: `"${file}" needs either \`content\` or \`source\`` });
  }
  for (const [index, route] of (host.routes ?? []).entries())
    found.push(...checkRoute(routeArgs(route), [...path, 'routes', index]));
  if (typeof host.ssh === 'string' && parseAddress(host.ssh) === undefined)
    found.push(problem([...path, 'ssh'], `"${host.ssh}" is not an address`, 'true, false, or 192.168.1.1'));
  return found;
}

function checkRoute(words: readonly string[], path: Path): LabProblem[] {
  const odd = words.find((word) => !/^[A-Za-z0-9_.:/@-]+$/.test(word));
  return odd === undefined ? [] : [problem(path, `"${odd}" is not a word of \`ip route add\``)];
}

function checkManagement(spec: LabSpec, hosts: number): LabProblem[] {
  if (spec.management === false) return [];
  const network = spec.management ?? DEFAULT_MANAGEMENT;
  const prefix = parsePrefix(network);
  if (prefix === undefined || prefix.family !== 4 || !network.includes('/'))
    return [problem(['management'], `"${network}" is not an IPv4 network`, 'such as 10.213.0.0/16')];
  if (hosts + 3 > 2 ** (32 - prefix.length))
    return [problem(['management'], `${network} has no room for ${hosts} hosts and the controller`)];
  return [];
}

function checkReach(spec: LabSpec): LabProblem[] {
  const laidOut = layOut(spec, 'lab').hosts;
  return expandHosts(spec.hosts ?? {}).flatMap(({ name, key, spec: host }, index) => {
    if (host.ssh === false || laidOut[index]?.sshAddress !== null) return [];
    const hint =
      spec.controller === undefined
        ? 'without `management`, give a `controller`, or set `ssh: false`'
        : `give it an address in ${spec.controller.address} on "${spec.controller.switch}", or say \`ssh: ADDRESS\``;
    return [problem(['hosts', key], `the controller can't reach "${name}"`, hint)];
  });
}

/** Everything that is wrong with a lab whose shape is right, each with its path in the file. */
export function checkLab(spec: LabSpec): LabProblem[] {
  const ranges = Object.keys(spec.hosts ?? {}).flatMap((key) => {
    const wrong = rangeProblem(key);
    return wrong === undefined ? [] : [problem(['hosts', key], wrong)];
  });
  if (ranges.length > 0) return ranges;
  const hosts = expandHosts(spec.hosts ?? {});
  const seen = new Set<string>();
  const found = [...checkSwitches(spec), ...checkManagement(spec, hosts.length)];
  for (const host of hosts) {
    if (seen.has(host.name))
      found.push(problem(['hosts', host.key], `there are two hosts named "${host.name}"`));
    seen.add(host.name);
    found.push(...checkHost(spec, host));
  }
  if (spec.controller !== undefined) {
    const { address, routes = [] } = spec.controller;
    found.push(...checkSwitchName(spec, spec.controller.switch, ['controller', 'switch']));
    if (!isCidr(address))
      found.push(problem(['controller', 'address'], `"${address}" is not an address with its prefix length`));
    for (const [index, route] of routes.entries())
      found.push(...checkRoute(routeArgs(route), ['controller', 'routes', index]));
  }
  return found.length > 0 ? found : checkReach(spec);
}
