/** netplan: a file of netplay's own, which netplan merges with the others: mappings by name, lists one after another. */
import { stringify } from 'yaml';
import type { Step } from '../shared/change.js';
import { isMap } from '../shared/is-map.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Snapshot } from '../snapshot/model.js';
import type { Backend, Written } from './backend.js';
import { Devices } from './devices.js';
import { type Definition, definitionOf, OWN_FILE, saidOf, usualRenderer } from './netplan-definitions.js';
import { LINK_TYPES, linkWord } from './netplan-links.js';
import { addressWord, routeWord, ruleWord, type Word } from './netplan-words.js';
import { endangered, foreignSwitch } from './networkd-foreign.js';
import { canonical, type Entry } from './record.js';

const HEAD =
  '# Made by netplay: what it keeps over a reboot. What is changed here is lost with its next run.\n';

function isThere({ boot }: Snapshot): boolean {
  return boot?.facts.has('tool netplan') === true;
}

function manages(dev: string, snapshot: Snapshot): string | undefined {
  const found = definitionOf(dev, snapshot);
  return found && `${found.type}.${found.id} of netplan, by ${found.renderer}`;
}

/** The devices that it knows, in order. */
function homes(snapshot: Snapshot): string[] {
  return [...snapshot.links.keys()].filter((dev) => definitionOf(dev, snapshot) !== undefined).sort();
}

function adopts(kept: Kept, snapshot: Snapshot): string | undefined {
  const key = homes(snapshot).length === 0 ? undefined : foreignSwitch(kept, snapshot);
  return key === undefined ? undefined : `${key} of systemd-networkd is not no`;
}

function write(entries: readonly Entry[], snapshot: Snapshot): Written {
  const { content: old = HEAD } = snapshot.files.get(OWN_FILE) ?? {};
  if (!old.startsWith(HEAD))
    return { files: [], left: entries.map((entry) => ({ entry, why: `${OWN_FILE} is somebody else's` })) };
  const plan = new Plan(entries, snapshot);
  const left = entries.flatMap((entry) => {
    const why = plan.take(entry);
    return why === undefined ? [] : [{ entry, why }];
  });
  const content = plan.text();
  const there = (snapshot.files.get(OWN_FILE) ?? null) !== null;
  const file = content === null ? null : { content, mode: '600' };
  return {
    files:
      file === null && !there
        ? []
        : [
            {
              path: OWN_FILE,
              file,
              keys: plan.keys,
              ...(content !== null && { first: checkSteps(content) }),
            },
          ],
    left,
    warnings: endangered(left, snapshot),
  };
}

const TRIAL = '/run/netplay-netplan';
/** One file that netplan refuses, and the host comes up without a network: it is tried among copies of all others. */
const CHECK = `command -v netplan > /dev/null 2>&1 || { rm -rf ${TRIAL}; exit 0; }
umask 077
for d in lib run etc; do
  mkdir -p ${TRIAL}/$d/netplan
  for f in /$d/netplan/*.yaml; do
    if [ -f "$f" ] && [ "$f" != ${OWN_FILE} ]; then cp -p "$f" ${TRIAL}/$d/netplan/; fi
  done
done
words=$(netplan generate --root-dir ${TRIAL} 2>&1)
code=$?
rm -rf ${TRIAL}
if [ $code != 0 ]; then printf '%s\\n' "$words" >&2; fi
exit $code`;

function checkSteps(content: string): Step[] {
  return [
    { kind: 'write', path: `${TRIAL}${OWN_FILE}`, content, mode: '600', parents: true },
    { kind: 'run', argv: ['sh', '-c', CHECK] },
  ];
}

type Node = Record<string, unknown>;

/** The file, as it grows. */
class Plan {
  readonly keys: string[] = [];
  readonly #network: Node = Object.assign(emptyNode(), { version: 2 });
  readonly #made: ReadonlyMap<string, Link>;
  readonly #devices: Devices;

