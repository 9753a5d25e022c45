/** What ansible-vault encrypted, as those see it who read files and use variables: how it is opened is no matter of theirs. */
import { type ErrorCode, NetplayError } from './errors.js';
import type { Place } from './place.js';

/** Where encrypted text stands, and the code of the error where it can't be opened. */
export interface Whereabouts {
  place: Place;
  code: ErrorCode;
}

/** Opens encrypted text; whoever reads users' files is given one. */
export interface Vault {
  /**
   * What `envelope` holds; mostly text, in UTF-8.
   * @param envelope from `$ANSIBLE_VAULT;` on
   * @throws NetplayError no password is given, none of those given opens it, or it is damaged
   */
  open(envelope: string, at: Whereabouts): Buffer;
  /** Takes note of a text that was encrypted: it must be shown nowhere. */
  hide(text: string): void;
}

/** For whoever was given no password: what is encrypted is an error as soon as it is needed. */
export const LOCKED: Vault = {
  open: (_envelope, { place, code }) => {
    throw new NetplayError(code, 'This is encrypted, and no vault password is given', {
      place,
      hint: 'Say --ask-vault-pass, or --vault-password-file FILE.',
    });
  },
  hide: () => undefined,
};

const MARK = '$ANSIBLE_VAULT;';

/** Whether a text is an envelope of ansible-vault, and not what is in it. */
export function isVaultText(text: string): boolean {
  return text.startsWith(MARK);
}

/** A value that a file holds encrypted (`!vault`). It is opened when it is first used, so that most of netplay works without a password. */
export class Vaulted {
  readonly #vault: Vault;
  readonly #at: Whereabouts;
  #text: string | undefined;

  constructor(
    readonly envelope: string,
    at: Whereabouts,
    vault: Vault,
  ) {
    this.#at = at;
    this.#vault = vault;
  }

  /** @throws NetplayError as `Vault.open` */
  reveal(): string {
    if (this.#text === undefined) {
      this.#text = this.#vault.open(this.envelope, this.#at).toString('utf8');
      this.#vault.hide(this.#text);
    }
    return this.#text;
  }

  /** As `ansible-inventory --list` prints it: still encrypted. */
  toJSON(): { __ansible_vault: string } {
    return { __ansible_vault: this.envelope };
  }
}
