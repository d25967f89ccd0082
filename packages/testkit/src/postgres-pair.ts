import pg from 'pg';
import { startPostgres, type TestPostgres } from './postgres.ts';

/** Two servers of which the second has each commit on its disk before the first one acknowledges it. */
export interface PostgresPair extends AsyncDisposable {
  readonly primary: TestPostgres;
  readonly standby: TestPostgres;
}

/** A primary and a stand-by that follows it synchronously, from local binaries, with fsync. */
export async function startPostgresPair(): Promise<PostgresPair> {
  await using opened = new AsyncDisposableStack();
  const primary = opened.use(await startPostgres({ fsync: true, isLocal: true }));
  const standby = opened.use(await startPostgres({ fsync: true, standbyOf: primary }));
  const client = new pg.Client(primary.url());
  await client.connect();
  try {
    // Only now, and only here: without a stand-by no commit would end, and a promoted one has none.
    await client.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
    await client.query('SELECT pg_reload_conf()');
  } finally {
    await client.end();
  }
  const close = opened.move();
  return { primary, standby, [Symbol.asyncDispose]: () => close.disposeAsync() };
}