  constructor(
    entries: readonly Entry[],
    private readonly snapshot: Snapshot,
  ) {
    const links = entries.flatMap(({ kept }) => (kept.kind === 'link' ? [kept.item] : []));
    const known = new Map<string, Link>();
    this.#made = known;
    // A VLAN may stand on a bridge that is made as well.
    for (const link of [...links, ...links]) if ('value' in this.#linkWord(link)) known.set(link.name, link);
    this.#devices = new Devices(snapshot);
  }

  /** @returns why it can't be kept here; undefined where it is */
  take(entry: Entry): string | undefined {
    const why = this.#add(entry.kept);
    if (why === undefined) this.keys.push(entry.key);
    return why;
  }

  text(): string | null {
    return Object.keys(this.#network).length === 1
      ? null
      : HEAD + stringify({ network: this.#network }, { lineWidth: 0 });
  }

  #add(kept: Kept): string | undefined {
    if (kept.kind === 'link') return this.#addLink(kept.item);
    if (kept.kind === 'setting') return this.#addSetting(kept.dev, kept.words);
    const dev = this.#homeOf(kept);
    const home = dev === undefined ? undefined : this.#definition(dev);
    if (home === undefined)
      return `netplan has no definition of ${dev ?? 'a device that it could stand with'}`;
    switch (kept.kind) {
      case 'address':
        if (home.type === 'vrfs') return 'netplan has no words for an address of a VRF';
        return this.#append(home, 'addresses', addressWord(kept.item, home.renderer));
      case 'route':
        return this.#append(home, 'routes', routeWord(kept.item, home.renderer));
      case 'rule':
        return this.#append(home, 'routing-policy', ruleWord(kept.item, home.renderer));
      default:
        return `netplan has no words for ${kept.kind}`;
    }
  }

  #homeOf(kept: Kept): string | undefined {
    const [own] = this.#devices.of(kept);
    if (own !== undefined && (kept.kind !== 'rule' || this.#definition(own) !== undefined)) return own;
    // One that is there before netplay's own links are netplan's, and after.
    return homes(this.snapshot).find((dev) => !this.#made.has(dev));
  }

  #definition(dev: string): Definition | undefined {
    const made = this.#made.get(dev);
    if (made === undefined) return definitionOf(dev, this.snapshot);
    return { type: LINK_TYPES[made.kind ?? ''] ?? '', id: dev, renderer: usualRenderer(this.snapshot) };
  }

  #linkWord(link: Link): Word {
    return linkWord(link, (dev) => this.#definition(dev)?.id);
  }

  #addLink(link: Link): string | undefined {
    const word = this.#linkWord(link);
    if ('why' in word) return `netplan has no words for ${word.why}`;
    const node = this.#node({ type: LINK_TYPES[link.kind ?? ''] ?? '', id: link.name });
    // Ports may have been named already.
    for (const [key, value] of Object.entries(word.value as Node)) node[key] = merged(value, node[key]);
    return undefined;
  }

  #addSetting(dev: string, [word = '', value = '', ...more]: readonly string[]): string | undefined {
    const home = this.#definition(dev);
    if (home === undefined) return `netplan has no definition of ${dev}`;
    if (home.type === 'vrfs' && (word === 'mtu' || word === 'address'))
      return `netplan has no words for ${word} of a VRF`;
    if (word === 'mtu') this.#node(home).mtu = Number(value);
    else if (word === 'address') this.#node(home).macaddress = value;
    else if (word === 'master') return this.#addPort(home, value);
    else if (word === 'type' && value === 'bridge_slave') return this.#addPortSettings(dev, home, more);
    else return `netplan has no words for ${word} of a link`;
    return undefined;
  }

  #addPort(port: Definition, master: string): string | undefined {
    const home = this.#definition(master);
    if (home === undefined) return `netplan has no definition of ${master}`;
    return this.#append(home, 'interfaces', { value: port.id });
  }

  #addPortSettings(dev: string, port: Definition, words: readonly string[]): string | undefined {
    const master = this.snapshot.links.get(dev)?.master ?? null;
    const home = master === null ? undefined : this.#definition(master);
    if (home === undefined) return `netplan has no definition of ${master ?? 'its bridge'}`;
    const [word = '', value] = words;
    const key = { cost: 'path-cost', priority: 'port-priority' }[word];
    if (key === undefined || words.length !== 2) return `netplan has no words for ${word} of a port`;
    const parameters = child(this.#node(home), 'parameters');
    child(parameters, key)[port.id] = Number(value);
    return undefined;
  }

  /** Adds to a list of a definition, unless somebody else's file has it there. */
  #append(home: Definition, key: string, word: Word): string | undefined {
    if ('why' in word) return `netplan has no words for ${word.why}`;
    const same = canonical(texts(word.value));
    const said = saidOf(home, this.snapshot).flatMap((one) => (Array.isArray(one[key]) ? one[key] : []));
    if (said.some((one) => canonical(texts(one)) === same)) return undefined;
    const node = this.#node(home);
    node[key] = [...(Array.isArray(node[key]) ? node[key] : []), word.value];
    return undefined;
  }

  #node({ type, id }: Pick<Definition, 'type' | 'id'>): Node {
    return child(child(this.#network, type), id);
  }
}

/** Without what other objects have by themselves: a device may be called `__proto__`. */
function emptyNode(): Node {
  return Object.create(null) as Node;
}

function child(node: Node, key: string): Node {
  const found = node[key];
  if (isMap(found)) return found;
  const made = emptyNode();
  node[key] = made;
  return made;
}

function merged(value: unknown, before: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(before)) return [...value, ...before];
  return isMap(value) && isMap(before) ? { ...value, ...before } : value;
}

/** `100` and `"100"` are one to netplan. */
function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, texts(each)]));
  return String(value);
}

export const netplan: Backend = { name: 'netplan', isThere, manages, adopts, write };
