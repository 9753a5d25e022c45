/** What `netplay drift --since` remembers: a file that somebody altered is not taken for it. */
import { expect, test } from 'vitest';
import { driftKey, isDriftKey } from '../../../src/report/drift.js';

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
