/**
 * The envelope of ansible-vault: a head, then hexadecimal digits in lines of 80. They stand for three lines (salt, HMAC
 * and encrypted text), each of hexadecimal digits in turn.
 * Source: ansible-core's docs, vault_guide/vault_using_encrypted_content ("Format of files encrypted with Ansible Vault").
 */

export interface Envelope {
  /** Which password is meant; undefined in version 1.1, which has none. */
  label: string | undefined;
  salt: Buffer;
  /** SHA-256, 32 bytes. */
  hmac: Buffer;
  ciphertext: Buffer;
}

/** An envelope that can't be taken apart. */
export class EnvelopeError extends Error {
  /** @param line of the envelope, from 1 */
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
    this.name = 'EnvelopeError';
  }
}

/** What stands for no label: version 1.1 is written then. */
export const DEFAULT_LABEL = 'default';

const COLUMNS = 80;
const HMAC_BYTES = 32;
const BLOCK_BYTES = 16;

/** @throws EnvelopeError */
export function parseEnvelope(text: string): Envelope {
  const [head = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const label = parseHead(head);
  return { label, ...parseBody(lines.map((line) => line.trim())) };
}

function parseHead(head: string): string | undefined {
  const [mark, version = '', cipher = '', label] = head.split(';').map((part) => part.trim());
  if (mark !== '$ANSIBLE_VAULT') throw new EnvelopeError('it does not begin with $ANSIBLE_VAULT;', 1);
  if (version !== '1.1' && version !== '1.2')
    throw new EnvelopeError(`its version is '${version}': 1.1 and 1.2 can be read`, 1);
  if (cipher !== 'AES256') throw new EnvelopeError(`its cipher is '${cipher}': AES256 can be read`, 1);
  return label === '' ? undefined : label;
}

function parseBody(lines: readonly string[]): Omit<Envelope, 'label'> {
  // Each line on its own, so that the one at fault can be named.
  for (const [index, line] of lines.entries())
    if (!/^[0-9a-f]*$/i.test(line))
      throw new EnvelopeError('it holds something else than hexadecimal digits', index + 2);
  const last = lines.length + 1;
  const [salt, hmac, ciphertext, ...rest] = unhex(lines.join(''), last).toString('latin1').split('\n');
  if (salt === undefined || hmac === undefined || ciphertext === undefined || rest.length > 0)
    throw new EnvelopeError('a part of it is missing: salt, HMAC and encrypted text are expected', last);
  const envelope = {
    salt: unhex(salt, last),
    hmac: unhex(hmac, last),
    ciphertext: unhex(ciphertext, last),
  };
  if (envelope.hmac.length !== HMAC_BYTES || envelope.salt.length === 0)
    throw new EnvelopeError('its salt or its HMAC is cut short', last);
  if (envelope.ciphertext.length === 0 || envelope.ciphertext.length % BLOCK_BYTES !== 0)
    throw new EnvelopeError('its encrypted text is cut short', last);
  return envelope;
}

function unhex(digits: string, line: number): Buffer {
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits))
    throw new EnvelopeError('it is cut short, or has lost digits', line);
  return Buffer.from(digits, 'hex');
}

/** The envelope as text, with a newline at its end. */
export function formatEnvelope({ label, salt, hmac, ciphertext }: Envelope): string {
  const inner = [salt, hmac, ciphertext].map((part) => part.toString('hex')).join('\n');
  const digits = Buffer.from(inner, 'latin1').toString('hex');
  const head =
    label === undefined || label === DEFAULT_LABEL
      ? '$ANSIBLE_VAULT;1.1;AES256'
      : `$ANSIBLE_VAULT;1.2;AES256;${label}`;
  const lines: string[] = [head];
  for (let at = 0; at < digits.length; at += COLUMNS) lines.push(digits.slice(at, at + COLUMNS));
  return `${lines.join('\n')}\n`;
}
