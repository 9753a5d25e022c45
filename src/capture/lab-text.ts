/** A lab whose hosts have the NICs of those that were captured, each on the wires that their addresses tell of. */
import { parsePrefix, prefixContains } from '../shared/addr.js';
import type { Link, Snapshot } from '../snapshot/model.js';
import { isWayIn } from './links.js';
import { given, inNameOrder, type Params, type Role } from './reading.js';
import { yamlText } from './yaml-text.js';

export interface LabHost {
  host: string;
  snapshot: Snapshot;
  roles: ReadonlyMap<string, Role>;
}

/** What a lab takes as the name of a NIC; the last is its own, by which it reaches its hosts. */
const NIC_NAME = /^(?!-|\.{1,2}$|mgmt0$)[^\s/:"'\\]{1,15}$/;
/** The network of a lab's own NICs. */
const MANAGEMENT = '10.213.0.0/16';

interface Nic {
  link: Link;
  networks: readonly string[];
  params: Params;
}

/** How many maps are around a NIC's settings. */
const OF_NIC = 4;

export function labText(hosts: readonly LabHost[]): string {
  const switches = new Switches();
  const labHosts = hosts.map((each): [string, Params] => {
    const nics = nicsOf(each).map((nic): [string, Params] => [
      nic.link.name,
      { switch: switches.of(nic.networks), ...nic.params },
    ]);
    return [labName(each.host), { nics: Object.fromEntries(nics) }];
  });
  return yamlText({ hosts: Object.fromEntries(labHosts) }, (depth) => depth < OF_NIC, {
    top: [
      'Hosts with the NICs of those that netplay capture read; what else they have is for the playbook to bring:',
      '  netplay lab up lab.yml',
      '  netplay run -i /run/netplay-lab/lab/inventory.yml site.yml',
    ],
  });
}

/** Letters, digits, dots and dashes; of IPv6 addresses and the like, something of that kind. */
function labName(host: string): string {
  const name = host.replaceAll(/[^A-Za-z0-9_.-]/g, '-').replaceAll(/^[_.-]+|[_.-]+$/g, '');
  return name === '' ? 'host' : name.slice(0, 63);
}

function nicsOf(host: LabHost): Nic[] {
  const { snapshot, roles } = host;
  const nics = inNameOrder(snapshot.links.values()).filter(
    ({ name }) => roles.get(name)?.kind === 'nic' && NIC_NAME.test(name),
  );
  return nics.map((link) => ({
    link,
    networks: networksOf(link, snapshot),
    params: given({ mac: link.mac ?? undefined, addresses: wayIn(link, host) }),
  }));
}

/** The address by which the host was reached: no task has it. */
function wayIn(link: Link, { snapshot, roles }: LabHost): string[] | undefined {
  if (!isWayIn(link, { snapshot, roles, leaveOut: () => undefined })) return undefined;
  const found = snapshot.addresses
    .filter(({ dev, local }) => dev === link.name && local === snapshot.session?.server)
    .map(({ local, length }) => `${local}/${length}`)
    .filter((address) => !prefixContains(MANAGEMENT, address.split('/')[0] ?? ''));
  return found.length === 0 ? undefined : found;
}

/** The networks of a NIC's addresses, and of those of its bridge, bond or VLANs. */
function networksOf(nic: Link, { links, addresses }: Snapshot): string[] {
  const devices = new Set([nic.name]);
  for (const name of devices) {
    const master = links.get(links.get(name)?.master ?? '');
    if (master !== undefined && master.kind !== 'vrf') devices.add(master.name);
    for (const link of links.values())
      if (link.kind === 'vlan' && link.lower === name) devices.add(link.name);
  }
  return addresses.flatMap(({ dev, local, length, peer }) => {
    const prefix = devices.has(dev) && peer === null ? parsePrefix(`${local}/${length}`) : undefined;
    if (prefix === undefined || length >= (prefix.family === 4 ? 31 : 127) || local.startsWith('fe80:'))
      return [];
    return [`${prefix.network}/${length}`];
  });
}

/** NICs of one network are on one wire; one of no network is on its own. */
class Switches {
  readonly #known = new Map<string, string>();
  #count = 0;

  of(networks: readonly string[]): string {
    const known = networks.map((network) => this.#known.get(network)).find((name) => name !== undefined);
    this.#count += known === undefined ? 1 : 0;
    const name = known ?? `net${this.#count}`;
    for (const network of networks) if (!this.#known.has(network)) this.#known.set(network, name);
    return name;
  }
}
