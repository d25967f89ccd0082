import { once } from 'node:events';
import type { Server } from 'node:http';

/** Where a server listens. */
export interface ListenPlace {
  /** 0 picks a free one. */
  readonly port: number;
  /** All addresses by default. */
  readonly host?: string;
}

/** Listens, tells the port, and closes with all connections when it is disposed. Rejects when the port is taken. */
export async function listenHttp(
  server: Server,
  { port, host = '0.0.0.0' }: ListenPlace,
): Promise<{ readonly port: number } & AsyncDisposable> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server on TCP has no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
