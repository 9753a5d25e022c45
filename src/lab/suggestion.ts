import { nearest } from '../shared/nearest.js';

/** A hint that names the nearest known word, or all words where there are few and none is near. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length > 0 && known.length <= 12 ? `one of ${known.join(', ')}` : undefined;
}
