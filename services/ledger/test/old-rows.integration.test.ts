import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Sql } from '@subnetes/runtime/sql';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../src/adapters/open-store.ts';
import { verifyJournal } from '../src/application/audit.ts';
import type { Batch } from '../src/application/ports.ts';
import { chain, mint } from './journal.contract.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../migrations');
let postgres: TestPostgres;
let folder: string;
beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(path.join(tmpdir(), 'subnetes-old-rows-'));
  for (const file of ['0001_journal.sql', '0002_tree.sql']) {
    await copyFile(path.join(MIGRATIONS, file), path.join(folder, file));
  }
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Writes a batch as versions before migration 0003 did: a row for each leg. */
async function writeAsBefore(database: Pick<Sql, 'query'>, { entries, accounts }: Batch): Promise<void> {
  for (const { sequence, block, kind, payloadText, hash, previousEventSequence, postings, keys } of entries) {
    await database.query(
      `INSERT INTO entries (sequence, block, kind, payload, hash, event_address, previous_event_sequence)
       VALUES ($1, $2, $3, $4, $5, 'block', $6)`,
      [sequence, block, kind, payloadText, hash, previousEventSequence],
    );
    for (const [position, { account, asset, delta, balanceAfter }] of postings.entries()) {
      await database.query('INSERT INTO postings VALUES ($1, $2, $3, $4, $5, $6)', [
        sequence,
        position,
        account,
        asset,
        delta,
        balanceAfter,
      ]);
    }
    for (const { key, contentSha256 } of keys) {
      await database.query('INSERT INTO claims VALUES ($1, $2, $3)', [key, sequence, contentSha256]);
    }
    await database.query('UPDATE writer SET last_sequence = $1, last_hash = $2', [sequence, hash]);
  }
  for (const { row } of accounts) {
    await database.query(
      `INSERT INTO accounts VALUES ($1, $2, $3, $4) ON CONFLICT (asset, id) DO UPDATE SET posted = excluded.posted`,
      [row?.asset, row?.id, row?.posted, row?.held],
    );
  }
}

test('a journal from before is read, verified, audited and continued by this version', async () => {
  const url = await postgres.createDatabase();
  const old = [];
  let head = { sequence: 0, hash: '0'.repeat(64) };
  {
    await using database = await openDatabase({ url });
    await migrate(database, folder);
    for (let at = 0; at < 3; at += 1) {
      const written = mint(head, 5n);
      await writeAsBefore(database, written.batch);
      old.push(...written.batch.entries);
      head = written.head;
    }
  }
  await using opened = await openStore({ url, migrations: MIGRATIONS });
  const { store } = opened;
  expect((await store.takeOver()).head).toEqual(head);
  const next = mint(head, 5n);
  await store.append(next.batch);
  const entries = await store.readEntries({ afterSequence: 0, limit: 10, account: 'alice' });
  const written = [...old, ...next.batch.entries];
  expect(entries.map(({ hash, postings }) => ({ hash, postings }))).toEqual(
    written.map(({ hash, postings }) => ({ hash, postings })),
  );
  expect([...(await store.findClaims(['key-1', 'key-4'])).keys()].toSorted()).toEqual(['key-1', 'key-4']);
  expect(await verifyJournal(store, { chain })).toEqual({ verified: true, firstBrokenSequence: 0, findings: [] });
  const { journal, balances } = await store.readSums({ asset: 'TAO', afterSequence: 0 });
  expect([journal.rewards, journal.deltas, balances.others]).toEqual([20n, 0n, 20n]);
});

test('an older ledger writes on while its journal becomes the first range, and stops where balances are settled', async () => {
  const url = await postgres.createDatabase();
  const before = await mkdtemp(path.join(tmpdir(), 'subnetes-before-ranges-'));
  const files = (await readdir(MIGRATIONS)).filter((file) => file < '0008');
  for (const file of files) await copyFile(path.join(MIGRATIONS, file), path.join(before, file));
  await using database = await openDatabase({ url });
  await migrate(database, before);
  await rm(before, { recursive: true });
  let head = { sequence: 0, hash: '0'.repeat(64) };
  const write = async (): Promise<void> => {
    const written = mint(head, 5n);
    await database.transaction((sql) => writeAsBefore(sql, written.batch));
    head = written.head;
  };
  await write();
  const [file] = await database.query("SELECT pg_relation_filenode('entries')::text AS node");
  const writing = (async () => {
    for (;;) await write();
  })();
  writing.catch(() => {}); // awaited below
  await using other = await openDatabase({ url });
  expect(await migrate(other, MIGRATIONS)).toEqual([8, 9, 10, 11, 12]);
  await expect(writing).rejects.toThrow(/accounts/);
  const written = head.sequence;
  expect(written).toBeGreaterThan(1);
  const ranges = await database.query('SELECT first_sequence, end_sequence FROM journal_ranges');
  expect(ranges).toEqual([{ first_sequence: 1n, end_sequence: 20_000_001n }]);
  expect(await database.query("SELECT pg_relation_filenode('entries_0')::text AS node")).toEqual([file]);
  const [kept] = await database.query('SELECT count(*) AS entries FROM entries_0');
  expect(kept).toEqual({ entries: BigInt(written) });
  await using opened = await openStore({ url, migrations: MIGRATIONS, rangeEntries: 100 });
  expect((await opened.store.takeOver()).head).toEqual(head);
  await opened.store.append(mint(head, 5n).batch);
  expect(await verifyJournal(opened.store, { chain })).toMatchObject({ verified: true });
  // Of holds nothing is known from before: not that there were none.
  const asked = { asset: 'TAO', accounts: ['alice'] };
  const at = async (sequence: number) => (await opened.history.heldAt({ ...asked, sequence }))?.size;
  expect([await at(head.sequence - 1), await at(head.sequence), await at(head.sequence + 1)]).toEqual([
    undefined,
    0,
    0,
  ]);
});
