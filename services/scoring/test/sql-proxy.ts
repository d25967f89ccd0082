import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A place in a transaction: before the server sees the statement, or after it carried it out and before that is known. */
export interface Boundary {
  /** Text that the statement contains. */
  readonly statement: string;
  /** Text of an earlier statement of the same transaction; any transaction where absent. */
  readonly within?: string;
  readonly when: 'before' | 'after';
}

/** Both sides of statements. */
export function around(...statements: string[]): Boundary[] {
  return statements.flatMap((statement) => [
    { statement, when: 'before' as const },
    { statement, when: 'after' as const },
  ]);
}

/** The end of a transaction that carried a statement: the leader's other work commits as well. */
export function committed(within: string): Boundary[] {
  return around('COMMIT').map((boundary) => ({ ...boundary, within }));
}

export interface SqlProxy extends AsyncDisposable {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** At the next statement of that kind nothing passes any more, and `act` is called. */
  arm(boundary: Boundary, act: () => void): void;
}

/** Stands between a service and PostgreSQL and stops everything at a given write. */
export async function startSqlProxy(databaseUrl: string): Promise<SqlProxy> {
  const target = new URL(databaseUrl);
  let armed: { readonly boundary: Boundary; readonly act: () => void } | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let isCut = false;
    let awaited: (() => void) | undefined;
    let isWithin = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}); // a killed process resets its connections
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (isCut) return;
      if (chunk.includes('BEGIN')) isWithin = false;
      const hit = armed !== undefined && isHit(armed.boundary, chunk, isWithin) ? armed : undefined;
      if (armed?.boundary.within !== undefined && chunk.includes(armed.boundary.within)) isWithin = true;
      if (hit === undefined) return void upstream.write(chunk);
      armed = undefined;
      if (hit.boundary.when === 'before') {
        isCut = true;
        return hit.act();
      }
      awaited = hit.act;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (isCut) return;
      if (awaited === undefined) return void client.write(chunk);
      isCut = true; // the answer says that it was done: nobody hears it
      awaited();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    arm: (boundary, act) => {
      armed = { boundary, act };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function isHit({ statement, within }: Boundary, chunk: Buffer, isWithin: boolean): boolean {
  return chunk.includes(statement) && (within === undefined || isWithin);
}
