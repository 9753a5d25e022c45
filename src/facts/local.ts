/**
 * `local`: the host's own facts, files NAME.fact in a folder of its own. Each holds JSON or INI, or is a program that
 * prints it. One that can't be used has, in the place of its fact, a sentence that says why.
 */
import type { Section } from '../snapshot/sections.js';

/** What a section's name begins with: run or read. */
const FACT = /^(run|read):(.+)\.fact$/;

/** @param folder where the files are, for messages */
export function localFacts(sections: ReadonlyMap<string, Section>, folder: string): Record<string, unknown> {
  const entries = [...sections].flatMap(([name, section]): [string, unknown][] => {
    const [, how, base] = FACT.exec(name) ?? [];
    return base === undefined ? [] : [[base, factOf(section, how === 'run', `${folder}/${base}.fact`)]];
  });
  return { local: Object.fromEntries(entries) };
}

function factOf({ content, code, errors }: Section, isProgram: boolean, path: string): unknown {
  if (isProgram && code === 124) return `${path} took longer than gather_timeout and was ended.`;
  if (code !== 0) return `${path} failed with exit code ${code}: ${errors}`;
  try {
    return JSON.parse(content);
  } catch {
    const ini = parseIni(content);
    return typeof ini === 'string' ? `${path} is neither JSON nor INI: ${ini}.` : ini;
  }
}

type Sections = Record<string, Record<string, string>>;

/** As Python's configparser reads it; else what is wrong with it. */
function parseIni(text: string): Sections | string {
  const sections = new Map<string, Map<string, string>>();
  const defaults = new Map<string, string>();
  let current: Map<string, string> | undefined;
  let option: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const at = `line ${index + 1}`;
    const trimmed = line.trim();
    if (/^[#;]/.test(trimmed)) continue;
    const before = option === undefined ? undefined : current?.get(option);
    if (before !== undefined && option !== undefined && (trimmed === '' || /^\s/.test(line))) {
      current?.set(option, `${before}\n${trimmed}`);
      continue;
    }
    if (trimmed === '') continue;
    const section = /^\[(.+)\]/.exec(trimmed)?.[1];
    if (section !== undefined) {
      if (sections.has(section)) return `${at} begins the section [${section}] again`;
      current = section === 'DEFAULT' ? defaults : new Map();
      if (current !== defaults) sections.set(section, current);
      option = undefined;
      continue;
    }
    if (current === undefined) return `${at} stands before any [section]`;
    const [, key = '', value = ''] = /^(.*?)\s*[=:]\s*(.*)$/.exec(trimmed) ?? [];
    option = key.toLowerCase();
    if (option === '') return `${at} is no "name = value"`;
    if (current.has(option)) return `${at} sets ${option} again`;
    current.set(option, value);
  }
  return resolved(sections, defaults);
}

/** Every section with the defaults, and with `%(name)s` put in. */
function resolved(
  sections: ReadonlyMap<string, ReadonlyMap<string, string>>,
  defaults: ReadonlyMap<string, string>,
): Sections | string {
  const all: [string, Record<string, string>][] = [];
  const spent = { count: 0 };
  for (const [name, own] of sections) {
    const values = new Map([...defaults, ...own]);
    const entries = [...values].map(
      ([key, value]) => [key, interpolated(value.trimEnd(), values, spent)] as const,
    );
    const wrong = entries.find(([, value]) => value === undefined)?.[0];
    if (wrong !== undefined) return `${wrong} in [${name}] has a % that stands for nothing`;
    all.push([name, Object.fromEntries(entries) as Record<string, string>]);
  }
  return Object.fromEntries(all);
}

/** How deep a value may refer to others: configparser's own limit. */
const DEPTH = 10;
/** Characters that all references together may be read for: what multiplies at each step would never end. */
const ENOUGH = 1_000_000;

/** @param spent how many were read; one count for a whole file */
function interpolated(
  value: string,
  values: ReadonlyMap<string, string>,
  spent: { count: number },
  depth = 0,
): string | undefined {
  spent.count += value.length + 1;
  if (depth > DEPTH || spent.count > ENOUGH) return undefined;
  let isWrong = false;
  const text = value.replaceAll(/%(%|\((\w+)\)s|)/g, (_, token: string, name?: string) => {
    if (isWrong || token === '%') return token;
    const found = name === undefined ? undefined : values.get(name.toLowerCase());
    const inner = found === undefined ? undefined : interpolated(found, values, spent, depth + 1);
    isWrong = inner === undefined;
    return inner ?? '';
  });
  return isWrong ? undefined : text;
}
