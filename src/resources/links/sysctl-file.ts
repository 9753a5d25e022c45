/** Files in the form of sysctl.conf(5), edited line by line so that all that is not named stays as it is. */
import { parseSysctlKey } from './sysctl-key.js';

/** Made by netplay; its name sorts after 99-sysctl.conf, since the last writer of a key wins. */
export const OWN_FILE = '/etc/sysctl.d/zz-netplay.conf';
export const OWN_DIRECTORY = '/etc/sysctl.d';
/** All that hosts without a /etc/sysctl.d read at boot. */
export const CLASSIC_FILE = '/etc/sysctl.conf';

const HEADER = '# Kept by netplay: what a playbook gives a sysctl is written here, one line a key.\n';

/** A file taken apart. */
interface Parsed {
  content: string;
  lines: string[];
  /** The last line of each key, by its path. */
  places: Map<string, number>;
}

/** What was read or made last: of 1,000 keys that go into one file, each would take all of it apart anew. */
let last: Parsed | undefined;

function parsed(content: string): Parsed {
  if (last?.content === content) return last;
  const lines = content.split('\n');
  const places = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const path = pathOfLine(line);
    if (path !== undefined) places.set(path, index);
  }
  last = { content, lines, places };
  return last;
}

/** The value that a file gives a key, by its path below /proc/sys; the last of several lines counts. */
export function valueInFile(content: string, path: string): string | null {
  const { lines, places } = parsed(content);
  const line = lines[places.get(path) ?? -1];
  return line === undefined ? null : line.slice(line.indexOf('=') + 1).trim();
}

/**
 * The content with the key set: its last line is replaced, whatever its spelling, or a line is added.
 * @param content null where there is no file yet.
 */
export function withKey(content: string | null, path: string, name: string, value: string): string {
  const wanted = `${name} = ${value}`;
  const { lines, places, content: old } = parsed(content ?? HEADER);
  const index = places.get(path);
  if (index !== undefined) return lines.with(index, wanted).join('\n');
  const next = `${old}${old === '' || old.endsWith('\n') ? '' : '\n'}${wanted}\n`;
  if (lines.at(-1) === '') lines.pop();
  places.set(path, lines.push(wanted) - 1);
  lines.push('');
  last = { content: next, lines, places };
  return next;
}

/** The content without the key's lines; null where netplay's own header is all that is left. */
export function withoutKey(content: string, path: string): string | null {
  const rest = content
    .split('\n')
    .filter((line) => pathOfLine(line) !== path)
    .join('\n');
  return rest.trim() === HEADER.trim() ? null : rest;
}

/** The key that a line sets; undefined for comments and what is no assignment. A leading `-` ignores errors. */
function pathOfLine(line: string): string | undefined {
  const match = /^\s*-?\s*([^#;\s=][^\s=]*)\s*=/.exec(line);
  return match?.[1] === undefined ? undefined : parseSysctlKey(match[1])?.path;
}
