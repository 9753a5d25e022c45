/** The addresses of a container's venet0: in its file and, where it runs, on the node. */
import { parseAddress } from '../../shared/addr.js';
import type { Change, Problem, Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import type { OpenVz, Ve } from '../../snapshot/openvz.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { removeNeighbourStep } from '../links/neighbour-args.js';
import { lostNeighbours, lostRoutes, restoreSteps } from '../links/restore.js';
import { routeStep } from '../routing/route-args.js';
import { showVe } from './find-ve.js';
import { proxiesOf, sourceProblem, venetEffects } from './venet.js';
import { bare, merged, setLiveStep, setStep, type Words } from './vzctl.js';

/** How the given addresses are meant: besides others, as all there are, or as those that are to go. */
export type ListMode = 'merge' | 'exactly' | 'remove';

interface Addresses {
  /** Those that the container has now, without lengths. */
  live: readonly string[];
  /** The file's words. */
  written: readonly string[];
}

interface Delta {
  del: readonly string[];
  add: readonly string[];
}

/** Canonical, each once. */
export function readAddresses(given: readonly string[]): string[] {
  return [...new Set(given.map((word) => parseAddress(word)?.address ?? word))];
}

/** @returns undefined where all is as it should be */
export function addressesChange(
  node: OpenVz,
  ve: Ve,
  given: readonly string[],
  mode: ListMode,
  snapshot: Snapshot,
): Change | undefined {
  const before: Addresses = { live: ve.addresses, written: ve.written ?? ve.configured };
  const delta = deltaOf(ve, given, mode);
  if (delta.del.length + delta.add.length === 0) return undefined;
  const after = applied(before, delta, ve);
  const made = setEffects(ve, before, delta, snapshot);
  const stale = staleProxies(applyEffects(snapshot, made), delta);
  const effects = [...made, ...stale.map((unset): Effect => ({ kind: 'neighbour', unset }))];
  return {
    resource: 've',
    address: `ve ${ve.id} addresses`,
    action: 'update',
    before: shown(before, ve),
    after: shown(after, ve),
    do: [...setStep(node, ve, wordsOf(delta)), ...stale.map(removeNeighbourStep)],
    undo: undoSteps(node, veWith(ve, after), before, after, snapshot, applyEffects(snapshot, effects)),
    effects,
  };
}

/** What is missing in the file or, while it runs, on the container; what is surplus in either. */
function deltaOf(ve: Ve, given: readonly string[], mode: ListMode): Delta {
  const lists = ve.running ? [ve.addresses, ve.configured] : [ve.configured];
  const some = [...new Set(lists.flat())];
  if (mode === 'remove') return { del: some.filter((address) => given.includes(address)), add: [] };
  return {
    del: mode === 'exactly' ? some.filter((address) => !given.includes(address)) : [],
    add: given.filter((address) => lists.some((list) => !list.includes(address))),
  };
}

function wordsOf({ del, add }: Delta): Words {
  return [
    ...del.map((word) => ['--ipdel', bare(word)] as const),
    ...add.map((word) => ['--ipadd', word] as const),
  ];
}

function applied({ live, written }: Addresses, { del, add }: Delta, ve: Ve): Addresses {
  const next = merged(written, del, add);
  return { written: next, live: ve.running ? merged(live, del, add.map(bare)) : next.map(bare) };
}

function veWith(ve: Ve, { live, written }: Addresses): Ve {
  return { ...ve, addresses: live, configured: written.map(bare), written };
}

/** What `vzctl set` does: to the container, and where it runs to the node. An address that is there comes anew. */
function setEffects(ve: Ve, before: Addresses, delta: Delta, snapshot: Snapshot): Effect[] {
  const set: Effect = { kind: 'openvz', set: veWith(ve, applied(before, delta, ve)) };
  if (ve.running !== true) return [set];
  const [del, add] = [delta.del.map(bare), delta.add.map(bare)];
  const gone = before.live.filter((address) => del.includes(address) || add.includes(address));
  return [...venetEffects(snapshot, ve, gone, add), set];
}

/** Entries that vzctl leaves of addresses that are gone: neighbours would go on being told that they are here. */
function staleProxies(after: Snapshot, { del, add }: Delta) {
  return del.filter((address) => !add.includes(address)).flatMap((address) => proxiesOf(after, address));
}

/** First the file, in its order, then what runs without being in it, then routes and proxy entries as they were. */
function undoSteps(
  node: OpenVz,
  ve: Ve,
  before: Addresses,
  after: Addresses,
  original: Snapshot,
  changed: Snapshot,
): Step[] {
  const saved = backTo(after.written, before.written);
  const next = applied(after, saved, ve);
  const extra = next.live.filter((address) => !before.live.includes(address));
  const live: Delta = {
    del: ve.running ? extra : [],
    add: ve.running ? before.live.filter((address) => !next.live.includes(address)) : [],
  };
  let back = applyEffects(changed, setEffects(ve, after, saved, changed));
  back = applyEffects(back, setEffects(veWith(ve, next), next, live, back));
  return [
    ...setStep(node, ve, wordsOf(saved)),
    ...setLiveStep(ve, wordsOf(live)),
    ...lostNeighbours(back, original).map(removeNeighbourStep),
    ...lostRoutes(back, original).map((route) => routeStep(route, 'del')),
    ...restoreSteps(original, back),
  ];
}

/** What turns a list of vzctl's into a former one: what both begin with stays, the rest is added in its order. */
function backTo(from: readonly string[], to: readonly string[]): Delta {
  const differs = to.findIndex((word, at) => from[at] !== word);
  const same = differs < 0 ? to.length : differs;
  const add = to.slice(same);
  const kept = new Set(add.map(bare));
  return { del: from.slice(same).filter((word) => !kept.has(bare(word))), add };
}

function shown({ live, written }: Addresses, ve: Ve): string {
  const file = written.map(bare);
  const running = ve.running ? live : file;
  const text = (list: readonly string[]): string => list.join(' ') || 'none';
  if (running.length === file.length && file.every((address) => running.includes(address))) return text(file);
  return `${text(running)}; in its file: ${text(file)}`;
}

/** Why an address can't be the container's, and what else is to be known of it. */
export function checkAddresses(
  ve: Ve,
  given: readonly string[],
  snapshot: Snapshot,
): { problems: Problem[]; warnings: string[] } {
  const missing = given.filter((address) => ve.running && !ve.addresses.includes(address));
  const fresh = given.filter((address) => !ve.configured.includes(address));
  const message = (address: string): string | undefined =>
    (fresh.includes(address) ? ownerProblem(ve, address, snapshot) : undefined) ??
    (missing.includes(address) ? sourceProblem(snapshot, address) : undefined);
  return {
    problems: given.flatMap((address, at) => {
      const words = message(address);
      return words === undefined ? [] : [{ message: words, path: ['addresses', at] }];
    }),
    warnings: fresh.flatMap((address) =>
      holders(ve, address, snapshot)
        .filter(({ running }) => running === false)
        .map(
          (other) => `${address} is in the file of container ${showVe(other)} too: of both only one can run`,
        ),
    ),
  };
}

function ownerProblem(ve: Ve, address: string, snapshot: Snapshot): string | undefined {
  const own = snapshot.addresses.find(({ local }) => local === address);
  if (own !== undefined) return `${address} is the node's own, on ${own.dev}`;
  const other = holders(ve, address, snapshot).find(({ running }) => running !== false);
  return other === undefined ? undefined : `${address} is container ${showVe(other)}'s`;
}

/** Other containers that have an address, or will have it when they start. */
function holders(ve: Ve, address: string, { openvz }: Snapshot): Ve[] {
  return (openvz?.ves ?? []).filter(
    ({ id, addresses, configured }) => id !== ve.id && [...addresses, ...configured].includes(address),
  );
}
