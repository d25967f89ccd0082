import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { startProcess } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlAuditSource } from '../src/adapters/sql-audit-source.ts';
import { sqlIncidents } from '../src/adapters/sql-incidents.ts';
import { OutsideAudit } from '../src/application/outside-audit.ts';
import { GENESIS_PREVIOUS_HASH } from '../src/domain/book/journal.ts';
import { hashes, openAtWork, play } from './audited-market.ts';
import { eventually, startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';

const MAIN = path.join(import.meta.dirname, '../src/main.ts');
let postgres: TestPostgres;
let folder: string;
let admin: Database;
/** What a checkpoint of the first half of the market was. */
let earlier: { readonly size: number; readonly note: string };

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(path.join(tmpdir(), 'subnetes-audit-'));
  admin = await openDatabase({ url: postgres.url() });
  await using ledger = await openAtWork(await postgres.createDatabase('played'));
  await play(ledger);
  earlier = await ledger.sign();
  await ledger.sell(5);
  await ledger.sign();
});
afterAll(async () => {
  await admin[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

let copies = 0;

/** A database of its own with the played market. */
async function copy(): Promise<Database & { readonly url: string }> {
  copies += 1;
  const name = `copy${copies}`;
  await admin.script(`CREATE DATABASE ${name} TEMPLATE played`);
  const url = postgres.url(name);
  return { ...(await openDatabase({ url })), url };
}

const auditOf = (database: Database, kept?: typeof earlier) =>
  new OutsideAudit(sqlAuditSource(database), hashes.chain, kept);

const checksOf = async (database: Database, kept?: typeof earlier): Promise<readonly string[]> =>
  (await auditOf(database, kept).audit()).findings.map(({ check }) => check);

/** Makes a tampered journal's chain whole again, as an attacker who can write everything does. */
async function rechain(database: Database): Promise<void> {
  const source = sqlAuditSource(database);
  let previous = GENESIS_PREVIOUS_HASH;
  for (const entry of await source.readEntries({ afterSequence: 0, limit: 1000 })) {
    previous = hashes.chain(previous, entry);
    await database.query('UPDATE entries SET hash = $1 WHERE sequence = $2::bigint', [
      previous,
      String(entry.sequence),
    ]);
  }
  await database.query('UPDATE writer SET last_hash = $1', [previous]);
}

test('a market that nobody touched holds, with the checkpoint that somebody kept', async () => {
  await using database = await copy();
  const result = await auditOf(database, earlier).audit();
  expect(result.findings).toEqual([]);
  expect(result).toMatchObject({ entries: 28, checkpoint: { size: 28 } });
});

const SWAP = `UPDATE entries e SET payload = o.payload, kind = o.kind, block = o.block, hash = o.hash
  FROM entries o WHERE (e.sequence, o.sequence) IN ((10, 11), (11, 10))`;

const LAST_LEG = '(sequence, position) = (SELECT sequence, position FROM postings ORDER BY 1 DESC, 2 DESC LIMIT 1)';

test.for([
  ['a balance', "UPDATE settled_accounts SET posted = posted + 1 WHERE id = 'desk'", 'balances'],
  [
    'two balances that cancel out',
    "UPDATE settled_accounts SET posted = posted + (CASE id WHEN 'desk' THEN 1 ELSE -1 END) WHERE id IN ('desk', 'owner')",
    'balances',
  ],
  ['the amount of a transfer', 'UPDATE entries SET amount = amount + 1 WHERE sequence = 9', 'chain'],
  ['the amount of a leg', `UPDATE postings SET delta = delta + 1 WHERE ${LAST_LEG}`, 'chain'],
  ['a deleted row', 'DELETE FROM entries WHERE sequence = 9', 'sequence'],
  ['two rows in the other order', SWAP, 'chain'],
  ['a cut end', 'DELETE FROM entries WHERE sequence = 28', 'tree'],
  ['a hold', "UPDATE holds SET remaining = remaining - 1 WHERE id = 'h'", 'holds'],
  ['a deleted account', "DELETE FROM settled_accounts WHERE id = 'owner'", 'balances'],
] as const)('%s that was tampered with is found in one audit', async ([, statement, check]) => {
  await using database = await copy();
  const running = auditOf(database);
  expect((await running.audit()).findings).toEqual([]);
  await database.script(statement);
  expect(await checksOf(database)).toContain(check);
});

test('a history that was rewritten and chained anew does not give the root that was signed', async () => {
  await using database = await copy();
  await database.script('UPDATE entries SET block = 2 WHERE sequence = 6');
  await rechain(database);
  expect(await checksOf(database)).toEqual(['tree']);
});

test('one that was signed anew as well is found by whoever kept a checkpoint', async () => {
  await using database = await copy();
  await database.script(`UPDATE entries SET block = 2 WHERE sequence = 6; UPDATE tree SET size = 0, root =
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', checkpoint = NULL, checkpoint_size = NULL;
    DELETE FROM tree_tiles`);
  await rechain(database);
  {
    await using ledger = await openAtWork(database.url);
    await ledger.sign();
  }
  expect(await checksOf(database)).toEqual([]);
  expect(await checksOf(database, earlier)).toEqual(['tree']);
});

test('what comes later is judged as well, and an older copy in its place is found', async () => {
  await using database = await copy();
  const running = auditOf(database);
  expect((await running.audit()).findings).toEqual([]);
  {
    await using ledger = await openAtWork(database.url);
    await ledger.sell(3);
    await ledger.sign();
  }
  const later = await running.audit();
  expect(later).toMatchObject({ findings: [], entries: 31, checkpoint: { size: 31 } });
  await using older = await copy();
  expect(await checksOf(older, later.checkpoint)).toEqual(['tree']);
});

test('an incident is opened once for each check, and cleared with a reason', async () => {
  await using database = await copy();
  const incidents = sqlIncidents(database);
  const finding = { check: 'chain', sequence: 9, message: 'first' } as const;
  await incidents.report([finding, { ...finding, message: 'second' }, { ...finding, check: 'tree' }]);
  await incidents.report([{ ...finding, message: 'third' }]);
  expect(await incidents.countOpen()).toBe(2);
  expect(await incidents.clear('chain', 'restored')).toBe(1);
  expect(await incidents.clear(undefined, 'restored')).toBe(1);
  await incidents.report([{ ...finding, message: 'again' }]);
  const rows = await database.query('SELECT message, cleared_because FROM audit_incidents ORDER BY id');
  expect(rows).toEqual([
    { message: 'first', cleared_because: 'restored' },
    { message: 'first', cleared_because: 'restored' },
    { message: 'again', cleared_because: null },
  ]);
});

/** Runs `audit` as an image does. */
async function program(
  ...flags: readonly string[]
): Promise<{ readonly code: number | string; readonly output: string }> {
  const env = programEnvironment();
  await using child = await startProcess({ command: process.execPath, args: [MAIN, 'audit', ...flags], env });
  const code = await child.exited;
  return { code, output: child.output() };
}

test('the program tells, ends with 1 on a break, and takes a kept checkpoint', async () => {
  await using database = await copy();
  const whole = await program('--database', database.url, '--json');
  expect(whole.code).toBe(0);
  expect(JSON.parse(whole.output)).toMatchObject({ ok: true, entries: 28, checkpoint: { entries: 28 }, findings: [] });
  const file = path.join(folder, 'checkpoint');
  await writeFile(file, earlier.note);
  expect(await program('--database', database.url, '--kept', file)).toMatchObject({ code: 0 });
  await writeFile(file, 'nothing');
  expect(await program('--database', database.url, '--kept', file)).toMatchObject({ code: 64 });
  await database.script("UPDATE settled_accounts SET posted = posted + 1 WHERE id = 'desk'");
  const broken = await program('--database', database.url);
  expect(broken.code).toBe(1);
  expect(broken.output).toMatch(/✘ balances: TAO\/desk/);
});

test('a ledger that runs obeys what is found from outside until a person clears it', async () => {
  const databaseUrl = await postgres.createDatabase();
  await using database = await openDatabase({ url: databaseUrl });
  await using ledger = await startLedger({ databaseUrl, natsUrl: 'nats://127.0.0.1:1', genesis });
  const metrics = async () => (await fetch(`${ledger.healthUrl}/metrics`)).text();
  const outside = (value: 0 | 1) =>
    eventually(
      async () =>
        (await metrics()).includes(`subnetes_ledger_invariant_ok{invariant="outside_audit"} ${value}`)
          ? true
          : undefined,
      `the ledger takes the outside audit for ${value}`,
    );
  await outside(1);
  expect(await program('--database', databaseUrl, '--report-to', databaseUrl)).toMatchObject({ code: 0 });
  // Something that the ledger's own sums do not see.
  await database.script(`UPDATE entries SET kind = 'Gift' WHERE sequence = 1`);
  expect(await program('--database', databaseUrl, '--report-to', databaseUrl)).toMatchObject({ code: 1 });
  await outside(0);
  await database.script(`UPDATE entries SET kind = 'Genesis' WHERE sequence = 1`);
  expect(await program('--database', databaseUrl, '--report-to', databaseUrl)).toMatchObject({ code: 0 });
  expect(await metrics()).toContain('subnetes_ledger_invariant_ok{invariant="outside_audit"} 0');
  const cleared = await program('--database', databaseUrl, '--clear', '--because', 'the row was put back');
  expect(cleared).toMatchObject({ code: 0, output: expect.stringMatching(/^1 open incident/) });
  await outside(1);
});

test('it runs all the time, with metrics, and reports what it finds by itself', async () => {
  await using database = await copy();
  const args = [
    MAIN,
    'audit',
    '--database',
    database.url,
    '--report-to',
    database.url,
    '--every',
    '50ms',
    '--health-port',
    '0',
  ];
  await using child = await startProcess({ command: process.execPath, args, env: programEnvironment() });
  const port = await eventually(async () => /"healthPort":([0-9]+)/.exec(child.output())?.[1], 'the audit is ready');
  const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const shows = (line: string) => eventually(async () => ((await metrics()).includes(line) ? true : undefined), line);
  await shows('subnetes_audit_findings{check="balances"} 0');
  await shows('subnetes_audit_entries 28');
  await database.script("UPDATE settled_accounts SET posted = posted + 1 WHERE id = 'desk'");
  await shows('subnetes_audit_findings{check="balances"} 1');
  const incidents = sqlIncidents(database);
  await eventually(async () => ((await incidents.countOpen()) > 0 ? true : undefined), 'it is reported');
  await child.stop('SIGTERM');
  expect(await child.exited).toBe(0);
});
