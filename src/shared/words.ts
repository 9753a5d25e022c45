/** One word of a line: its text without quotes, and where it stands. */
export interface Word {
  text: string;
  /** From 0. */
  offset: number;
  /** In the line, quotes included. */
  length: number;
}

const COMMENTED = /\s+|#.*|([^\s#"'\\]+)|\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/y;
const PLAIN = /\s+|([^\s"'\\]+)|\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/y;

/**
 * Splits a line into words as Python's `shlex.split(line, comments)` does, which is what Ansible reads
 * host lines with (and, without comments, commands): quotes of both kinds, a backslash outside of single quotes;
 * `#` begins a comment even within a word.
 * @returns the words, or the offset of a quote or backslash that nothing closes
 */
export function splitWords(line: string, comments = true): Word[] | { unclosed: number } {
  const words: Word[] = [];
  const part = comments ? COMMENTED : PLAIN;
  let word: Word | undefined;
  for (let at = 0; at < line.length; at = part.lastIndex) {
    part.lastIndex = at;
    const match = part.exec(line);
    if (match === null) return { unclosed: at };
    const text = match[1] ?? match[2] ?? match[3] ?? match[4]?.replaceAll(/\\(["\\])/g, '$1');
    if (text === undefined) {
      word = undefined;
      continue;
    }
    if (word === undefined) {
      word = { text: '', offset: at, length: 0 };
      words.push(word);
    }
    word.text += text;
    word.length = part.lastIndex - word.offset;
  }
  return words;
}
