/** The answer of a probe's script as a snapshot. */
import { parseAddress } from '../shared/addr.js';
import { NetplayError } from '../shared/errors.js';
import { bootFiles, parseBoot } from './boot-script.js';
import { CONTAINER_TYPES, type ContainerType } from './containers.js';
import { readEthtool } from './ethtool-script.js';
import { neighbourText, sameNeighbour } from './identity.js';
import { parseLinkKinds } from './link-kinds.js';
import type {
  HostFile,
  Link,
  NameFile,
  Names,
  Neighbour,
  Read,
  Rule,
  Snapshot,
  SshSession,
  Tools,
} from './model.js';
import { NAME_FILES, nameFile, parseNameFile, readingOrder, VENDOR_DIRECTORIES } from './names.js';
import type { OpenVz } from './openvz.js';
import { parseAddresses } from './parse-addr.js';
import { parseFdb, parseVlans } from './parse-bridge.js';
import { type ContainerText, parseContainers } from './parse-containers.js';
import { parseLinks } from './parse-link.js';
import { parseArpProxies, parseNeighbours } from './parse-neighbour.js';
import { parseOpenVz } from './parse-openvz.js';
import { parseOvs } from './parse-ovs.js';
import { parseRoutes } from './parse-route.js';
import { parseRules } from './parse-rule.js';
import { parseSysfs } from './parse-sysfs.js';
import { parseTc } from './parse-tc.js';
import { SEPARATOR, wanted } from './probe.js';
import { createResolver, type Resolver } from './resolver.js';
import { parseLines, parseSections, type Section } from './sections.js';
import { toolsFrom } from './tools.js';

const PROC_SYS = '/proc/sys/';

/** What a listing is called in a message. */
const LISTINGS: Readonly<Record<string, string>> = {
  links: 'the links',
  addresses: 'the addresses',
  routes4: 'the IPv4 routes',
  routes6: 'the IPv6 routes',
  rules4: 'the IPv4 rules',
  rules6: 'the IPv6 rules',
  neighbours: 'the neighbours',
  proxies: 'the proxy entries of neighbours',
  'bridge-vlans': 'the VLANs of bridges',
  fdb: 'the forwarding tables',
};

/**
 * @param reads the same list that the script was built for.
 * @throws NetplayError `probe`: no iproute2, a tool that failed (with its own words), a line that can't be
 * understood, a file that may not be read
 */
export function parseProbe(stdout: string, reads: readonly Read[]): Snapshot {
  const want = wanted(reads);
  const sections = parseSections(stdout);
  if (sections.has('no-ip'))
    throw new NetplayError('probe', 'iproute2 is not installed: there is no command "ip".', {
      hint: 'Install the package iproute2 (Debian, SUSE, Alpine) or iproute (Red Hat).',
    });
  const listing = (name: string): string => {
    const section = sections.get(name);
    if (section === undefined || isWithoutRules(name, section) || isWithoutProxies(name, section)) return '';
    return checked(section, LISTINGS[name] ?? name).content;
  };
  const lines = parseLines(sections.get('lines')?.content ?? '');
  const tools = parseTools(sections, want.neighbours);
  const names = parseNames(sections.get('names')?.content ?? '', lines, tools);
  const resolve = createResolver(names, tools.numeric);
  const rules: Rule[] = [];
  if (want.rules4) rules.push(...parseRules(listing('rules4'), 4, resolve));
  if (want.rules6) rules.push(...parseRules(listing('rules6'), 6, resolve));
  const content = (section: Section): string => checked(section, 'traffic control').content;
  const tc = want.tc.length > 0 ? parseTc(sections, want.tc, content) : undefined;
  const links: ReadonlyMap<string, Link> = want.links
    ? parseLinks(listing('links'), parseSysfs(lines), resolve)
    : new Map();
  return {
    session: parseSession(sections.get('session')?.content ?? ''),
    tools,
    names,
    links,
    addresses: want.addresses ? parseAddresses(listing('addresses'), resolve) : [],
    routes: [
      ...(want.routes4 ? parseRoutes(listing('routes4'), 4, resolve) : []),
      ...(want.routes6 ? parseRoutes(listing('routes6'), 6, resolve) : []),
    ],
    rules,
    neighbours: want.neighbours
      ? allNeighbours(listing, sections.get('arp')?.content ?? '', links, resolve)
      : [],
    // No command `bridge`: the host can't tell.
    ...(want.bridgeVlans && {
      bridgeVlans: sections.has('bridge-vlans') ? parseVlans(listing('bridge-vlans')) : null,
    }),
    ...(want.fdb && { fdb: sections.has('fdb') ? parseFdb(listing('fdb'), links) : null }),
    journal: sections.get('journal')?.content.trim() ?? '',
    sysctls: parseSysctls(want.sysctls, lines, sections.get('unread')?.content ?? ''),
    files: parseFiles(want.files, sections),
    ...(want.boot && { boot: parseBoot(sections.get('boot')?.content ?? '') }),
    directories: new Map(
      want.directories.map((path, index) => [path, parseDirectory(path, sections.get(`directory:${index}`))]),
    ),
    ...(want.ethtool.length > 0 && {
      ethtool: readEthtool(want.ethtool, (name) => sections.get(name)),
    }),
    ...(want.openvz && { openvz: openVzOf(sections) }),
    ...(want.ovs && { ovs: parseOvs((name) => sections.get(name), want.flows) }),
    ...(want.containers && { containers: parseContainers(containerSections(sections), links) }),
    ...(want.linkKinds.length > 0 && {
      linkKinds: parseLinkKinds(sections.get('link-kinds')?.content ?? ''),
    }),
    ...(tc !== undefined && { tc }),
  };
}

