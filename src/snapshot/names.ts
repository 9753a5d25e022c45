/**
 * iproute2's files of names: which are read, in which order, and which name wins. All of it is iproute2's
 * lib/rt_names.c, whose two kinds of store differ: a hash (tables, groups) keeps shadowed names
 * resolvable, an array of 256 (the others) forgets them.
 */
import type { NameEntry, NameFile, Names, Tools } from './model.js';

/** The file's name below /etc/iproute2 of each set of names. */
export const NAME_FILES = {
  tables: 'rt_tables',
  protocols: 'rt_protos',
  scopes: 'rt_scopes',
  dsfield: 'rt_dsfield',
  realms: 'rt_realms',
  groups: 'group',
} as const satisfies Record<keyof Names, string>;

export const ETC_DIRECTORY = '/etc/iproute2';
/** Where the defaults may live from iproute2 6.5 on; which of the two was chosen when it was built. */
export const VENDOR_DIRECTORIES = ['/usr/share/iproute2', '/usr/lib/iproute2'] as const;

/** What iproute2 knows without any file. */
const BUILT_IN: Record<keyof Names, readonly (readonly [number, string])[]> = {
  tables: [
    [0, 'unspec'],
    [253, 'default'],
    [254, 'main'],
    [255, 'local'],
  ],
  protocols: [
    [0, 'none'],
    [0, 'unspec'],
    [1, 'redirect'],
    [2, 'kernel'],
    [3, 'boot'],
    [4, 'static'],
    [8, 'gated'],
    [9, 'ra'],
    [10, 'mrt'],
    [11, 'zebra'],
    [12, 'bird'],
    [13, 'dnrouted'],
    [14, 'xorp'],
    [15, 'ntk'],
    [16, 'dhcp'],
    [18, 'keepalived'],
    [42, 'babel'],
    [186, 'bgp'],
    [187, 'isis'],
    [188, 'ospf'],
    [189, 'rip'],
    [192, 'eigrp'],
  ],
  scopes: [
    [0, 'global'],
    [200, 'site'],
    [253, 'link'],
    [254, 'host'],
    [255, 'nowhere'],
  ],
  dsfield: [],
  realms: [[0, 'unknown']],
  groups: [[0, 'default']],
};

/** `0x12c name`, `100 name # remark`: a number and a word; what follows is ignored, a word with a blank is cut. */
const ENTRY = /^(?:0x([0-9a-f]+)|(-?\d+))\s+(\S+)/i;

/**
 * The entries of one file, in its order. Reading ends at a line that is neither empty, a remark nor an
 * entry, as iproute2's does ("Database … is corrupted").
 */
export function parseNameFile(file: string, content: string): NameEntry[] {
  const entries: NameEntry[] = [];
  for (const raw of content.split('\n')) {
    const line = raw.trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const match = ENTRY.exec(line);
    if (match === null) break;
    const [, hex, decimal, name = ''] = match;
    const id = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    // iproute2 reads into a signed int and skips what is negative then.
    if (id >= 0 && id <= 0x7fffffff) entries.push({ id, name, file });
  }
  return entries;
}

/**
 * The files of one set in the order in which that host's iproute2 reads them.
 * @param present all files that are there, in any order.
 */
export function readingOrder(set: keyof Names, present: readonly string[], tools: Tools): string[] {
  const base = NAME_FILES[set];
  const there = new Set(present);
  const inDirectory = (directory: string): string[] => {
    const prefix = `${directory}/${base}.d/`;
    return present.filter((path) => path.startsWith(prefix) && path.endsWith('.conf')).sort();
  };
  const order: string[] = [];
  const own = `${ETC_DIRECTORY}/${base}`;
  const vendor = tools.vendorDirectory || undefined;
  if (there.has(own)) order.push(own);
  else if (vendor !== undefined && there.has(`${vendor}/${base}`)) order.push(`${vendor}/${base}`);
  if (!readsDirectory(set, tools)) return order;
  const ownFiles = inDirectory(ETC_DIRECTORY);
  const shadowed = new Set(ownFiles.map((path) => path.slice(ETC_DIRECTORY.length)));
  if (vendor !== undefined)
    order.push(...inDirectory(vendor).filter((path) => !shadowed.has(path.slice(vendor.length))));
  return [...order, ...ownFiles];
}

function readsDirectory(set: keyof Names, tools: Tools): boolean {
  if (set === 'tables') return tools.tablesDirectory;
  if (set === 'protocols') return tools.protocolsDirectory;
  return false;
}

/** Both directions of a set of names, as iproute2 resolves them. */
export function nameFile(set: keyof Names, entries: readonly NameEntry[]): NameFile {
  const all = [...BUILT_IN[set].map(([id, name]) => ({ id, name })), ...entries];
  const byId = new Map<number, string>();
  for (const { id, name } of all) byId.set(id, name);
  const hashed = set === 'tables' || set === 'groups';
  const byName = new Map<string, number>();
  for (const { id, name } of all) {
    if (!hashed && byId.get(id) !== name && BUILT_IN[set].every(([, known]) => known !== name)) continue;
    const known = byName.get(name);
    if (known === undefined || bucket(id, hashed) <= bucket(known, hashed)) byName.set(name, id);
  }
  return { entries, byId, byName };
}

/** iproute2 looks a name up bucket by bucket, so the lowest one wins, and in it the entry read last. */
function bucket(id: number, hashed: boolean): number {
  return hashed ? id & 0xff : id;
}
