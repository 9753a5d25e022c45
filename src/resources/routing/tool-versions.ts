/** What a host's iproute2 knows, by its version: an older one refuses the word, or would hide it. */
import { parseVersion } from '../../snapshot/tools.js';

/** A release, and the date of the one before: before 2020 `ip -V` tells nothing but a date. */
export interface Since {
  major: number;
  minor: number;
  dateBefore: number;
}

/** From iproute2's history: the first release whose `ip rule` has the word. */
export const RULE_WORDS = {
  suppress_prefixlength: { major: 3, minor: 12, dateBefore: 130903 },
  suppress_ifgroup: { major: 3, minor: 12, dateBefore: 130903 },
  l3mdev: { major: 4, minor: 8, dateBefore: 160808 },
  uidrange: { major: 4, minor: 10, dateBefore: 161212 },
  ipproto: { major: 4, minor: 17, dateBefore: 180402 },
  sport: { major: 4, minor: 17, dateBefore: 180402 },
  dport: { major: 4, minor: 17, dateBefore: 180402 },
  tun_id: { major: 4, minor: 20, dateBefore: 181023 },
} as const satisfies Readonly<Record<string, Since>>;

/** Whether the version that `ip -V` told has the word. An unknown version is taken for a new one. */
export function knowsWord(iproute2: string, word: keyof typeof RULE_WORDS): boolean {
  return isAtLeast(iproute2, RULE_WORDS[word]);
}

/** Whether the version that `ip -V` told is that release or a later one. An unknown version is taken for a new one. */
export function isAtLeast(iproute2: string, { major, minor, dateBefore }: Since): boolean {
  const version = parseVersion(iproute2);
  if (version === undefined) return true;
  if (version.kind === 'date') return version.date > dateBefore;
  return version.major > major || (version.major === major && version.minor >= minor);
}
