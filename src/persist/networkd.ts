/** systemd-networkd: drop-ins for the files that it has for a link, and files for the links that netplay makes. */
import type { Kept } from '../snapshot/kept.js';
import type { HostFile, Snapshot } from '../snapshot/model.js';
import type { Backend, Written, WrittenFile } from './backend.js';
import { Devices } from './devices.js';
import { endangered, foreignSwitch, NETPLAN, networkFile } from './networkd-foreign.js';
import { type Made, madeLink, settingSection } from './networkd-links.js';
import { isPlainName } from './networkd-names.js';
import {
  addressSection,
  fdbSection,
  neighbourSection,
  routeSection,
  ruleSection,
  type Said,
  vlanSection,
} from './networkd-routing.js';
import type { Entry } from './record.js';
import { fileText, readSections, type Section } from './systemd-file.js';

const FOLDER = '/etc/systemd/network';
const HEAD =
  '# Made by netplay: what it keeps over a reboot. What is changed here is lost with its next run.';

/** It tells of each link while it runs. */
function isThere({ boot }: Snapshot): boolean {
  return [...(boot?.facts.keys() ?? [])].some((fact) => fact.startsWith('networkd '));
}

function manages(dev: string, snapshot: Snapshot): string | undefined {
  const path = networkFile(dev, snapshot);
  return path === undefined || path.startsWith(NETPLAN) ? undefined : `${path} of systemd-networkd`;
}

/** networkd takes away what others made as it starts, and as it configures a link anew, unless it is told not to. */
function adopts(kept: Kept, snapshot: Snapshot): string | undefined {
  const key = homes(snapshot).length === 0 ? undefined : foreignSwitch(kept, snapshot);
  return key === undefined ? undefined : `${key} of systemd-networkd is not no`;
}

/** Links that networkd configures by files that are neither netplan's nor netplay's, in order: the same ones after a reboot. */
function homes(snapshot: Snapshot): string[] {
  const own = (dev: string): boolean =>
    networkFile(dev, snapshot)?.startsWith(`${FOLDER}/50-netplay-`) === true;
  return [...snapshot.links.keys()].filter((dev) => manages(dev, snapshot) !== undefined && !own(dev)).sort();
}

function ownFile(dev: string, kind: 'network' | 'netdev'): string {
  return `${FOLDER}/50-netplay-${dev}.${kind}`;
}

function dropIn(path: string): string {
  return `${FOLDER}/${path.slice(path.lastIndexOf('/') + 1)}.d/netplay.conf`;
}

function isOurs(path: string, { content }: HostFile): boolean {
  const named =
    (path.startsWith(`${FOLDER}/50-netplay-`) || path.endsWith('/netplay.conf')) &&
    path.startsWith(`${FOLDER}/`);
  // Those for udev are udev-links.ts's.
  return named && !path.endsWith('.link') && content.startsWith(HEAD);
}

function write(entries: readonly Entry[], snapshot: Snapshot): Written {
  const files = new Files(entries, snapshot);
  const left: { entry: Entry; why: string }[] = [];
  for (const entry of entries) {
    const why = files.take(entry);
    if (why !== undefined) left.push({ entry, why });
  }
  return { files: files.written(), left, warnings: endangered(left, snapshot) };
}

interface File {
  sections: Section[];
  keys: string[];
}

/** The files of one host, as they grow. */
class Files {
  readonly #files = new Map<string, File>();
  readonly #made: ReadonlySet<string>;
  readonly #devices: Devices;

  constructor(
    entries: readonly Entry[],
    private readonly snapshot: Snapshot,
  ) {
    const names = entries.flatMap(({ kept }) => (kept.kind === 'link' ? linkNames(kept) : []));
    this.#made = new Set(names);
    this.#devices = new Devices(snapshot);
  }

