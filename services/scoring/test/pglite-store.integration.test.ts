import { afterAll } from 'vitest';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { sqlFunctions } from '#adapters/sql-functions.ts';
import { evidenceContract } from './evidence.contract.ts';
import { functionStoreContract } from './function-store.contract.ts';
import { functionsContract } from './functions.contract.ts';
import { leaderContract } from './leader.contract.ts';
import { memoryFunctions } from './memory-functions.ts';
import { metagraphContract } from './metagraph.contract.ts';
import { policyContract } from './policy.contract.ts';
import { rootContract } from './root.contract.ts';
import { signedRowsContract } from './signed-rows.contract.ts';
import { MIGRATIONS, storeContract } from './store.contract.ts';
import { timelockContract } from './timelock.contract.ts';
import { drawsContract } from './draws.contract.ts';
import { weightsContract } from './weights.contract.ts';
import { witnessContract } from './witness.contract.ts';

/** One engine for the file, since it takes a second to start; every test gets an empty schema. */
const engine = await openDatabase({ url: 'pglite:memory' });
afterAll(() => engine[Symbol.asyncDispose]());

async function fresh(): Promise<Database> {
  await engine.query('DROP SCHEMA public CASCADE');
  await engine.query('CREATE SCHEMA public');
  return { ...engine, [Symbol.asyncDispose]: () => Promise.resolve() };
}

storeContract('scoring on PGlite', fresh);
weightsContract('scoring on PGlite', fresh);
evidenceContract('scoring on PGlite', fresh);
policyContract('scoring on PGlite', fresh);
functionsContract('scoring on PGlite', fresh);
functionStoreContract('in memory', async () => ({
  ...memoryFunctions(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));
functionStoreContract('scoring on PGlite', async () => {
  const database = await fresh();
  await migrate(database, MIGRATIONS);
  return { ...sqlFunctions(database), [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
});
witnessContract('scoring on PGlite', fresh);
signedRowsContract('scoring on PGlite', fresh);
timelockContract('scoring on PGlite', fresh);
drawsContract('scoring on PGlite', fresh);
rootContract('scoring on PGlite', fresh);
leaderContract('scoring on PGlite', fresh);
metagraphContract('scoring on PGlite', fresh);
