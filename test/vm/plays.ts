/** The plays that are cut off. */
import type { Folder } from '../support/lab-runs.js';

export const BASE = [
  { link: { name: 'eth1', state: 'up' } },
  // A device that was never up has no queue yet, and nobody takes it away again.
  { link: { name: 'eth2', state: 'up' } },
  { address: { address: '10.9.1.15/24', dev: 'eth1' } },
];

/** Some of everything, with two files. */
export const MUCH = [
  ...BASE,
  { rt_table: { name: 'uplink', id: 100 } },
  { link: { name: 'eth1', mtu: 1400, alias: 'on trial' } },
  { route: { dst: 'default', via: '10.9.1.2', dev: 'eth1', table: 100 } },
  { route: { dst: '10.66.0.0/16', via: '10.9.1.2', dev: 'eth1' } },
  { rule: { from: '10.9.1.15', table: 100, priority: 100 } },
  { bridge: { name: 'br0', ports: ['eth2'] } },
  { sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.eth1.arp_ignore': 1 } },
];

/** Writes a playbook of one play; returns its path. */
export function writePlay(folder: Folder, name: string, tasks: readonly object[]): string {
  return folder.write(`${name}.yml`, [{ name, hosts: 'all', tasks }]);
}
