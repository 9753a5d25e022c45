/** `--tags` and `--skip-tags`. Source: ansible-core's `playbook/taggable.py`. */

/** What a run is limited to; both empty where it is limited to nothing. */
export interface TagSelection {
  tags: readonly string[];
  skipTags: readonly string[];
}

/**
 * Whether a task with these tags, free of templates, is part of a run. `always` is, unless it is skipped by that name;
 * `never` only where one of its other tags, or `never` itself, is asked for.
 */
export function selectTags(tags: readonly string[], selection: TagSelection): boolean {
  return isWanted(tags, selection.tags) && !isSkipped(tags, selection.skipTags);
}

/** What a task without tags goes by. */
const UNTAGGED = ['untagged'];

function isWanted(tags: readonly string[], given: readonly string[]): boolean {
  const wanted = given.length === 0 ? ['all'] : given;
  if (tags.includes('always')) return true;
  if (hasOneOf(tags, wanted)) return true;
  const isForAll = wanted.includes('all') || (wanted.includes('tagged') && tags.length > 0);
  return isForAll && !tags.includes('never');
}

function isSkipped(tags: readonly string[], skipped: readonly string[]): boolean {
  if (skipped.includes('all')) return !tags.includes('always') || skipped.includes('always');
  return hasOneOf(tags, skipped) || (skipped.includes('tagged') && tags.length > 0);
}

function hasOneOf(tags: readonly string[], words: readonly string[]): boolean {
  return (tags.length === 0 ? UNTAGGED : tags).some((tag) => words.includes(tag));
}
