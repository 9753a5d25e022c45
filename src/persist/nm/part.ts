/**
 * netplay's part of a profile that is somebody else's. NetworkManager drops comments when it writes a profile, but
 * keeps the section `[user]` (from 1.8 on): there stands which lines are netplay's.
 */
import { Keyfile } from './keyfile.js';

/** One thing that a profile says. */
export interface Line {
  section: string;
  key: string;
  value: string;
  /** Of a route, behind `routeN_options=`. */
  options?: string;
  /** NetworkManager's version 1.X that takes it first. */
  since?: number;
}

/** A line of netplay's, with what stood in its place before. */
interface Mark extends Line {
  was?: string;
}

const MARK = 'org.netplay.';
/** `numbered`: one of several, `route1=`, `route2=`; `comma`: one of those that a key lists. */
const LISTS: Readonly<Record<string, 'numbered' | 'comma'>> = {
  address: 'numbered',
  route: 'numbered',
  'routing-rule': 'numbered',
  vlans: 'comma',
};

/** @param foreign whether somebody else's line says the same as one that netplay would write */
export type SaysSame = (foreign: Line, own: Line) => boolean;

/** The profile with these lines as netplay's, those that it says already left alone; the same text where nothing is to do. */
export function withLines(content: string, lines: readonly Line[], saysSame: SaysSame): string {
  const file = new Keyfile(content);
  const marks = marksOf(file);
  const wanted = new Map(lines.map((line) => [lineKey(line), line]));
  for (const mark of marks) if (!wanted.has(lineKey(mark))) takeAway(file, mark);
  const own = [...wanted.values()].flatMap((line): Mark[] => {
    const marked = marks.find((mark) => lineKey(mark) === lineKey(line));
    const there = linesOf(file, line).some((each) => lineKey(each) === lineKey(line) || saysSame(each, line));
    if (there) return marked === undefined ? [] : [marked];
    const was = put(file, line);
    const before = marked?.was ?? was;
    return [{ ...line, ...(before !== undefined && { was: before }) }];
  });
  writeMarks(file, marks, own);
  return file.text;
}

/** The profile without netplay's part. */
export function withoutLines(content: string): string {
  return withLines(content, [], () => false);
}

export function hasLines(content: string): boolean {
  return marksOf(new Keyfile(content)).length > 0;
}

/** A profile that is netplay's whole: no line needs a mark. */
export function ownProfile(lines: readonly Line[]): string {
  const file = new Keyfile('');
  for (const line of lines) put(file, line);
  return file.text;
}

/** One text for one meaning: NetworkManager puts words and options into an order of its own. */
function lineKey({ section, key, value, options }: Line): string {
  const words = key === 'routing-rule' ? sorted(value, ' ') : value;
  return `${section} ${key} ${words} ${sorted(options ?? '', ',')}`;
}

function sorted(text: string, by: string): string {
  return text.split(by).sort().join(by);
}

/** What the profile says in the same place: all of a list. */
function linesOf(file: Keyfile, { section, key }: Pick<Line, 'section' | 'key'>): Line[] {
  const list = LISTS[key];
  if (list === undefined) {
    const value = file.get(section, key);
    return value === undefined ? [] : [{ section, key, value }];
  }
  if (list === 'comma')
    return (file.get(section, key) ?? '')
      .split(/[,;]/)
      .filter((each) => each.trim() !== '')
      .map((each) => ({ section, key, value: each.trim() }));
  const lines = numbered(file, section, key).map(([name, value]) => {
    const options = file.get(section, `${name}_options`);
    return { section, key, value, ...(options !== undefined && { options }) };
  });
  return key === 'route' ? [...lines, ...gatewayLines(file, section)] : lines;
}

/** The profile's own gateway is a default route too: `gateway=`, or behind an address. */
function gatewayLines(file: Keyfile, section: string): Line[] {
  const behind = numbered(file, section, 'address').map(([, value]) => value.split(',')[1]);
  const any = section === 'ipv4' ? '0.0.0.0/0' : '::/0';
  return [file.get(section, 'gateway'), ...behind].flatMap((gateway): Line[] =>
    gateway === undefined || gateway === '' ? [] : [{ section, key: 'route', value: `${any},${gateway}` }],
  );
}

function numbered(file: Keyfile, section: string, key: string): [name: string, value: string][] {
  return file.keys(section).filter(([name]) => name.startsWith(key) && /^\d+$/.test(name.slice(key.length)));
}

/** @returns the value that stood there before */
function put(file: Keyfile, { section, key, value, options }: Line): string | undefined {
  const list = LISTS[key];
  if (list === 'comma') {
    const all = linesOf(file, { section, key }).map((line) => line.value);
    file.set(section, key, [...all, value].join(', '));
    return undefined;
  }
  if (list === undefined) {
    const was = file.get(section, key);
    file.set(section, key, value);
    return was;
  }
  const numbers = numbered(file, section, key).map(([name]) => Number(name.slice(key.length)));
  const name = `${key}${Math.max(0, ...numbers) + 1}`;
  file.set(section, name, value);
  if (options !== undefined) file.set(section, `${name}_options`, options);
  return undefined;
}

/** What somebody changed since stays. */
function takeAway(file: Keyfile, mark: Mark): void {
  const { section, key, value, was } = mark;
  const list = LISTS[key];
  if (list === 'comma') {
    const rest = linesOf(file, mark).filter((line) => lineKey(line) !== lineKey(mark));
    if (rest.length === 0) file.remove(section, key);
    else file.set(section, key, rest.map((line) => line.value).join(', '));
  } else if (list === 'numbered') {
    for (const [name, each] of numbered(file, section, key)) {
      const options = file.get(section, `${name}_options`);
      const line = { section, key, value: each, ...(options !== undefined && { options }) };
      if (lineKey(line) !== lineKey(mark)) continue;
      file.remove(section, name);
      file.remove(section, `${name}_options`);
    }
  } else if (file.get(section, key) === value) {
    if (was === undefined) file.remove(section, key);
    else file.set(section, key, was);
  }
}

function marksOf(file: Keyfile): Mark[] {
  return file.keys('user').flatMap(([name, text]): Mark[] => {
    if (!name.startsWith(MARK)) return [];
    const [, section, key, rest] = /^(\S+) (\S+) (.*)$/.exec(text) ?? [];
    if (section === undefined || key === undefined || rest === undefined) return [];
    const [value = '', was] = rest.split(' was ');
    const line = { section, key, value, ...(was !== undefined && { was }) };
    if (key !== 'route') return [line];
    const [route = '', options] = value.split(' ');
    return [{ ...line, value: route, ...(options !== undefined && { options }) }];
  });
}

function markText({ section, key, value, options, was }: Mark): string {
  const words = [section, key, value, ...(options === undefined ? [] : [options])];
  return [...words, ...(was === undefined ? [] : ['was', was])].join(' ');
}

/** Left as they are where they say the same in any order. */
function writeMarks(file: Keyfile, old: readonly Mark[], own: readonly Mark[]): void {
  const [before, after] = [old.map(markText).sort(), own.map(markText).sort()];
  if (before.join('\n') === after.join('\n')) return;
  for (const [name] of file.keys('user')) if (name.startsWith(MARK)) file.remove('user', name);
  for (const [at, mark] of own.entries()) file.set('user', `${MARK}${at + 1}`, markText(mark));
}
