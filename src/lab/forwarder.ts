/**
 * The way from the machine to the hosts: sockets that listen on the machine's 127.0.0.1, held by a process
 * in the controller's network namespace, which connects to each host over the lab's own network. The
 * machine's namespace gets no link for it, and the path can be cut as a real one can.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { enterArgv } from './scripts.js';

type Connect = (options: { host: string; port: number }) => Socket;
type Channel = Pick<NodeJS.Process, 'on' | 'send'>;

/**
 * The forwarder's own program. It is written out as text and runs alone: it may use its parameters only.
 * Each message names an address and brings a listening socket; the answer is that it is served.
 */
export function forward(connect: Connect, channel: Channel): void {
  channel.on('message', (message: unknown, server: unknown) => {
    const { host } = message as { host: string };
    (server as Server).on('connection', (client) => {
      const remote = connect({ host, port: 22 });
      for (const [one, other] of [
        [client, remote],
        [remote, client],
      ] as const) {
        one.setNoDelay(true);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroySoon());
        one.pipe(other);
      }
    });
    channel.send?.('served');
  });
}

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address');
  return { server, port: address.port };
}

/**
 * Starts the forwarder in the namespaces of the controller, whose end is its end too.
 * @param controller the controller's first process
 * @returns the port on 127.0.0.1 for each address, in their order
 * @throws NetplayError `lab`
 */
export async function startForwarder(
  dir: string,
  controller: number,
  addresses: readonly string[],
): Promise<number[]> {
  const program = join(dir, 'forwarder.mjs');
  writeFileSync(program, `import { connect } from 'node:net';\n(${forward})(connect, process);\n`);
  const listeners = await Promise.all(addresses.map(listen));
  const log = openSync(join(dir, 'log', 'forwarder'), 'a', 0o600);
  const [command = '', ...args] = [...enterArgv(controller), process.execPath, program];
  const child = spawn(command, args, {
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = once(child, 'exit').then(() => {
    throw new NetplayError('lab', 'the forwarder ended at once', { hint: `see ${dir}/log/forwarder` });
  });
  const served = (async () => {
    for (const [index, { server }] of listeners.entries()) {
      child.send({ host: addresses[index] }, server);
      await once(child, 'message');
    }
  })();
  try {
    await Promise.race([served, ended]);
  } finally {
    ended.catch(() => undefined);
    for (const { server } of listeners) server.close();
    if (child.connected) child.disconnect();
    child.unref();
  }
  return listeners.map(({ port }) => port);
}
