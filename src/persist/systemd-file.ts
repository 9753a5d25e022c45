/** Files of systemd's form: sections of `Key=value` lines. */

export interface Section {
  name: string;
  /** `Key=value`, in the order in which they are written. */
  lines: readonly string[];
}

/** Those of which there is one a file: what several say of it stands together. */
const SINGLE: ReadonlySet<string> = new Set(['Match', 'Link', 'Network', 'Bridge']);

/** The text; what stands together in one section stands where the first of it does. */
export function fileText(head: string, sections: readonly Section[]): string {
  const merged: { name: string; lines: string[] }[] = [];
  for (const { name, lines } of sections) {
    const before = SINGLE.has(name) ? merged.find((other) => other.name === name) : undefined;
    if (before === undefined) merged.push({ name, lines: [...lines] });
    else before.lines.push(...lines.filter((line) => !before.lines.includes(line)));
  }
  return `${head}\n${merged.map(({ name, lines }) => `[${name}]\n${lines.join('\n')}\n`).join('\n')}`;
}

/** The sections of a text that somebody wrote. A line that a backslash ends goes on with the next one. */
export function readSections(text: string): Section[] {
  const sections: { name: string; lines: string[] }[] = [];
  for (const raw of text.replaceAll('\\\n', ' ').split('\n')) {
    const line = raw.trim();
    const [, name] = /^\[(.*)\]$/.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, lines: [] });
    else if (/^[^#;].*=/.test(line)) sections.at(-1)?.lines.push(line.replace(/\s*=\s*/, '='));
  }
  return sections;
}

/** The last value of a key in any section of this name; undefined where nobody says it. */
export function lastValue(sections: readonly Section[], name: string, key: string): string | undefined {
  const said = sections.filter((section) => section.name === name).flatMap(({ lines }) => lines);
  return said.findLast((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
}

/** `yes`, `on`, `true` and `1` are yes to systemd. */
export function isNo(value: string | undefined): boolean {
  return value !== undefined && /^(no|n|off|false|f|0)$/i.test(value);
}
