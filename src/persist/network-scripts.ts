/** Red Hat's network-scripts: ifcfg-DEV, route-DEV, route6-DEV, rule-DEV and rule6-DEV, as /etc/init.d/network reads them. */
import { routeArgs } from '../resources/routing/route-args.js';
import { ruleStep } from '../resources/routing/rule-text.js';
import { sameRoute } from '../snapshot/identity.js';
import { type Kept, keptDev } from '../snapshot/kept.js';
import type { Address, HostFile, Route, Snapshot } from '../snapshot/model.js';
import type { Backend, Written, WrittenFile } from './backend.js';
import { Devices } from './devices.js';
import { assignment, type Ifcfg, isMade, isTrue, MADE, readIfcfgs, SCRIPTS } from './ifcfg.js';
import {
  addressValues,
  ethtoolValues,
  linkValues,
  needsOf,
  settingValues,
  type Values,
} from './ifcfg-values.js';
import { hasPart, withoutPart, withPart } from './marked-part.js';
import type { Entry } from './record.js';
import { argumentsSay, isPlainAddress, maskLength, routeOf } from './said.js';

/** Names that /etc/init.d/network looks for. */
const NAME = /^[A-Za-z0-9_.-]+$/;

function isThere({ boot }: Snapshot): boolean {
  return boot?.facts.has('tool network-scripts') === true;
}

function manages(dev: string, snapshot: Snapshot): string | undefined {
  if (!isThere(snapshot)) return undefined;
  const ifcfg = ifcfgsOf(snapshot).get(dev);
  if (ifcfg === undefined || byNetworkManager(dev, snapshot, ifcfg)) return undefined;
  return ifcfg.path;
}

function ifcfgsOf({ files, links }: Snapshot): ReadonlyMap<string, Ifcfg> {
  return readIfcfgs(files, (mac) => [...links.values()].find((link) => link.mac === mac)?.name);
}

/** It reads the same files, where nobody forbids it, and then ifup leaves the device to it. */
function byNetworkManager(dev: string, { boot, links }: Snapshot, ifcfg: Ifcfg | undefined): boolean {
  const fact = boot?.facts.get(`nm ${links.get(dev)?.index}`);
  const forbidden = ifcfg?.values.get('NM_CONTROLLED');
  return fact?.startsWith('true') === true && (forbidden === undefined || isTrue(forbidden));
}

function write(entries: readonly Entry[], snapshot: Snapshot): Written {
  const writer = new Writer(snapshot);
  const rank = ({ kept }: Entry): number => Number(kept.kind !== 'link');
  for (const entry of entries.toSorted((a, b) => rank(a) - rank(b))) writer.expect(entry);
  writer.takeAll();
  return { files: writer.files(), left: writer.left, warnings: writer.warnings() };
}

/** One of netplay's files, or its part of somebody's. */
interface Part {
  lines: string[];
  keys: string[];
}

class Writer {
  readonly left: { entry: Entry; why: string }[] = [];
  readonly #devices: Devices;
  readonly #ifcfgs: ReadonlyMap<string, Ifcfg>;
  readonly #entries: Entry[] = [];
  /** Variables by device, in order; of those that hold lists, all in one. */
  readonly #values = new Map<string, Map<string, string>>();
  readonly #keys = new Map<string, string[]>();
  /** Lines of route and rule files, by path. */
  readonly #parts = new Map<string, Part>();
  readonly #kinds = new Map<string, string | null>();

  constructor(private readonly snapshot: Snapshot) {
    this.#devices = new Devices(snapshot);
    this.#ifcfgs = ifcfgsOf(snapshot);
    for (const { name, kind } of snapshot.links.values()) this.#kinds.set(name, kind);
  }

  expect(entry: Entry): void {
    this.#entries.push(entry);
    if (entry.kept.kind === 'link') this.#kinds.set(entry.kept.item.name, entry.kept.item.kind);
  }

  takeAll(): void {
    const lost = this.#lostLinks();
    const addresses = new Map<string, Entry[]>();
    for (const entry of this.#entries) {
      const missing = [keptDev(entry.kept) ?? '', ...needsOf(entry.kept)].find((dev) => lost.has(dev));
      const why = lost.get(missing ?? '');
      if (why !== undefined) this.left.push({ entry, why });
      else if (entry.kept.kind !== 'address') this.#take(entry);
      else addresses.set(entry.kept.item.dev, [...(addresses.get(entry.kept.item.dev) ?? []), entry]);
    }
    for (const [dev, own] of addresses) this.#takeAddresses(dev, own);
  }

