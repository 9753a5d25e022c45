/** What differs between two texts, as `diff -u` shows it. */

/** Lines that are shown around what differs: diff's own number. */
const CONTEXT = 3;
/** Insertions and deletions that are looked for; texts that differ more are shown one below the other. */
const MOST_EDITS = 1000;

/** `kept` lines are in both texts; `gap` tells where lines were left out, as `@@ -1,7 +1,8 @@`. */
export interface DiffLine {
  kind: 'kept' | 'removed' | 'added' | 'gap';
  text: string;
}

/** The lines that differ and those around them. A text that is null is not there; an empty one has no line. */
export function unifiedDiff(before: string | null, after: string | null): DiffLine[] {
  const [from, to] = linesOfBoth(before ?? '', after ?? '');
  return withoutFar(editsOf(from, to));
}

function linesOfBoth(before: string, after: string): [string[], string[]] {
  const told = before !== '' && after !== '' && before.endsWith('\n') !== after.endsWith('\n');
  return [linesOf(before, told), linesOf(after, told)];
}

function linesOf(text: string, told: boolean): string[] {
  if (text === '') return [];
  const unended = told && !text.endsWith('\n') ? '\n\\ No newline at end of file' : '';
  const lines = text.replace(/\n$/, '').split('\n');
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${unended}`];
}

function editsOf(from: readonly string[], to: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let end = 0;
  const most = Math.min(from.length, to.length) - start;
  while (end < most && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  const middle = between(from.slice(start, from.length - end), to.slice(start, to.length - end));
  return [...all('kept', from.slice(0, start)), ...middle, ...all('kept', from.slice(from.length - end))];
}

/** How far along the first text each diagonal (place in the first less place in the second) has come. */
class Reach {
  readonly #by: Int32Array;
  constructor(readonly most: number) {
    this.#by = new Int32Array(2 * most + 3);
  }
  get(diagonal: number): number {
    return this.#by[diagonal + this.most + 1] ?? 0;
  }
  set(diagonal: number, at: number): void {
    this.#by[diagonal + this.most + 1] = at;
  }
  /** As it is now, as far as so many edits can have come. */
  upTo(edits: number): Reach {
    const copy = new Reach(edits);
    for (let diagonal = -edits - 1; diagonal <= edits + 1; diagonal += 1)
      copy.set(diagonal, this.get(diagonal));
    return copy;
  }
}

/** The shortest way from one list to the other. Source: E. Myers, "An O(ND) Difference Algorithm and Its Variations". */
function between(from: readonly string[], to: readonly string[]): DiffLine[] {
  const most = Math.min(from.length + to.length, MOST_EDITS);
  const reach = new Reach(most);
  const steps: Reach[] = [];
  for (let edits = 0; edits <= most; edits += 1) {
    steps.push(reach.upTo(edits));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let at = isAdded(reach, diagonal, edits) ? reach.get(diagonal + 1) : reach.get(diagonal - 1) + 1;
      while (at < from.length && at - diagonal < to.length && from[at] === to[at - diagonal]) at += 1;
      reach.set(diagonal, at);
      if (at >= from.length && at - diagonal >= to.length) return wayBack(from, to, steps);
    }
  }
  return [...all('removed', from), ...all('added', to)];
}

function all(kind: DiffLine['kind'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ kind, text }));
}

/** Whether a diagonal is come to by a line that is added, and not by one that is removed. */
function isAdded(reach: Reach, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && reach.get(diagonal - 1) < reach.get(diagonal + 1);
}

function wayBack(from: readonly string[], to: readonly string[], steps: readonly Reach[]): DiffLine[] {
  const way: DiffLine[] = [];
  let [x, y] = [from.length, to.length];
  for (const [edits, reach] of [...steps.entries()].reverse()) {
    const diagonal = x - y;
    const isAddition = isAdded(reach, diagonal, edits);
    const before = isAddition ? diagonal + 1 : diagonal - 1;
    const start = edits === 0 ? 0 : reach.get(before) + (isAddition ? 0 : 1);
    for (; x > start; x -= 1, y -= 1) way.push({ kind: 'kept', text: from[x - 1] ?? '' });
    if (edits === 0) break;
    if (isAddition) way.push({ kind: 'added', text: to[--y] ?? '' });
    else way.push({ kind: 'removed', text: from[--x] ?? '' });
  }
  return way.reverse();
}

/** Leaves out what is far from all that differs; where it does, each part that is left begins with where it stands. */
function withoutFar(lines: readonly DiffLine[]): DiffLine[] {
  const near = lines.map(() => false);
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'kept') near.fill(true, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  if (!near.includes(false)) return [...lines];
  const shown: DiffLine[] = [];
  for (const [index, line] of lines.entries()) {
    if (near[index] !== true) continue;
    if (near[index - 1] !== true) shown.push(gap(lines, index, near.indexOf(false, index)));
    shown.push(line);
  }
  return shown;
}

function gap(lines: readonly DiffLine[], start: number, end: number): DiffLine {
  const count = (part: readonly DiffLine[], without: DiffLine['kind']): number =>
    part.filter(({ kind }) => kind !== without).length;
  const range = (without: DiffLine['kind']): string => {
    const before = count(lines.slice(0, start), without);
    const length = count(lines.slice(start, end === -1 ? lines.length : end), without);
    return `${length === 0 ? before : before + 1}${length === 1 ? '' : `,${length}`}`;
  };
  return { kind: 'gap', text: `@@ -${range('added')} +${range('removed')} @@` };
}
