/** AES-256 in counter mode, sealed by an HMAC; both keys and the counter come from the password by PBKDF2. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { Envelope } from './format.js';

const ROUNDS = 10_000;
const KEY_BYTES = 32;
const BLOCK_BYTES = 16;
const SALT_BYTES = 32;

interface Keys {
  cipher: Buffer;
  hmac: Buffer;
  counter: Buffer;
}

function keysOf(password: Buffer, salt: Buffer): Keys {
  const bytes = pbkdf2Sync(password, salt, ROUNDS, 2 * KEY_BYTES + BLOCK_BYTES, 'sha256');
  return {
    cipher: bytes.subarray(0, KEY_BYTES),
    hmac: bytes.subarray(KEY_BYTES, 2 * KEY_BYTES),
    counter: bytes.subarray(2 * KEY_BYTES),
  };
}

function sealOf(ciphertext: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update(ciphertext).digest();
}

/** @param label of the password, for the head; undefined: none */
export function seal(plain: Buffer, password: Buffer, label?: string): Envelope {
  const salt = randomBytes(SALT_BYTES);
  const keys = keysOf(password, salt);
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.counter);
  const ciphertext = Buffer.concat([cipher.update(padded(plain)), cipher.final()]);
  return { label, salt, hmac: sealOf(ciphertext, keys.hmac), ciphertext };
}

/** What the envelope holds; undefined where the password is another one, or the envelope is not as it was written. */
export function unseal({ salt, hmac, ciphertext }: Envelope, password: Buffer): Buffer | undefined {
  const keys = keysOf(password, salt);
  if (!timingSafeEqual(sealOf(ciphertext, keys.hmac), hmac)) return undefined;
  const cipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.counter);
  return unpadded(Buffer.concat([cipher.update(ciphertext), cipher.final()]));
}

/** As PKCS #7 has it: whole blocks, each byte that is added says how many there are. */
function padded(plain: Buffer): Buffer {
  const missing = BLOCK_BYTES - (plain.length % BLOCK_BYTES);
  return Buffer.concat([plain, Buffer.alloc(missing, missing)]);
}

function unpadded(plain: Buffer): Buffer | undefined {
  const added = plain.at(-1) ?? 0;
  if (added < 1 || added > BLOCK_BYTES) return undefined;
  const padding = plain.subarray(plain.length - added);
  return padding.every((byte) => byte === added) ? plain.subarray(0, plain.length - added) : undefined;
}
