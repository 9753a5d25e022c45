/** vzctl and prlctl as steps. */
import type { Step } from '../../shared/change.js';
import type { OpenVz, Ve } from '../../snapshot/openvz.js';

/** Options with their values, in the words of vzctl(8). */
export type Words = readonly (readonly [option: string, value: string])[];

/** Those that prlctl knows by the same words, and takes for all of the container's venet0. */
const PRLCTL_WORDS = new Set(['--ipadd', '--ipdel', '--hostname', '--nameserver', '--name', '--onboot']);

/** Sets and saves, by prlctl where it is and knows all the words; none where there is nothing to set. */
export function setStep({ version, prlctl }: OpenVz, { id }: Ve, words: Words): Step[] {
  if (words.length === 0) return [];
  const known = words.every(([option, value]) => PRLCTL_WORDS.has(option) && value !== '');
  if (version === '7' && prlctl && known)
    return [{ kind: 'run', argv: ['prlctl', 'set', id, ...words.flat()] }];
  return [{ kind: 'run', argv: ['vzctl', 'set', id, ...words.flat(), '--save'] }];
}

/** Sets what runs, and leaves the file as it is. */
export function setLiveStep({ id }: Ve, words: Words): Step[] {
  return words.length === 0 ? [] : [{ kind: 'run', argv: ['vzctl', 'set', id, ...words.flat()] }];
}

/** On OpenVZ 7 the file is a link into the private area. */
const EDIT =
  'f=$(readlink -f "$1") && sed -e "$2" "$f" >"$f.netplay-new" && cat "$f.netplay-new" >"$f"; rc=$?; rm -f "$f.netplay-new"; exit $rc';

/**
 * Edits a container's own file, for what vzctl has no words for: taking something out.
 * @param expression for `sed`
 */
export function editStep({ id }: Ve, expression: string): Step {
  return { kind: 'run', argv: ['sh', '-c', EDIT, 'edit', `/etc/vz/conf/${id}.conf`, expression] };
}

/** Text as it is, in a basic regular expression between slashes. */
export function literal(text: string): string {
  return text.replace(/[.[\]*^$\\/]/g, '\\$&');
}

/** What vzctl makes of a list: what is given again goes to its end (merge_ip_list in its config.c). */
export function merged(
  list: readonly string[],
  deleted: readonly string[],
  added: readonly string[],
): readonly string[] {
  const out = new Set([...deleted, ...added].map(bare));
  return [...list.filter((word) => !out.has(bare(word))), ...added];
}

/** An address without its length. */
export function bare(word: string): string {
  return word.replace(/\/.*$/, '');
}
