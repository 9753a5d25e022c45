/** Rules and routes that networkd did not make: it takes them away, unless it is told not to (networkd.conf(5)). */
import type { Kept } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Entry } from './record.js';
import { isNo, lastValue, readSections } from './systemd-file.js';

/** What netplan made is netplan's. */
export const NETPLAN = '/run/systemd/network/10-netplan-';

/** The `.network` file that networkd names for a link; undefined where it leaves the link alone. */
export function networkFile(dev: string, { boot, links }: Snapshot): string | undefined {
  const index = links.get(dev)?.index;
  const [state, ...path] = boot?.facts.get(`networkd ${index}`)?.split(' ') ?? [];
  return state === undefined || state === 'unmanaged' || path.join('') === '' ? undefined : path.join(' ');
}

/** The switch by which it would leave such a thing alone; undefined where it does, or there is no networkd. */
export function foreignSwitch({ kind }: Kept, snapshot: Snapshot): string | undefined {
  if (kind !== 'rule' && kind !== 'route') return undefined;
  const key = kind === 'rule' ? 'ManageForeignRoutingPolicyRules' : 'ManageForeignRoutes';
  const busy = [...snapshot.links.keys()].some((dev) => networkFile(dev, snapshot) !== undefined);
  return !busy || isOff(key, snapshot) ? undefined : key;
}

/** Its folders, each of which hides files of the same name in those before. */
const FOLDERS = ['/usr/lib/systemd', '/run/systemd', '/etc/systemd'];

/** First its own file, then the drop-ins of all folders by their names: the last word counts (networkd.conf(5)). */
function isOff(key: string, { files }: Snapshot): boolean {
  const read = (path: string): string => files.get(path)?.content ?? '';
  const dropIns = new Map<string, string>();
  for (const folder of FOLDERS)
    for (const path of files.keys())
      if (path.startsWith(`${folder}/networkd.conf.d/`)) dropIns.set(path.slice(path.lastIndexOf('/')), path);
  const later = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => read(path));
  const sections = [read('/etc/systemd/networkd.conf'), ...later].flatMap(readSections);
  return isNo(lastValue(sections, 'Network', key));
}

/** Warns of what `boot` sets and networkd takes away. */
export function endangered(left: readonly { entry: Entry }[], snapshot: Snapshot): string[] {
  const keys = left.flatMap(({ entry }) => foreignSwitch(entry.kept, snapshot) ?? []);
  if (keys.length === 0) return [];
  const lines = [...new Set(keys)].sort().map((key) => `${key}=no`);
  return [
    `systemd-networkd may take away routes and rules that its files have no words for and that boot sets: put ${lines.join(' and ')} into /etc/systemd/networkd.conf`,
  ];
}
