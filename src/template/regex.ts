/** Python's regular expressions as JavaScript's. */
import { OperationError } from './errors.js';

const INLINE = /^\(\?([aiLmsux]+)\)/;
const CACHE_SIZE = 1000;
const cache = new Map<string, RegExp>();

export interface RegexFlags {
  ignoreCase: boolean;
  multiline: boolean;
}

/** What Python writes differently, by where it stands; everything else is copied. */
function translated(pattern: string, multiline: boolean): string {
  let inClass = false;
  return pattern.replace(/\\[\s\S]|\(\?P[<=>]|\[\^?\]?|\]|\$|\{,\d+\}|[\s\S]/g, (token) => {
    if (token.startsWith('\\')) {
      if (inClass) return token;
      if (token === '\\A') return multiline ? '(?<![\\s\\S])' : '^';
      if (token === '\\Z') return '(?![\\s\\S])';
      return token;
    }
    if (inClass) {
      if (token === ']') inClass = false;
      return token === '[' ? '\\[' : token;
    }
    if (token.startsWith('[')) {
      inClass = true;
      return token.endsWith(']') ? `${token.slice(0, -1)}\\]` : token;
    }
    if (token === '(?P<') return '(?<';
    if (token === '(?P=') return '\\k<';
    if (token === '$' && !multiline) return '(?=\\n?(?![\\s\\S]))';
    return token.startsWith('{,') ? `{0${token.slice(1)}` : token;
  });
}

/** `(?P=name)` ends with `)`, JavaScript's `\k<name>` with `>`. */
function closedReferences(pattern: string): string {
  return pattern.replace(/\\k<(\w+)\)/g, '\\k<$1>');
}

/**
 * Compiles a Python pattern: `(?P<name>…)`, `(?P=name)`, `(?i)` at its start, `\A` and `\Z`, and `$` before
 * a last line end.
 * @throws where JavaScript can't read it
 */
export function pythonRegex(pattern: string, flags: RegexFlags): RegExp {
  const key = `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const inline = INLINE.exec(pattern);
  const letters = inline?.[1] ?? '';
  if (letters.includes('x')) throw new OperationError('verbose regular expressions are not supported');
  const multiline = flags.multiline || letters.includes('m');
  const options = [
    'g',
    'u',
    flags.ignoreCase || letters.includes('i') ? 'i' : '',
    multiline ? 'm' : '',
    letters.includes('s') ? 's' : '',
  ].join('');
  const body = closedReferences(translated(pattern.slice(inline?.[0].length ?? 0), multiline));
  const compiled = compile(body, options, pattern);
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(key, compiled);
  return compiled;
}

/** First as Unicode; that refuses needless backslashes, which Python takes: then without. */
function compile(body: string, options: string, pattern: string): RegExp {
  for (const flags of [options, options.replace('u', '')])
    try {
      return new RegExp(body, flags);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  throw new OperationError(`'${pattern}' is no valid regular expression`);
}

/** A replacement in Python's form: `\1`, `\g<1>`, `\g<name>`, `\n`. */
export function expandReplacement(
  replacement: string,
  groups: readonly (string | undefined)[],
  named: Readonly<Record<string, string | undefined>>,
): string {
  if (!replacement.includes('\\')) return replacement;
  return replacement.replace(
    /\\(?:g<(\w+)>|(\d{1,2})|([\s\S]))/g,
    (whole, name?: string, number?: string, other?: string) => {
      const reference = name ?? number;
      if (reference === undefined) return { n: '\n', t: '\t', r: '\r', '\\': '\\' }[other ?? ''] ?? whole;
      if (/^\d+$/.test(reference)) {
        if (Number(reference) >= groups.length)
          throw new OperationError(`the pattern has no group ${reference}`);
        return groups[Number(reference)] ?? '';
      }
      if (!Object.hasOwn(named, reference))
        throw new OperationError(`the pattern has no group '${reference}'`);
      return named[reference] ?? '';
    },
  );
}
