import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { startProcess } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startLedger } from './ledger-process.ts';
import { desk, genesis, orderOf } from './market.ts';
import { send, SHOP, startLoad } from './retrying-client.ts';

const MAIN = path.join(import.meta.dirname, '../src/main.ts');
const COMMAND_LINE = path.join(import.meta.dirname, '../../../packages/cli/bin/subnetes.mjs');

let postgres: TestPostgres;
let files: string;

beforeAll(async () => {
  postgres = await startPostgres();
  files = await mkdtemp(path.join(tmpdir(), 'subnetes-archive-'));
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(files, { recursive: true });
});

test('the program archives while the ledger is paid into, which then refuses what it does not keep', async () => {
  const databaseUrl = await postgres.createDatabase();
  const keyFile = path.join(files, 'log-key');
  await writeFile(keyFile, '5a'.repeat(32));
  const environment = { JOURNAL_RANGE_ENTRIES: '1000', LOG_KEY_FILE: keyFile, CHECKPOINT_BLOCKS: '1' };
  await using ledger = await startLedger({ databaseUrl, natsUrl: 'nats://127.0.0.1:1', genesis, environment });
  await using database = await openDatabase({ url: databaseUrl });
  const order = { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: SHOP, amountRao: '1000000' };
  // Without a subnet: an epoch that nobody pays would keep the range.
  await ledger.client.submitOrder({ order: orderOf(desk, 1n, { case: 'transfer', value: order }) });
  const load = startLoad(() => [ledger], 4);
  await eventually(async () => {
    const [row] = await database.query('SELECT last_sequence > 1100 AS enough FROM writer');
    return row?.['enough'] === true ? true : undefined;
  }, 'the first range to be full');
  const program = () => runProgram(MAIN, 'archive', '--database', databaseUrl, '--to', files);
  expect(await program()).toMatchObject({
    code: 1,
    output: expect.stringMatching(/range 0 \(entries 1 to 1000\) stays/),
  });
  // There is no bus: said for it.
  await database.script(`UPDATE writer SET outbox_cursor = last_sequence`);
  await eventually(async () => {
    const [row] = await database.query('SELECT checkpoint_size >= 1001 AS signed FROM tree');
    return row?.['signed'] === true ? true : undefined;
  }, 'the first range to be signed');
  expect(await program()).toMatchObject({
    code: 0,
    output: expect.stringMatching(/entries 1 to 1000 are in .*SHA-256/),
  });
  await load.stop();
  await expect(ledger.client.listEntries({ afterSequence: 0n, limit: 10 })).rejects.toMatchObject({
    reason: 'ARCHIVED',
  });
  const { entries } = await ledger.client.listEntries({ afterSequence: 1000n, limit: 1 });
  expect(entries[0]?.sequence).toBe(1001n);
  const { postings, completeFromSequence } = await ledger.client.listPostings({ account: SHOP });
  expect([completeFromSequence, (postings[0]?.sequence ?? 0n) > 1000n]).toEqual([1001n, true]);
  await expect(ledger.client.getBalances({ accounts: [SHOP], atSequence: 10n })).rejects.toMatchObject({
    reason: 'ARCHIVED',
  });
  await expect(ledger.client.getInclusionProof({ by: { case: 'sequence', value: 5n } })).rejects.toMatchObject({
    reason: 'ARCHIVED',
  });
  const proof = await ledger.client.getInclusionProof({ by: { case: 'sequence', value: 1001n } });
  const [archive] = await database.query('SELECT hash FROM journal_archive');
  expect([proof.entry?.sequence, Buffer.from(proof.previousHash).toString('hex')]).toEqual([1001n, archive?.['hash']]);
  expect((await ledger.client.getConsistencyProof({ firstSize: 10n, secondSize: 0n })).hashes.length).toBeGreaterThan(
    0,
  );
  expect(await ledger.client.audit({ verifyChain: true })).toMatchObject({ chainVerified: true, findings: [] });
  const id = load.acknowledged[0] ?? '';
  expect((await send(ledger, [id])).results[0]).toMatchObject({ ok: true, repeatedCall: true });
  await expectToVerify(`127.0.0.1:${ledger.grpcPort}`);
});

/** Runs one of the repository's programs to its end. */
async function runProgram(main: string, ...args: readonly string[]) {
  await using child = await startProcess({
    command: process.execPath,
    args: [main, ...args],
    env: programEnvironment(),
  });
  const code = await child.exited;
  return { code, output: child.output() };
}

/** Anybody follows the whole journal out of the ledger and the file, and finds what was changed there. */
async function expectToVerify(address: string): Promise<void> {
  const verify = (...flags: readonly string[]) =>
    runProgram(COMMAND_LINE, 'ledger', 'verify', '--ledger', address, '--json', ...flags);
  const asked = await verify();
  expect(asked).toMatchObject({ code: 2, output: expect.stringContaining('entries 1 to 1000 are archived') });
  const whole = await verify('--archives', files);
  expect(whole.code).toBe(0);
  expect(JSON.parse(whole.output)).toMatchObject({ ok: true, archivedEntries: 1000, differenceRao: '0' });
  const file = path.join(files, 'journal-00000000000000000001-00000000000000001000.jsonl');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"sequence":700,"block":', '"sequence":700,"block":1'));
  const tampered = await verify('--archives', files);
  expect(tampered.code).toBe(1);
  expect(tampered.output).toContain('{"sequence":"700","code":"HASH_MISMATCH"');
}
