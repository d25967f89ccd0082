import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openArchiveFile } from '../src/adapters/archive-file.ts';
import { withArchiveFiles } from '../src/adapters/archived-audit-source.ts';
import { sqlAuditSource } from '../src/adapters/sql-audit-source.ts';
import { sqlRangeArchive } from '../src/adapters/sql-range-archive.ts';
import { type ArchiveOutcome, archiveOldestRange } from '../src/application/archive-range.ts';
import { Auditor, verifyJournal } from '../src/application/audit.ts';
import { listPostings } from '../src/application/list-postings.ts';
import { makeMoveMoney } from '../src/application/move-money.ts';
import { OutsideAudit } from '../src/application/outside-audit.ts';
import { Archived } from '../src/application/ports.ts';
import { outageError } from '../src/adapters/grpc-refusals.ts';
import { createHold } from '../src/domain/economy/money-orders.ts';
import { auditedMoney, hashes, type LedgerAtWork, openAtWork, play } from './audited-market.ts';
import { eventually } from './ledger-process.ts';

/** Small enough that a short market fills several. */
const RANGE = 20;
const SHOP = 'billing:shop';

let postgres: TestPostgres;
let folder: string;

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(path.join(tmpdir(), 'subnetes-ranges-'));
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const DATABASES = {
  PostgreSQL: () => postgres.createDatabase(),
  PGlite: async () => `pglite:${await mkdtemp(path.join(folder, 'pglite-'))}`,
} as const;

const newArchive = (): Promise<string> => mkdtemp(path.join(folder, 'archive-'));

function archive(database: Database, to: string): Promise<ArchiveOutcome> {
  const openFile = (range: Parameters<typeof openArchiveFile>[1]) => openArchiveFile(to, range);
  return archiveOldestRange({ store: sqlRangeArchive(database), chainHash: hashes.chain, openFile });
}

/** What accounts had, and had held, after each of some entries. */
async function pastOf({ history }: LedgerAtWork, sequences: readonly number[]) {
  return await Promise.all(
    sequences.map(async (sequence) => {
      const query = { asset: 'TAO', accounts: [SHOP, 'network', 'desk', 'mint'], sequence };
      return { posted: await history.balancesAt(query), held: await history.heldAt(query) };
    }),
  );
}

const everyPosting = {
  asset: 'TAO',
  account: SHOP,
  fromSequence: 0,
  toSequence: 0,
  fromBlock: 0,
  toBlock: 0,
  newestFirst: false,
};

describe.each(Object.entries(DATABASES))('a journal in ranges on %s', (_name, newDatabase) => {
  test('it goes on through ranges, and an old one is archived without anything else being lost', async () => {
    const url = await newDatabase();
    const files = await newArchive();
    let past: Awaited<ReturnType<typeof pastOf>>;
    let head: number;
    {
      await using ledger = await openAtWork(url, RANGE);
      await play(ledger);
      await ledger.run((state) => createHold(state, { id: 'late', account: SHOP, amount: 5n, expiresAtBlock: 99 }));
      await ledger.sell(40);
      ({ size: head } = await ledger.sign());
      past = await pastOf(ledger, [RANGE, 30, head]);
    }
    {
      await using database = await openDatabase({ url });
      const ranges = await database.query(
        'SELECT number::text AS number, first_sequence::text AS first, end_sequence::text AS ends FROM journal_ranges ORDER BY journal_ranges.number LIMIT 3',
      );
      expect(ranges).toEqual([
        { number: '0', first: '1', ends: '21' },
        { number: '1', first: '21', ends: '41' },
        { number: '2', first: '41', ends: '61' },
      ]);
      expect(await archive(database, files)).toMatchObject({ ok: false, reason: expect.stringMatching(/the bus/) });
      await database.query('UPDATE writer SET outbox_cursor = last_sequence');
      const outcome = await archive(database, files);
      expect(outcome).toMatchObject({ ok: true, archived: { number: 0, firstSequence: 1, endSequence: 21 } });
      const [name = ''] = await readdir(files);
      expect(name).toBe('journal-00000000000000000001-00000000000000000020.jsonl');
      const text = await readFile(path.join(files, name), 'utf8');
      expect(text.trimEnd().split('\n')).toHaveLength(RANGE);
      const sha256 = createHash('sha256').update(text).digest('hex');
      expect(await database.query('SELECT export_sha256 FROM journal_ranges WHERE number = 0')).toEqual([
        { export_sha256: sha256 },
      ]);
      expect(await database.query('SELECT count(*) AS kept FROM entries_0')).toEqual([{ kept: BigInt(RANGE) }]);
      await database.script('DROP TABLE entries_0, postings_0, held_changes_0');
      const audit = new OutsideAudit(withArchiveFiles(sqlAuditSource(database), files), hashes.chain);
      expect(await audit.audit()).toMatchObject({ findings: [], entries: head });
      await expect(new OutsideAudit(sqlAuditSource(database), hashes.chain).audit()).rejects.toThrow(Archived);
    }
    await using ledger = await openAtWork(url, RANGE);
    await expectTheRest(ledger, { past, head });
  });

  test('a second range follows the first, and what it comes to goes on from there', async () => {
    const url = await newDatabase();
    const files = await newArchive();
    {
      await using ledger = await openAtWork(url, RANGE);
      await play(ledger);
      await ledger.sell(50);
      await ledger.sign();
    }
    {
      await using database = await openDatabase({ url });
      await database.query('UPDATE writer SET outbox_cursor = last_sequence');
      expect(await archive(database, files)).toMatchObject({ ok: true, archived: { number: 0 } });
      expect(await archive(database, files)).toMatchObject({ ok: true, archived: { number: 1 } });
      expect(await readdir(files)).toHaveLength(2);
      const audit = new OutsideAudit(withArchiveFiles(sqlAuditSource(database), files), hashes.chain);
      expect((await audit.audit()).findings).toEqual([]);
      expect(await archive(database, files)).toMatchObject({ ok: true, archived: { number: 2 } });
      expect(await archive(database, files)).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/still written/),
      });
    }
    await using ledger = await openAtWork(url, RANGE);
    expect((await new Auditor(ledger.store, auditedMoney).audit()).broken).toEqual([]);
    expect(await verifyJournal(ledger.store, hashes)).toMatchObject({ verified: true });
    await ledger.sell(3);
    expect(await verifyJournal(ledger.store, hashes)).toMatchObject({ verified: true });
  });
});

