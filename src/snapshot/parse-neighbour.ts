/** `ip neighbour show`: neighbours that were set, and proxy entries. */
import { familyOf, prefixContains } from '../shared/addr.js';
import type { Link, Neighbour } from './model.js';
import type { Resolver } from './resolver.js';
import { canonicalAddress, misread, objectLines, words } from './text.js';

const TOOL = 'ip neighbour';
/** NUD_ states as iproute2 prints them (ip/ipneigh.c); the last word but for the protocol. */
const STATES = new Set([
  ...['INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT', 'NONE'],
]);

/**
 * The entries that somebody set; those that the kernel learns, or makes for devices and addresses that need
 * no question, are left out.
 * @param links of the host, whose flags tell what the kernel makes by itself
 * @throws NetplayError `probe` for a line that can't be understood
 */
export function parseNeighbours(
  text: string,
  links: ReadonlyMap<string, Link>,
  resolve: Resolver,
): Neighbour[] {
  return objectLines(text).flatMap((line) => {
    const neighbour = parseLine(line, resolve);
    return neighbour === undefined || isOfKernel(neighbour, links) ? [] : [neighbour];
  });
}

/** @returns undefined where it is neither a proxy entry nor one that lasts */
function parseLine(line: string, resolve: Resolver): Neighbour | undefined {
  const [first = '', ...rest] = words(line);
  const dst = canonicalAddress(first);
  if (dst === undefined) throw misread(TOOL, line, `"${first}" is no address`);
  const values = new Map<string, string>();
  const single: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    if (word === 'dev' || word === 'lladdr' || word === 'proto') values.set(word, rest[++at] ?? '');
    else single.push(word);
  }
  const proxy = single.includes('proxy');
  const nud = nudOf(single);
  if (!proxy && nud === null) return undefined;
  const protocol = values.get('proto');
  return {
    family: familyOf(dst),
    dst,
    dev: values.get('dev') ?? null,
    proxy,
    lladdr: proxy ? null : (values.get('lladdr') ?? null),
    nud: proxy ? null : nud,
    flags: single.filter((word) => word !== 'proxy' && !STATES.has(word)),
    protocol: protocol === undefined ? null : resolve('protocols', protocol),
  };
}

function nudOf(single: readonly string[]): Neighbour['nud'] {
  if (single.includes('PERMANENT')) return 'permanent';
  return single.includes('NOARP') ? 'noarp' : null;
}

/** What needs no question is NOARP: groups, broadcasts, and all on a device without ARP (arp_constructor, ndisc_constructor). */
function isOfKernel({ dst, dev, nud, lladdr }: Neighbour, links: ReadonlyMap<string, Link>): boolean {
  if (nud !== 'noarp') return false;
  const flags = links.get(dev ?? '')?.flags ?? [];
  return (
    lladdr === null ||
    lladdr === 'ff:ff:ff:ff:ff:ff' ||
    prefixContains(familyOf(dst) === 4 ? '224.0.0.0/4' : 'ff00::/8', dst) ||
    ['NOARP', 'LOOPBACK', 'POINTOPOINT'].some((flag) => flags.includes(flag))
  );
}

/** Lines of /proc/net/arp with the flags ATF_PUBL and ATF_PERM: IPv4 proxy entries (arp_format_pneigh_entry). */
export function parseArpProxies(text: string): Neighbour[] {
  return objectLines(text).flatMap((line): Neighbour[] => {
    const [first = '', , flags, , , dev = '*'] = words(line);
    const dst = canonicalAddress(first);
    if (dst === undefined || flags !== '0xc') return [];
    const nothing = { lladdr: null, nud: null, flags: [], protocol: null } as const;
    return [{ family: 4, dst, dev: dev === '*' ? null : dev, proxy: true, ...nothing }];
  });
}
