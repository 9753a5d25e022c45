/** What a play takes away and somebody else's files set again at the next boot. */
import { type Kept, keptThere } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Backend } from './backend.js';
import { Chooser } from './choose.js';
import type { Entry } from './record.js';
import { keptText } from './text.js';

/** RTPROT_KERNEL (linux/rtnetlink.h). */
const KERNEL = 2;
/** What of much is looked for. */
const MOST = 100;

/** @returns a warning each */
export function returning(backends: readonly Backend[], before: Snapshot, after: Snapshot): string[] {
  const now = keptThere(after);
  const lost = [...keptThere(before)].filter(([key, kept]) => !now.has(key) && isSomebodys(kept));
  const chooser = new Chooser(backends, before, []);
  return lost.slice(0, MOST).flatMap(([key, kept]) => {
    const entry: Entry = { key, by: 'auto', kept };
    const { backend: name, why } = chooser.choose(entry);
    const backend = backends.find((each) => each.name === name);
    if (backend === undefined || !says(backend, entry, before)) return [];
    return [`${keptText(kept, before.names)} is there again after the next boot: ${why} says so`];
  });
}

function isSomebodys(kept: Kept): boolean {
  if (kept.kind === 'route') return kept.item.protocol !== KERNEL;
  return kept.kind === 'address' || kept.kind === 'rule';
}

/** No backend writes what others have written already: then it has nothing to add. */
function says(backend: Backend, entry: Entry, snapshot: Snapshot): boolean {
  const [bare, whole] = [backend.write([], snapshot), backend.write([entry], snapshot)];
  const text = ({ files }: typeof bare): string =>
    JSON.stringify(
      files
        .map(({ path, file }) => [path, file?.content ?? null])
        .filter(([path, content]) => content !== (snapshot.files.get(String(path))?.content ?? null))
        .sort(),
    );
  return whole.left.length === 0 && text(bare) === text(whole);
}
