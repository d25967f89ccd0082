import pg from 'pg';
import { OutageError } from '@subnetes/runtime/errors';
import type { Database, Row, Sql } from '@subnetes/runtime/sql';
import { CommitUnknown, Fenced, StoreUnavailable } from '#application/ports.ts';
import type { JournalDatabase, Step } from './sql.ts';
import { StepsQuery } from './steps-query.ts';

/** Key of the session lock that the one writer holds: "ledger" in ASCII. */
export const WRITER_LOCK_KEY = '119182849140082';

/** How long a starting ledger waits for another one to let go: longer than a pod takes to end. */
const LOCK_WAIT_MS = 40_000;
const LOCK_RETRY_MS = 250;

/** SQLSTATEs that another try may mend: connection, resources, operator, a read-only stand-by, a cancelled statement. */
const OUTAGE_STATES = /^(08|53|57|58)|^25006$/;

/** Chosen to give way where two wait for each other, as for a migration's locks: all of it was taken back, the session is whole. */
const DEADLOCK_STATE = '40P01';

/**
 * The statements of a batch name their rows by key. A plan that was made while a table was small, or that looks for the
 * cheapest way through all of it, would read all of it. With all other ways forbidden (see `oneByOne` for the last) one plan is
 * right for a table of any size and for any number of keys, so it is made once: making it takes as long as storing a single
 * transfer. What is forbidden is priced at ten billion: for such a price the compiler of expressions runs for 80 ms before a
 * statement of a tenth of one.
 */
export const BY_KEY_SETTINGS: readonly string[] = [
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'enable_memoize=off',
  'plan_cache_mode=force_generic_plan',
  'jit=off',
];

/**
 * A commit of its own at the begin of a session. With a synchronous stand-by it ends once that one has all of the log, and so
 * also what a session before left there that nobody was told of: after a crash the server shows commits that it alone has.
 */
const KNOWN_TO_STANDBY = "SELECT pg_logical_emit_message(true, 'subnetes-ledger', 'a writer begins')";

type Statements = Pick<Sql, 'query'>;

export interface PostgresWriterOptions {
  /** Settings of the writer's own connection. Never through a pooler: a session lock fences other writers. */
  readonly connection: () => Promise<pg.ClientConfig>;
  /** For reads. */
  readonly database: Database;
  /** For look-ups by key: its sessions have BY_KEY_SETTINGS. */
  readonly lookups: Database;
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
    lookups: { query: (text, values) => reading(options.lookups.query(text, values)) },
    lock: () => writer.lock(options.lockWaitMs ?? LOCK_WAIT_MS),
    transaction: (work) => writer.transaction(work),
    runSteps: (steps) => writer.runSteps(steps),
    [Symbol.asyncDispose]: () => writer.close(),
  };
}

/** Lets the journal see the database's outages by its own name; of what gave way to another session nothing was done. */
async function reading<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (stateOf(error) === DEADLOCK_STATE) throw letThrough(error);
    throw error instanceof OutageError ? new StoreUnavailable(error.message, { cause: error }) : error;
  }
}

/** SQLSTATE of a server's answer; undefined where none came. */
function stateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? (error.code ?? '') : undefined;
}

function letThrough(cause: unknown): StoreUnavailable {
  return new StoreUnavailable('another session was let through first', { cause });
}

interface Writer {
  readonly client: pg.Client;
  /** Names of the statements that the connection has. */
  readonly prepared: Set<string>;
}

/**
 * The connection that holds the writer's lock. A lost one is dialled again, and the lock taken again, before its next use. What
 * is asked is sent at once, behind what is under way.
 */
class WriterConnection {
  readonly #options: PostgresWriterOptions;
  #writer: Writer | undefined;
  /** Until then nothing may be sent: the end of the transaction that asks as it goes. */
  #last: Promise<unknown> = Promise.resolve();
  #lastAnswered: Promise<unknown> = Promise.resolve();

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

  async runSteps(steps: readonly Step[]): Promise<void> {
    // Sending keeps the order; the answer comes while others are sent.
    const sent = this.#last.then(async () => {
      const writer = await this.#connected();
      return { answered: this.#send(writer, steps) };
    });
    this.#last = sent.catch(() => {}); // the caller has the error
    const answered = sent.then((each) => each.answered);
    this.#lastAnswered = answered.catch(() => {}); // as above
    await answered;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#lastAnswered;
    const client = this.#writer?.client;
    this.#writer = undefined;
    await client?.end();
  }

  #send({ client, prepared }: Writer, steps: readonly Step[]): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => {
      const callback = (error?: Error | null): void => (error ? reject(error) : resolve());
      // pg calls back for queries of one's own classes only; its types know no such call with a class.
      (client as unknown as StepsRunner).query(new StepsQuery(steps, prepared), undefined, callback);
    });
    return answered.catch((error: unknown) => {
      // Behind the step that failed nothing was prepared.
      prepared.clear();
      client.query('DEALLOCATE ALL').catch(() => this.#drop(client)); // a connection that cannot is dialled anew
      throw this.#named(client, error, true);
    });
  }

  async #run<T>(work: (sql: Statements) => Promise<T>): Promise<T> {
    const { client } = await this.#connected();
    let committing = false;
    try {
      await client.query('BEGIN');
      const result = await work({ query: (text, values) => rowsOf(client, text, values) });
      committing = true;
      await client.query('COMMIT');
      return result;
    } catch (error) {
      const named = this.#named(client, error, committing);
      if (this.#writer?.client === client) {
        await client.query('ROLLBACK').catch(() => this.#drop(client)); // a connection that cannot roll back is dialled anew
      }
      throw named;
    }
  }

  /** Says what a failure means, and drops the connection after an outage. `committing`: it may have been done all the same. */
  #named(client: pg.Client, error: unknown, committing: boolean): unknown {
    const state = stateOf(error);
    if (state === DEADLOCK_STATE) return letThrough(error);
    if (state !== undefined && !OUTAGE_STATES.test(state)) return error;
    if (error instanceof Fenced || error instanceof TypeError) return error;
    this.#drop(client);
    const message = error instanceof Error ? error.message : String(error);
    return committing
      ? new CommitUnknown(`no answer to a commit: ${message}`, { cause: error })
      : new StoreUnavailable(`the database does not answer: ${message}`, { cause: error });
  }

  async #connected(): Promise<Writer> {
    if (this.#writer !== undefined) return this.#writer;
    const client = new pg.Client({ ...(await this.#options.connection()), pipeline: true });
    // Without a listener a lost connection would end the process. What is under way rejects by itself.
    client.on('error', () => this.#drop(client));
    try {
      await client.connect();
      const rows = await rowsOf(client, 'SELECT pg_try_advisory_lock($1::int8)::text AS held', [
        this.#options.lockKey ?? WRITER_LOCK_KEY,
      ]);
      if (rows[0]?.['held'] !== 'true') throw new LockHeld('the writer lock is held by another session');
      await client.query(BY_KEY_SETTINGS.map((setting) => `SET ${setting}`).join('; '));
      await client.query(KNOWN_TO_STANDBY);
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
    const writer = { client, prepared: new Set<string>() };
    this.#writer = writer;
    return writer;
  }

  #drop(client: pg.Client): void {
    if (this.#writer?.client === client) this.#writer = undefined;
    client.end().catch(() => {}); // it is gone already
  }
}

interface StepsRunner {
  query(query: StepsQuery, values: undefined, answered: (error?: Error | null) => void): void;
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
