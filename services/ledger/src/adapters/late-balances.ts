import type { Sql as RuntimeSql } from '@subnetes/runtime/sql';
import { type Account, accountKey } from '#domain/book/account.ts';
import { field } from './sql.ts';

type Sql = Pick<RuntimeSql, 'query'>;

/** Entries whose balances one transaction puts into the table of accounts at most: about a second of the server's time. */
const SETTLED_AT_ONCE = 100_000;

/** Puts balances that only entries tell into the table of accounts; answers up to which entry it has them all. */
export async function settleAccounts(sql: Sql): Promise<number> {
  const [row] = await sql.query('SELECT settle_accounts($1::bigint)::text AS settled', [String(SETTLED_AT_ONCE)]);
  return Number(field(row, 'settled'));
}

/** What entries say that the table of accounts does not, by account key; a member that is left out is as in the table. */
export type LateBalances = ReadonlyMap<string, Partial<Pick<Account, 'posted' | 'held'>>>;

export async function readLateBalances(sql: Sql): Promise<LateBalances> {
  const rows = await sql.query(
    `SELECT account, asset, posted::text AS posted, held::text AS held
     FROM late_balances((SELECT sequence FROM settlement), (SELECT last_sequence FROM writer))`,
  );
  const unitsOf = (value: unknown): bigint | undefined => (typeof value === 'string' ? BigInt(value) : undefined);
  return new Map(
    rows.map((row) => {
      const [posted, held] = [unitsOf(row['posted']), unitsOf(row['held'])];
      const change = { ...(posted === undefined ? {} : { posted }), ...(held === undefined ? {} : { held }) };
      return [accountKey(field(row, 'asset'), field(row, 'account')), change];
    }),
  );
}

/** An account of the table as it is at the journal's end. */
export function withLate(late: LateBalances, account: Account): Account {
  const change = late.size === 0 ? undefined : late.get(accountKey(account.asset, account.id));
  return change === undefined ? account : { ...account, ...change };
}
