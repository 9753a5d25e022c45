/** Debian's ifupdown and ifupdown2: stanzas in a file of netplay's own, or at the end of /etc/network/interfaces. */
import { type Family, parseAddress } from '../shared/addr.js';
import type { Step } from '../shared/change.js';
import { wildcard } from '../shared/wildcard.js';
import { type Kept, keptNeeds } from '../snapshot/kept.js';
import type { HostFile, Names, Snapshot } from '../snapshot/model.js';
import type { Backend, Written, WrittenFile } from './backend.js';
import { KEPT_ORDER } from './commands.js';
import { Devices } from './devices.js';
import { type Hook, homeOf, hooksOf, masterOf } from './ifupdown-hooks.js';
import {
  type Iface,
  INTERFACES,
  type Interfaces,
  isOwnFile,
  MADE,
  readInterfaces,
} from './interfaces-file.js';
import { hasPart, withoutPart, withPart } from './marked-part.js';
import type { Entry } from './record.js';
import { commandSays, isPlainAddress, maskLength } from './said.js';

/** Where a rule stands that no device is the nearest to. */
const LOOPBACK = 'lo';

function isThere({ boot }: Snapshot): boolean {
  return boot?.facts.has('tool ifup') === true;
}

function manages(dev: string, snapshot: Snapshot): string | undefined {
  if (!isThere(snapshot)) return undefined;
  const stanza = interfacesOf(snapshot).ifaces.find(({ name }) => name === dev);
  return stanza === undefined ? undefined : `iface ${dev} in ${stanza.file}`;
}

const read = new WeakMap<Snapshot['files'], Interfaces>();

/** Of one snapshot's files, read once. */
function interfacesOf({ files, boot }: Snapshot): Interfaces {
  const known = read.get(files);
  if (known !== undefined) return known;
  const interfaces = readInterfaces(files, boot?.facts.has('tool ifreload') === true);
  read.set(files, interfaces);
  return interfaces;
}

function write(entries: readonly Entry[], snapshot: Snapshot): Written {
  const writer = new Writer(entries, snapshot, interfacesOf(snapshot));
  const stanzas = writer.stanzas();
  const own = writer.ownPath();
  const at = own ?? INTERFACES;
  const lines = stanzas.length === 0 ? [] : stanzas;
  const files = [...snapshot.files].flatMap(([path, file]): WrittenFile[] => {
    if (file === null || path === at) return [];
    if (isOwnFile(path, file.content)) return [{ path, file: null, keys: [] }];
    if (path !== INTERFACES || !hasPart(file.content)) return [];
    return [{ path, file: { ...file, content: withoutPart(file.content) }, keys: [] }];
  });
  const written = writtenAt(at, own !== undefined, lines, snapshot);
  const first = lines.length === 0 ? {} : { first: checkSteps(lines) };
  return {
    files: [
      ...files,
      ...(written === undefined ? [] : [{ path: at, file: written, keys: writer.keys, ...first }]),
    ],
    left: writer.left,
    warnings: writer.warnings(),
  };
}

const TRIAL = '/run/netplay-interfaces';
/** One line that ifupdown can't read, and it brings nothing up. ifupdown2 leaves out what it can't read. */
const CHECK = `code=0
if command -v ifquery >/dev/null 2>&1 && ! command -v ifreload >/dev/null 2>&1; then
  words=$(ifquery -i ${TRIAL} --list 2>&1) || code=$?
fi
rm -f ${TRIAL}
if [ $code != 0 ]; then printf '%s\\n' "$words" >&2; fi
exit $code`;

function checkSteps(lines: readonly string[]): Step[] {
  return [
    { kind: 'write', path: TRIAL, content: `${lines.join('\n')}\n`, mode: '600' },
    { kind: 'run', argv: ['sh', '-c', CHECK] },
  ];
}

/** The file as it shall be, null for none; undefined where it is not netplay's at all. */
function writtenAt(
  path: string,
  own: boolean,
  lines: readonly string[],
  { files }: Snapshot,
): HostFile | null | undefined {
  const there = files.get(path) ?? null;
  if (own) {
    if (lines.length === 0) return there === null ? undefined : null;
    return { content: `${[MADE, ...lines].join('\n')}\n`, mode: there?.mode ?? '644' };
  }
  if (there === null || (lines.length === 0 && !hasPart(there.content))) return undefined;
  return { ...there, content: withPart(there.content, lines) };
}

