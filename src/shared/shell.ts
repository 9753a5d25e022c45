/** Quotes one word for a POSIX shell: the only place where text of a user meets a shell. */
export function quote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line for a POSIX shell from an argument list. */
export function commandLine(argv: readonly string[]): string {
  return argv.map(quote).join(' ');
}
