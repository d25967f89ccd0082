import { aborted } from '../src/clock.ts';
import { openDatabase } from '../src/postgres.ts';
import { runService } from '../src/run-service.ts';

/** A service on the PGlite folder of its argument: commits, prints where the log ends, and waits for the signal that ends it. */
await runService('on-folder', async (signal) => {
  await using database = await openDatabase({ url: `pglite:${process.argv[2] ?? ''}` });
  await database.script('CREATE TABLE IF NOT EXISTS commits (n int8)');
  await database.query('INSERT INTO commits SELECT generate_series(1, 1000)');
  const [log] = await database.query("SELECT (pg_current_wal_insert_lsn() - '0/0')::text AS end");
  process.stdout.write(`log ends at ${String(log?.['end'])}\n`);
  const alive = setInterval(() => {}, 1000);
  await aborted(signal);
  clearInterval(alive);
});
