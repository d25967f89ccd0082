import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a TCP server on which what the client says can be held back, while what it is told still arrives. */
export interface HeldProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing of the client reaches the server. */
  hold(): void;
}

export async function startHeldProxy(serverPort: number): Promise<HeldProxy> {
  const sockets = new Set<Socket>();
  let isHeld = false;
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()); // a killed process on either side ends both
      socket.on('close', () => {
        client.destroy();
        server.destroy();
        sockets.delete(socket);
      });
    }
    client.on('data', (chunk) => {
      if (!isHeld) server.write(chunk);
    });
    server.pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    hold: () => {
      isHeld = true;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
