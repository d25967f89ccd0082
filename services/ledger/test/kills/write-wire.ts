import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What happened to the next batch that the writer sent. */
export interface BatchFate {
  /** Statements of its transaction that change something. */
  readonly writes: number;
  /** The connection was cut, and the server is done with it. */
  readonly cut: boolean;
}

/** A wire to a database on which a writer can be cut off at each write of a batch. */
export interface WriteWire extends AsyncDisposable {
  readonly url: string;
  /**
   * Cuts the connection that sends the next batch once the server has so many of its writes: less than all, or all and not the
   * commit. One more than there are: once it is committed and nobody was told. More than that: not at all.
   */
  cutNext(writes: number): void;
  /** What became of it; undefined when nothing was sent since. */
  fate(): Promise<BatchFate | undefined>;
}

/** The name of the statement that every batch begins with. */
const BATCH = 'fence';
/** The message ReadyForQuery of an idle session, which answers a batch as a whole. */
const DONE = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

const [EXECUTE, COPY_DATA, COPY_DONE, SYNC] = ['E', 'd', 'c', 'S'].map((letter) => letter.codePointAt(0));

interface Cut {
  readonly writes: number;
  fate: Promise<BatchFate> | undefined;
}

export async function startWriteWire(databaseUrl: string): Promise<WriteWire> {
  const target = new URL(databaseUrl);
  const { hostname, port } = target;
  const sockets = new Set<Socket>();
  let next: Cut | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    sockets.add(client).add(upstream);
    new WiredConnection({ client, upstream }, () => (next?.fate === undefined ? next : undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  target.port = String(address.port);
  target.hostname = '127.0.0.1';
  return {
    url: target.href,
    cutNext(writes) {
      next = { writes, fate: undefined };
    },
    async fate() {
      return next?.fate;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Ends {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** One connection: passes everything on, until it sends the batch that is to be cut. */
class WiredConnection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  /** The batch of which not all has come yet. */
  #batch: { readonly cut: Cut; sent: Buffer; readonly told: PromiseWithResolvers<BatchFate> } | undefined;
  #keepsAnswers = false;

  constructor({ client, upstream }: Ends, cutOf: () => Cut | undefined) {
    this.#client = client;
    this.#upstream = upstream;
    for (const socket of [client, upstream]) socket.setNoDelay(true);
    client.on('data', (bytes) => this.#send(bytes, cutOf));
    upstream.on('data', (bytes) => this.#answer(bytes));
    client.on('error', () => upstream.destroy());
    client.on('end', () => upstream.end());
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
  }

  #send(bytes: Buffer, cutOf: () => Cut | undefined): void {
    const cut = this.#batch === undefined && bytes.includes(BATCH) ? cutOf() : undefined;
    if (cut !== undefined) {
      const told = Promise.withResolvers<BatchFate>();
      cut.fate = told.promise;
      this.#batch = { cut, sent: Buffer.alloc(0), told };
    }
    if (this.#batch === undefined) return void this.#upstream.write(bytes);
    this.#batch.sent = Buffer.concat([this.#batch.sent, bytes]);
    const ends = endsOfWrites(this.#batch.sent);
    if (ends !== undefined) this.#cut(ends);
  }

  #cut(ends: readonly number[]): void {
    if (this.#batch === undefined) return;
    const { cut, sent, told } = this.#batch;
    this.#batch = undefined;
    const writes = ends.length - 1;
    if (cut.writes > writes + 1) {
      this.#upstream.write(sent);
      return told.resolve({ writes, cut: false });
    }
    // The server's session is over, and with it its lock.
    this.#upstream.once('close', () => told.resolve({ writes, cut: true }));
    if (cut.writes <= writes) return this.#end(sent.subarray(0, ends[cut.writes]));
    this.#keepsAnswers = true;
    this.#upstream.write(sent);
  }

  #answer(bytes: Buffer): void {
    if (!this.#keepsAnswers) this.#client.write(bytes);
    else if (bytes.subarray(-DONE.length).equals(DONE)) this.#end();
  }

  #end(last: Buffer = Buffer.alloc(0)): void {
    this.#upstream.end(last);
    this.#client.destroy();
  }
}

/**
 * Where in a batch's bytes each of its writes is complete, with 0 for none before; undefined until all of it is there. A row
 * that is copied in is complete with the message CopyDone, anything else with Execute. Source: PostgreSQL, "Message Formats".
 */
function endsOfWrites(bytes: Buffer): readonly number[] | undefined {
  const ends = [0];
  for (let at = 0; at + 5 <= bytes.length;) {
    const type = bytes[at];
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (end > bytes.length) return undefined;
    if (type === SYNC) return ends;
    const isCopy = type === EXECUTE && bytes[end] === COPY_DATA;
    if ((type === EXECUTE && !isCopy) || type === COPY_DONE) ends.push(end);
    at = end;
  }
  return undefined;
}
