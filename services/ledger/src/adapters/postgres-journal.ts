import pg from 'pg';
import { OutageError } from '@subnetes/runtime/errors';
import type { Database, Row, Sql } from '@subnetes/runtime/sql';
import { CommitUnknown, Fenced, StoreUnavailable } from '#application/ports.ts';
import type { JournalDatabase } from './sql.ts';

/** Key of the session lock that the one writer holds: "ledger" in ASCII. */
export const WRITER_LOCK_KEY = '119182849140082';

/** How long a starting ledger waits for another one to let go: longer than a pod takes to end. */
const LOCK_WAIT_MS = 40_000;
const LOCK_RETRY_MS = 250;

/** SQLSTATEs that another try may mend: connection, resources, operator, a read-only stand-by, a cancelled statement. */
const OUTAGE_STATES = /^(08|53|57|58)|^25006$/;

type Statements = Pick<Sql, 'query'>;

export interface PostgresWriterOptions {
  /** Settings of the writer's own connection. Never through a pooler: a session lock fences other writers. */
  readonly connection: () => Promise<pg.ClientConfig>;
  /** For reads. */
  readonly database: Database;
  readonly sleep: (ms: number) => Promise<void>;
  readonly lockWaitMs?: number;
  /** Key of the session lock; another one only where the other fences are tested. */
  readonly lockKey?: string;
}

/** PostgreSQL with one dedicated connection that writes, and a pool that reads. */
export function postgresJournalDatabase(options: PostgresWriterOptions): JournalDatabase & AsyncDisposable {
  const writer = new WriterConnection(options);
  return {
    reader: { query: (text, values) => reading(options.database.query(text, values)) },
    lock: () => writer.lock(options.lockWaitMs ?? LOCK_WAIT_MS),
    transaction: (work) => writer.transaction(work),
    [Symbol.asyncDispose]: () => writer.close(),
  };
}

/** Lets the journal see the database's outages by its own name. */
async function reading<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof OutageError ? new StoreUnavailable(error.message, { cause: error }) : error;
  }
}

/** The connection that holds the writer's lock. A lost one is dialled again, and the lock taken again, before its next use. */
class WriterConnection {
  readonly #options: PostgresWriterOptions;
  #client: pg.Client | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PostgresWriterOptions) {
    this.#options = options;
  }

  /** Waits for the lock, since the process before may be ending. */
  async lock(waitMs: number): Promise<void> {
    for (let waited = 0; ; waited += LOCK_RETRY_MS) {
      try {
        await this.#connected();
        return;
      } catch (error) {
        if (!(error instanceof LockHeld)) throw error;
        if (waited >= waitMs) throw new Fenced('another ledger writes to this database', { cause: error });
      }
      await this.#options.sleep(LOCK_RETRY_MS);
    }
  }

  transaction<T>(work: (sql: Statements) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#run(work));
    this.#last = turn.catch(() => {}); // the caller has the error; the next one only waits for its end
    return turn;
  }

  async close(): Promise<void> {
    await this.#last;
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #run<T>(work: (sql: Statements) => Promise<T>): Promise<T> {
    const client = await this.#connected();
    let committing = false;
    try {
      await client.query('BEGIN');
      const result = await work({ query: (text, values) => rowsOf(client, text, values) });
      committing = true;
      await client.query('COMMIT');
      return result;
    } catch (error) {
      throw await this.#failed(client, error, committing);
    }
  }

  /** Cleans up after a failure and names it. */
  async #failed(client: pg.Client, error: unknown, committing: boolean): Promise<unknown> {
    const state = error instanceof pg.DatabaseError ? (error.code ?? '') : undefined;
    if (state !== undefined && !OUTAGE_STATES.test(state)) {
      await client.query('ROLLBACK').catch(() => this.#drop(client)); // a connection that cannot roll back is dialled anew
      return error;
    }
    if (error instanceof Fenced || error instanceof TypeError) {
      await client.query('ROLLBACK').catch(() => this.#drop(client)); // as above
      return error;
    }
    this.#drop(client);
    const message = error instanceof Error ? error.message : String(error);
    return committing
      ? new CommitUnknown(`no answer to COMMIT: ${message}`, { cause: error })
      : new StoreUnavailable(`the database does not answer: ${message}`, { cause: error });
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client !== undefined) return this.#client;
    const client = new pg.Client(await this.#options.connection());
    // Without a listener a lost connection would end the process. What is under way rejects by itself.
    client.on('error', () => this.#drop(client));
    try {
      await client.connect();
      const rows = await rowsOf(client, 'SELECT pg_try_advisory_lock($1::int8)::text AS held', [
        this.#options.lockKey ?? WRITER_LOCK_KEY,
      ]);
      if (rows[0]?.['held'] !== 'true') throw new LockHeld('the writer lock is held by another session');
      // The statements of a batch name their rows by key; a plan made while a table was empty would read all of it.
      await client.query('SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off');
    } catch (error) {
      await client.end().catch(() => {}); // it never came up
      if (error instanceof LockHeld) throw error;
      throw new StoreUnavailable(
        `the database does not answer: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      );
    }
    this.#client = client;
    return client;
  }

  #drop(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined;
    client.end().catch(() => {}); // it is gone already
  }
}

/** Another session has the writer's lock: an outage for a running ledger, the end for a starting one. */
class LockHeld extends StoreUnavailable {}

async function rowsOf<R extends Row>(
  client: pg.Client,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  const result = await client.query<R>(text, [...values]);
  return result.rows;
}
