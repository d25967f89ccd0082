import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '@subnetes/testkit/processes';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { TestPostgres } from '@subnetes/testkit/postgres';
import { measureScript } from './pgbench.ts';
import { createDatabase } from './server.ts';

const CLIENTS = 32;

/**
 * What most ledgers on PostgreSQL do: a function that locks both accounts in order, checks, moves and writes a row with both
 * balances after, under a unique id. No hash chain.
 */
const SCHEMA = `
CREATE TABLE peer_accounts (
  id integer PRIMARY KEY,
  balance numeric(39, 0) NOT NULL CHECK (balance >= 0)
) WITH (fillfactor = 70);
CREATE TABLE peer_transfers (
  sequence bigserial PRIMARY KEY,
  id text NOT NULL UNIQUE,
  from_account integer NOT NULL,
  to_account integer NOT NULL,
  amount numeric(39, 0) NOT NULL CHECK (amount > 0),
  from_after numeric(39, 0) NOT NULL,
  to_after numeric(39, 0) NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON peer_transfers (from_account, sequence);
CREATE INDEX ON peer_transfers (to_account, sequence);
CREATE FUNCTION peer_transfer(order_id text, payer integer, payee integer, moved numeric) RETURNS bigint AS $$
DECLARE
  payer_after numeric;
  payee_after numeric;
  booked bigint;
BEGIN
  PERFORM FROM peer_accounts WHERE id IN (payer, payee) ORDER BY id FOR UPDATE;
  UPDATE peer_accounts SET balance = balance - moved WHERE id = payer RETURNING balance INTO payer_after;
  UPDATE peer_accounts SET balance = balance + moved WHERE id = payee RETURNING balance INTO payee_after;
  INSERT INTO peer_transfers (id, from_account, to_account, amount, from_after, to_after)
  VALUES (order_id, payer, payee, moved, payer_after, payee_after) RETURNING sequence INTO booked;
  RETURN booked;
END $$ LANGUAGE plpgsql;
INSERT INTO peer_accounts SELECT at, 1000000000 FROM generate_series(0, 99999) AS at;
ANALYZE peer_accounts;`;

const UNIFORM = `\\set payer random(0, 99999)
\\set payee (:payer + random(1, 99999)) % 100000
\\set order random(1, 1000000000000000000)
SELECT peer_transfer(:order || '-' || :client_id, :payer, :payee, 1);
`;

const HOT = `\\set other random(1, 99999)
\\set out random(0, 1)
\\set order random(1, 1000000000000000000)
\\if :out
SELECT peer_transfer(:order || '-' || :client_id, 0, :other, 1);
\\else
SELECT peer_transfer(:order || '-' || :client_id, :other, 0, 1);
\\endif
`;

/** Transfers per second of the row-locking function, with one of its accounts in each and with any two. */
export async function measureRowLocks(
  server: TestPostgres,
  seconds: number,
): Promise<{ readonly hot: number; readonly uniform: number }> {
  await using database = await openDatabase({ url: await createDatabase(server, 'row_locks') });
  await database.script(SCHEMA);
  await using folder = await temporaryFolder('row-locks');
  await chmod(folder.path, 0o755);
  const run = async (name: string, script: string): Promise<number> => {
    const file = `${folder.path}/${name}.sql`;
    await writeFile(file, script);
    return measureScript(server, { file, database: 'row_locks', seconds, clients: CLIENTS });
  };
  return { uniform: await run('uniform', UNIFORM), hot: await run('hot', HOT) };
}

/** Files of a clone of pgledger that make its schema, in order. */
const PGLEDGER_FILES = [
  'vendor/scoville-pgsql-ulid/ulid-to-uuid.sql',
  'vendor/scoville-pgsql-ulid/uuid-to-ulid.sql',
  'pgledger.sql',
] as const;

/** Its accounts have names of its own making; a table finds them by number, and costs a step down an index each. */
const PGLEDGER_ACCOUNTS = `
CREATE TABLE numbered (number integer PRIMARY KEY, id text NOT NULL);
INSERT INTO numbered
  SELECT at, (pgledger_create_account('bench.' || at, 'TAO')).id FROM generate_series(0, 99999) AS at;
ANALYZE;`;

const pgledgerTransfer = (payer: string, payee: string): string =>
  `SELECT id FROM pgledger_create_transfer(
    (SELECT id FROM numbered WHERE number = ${payer}), (SELECT id FROM numbered WHERE number = ${payee}), 1);
`.replaceAll(/\n +/g, ' ');

const PGLEDGER_UNIFORM = `\\set payer random(0, 99999)
\\set payee (:payer + random(1, 99999)) % 100000
${pgledgerTransfer(':payer', ':payee')}`;

const PGLEDGER_HOT = `\\set other random(1, 99999)
\\set out random(0, 1)
\\if :out
${pgledgerTransfer('0', ':other')}\\else
${pgledgerTransfer(':other', '0')}\\endif
`;

/**
 * Transfers per second of pgledger (github.com/pgr0ss/pgledger, MIT): one SQL function that locks both accounts, by itself, without a
 * hash chain and without idempotency keys. It is in no package registry; `folder` is a clone.
 */
export async function measurePgledger(
  server: TestPostgres,
  { folder, seconds }: { readonly folder: string; readonly seconds: number },
): Promise<{ readonly hot: number; readonly uniform: number }> {
  const url = await createDatabase(server, 'pgledger');
  await using database = await openDatabase({ url, statementTimeoutMs: 600_000 });
  for (const file of PGLEDGER_FILES) await database.script(await readFile(path.join(folder, file), 'utf8'));
  await database.script(PGLEDGER_ACCOUNTS);
  await using scripts = await temporaryFolder('pgledger');
  await chmod(scripts.path, 0o755);
  const run = async (name: string, script: string): Promise<number> => {
    const file = `${scripts.path}/${name}.sql`;
    await writeFile(file, script);
    return measureScript(server, { file, database: 'pgledger', seconds, clients: CLIENTS });
  };
  return { uniform: await run('uniform', PGLEDGER_UNIFORM), hot: await run('hot', PGLEDGER_HOT) };
}
