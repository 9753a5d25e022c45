/**
 * Splits a line into words as a shell would: quotes and backslashes are honoured, nothing is expanded.
 * @returns undefined where a quote is left open
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  const token = /\s*((?:[^\s"'\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+)/y;
  while (/\S/.test(line.slice(token.lastIndex))) {
    const match = token.exec(line);
    if (match?.[1] === undefined) return undefined;
    words.push(unquoted(match[1]));
  }
  return words;
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g, (_, single, double, escaped) => {
    if (typeof single === 'string') return single;
    if (typeof double === 'string') return double.replace(/\\(["\\$`])/g, '$1');
    return String(escaped);
  });
}