function containerSections(sections: ReadonlyMap<string, Section>): Map<ContainerType, ContainerText> {
  return new Map(
    CONTAINER_TYPES.flatMap((type): [ContainerType, ContainerText][] => {
      const section = sections.get(`containers-${type}`);
      return section === undefined ? [] : [[type, section]];
    }),
  );
}

/** Null on a host that is no OpenVZ node. */
function openVzOf(sections: ReadonlyMap<string, Section>): OpenVz | null {
  const [conf, files, list] = ['conf', 'files', 'list'].map((name) => sections.get(`openvz-${name}`));
  if (conf === undefined || files === undefined) return null;
  return parseOpenVz({
    // Not one line that sets something is exit code 1.
    conf: checked(conf.code === 1 ? { ...conf, code: 0 } : conf, '/etc/vz/vz.conf').content,
    files: checked(files, "the containers' files").content,
    list: list?.content ?? '',
    prlctl: sections.has('openvz-prlctl'),
  });
}

/** `CLIENT PORT SERVER PORT`, where a link-local address ends in its zone; sshd says UNKNOWN where it sits on a pipe. */
function parseSession(content: string): SshSession | null {
  const [client, clientPort, server, serverPort] = content.trim().split(' ');
  const address = (text = ''): string | undefined =>
    parseAddress(text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/, ''))?.address;
  const [from, to] = [address(client), address(server)];
  if (from === undefined || to === undefined) return null;
  const dev = /%(.+)$/.exec(server ?? '')?.[1] ?? null;
  return { client: from, clientPort: Number(clientPort), server: to, serverPort: Number(serverPort), dev };
}

/** A kernel may be built without policy routing, for IPv6 alone even; its tables are looked up all the same. */
function isWithoutRules(name: string, { code, errors }: Section): boolean {
  return name.startsWith('rules') && code !== 0 && errors.includes('Operation not supported');
}

/** An old `ip` takes the word for an address. */
function isWithoutProxies(name: string, { code, errors }: Section): boolean {
  return name === 'proxies' && code !== 0 && errors.includes('prefix is expected rather than "proxy"');
}

function allNeighbours(
  listing: (name: string) => string,
  arp: string,
  links: ReadonlyMap<string, Link>,
  resolve: Resolver,
): Neighbour[] {
  // A kernel of before 3.4 answers the second one with the neighbours once more.
  const listed = parseNeighbours(listing('proxies'), links, resolve).filter(({ proxy }) => proxy);
  const unlisted = parseArpProxies(arp).filter((one) => !listed.some((other) => sameNeighbour(one, other)));
  return [...parseNeighbours(listing('neighbours'), links, resolve), ...listed, ...unlisted].sort((a, b) =>
    neighbourText(a) < neighbourText(b) ? -1 : 1,
  );
}

function checked(section: Section, what: string): Section {
  if (section.errors.includes('Dump was interrupted'))
    throw new NetplayError('probe', `Reading ${what} failed: they changed meanwhile, three times in a row.`, {
      hint: 'Something on the host changes them all the time; run again when it has settled.',
    });
  if (section.code !== 0)
    throw new NetplayError(
      'probe',
      `Reading ${what} failed: ${section.errors || `exit code ${section.code}, without a word`}`,
    );
  return section;
}

