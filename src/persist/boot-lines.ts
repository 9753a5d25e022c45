/** What is kept as lines of the script that `boot` runs: each made once what it stands on is there. */
import { ethtoolStep } from '../resources/ethtool.js';
import { filterPlace, nodeOf } from '../resources/tc/words.js';
import type { Step } from '../shared/change.js';
import { commandLine, quote } from '../shared/shell.js';
import { type Kept, keptNeeds } from '../snapshot/kept.js';
import type { Tools } from '../snapshot/model.js';
import type { Filter, Qdisc, TcItem, TrafficControl } from '../snapshot/tc.js';
import { below } from '../snapshot/tc-tree.js';
import { commandOf } from '../transaction/steps.js';
import { commandsOf, type KeptVlan, tcStep, vlanSteps } from './commands.js';
import { type KeptLink, type KeptSetting, type LinkSteps, linkSteps, settingSteps } from './link-commands.js';

/** Every line, without an indent; functions of boot-script.ts. */
export function bootLines(all: readonly Kept[], tools: Tools): string[] {
  const of = <K extends Kept['kind']>(kind: K): Extract<Kept, { kind: K }>[] =>
    all.filter((kept): kept is Extract<Kept, { kind: K }> => kept.kind === kind);
  const plain = (['address', 'route', 'rule'] as const).flatMap((kind) =>
    of(kind).flatMap((kept) => plainLines(kept, tools)),
  );
  const neighbours = of('neighbour');
  // A proxy entry of every device would swallow that of one.
  const wide = neighbours.filter(({ item }) => item.dev === null);
  const narrow = neighbours.filter(({ item }) => item.dev !== null);
  return [
    ...new Devices(of('link'), of('setting'), of('ethtool'), tools).lines(of('bridge_vlan')),
    'sysctls',
    ...plain,
    ...[...narrow, ...wide, ...of('fdb')].flatMap((kept) => plainLines(kept, tools)),
    ...tcLines(of('tc').map(({ item }) => item)),
    ...of('ovs_flow').flatMap((kept) => plainLines(kept, tools)),
  ];
}

function on(devs: readonly string[], steps: readonly Step[]): string[] {
  return steps.map((step) => `on ${quote(devs.join(' '))} ${commandOf(step)}`);
}

function plainLines(kept: Kept, tools: Tools): string[] {
  const steps = commandsOf(kept, { tools });
  if (kept.kind !== 'rule') return on(keptNeeds(kept), steps);
  return steps.flatMap((step) => {
    if (step.kind !== 'ip') return on([], [step]);
    const [, , ...words] = step.args;
    return [`on '' rule -${kept.item.family} ${commandLine(words)}`];
  });
}

type KeptEthtool = Extract<Kept, { kind: 'ethtool' }>;

interface Join {
  dev: string;
  master: string;
  step: Step | undefined;
}

/** Links and settings, in the order in which links stand on each other. */
class Devices {
  private readonly links: readonly KeptLink[];
  private readonly steps: ReadonlyMap<KeptLink, LinkSteps>;

  constructor(
    links: readonly KeptLink[],
    private readonly settings: readonly KeptSetting[],
    private readonly ethtools: readonly KeptEthtool[],
    private readonly tools: Tools,
  ) {
    this.links = lowerFirst(links);
    this.steps = new Map(links.map((link) => [link, linkSteps(link, tools)]));
  }

  lines(vlans: readonly KeptVlan[]): string[] {
    const { links, settings } = this;
    const made = new Set(links.flatMap(({ item, peer }) => [item.name, peer?.name]));
    const others = new Set(
      [...settings, ...this.ethtools].map(({ dev }) => dev).filter((dev) => !made.has(dev)),
    );
    const states = settings.filter(({ name }) => name === 'state');
    const [ups, downs] = [true, false].map((up) => states.filter(({ words }) => words.includes('up') === up));
    const early = (ups ?? []).filter(({ dev }) => others.has(dev));
    const late = [...(ups ?? []).filter(({ dev }) => !others.has(dev)), ...(downs ?? [])];
    return [
      ...[...others].flatMap((dev) => this.settingLines(dev)),
      ...links.flatMap((link) => this.makeLines(link)),
      ...this.joinLines(),
      ...links.flatMap((link) => on([link.item.name], this.steps.get(link)?.ported ?? [])),
      ...settings.filter(({ name }) => name.startsWith('port ')).flatMap((each) => this.setLines(each)),
      ...vlanLines(vlans, this.tools),
      ...early.flatMap((each) => this.setLines(each)),
      ...links.flatMap((link) => on([link.item.name], this.steps.get(link)?.up ?? [])),
      ...late.flatMap((each) => this.setLines(each)),
    ];
  }

  private makeLines(link: KeptLink): string[] {
    const { item, peer } = link;
    const { load = [], make = [], set = [] } = this.steps.get(link) ?? {};
    const needs = quote(keptNeeds(link).join(' '));
    return [
      ...on([], load),
      ...make.map((step) => `new ${quote(item.name)} ${needs} ${commandOf(step)}`),
      ...on([item.name], set),
      ...this.settingLines(item.name),
      ...(peer === undefined ? [] : this.settingLines(peer.name)),
    ];
  }

