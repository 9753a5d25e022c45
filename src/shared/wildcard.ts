/**
 * A whole name by a pattern, as Python's `fnmatch` takes it: `*`, `?`, `[abc]`, `[!abc]`.
 * @throws SyntaxError for a range that runs backwards
 */
export function wildcard(text: string): RegExp {
  const translated = text.replaceAll(
    /\*|\?|\[(!?)(\]?[^\]]*)\]|[\s\S]/g,
    (token, not: string, set: string) => {
      if (token === '*') return '.*';
      if (token === '?') return '.';
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll(/[\\[\]^]/g, '\\$&')}]`;
      return token.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    },
  );
  return new RegExp(`^${translated}$`, 's');
}
