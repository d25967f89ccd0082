import { field, type JournalDatabase } from './sql.ts';

/** The database's clock, in Unix milliseconds. */
export async function readDatabaseMs({ reader }: Pick<JournalDatabase, 'reader'>): Promise<number> {
  const rows = await reader.query('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::text AS unix_ms');
  return Number(field(rows[0], 'unix_ms'));
}
