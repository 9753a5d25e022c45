/** How to get in: inventories, known_hosts and ssh_config of a lab that is up. */
import { stringify } from 'yaml';
import { commandLine } from '../shared/shell.js';
import type { Layout, Node } from './layout.js';

export interface Reachable {
  node: Node;
  /** As the controller sees it. */
  address: string;
  /** On the machine's 127.0.0.1. */
  port: number;
}

interface Group {
  hosts?: Record<string, unknown>;
  vars?: Record<string, unknown>;
  children?: Record<string, Group>;
}

function inventory(dir: string, hosts: ReadonlyMap<string, Record<string, unknown>>, nodes: Node[]): string {
  const children: Record<string, Group> = {};
  for (const node of nodes)
    for (const name of node.groups) {
      children[name] ??= { hosts: {} };
      children[name].hosts = { ...children[name].hosts, [node.name]: null };
    }
  const all: Group = {
    vars: {
      ansible_user: 'root',
      ansible_ssh_private_key_file: `${dir}/id_ed25519`,
      // Nothing boots a lab's host.
      netplay_persist: 'off',
      ansible_ssh_common_args: commandLine(['-o', `UserKnownHostsFile=${dir}/known_hosts`]),
    },
    hosts: Object.fromEntries(hosts),
    ...(Object.keys(children).length > 0 ? { children } : {}),
  };
  return stringify({ all }, { lineWidth: 0, nullStr: '' });
}

/** For netplay on the machine itself: each host by its port on 127.0.0.1. */
export function outsideInventory(dir: string, hosts: readonly Reachable[]): string {
  const vars = hosts.map(({ node, port }): [string, Record<string, unknown>] => [
    node.name,
    { ansible_host: '127.0.0.1', ansible_port: port, ...node.vars },
  ]);
  return inventory(
    dir,
    new Map(vars),
    hosts.map(({ node }) => node),
  );
}

/** For netplay inside, in `lab exec controller`: each host by its own address. */
export function insideInventory(dir: string, hosts: readonly Reachable[]): string {
  const vars = hosts.map(({ node, address }): [string, Record<string, unknown>] => [
    node.name,
    { ansible_host: address, ...node.vars },
  ]);
  return inventory(
    dir,
    new Map(vars),
    hosts.map(({ node }) => node),
  );
}

/** @param publicKey of the hosts, as in its `.pub` file; all hosts of a lab share one. */
export function knownHosts(hosts: readonly Reachable[], publicKey: string): string {
  const key = publicKey.trim().split(' ').slice(0, 2).join(' ');
  const names = hosts.flatMap(({ address, port }) => [`[127.0.0.1]:${port}`, address]);
  return names.map((name) => `${name} ${key}\n`).join('');
}

/** For plain `ssh -F`, `scp -F` and `rsync -e`. */
export function sshConfig(dir: string, hosts: readonly Reachable[]): string {
  const each = hosts.map(({ node, port }) => `Host ${node.name}\n  HostName 127.0.0.1\n  Port ${port}\n`);
  return `${each.join('')}Host *
  User root
  IdentityFile ${dir}/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile ${dir}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`;
}

/**
 * Every host's sshd: stock limits, keys only. A password of the machine's root shall not open a root shell
 * on a port that all of the machine's users can reach. `Include` comes first, so a lab file can say otherwise.
 */
export const SSHD_CONFIG = `Include /etc/ssh/sshd_config.d/lab*.conf
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile /run/sshd.pid
UsePAM no
UseDNS no
PrintMotd no
Subsystem sftp internal-sftp
`;

/** Names of all hosts, so that nothing on them has to ask a name server that isn't there. */
export function hostsFile(layout: Layout, self: string): string {
  const named = layout.hosts.flatMap(({ name, sshAddress }) =>
    sshAddress === null || name === self ? [] : [`${sshAddress} ${name}\n`],
  );
  return `127.0.0.1 localhost\n127.0.1.1 ${self}\n::1 localhost\n${named.join('')}`;
}
