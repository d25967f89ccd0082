import { openDatabase } from '@subnetes/runtime/postgres';
import { type Backup, postgresIdentity, startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlAuditSource } from '../src/adapters/sql-audit-source.ts';
import { OutsideAudit } from '../src/application/outside-audit.ts';
import type { StoredCheckpoint } from '../src/application/tree-store.ts';
import { hashes, openAtWork, play } from './audited-market.ts';

/** As docs/guides/backup.md has it: a base back-up, an archive of the log, and a restore to a moment between. */
const teardown = new AsyncDisposableStack();
let base: Backup;
let archive: string;
/** The transaction that wrote the last entry under `middle`. */
let transaction: string;
/** Checkpoints that somebody kept: before the back-up, after it, and at the end. */
let early: StoredCheckpoint;
let middle: StoredCheckpoint;
let late: StoredCheckpoint;

beforeAll(async () => {
  archive = teardown.use(await temporaryFolder('archive', postgresIdentity())).path;
  const settings = ['archive_mode=on', `archive_command=cp %p ${archive}/%f`];
  await using postgres = await startPostgres({ fsync: true, settings });
  const url = await postgres.createDatabase('ledger');
  await using ledger = await openAtWork(url);
  await play(ledger);
  early = await ledger.sign();
  base = teardown.use(await postgres.backUp());
  await ledger.sell(40);
  middle = await ledger.sign();
  await using database = await openDatabase({ url });
  const [row] = await database.query('SELECT xmin::text AS xid FROM entries WHERE sequence = $1', [middle.size]);
  transaction = String(row?.['xid']);
  await ledger.sell(30);
  late = await ledger.sign();
  const [last] = await database.query('SELECT pg_walfile_name(pg_switch_wal()) AS file');
  await waitFor('the log to be archived', async () => {
    const [told] = await database.query('SELECT last_archived_wal AS file FROM pg_stat_archiver');
    return String(told?.['file']) >= String(last?.['file']);
  });
});
afterAll(() => teardown.disposeAsync());

/** A server that recovers from the back-up and the archive, up to a target. */
async function restored(...target: readonly string[]): Promise<TestPostgres> {
  const settings = [`restore_command=cp ${archive}/%f %p`, ...target, 'recovery_target_action=promote'];
  const server = await startPostgres({ from: base, settings });
  await using database = await openDatabase({ url: server.url('ledger') });
  await waitFor('the recovery to end', async () => {
    const [row] = await database.query('SELECT pg_is_in_recovery() AS recovering');
    return row?.['recovering'] === false;
  });
  return server;
}

async function auditOf(server: TestPostgres, kept: StoredCheckpoint) {
  await using database = await openDatabase({ url: server.url('ledger') });
  return await new OutsideAudit(sqlAuditSource(database), hashes.chain, kept).audit();
}

test('restored to the entry before a mistake, the journal has the root that was signed for it, and goes on', async () => {
  await using server = await restored(`recovery_target_xid=${transaction}`);
  const audit = await auditOf(server, middle);
  expect(audit).toMatchObject({ findings: [], entries: middle.size });
  await using ledger = await openAtWork(server.url('ledger'));
  await ledger.sell(5);
  expect((await ledger.sign()).size).toBe(middle.size + 5);
  expect(await auditOf(server, middle)).toMatchObject({ findings: [], entries: middle.size + 5 });
});

test('restored to the end, nothing that was acknowledged is missing', async () => {
  await using server = await restored();
  expect(await auditOf(server, late)).toMatchObject({ findings: [], entries: late.size, checkpoint: late });
});

test('an old back-up that is restored by mistake is found by whoever kept a checkpoint of later', async () => {
  await using server = await restored('recovery_target=immediate');
  expect(await auditOf(server, early)).toMatchObject({ findings: [], entries: early.size });
  const { findings } = await auditOf(server, late);
  expect(findings).toEqual([
    { check: 'tree', sequence: early.size, message: expect.stringContaining('an older copy is in its place') },
  ]);
});
