import { arpOwner } from './arp-owner.js';
import { command } from './command.js';
import { dns } from './dns.js';
import { mtuPath } from './mtu-path.js';
import { ping } from './ping.js';
import type { ProbeKind } from './probe.js';
import { routeGet } from './route-get.js';
import { symmetric } from './symmetric.js';
import { tcpConnect } from './tcp-connect.js';
import { throughput } from './throughput.js';

/** Every probe that a playbook can name. Adding one is adding its file and a line here. */
export const probeKinds: readonly ProbeKind<unknown>[] = [
  arpOwner,
  command,
  dns,
  mtuPath,
  ping,
  routeGet,
  symmetric,
  tcpConnect,
  throughput,
];
