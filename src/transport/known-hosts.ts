/**
 * The known_hosts format: who has which host key. Pure; see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
 * Host certificates (@cert-authority) are recognised, but can't be used: ssh2 does not negotiate them.
 */
import { createHash, createHmac } from 'node:crypto';

export interface KnownHost {
  marker?: '@revoked' | '@cert-authority';
  /** The names as they stand in the file: names, patterns, or one hashed name. */
  names: readonly string[];
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, … */
  type: string;
  /** The key's blob, base64. */
  key: string;
  file: string;
  line: number;
}

/** What the files say about the key that a host shows. */
export type Verdict =
  | { kind: 'known' }
  | { kind: 'unknown'; authority?: KnownHost }
  | { kind: 'changed'; entry: KnownHost }
  | { kind: 'revoked'; entry: KnownHost };

const DEFAULT_PORT = 22;

/** Lines that are no entries are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [names, type, key] = words;
    if (names === undefined || names.startsWith('#') || type === undefined || key === undefined) return [];
    const entry = { names: names.split(','), type, key, file, line: index + 1 };
    if (marker === undefined) return [entry];
    return marker === '@revoked' || marker === '@cert-authority' ? [{ marker, ...entry }] : [];
  });
}

/** The name under which a host stands in known_hosts. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === DEFAULT_PORT ? name : `[${name}]:${port}`;
}

/** Whether one of the entry's names means `name`, and none of its `!` patterns takes it back. */
export function entryMatches(entry: KnownHost, name: string): boolean {
  let matched = false;
  for (const pattern of entry.names) {
    if (pattern.startsWith('!')) {
      if (nameMatches(pattern.slice(1), name)) return false;
    } else matched ||= nameMatches(pattern, name);
  }
  return matched;
}

function nameMatches(pattern: string, name: string): boolean {
  if (pattern.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = pattern.split('|');
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const lower = pattern.toLowerCase();
  if (!/[*?]/.test(lower)) return lower === name;
  const source = lower
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

/** The entries that speak of one host. Found once a connection: a hashed name costs an HMAC each. */
export interface MatchedEntries {
  /** By the host's own name, `[name]:port` where the port is not 22. */
  named: readonly KnownHost[];
  /** By its bare name, where the port is not 22. As in OpenSSH such a key is good, but its lack says nothing. */
  bare: readonly KnownHost[];
}

export function matchEntries(entries: readonly KnownHost[], host: string, port: number): MatchedEntries {
  const named = entries.filter((entry) => entryMatches(entry, knownHostName(host, port)));
  if (port === DEFAULT_PORT) return { named, bare: [] };
  return { named, bare: entries.filter((entry) => entryMatches(entry, host.toLowerCase())) };
}

/**
 * Judges the key that a host shows. A host that is known by keys of other types only counts as changed:
 * its known types were asked for first (`keyTypes`), so it no longer has them.
 * @param key the public key's blob, as it came over the wire
 */
export function judgeHostKey({ named, bare }: MatchedEntries, key: Buffer): Verdict {
  const shown = key.toString('base64');
  const mine = [...named, ...bare].filter((entry) => entry.key === shown);
  const revoked = mine.find((entry) => entry.marker === '@revoked');
  if (revoked !== undefined) return { kind: 'revoked', entry: revoked };
  if (mine.some((entry) => entry.marker === undefined)) return { kind: 'known' };
  const plain = named.filter((entry) => entry.marker === undefined);
  const changed = plain.find((entry) => entry.type === keyType(key)) ?? plain[0];
  if (changed !== undefined) return { kind: 'changed', entry: changed };
  const authority = named.find((entry) => entry.marker === '@cert-authority');
  return authority === undefined ? { kind: 'unknown' } : { kind: 'unknown', authority };
}

/** The types of the host's known keys, in the files' order: to be asked for first. */
export function keyTypes({ named, bare }: MatchedEntries): string[] {
  const plain = [...named, ...bare].filter((entry) => entry.marker === undefined);
  return [...new Set(plain.map((entry) => entry.type))];
}

/** The type that a key's blob names: its first string (RFC 4253, 6.6). */
export function keyType(key: Buffer): string {
  return key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

/** `SHA256:…`, as ssh-keygen prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The line that makes a key known. */
export function knownHostLine(host: string, port: number, key: Buffer): string {
  return `${knownHostName(host, port)} ${keyType(key)} ${key.toString('base64')}`;
}
