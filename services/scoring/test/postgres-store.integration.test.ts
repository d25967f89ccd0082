import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { startPostgres } from '@subnetes/testkit/postgres';
import { afterAll } from 'vitest';
import { sqlFunctions } from '#adapters/sql-functions.ts';
import { evidenceContract } from './evidence.contract.ts';
import { functionStoreContract } from './function-store.contract.ts';
import { functionsContract } from './functions.contract.ts';
import { leaderContract } from './leader.contract.ts';
import { metagraphContract } from './metagraph.contract.ts';
import { policyContract } from './policy.contract.ts';
import { rootContract } from './root.contract.ts';
import { signedRowsContract } from './signed-rows.contract.ts';
import { MIGRATIONS, storeContract } from './store.contract.ts';
import { timelockContract } from './timelock.contract.ts';
import { drawsContract } from './draws.contract.ts';
import { weightsContract } from './weights.contract.ts';
import { witnessContract } from './witness.contract.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

let databases = 0;
async function fresh(): Promise<Database> {
  databases += 1;
  return openDatabase({ url: await server.createDatabase(`store_${databases}`) });
}

storeContract('scoring on PostgreSQL', fresh);
weightsContract('scoring on PostgreSQL', fresh);
evidenceContract('scoring on PostgreSQL', fresh);
policyContract('scoring on PostgreSQL', fresh);
functionsContract('scoring on PostgreSQL', fresh);
functionStoreContract('scoring on PostgreSQL', async () => {
  const database = await fresh();
  await migrate(database, MIGRATIONS);
  return { ...sqlFunctions(database), [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
});
witnessContract('scoring on PostgreSQL', fresh);
signedRowsContract('scoring on PostgreSQL', fresh);
timelockContract('scoring on PostgreSQL', fresh);
drawsContract('scoring on PostgreSQL', fresh);
rootContract('scoring on PostgreSQL', fresh);
leaderContract('scoring on PostgreSQL', fresh);
metagraphContract('scoring on PostgreSQL', fresh);
