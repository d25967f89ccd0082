import type { Database } from '@subnetes/runtime/sql';
import type { JournalDatabase } from './sql.ts';

/** PGlite inside this process: its folder's lock keeps other writers out, and its one connection runs one at a time. */
export function pgliteJournalDatabase(database: Database): JournalDatabase {
  return {
    reader: database,
    lock: async () => {},
    transaction: (work) => database.transaction(work),
    runSteps: (steps) =>
      database.transaction(async (sql) => {
        for (const step of steps) {
          if (step.kind === 'insert') await sql.copy(step.target, step.lines);
          else await sql.query(step.text, step.values);
        }
      }),
  };
}
