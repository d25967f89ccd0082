import path from 'node:path';
import { openDatabase } from '@subnetes/runtime/postgres';
import { type PostgresPair, startPostgresPair } from '@subnetes/testkit/postgres-pair';
import { startProcess, waitFor } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlIncidents } from '../src/adapters/sql-incidents.ts';
import { openAtWork, play } from './audited-market.ts';

/** The audit from outside reads a stand-by that follows the ledger's database, and reports to that database. */
const MAIN = path.join(import.meta.dirname, '../src/main.ts');
const DATABASE = 'ledger';

let pair: PostgresPair;
beforeAll(async () => {
  pair = await startPostgresPair();
  await pair.primary.createDatabase(DATABASE);
});
afterAll(() => pair[Symbol.asyncDispose]());

const audit = (...flags: readonly string[]) =>
  startProcess({
    command: process.execPath,
    args: [MAIN, 'audit', '--database', pair.standby.url(DATABASE), ...flags],
    env: programEnvironment(),
  });

test('a copy that follows is audited while it is written, and what is found there stops the ledger', async () => {
  await using ledger = await openAtWork(pair.primary.url(DATABASE));
  await play(ledger);
  await ledger.sign();
  await using database = await openDatabase({ url: pair.primary.url(DATABASE) });
  await using copy = await openDatabase({ url: pair.standby.url(DATABASE) });
  // A read there gives way at once to what the copy has to repeat.
  await copy.script('ALTER SYSTEM SET max_standby_streaming_delay = 0');
  await copy.query('SELECT pg_reload_conf()');
  await using child = await audit(
    '--report-to',
    pair.primary.url(DATABASE),
    '--every',
    '10ms',
    '--full-every',
    '10ms',
    '--health-port',
    '0',
  );
  const port = await waitFor('the audit', () => /"healthPort":([0-9]+)/.exec(child.output())?.[1]);
  const shows = (line: RegExp) =>
    waitFor(String(line), async () => line.test(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()));
  for (let round = 0; round < 5; round += 1) {
    await ledger.sell(200);
    await ledger.sign();
    // As archiving does, and what every reader there stands in the way of.
    await database.script('BEGIN; LOCK TABLE entries, settled_accounts IN ACCESS EXCLUSIVE MODE; COMMIT');
  }
  const last = await ledger.sequencer.read((state) => state.journal.head.sequence);
  await shows(new RegExp(`^subnetes_audit_entries ${last}$`, 'm'));
  expect(child.output()).not.toContain('the books do not hold');
  await database.script("UPDATE settled_accounts SET posted = posted + 1 WHERE id = 'desk'");
  await shows(/^subnetes_audit_findings\{check="balances"\} 1$/m);
  const incidents = sqlIncidents(database);
  await waitFor('an incident', async () => (await incidents.countOpen()) > 0);
  await child.stop('SIGTERM');
  expect(await child.exited).toBe(0);
});
