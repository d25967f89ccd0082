import { afterAll } from 'vitest';
import type { Database } from '#adapters/database.ts';
import { openPglite } from '#adapters/pglite-database.ts';
import { storeContract } from './store.contract.ts';

/** One engine for the file, since it takes a second to start; every test gets an empty schema. */
const engine = await openPglite();
afterAll(() => engine[Symbol.asyncDispose]());

async function fresh(): Promise<Database> {
  await engine.query('DROP SCHEMA public CASCADE');
  await engine.query('CREATE SCHEMA public');
  return { ...engine, [Symbol.asyncDispose]: () => Promise.resolve() };
}

storeContract('scoring on PGlite', fresh);
