/** Small steps that all parsers of iproute2's text share. */
import { type Family, MAX_LENGTH, parseAddress, parsePrefix } from '../shared/addr.js';
import { NetplayError } from '../shared/errors.js';

/** Words between blanks; several blanks count as one, as old versions print two. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/**
 * Joins what belongs to one object: `-o` has a backslash where the line would end, some versions still
 * begin a new line with a tab or a blank.
 */
export function objectLines(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    if (/^\s/.test(line) && lines.length > 0) lines[lines.length - 1] += `\\${line}`;
    else lines.push(line);
  }
  return lines;
}

/** The parts of an object's line: the first, and those that would be lines of their own without `-o`. */
export function segments(line: string): string[] {
  return line.split(/\\(?=\s)/);
}

export function misread(tool: string, line: string, why: string): NetplayError {
  return new NetplayError('probe', `The output of ${tool} can't be understood: ${why}: ${line.trim()}`, {
    hint: 'Please report this line together with the version that ip -V prints.',
  });
}

/** A canonical address; the kernel prints them so, but for the dotted form of some IPv6 ones. */
export function canonicalAddress(word: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(word)) return word;
  if (/^[0-9a-f:]+$/.test(word) && word.includes(':')) return word;
  return parseAddress(word)?.address;
}

/** A canonical prefix with its length from what `ip` prints: `default`, `0/8`, `10.0.0.0/8`, a bare host. */
export function canonicalPrefix(word: string, family: Family): string | undefined {
  const slash = word.indexOf('/');
  if (slash > 0) {
    const address = canonicalAddress(word.slice(0, slash));
    if (address !== undefined && /^\d+$/.test(word.slice(slash + 1)))
      return `${address}/${Number(word.slice(slash + 1))}`;
    if (word.startsWith('0/')) return `${family === 4 ? '0.0.0.0' : '::'}/${Number(word.slice(2))}`;
    return undefined;
  }
  const address = canonicalAddress(word);
  if (address !== undefined) return `${address}/${MAX_LENGTH[family]}`;
  const prefix = parsePrefix(word, family);
  return prefix === undefined ? undefined : `${prefix.network}/${prefix.length}`;
}

/** Milliseconds from `50ms`, `1.2s`, or a bare number of them. */
export function milliseconds(word: string): number {
  const value = Number.parseFloat(word);
  return word.endsWith('ms') || !word.endsWith('s') ? value : Math.round(value * 1000);
}

/** Seconds from `100sec`; null from `forever`. */
export function lifetime(word: string): number | null {
  return word === 'forever' ? null : Number.parseInt(word, 10);
}
