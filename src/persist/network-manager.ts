/** NetworkManager: the profiles of its devices get netplay's lines, and netplay's links profiles of their own. */
import type { Step } from '../shared/change.js';
import type { Kept } from '../snapshot/kept.js';
import type { HostFile, Snapshot } from '../snapshot/model.js';
import type { Backend, Written, WrittenFile } from './backend.js';
import { BOOT_SCRIPT_FILE } from './boot-units.js';
import { Devices } from './devices.js';
import { addressLines, routeLines, ruleLines, type Said, saysSame } from './nm/ip.js';
import { Keyfile } from './nm/keyfile.js';
import { letGo } from './nm/let-go.js';
import { linkLines } from './nm/links.js';
import { methodLines, ownMethodLines, refusal } from './nm/methods.js';
import { hasLines, type Line, ownProfile, withLines, withoutLines } from './nm/part.js';
import {
  baseName,
  isOwnPath,
  isOwnProfile,
  minorVersion,
  ownPath,
  PROFILES,
  type Profile,
  profileOf,
} from './nm/profiles.js';
import { ethtoolLines, settingLines, vlanLines } from './nm/settings.js';
import type { Entry } from './record.js';

export const DISPATCHER = '/etc/NetworkManager/dispatcher.d/50-netplay';

/** NetworkManager takes all routes and neighbours off a device when it configures it anew. */
const HOOK: HostFile = {
  content: `#!/bin/sh
# Made by netplay: sets again what NetworkManager has no words for, whenever it has configured a device.
if [ "$2" = up ] && [ -x ${BOOT_SCRIPT_FILE} ]; then exec ${BOOT_SCRIPT_FILE} "$1"; fi
`,
  mode: '755',
};

/**
 * NetworkManager reads the profile again, and leaves the device as it is; it tells of a failure by words alone. A profile
 * that it had for this boot alone ($2) hides the saved one as long as it is there; $3 keeps it, should all be undone.
 */
const LOAD = `command -v nmcli >/dev/null || exit 0
if [ -n "\${2-}" ]; then
  if [ -e "$1" ]; then [ ! -e "$2" ] || mv "$2" "$3"; elif [ -e "$3" ]; then mv "$3" "$2"; fi
fi
said=$(nmcli connection load "$1" \${2:+"$2"} 2>&1)
case $said in *'Could not load'*) echo "$said" >&2; exit 1 ;; esac`;

/** @param passing where NetworkManager has the profile for this boot alone */
function loadStep(path: string, passing?: string): Step {
  const kept = passing === undefined ? [] : [passing, `/run/NetworkManager/netplay-${baseName(passing)}`];
  return { kind: 'run', argv: ['sh', '-c', LOAD, 'load', path, ...kept] };
}

/** A profile with what netplay would have it say. */
interface Target {
  path: string;
  lines: Line[];
  keys: string[];
  /** Undefined for one of netplay's own. */
  profile?: Profile;
  master: boolean;
}

/** Shares out what is kept over the profiles. */
class Share {
  readonly targets = new Map<string, Target>();
  readonly left: { entry: Entry; why: string }[] = [];

  readonly #devices: Devices;

  constructor(private readonly snapshot: Snapshot) {
    this.#devices = new Devices(snapshot);
  }

  take(entry: Entry): void {
    const why = this.#place(entry);
    if (why !== undefined) this.left.push({ entry, why });
  }

  /** @returns why it has no place here */
  #place({ kept, key }: Entry): string | undefined {
    if (kept.kind === 'link')
      return this.#placeLink(kept.item.name, linkLines(kept.item, this.snapshot), key);
    const lines = saidOf(kept, this.snapshot);
    if (typeof lines === 'string') return lines;
    const old = this.#tooOld(lines);
    if (old !== undefined) return old;
    const target = this.#targetOf(kept);
    if (typeof target === 'string') return target;
    const why = refusal(kept, target, this.snapshot);
    if (why !== undefined) return why;
    target.lines.push(...lines);
    target.keys.push(key);
    return undefined;
  }

  #placeLink(name: string, lines: Said, key: string): string | undefined {
    const why = typeof lines === 'string' ? lines : this.#tooOld(lines);
    if (why !== undefined || typeof lines === 'string') return why;
    const path = ownPath(name);
    const master = lines.some((line) => line.key === 'master');
    this.targets.set(path, { path, lines: [...lines], keys: [key], master });
    return undefined;
  }

  #tooOld(lines: readonly Line[]): string | undefined {
    const version = minorVersion(this.snapshot);
    const since = Math.max(0, ...lines.map((line) => line.since ?? 0));
    if (version === undefined || version >= since) return undefined;
    return `NetworkManager has words for it from 1.${since} on, and this host has 1.${version}`;
  }

  /** The first device's that has a profile. */
  #targetOf(kept: Kept): Target | string {
    const found = this.#devices.of(kept).map((dev) => this.#targetFor(dev));
    return found.find((each) => typeof each !== 'string') ?? found[0] ?? 'it belongs to no device';
  }

  #targetFor(dev: string): Target | string {
    const own = this.targets.get(ownPath(dev));
    if (own !== undefined) return own;
    const profile = profileOf(dev, this.snapshot);
    if (profile === undefined) return `NetworkManager has no connection for ${dev}`;
    if ('why' in profile) return `its connection is not to be changed: ${profile.why}`;
    if (isOwnPath(profile.path)) return `the link ${dev} itself is not kept`;
    const path = `${PROFILES}/${baseName(profile.path)}`;
    const known = this.targets.get(path);
    if (known !== undefined) return known;
    const master = new Keyfile(withoutLines(profile.file.content)).get('connection', 'master') !== undefined;
    const target: Target = { path, profile, lines: [], keys: [], master };
    this.targets.set(path, target);
    return target;
  }
}

