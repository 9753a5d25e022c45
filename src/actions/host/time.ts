/** A time that a task names, for `touch -t`. */

const FIELDS: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  m: '(?<m>\\d{2})',
  d: '(?<d>\\d{2})',
  H: '(?<H>\\d{2})',
  M: '(?<M>\\d{2})',
  S: '(?<S>\\d{2})',
};

/**
 * @param format of strftime, of which dates and times are known
 * @returns `now`, `preserve` or `CCYYMMDDhhmm.SS`; undefined where the text is not of that form
 */
export function touchTime(text: string, format: string): string | undefined {
  if (text === 'now' || text === 'preserve') return text;
  const source = format.replace(/%(.)|[.*+?^${}()|[\]\\]/g, (part, letter?: string) =>
    letter === undefined ? `\\${part}` : (FIELDS[letter] ?? '(?!)'),
  );
  const {
    Y,
    m = '01',
    d = '01',
    H = '00',
    M = '00',
    S = '00',
  } = new RegExp(`^${source}$`).exec(text)?.groups ?? {};
  if (Y === undefined || Number.isNaN(Date.parse(`${Y}-${m}-${d}T${H}:${M}:${S}Z`))) return undefined;
  return `${Y}${m}${d}${H}${M}.${S}`;
}
