/** The lab of the fault harness: hosts alike but for a number, and a controller that reaches them through a router. */

import { labUp, type StartedLab } from '../../../src/lab/index.js';
import type { FileSpec, HostSpec } from '../../../src/lab/spec.js';
import { ownName } from '../../support/lab-runs.js';

/** How hosts may differ in what they have and are. */
export interface HostKind {
  /** The NIC that SSH comes in by; eth1 makes the way there and the way back differ. */
  control?: 'eth0' | 'eth1';
  /** Seconds that each `ip` and `sync` of the host wait before they work: an instant in the middle can be met. */
  slow?: number;
  run?: readonly string[];
  files?: HostSpec['files'];
  vars?: Readonly<Record<string, unknown>>;
  sysctls?: HostSpec['sysctls'];
}

export interface FaultHost {
  name: string;
  /** Two digits: the last part of its addresses and MACs. */
  number: number;
  kind: HostKind;
}

/** Hosts by number, from 11 on: two digits that are the same as decimal and as hexadecimal text. */
export function numbered(kinds: readonly HostKind[]): FaultHost[] {
  if (kinds.length > 88) throw new Error('hosts have numbers of two digits');
  return kinds.map((kind, index) => ({ name: `h${11 + index}`, number: 11 + index, kind }));
}

/** A tool that waits before it does its work. */
function slowed(tool: string, seconds: number): Record<string, FileSpec> {
  const content = `#!/bin/sh\nsleep ${seconds}\nexec /usr/bin/${tool} "$@"\n`;
  return { [`/usr/local/sbin/${tool}`]: { content, mode: '755' } };
}

function hostSpec({ number, kind }: FaultHost): HostSpec {
  const nic = (index: number, name: string) => ({
    switch: name,
    mac: `52:54:00:00:0${index}:${number}`,
    addresses: [`10.${index}.0.${number}/24`, `2001:db8:${index}::${number}/64`],
  });
  const { slow } = kind;
  const slowTools = slow === undefined ? {} : { ...slowed('ip', slow), ...slowed('sync', slow) };
  return {
    nics: { eth0: nic(1, 'lan'), eth1: nic(2, 'west'), eth2: nic(3, 'east') },
    routes: [
      { dst: 'default', via: '10.1.0.254', dev: 'eth0' },
      { dst: '10.66.0.0/16', via: '10.2.0.254', dev: 'eth1' },
      { dst: '10.67.0.0/16', via: '10.2.0.254', dev: 'eth1', metric: 7, table: 200 },
      { dst: '2001:db8:9::/64', via: '2001:db8:1::254', dev: 'eth0' },
    ],
    ssh: kind.control === 'eth1' ? `10.2.0.${number}` : `10.1.0.${number}`,
    vars: { n: number, ...kind.vars },
    files: { ...kind.files, ...slowTools },
    run: kind.run ?? [],
    sysctls: { 'net.ipv4.conf.eth1.rp_filter': 0, ...kind.sysctls },
  };
}

const ROUTER: HostSpec = {
  ssh: false,
  nics: {
    eth0: { switch: 'lan', addresses: ['10.1.0.254/24', '2001:db8:1::254/64'] },
    eth1: { switch: 'west', addresses: ['10.2.0.254/24', '2001:db8:2::254/64'] },
    eth2: { switch: 'east', addresses: ['10.3.0.254/24', '2001:db8:3::254/64'] },
    eth3: { switch: 'far', addresses: ['10.9.0.1/24', '2001:db8:9::1/64'] },
  },
  sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 },
};

export const CONTROLLER = '10.9.0.200';

export async function faultLab(name: string, hosts: readonly FaultHost[]): Promise<StartedLab> {
  const lab = await labUp({
    name: ownName(name),
    management: false,
    controller: { switch: 'far', address: `${CONTROLLER}/24`, routes: ['10.0.0.0/8 via 10.9.0.1'] },
    hosts: { router: ROUTER, ...Object.fromEntries(hosts.map((host) => [host.name, hostSpec(host)])) },
  });
  // A cable of the lab passes packets of any size that are to be cut later; a real one does not.
  await lab.exec('controller', ['ip', 'link', 'set', 'dev', 'eth0', 'gso_max_segs', '1']);
  return lab;
}
