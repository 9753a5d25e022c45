/** The host's own facts: files and programs NAME.fact. */
import { expect, test } from 'vitest';
import { parseFacts } from '../../../src/facts/parse.js';
import { type AnswerParts, factAnswer } from '../../support/fact-answers.js';
import { INIS } from '../../support/fact-inis.js';

const local = (parts: AnswerParts): unknown =>
  parseFacts(factAnswer({ collectors: ['local'], ...parts })).local;

test('no file, no fact', () => {
  expect(local({})).toEqual({});
});

test('JSON of any kind, from files and programs', () => {
  const sections = {
    'read:a.fact': '{"x": [1, {"y": null}]}\n',
    'run:b.fact': '"text"',
    'read:c d.fact': '3',
    'run:e.fact': '{"__proto__": {"polluted": true}}',
  };
  const facts = local({ sections });
  expect(facts).toMatchObject({ a: { x: [1, { y: null }] }, b: 'text', 'c d': 3 });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect((facts as Record<string, unknown>).polluted).toBeUndefined();
});

test.each(INIS)('INI: $name', ({ text, holds }) => {
  const facts = local({ sections: { 'read:x.fact': text } }) as Record<string, unknown>;
  if (holds !== null) expect(facts.x).toEqual(holds);
  else expect(facts.x).toMatch(/^\/etc\/ansible\/facts\.d\/x\.fact is neither JSON nor INI: /);
});

test('what can not be used says why in its place', () => {
  const facts = local({
    sections: {
      'run:a.fact': '',
      'run:b.fact': '',
      'read:c.fact': '',
      'read:d.fact': '[a]\nx = 1\nnonsense\n',
    },
    failures: {
      'run:a.fact': [3, 'no licence'],
      'run:b.fact': [124, ''],
      'read:c.fact': [1, 'cat: Permission denied'],
    },
  });
  expect(facts).toEqual({
    a: '/etc/ansible/facts.d/a.fact failed with exit code 3: no licence',
    b: '/etc/ansible/facts.d/b.fact took longer than gather_timeout and was ended.',
    c: '/etc/ansible/facts.d/c.fact failed with exit code 1: cat: Permission denied',
    d: '/etc/ansible/facts.d/d.fact is neither JSON nor INI: line 3 is no "name = value".',
  });
});

test('a value that doubles at each step ends', () => {
  const lines = Array.from({ length: 10 }, (_, at) => `x${at} = ${`%(x${at + 1})s`.repeat(10)}`);
  const text = ['[a]', ...lines, 'x10 = aaaaaaaaaa'].join('\n');
  const started = performance.now();
  expect(local({ sections: { 'read:x.fact': text } })).toEqual({
    x: expect.stringContaining('neither JSON nor INI'),
  });
  expect(performance.now() - started).toBeLessThan(2000);
});
