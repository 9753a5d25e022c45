import { expect, test } from 'vitest';
import { renderErrors } from '../../../src/report/errors.js';
import { type ErrorDetails, NetplayError } from '../../../src/shared/errors.js';

const place = { file: 'site.yml', line: 4, column: 3, length: 4, source: '  name: web' };

function render(message: string, details: ErrorDetails = {}): string[] {
  return renderErrors([new NetplayError('playbook', message, details)], { color: false }).split('\n');
}

test('an error with everything', () => {
  expect(render('Unknown key "name"', { place, hint: 'Did you mean nam?' })).toEqual([
    'ERROR Unknown key "name"',
    '  --> site.yml:4:3',
    '  |   name: web',
    '  |   ^^^^',
    '  hint: Did you mean nam?',
  ]);
});

test('a message alone', () => {
  expect(render('No such file')).toEqual(['ERROR No such file']);
});

test('host and task stand before the message', () => {
  expect(render('no such device', { host: 'web1', task: 'default route' })).toEqual([
    'ERROR web1, task "default route": no such device',
  ]);
});

test('a place without its line, and one at the end of its line', () => {
  expect(render('m', { place: { file: 'f', line: 1, column: 1 } })).toEqual(['ERROR m', '  --> f:1:1']);
  expect(render('m', { place: { file: 'f', line: 1, column: 9, length: 5, source: 'ab' } })).toEqual([
    'ERROR m',
    '  --> f:1:9',
    '  | ab',
    '  |   ^',
  ]);
});

test('of a long line the part around the fault is shown', () => {
  const source = `${'a'.repeat(200)}FAULT${'b'.repeat(200)}`;
  const [, , line, carets] = render('m', { place: { file: 'f', line: 1, column: 201, length: 5, source } });
  expect(line).toBe(`  | …${'a'.repeat(50)}FAULT${'b'.repeat(45)}…`);
  expect(carets).toBe(`  |  ${' '.repeat(50)}^^^^^`);
});

test('a tab is one column, and escape sequences never reach the terminal', () => {
  expect(render('\u001B[2Jm', { place: { file: 'f', line: 1, column: 2, source: '\tx\u001B[2J' } })).toEqual([
    'ERROR �[2Jm',
    '  --> f:1:2',
    '  |  x�[2J',
    '  |  ^',
  ]);
});

test('several errors have an empty line between them, several lines of a message are indented', () => {
  const errors = [new NetplayError('usage', 'one\ntwo'), new NetplayError('usage', 'three')];
  expect(renderErrors(errors, { color: false })).toBe('ERROR one\n  two\n\nERROR three');
});

test('colour changes no text', () => {
  const errors = [new NetplayError('playbook', 'm', { place, hint: 'h' })];
  const coloured = renderErrors(errors, { color: true });
  expect(coloured).toContain('\u001B[31m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it takes the escape sequences away
  expect(coloured.replaceAll(/\u001B\[\d+m/g, '')).toBe(renderErrors(errors, { color: false }));
});
