/**
 * How a script for a host frames what several commands print, and how its answer is taken apart. Each script has a
 * random marker of its own, so that no content of the host can be taken for a frame.
 */
import { randomBytes } from 'node:crypto';
import { NetplayError } from '../shared/errors.js';

export interface Section {
  content: string;
  code: number;
  /** What the command wrote to its standard error. */
  errors: string;
}

/**
 * `section NAME COMMAND…` frames a command's output, exit code and error words. A dump that the kernel
 * calls inconsistent (it changed meanwhile) is made again; the last one counts.
 */
const SECTION = `section() {
  name=$1
  shift
  tries=3
  while :; do
    printf '\\n%s %s\\n' "$T" "$name"
    { err=$("$@" 2>&1 1>&3 3>&-); rc=$?; } 3>&1
    printf '\\n%s = %s %s' "$T" "$rc" "$err"
    case $err in *'Dump was interrupted'*) ;; *) break ;; esac
    tries=$((tries - 1))
    [ $tries -gt 0 ] || break
  done
}
printf 'netplay-probe %s' "$T"`;

/** sh text that begins a script of sections: the marker as `$T`, and `section`. */
export function beginSections(): string {
  return `T=${randomBytes(16).toString('hex')}\n${SECTION}`;
}

/** sh text that ends it: without this the answer counts as cut off. */
export const END_SECTIONS = `printf '\\n%s end\\n' "$T"`;

/**
 * Takes the frames apart: `MARKER NAME`, the content, `MARKER = CODE ERRORS`. The last of a name counts.
 * @throws NetplayError `probe` where there is no answer, or only the first part of one
 */
export function parseSections(stdout: string): Map<string, Section> {
  const start = /^netplay-probe ([0-9a-f]{32})$/m.exec(stdout);
  if (start === null)
    throw new NetplayError(
      'probe',
      `The host did not answer the probe: it said "${stdout.slice(0, 200).trim()}"`,
    );
  const sections = new Map<string, Section>();
  let current: Section | undefined;
  let whole = false;
  for (const part of stdout.slice(start.index).split(`\n${start[1] ?? ''} `)) {
    const result = /^= (\d+) (.*)$/s.exec(part);
    if (result !== null && current !== undefined) {
      current.code = Number(result[1]);
      current.errors = (result[2] ?? '').trim();
      continue;
    }
    const end = part.indexOf('\n');
    const name = end < 0 ? part : part.slice(0, end);
    current = { content: end < 0 ? '' : part.slice(end + 1), code: 0, errors: '' };
    sections.set(name, current);
    whole = name === 'end';
  }
  if (!whole)
    throw new NetplayError('probe', 'The answer to the probe ends in its middle.', {
      hint: 'The script was cut off on the host; run again, and look at its memory and disk.',
    });
  return sections;
}

/** `PATH:LINE` as grep prints it; the lines of one file joined by newlines. No path that is read has a colon. */
export function parseLines(content: string): Map<string, string> {
  const values = new Map<string, string>();
  let last: string | undefined;
  for (const line of content.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const path = line.slice(0, colon);
    const value = line.slice(colon + 1);
    // One that two patterns stand for comes again, behind others: that is a second reading of it.
    values.set(path, path === last ? `${values.get(path)}\n${value}` : value);
    last = path;
  }
  return values;
}
