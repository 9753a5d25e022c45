/** What SSH is spoken over, jump hosts aside. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';

/** Characters of a ProxyCommand's standard error that are kept. */
const KEPT = 2048;

/**
 * A TCP connection in the making, without Nagle's algorithm: it costs 40 ms a round trip.
 * @param timeoutMs of the whole connect, of which each of a name's addresses gets a share
 */
export function tcpSocket(host: string, port: number, timeoutMs: number): Duplex {
  // Node gives an address 250 ms by default before it drops it for the next one: too little for far hosts.
  const autoSelectFamilyAttemptTimeout = Math.max(250, Math.round(timeoutMs / 3));
  return connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout });
}

/** What SSH is spoken over, and what a ProxyCommand has said about it on standard error. */
export interface ProxySocket {
  stream: Duplex;
  said: () => string;
}

/** A ProxyCommand's standard input and output; the command ends with the stream. */
export function proxySocket(command: string): ProxySocket {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: 'pipe', detached: true });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-KEPT);
  });
  // The stream ends with the process, and not with the first of its pipes that breaks: by then all that it
  // said has been read.
  const input = new PassThrough();
  const output = new PassThrough();
  input.pipe(child.stdin).on('error', () => undefined);
  child.stdout.pipe(output, { end: false });
  child.on('close', () => output.end());
  const stream = Duplex.from({ writable: input, readable: output });
  child.on('error', (error) => stream.destroy(error));
  stream.on('close', () => child.kill());
  return { stream, said: () => said };
}
