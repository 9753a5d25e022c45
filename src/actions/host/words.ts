/** Text of a task as words of a host's shell: what Ansible lets the host expand, and nothing else. */
import { quote } from '../../shared/shell.js';

/** `$NAME`, `${NAME}`, as Python's os.path.expandvars knows them. */
const VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g;

/** One shell word: variables that the host's environment has are filled in, others stay as they are written. */
function withVariables(text: string): string {
  let word = '';
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const [whole, plain, braced] = match;
    const unset = plain === undefined ? `\\\${${braced}\\}` : `\\$${plain}`;
    word += `${quoted(text.slice(end, match.index))}"\${${plain ?? braced}-${unset}}"`;
    end = match.index + whole.length;
  }
  return `${word}${quoted(text.slice(end))}` || "''";
}

function quoted(text: string): string {
  return text === '' ? '' : quote(text);
}

/** A path or an argument as one shell word, with `~`, `~user`, `$NAME` and `${NAME}` expanded on the host. */
export function expandedWord(text: string): string {
  const home = /^~([a-z_][\w-]*)?(?=\/|$)/.exec(text);
  if (home === null) return withVariables(text);
  const rest = text.slice(home[0].length);
  // BusyBox's shell drops what stands behind a user that it does not know: so the home is looked up by itself.
  const prefix = home[1] === undefined ? '"${HOME-}"' : `"$(np_h=${home[0]}; echo "$np_h")"`;
  return rest === '' ? prefix : `${prefix}/${quoted(rest.slice(1)) && withVariables(rest.slice(1))}`;
}

/** As `expandedWord`, for a path: one that begins with `-` would be taken for an option. */
export function pathWord(path: string): string {
  return expandedWord(path.startsWith('-') ? `./${path}` : path);
}

/** A pattern of paths for a `for` loop: `*`, `?` and `[…]` are the shell's, all else is quoted. */
export function globWord(pattern: string): string {
  if (!/[*?[]/.test(pattern)) return pathWord(pattern);
  const [, folder = '', rest = ''] = /^([^*?[]*\/)?(.*)$/s.exec(pattern) ?? [];
  const parts = rest.match(/[*?]|\[!?\]?[\w.-]*\]|[^*?[]+|\[/g) ?? [];
  const magic = parts.map((part) => (/^([*?]|\[.+\])$/s.test(part) ? part : quote(part)));
  return `${folder === '' ? (pattern.startsWith('-') ? './' : '') : pathWord(folder)}${magic.join('')}`;
}
