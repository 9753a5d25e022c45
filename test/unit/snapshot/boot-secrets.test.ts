/** What the probe reads of files that hold secrets: run by sh, as on a host. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECRET_FUNCTIONS } from '../../../src/snapshot/boot-secrets.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netplay-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function shell(command: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync('sh', ['-c', `${SECRET_FUNCTIONS}\n${command}`, 'sh', ...args], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout;
}

const HOLDING: readonly [name: string, text: string, shown: string][] = [
  ['interfaces', 'iface w inet dhcp\n  wpa-psk a, b}c\n  mtu 9', 'iface w inet dhcp\n  wpa-psk ?\n  mtu 9'],
  ['wep', '\twireless-key1 s:geheim\n', '\twireless-key1 ?\n'],
  ['goes-on', 'wpa-password \\\n  geheim\n  mtu 9\n', 'wpa-password ?\n  mtu 9\n'],
  ['802.1x', 'wpa-private-key-passwd geheim\n', 'wpa-private-key-passwd ?\n'],
  ['keys-eth0', "DEVICE=eth0\nWPA_PSK='ge heim'\nKEY1=s:x\n", 'DEVICE=eth0\nWPA_PSK=?\nKEY1=?\n'],
  ['wg.netdev', '[WireGuard]\nPrivateKey = geheim=\n', '[WireGuard]\nPrivateKey =?\n'],
  [
    'wifi.yaml',
    'a: {"home, 1": {password: "ge,heim"}}\nb:\n  password: geheim\n  client-key-password: x\n',
    'a: {"home, 1": {password: "?"}}\nb:\n  password: "?"\n  client-key-password: "?"\n',
  ],
];

test.each(HOLDING)('%s is read without its secrets', (name, text, shown) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  expect(shell('secret_files "$@"', path)).toBe(`${path}\n`);
  expect(shell('without_secrets "$1"', path)).toBe(shown);
});

const PLAIN: readonly [name: string, text: string][] = [
  ['wpa-ssid is none', 'iface w inet dhcp\n  wpa-ssid home\n  wpa-conf /etc/wpa.conf\n# keys\n'],
  ["a tunnel's key is none", '[Tunnel]\nKey=5\n'],
  ['neither is a label', 'addresses: ["10.0.0.1/24": {label: "eth1:private"}]\n'],
  ['rc.local', 'PASSWORD=geheim\n'],
];

test.each(PLAIN)('%s', (name, text) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  expect(shell('secret_files "$@"', path)).toBe('');
});
