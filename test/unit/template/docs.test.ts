import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { filters } from '../../../src/template/filters/index.js';
import { globals } from '../../../src/template/globals.js';
import { tests } from '../../../src/template/tests.js';

const docs = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8');

/** The names that docs/templates.md lists after a bold word. */
function listed(title: string): string[] {
  const [, list = ''] = new RegExp(`\\*\\*${title}\\*\\*: ([^.]*)\\.`).exec(docs) ?? [];
  return list.split(/,\s+/);
}

describe('docs/templates.md lists', () => {
  const aliases = ['lessthan', 'greaterthan', 'issubset', 'issuperset'];
  it.each([
    ['Filters', Object.keys(filters)],
    ['Tests', Object.keys(tests).filter((name) => /^\w+$/.test(name) && !aliases.includes(name))],
    ['Globals', Object.keys(globals)],
  ])('all %s', (title, names) => {
    expect(listed(title)).toEqual(names.toSorted());
  });
});
