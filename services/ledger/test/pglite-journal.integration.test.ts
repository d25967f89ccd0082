import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { afterAll, beforeAll } from 'vitest';
import { pgliteJournalDatabase } from '../src/adapters/pglite-journal.ts';
import { sqlAccountHistory } from '../src/adapters/sql-account-history.ts';
import { sqlJournal } from '../src/adapters/sql-journal.ts';
import { sqlTree } from '../src/adapters/sql-tree.ts';
import { accountHistoryContract } from './account-history.contract.ts';
import { journalContract } from './journal.contract.ts';
import { settledContract } from './settled.contract.ts';
import { type OpenToTampering, tamperingContract } from './tampering.contract.ts';
import { treeContract } from './tree.contract.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../migrations');
let folder: string;
let database: Database;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'subnetes-pglite-'));
  database = await openDatabase({ url: `pglite:${folder}` });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

// One PGlite for all: opening one costs seconds and half a gigabyte. Each test begins with an empty schema.
async function setUp(): Promise<OpenToTampering> {
  await database.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  await migrate(database, MIGRATIONS);
  return {
    open: async () => sqlJournal(pgliteJournalDatabase(database)),
    tamper: (statement) => database.script(statement),
    close: async () => {},
  };
}

journalContract('PGlite', setUp);
settledContract('PGlite', setUp);
tamperingContract('PGlite', setUp);
treeContract('PGlite', async () => {
  const under = await setUp();
  const journal = pgliteJournalDatabase(database);
  return { ...under, open: async () => ({ store: await under.open(), treeStore: sqlTree(journal) }) };
});
accountHistoryContract('PGlite', async () => {
  const under = await setUp();
  const journal = pgliteJournalDatabase(database);
  return {
    ...under,
    hasClock: true,
    open: async () => ({ store: await under.open(), history: sqlAccountHistory(journal) }),
  };
});
