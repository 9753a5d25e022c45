import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  hostsFile,
  insideInventory,
  knownHosts,
  outsideInventory,
  sshConfig,
} from '../../../src/lab/access.js';
import { layOut } from '../../../src/lab/layout.js';

const layout = layOut(
  { hosts: { a: { groups: ['web', 'eu'], vars: { role: 'x' } }, b: { groups: ['web'] }, c: { ssh: false } } },
  'x',
);
const hosts = layout.hosts.flatMap((node, index) =>
  node.sshAddress === null ? [] : [{ node, address: node.sshAddress, port: 4000 + index }],
);

test('the inventory for the machine has ports on 127.0.0.1, groups and variables', () => {
  expect(parse(outsideInventory('/run/x', hosts))).toEqual({
    all: {
      vars: {
        ansible_user: 'root',
        ansible_ssh_private_key_file: '/run/x/id_ed25519',
        netplay_persist: 'off',
        ansible_ssh_common_args: '-o UserKnownHostsFile=/run/x/known_hosts',
      },
      hosts: {
        a: { ansible_host: '127.0.0.1', ansible_port: 4000, role: 'x' },
        b: { ansible_host: '127.0.0.1', ansible_port: 4001 },
      },
      children: { web: { hosts: { a: null, b: null } }, eu: { hosts: { a: null } } },
    },
  });
});

test('the inventory for the controller has the hosts’ own addresses', () => {
  expect(parse(insideInventory('/run/x', hosts)).all.hosts).toEqual({
    a: { ansible_host: '10.213.0.2', role: 'x' },
    b: { ansible_host: '10.213.0.3' },
  });
});

test('known_hosts names each host by both ways', () => {
  expect(knownHosts(hosts, 'ssh-ed25519 AAAA netplay lab\n').trim().split('\n')).toEqual([
    '[127.0.0.1]:4000 ssh-ed25519 AAAA',
    '10.213.0.2 ssh-ed25519 AAAA',
    '[127.0.0.1]:4001 ssh-ed25519 AAAA',
    '10.213.0.3 ssh-ed25519 AAAA',
  ]);
});

test('ssh_config checks host keys and offers no other key', () => {
  const text = sshConfig('/run/x', hosts);
  expect(text).toContain('Host a\n  HostName 127.0.0.1\n  Port 4000\n');
  expect(text).toContain('StrictHostKeyChecking yes');
  expect(text).toContain('IdentitiesOnly yes');
});

test('a host finds its own name and the others’', () => {
  expect(hostsFile(layout, 'a')).toBe('127.0.0.1 localhost\n127.0.1.1 a\n::1 localhost\n10.213.0.3 b\n');
});