/** What still holds, and is still answered, once the first range is gone. */
async function expectTheRest(
  ledger: LedgerAtWork,
  { past, head }: { readonly past: Awaited<ReturnType<typeof pastOf>>; readonly head: number },
): Promise<void> {
  const { store, history, sequencer, tree } = ledger;
  expect(await pastOf(ledger, [RANGE, 30, head])).toEqual(past);
  expect(past.map(({ held }) => held?.get(SHOP))).toEqual([9n, 14n, 14n]);
  expect((await new Auditor(store, auditedMoney).audit()).broken).toEqual([]);
  expect(await verifyJournal(store, hashes)).toEqual({ verified: true, firstBrokenSequence: 0, findings: [] });

  const refused = [
    () => store.readEntries({ afterSequence: 0, limit: 10 }),
    () => store.readEntries({ afterSequence: RANGE - 1, limit: 10 }),
    () => store.readEntries({ afterSequence: 0, limit: 10, account: SHOP }),
    () => store.readEntries({ afterSequence: 0, limit: 10, eventsOnly: true }),
    () => history.balancesAt({ asset: 'TAO', accounts: [SHOP], sequence: RANGE - 1 }),
    () => listPostings(ledger, { ...everyPosting, fromSequence: 5, after: undefined, limit: 10 }),
    () => listPostings(ledger, { ...everyPosting, toSequence: 5, after: undefined, limit: 10 }),
    () => listPostings(ledger, { ...everyPosting, fromBlock: 1, after: undefined, limit: 10 }),
    () => listPostings(ledger, { ...everyPosting, after: { sequence: 9, position: 0 }, limit: 10 }),
    () => tree.file({ kind: 'entries', index: 0, width: 10 }),
  ];
  for (const read of refused) await expect(read()).rejects.toThrow(/entries up to 20 are archived/);
  const outage = outageError(new Archived({ sequence: 20 }));
  expect(outage).toMatchObject({ reason: 'ARCHIVED', metadata: { archived_to: '20' } });

  const kept = await store.readEntries({ afterSequence: RANGE, limit: 100 });
  expect(kept[0]?.sequence).toBe(RANGE + 1);
  const page = await listPostings(ledger, { ...everyPosting, after: undefined, limit: 1 });
  expect([page.completeFrom, page.postings[0]?.sequence]).toEqual([RANGE + 1, RANGE + 1]);
  expect((await tree.inclusion(3))?.hashes.length).toBeGreaterThan(0);
  expect(await tree.file({ kind: 'hashes', tile: { level: 0, index: 0, width: 10 } })).toHaveLength(320);

  const money = makeMoveMoney({ sequencer, store });
  const sale = { id: 's3-0', from: SHOP, to: 'network', amount: 1n, code: '' };
  const archivedId = await idOfFirstSale(ledger);
  const order = (request: typeof sale) => [{ order: { type: 'Transfer', request } as const, linked: false }];
  expect(await money(order({ ...sale, id: archivedId }))).toMatchObject([{ ok: true, value: { repeated: true } }]);
  expect(await money(order({ ...sale, id: archivedId, amount: 2n }))).toMatchObject([
    { ok: false, code: 'EXISTS_WITH_DIFFERENT_CONTENT' },
  ]);
  const reverse = { id: 'r', reverses: `transfer:${archivedId}`, code: '' };
  expect(
    await money([{ order: { type: 'Reverse', request: reverse, original: undefined }, linked: false }]),
  ).toMatchObject([{ ok: false, code: 'ARCHIVED' }]);
}

