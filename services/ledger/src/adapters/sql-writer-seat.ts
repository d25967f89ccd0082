import type { WriterSeat } from '#application/stand-by.ts';
import { field, type JournalDatabase } from './sql.ts';

/**
 * The writer's seat in PostgreSQL: the session lock, and the row beside it.
 * @param lockKey of the writer's session lock
 */
export function sqlWriterSeat(database: JournalDatabase, lockKey: string): WriterSeat {
  return {
    async look() {
      const rows = await database.reader.query(
        `SELECT address, EXISTS (
           SELECT 1 FROM pg_locks
           WHERE locktype = 'advisory' AND granted AND objsubid = 1
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND (classid::bigint << 32) | objid::bigint = $1::bigint
         )::text AS held FROM writer_seat`,
        [lockKey],
      );
      return { address: field(rows[0], 'address'), isHeld: field(rows[0], 'held') === 'true' };
    },
    announce: (address) =>
      database.transaction(async (sql) => {
        await sql.query('UPDATE writer_seat SET address = $1', [address]);
      }),
  };
}

/** Of a database that one process alone can open: it writes, and nobody asks where. */
export function soleSeat(): WriterSeat {
  return { look: async () => ({ isHeld: false, address: '' }), announce: async () => {} };
}
