import type { Database } from '@subnetes/runtime/sql';
import { LEASE_MS } from './leader-lock.ts';

/** A leader of an earlier term tried to write: another process leads. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
  /** The log tells it without a stack. */
  readonly isOutage = true;
}

/**
 * The database as the leader of one term sees it: each transaction begins by sharing a lock on the term, so a take-over
 * waits for it, and after a take-over there is none. Of a leader that stopped within a transaction PostgreSQL lets go
 * after the lease.
 */
export function fencedDatabase(
  database: Database,
  fence: { readonly term: bigint; readonly passed: () => void },
): Database {
  const check =
    database.kind === 'postgres'
      ? `SELECT set_config('idle_in_transaction_session_timeout', '${LEASE_MS}', true) FROM leadership WHERE term = $1 FOR SHARE`
      : 'SELECT term FROM leadership WHERE term = $1';
  return {
    ...database,
    transaction: (work) =>
      database.transaction(async (sql) => {
        const rows = await sql.query(check, [fence.term]);
        if (rows.length === 0) {
          fence.passed();
          throw new Fenced(`term ${fence.term} is over: another scoring leads`);
        }
        return work(sql);
      }),
    query: (text, parameters) => database.query(text, parameters),
    script: (text) => database.script(text),
    copy: (target, lines) => database.copy(target, lines),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** Makes every earlier term void. Waits for transactions that share the lock on it. */
export async function raiseTerm(database: Database): Promise<bigint> {
  const rows = await database.query<{ term: bigint }>('UPDATE leadership SET term = term + 1 RETURNING term');
  const [row] = rows;
  if (row === undefined) throw new Error('the table leadership has no row: the migration makes it');
  return row.term;
}
