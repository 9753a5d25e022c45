import { command } from './command.js';
import { ping } from './ping.js';
import type { ProbeKind } from './probe.js';
import { tcpConnect } from './tcp-connect.js';

/** Every probe that a playbook can name. Adding one is adding its file and a line here. */
export const probeKinds: readonly ProbeKind<unknown>[] = [command, ping, tcpConnect];