  /** @returns why it can't be kept here; undefined where it is */
  take({ key, kept }: Entry): string | undefined {
    if (kept.kind === 'link') return this.#takeLink(key, kept);
    const said = sectionsOf(kept, this.snapshot);
    if (typeof said === 'string') return `networkd has no words for ${said}`;
    const home = this.#homeOf(kept);
    if ('why' in home) return home.why;
    const file = this.#file(home.path, home.dev);
    file.keys.push(key);
    file.sections.push(...said.filter((section) => !this.#isSaid(section, home)));
    return undefined;
  }

  #takeLink(key: string, { item, peer }: Kept & { kind: 'link' }): string | undefined {
    const ends = [item, ...(peer === undefined ? [] : [peer])];
    const made = ends.map((end) => madeLink(end, end === item ? peer : item, this.snapshot));
    const refused = made.find((one) => typeof one === 'string');
    if (typeof refused === 'string') return `networkd has no words for ${refused}`;
    const below = (made as Made[]).flatMap(({ below: one }) => one ?? []);
    const lower = below.map(({ dev, sections }) => ({ sections, home: this.#homeOfDevice(dev, true) }));
    for (const { home } of lower) if ('why' in home) return home.why;
    const [first] = made as Made[];
    this.#add(ownFile(item.name, 'netdev'), first?.netdev ?? [], key);
    ends.forEach((end, at) => {
      this.#add(ownFile(end.name, 'network'), (made as Made[])[at]?.network ?? [], key);
    });
    for (const { home, sections } of lower)
      if ('path' in home) this.#file(home.path, home.dev).sections.push(...sections);
    return undefined;
  }

  #add(path: string, sections: readonly Section[], key: string): void {
    const file = this.#files.get(path) ?? { sections: [], keys: [] };
    // What a link is made with stands before what others have to say of it.
    file.sections = [...sections, ...file.sections];
    file.keys.push(key);
    this.#files.set(path, file);
  }

  #file(path: string, dev: string): File {
    const found = this.#files.get(path);
    if (found !== undefined) return found;
    const own = path === ownFile(dev, 'network');
    const file: File = { sections: own ? [{ name: 'Match', lines: [`Name=${dev}`] }] : [], keys: [] };
    this.#files.set(path, file);
    return file;
  }

  #homeOf(kept: Kept): Home {
    const wide = kept.kind === 'rule' || (kept.kind === 'route' && kept.item.nexthops.length === 0);
    const [own] = this.#devices.of(kept);
    if (own !== undefined && (!wide || this.#made.has(own) || manages(own, this.snapshot) !== undefined))
      return this.#homeOfDevice(own, !wide);
    const [dev] = homes(this.snapshot);
    return dev === undefined
      ? { why: 'networkd configures no link that it could stand with' }
      : this.#homeOfDevice(dev, false);
  }

  /** @param alone whether it is for this device and no other */
  #homeOfDevice(dev: string, alone: boolean): Home {
    if (!isPlainName(dev)) return { why: `networkd takes no device that is called ${dev}` };
    const path = networkFile(dev, this.snapshot);
    const own = ownFile(dev, 'network');
    if (path === undefined || path === own || this.#made.has(dev)) return { path: own, dev };
    const others = [...this.snapshot.links.keys()].filter(
      (other) => other !== dev && networkFile(other, this.snapshot) === path,
    );
    if (alone && others.length > 0) return { why: `${path} is for ${[dev, ...others].sort().join(' and ')}` };
    return { path: dropIn(path), dev, main: path };
  }

  /** Whether a file of somebody else's for the same link says just that. */
  #isSaid(section: Section, { main, path }: Place): boolean {
    if (main === undefined || !['Address', 'Route', 'RoutingPolicyRule'].includes(section.name)) return false;
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const texts = [...this.snapshot.files].filter(
      ([at]) => at === main || (at.startsWith(folder) && at !== path),
    );
    const foreign = texts.flatMap(([, file]) => readSections(file?.content ?? '')).flatMap(asSections);
    const text = sectionText(section);
    return foreign.some((other) => sectionText(other) === text);
  }

  /** Also those that are no more. */
  written(): WrittenFile[] {
    const kept = [...this.#files].map(([path, { sections, keys }]): WrittenFile => {
      const file = sections.length === 0 ? null : { content: fileText(HEAD, sections), mode: '644' };
      return { path, file, keys };
    });
    const old = [...this.snapshot.files].flatMap(([path, file]): WrittenFile[] =>
      file !== null && isOurs(path, file) && !this.#files.has(path) ? [{ path, file: null, keys: [] }] : [],
    );
    return [...kept, ...old].sort((one, other) => (one.path < other.path ? -1 : 1));
  }
}

/** Where something stands: `main` is the file of somebody else's that a drop-in goes with. */
type Home = Place | { why: string };

interface Place {
  path: string;
  dev: string;
  main?: string;
}

function linkNames({ item, peer }: Kept & { kind: 'link' }): string[] {
  return peer === undefined ? [item.name] : [item.name, peer.name];
}

/** `Address=` and `Gateway=` of `[Network]` are short for sections of their own. */
function asSections({ name, lines }: Section): Section[] {
  if (name !== 'Network') return [{ name, lines }];
  return lines.flatMap((line): Section[] => {
    if (line.startsWith('Address=')) return [{ name: 'Address', lines: [line] }];
    return line.startsWith('Gateway=') ? [{ name: 'Route', lines: [line] }] : [];
  });
}

/** What networkd takes for said where a route has a gateway. */
const TACIT: ReadonlySet<string> = new Set([
  ...['Destination=0.0.0.0/0', 'Destination=::/0', 'Scope=global', 'Table=main', 'Table=254'],
  ...['Protocol=static', 'Protocol=4'],
]);

function sectionText({ name, lines }: Section): string {
  const tacit = name === 'Route' && lines.some((line) => line.startsWith('Gateway='));
  const said = tacit ? lines.filter((line) => !TACIT.has(line)) : [...lines];
  return [name, ...said.sort()].join('\n');
}

function sectionsOf(kept: Exclude<Kept, { kind: 'link' }>, snapshot: Snapshot): Said {
  switch (kept.kind) {
    case 'address':
      return addressSection(kept.item);
    case 'route':
      return routeSection(kept.item);
    case 'rule':
      return ruleSection(kept.item);
    case 'neighbour':
      return neighbourSection(kept.item);
    case 'bridge_vlan':
      return vlanSection(kept.item);
    case 'fdb':
      return fdbSection(kept.item);
    case 'setting':
      return settingSection(snapshot.links.get(kept.dev), kept.words, snapshot);
    case 'tc':
      return 'qdiscs, classes and filters';
    case 'ethtool':
      return 'what a driver is told by ethtool';
    case 'ovs_flow':
      return 'flows of Open vSwitch';
  }
}

export const networkd: Backend = { name: 'networkd', isThere, manages, adopts, write };
