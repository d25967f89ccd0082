import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { ListenPlace } from '@subnetes/runtime/http-listener';

/** Callers of one pod: parts of the system and neurons, each with a connection or two. */
const CONNECTIONS_MAX = 2000;
const CONNECT_MS = 2000;

export interface PassingOn extends AsyncDisposable {
  readonly port: number;
  /** From now on connections go there, and those to another place are cut; undefined: they are closed at once. */
  passTo(address: string | undefined): void;
}

/**
 * Passes connections on, byte by byte: TLS is between the caller and the ledger that writes, so neither a certificate nor a
 * secret is in the way, and to the caller it is the same service.
 */
export async function servePassingOn({ port, host = '0.0.0.0' }: ListenPlace): Promise<PassingOn> {
  const sockets = new Set<Socket>();
  let target: string | undefined;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer({ noDelay: true }, (caller) => {
    if (target === undefined) {
      caller.destroy();
      return;
    }
    join(caller, target, sockets);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server on TCP has no port');
  return {
    port: address.port,
    passTo(next) {
      if (next === target) return;
      target = next;
      cut();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

function join(caller: Socket, address: string, sockets: Set<Socket>): void {
  const colon = address.lastIndexOf(':');
  const ledger = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), noDelay: true });
  ledger.setTimeout(CONNECT_MS, () => ledger.destroy());
  ledger.once('connect', () => ledger.setTimeout(0));
  for (const [one, other] of [
    [caller, ledger],
    [ledger, caller],
  ] as const) {
    sockets.add(one);
    one.on('error', () => {}); // its close is what the other side learns of
    one.once('close', () => {
      sockets.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
}
