/** Which container a playbook means. */
import type { Problem } from '../../shared/change.js';
import { nearest } from '../../shared/nearest.js';
import type { OpenVz, Ve } from '../../snapshot/openvz.js';

/** What netplay can do nothing for on a host that is no OpenVZ node. */
export function noNode(path: Problem['path'] & object): Problem {
  return {
    message: 'this host is no OpenVZ node: it has no /etc/vz/vz.conf or no vzctl',
    hint: 'vzctl must be where the login finds it (PATH).',
    path,
  };
}

/**
 * By id, by UUID (in braces too, as prlctl prints them), or by name; an id goes before a name that reads the same.
 * One that is missing is a problem: vzctl would make a configuration file for it, with exit code 0.
 */
export function findVe(word: string | number, { ves }: OpenVz, path: Problem['path'] & object): Ve | Problem {
  const text = String(word);
  const id = text.replace(/^\{(.*)\}$/, '$1').toLowerCase();
  const found = ves.find((ve) => ve.id.toLowerCase() === id) ?? ves.find((ve) => ve.name === text);
  return found ?? missingVe(text, ves, path);
}

/** Whether `findVe` found none. */
export function isMissing(found: Ve | Problem): found is Problem {
  return 'message' in found;
}

function missingVe(text: string, ves: readonly Ve[], path: Problem['path'] & object): Problem {
  if (text === '0') return { message: '0 is the node itself, not a container', path };
  const near = nearest(
    text,
    ves.flatMap(({ id, name }) => [id, ...(name === null ? [] : [name])]),
  );
  return {
    message: `there is no container ${text} on this node${near === undefined ? '' : `; did you mean ${near}?`}`,
    hint: `Containers here: ${ves.map(showVe).join(', ') || 'none'}.`,
    path,
  };
}

/** `101 (web)` */
export function showVe({ id, name }: Ve): string {
  return name === null ? id : `${id} (${name})`;
}

/**
 * Several: by id, UUID, name or hostname, where `*` and `?` stand for any letters and any one.
 * @returns each once, in the order of the words; `problems` tell of words that name none
 */
export function chooseVes(
  words: readonly string[],
  node: OpenVz,
  path: Problem['path'] & object,
  problems: Problem[],
): Ve[] {
  const chosen = words.flatMap((word) => {
    const found = /[*?]/.test(word) ? matching(word, node) : [];
    if (found.length > 0) return found;
    const hosts = node.ves.filter(({ hostname }) => hostname === word);
    const one = findVe(word, node, path);
    if (!isMissing(one)) return [one];
    if (hosts.length === 0) problems.push(one);
    return hosts;
  });
  return [...new Set(chosen)];
}

function matching(word: string, { ves }: OpenVz): Ve[] {
  const escaped = word.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return ves.filter(({ id, name, hostname }) =>
    [id, name, hostname].some((text) => text !== null && pattern.test(text)),
  );
}

/** Those of its venet0, canonical and without a length: that it has, or will have after its next start. */
export function addressesOf({ running, addresses, configured }: Ve): readonly string[] {
  return running === false ? configured : addresses;
}
