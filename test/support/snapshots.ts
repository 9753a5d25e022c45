/** Snapshots for tests of resources, from the text that `ip` prints. */
import { familyOf } from '../../src/shared/addr.js';
import type { Containers } from '../../src/snapshot/containers.js';
import type { Address, HostFile, Link, NameEntry, Snapshot, Tools } from '../../src/snapshot/model.js';
import { nameFile } from '../../src/snapshot/names.js';
import type { OpenVz } from '../../src/snapshot/openvz.js';
import { parseRoutes } from '../../src/snapshot/parse-route.js';
import { parseRules } from '../../src/snapshot/parse-rule.js';
import { createResolver } from '../../src/snapshot/resolver.js';

export interface Host {
  /** Names of links; one that ends in `!` is down. */
  links?: readonly string[];
  /** `eth0 192.168.1.1/24`, with flags behind. */
  addresses?: readonly string[];
  /** As `ip -d route show table all` prints them. */
  routes4?: string;
  routes6?: string;
  /** As `ip -d rule` prints them. */
  rules4?: string;
  rules6?: string;
  tables?: readonly NameEntry[];
  protocols?: readonly NameEntry[];
  tools?: Partial<Tools>;
  openvz?: OpenVz;
  containers?: Containers;
  sysctls?: Readonly<Record<string, string>>;
  files?: Readonly<Record<string, HostFile | null>>;
  directories?: Readonly<Record<string, readonly string[] | null>>;
}

const TOOLS: Tools = {
  iproute2: 'iproute2-6.1.0',
  numeric: true,
  ruleProtocol: true,
  tablesDirectory: true,
  protocolsDirectory: true,
  vendorDirectory: false,
  tuntap: true,
  linkMaster: true,
  others: [],
};

const NETPLAY: NameEntry = { id: 201, name: 'netplay', file: '/etc/iproute2/rt_protos.d/netplay.conf' };

function link(word: string, index: number): Link {
  const down = word.endsWith('!');
  return {
    name: down ? word.slice(0, -1) : word,
    index: index + 1,
    flags: down ? ['BROADCAST', 'MULTICAST'] : ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    mtu: 1500,
    operstate: down ? 'down' : 'up',
    mac: null,
    broadcast: null,
    txqueuelen: 1000,
    alias: null,
    master: null,
    group: 0,
    lower: null,
    kind: null,
    addrAssignType: null,
    addrgenmode: null,
    protodown: false,
    altnames: [],
    bridge: null,
    tun: null,
    info: [],
    port: [],
    details: {},
  };
}

function address(line: string): Address {
  const [dev = '', prefix = '', ...flags] = line.split(' ');
  const [local = '', length] = prefix.split('/');
  return {
    family: familyOf(local),
    dev,
    local,
    length: Number(length),
    peer: null,
    broadcast: null,
    anycast: null,
    label: null,
    scope: local === '::1' ? 254 : 0,
    flags,
    validLft: null,
    preferredLft: null,
    metric: null,
  };
}

/** A host with what is given, iproute2 6.1 and the protocol's name registered. */
export function snapshotOf(host: Host): Snapshot {
  const names: Snapshot['names'] = {
    tables: nameFile('tables', host.tables ?? []),
    protocols: nameFile('protocols', host.protocols ?? [NETPLAY]),
    scopes: nameFile('scopes', []),
    dsfield: nameFile('dsfield', []),
    realms: nameFile('realms', []),
    groups: nameFile('groups', []),
  };
  const resolve = createResolver(names, false);
  const links = (host.links ?? ['lo', 'eth0', 'eth1']).map(link);
  return {
    session: null,
    tools: { ...TOOLS, ...host.tools },
    names,
    links: new Map(links.map((each) => [each.name, each])),
    addresses: (host.addresses ?? []).map(address),
    routes: [...parseRoutes(host.routes4 ?? '', 4, resolve), ...parseRoutes(host.routes6 ?? '', 6, resolve)],
    rules: [...parseRules(host.rules4 ?? '', 4, resolve), ...parseRules(host.rules6 ?? '', 6, resolve)],
    neighbours: [],
    journal: '',
    ...(host.openvz && { openvz: host.openvz }),
    ...(host.containers && { containers: host.containers }),
    sysctls: new Map(Object.entries(host.sysctls ?? {})),
    files: new Map(Object.entries(host.files ?? {})),
    directories: new Map(Object.entries(host.directories ?? {})),
  };
}
