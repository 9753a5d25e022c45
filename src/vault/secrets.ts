/** The passwords that a command was given, each with its label, and what they open. */
import { NetplayError } from '../shared/errors.js';
import type { Vault, Whereabouts } from '../shared/vaulted.js';
import { seal, unseal } from './cipher.js';
import { type Envelope, EnvelopeError, formatEnvelope, parseEnvelope } from './format.js';

export interface VaultSecret {
  /** `default` where it was given none. */
  label: string;
  password: Buffer;
}

/** What an envelope held, and which of the passwords opened it. */
export interface Opened {
  plain: Buffer;
  secret: VaultSecret;
  /** The envelope's own, which may be another than the password's. */
  label: string | undefined;
}

/** Texts as they shall be written: encrypted by one password. */
export function encrypt(plain: Buffer, { label, password }: VaultSecret): string {
  return formatEnvelope(seal(plain, password, label));
}

export class VaultSecrets implements Vault {
  /**
   * @param secrets at least one, in the order in which they were given
   * @param hide is told every text that was encrypted
   */
  constructor(
    readonly secrets: readonly VaultSecret[],
    readonly hide: (text: string) => void,
  ) {}

  open(envelope: string, at: Whereabouts): Buffer {
    return this.decrypt(envelope, at).plain;
  }

  /**
   * Tries the passwords that have the envelope's label, then all others: a label is but a hint.
   * @throws NetplayError none of them opens it, or it is damaged
   */
  decrypt(text: string, at: Whereabouts): Opened {
    const envelope = taken(text, at);
    for (const secret of this.#inOrder(envelope.label)) {
      const plain = unseal(envelope, secret.password);
      if (plain !== undefined) return { plain, secret, label: envelope.label };
    }
    throw this.#unopened(envelope, at);
  }

  #inOrder(label: string | undefined): VaultSecret[] {
    const meant = this.secrets.filter((secret) => secret.label === label);
    return [...meant, ...this.secrets.filter((secret) => secret.label !== label)];
  }

  #unopened({ label }: Envelope, { place, code }: Whereabouts): NetplayError {
    const labels = [...new Set(this.secrets.map((secret) => secret.label))].join(', ');
    const wanted = label === undefined ? '' : ` for '${label}'`;
    const message =
      this.secrets.length === 1
        ? `This is encrypted${wanted}, and the vault password given (${labels}) does not open it`
        : `This is encrypted${wanted}, and none of the ${this.secrets.length} vault passwords given (${labels}) opens it`;
    const hint =
      label === undefined || this.secrets.some((secret) => secret.label === label)
        ? 'The password is another one, or the encrypted text was altered.'
        : `Give its password: --vault-id ${label}@FILE, or ${label}@prompt.`;
    return new NetplayError(code, message, { place, hint });
  }
}

function taken(text: string, { place, code }: Whereabouts): Envelope {
  try {
    return parseEnvelope(text);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    throw new NetplayError(
      code,
      `The encrypted text is damaged in its line ${error.line}: ${error.message}`,
      {
        place,
        hint: 'Take it from a backup, or encrypt it anew.',
        cause: error,
      },
    );
  }
}
