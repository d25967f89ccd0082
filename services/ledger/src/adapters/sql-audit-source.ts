import pg from 'pg';
import { OutageError } from '@subnetes/runtime/errors';
import type { Database, Sql } from '@subnetes/runtime/sql';
import { StoreUnavailable } from '#application/ports.ts';
import type { StoredPools } from '#domain/audit/share-pools.ts';
import type { Position, Round, SharePool } from '#domain/economy/share-pool.ts';
import type { AuditSource } from '#application/outside-audit.ts';
import { documentOfText } from './document-text.ts';
import { field } from './sql.ts';
import { readEntries } from './sql-journal-reads.ts';

const DEADLOCK_STATE = '40P01';

/** The ledger's database, or a copy that follows it, for the audit from outside. It asks for a snapshot that cannot write. */
export function sqlAuditSource(database: Database): AuditSource {
  return {
    readEntries: (query) => reading(readEntries(database, query)),
    async readCheckpoint() {
      const rows = await reading(
        database.query(`SELECT checkpoint_size::text AS size, checkpoint FROM tree WHERE checkpoint IS NOT NULL`),
      );
      const row = rows[0];
      return row === undefined ? undefined : { size: Number(field(row, 'size')), note: field(row, 'checkpoint') };
    },
    readMoment: (query) =>
      reading(
        database.transaction(async (sql) => {
          await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
          return { entries: await readEntries(sql, query), ...(await readState(sql)) };
        }),
      ),
  };
}

async function readState(sql: Pick<Sql, 'query'>) {
  const [head] = await sql.query('SELECT last_sequence::text AS last_sequence, last_hash FROM writer');
  const accounts = await sql.query('SELECT asset, id, posted::text AS posted, held::text AS held FROM accounts');
  const holds = await sql.query(
    `SELECT id, account, asset, amount::text AS amount, remaining::text AS remaining, expires_at_block::text AS expires
     FROM holds`,
  );
  return {
    head: { sequence: Number(field(head, 'last_sequence')), hash: field(head, 'last_hash') },
    accounts: accounts.map((row) => ({
      id: field(row, 'id'),
      asset: field(row, 'asset'),
      posted: BigInt(field(row, 'posted')),
      held: BigInt(field(row, 'held')),
    })),
    holds: holds.map((row) => ({
      id: field(row, 'id'),
      account: field(row, 'account'),
      asset: field(row, 'asset'),
      amount: BigInt(field(row, 'amount')),
      remaining: BigInt(field(row, 'remaining')),
      expiresAtBlock: Number(field(row, 'expires')),
    })),
    pools: await readPools(sql),
  };
}

/** Keys begin with `netuid/hotkey`, neither of which has a slash. */
async function readPools(sql: Pick<Sql, 'query'>): Promise<StoredPools> {
  const rows = await sql.query(
    `SELECT table_name, key, body FROM documents WHERE table_name IN ('share-pools', 'delegations', 'share-rounds')`,
  );
  const documentsOf = <T>(table: string) =>
    rows
      .filter((row) => field(row, 'table_name') === table)
      .map((row) => {
        const [netuid = '', hotkey = '', rest = ''] = field(row, 'key').split('/');
        return { netuid: Number(netuid), hotkey, rest, document: documentOfText(field(row, 'body')) as T };
      });
  return {
    pools: documentsOf<SharePool>('share-pools').map(({ document, ...place }) => ({ ...place, ...document })),
    positions: documentsOf<Position>('delegations').map(({ document, ...place }) => ({ ...place, ...document })),
    rounds: documentsOf<Round>('share-rounds').map(({ document, rest, ...place }) => ({
      ...place,
      ...document,
      round: Number(rest),
    })),
  };
}

async function reading<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OutageError || hasGivenWay(error)) throw new StoreUnavailable(error.message, { cause: error });
    throw error;
  }
}

/** A copy may also say "deadlock" where a read stood in the way of what it has to repeat. */
function hasGivenWay(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code === DEADLOCK_STATE;
}
