import { afterAll } from 'vitest';
import { migrate } from '../src/adapters/migrate.ts';
import { openPglite } from '../src/adapters/pglite-database.ts';
import { sqlStore } from '../src/adapters/sql-store.ts';
import { storeContract } from './store.contract.ts';

await using opened = new AsyncDisposableStack();
const teardown = opened.move();
afterAll(() => teardown.disposeAsync());

storeContract('PGlite', async () => {
  const database = teardown.use(await openPglite());
  await migrate(database, new URL('../migrations', import.meta.url).pathname);
  return sqlStore(database);
});
