/** Nothing that is to be hidden is shown, and nothing else is hidden. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactEvent } from '../../../src/report/redacted.js';
import type { NetplayEvent } from '../../../src/shared/events.js';
import { Redactor } from '../../../src/shared/redactor.js';

function hiding(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.hide(secret);
  return redactor;
}

test.each<[secrets: string[], text: string, shown: string]>([
  [['hunter2'], 'xhunter2x hunter2', 'x***x ***'],
  [['hunter2', 'hunter2-long'], 'it is hunter2-long', 'it is ***'],
  [['s3cr', 's3cr3t'], 's3cr3t s3cr', '*** ***'],
  // What is short or common stays, or nothing could be read any more.
  [
    ['1', 'up', 'yes', 'root', 'True', 'default', 'eth'],
    '1 up yes root True default eth0',
    '1 up yes root True default eth0',
  ],
  // Three characters are hidden where they stand alone.
  [['k9z', '100', 'a$b'], 'k9z, k9zz 1000 table 100 a$b', '***, k9zz 1000 table *** ***'],
  [['test', '1500'], 'latest test 15000 mtu 1500 tests', 'latest *** 15000 mtu *** tests'],
  [['first line\nsecond line\n'], 'a second line, a first line', 'a ***, a ***'],
  [['  blanks around  '], 'with blanks around it', 'with *** it'],
  // As it stands in quotes of a shell, in JSON, in Python's repr, and encoded.
  [["it's so"], `ip alias 'it'\\''s so'`, `ip alias '***'`],
  [["it's so"], JSON.stringify(`alias 'it'\\''s so'`), `"alias '***'"`],
  [['a"b\\c'], JSON.stringify({ x: 'a"b\\c' }), '{"x":"***"}'],
  [["it's so"], `['it\\'s so']`, `['***']`],
  [['correct horse'], `token ${Buffer.from('correct horse').toString('base64')}`, 'token ***'],
  // In a text that is encoded as a whole, what is left of it at its edges tells nothing.
  [['correct horse'], Buffer.from('me:correct horse').toString('base64'), 'bWU6***'],
  [['correct horse'], Buffer.from('m:correct horse!').toString('base64'), 'bTp***IQ=='],
  [['correct horse'], Buffer.from(':correct horse!!').toString('base64'), 'Om***UhIQ=='],
  [['correct horse'], Buffer.from('correct horse').toString('hex'), '***'],
  [['a b/c&d+é'], 'a%20b/c%26d%2B%C3%A9 a%20b%2Fc%26d%2B%C3%A9 a+b%2Fc%26d%2B%C3%A9', '*** *** ***'],
  [['<a href="b">'], '&lt;a href=&#34;b&#34;&gt;', '***'],
  [['Größer als'], '"Gr\\u00f6\\u00dfer als" GRÖSSER ALS', '"***" ***'],
  [['Tr0ub4dor'], 'TR0UB4DOR tr0ub4dor', '*** ***'],
  [["it's"], `echo 'it'"'"'s'`, `echo '***'`],
  [['a"b\\c'], JSON.stringify(JSON.stringify({ x: 'a"b\\c' })), '"{\\"x\\":\\"***\\"}"'],
  // Cut off by whoever made the message.
  [['correct horse battery'], "not 'correct ho…'", "not '***…'"],
  [['correct horse battery'], 'it said correct ho', 'it said ***'],
  [['correct horse battery'], 'it was correct', 'it was correct'],
  [['größer als'], 'ist größer als', 'ist ***'],
])('hiding %j: %s', (secrets, text, shown) => {
  expect(hiding(...secrets).redact(text)).toBe(shown);
});

test('a secret is in no text, wherever it stands and whatever else is hidden', () => {
  const secret = fc.string({ minLength: 8, unit: fc.constantFrom(...'abcXYZ019 "\'\\$€') }).filter((text) => {
    return text.trim().length >= 8;
  });
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 5 }),
      fc.string(),
      fc.nat(4),
      (secrets, text, at) => {
        const redactor = hiding(...secrets);
        const planted = secrets[at % secrets.length] ?? '';
        for (const form of [planted, JSON.stringify(planted), planted.replaceAll("'", `'\\''`)])
          expect(redactor.redact(`${text}${form}${text}`)).not.toContain(planted.trim());
      },
    ),
    { numRuns: 300 },
  );
});

describe('variables', () => {
  test('whose names say password are hidden at any depth', () => {
    const redactor = new Redactor();
    redactor.hideNamed({
      ansible_become_pass: 'word-one',
      apps: [{ db: { password: 'word-two', name: 'word-three' }, api_token: '{{ word_four }}' }],
      ansible_ssh_private_key_file: '/root/word-five',
      compass: 'word-six',
    });
    expect(redactor.redact('word-one word-two word-three {{ word_four }} /root/word-five word-six')).toBe(
      '*** *** word-three {{ word_four }} /root/word-five word-six',
    );
  });

  test('that refer to themselves end', () => {
    const vars: Record<string, unknown> = { password: 'word-one' };
    vars.self = vars;
    const redactor = new Redactor();
    redactor.hideNamed(vars);
    expect(redactor.redact('word-one')).toBe('***');
  });
});

test('data of a user is hidden in numbers and keys, too, and the rest of an event in neither', () => {
  const secret = hiding('83641', 'a key');
  const value = { 83641: 83641, result: { n: 83641, 83641: ['a key', 836410], 'a key': { n: 1 } } };
  expect(secret.redactAll(value, { free: new Set(['result']) })).toEqual({
    83641: 83641,
    result: { n: '***', '***': { n: 1 } },
  });
});

test('the names of hosts are shown, whether they are told before or after', () => {
  const redactor = hiding('router-one', 'other-word');
  redactor.show(['router-one', 'router-two']);
  redactor.hide('router-two');
  expect(redactor.redact('router-one router-two other-word')).toBe('router-one router-two ***');
});

test('an event keeps its own words and the names that others find it by', () => {
  const event: NetplayEvent = {
    ...{ type: 'host_end', time: 1, play: 0, host: 'changed', status: 'changed', ms: {}, roundTrips: 4 },
    tasks: [
      {
        ...{ index: 0, name: 'set changed', status: 'changed', warnings: ['changed'] },
        changes: [
          {
            ...{
              resource: 'link',
              address: 'link changed',
              action: 'update',
              before: null,
              after: 'changed',
            },
            commands: ['ip link set eth0 alias changed'],
          },
        ],
        errors: [
          { code: 'apply', message: 'changed', place: { file: 'a', line: 1, column: 1, source: 'changed' } },
        ],
      },
    ],
  };
  const shown = JSON.stringify(redactEvent(event, hiding('changed')));
  expect(shown).toContain('"type":"host_end"');
  expect(shown).toContain('"host":"changed","status":"changed"');
  expect(shown.match(/changed/g)).toHaveLength(3);
  expect(shown.match(/\*\*\*/g)).toHaveLength(7);
  expect(redactEvent(event, hiding())).toBe(event);
});
