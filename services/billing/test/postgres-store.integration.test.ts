import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startPostgres } from '@subnetes/testkit/postgres';
import { afterAll } from 'vitest';
import { sqlStore } from '../src/adapters/sql-store.ts';
import { storeContract } from './store.contract.ts';

const teardown = new AsyncDisposableStack();
afterAll(() => teardown.disposeAsync());

storeContract('PostgreSQL', async () => {
  const postgres = teardown.use(await startPostgres());
  const database = teardown.use(await openDatabase({ url: await postgres.createDatabase() }));
  await migrate(database, new URL('../migrations', import.meta.url).pathname);
  return sqlStore(database);
});