function parseTools(sections: ReadonlyMap<string, Section>, neighbours: boolean): Tools {
  const lines = (sections.get('tools')?.content ?? '').split('\n');
  const said = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const present = (sections.get('names')?.content ?? '').split('\n');
  const proxies = sections.get('proxies');
  const tools = toolsFrom({
    version: said('version')[0] ?? '',
    numeric: lines.includes('numeric'),
    tuntap: lines.includes('tuntap'),
    linkMaster: lines.includes('master'),
    others: said('other'),
    vendor:
      VENDOR_DIRECTORIES.find((directory) => present.some((path) => path.startsWith(`${directory}/`))) ??
      null,
    rules: sections.get('rules4')?.content ?? '',
  });
  if (!neighbours || proxies === undefined) return tools;
  return { ...tools, proxyListing: !isWithoutProxies('proxies', proxies) };
}

function parseNames(list: string, lines: ReadonlyMap<string, string>, tools: Tools): Names {
  const present = list.split('\n').filter((path) => path !== '');
  const read = (set: keyof Names): NameFile =>
    nameFile(
      set,
      readingOrder(set, present, tools).flatMap((path) => parseNameFile(path, lines.get(path) ?? '')),
    );
  const sets = Object.keys(NAME_FILES) as (keyof Names)[];
  return Object.fromEntries(sets.map((set) => [set, read(set)])) as unknown as Names;
}

function parseSysctls(
  asked: readonly string[],
  lines: ReadonlyMap<string, string>,
  unread: string,
): Map<string, string | null> {
  const values = new Map<string, string | null>();
  for (const [path, value] of lines)
    if (path.startsWith(PROC_SYS)) values.set(path.slice(PROC_SYS.length), value);
  if (!asked.includes(SEPARATOR)) values.delete(SEPARATOR);
  const reasons = new Set(unread.split('\n'));
  for (const path of asked) {
    if (path.includes('*')) continue;
    if (reasons.has(`denied ${PROC_SYS}${path}`))
      throw new NetplayError('probe', `Reading the sysctl ${path} failed: Permission denied`, {
        hint: 'Only root may read it: add `become: true`.',
      });
    if (reasons.has(`missing ${PROC_SYS}${path}`)) values.set(path, null);
    // A key that is there but gives nothing (stable_secret before it is set) is empty.
    else if (!values.has(path)) values.set(path, '');
  }
  return values;
}

function parseFiles(
  asked: readonly string[],
  sections: ReadonlyMap<string, Section>,
): Map<string, HostFile | null> {
  const modes = ['modes', 'boot-modes'].flatMap((name) => (sections.get(name)?.content ?? '').split('\n'));
  const fileOf = (path: string, section: Section): HostFile => {
    const { content } = checked(section, path);
    const mode = modes.find((line) => line.endsWith(` ${path}`))?.slice(0, 10) ?? '-rw-r--r--';
    return { content, mode: octalMode(mode) };
  };
  const found = bootFiles(sections).map(({ path, section, hidden }): [string, HostFile] => [
    path,
    { ...fileOf(path, section), ...(hidden && { hidden }) },
  ]);
  const wished = asked.map((path, index): [string, HostFile | null] => {
    const section = sections.get(`file:${index}`);
    return [path, section === undefined ? null : fileOf(path, section)];
  });
  return new Map<string, HostFile | null>([...found, ...wished]);
}

/** `644` from `-rw-r--r--`; set-id and sticky bits as a fourth digit in front. */
function octalMode(text: string): string {
  let mode = 0;
  for (let at = 1; at < 10; at++) {
    const letter = text[at] ?? '-';
    mode <<= 1;
    if (letter !== '-' && letter !== 'S' && letter !== 'T') mode |= 1;
  }
  const special = [3, 6, 9].reduce((bits, at) => (bits << 1) | (/[sStT]/.test(text[at] ?? '') ? 1 : 0), 0);
  return (special * 0o1000 + mode).toString(8).padStart(3, '0');
}

function parseDirectory(path: string, section: Section | undefined): string[] | null {
  if (section === undefined) return null;
  return checked(section, path)
    .content.split('/')
    .filter((name) => name !== '');
}
