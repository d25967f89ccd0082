import pg from 'pg';

/** What pg's connection offers a query that copies; its types leave it out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** `COPY … FROM STDIN` with its rows, which pg itself has no call for. */
export class CopyQuery extends pg.Query {
  readonly #lines: string | Uint8Array;

  constructor(target: string, lines: string | Uint8Array) {
    super(`COPY ${target} FROM STDIN`);
    this.#lines = lines;
  }

  /** Called by pg's client when the server wants the rows. */
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.#lines));
    connection.endCopyFrom();
  }
}
