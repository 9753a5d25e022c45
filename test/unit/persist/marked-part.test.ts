/** netplay's part of a file is found by its marks, and all else is its administrator's. */
import { expect, test } from 'vitest';
import { hasOpenPart, hasPart, withoutPart, withPart } from '../../../src/persist/marked-part.js';

const PART = '# netplay: begin\nours\n# netplay: end\n';

test.each([
  ['none', 'theirs\n', 'theirs\n'],
  ['one at the end', `theirs\n${PART}`, 'theirs\n'],
  ['one in the middle', `theirs\n${PART}more\n`, 'theirs\nmore\n'],
  [
    'with the ends of lines of another system',
    `theirs\n${PART}more\n`.replaceAll('\n', '\r\n'),
    'theirs\r\nmore\r\n',
  ],
  ['two', `${PART}theirs\n${PART}`, 'theirs\n'],
  ['an end alone', '# netplay: end\ntheirs\n', '# netplay: end\ntheirs\n'],
])('%s', (_, content, others) => {
  expect(withoutPart(content)).toBe(others);
  expect(hasPart(content)).toBe(others !== content);
  expect(hasOpenPart(content)).toBe(false);
  expect(withoutPart(withPart(content, ['new']))).toBe(others);
});

test('what stands behind a part without its end is not taken away, now or later', () => {
  const content = '# netplay: begin\nours\ntheirs\n';
  expect(hasOpenPart(content)).toBe(true);
  expect(withoutPart(content)).toBe(content);
  expect(withPart(withPart(content, ['one']), ['two'])).toBe(
    `${content}# netplay: begin\ntwo\n# netplay: end\n`,
  );
  expect(withPart(withPart(content, ['one']), [])).toBe(content);
});