  /** Those that need no other device, and what its driver is told. */
  private settingLines(dev: string): string[] {
    const own = this.settings.filter(
      (each) => each.dev === dev && each.name !== 'state' && each.needs === undefined,
    );
    return [
      ...own.flatMap((each) => this.setLines(each)),
      ...ethtoolLines(this.ethtools.filter((each) => each.dev === dev)),
    ];
  }

  private setLines(setting: KeptSetting): string[] {
    return on(keptNeeds(setting), settingSteps(setting, this.tools));
  }

  /** A bond or bridge joins another one once it has its own ports. */
  private joinLines(): string[] {
    const joins = new Map<string, Join>();
    for (const link of this.links) {
      const { name: dev, master } = link.item;
      if (master !== null) joins.set(dev, { dev, master, step: this.steps.get(link)?.join[0] });
    }
    for (const each of this.settings)
      if (each.name === 'master' && each.needs !== undefined)
        joins.set(each.dev, { dev: each.dev, master: each.needs, step: settingSteps(each, this.tools)[0] });
    const lines: string[] = [];
    const place = ({ dev, master, step }: Join): void => {
      if (!joins.delete(dev)) return;
      for (const below of [...joins.values()]) if (below.master === dev) place(below);
      if (step !== undefined) lines.push(`port ${quote(dev)} ${quote(master)} ${commandOf(step)}`);
    };
    for (const join of [...joins.values()]) place(join);
    return lines;
  }
}

function lowerFirst(links: readonly KeptLink[]): KeptLink[] {
  const left = new Set(links);
  const ordered: KeptLink[] = [];
  const place = (link: KeptLink): void => {
    if (!left.delete(link)) return;
    const needs = keptNeeds(link);
    for (const below of [...left])
      if (needs.includes(below.item.name) || (below.peer !== undefined && needs.includes(below.peer.name)))
        place(below);
    ordered.push(link);
  };
  for (const link of links) place(link);
  return ordered;
}

/** All of one part at once: a ring's sizes, a speed and its duplex. */
function ethtoolLines(own: readonly KeptEthtool[]): string[] {
  const parts = [...new Set(own.map(({ part }) => part))];
  return parts.flatMap((part) => {
    const [first, ...others] = own.filter((each) => each.part === part);
    if (first === undefined) return [];
    const values = [first, ...others].flatMap(({ name, value }) => [name, value]);
    return on([first.dev], [ethtoolStep(first.dev, part, values)]);
  });
}

/** Neighbouring numbers as one; what has to go first, and the one for frames without a tag last. */
function vlanLines(vlans: readonly KeptVlan[], tools: Tools): string[] {
  const groups = new Map<string, KeptVlan[]>();
  const turn = ({ item, gone }: KeptVlan): number => (gone ? 0 : item.pvid ? 2 : 1);
  for (const vlan of vlans.toSorted((a, b) => turn(a) - turn(b))) {
    const { item, gone = false } = vlan;
    const key = JSON.stringify([item.dev, item.pvid, item.untagged, gone]);
    groups.set(key, [...(groups.get(key) ?? []), vlan]);
  }
  return [...groups.values()].flatMap((group) => {
    const [{ item, gone } = { item: { dev: '' }, gone: undefined }] = group;
    const steps = vlanSteps(group, tools);
    if (!gone) return on([item.dev], steps);
    return steps.map((step) => `gone ${quote(item.dev)} ${commandOf(step)}`);
  });
}

/** Trees from their roots on, filters last: they lead to classes. */
function tcLines(items: readonly TcItem[]): string[] {
  const state: TrafficControl = { items, tables: new Set(), lacking: new Set(), hz: 0 };
  const roots = items.filter((item): item is Qdisc => item.type === 'qdisc' && !item.parent.includes(':'));
  const trees = new Set([...roots.flatMap((root) => [root, ...below(state, root)]), ...items]);
  const ordered = [...trees].toSorted((a, b) => Number(a.type === 'filter') - Number(b.type === 'filter'));
  return ordered.flatMap((item) => {
    const devs = quote(keptNeeds({ kind: 'tc', item }).join(' '));
    const command = commandOf(tcStep(item, items));
    if (item.type === 'class') return [`on ${devs} ${command}`];
    if (item.type === 'qdisc') return [`qdisc ${devs} ${quote(qdiscPattern(item))} ${command}`];
    const place = quote(filterPlace(item, state).join(' '));
    return [`filter ${devs} ${place} ${quote(filterPattern(item))} ${command}`];
  });
}

/** As tc lists it: `qdisc htb 1: root refcnt 2`, `qdisc ingress ffff: parent ffff:fff1`. */
function qdiscPattern({ kind, handle, parent }: Qdisc): string {
  const place = parent === 'root' ? 'root' : `parent ${parent}`;
  return `^qdisc ${kind} ${handle} ${parent.includes(':') || parent === 'root' ? `${place} ` : ''}`;
}

/** `pref 5 u32 chain 0 fh 800::801`, `pref 1 matchall chain 0 handle 0x1`; before 4.15 without a chain. */
function filterPattern({ prio, kind, handle }: Filter): string {
  const number = kind === 'u32' ? `fh [0-9a-f]*${nodeOf(handle)}` : `handle ${handle}`;
  return `pref ${prio} ${kind} .*${number}\\( \\|$\\)`;
}