  /** Links that these files can't make, and those that stand on them or are in them, with the reason. */
  #lostLinks(): Map<string, string> {
    const lost = new Map<string, string>();
    const links = this.#entries.flatMap(({ kept }) => (kept.kind === 'link' ? [kept] : []));
    for (const kept of links) {
      const values = linkValues(kept, (dev) => this.#kinds.get(dev));
      const name = kept.item.name;
      if (typeof values === 'string') lost.set(name, values);
      else if (!NAME.test(name)) lost.set(name, `there can be no ifcfg-${name}`);
    }
    for (let more = true; more; ) {
      more = false;
      for (const kept of links) {
        const below = needsOf(kept).find((dev) => lost.has(dev));
        if (below === undefined || lost.has(kept.item.name)) continue;
        lost.set(kept.item.name, `it needs ${below}: ${lost.get(below)}`);
        more = true;
      }
    }
    return lost;
  }

  #take(entry: Entry): void {
    const { kept } = entry;
    if (kept.kind === 'route') this.#takeRoute(entry, kept.item);
    else if (kept.kind === 'rule') this.#takeRule(entry);
    else {
      const why = this.#assign(entry, keptDev(kept) ?? '', this.#valuesOf(kept));
      if (why !== undefined) this.left.push({ entry, why });
    }
  }

  #valuesOf(kept: Kept): Values {
    const kindOf = (dev: string) => this.#kinds.get(dev);
    if (kept.kind === 'link') return linkValues(kept, kindOf);
    if (kept.kind === 'setting') return settingValues(kept, kindOf);
    if (kept.kind !== 'ethtool') return 'network-scripts have no words for it';
    const there = this.#values.get(kept.dev)?.get('ETHTOOL_OPTS');
    return ethtoolValues(kept, there ?? this.#said(kept.dev, 'ETHTOOL_OPTS'), this.snapshot);
  }

  #said(dev: string, name: string): string {
    return this.#ifcfgs.get(dev)?.values.get(name) ?? '';
  }

  /** @returns why it can't be */
  #assign(entry: Entry, dev: string, values: Values): string | undefined {
    if (typeof values === 'string') return values;
    if (!NAME.test(dev)) return `there can be no ifcfg-${dev}`;
    const odd = values.find(([name, value]) => assignment(name, value) === undefined);
    if (odd !== undefined) return `${odd[0]} can't hold ${JSON.stringify(odd[1])}`;
    const made = entry.kept.kind === 'link';
    if (!made && values.every(([name, value]) => this.#said(dev, name) === value)) return undefined;
    const own = this.#values.get(dev) ?? new Map<string, string>();
    for (const [name, value] of values) {
      const there = own.get(name) ?? (name === 'BRIDGING_OPTS' ? this.#said(dev, name) : '');
      own.set(name, name === 'BRIDGING_OPTS' && there !== '' ? `${there} ${value}` : value);
    }
    this.#values.set(dev, own);
    this.#keep(dev, entry.key);
    return undefined;
  }

  #keep(dev: string, key: string): void {
    this.#keys.set(dev, [...(this.#keys.get(dev) ?? []), key]);
  }

  #takeAddresses(dev: string, entries: readonly Entry[]): void {
    const ifcfg = this.#ifcfgs.get(dev);
    const own = entries.flatMap((entry) => {
      if (entry.kept.kind !== 'address' || saysAddress(ifcfg, entry.kept.item)) return [];
      return [{ entry, address: entry.kept.item }];
    });
    const { values, left } = addressValues(
      own.map(({ address }) => address),
      ifcfg,
    );
    for (const { entry, address } of own) {
      const why = left.get(address) ?? this.#assign(entry, dev, values);
      if (why !== undefined) this.left.push({ entry, why });
    }
  }

  /** A route over several devices stands with each: the last of them that comes up makes it. */
  #takeRoute(entry: Entry, route: Route): void {
    const devices = [...new Set(route.nexthops.flatMap(({ dev }) => (dev === null ? [] : [dev])))];
    const files = devices.map((dev) => `${SCRIPTS}/${route.family === 4 ? 'route' : 'route6'}-${dev}`);
    const gateways = devices.map((dev) => gatewayOf(this.#ifcfgs.get(dev), route, dev));
    if (gateways.includes('same')) return;
    const why = gateways.includes('other')
      ? 'GATEWAY in its ifcfg file says otherwise'
      : this.#routeProblem(route, devices, files);
    if (why !== undefined) {
      this.left.push({ entry, why });
      return;
    }
    const [, , ...words] = routeArgs(route, 'add');
    devices.forEach((dev, at) => {
      this.#addLine(files[at] ?? '', words.join(' '), entry);
      this.#configure(dev, entry);
    });
  }

  #routeProblem(route: Route, devices: readonly string[], files: readonly string[]): string | undefined {
    if (devices.length === 0) return 'a route without a device is in no file of network-scripts';
    const odd = devices.find((dev) => !NAME.test(dev));
    if (odd !== undefined) return `there can be no route-${odd}`;
    for (const file of files) {
      const content = withoutPart(this.snapshot.files.get(file)?.content ?? '');
      if (/^\s*ADDRESS\d+=/m.test(content))
        return `${file} has the form ADDRESSn=, which takes no other lines`;
      const others = lines(content).filter(
        (line) => !argumentsSay({ kind: 'route', item: route }, line, route.family, this.snapshot.names),
      );
      const rival = others.find((line) => {
        const said = routeOf(line, route.family, this.snapshot.names);
        return said !== undefined && sameRoute(said, route) && route.family === 4;
      });
      if (rival !== undefined) return `${file} says otherwise: ${rival}`;
    }
    return undefined;
  }

  #takeRule(entry: Entry): void {
    const { kept } = entry;
    if (kept.kind !== 'rule') return;
    const near = this.#devices.of(kept);
    const dev =
      near.find((name) => this.#ifcfgs.has(name) || this.#isMade(name)) ??
      (entry.by === 'auto' ? undefined : near[0]);
    if (dev === undefined || !NAME.test(dev)) {
      this.left.push({ entry, why: 'a rule stands in the file of a device, and none is near to it' });
      return;
    }
    const step = ruleStep(kept.item, 'add', this.snapshot.tools);
    const words = step.kind === 'ip' ? step.args.slice(2) : [];
    this.#addLine(`${SCRIPTS}/${kept.item.family === 4 ? 'rule' : 'rule6'}-${dev}`, words.join(' '), entry);
    this.#configure(dev, entry);
  }

  #isMade(dev: string): boolean {
    return this.#entries.some(({ kept }) => kept.kind === 'link' && kept.item.name === dev);
  }

  /** ifup knows no device without an ifcfg file. */
  #configure(dev: string, { key }: Entry): void {
    if (this.#ifcfgs.has(dev) || this.#values.has(dev)) return;
    this.#values.set(dev, new Map());
    this.#keep(dev, key);
  }

  #addLine(path: string, line: string, { kept, key }: Entry): void {
    const content = withoutPart(this.snapshot.files.get(path)?.content ?? '');
    const family = kept.kind === 'route' || kept.kind === 'rule' ? kept.item.family : 4;
    if (lines(content).some((other) => argumentsSay(kept, other, family, this.snapshot.names))) return;
    const part = this.#parts.get(path) ?? { lines: [], keys: [] };
    part.lines.push(line);
    part.keys.push(key);
    this.#parts.set(path, part);
  }

  files(): WrittenFile[] {
    const wanted = new Map<string, WrittenFile>();
    for (const [dev, values] of this.#values) {
      const ifcfg = this.#ifcfgs.get(dev);
      const path = ifcfg?.path ?? `${SCRIPTS}/ifcfg-${dev}`;
      const all =
        ifcfg === undefined
          ? [...this.#head(dev, values), ...values]
          : [...values].filter(([name, value]) => ifcfg.values.get(name) !== value);
      const text = all.flatMap(([name, value]) => assignment(name, value) ?? []);
      if (text.length === 0) continue;
      wanted.set(path, {
        path,
        file: this.#withLines(path, text, ifcfg === undefined),
        keys: this.#keys.get(dev) ?? [],
      });
    }
    for (const [path, { lines: own, keys }] of this.#parts)
      wanted.set(path, { path, file: this.#withLines(path, sortedRoutes(own), false), keys });
    const stale = [...this.snapshot.files].flatMap(([path, file]): WrittenFile[] => {
      if (file === null || !path.startsWith(`${SCRIPTS}/`) || wanted.has(path)) return [];
      if (isMade(file.content)) return [{ path, file: null, keys: [] }];
      return hasPart(file.content) ? [{ path, file: this.#withLines(path, [], false), keys: [] }] : [];
    });
    return [...wanted.values(), ...stale];
  }

  #head(dev: string, values: ReadonlyMap<string, string>): [string, string][] {
    const tap = values.get('TYPE') === 'Tap';
    return [
      ['DEVICE', dev],
      ['ONBOOT', 'yes'],
      ['BOOTPROTO', 'none'],
      ['NM_CONTROLLED', 'no'],
      // Else each gets a route of 169.254.0.0/16.
      ...(tap ? [] : [['NOZEROCONF', 'yes'] as [string, string]]),
    ];
  }

  /** @param whole the file is netplay's alone */
  #withLines(path: string, own: readonly string[], whole: boolean): HostFile | null {
    const there = this.snapshot.files.get(path) ?? null;
    const mode = there?.mode ?? '644';
    if (whole) return { content: `${[MADE, ...own].join('\n')}\n`, mode };
    const content = withPart(there?.content ?? '', own);
    return content === '' ? null : { content, mode };
  }

  warnings(): string[] {
    const others = [...this.#parts.keys()].map((path) => path.replace(/^.*\/[a-z0-9]*-/, ''));
    return [...new Set([...this.#values.keys(), ...others])].flatMap((dev) => {
      const ifcfg = this.#ifcfgs.get(dev);
      const starts = this.#values.get(dev)?.get('ONBOOT') ?? ifcfg?.values.get('ONBOOT') ?? 'yes';
      return [
        ...(byNetworkManager(dev, this.snapshot, ifcfg)
          ? [
              `NetworkManager configures ${dev}: of rules and routes in ${SCRIPTS} it takes all only with its package NetworkManager-dispatcher-routing-rules`,
            ]
          : []),
        ...(isTrue(starts)
          ? []
          : [
              `${dev} is not brought up at boot (ONBOOT=${starts}): what is kept for it is set with ifup ${dev}`,
            ]),
      ];
    });
  }
}

/** Lines that are no remarks. */
function lines(content: string): string[] {
  return content.split('\n').filter((line) => !/^\s*(#.*)?$/.test(line));
}

/** A gateway's network before the routes over it. */
function sortedRoutes(own: readonly string[]): string[] {
  const rank = (line: string): number => Number(/ via /.test(line));
  return own.toSorted((a, b) => rank(a) - rank(b));
}

/** Whether GATEWAY gives the main table's default route: this one, another one, or none. */
function gatewayOf(ifcfg: Ifcfg | undefined, route: Route, dev: string): 'same' | 'other' | undefined {
  const gateway = ifcfg?.values.get('GATEWAY');
  if (!gateway || route.dst !== '0.0.0.0/0' || route.table !== 254 || route.metric !== 0) return undefined;
  const [hop, ...more] = route.nexthops;
  return more.length === 0 && hop?.via === gateway && hop.dev === dev && route.src === null
    ? 'same'
    : 'other';
}

/** Whether somebody's file gives the device this address. */
function saysAddress(ifcfg: Ifcfg | undefined, address: Address): boolean {
  if (ifcfg === undefined || !isPlainAddress(address)) return false;
  const { values } = ifcfg;
  const { local, length, family } = address;
  if (family === 6) {
    const all = `${values.get('IPV6ADDR') ?? ''} ${values.get('IPV6ADDR_SECONDARIES') ?? ''}`.split(' ');
    return all.includes(`${local}/${length}`);
  }
  return [...values].some(([name, value]) => {
    const number = /^IPADDR(\d*)$/.exec(name)?.[1];
    if (number === undefined || value !== local) return false;
    const mask = values.get(`NETMASK${number}`);
    return Number(values.get(`PREFIX${number}`) ?? (mask && maskLength(mask))) === length;
  });
}

export const networkScripts: Backend = { name: 'network-scripts', isThere, manages, write };
