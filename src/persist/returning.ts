/** What a play takes away and somebody else's files set again at the next boot. */
import { type Kept, keptKey } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Backend, Written } from './backend.js';
import { Chooser } from './choose.js';
import type { Entry } from './record.js';
import { keptText } from './text.js';

/** RTPROT_KERNEL (linux/rtnetlink.h). */
const KERNEL = 2;
/** What of much is looked for. */
const MOST = 100;

/** @returns a warning each */
export function returning(backends: readonly Backend[], before: Snapshot, after: Snapshot): string[] {
  const lost = lostBetween(before, after);
  if (lost.length === 0) return [];
  const chooser = new Chooser(backends, before, []);
  const bare = new Map<string, string>();
  return lost.slice(0, MOST).flatMap((kept) => {
    const entry: Entry = { key: keptKey(kept), by: 'auto', kept };
    const { backend: name, why } = chooser.choose(entry);
    const backend = backends.find((each) => each.name === name);
    if (backend === undefined) return [];
    const without = bare.get(name) ?? news(backend.write([], before), before);
    bare.set(name, without);
    // No backend writes what others have written already: then it has nothing to add.
    const written = backend.write([entry], before);
    if (written.left.length > 0 || news(written, before) !== without) return [];
    return [`${keptText(kept, before.names)} is there again after the next boot: ${why} says so`];
  });
}

/** Addresses, rules, and routes that the kernel did not make; lists that nothing changed are the same ones. */
function lostBetween(before: Snapshot, after: Snapshot): Kept[] {
  const gone = (old: readonly Kept[], now: readonly Kept[]): Kept[] => {
    const keys = new Set(now.map(keptKey));
    return old.filter((kept) => !keys.has(keptKey(kept)));
  };
  const addresses = ({ addresses: all }: Snapshot): Kept[] => all.map((item) => ({ kind: 'address', item }));
  const rules = ({ rules: all }: Snapshot): Kept[] => all.map((item) => ({ kind: 'rule', item }));
  const routes = ({ routes: all }: Snapshot): Kept[] =>
    all.flatMap((item): Kept[] => (item.protocol === KERNEL ? [] : [{ kind: 'route', item }]));
  return [
    ...(before.addresses === after.addresses ? [] : gone(addresses(before), addresses(after))),
    ...(before.routes === after.routes ? [] : gone(routes(before), routes(after))),
    ...(before.rules === after.rules ? [] : gone(rules(before), rules(after))),
  ];
}

/** What a backend would write that is not there already. */
function news({ files }: Written, snapshot: Snapshot): string {
  const texts = files.map(({ path, file }) => [path, file?.content ?? null] as const);
  const old = (path: string): string | null => snapshot.files.get(path)?.content ?? null;
  return JSON.stringify(texts.filter(([path, content]) => content !== old(path)).sort());
}