/** A name that stands in the file as it is: no pattern, no logical name, nothing that a shell takes apart. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const FAMILIES = [4, 6] as const satisfies readonly Family[];
const PHASES = ['pre-up', 'up', 'down', 'post-down'] as const;

class Writer {
  readonly #devices: Devices;
  readonly keys: string[] = [];
  readonly left: { entry: Entry; why: string }[] = [];
  readonly #hooks: Hook[] = [];
  /** Links that netplay makes, in the order in which they must come up. */
  readonly #made: string[];
  /** Links of its own that it can't make, with the reason: what is on them is left too. */
  readonly #lost = new Map<string, string>();
  readonly #configured: ReadonlyMap<string, readonly Iface[]>;
  readonly #masters: ReadonlyMap<string, string>;

  constructor(
    entries: readonly Entry[],
    private readonly snapshot: Snapshot,
    private readonly interfaces: Interfaces,
  ) {
    this.#devices = new Devices(snapshot);
    const configured = new Map<string, Iface[]>();
    for (const iface of interfaces.ifaces)
      configured.set(iface.name, [...(configured.get(iface.name) ?? []), iface]);
    this.#configured = configured;
    this.#masters = mastersOf(entries);
    this.#made = inOrder(entries).filter((name) => !this.#configured.has(name));
    for (const entry of sorted(entries)) this.#take(entry);
  }

  #take(entry: Entry): void {
    const { kept, key } = entry;
    const master = masterOf(kept, this.#masters, this.snapshot);
    const needed = [homeOf(kept) ?? '', ...keptNeeds(kept), ...(master === null ? [] : [master])];
    const lost = needed.find((dev) => this.#lost.has(dev));
    if (lost !== undefined) {
      this.left.push({ entry, why: `it needs ${lost}: ${this.#lost.get(lost)}` });
      return;
    }
    if (master !== null && !this.#hasStanza(master)) {
      this.left.push({ entry, why: `it needs ${master}, which ifupdown does not bring up` });
      return;
    }
    const stanzas =
      kept.kind === 'rule' ? this.interfaces.ifaces : (this.#configured.get(homeOf(kept) ?? '') ?? []);
    if (stanzas.some((stanza) => stanzaSays(kept, stanza, this.snapshot.names))) return;
    const dev = this.#deviceOf(kept);
    const hooks = hooksOf(kept, dev, this.#made.includes(dev), this.snapshot, this.#masters);
    const why = this.#whyNot(kept, dev, hooks);
    if (why !== undefined) {
      this.left.push({ entry, why });
      if (kept.kind === 'link') this.#lost.set(dev, why);
      return;
    }
    this.keys.push(key);
    this.#hooks.push(...hooks.filter((hook) => hook.dev === dev || this.#hasStanza(hook.dev)));
  }

  #deviceOf(kept: Kept): string {
    if (kept.kind !== 'rule') return homeOf(kept) ?? LOOPBACK;
    return this.#devices.of(kept).find((dev) => this.#hasStanza(dev)) ?? LOOPBACK;
  }

  #hasStanza(dev: string): boolean {
    return this.#configured.has(dev) || this.#made.includes(dev);
  }

  #whyNot(kept: Kept, dev: string, hooks: readonly Hook[]): string | undefined {
    if (!this.snapshot.files.get(INTERFACES)) return `there is no ${INTERFACES}`;
    const ofOvs = kept.kind === 'setting' && kept.of === 'ovs' && !this.#configured.has(dev);
    if (kept.kind === 'ovs_flow' || ofOvs) return 'Open vSwitch may start after ifupdown';
    if (hooks.length === 0) return 'ifupdown has no words for it, and its commands can not be run twice';
    const odd = hooks.find(({ dev }) => !NAME.test(dev));
    if (odd !== undefined) return `${INTERFACES} can't hold the name ${odd.dev}`;
    const long = hooks.some(({ command }) => command.includes('\n') || command.endsWith('\\'));
    return long ? `a line of ${INTERFACES} can't hold its command` : undefined;
  }

  /** netplay's own file, where it is read after whatever the stanzas in it add to. */
  ownPath(): string | undefined {
    const { own } = this.interfaces;
    if (own === null) return undefined;
    const later = new Set(this.interfaces.ifaces.filter(({ at }) => at >= own.at).map(({ name }) => name));
    const needed = this.#hooks.flatMap(({ dev }) => [dev, this.snapshot.links.get(dev)?.lower ?? dev]);
    return needed.some((dev) => later.has(dev)) ? undefined : own.path;
  }

  /** Text of all stanzas: links of netplay's own first, each after what it stands on. */
  stanzas(): string[] {
    const devices = [...new Set([...this.#made, ...this.#hooks.map(({ dev }) => dev)])];
    return devices.flatMap((dev) => {
      const own = this.#hooks.filter((hook) => hook.dev === dev);
      if (own.length === 0) return [];
      const starts = !this.#configured.has(dev) && dev !== LOOPBACK;
      const parts = FAMILIES.flatMap((family) => stanza(dev, family, own));
      return ['', ...(starts ? [`auto ${dev}`] : []), ...parts];
    });
  }

  /** Devices that nobody brings up at boot. */
  warnings(): string[] {
    const { started } = this.interfaces;
    const idle = [...new Set(this.#hooks.map(({ dev }) => dev))].filter(
      (dev) => this.#configured.has(dev) && dev !== LOOPBACK && !started.some((word) => starts(word, dev)),
    );
    return idle.map(
      (dev) =>
        `${dev} is not brought up at boot (no auto or allow-hotplug in ${INTERFACES}): what is kept for it is set with ifup ${dev}`,
    );
  }
}

/** A word behind `auto`: a name, or `/PATTERN`, with a number of it or a logical name behind; by another file's content: who knows. */
function starts(word: string, dev: string): boolean {
  const [name = ''] = word.split('=');
  if (!name.startsWith('/')) return name === dev || /^[a-z_]+\//.test(name);
  try {
    return wildcard(name.split('/')[1] ?? '').test(dev);
  } catch {
    return true;
  }
}

function stanza(dev: string, family: Family, hooks: readonly Hook[]): string[] {
  const own = hooks.filter((hook) => hook.family === family);
  if (own.length === 0) return [];
  const lines = PHASES.flatMap((phase) => {
    const of = own.filter((hook) => hook.phase === phase).map(({ command }) => `    ${phase} ${command}`);
    // What was made last goes first.
    return [...new Set(phase === 'down' || phase === 'post-down' ? of.toReversed() : of)];
  });
  return [`iface ${dev} ${family === 4 ? 'inet' : 'inet6'} manual`, ...lines];
}

/** As they must be made: routes over whose network a gateway is reached first, and a port before its settings. */
function sorted(entries: readonly Entry[]): Entry[] {
  const rank = ({ kept }: Entry): number => {
    const late =
      (kept.kind === 'route' && kept.item.nexthops.some(({ via }) => via !== null)) ||
      (kept.kind === 'setting' && kept.name.startsWith('port '));
    return KEPT_ORDER.indexOf(kept.kind) * 2 + (late ? 1 : 0);
  };
  return entries.toSorted((a, b) => rank(a) - rank(b));
}

/** By port; what is kept holds where the port is not there now. */
function mastersOf(entries: readonly Entry[]): Map<string, string> {
  return new Map(
    entries.flatMap(({ kept }): [string, string][] => {
      if (kept.kind === 'link' && kept.item.master !== null) return [[kept.item.name, kept.item.master]];
      const joins = kept.kind === 'setting' && kept.name === 'master' && kept.needs !== undefined;
      return joins ? [[kept.dev, kept.needs ?? '']] : [];
    }),
  );
}

/** Names of the links among them, each after those that it needs. */
function inOrder(entries: readonly Entry[]): string[] {
  const links = new Map(
    entries.flatMap(({ kept }) => (kept.kind === 'link' ? [[kept.item.name, kept] as const] : [])),
  );
  const found = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    const kept = links.get(name);
    if (kept === undefined || found.has(name) || above.includes(name)) return;
    for (const below of keptNeeds(kept)) visit(below, [...above, name]);
    found.add(name);
  };
  for (const name of links.keys()) visit(name, []);
  return [...found];
}

/** Whether somebody's stanza says it already. */
function stanzaSays(kept: Kept, { options }: Iface, names: Names): boolean {
  if (kept.kind === 'address') return isPlainAddress(kept.item) && addressSaid(kept, options);
  if (kept.kind === 'setting' && kept.name === 'mtu')
    return options.some(([word, value]) => word === 'mtu' && kept.words.join(' ') === `mtu ${value}`);
  return options.some(
    ([word, value]) => (word === 'up' || word === 'post-up') && commandSays(kept, value, names),
  );
}

function addressSaid({ item }: Kept & { kind: 'address' }, options: Iface['options']): boolean {
  const netmask = options.find(([word]) => word === 'netmask')?.[1];
  const length = netmask === undefined ? undefined : maskLength(netmask);
  return options.some(([word, value]) => {
    if (word !== 'address') return false;
    const [local = '', own = length] = value.split('/');
    return parseAddress(local)?.address === item.local && Number(own) === item.length;
  });
}

export const ifupdown: Backend = { name: 'ifupdown', isThere, manages, write };
