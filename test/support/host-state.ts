/** Snapshots made by hand, for tests of what is planned without a host. */
import { newLink } from '../../src/resources/links/new-link.js';
import type { Address, Link, NameFile, Neighbour, Snapshot, Tools } from '../../src/snapshot/model.js';

const NO_NAMES: NameFile = { entries: [], byId: new Map(), byName: new Map() };

export const TOOLS: Tools = {
  iproute2: 'iproute2-6.1.0',
  numeric: true,
  ruleProtocol: true,
  tablesDirectory: true,
  protocolsDirectory: true,
  tuntap: true,
  linkMaster: true,
  others: [],
};

/** RHEL 6: no `ip tuntap`, no `master`; only the older tools. */
export const OLD_TOOLS: Tools = {
  ...TOOLS,
  iproute2: 'iproute2-ss091226',
  numeric: false,
  ruleProtocol: false,
  tablesDirectory: false,
  protocolsDirectory: false,
  tuntap: false,
  linkMaster: false,
  others: ['brctl', 'tunctl'],
};

export function nic(name: string, more: Partial<Link> = {}): Link {
  return newLink(name, {
    index: 1,
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    addrAssignType: 0,
    ...more,
  });
}

export function addressOn(dev: string, prefix: string, more: Partial<Address> = {}): Address {
  const [local = '', length = ''] = prefix.split('/');
  const family = local.includes(':') ? 6 : 4;
  return {
    family,
    dev,
    local,
    length: Number(length),
    peer: null,
    broadcast: null,
    anycast: null,
    label: family === 4 ? dev : null,
    scope: 0,
    flags: [],
    validLft: null,
    preferredLft: null,
    metric: null,
    ...more,
  };
}

export interface HostState {
  links?: readonly Link[];
  addresses?: readonly Address[];
  neighbours?: readonly Neighbour[];
  sysctls?: Readonly<Record<string, string | null>>;
  files?: Readonly<Record<string, string | null>>;
  directories?: Readonly<Record<string, readonly string[] | null>>;
  groups?: Readonly<Record<string, number>>;
  tools?: Tools;
}

export function hostState(state: HostState = {}): Snapshot {
  const files = Object.entries(state.files ?? {});
  const groups = new Map(Object.entries(state.groups ?? {}));
  return {
    session: null,
    tools: state.tools ?? TOOLS,
    names: {
      tables: NO_NAMES,
      protocols: NO_NAMES,
      scopes: NO_NAMES,
      dsfield: NO_NAMES,
      realms: NO_NAMES,
      groups: { ...NO_NAMES, byName: groups },
    },
    links: new Map((state.links ?? []).map((link) => [link.name, link])),
    addresses: state.addresses ?? [],
    journal: '',
    routes: [],
    rules: [],
    neighbours: state.neighbours ?? [],
    sysctls: new Map(Object.entries(state.sysctls ?? {})),
    files: new Map(
      files.map(([path, content]) => [path, content === null ? null : { content, mode: '644' }]),
    ),
    directories: new Map(Object.entries(state.directories ?? {})),
  };
}
