import { OutageError } from '@subnetes/runtime/errors';
import type { Database } from '@subnetes/runtime/sql';
import { StoreUnavailable } from '#application/ports.ts';
import type { JournalDatabase } from './sql.ts';

/** As on the writer's connection of PostgreSQL; only within the transaction, since audits read whole tables. */
const BY_KEY = 'SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off';

/** PGlite inside this process: its folder's lock keeps other writers out, and its one connection runs one at a time. */
export function pgliteJournalDatabase(database: Database): JournalDatabase {
  const reader: JournalDatabase['reader'] = { query: (text, values) => named(database.query(text, values)) };
  return {
    reader,
    lookups: reader,
    lock: async () => {},
    transaction: (work) => named(database.transaction(work)),
    runSteps: (steps) =>
      named(
        database.transaction(async (sql) => {
          await sql.script(BY_KEY);
          for (const step of steps) {
            if (step.kind === 'insert') await sql.copy(step.target, step.lines);
            else await sql.query(step.text, step.values);
          }
        }),
      ),
  };
}

/** A disk that is full refuses a statement and leaves nothing of its transaction: an outage, until there is room again. */
async function named<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof OutageError ? new StoreUnavailable(error.message, { cause: error }) : error;
  }
}
