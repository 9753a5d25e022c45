/** Checks host keys against the known_hosts files and, where the user wants that, makes new ones known. */
import { appendFile, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { makeFolder } from '../shared/make-folder.js';
import { quote } from '../shared/shell.js';
import {
  fingerprint,
  judgeHostKey,
  type KnownHost,
  keyType,
  keyTypes,
  knownHostLine,
  type MatchedEntries,
  matchEntries,
  parseKnownHosts,
} from './known-hosts.js';
import type { Target } from './session.js';

/** Whose key is checked, and where it may be known. */
export interface HostIdentity {
  /** The name in the inventory, or of the jump host; for messages. */
  label: string;
  /** The name to look for: HostKeyAlias, or HostName. */
  name: string;
  port: number;
  checking: Target['hostKeyChecking'];
  /** New keys go to the first one. */
  userFiles: readonly string[];
  systemFiles: readonly string[];
}

/** ssh2's names of the host key algorithms that a key of a type can sign with. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

/** What is offered to a host that is not known; newest first, without DSA. */
const ALL_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

export type HostKeyAlgorithm = (typeof ALL_ALGORITHMS)[number];

/** What is known of one host. */
export interface HostKeyCheck {
  /** To be offered, those of the known keys first: else the host shows a key of another type. */
  algorithms: HostKeyAlgorithm[];
  /**
   * Resolves where the key is the host's own, or is taken for it.
   * @param key the public key's blob
   * @throws NetplayError `host-key`
   */
  check(key: Buffer): Promise<void>;
}

/** Shared by all connections of a transport: reads each file once, appends one line at a time. */
export class HostKeys {
  readonly #files = new Map<string, Promise<KnownHost[]>>();
  #appending: Promise<unknown> = Promise.resolve();

  /** @throws NetplayError `host-key` where a known_hosts file can't be read */
  async lookUp(host: HostIdentity): Promise<HostKeyCheck> {
    const files = [...host.userFiles, ...host.systemFiles];
    const entries = (await Promise.all(files.map((file) => this.#read(file)))).flat();
    const matched = matchEntries(entries, host.name, host.port);
    const preferred = new Set(keyTypes(matched).flatMap((type) => ALGORITHMS[type] ?? [type]));
    return {
      algorithms: ALL_ALGORITHMS.toSorted((a, b) => Number(preferred.has(b)) - Number(preferred.has(a))),
      check: (key) => this.#check(host, matched, key),
    };
  }

  async #check(host: HostIdentity, matched: MatchedEntries, key: Buffer): Promise<void> {
    const verdict = judgeHostKey(matched, key);
    const print = `${keyType(key)} ${fingerprint(key)}`;
    if (verdict.kind === 'known') return;
    if (verdict.kind === 'revoked') {
      const place = `${verdict.entry.file}:${verdict.entry.line}`;
      throw refusal(host, `The host's key is revoked (${place}): ${print}`, 'Give the host a new key.');
    }
    if (host.checking === 'no') return;
    if (verdict.kind === 'changed') {
      const place = `${verdict.entry.file}:${verdict.entry.line}`;
      throw refusal(
        host,
        `The host's key is not the one that is known (${place}): it shows ${print}`,
        `Somebody may be listening in; where you know that the key was changed, delete ${place} and connect again.`,
      );
    }
    if (host.checking === 'accept-new') return this.#accept(host, key);
    throw unknown(host, key, verdict.authority, print);
  }

  #read(file: string): Promise<KnownHost[]> {
    const cached = this.#files.get(file);
    if (cached !== undefined) return cached;
    const read = readFile(file, 'utf8').then(
      (text) => parseKnownHosts(text, file),
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
        const hint = 'Make it readable, or name another one with UserKnownHostsFile.';
        throw new NetplayError('host-key', `${file} can't be read: ${error.message}`, { hint, cause: error });
      },
    );
    this.#files.set(file, read);
    return read;
  }

  /** Appends the key with one write, so that other programs and other hosts of this run can do so too. */
  #accept(host: HostIdentity, key: Buffer): Promise<void> {
    const [file] = host.userFiles;
    if (file === undefined) return Promise.resolve();
    const appended = this.#appending.then(async () => {
      const entries = await this.#read(file);
      if (judgeHostKey(matchEntries(entries, host.name, host.port), key).kind === 'known') return;
      const line = `${knownHostLine(host.name, host.port, key)}\n`;
      await appendLine(file, line).catch((error: Error) => {
        throw refusal(host, `The new key can't be added to ${file}: ${error.message}`, 'Make it writable.');
      });
      // The line's number is not known where others append too; the entry is only matched in this run.
      entries.push(...parseKnownHosts(line, file));
    });
    this.#appending = appended.catch(() => undefined);
    return appended;
  }
}

async function appendLine(file: string, line: string): Promise<void> {
  await makeFolder(dirname(file), 0o700);
  await appendFile(file, (await endsInsideLine(file)) ? `\n${line}` : line, { mode: 0o600 });
}

async function endsInsideLine(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { size } = await handle.stat();
    if (size === 0) return false;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] !== 0x0a;
  } finally {
    await handle.close();
  }
}

function unknown(
  host: HostIdentity,
  key: Buffer,
  authority: KnownHost | undefined,
  print: string,
): NetplayError {
  const file = host.userFiles[0];
  const line = quote(knownHostLine(host.name, host.port, key));
  const accept = file === undefined ? 'name a UserKnownHostsFile' : `run: echo ${line} >> ${quote(file)}`;
  const hint = `Where this is the host's own fingerprint, ${accept}`;
  if (authority === undefined) return refusal(host, `The host's key is not known: ${print}`, hint);
  const place = `${authority.file}:${authority.line}`;
  const message = `The host is known by a @cert-authority only (${place}), and netplay can't check host certificates; it shows ${print}`;
  return refusal(host, message, hint);
}

function refusal(host: HostIdentity, message: string, hint: string): NetplayError {
  return new NetplayError('host-key', message, { hint, host: host.label });
}
