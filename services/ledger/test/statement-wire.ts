import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * A moment on the wire to a database, found by a text that a client sends: before the server has it, once the server has it and
 * all that came with it but the Sync that commits it, or once the server has answered.
 */
export interface WireMoment {
  readonly text: string;
  readonly when: 'before' | 'uncommitted' | 'after';
}

/** Bytes of the message Sync, with which what a client sends ends. */
const SYNC_BYTES = 5;

/** A wire that tells when a statement passes; at such a moment it stands still for good. */
export interface StatementWire extends AsyncDisposable {
  readonly url: string;
  /** The next time that the moment comes, `reached` is called and nothing passes on that connection any more. */
  arm(moment: WireMoment, reached: () => void): void;
}

export async function startStatementWire(databaseUrl: string): Promise<StatementWire> {
  const target = new URL(databaseUrl);
  const { hostname, port } = target;
  const sockets = new Set<Socket>();
  let armed: { readonly moment: WireMoment; readonly reached: () => void } | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    sockets.add(client).add(upstream);
    let answered: (() => void) | undefined;
    let stands = false;
    client.on('data', (bytes) => {
      if (stands) return;
      if (armed === undefined || !bytes.includes(armed.moment.text)) return void upstream.write(bytes);
      const { moment, reached } = armed;
      armed = undefined;
      stands = true;
      if (moment.when === 'before') return reached();
      if (moment.when === 'after') answered = reached;
      upstream.write(moment.when === 'uncommitted' ? bytes.subarray(0, -SYNC_BYTES) : bytes, () => {
        if (moment.when === 'uncommitted') reached();
      });
    });
    upstream.on('data', (bytes) => {
      if (answered === undefined) client.write(bytes);
      else answered();
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  target.port = String(address.port);
  target.hostname = '127.0.0.1';
  return {
    url: target.href,
    arm(moment, reached) {
      armed = { moment, reached };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
