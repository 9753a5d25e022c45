import { describe, expect, test } from 'vitest';
import { selectTags } from '../../../src/playbook/tags.js';

/** Each task: its tags, and whether it runs. Seen with ansible-playbook --list-tasks of ansible-core 2.14. */
const TASKS: Readonly<Record<string, readonly string[]>> = {
  none: [],
  a: ['a'],
  ab: ['a', 'b'],
  always: ['always'],
  alwaysA: ['always', 'a'],
  never: ['never'],
  neverA: ['never', 'a'],
};

const cases: [tags: string, skipTags: string, run: string][] = [
  ['', '', 'none a ab always alwaysA'],
  ['all', '', 'none a ab always alwaysA'],
  ['a', '', 'a ab always alwaysA neverA'],
  ['b', '', 'ab always alwaysA'],
  ['never', '', 'always alwaysA never neverA'],
  ['always', '', 'always alwaysA'],
  ['tagged', '', 'a ab always alwaysA'],
  ['untagged', '', 'none always alwaysA'],
  ['a,untagged', '', 'none a ab always alwaysA neverA'],
  ['', 'a', 'none always'],
  ['', 'always', 'none a ab'],
  ['', 'tagged', 'none'],
  ['', 'untagged', 'a ab always alwaysA'],
  ['', 'all', 'always alwaysA'],
  ['', 'all,always', ''],
  ['a', 'b', 'a always alwaysA neverA'],
  ['a', 'always', 'a ab neverA'],
  ['nosuch', '', 'always alwaysA'],
];

describe('a run that is limited', () => {
  test.each(cases)('to %j without %j does %j', (tags, skipTags, run) => {
    const words = (text: string): string[] => text.split(/[ ,]/).filter((word) => word !== '');
    const selection = { tags: words(tags), skipTags: words(skipTags) };
    const selected = Object.keys(TASKS).filter((name) => selectTags(TASKS[name] ?? [], selection));
    expect(selected).toEqual(words(run));
  });
});
