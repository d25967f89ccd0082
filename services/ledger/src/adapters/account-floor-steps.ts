import { DEFAULT_TERMS, type AccountTerms } from '#domain/book/account-terms.ts';
import type { Batch } from '#application/ports.ts';
import { arrayText, type StatementStep } from './sql.ts';

/**
 * Lets accounts go below zero that were given a floor there, before their balances are stored. The database keeps the lowest
 * floor that an account ever had: it judges after the sequencer, and a batch may both use a floor and raise it.
 */
export function accountFloorSteps({ documents, accounts }: Batch): readonly StatementStep[] {
  const floors = documents
    .filter(({ table }) => table === 'account-terms')
    .map(({ key, row }) => ({ key, floor: ((row as AccountTerms | undefined) ?? DEFAULT_TERMS).floor }))
    .filter(({ floor }) => floor < 0n);
  // Whoever agreed terms also put the account's row, so it is in the batch.
  const rows = floors.flatMap(({ key, floor }) => {
    const row = accounts.find((account) => account.key === key)?.row;
    return row === undefined ? [] : [{ asset: row.asset, id: row.id, floor }];
  });
  if (rows.length === 0) return [];
  return [
    {
      kind: 'statement',
      name: 'account-floors',
      text: `INSERT INTO settled_accounts (asset, id, posted, held, floor)
        SELECT a, i, 0, 0, f FROM unnest($1::text[], $2::text[], $3::numeric[]) AS t (a, i, f)
        ON CONFLICT (asset, id) DO UPDATE SET floor = least(settled_accounts.floor, excluded.floor)`,
      values: [
        arrayText(rows.map(({ asset }) => asset)),
        arrayText(rows.map(({ id }) => id)),
        arrayText(rows.map(({ floor }) => String(floor))),
      ],
    },
  ];
}
