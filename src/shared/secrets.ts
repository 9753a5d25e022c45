const SECRET_KEY = `(?:pass(?:word|wd|phrase)?|secret|token|private_key)["']?`;
/** `ansible_password=x`, `ansible_password='x y'`: one word, as in INI and on a command line. */
const ASSIGNED = new RegExp(String.raw`(${SECRET_KEY}\s*=\s*(?!["']?\{\{))("[^"]*"?|'[^']*'?|\S+)`, 'gi');
/** `ansible_password: x`: all the rest of a YAML line. */
const MAPPED = new RegExp(String.raw`(${SECRET_KEY}\s*:\s+(?!["']?\{\{|!vault\b))(.+)$`, 'gi');

/**
 * A line of a user's file with the values of passwords and the like starred out, at their own length, so
 * that the line can be shown in an error and a column still points at the right character.
 * A template is no secret and stays, and so does the head of an encrypted value.
 */
export function hideSecrets(line: string): string {
  const star = (_match: string, key: string, value: string) => key + '*'.repeat(value.length);
  return line.replace(MAPPED, star).replace(ASSIGNED, star);
}

const SECRET_NAME = /(?:^|[_-])(?:pass(?:word|wd|phrase)?|secret|token|private_key)$/i;

/** Whether a variable's or key's name says that its value is a secret. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}
