import type { Subnet } from '#domain/sender.ts';
import type { Sql } from '@subnetes/runtime/sql';
import { count, text } from './rows.ts';
import { policyFromText } from './stored-policy.ts';

/** Raises how far the ledger's stream has taken effect. */
export async function observe(
  sql: Sql,
  position: { readonly block: number; readonly sequence: number },
): Promise<void> {
  await sql.query('UPDATE ledger_position SET block = greatest(block, $1), sequence = greatest(sequence, $2)', [
    position.block,
    position.sequence,
  ]);
}

/** The subnet, without a lock. */
export async function readSubnet(sql: Sql, netuid: number): Promise<Subnet | undefined> {
  const rows = await sql.query(
    'SELECT start_block::text, interval_index::text, policy FROM subnets WHERE netuid = $1',
    [netuid],
  );
  return rows
    .map((row) => ({
      netuid,
      startBlock: count(row, 'start_block'),
      interval: count(row, 'interval_index'),
      policy: policyFromText(text(row, 'policy')),
    }))
    .at(0);
}
