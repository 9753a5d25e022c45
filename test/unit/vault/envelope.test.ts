/** Envelopes: what was sealed opens, and nothing else does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOCKED } from '../../../src/shared/vaulted.js';
import { encrypt, type VaultSecret, VaultSecrets } from '../../../src/vault/secrets.js';

const AT = { place: { file: 'f.yml', line: 3, column: 1 }, code: 'inventory' } as const;

const secret = (password: string, label = 'default'): VaultSecret => ({
  label,
  password: Buffer.from(password),
});
const vault = (...secrets: VaultSecret[]): VaultSecrets => new VaultSecrets(secrets, () => undefined);
const opened = (text: string, ...secrets: VaultSecret[]): string =>
  vault(...secrets)
    .open(text, AT)
    .toString('utf8');

function said(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'no error';
}

/** Made by ansible-vault 2.14 with the password `pw1`; holds `a{{ 1+1 }}b`. */
const MADE_BY_ANSIBLE = `$ANSIBLE_VAULT;1.1;AES256
37633864383939303836656630616362646366646635636333373462396665386465373632383166
6630396436306266363437633062346663316535613435650a666536396339393038316664326164
33393666343630663664323238363464656638653862343133353963323232336531633061333861
3161633261643766370a323862663764383636623664323830383538633738393933326362623936
3931
`;
const [HEAD = '', ...BODY] = MADE_BY_ANSIBLE.trimEnd().split('\n');
const withBody = (...lines: string[]): string => [HEAD, ...lines].join('\n');
const hex = (text: string): string => Buffer.from(text).toString('hex');

describe('an envelope', () => {
  test('that ansible-vault made opens', () => {
    expect(opened(MADE_BY_ANSIBLE, secret('pw1'))).toBe('a{{ 1+1 }}b');
  });

  test.each([
    ['with Windows line ends', MADE_BY_ANSIBLE.replaceAll('\n', '\r\n')],
    ['indented, as in a block', MADE_BY_ANSIBLE.replaceAll('\n', '\n   ')],
    ['without a newline at its end', MADE_BY_ANSIBLE.trimEnd()],
    ['in capital digits', withBody(...BODY.map((line) => line.toUpperCase()))],
    ['with a label, which is but a hint', MADE_BY_ANSIBLE.replace('1.1;AES256', '1.2;AES256;dev')],
  ])('%s opens', (_name, text) => expect(opened(text, secret('pw1'))).toBe('a{{ 1+1 }}b'));

  test('holds any bytes, for any password and label, in lines of 80', () => {
    const texts = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(new Uint8Array(16)));
    const labels = fc.constantFrom('default', 'dev', 'prod-1', 'a.b');
    fc.assert(
      fc.property(texts, fc.string({ minLength: 1 }), labels, (bytes, password, label) => {
        const made = encrypt(Buffer.from(bytes), secret(password, label));
        expect(made).toMatch(
          /^\$ANSIBLE_VAULT;1\.[12];AES256(;[\w.-]+)?\n([0-9a-f]{80}\n)*[0-9a-f]{1,80}\n$/,
        );
        const { plain, label: read } = vault(secret(password, label)).decrypt(made, AT);
        expect(plain.equals(bytes)).toBe(true);
        expect(read).toBe(label === 'default' ? undefined : label);
      }),
      { numRuns: 25 },
    );
  });

  test('never gives anything but what it held, whichever of its digits is another one', () => {
    const digits = BODY.join('');
    fc.assert(
      fc.property(fc.nat(digits.length - 1), fc.constantFrom(...'0123456789abcdef'), (at, digit) => {
        const text = withBody(digits.slice(0, at) + digit + digits.slice(at + 1));
        const message = said(() => expect(opened(text, secret('pw1'))).toBe('a{{ 1+1 }}b'));
        // The digits of a digit may be those of its capital.
        expect(message).toMatch(/^no error$|does not open it$|^The encrypted text is damaged in its line \d/);
      }),
      { numRuns: 40 },
    );
  });

  test('is another one each time', () => {
    const made = (): string => encrypt(Buffer.from('x'), secret('pw'));
    expect(made()).not.toBe(made());
  });
});

test.each<[name: string, text: string, message: RegExp]>([
  ['no head', BODY.join('\n'), /line 1: it does not begin with \$ANSIBLE_VAULT;/],
  ['an old version', MADE_BY_ANSIBLE.replace('1.1', '1.0'), /line 1: its version is '1.0'/],
  ['an old cipher', MADE_BY_ANSIBLE.replace('AES256', 'AES'), /line 1: its cipher is 'AES'/],
  ['a head alone', HEAD, /line 1: a part of it is missing/],
  ['another character', withBody(...BODY.slice(0, 2), 'xyz', ...BODY.slice(3)), /line 4: .*hexadecimal/],
  ['a blank within', withBody(...BODY.slice(0, 1), '30 31'), /line 3: .*hexadecimal/],
  ['a digit less', withBody(...BODY).slice(0, -1), /line 6: it is cut short/],
  ['lines less', withBody(...BODY.slice(0, 2)), /line 3: (a part|it is cut|its)/],
  ['a part less', withBody(hex('aa\nbb')), /line 2: a part of it is missing/],
  ['a part more', withBody(hex('aa\nbb\ncc\ndd')), /line 2: a part of it is missing/],
  ['no digits within', withBody(hex('zz\nbb\ncc')), /line 2: it is cut short/],
  ['a short HMAC', withBody(hex(`aa\nbb\n${'cc'.repeat(16)}`)), /line 2: its salt or its HMAC is cut short/],
  ['no salt', withBody(hex(`\n${'bb'.repeat(32)}\n${'cc'.repeat(16)}`)), /line 2: its salt or its HMAC/],
  ['half a block', withBody(hex(`aa\n${'bb'.repeat(32)}\ncccc`)), /line 2: its encrypted text is cut short/],
])('an envelope with %s is refused, naming its line', (_name, text, message) => {
  expect(said(() => vault(secret('pw1')).open(text, AT))).toMatch(message);
});

describe('of several passwords', () => {
  const made = encrypt(Buffer.from('x'), secret('two', 'dev'));

  test('the one with the label opens, and is the one to write with', () => {
    const { secret: used } = vault(secret('one', 'prod'), secret('two', 'dev')).decrypt(made, AT);
    expect(used.label).toBe('dev');
  });

  test('any other one opens as well: a label is a hint', () => {
    expect(opened(made, secret('one', 'dev'), secret('two', 'prod'))).toBe('x');
  });

  test('none may open: all labels are named, and the one that is missing', () => {
    const message = said(() => vault(secret('1', 'prod'), secret('2', 'test')).open(made, AT));
    expect(message).toBe(
      "This is encrypted for 'dev', and none of the 2 vault passwords given (prod, test) opens it",
    );
    expect(said(() => vault(secret('1')).open(made, AT))).toBe(
      "This is encrypted for 'dev', and the vault password given (default) does not open it",
    );
  });
});

test('without a password the error says how to give one', () => {
  expect(said(() => LOCKED.open(MADE_BY_ANSIBLE, AT))).toBe(
    'This is encrypted, and no vault password is given',
  );
});
