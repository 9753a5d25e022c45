/** iproute2's `bridge vlan show` and `bridge fdb show`, as text. */
import { type BridgeVlan, type FdbEntry, fdbBridge } from './bridge.js';
import type { Link } from './model.js';
import { canonicalAddress, misread, words } from './text.js';

/**
 * VLANs of all ports and bridges: a device stands at the beginning of a line, each of its further VLANs behind
 * blanks. Words that are no number, range or flag are left out, as a newer tool may print more.
 */
export function parseVlans(text: string): BridgeVlan[] {
  const vlans: BridgeVlan[] = [];
  let dev = '';
  for (const line of text.split('\n').slice(1)) {
    const all = words(line);
    if (line !== '' && !/^\s/.test(line)) dev = all.shift() ?? '';
    const [first = '', ...flags] = all;
    const range = /^(\d+)(?:-(\d+))?$/.exec(first);
    if (range === null) continue;
    const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
    for (let vid = from; vid <= to; vid++)
      vlans.push({ dev, vid, pvid: flags.includes('PVID'), untagged: flags.includes('Untagged') });
  }
  return vlans;
}

/** Words of an entry with one value each; `master` has none in the oldest listings. */
const VALUES = new Set([
  'dev',
  'vlan',
  'dst',
  'port',
  'vni',
  'src_vni',
  'via',
  'master',
  'link-netnsid',
  'used',
]);
/** What the kernel shows of an entry, and nobody sets. */
const SHOWN = new Set(['offload', 'stale', 'router', 'activity_notify', 'inactive']);

/**
 * The entries that somebody set. Left out are those that the kernel learns, and those that it makes: for its own
 * MACs, for groups that it listens to, and for what it hands on to a port that is not promiscuous.
 * @throws NetplayError `probe` for a line that can't be understood
 */
export function parseFdb(text: string, links: ReadonlyMap<string, Link>): FdbEntry[] {
  const entries = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [parseEntry(line, links)]));
  return entries.filter((entry) => !isOfKernel(entry, entries, links));
}

function parseEntry(line: string, links: ReadonlyMap<string, Link>): FdbEntry {
  const [lladdr = '', ...rest] = words(line);
  if (!/^([0-9a-f]{2}:)+[0-9a-f]{2}$/.test(lladdr))
    throw misread('bridge fdb', line, `"${lladdr}" is no MAC`);
  const values = new Map<string, string>();
  const single: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    const bare = word === 'master' && !links.has(rest[at + 1] ?? '');
    if (VALUES.has(word) && !bare) values.set(word, rest[++at] ?? '');
    else single.push(word);
  }
  const number = (word: string): number | null => {
    const value = values.get(word);
    return value === undefined ? null : Number(value);
  };
  const dst = values.get('dst');
  return {
    lladdr,
    dev: values.get('dev') ?? '',
    // What is a bridge's own is set with `self`, and shown with `master`.
    self: single.includes('self') || links.get(values.get('dev') ?? '')?.kind === 'bridge',
    vlan: number('vlan'),
    nud: single.includes('permanent') ? 'permanent' : single.includes('static') ? 'static' : null,
    flags: single.filter(
      (word) => !['self', 'master', 'permanent', 'static'].includes(word) && !SHOWN.has(word),
    ),
    dst: dst === undefined ? null : (canonicalAddress(dst) ?? dst),
    port: number('port'),
    vni: number('vni'),
    via: values.get('via') ?? null,
    srcVni: number('src_vni'),
  };
}

function isOfKernel(entry: FdbEntry, all: readonly FdbEntry[], links: ReadonlyMap<string, Link>): boolean {
  const { lladdr, dev, self, nud, flags, dst } = entry;
  const link = links.get(dev);
  if (nud === null) return !flags.includes('extern_learn');
  if (dst !== null) return isDefaultRemote(entry, link);
  if (!self) return nud === 'permanent' && lladdr === link?.mac;
  return (
    Number.parseInt(lladdr.slice(0, 2), 16) % 2 === 1 ||
    lladdr === link?.mac ||
    [...links.values()].some((upper) => upper.lower === dev && upper.mac === lladdr) ||
    isHandedOn(entry, link, all, links)
  );
}

/** A VXLAN device begins with an entry of all zeroes for the remote or group that it was made with. */
function isDefaultRemote({ lladdr, dst }: FdbEntry, link: Link | undefined): boolean {
  const given = ['remote', 'remote6', 'group', 'group6'].some((word) => {
    const at = link?.info.indexOf(word) ?? -1;
    return at >= 0 && link?.info[at + 1] === dst;
  });
  return given && lladdr === '00:00:00:00:00:00';
}

/** A port that learns and floods nothing is told its bridge's entries, since it listens to no other (br_if.c). */
function isHandedOn(
  { lladdr }: FdbEntry,
  link: Link | undefined,
  all: readonly FdbEntry[],
  links: ReadonlyMap<string, Link>,
): boolean {
  const bridge = link?.master;
  if (bridge == null || link?.details.promiscuity !== '0') return false;
  return all.some((other) => other.lladdr === lladdr && fdbBridge(other, links) === bridge);
}