function saidOf(kept: Exclude<Kept, { kind: 'link' }>, snapshot: Snapshot): Said {
  switch (kept.kind) {
    case 'address':
      return addressLines(kept.item);
    case 'route':
      return routeLines(kept.item);
    case 'rule':
      return ruleLines(kept.item);
    case 'setting':
      return settingLines(kept, snapshot);
    case 'bridge_vlan':
      return vlanLines(kept, snapshot);
    case 'ethtool':
      return ethtoolLines(kept);
    case 'neighbour':
      return 'it has no neighbours';
    case 'fdb':
      return "it has no entries of bridges' tables";
    case 'tc':
      return 'a profile with traffic control would have to tell all of its device';
    case 'ovs_flow':
      return 'it has no flows';
  }
}

/** Links first, the ports of a bridge after it: what stands on a link needs its profile. */
function inOrder(entries: readonly Entry[]): Entry[] {
  const rank = ({ kept }: Entry): number =>
    kept.kind === 'link' ? (kept.item.master === null ? 0 : 1) : kept.kind === 'setting' ? 2 : 3;
  return [...entries].sort((one, other) => rank(one) - rank(other));
}

function write(entries: readonly Entry[], snapshot: Snapshot): Written {
  const share = new Share(snapshot);
  for (const entry of inOrder(entries)) share.take(entry);
  const profiles = [...share.targets.values()].filter(({ keys }) => keys.length > 0).map(writtenFile);
  const written = new Set(profiles.map(({ path }) => path));
  const others = [...snapshot.files].flatMap(([path, file]): WrittenFile[] => {
    if (file === null || !path.startsWith(`${PROFILES}/`) || written.has(path)) return [];
    if (isOwnProfile(path, file)) return [profileFile(path, null, [])];
    if (!hasLines(file.content)) return [];
    return [profileFile(path, { ...file, content: withoutLines(file.content) }, [])];
  });
  const hooked = share.left.length > 0 && isThere(snapshot);
  const hook: WrittenFile[] = hooked || snapshot.files.has(DISPATCHER) ? [hookFile(hooked)] : [];
  return { files: [...profiles, ...others, ...hook], left: share.left };
}

function hookFile(wanted: boolean): WrittenFile {
  return { path: DISPATCHER, file: wanted ? HOOK : null, keys: [] };
}

function isThere({ boot }: Snapshot): boolean {
  return boot?.facts.has('nm version') ?? false;
}

function writtenFile(target: Target): WrittenFile {
  const { path, profile, lines, keys } = target;
  if (profile === undefined)
    return profileFile(
      path,
      { content: ownProfile([...lines, ...ownMethodLines(lines)]), mode: '600' },
      keys,
    );
  const base = withoutLines(profile.file.content);
  const all = [...lines, ...methodLines(lines, new Keyfile(base))];
  const content = withLines(lasting(profile, path), all, saysSame);
  if (profile.path === path) return profileFile(path, { content, mode: profile.file.mode }, keys);
  const passing = profile.path.startsWith('/run/') ? profile.path : undefined;
  return profileFile(path, { content, mode: '600' }, keys, passing);
}

/** A profile that NetworkManager has for this boot alone is saved as it would do it itself. */
function lasting({ path, file }: Profile, target: string): string {
  if (path === target) return file.content;
  const saved = new Keyfile(file.content);
  for (const [key] of saved.keys('.nmmeta')) saved.remove('.nmmeta', key);
  saved.remove('connection', 'timestamp');
  return saved.text;
}

function profileFile(
  path: string,
  file: HostFile | null,
  keys: readonly string[],
  passing?: string,
): WrittenFile {
  // biome-ignore lint/suspicious/noThenProperty: it is no promise, and nobody awaits it
  return { path, file, keys, then: [loadStep(path, passing)] };
}

function manages(dev: string, snapshot: Snapshot): string | undefined {
  const profile = profileOf(dev, snapshot);
  return profile === undefined ? undefined : `NetworkManager's connection ${profile.id}`;
}

export const networkManager: Backend = { name: 'networkmanager', isThere, manages, letGo, write };
