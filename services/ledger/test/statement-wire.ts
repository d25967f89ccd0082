import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A moment on the wire to a database: a statement that carries a text, before the server has it or once it has answered. */
export interface WireMoment {
  readonly text: string;
  readonly when: 'before' | 'after';
  /** Only on a connection that has carried this text since the wire was armed: others commit as well. */
  readonly following?: string;
}

/** A wire that tells when a statement passes; at such a moment it stands still for good. */
export interface StatementWire extends AsyncDisposable {
  readonly url: string;
  /** The next time that the moment comes, `reached` is called and nothing passes on that connection any more. */
  arm(moment: WireMoment, reached: () => void): void;
}

export async function startStatementWire(databaseUrl: string): Promise<StatementWire> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let armed: { readonly moment: WireMoment; readonly reached: () => void } | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    sockets.add(client).add(upstream);
    let answered: (() => void) | undefined;
    let stands = false;
    let carried: WireMoment | undefined;
    client.on('data', (bytes) => {
      if (stands) return;
      const next = armed?.moment;
      if (next?.following !== undefined && bytes.includes(next.following)) carried = next;
      const isDue = next !== undefined && (next.following === undefined || carried === next);
      if (isDue && armed !== undefined && bytes.includes(next.text)) {
        const { moment, reached } = armed;
        armed = undefined;
        stands = true;
        if (moment.when === 'before') return reached();
        answered = reached;
      }
      upstream.write(bytes);
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
