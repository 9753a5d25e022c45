/** netplay's part at the end of a file that somebody else writes too. */

const BEGIN = '# netplay: begin';
const END = '# netplay: end';

/** What of a file is not netplay's. */
export function withoutPart(content: string): string {
  const lines = content.split('\n');
  const begin = lines.indexOf(BEGIN);
  if (begin < 0) return content;
  const end = lines.indexOf(END, begin);
  return [...lines.slice(0, begin), ...(end < 0 ? [] : lines.slice(end + 1))].join('\n');
}

/** The file with this and nothing else as netplay's part; without one where there are no lines. */
export function withPart(content: string, lines: readonly string[]): string {
  const others = withoutPart(content);
  if (lines.length === 0) return others;
  const whole = others === '' || others.endsWith('\n') ? others : `${others}\n`;
  return `${whole}${[BEGIN, ...lines, END].join('\n')}\n`;
}

export function hasPart(content: string): boolean {
  return content.split('\n').includes(BEGIN);
}
