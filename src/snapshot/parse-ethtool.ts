/** What ethtool prints of a device, versions 2.6.33 to 6.x. */
import type { EthtoolAnswer, EthtoolPart, EthtoolState } from './ethtool.js';

/** Words of a listing that are not those that set the same: all others are, in lower case and with `-`. */
const WORDS: Readonly<Record<string, string>> = {
  'auto-negotiation': 'autoneg',
  autonegotiate: 'autoneg',
  'wake-on': 'wol',
};

/** The settings of a part that a listing holds beside what it merely tells. */
const SETTINGS: Readonly<Record<Exclude<EthtoolPart, 'features' | 'private_flags' | 'coalesce'>, RegExp>> = {
  ring: /^(rx|tx|rx-mini|rx-jumbo)$/,
  channels: /^(rx|tx|other|combined)$/,
  pause: /^(rx|tx|autoneg)$/,
  link: /^(speed|duplex|autoneg|wol)$/,
};

const NOTHING: EthtoolState = { values: {}, fixed: [], held: [], groups: {}, limits: {} };

/** A virtual NIC does not know them until it is told, others while they have no carrier. */
const UNKNOWN = { speed: 'unknown', duplex: 'unknown' };

/**
 * @param code of ethtool, and @param errors what it said
 * @returns its own words where the driver has no such settings
 */
export function parseEthtool(part: EthtoolPart, text: string, code: number, errors: string): EthtoolAnswer {
  // Of a device whose driver refuses some, an old one tells the others all the same.
  if (part === 'features') return text.includes(':') ? parseFeatures(text) : wordsOf(errors, code);
  // Without rights it tells a part of the link and ends with an error.
  if (code !== 0 && part !== 'link') return wordsOf(errors, code);
  if (part === 'coalesce') return { ...NOTHING, values: Object.fromEntries(coalesceOf(text)) };
  if (part === 'private_flags') return { ...NOTHING, values: Object.fromEntries(pairs(text)) };
  const state = parseSettings(text, SETTINGS[part]);
  if (Object.keys(state.values).length === 0 && code !== 0) return wordsOf(errors, code);
  return part === 'link' ? { ...state, values: { ...UNKNOWN, ...state.values } } : state;
}

function wordsOf(errors: string, code: number): string {
  const [first = ''] = errors.split('\n').filter((line) => line.trim() !== '');
  return first.replace(/^(netlink error|Cannot [^:]*): /, '') || `exit code ${code}`;
}

/** `NAME: on [fixed]`, those that belong to the one above behind a tab. */
function parseFeatures(text: string): EthtoolState {
  const values: Record<string, string> = {};
  const [fixed, held]: string[][] = [[], []];
  const groups: Record<string, string[]> = {};
  let group = '';
  for (const line of text.split('\n')) {
    const match = /^(\t| {8})?([^\s:][^:]*): (on|off)(?: \[(fixed|requested (on|off)|not requested)\])?/.exec(
      line,
    );
    const [, indent, name = '', shown = '', note = '', requested] = match ?? [];
    if (match === null) continue;
    if (indent === undefined) group = name;
    else groups[group] = [...(groups[group] ?? []), name];
    values[name] = requested ?? shown;
    if (note === 'fixed') fixed?.push(name);
    if (requested !== undefined && requested !== shown) held?.push(name);
  }
  // What stands for several is what they are.
  for (const [name, members] of Object.entries(groups)) {
    values[name] = members.some((member) => values[member] === 'on') ? 'on' : 'off';
    if (members.every((member) => fixed?.includes(member))) fixed?.push(name);
  }
  return { ...NOTHING, values, fixed: fixed ?? [], held: held ?? [], groups };
}

/** `NAME:<blanks>VALUE` by lines, in words that set the same. */
function pairs(text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const [, name = '', value = ''] = /^\s*([^:]+?)\s*:\s*(\S.*?)\s*$/.exec(line) ?? [];
    const word = name.toLowerCase().replaceAll(/\s+/g, '-');
    return value === '' || value === 'n/a' ? [] : [[WORDS[word] ?? word, value]];
  });
}

/** Two lists, where the first one tells what is the most, or only one. */
function parseSettings(text: string, settings: RegExp): EthtoolState {
  const [first = '', second] = text.split(/^Current hardware settings:.*$/m);
  const own = (part: string): [string, string][] =>
    pairs(part).filter(
      ([name, value]) => settings.test(name) && !/^Unknown|^65535$|^4294967295$/.test(value),
    );
  const values = own(second ?? first).map(([name, value]) => [name, plain(name, value)]);
  const limits = second === undefined ? [] : own(first).map(([name, value]) => [name, Number(value)]);
  return { ...NOTHING, values: Object.fromEntries(values), limits: Object.fromEntries(limits) };
}

/** `1000Mb/s` is 1000, `Full` is full. */
function plain(name: string, value: string): string {
  return name === 'speed' ? value.replace(/Mb\/s.*$/, '') : name === 'wol' ? value : value.toLowerCase();
}

/** As others, but `Adaptive RX: off  TX: off`, which stand in one line. */
function coalesceOf(text: string): [string, string][] {
  const adaptive = /^Adaptive RX: (\S+)\s+TX: (\S+)/m.exec(text);
  const numbers = pairs(text).filter(([, value]) => /^\d+$/.test(value));
  const [, rx = 'n/a', tx = 'n/a'] = adaptive ?? [];
  const own: [string, string][] = [
    ['adaptive-rx', rx],
    ['adaptive-tx', tx],
  ];
  return [...own.filter(([, value]) => value !== 'n/a'), ...numbers];
}