/** Sales are named after the entry before the first of them. */
async function idOfFirstSale({ store }: LedgerAtWork): Promise<string> {
  for (let at = 1; at < RANGE; at += 1) {
    const key = `transfer:s${at}-0`;
    if ((await store.findClaims([key])).has(key)) return key.slice('transfer:'.length);
  }
  throw new Error('nothing was sold in the first range');
}

test('what is not signed, or is another one than was signed, is not archived', async () => {
  const url = await postgres.createDatabase();
  const files = await newArchive();
  {
    await using ledger = await openAtWork(url, RANGE);
    await play(ledger);
    await ledger.sell(10);
  }
  await using database = await openDatabase({ url });
  await database.query('UPDATE writer SET outbox_cursor = last_sequence');
  expect(await archive(database, files)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/signed checkpoint/),
  });
  {
    await using ledger = await openAtWork(url, RANGE);
    await ledger.sign();
  }
  await database.script(
    'UPDATE tree_tiles SET hashes = set_byte(hashes, 170, get_byte(hashes, 170) # 1) WHERE level = 0',
  );
  expect(await archive(database, files)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/entry 6 is another one/),
  });
  await database.script(
    'UPDATE tree_tiles SET hashes = set_byte(hashes, 170, get_byte(hashes, 170) # 1) WHERE level = 0',
  );
  await database.script("UPDATE entries SET payload = '{}' WHERE sequence = 4");
  expect(await archive(database, files)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/entry 4 does not have/),
  });
  expect(await readdir(files)).toEqual([]);
});

test('one that was broken off before the tables were let go is begun anew', async () => {
  const url = await postgres.createDatabase();
  const files = await newArchive();
  await using ledger = await openAtWork(url, RANGE);
  await play(ledger);
  await ledger.sell(10);
  await ledger.sign();
  await using database = await openDatabase({ url });
  await database.query('UPDATE writer SET outbox_cursor = last_sequence');
  await using reader = await openDatabase({ url });
  const held = Promise.withResolvers<void>();
  const reading = reader.transaction(async (sql) => {
    await sql.query('SELECT count(*) FROM held_changes');
    await held.promise;
  });
  // Waits for the reader, as it would have when it was killed.
  const waiting = archive(database, files);
  await eventually(async () => {
    const rows = await reader.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DETACH%'",
    );
    return rows.length > 0 ? true : undefined;
  }, 'the archive to wait');
  await reader.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%DETACH%'");
  await expect(waiting).rejects.toThrow(/terminat|does not answer/);
  expect((await ledger.store.readEntries({ afterSequence: 0, limit: 1 })).length).toBe(1);
  held.resolve();
  await reading;
  expect(await archive(database, files)).toMatchObject({ ok: true });
  await ledger.sell(3);
  expect(await verifyJournal(ledger.store, hashes)).toMatchObject({ verified: true });
});

test('a balance at the archived end, and a file, that were tampered with are found', async () => {
  const url = await postgres.createDatabase();
  const files = await newArchive();
  {
    await using ledger = await openAtWork(url, RANGE);
    await play(ledger);
    await ledger.sell(10);
    await ledger.sign();
  }
  await using database = await openDatabase({ url });
  await database.query('UPDATE writer SET outbox_cursor = last_sequence');
  expect(await archive(database, files)).toMatchObject({ ok: true });
  const findings = async () => {
    const audit = new OutsideAudit(withArchiveFiles(sqlAuditSource(database), files), hashes.chain);
    return (await audit.audit()).findings.map(({ check }) => check);
  };
  expect(await findings()).toEqual([]);
  const file = path.join(files, (await readdir(files))[0] ?? '');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"delta":"1"', '"delta":"2"'));
  expect(await findings()).toContain('chain');
  await writeFile(file, text);
  await using ledger = await openAtWork(url, RANGE);
  await database.script(`UPDATE opening_balances SET posted = posted + 1 WHERE account = '${SHOP}'`);
  expect(await verifyJournal(ledger.store, hashes)).toMatchObject({ verified: false, findings: [expect.any(String)] });
});
