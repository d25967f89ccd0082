import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A wire to a server that can go silent: nothing passes, and neither side is told. It can lead to another server, too. */
export interface SilentWire extends AsyncDisposable {
  readonly port: number;
  silence(): void;
  heal(): void;
  /** From now on it leads there, as a name whose server was replaced does; connections of before are reset. */
  leadTo(port: number): void;
}

export async function startSilentWire(targetPort: number): Promise<SilentWire> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  let target = targetPort;
  const server = createServer((caller) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [caller, upstream],
      [upstream, caller],
    ] as const) {
      sockets.add(one);
      if (isSilent) one.pause();
      one.on('data', (bytes) => other.write(bytes));
      one.on('error', () => {}); // its close is what counts
      one.on('close', () => {
        sockets.delete(one);
        // A cut wire tells nobody that the other side has gone.
        if (!isSilent) other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  const reset = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    silence() {
      isSilent = true;
      for (const socket of sockets) socket.pause();
    },
    heal() {
      isSilent = false;
      // As after a partition: what was on the way is lost, connections of before are reset.
      reset();
    },
    leadTo(port) {
      target = port;
      reset();
    },
    async [Symbol.asyncDispose]() {
      reset();
      server.close();
      await once(server, 'close');
    },
  };
}
