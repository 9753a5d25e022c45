/** A TCP relay on the loopback that can do to a connection what networks do. */
import { connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  port: number;
  /** Resets every connection. */
  reset(): void;
  /** Passes nothing on any more, and says nothing. */
  freeze(): void;
  /** Closes the next connections at once. */
  hangUp(count: number): void;
  close(): Promise<void>;
}

/** @param port to listen at; any free one where it is left out */
export async function startProxy(to: number, port = 0): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let frozen = false;
  let hangUps = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((socket) => {
    keep(socket);
    if (frozen) return;
    if (hangUps > 0) {
      hangUps -= 1;
      socket.end();
      return;
    }
    const onward = connect(to, '127.0.0.1');
    keep(onward);
    socket.on('data', (chunk) => frozen || onward.write(chunk)).on('close', () => onward.destroy());
    onward.on('data', (chunk) => frozen || socket.write(chunk)).on('close', () => frozen || socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    reset,
    freeze: () => {
      frozen = true;
    },
    hangUp: (count) => {
      hangUps = count;
    },
    close: () => {
      reset();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
