/** What a backslash stands for in Python's strings (Language Reference, 2.4.1.1). */

export const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const ESCAPE = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[\s\S])/g;
const LAST_CHARACTER = 0x10ffff;

/**
 * The text that is meant; an unknown escape stays as it is, backslash included.
 * @param refused called with what Python refuses: an escape that is cut short, or means no character
 */
export function withoutEscapes(
  text: string,
  refused: (sequence: string, why: 'incomplete' | 'no character') => void,
): string {
  return text.replaceAll(ESCAPE, (whole, sequence: string) => {
    const simple = SIMPLE_ESCAPES[sequence];
    if (simple !== undefined) return simple;
    if (/^[0-7]/.test(sequence)) return String.fromCodePoint(Number.parseInt(sequence, 8));
    const code = sequence.length === 1 ? undefined : Number.parseInt(sequence.slice(1), 16);
    if (code !== undefined && code <= LAST_CHARACTER) return String.fromCodePoint(code);
    if (code !== undefined) refused(sequence, 'no character');
    else if ('xuUN'.includes(sequence)) refused(sequence, 'incomplete');
    return whole;
  });
}
