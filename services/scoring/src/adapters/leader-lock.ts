import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { type DatabaseConfig, readSecret } from '@subnetes/runtime/config';
import type { Clock } from '@subnetes/runtime/clock';
import { fromUnknown } from '@subnetes/runtime/errors';
import { addressOf } from '@subnetes/runtime/postgres';
import type { HeldLock, LeaderLock } from '#application/take-turns.ts';

/** Key of the session lock that the leader holds: "scoring" in ASCII. */
const LEADER_LOCK_KEY = '32478952633757287';

/**
 * How long a leader that went silent keeps the lock: PostgreSQL ends its session then. One whose process died is found
 * out at once, since the connection closes.
 */
export const LEASE_MS = 5000;
const HEARTBEAT_MS = 1000;
/** How often a standby asks for the lock. It does not wait within the database, where a waiting statement stops vacuum. */
const RETRY_MS = 250;

export interface LeaderLockOptions {
  readonly database: DatabaseConfig;
  readonly clock: Clock;
  readonly failed: (error: Error) => void;
}

/** A lock on a connection of its own. Never through a pooler: the session is the lease. */
export function postgresLeaderLock(options: LeaderLockOptions): LeaderLock {
  return {
    hold: async (signal) => {
      let session: LockSession | undefined;
      let isTold = false; // an outage is told once, not four times a second
      try {
        for (;;) {
          signal.throwIfAborted();
          try {
            session ??= await LockSession.open(options);
            if (await session.tryLock()) return session.held();
            isTold = false;
          } catch (error) {
            session?.drop();
            session = undefined;
            if (!isTold) options.failed(fromUnknown(error));
            isTold = true;
          }
          await options.clock.sleep(RETRY_MS, signal);
        }
      } catch (error) {
        session?.drop();
        throw error;
      }
    },
  };
}

/** In a database that one process alone can open, that one leads. */
export function soleLeaderLock(): LeaderLock {
  const { signal: lost } = new AbortController();
  return { hold: async () => ({ lost, async [Symbol.asyncDispose]() {} }) };
}

/** The connection whose session is the lease. */
class LockSession {
  readonly #client: pg.Client;
  readonly #lost = new AbortController();

  private constructor(client: pg.Client) {
    this.#client = client;
    client.on('error', (error) => this.#lost.abort(error));
    client.on('end', () => this.#lost.abort(new Error('the connection of the lock ended')));
  }

  static async open({ database }: LeaderLockOptions): Promise<LockSession> {
    const session = new LockSession(new pg.Client(await connectionOf(database)));
    await session.#client.connect();
    return session;
  }

  async tryLock(): Promise<boolean> {
    const { rows } = await this.#client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1::int8) AS held', [
      LEADER_LOCK_KEY,
    ]);
    return rows[0]?.held === true;
  }

  /** Keeps the session alive until it is disposed; a heartbeat that fails counts as the loss of the lock. */
  held(): HeldLock {
    const heartbeat = setInterval(() => {
      this.#client.query('SELECT 1').catch((error: unknown) => this.#lost.abort(fromUnknown(error)));
    }, HEARTBEAT_MS);
    return {
      lost: this.#lost.signal,
      [Symbol.asyncDispose]: async () => {
        clearInterval(heartbeat);
        // A lost connection may never answer; one that stands is ended before the next one asks for the lock.
        if (this.#lost.signal.aborted) this.drop();
        else await this.#client.end();
      },
    };
  }

  drop(): void {
    this.#client.end().catch(() => {}); // it is gone already, and the lock with it
  }
}

async function connectionOf({ url, passwordFile, caFile }: DatabaseConfig): Promise<pg.ClientConfig> {
  return {
    ...addressOf(url),
    application_name: 'scoring-leader',
    ...(passwordFile === undefined ? {} : { password: readSecret(passwordFile) }),
    ...(caFile === undefined ? {} : { ssl: { ca: await readFile(caFile, 'utf8') } }),
    connectionTimeoutMillis: LEASE_MS,
    query_timeout: LEASE_MS,
    options: `-c idle_session_timeout=${LEASE_MS}`,
  };
}
