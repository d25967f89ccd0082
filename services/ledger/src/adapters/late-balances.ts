import type { Sql as RuntimeSql } from '@subnetes/runtime/sql';
import { type Account, accountKey } from '#domain/book/account.ts';
import { field } from './sql.ts';

type Sql = Pick<RuntimeSql, 'query'>;

/** What entries say that the table of accounts does not yet. */
export interface LateBalances {
  /** Up to which entry the table has all of it. */
  readonly settledSequence: number;
  /** By account key; undefined: as in the table. */
  readonly changes: ReadonlyMap<string, Partial<Pick<Account, 'posted' | 'held'>>>;
}

export async function readLateBalances(sql: Sql): Promise<LateBalances> {
  const [writer] = await sql.query('SELECT settled_sequence::text AS settled FROM writer');
  const rows = await sql.query(
    'SELECT account, asset, posted::text AS posted, held::text AS held FROM late_balances()',
  );
  const unitsOf = (value: unknown): bigint | undefined => (typeof value === 'string' ? BigInt(value) : undefined);
  return {
    settledSequence: Number(field(writer, 'settled')),
    changes: new Map(
      rows.map((row) => {
        const [posted, held] = [unitsOf(row['posted']), unitsOf(row['held'])];
        const change = { ...(posted === undefined ? {} : { posted }), ...(held === undefined ? {} : { held }) };
        return [accountKey(field(row, 'asset'), field(row, 'account')), change];
      }),
    ),
  };
}

export function withLate({ changes }: LateBalances, account: Account): Account {
  const change = changes.size === 0 ? undefined : changes.get(accountKey(account.asset, account.id));
  return change === undefined ? account : { ...account, ...change };
}

/** The accounts that the table has not as they are. */
export function lateAccounts(accounts: readonly Account[], { changes }: LateBalances): readonly [string, Account][] {
  if (changes.size === 0) return [];
  return accounts.flatMap((account) => {
    const key = accountKey(account.asset, account.id);
    return changes.has(key) ? [[key, account] satisfies [string, Account]] : [];
  });
}
