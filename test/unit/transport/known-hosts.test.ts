import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  entryMatches,
  fingerprint,
  judgeHostKey,
  keyType,
  keyTypes,
  knownHostLine,
  knownHostName,
  matchEntries,
  parseKnownHosts,
} from '../../../src/transport/known-hosts.js';

/** A key's blob: its type as an SSH string, then anything. */
function blob(type: string, rest: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type + rest)]);
}

const ED = blob('ssh-ed25519', 'one');
const ED2 = blob('ssh-ed25519', 'two');
const EC = blob('ecdsa-sha2-nistp256', 'one');
const line = (names: string, key: Buffer): string => `${names} ${keyType(key)} ${key.toString('base64')}`;

function hashed(name: string): string {
  const salt = Buffer.alloc(20, 7);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** What `text` says about `key` of host:port. */
function judge(text: string, host: string, port: number, key: Buffer) {
  return judgeHostKey(matchEntries(parseKnownHosts(text, 'kh'), host, port), key);
}

describe('names', () => {
  test.each([
    ['web', 'web', true],
    ['WEB', 'web', true],
    ['a,web,b', 'web', true],
    ['*.example.org', 'web.example.org', true],
    ['*.example.org', 'example.org', false],
    ['*.example.org,!web.example.org', 'web.example.org', false],
    ['!web.example.org,*.example.org', 'web.example.org', false],
    ['192.0.2.?', '192.0.2.7', true],
    ['192.0.2.?', '192x0.2.7', false],
    ['[web]:2222', '[web]:2222', true],
    ['[*]:2222', '[web]:2222', true],
    ['web', '[web]:2222', false],
    [hashed('web'), 'web', true],
    [hashed('web'), 'wob', false],
    [hashed('[web]:2222'), '[web]:2222', true],
    ['|1|bad', 'web', false],
  ])('%s means %s: %s', (names, name, expected) => {
    const [entry] = parseKnownHosts(line(names, ED), 'kh');
    expect(entry !== undefined && entryMatches(entry, name)).toBe(expected);
  });

  test('the port is part of the name where it is not 22', () => {
    expect([knownHostName('Web', 22), knownHostName('::1', 2222)]).toEqual(['web', '[::1]:2222']);
  });
});

describe('a key is', () => {
  test.each([
    ['known', line('web', ED), 22, 'known'],
    ['known by the bare name at another port', line('web', ED), 2222, 'known'],
    ['unknown', line('other', ED), 22, 'unknown'],
    ['unknown where the bare name has another key', line('web', ED2), 2222, 'unknown'],
    ['unknown where only comments speak of it', `# ${line('web', ED)}\n\nweb`, 22, 'unknown'],
    ['changed', line('web', ED2), 22, 'changed'],
    ['changed where the host had keys of other types only', line('web', EC), 22, 'changed'],
    ['known where one of several is right', `${line('web', ED2)}\n${line('web', ED)}`, 22, 'known'],
    ['revoked', `@revoked ${line('*', ED)}\n${line('web', ED)}`, 22, 'revoked'],
    ['known where another key is revoked', `@revoked ${line('*', ED2)}\n${line('web', ED)}`, 22, 'known'],
    ['unknown with an authority', `@cert-authority ${line('*', ED2)}`, 22, 'unknown'],
    ['unknown where its key is an authority, not a host', `@cert-authority ${line('*', ED)}`, 22, 'unknown'],
  ])('%s', (_, text, port, kind) => {
    expect(judge(text, 'web', port, ED).kind).toBe(kind);
  });

  test('the line at fault is named', () => {
    expect(judge(`# first\n\n${line('web', ED2)}`, 'web', 22, ED)).toMatchObject({
      entry: { file: 'kh', line: 3 },
    });
    expect(judge(`\n@cert-authority ${line('*', ED2)}`, 'web', 22, ED)).toMatchObject({
      authority: { line: 2 },
    });
  });
});

test('the types of known keys are those to ask for; authorities and revoked keys are not', () => {
  const text = `${line('web', EC)}\n@revoked ${line('web', ED)}\n@cert-authority ${line('*', ED)}`;
  expect(keyTypes(matchEntries(parseKnownHosts(text, 'kh'), 'web', 22))).toEqual(['ecdsa-sha2-nistp256']);
});

test('the line that makes a key known does so', () => {
  const text = knownHostLine('Web', 2222, ED);
  expect(judge(text, 'web', 2222, ED).kind).toBe('known');
  expect(fingerprint(ED)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});
