import { openDatabase } from '@subnetes/runtime/postgres';
import { startPostgres } from '@subnetes/testkit/postgres';
import { afterAll } from 'vitest';
import { storeContract } from './store.contract.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

let databases = 0;
storeContract('scoring on PostgreSQL', async () => {
  databases += 1;
  return openDatabase({ url: await server.createDatabase(`store_${databases}`) });
});
