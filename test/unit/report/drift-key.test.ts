/** What `netplay drift --since` remembers: a file that somebody altered is not taken for it. */
import { expect, test } from 'vitest';
import { driftKey, driftLine, isDriftKey } from '../../../src/report/drift.js';
import { createStyle } from '../../../src/report/style.js';

test('keys are known again', () => {
  const key = driftKey({ resource: 'link', address: 'link eth0 mtu', before: null, after: '1400' });
  expect(isDriftKey(key)).toBe(true);
});

test.each(['', 'abc', '5', 'null', '[]', '["a",null]', '[5,null,null]', '["a",{},null]'])(
  '%s is none',
  (key) => {
    expect(isDriftKey(key)).toBe(false);
  },
);

test('what has lines of its own is told in one, and obeyed by no terminal', () => {
  const change = { resource: 'link', address: 'link eth0 alias', before: 'a\nb\u001b[2J', after: 'c\nd' };
  const found = { host: 'h1', status: 'drift', drift: [change] } as const;
  expect(driftLine(found, 2, createStyle(false), false)).toBe(
    'h1  drift: link eth0 alias (a b\ufffd[2J, should be c d)',
  );
});
