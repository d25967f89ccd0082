import type { Sql } from '@subnetes/runtime/sql';
import { DEFAULT_TERMS, type AccountTerms } from '#domain/book/account-terms.ts';
import type { Batch } from '#application/ports.ts';

/**
 * Lets accounts go below zero that were given a floor there, before their balances are stored. The database keeps the lowest
 * floor that an account ever had: it judges after the sequencer, and a batch may both use a floor and raise it.
 */
export async function lowerFloors(sql: Pick<Sql, 'query'>, { documents, accounts }: Batch): Promise<void> {
  const floors = documents
    .filter(({ table }) => table === 'account-terms')
    .map(({ key, row }) => ({ key, floor: ((row as AccountTerms | undefined) ?? DEFAULT_TERMS).floor }))
    .filter(({ floor }) => floor < 0n);
  if (floors.length === 0) return;
  // Whoever agreed terms also put the account's row, so it is in the batch.
  const rows = floors.flatMap(({ key, floor }) => {
    const row = accounts.find((account) => account.key === key)?.row;
    return row === undefined ? [] : [{ asset: row.asset, id: row.id, floor }];
  });
  await sql.query(
    `INSERT INTO accounts (asset, id, posted, held, floor)
     SELECT a, i, 0, 0, f::numeric FROM unnest($1::text[], $2::text[], $3::text[]) AS t (a, i, f)
     ON CONFLICT (asset, id) DO UPDATE SET floor = least(accounts.floor, excluded.floor)`,
    [rows.map(({ asset }) => asset), rows.map(({ id }) => id), rows.map(({ floor }) => floor.toString())],
  );
}
