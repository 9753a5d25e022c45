/** netplay's part of a file that somebody else writes too. */

const BEGIN = '# netplay: begin';
const END = '# netplay: end';

/** What of a file is not netplay's. A part without its end is nobody's: what stands behind may be its administrator's. */
export function withoutPart(content: string): string {
  return taken(content).others;
}

/** The part as lines of the file. */
export function markedPart(lines: readonly string[]): string[] {
  return [BEGIN, ...lines, END];
}

/** The file with this and nothing else as netplay's part, at its end; without one where there are no lines. */
export function withPart(content: string, lines: readonly string[]): string {
  const others = withoutPart(content);
  if (lines.length === 0) return others;
  const whole = others === '' || others.endsWith('\n') ? others : `${others}\n`;
  return `${whole}${markedPart(lines).join('\n')}\n`;
}

export function hasPart(content: string): boolean {
  return taken(content).parts > 0;
}

/** Whether a part begins and does not end. */
export function hasOpenPart(content: string): boolean {
  return taken(content).open;
}

function taken(content: string): { others: string; parts: number; open: boolean } {
  const others: string[] = [];
  let begin = -1;
  let parts = 0;
  for (const line of content.split('\n')) {
    // Some editors end lines in their own way.
    const word = line.trimEnd();
    if (word === BEGIN) begin = others.length;
    if (word === END && begin >= 0) {
      others.length = begin;
      begin = -1;
      parts += 1;
    } else others.push(line);
  }
  return { others: others.join('\n'), parts, open: begin >= 0 };
}
