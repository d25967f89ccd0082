import { unbondingOf } from '../book/account.ts';
import type { IndexedTable } from '../book/indexed-table.ts';
import type { Ledger } from '../economy/ledger.ts';
import { holdBlockOf } from '../slashing/slash-table.ts';
import { movedToGroup, type Unbonding } from './bond.ts';

/** Amounts that one block releases, and moves that it forgets, at most: what is left comes with the next blocks. */
export const RELEASES_MAX = 256;

/** Gives wallets what has waited long enough, unless a slash that it answers for is not decided yet. */
export function releaseUnbonding(ledger: Ledger): void {
  const released: { id: number; wallet: string; amount: bigint }[] = [];
  for (const row of takeDue(ledger, { table: ledger.unbondings, limit: RELEASES_MAX })) {
    const heldUntil = heldUntilOf(ledger, row);
    if (heldUntil !== undefined) {
      ledger.unbondings.put(String(row.id), { ...row, releaseBlock: heldUntil });
      continue;
    }
    const { id, netuid, hotkey, wallet, amount } = row;
    const from = unbondingOf(netuid, hotkey);
    const paid = ledger.book.pay({ asset: ledger.asset, from, parts: [{ to: wallet, amount }] });
    // A wallet takes all that comes, and the account holds the sum of its rows.
    if (!paid.ok) throw new Error(`${from} cannot release ${amount} rao of ${id}: ${paid.message}`);
    ledger.unbondings.remove(String(id));
    released.push({ id, wallet, amount });
  }
  if (released.length > 0) {
    ledger.journal.write({ block: ledger.block, kind: 'UnbondingReleased', payload: { released } });
  }
  for (const row of takeDue(ledger, { table: ledger.movedBonds, limit: RELEASES_MAX })) {
    const heldUntil = holdBlockOf(ledger, row);
    if (heldUntil === undefined) ledger.movedBonds.remove(String(row.id));
    else ledger.movedBonds.put(String(row.id), { ...row, endBlock: heldUntil });
  }
}

/** Also by a slash of where it had come from: who moves and takes off at once answers there until that is decided. */
function heldUntilOf(ledger: Ledger, row: Unbonding): number | undefined {
  const moves = ledger.movedBonds.find(movedToGroup(row.wallet, row));
  const held = [row, ...moves.filter(({ startedAtBlock }) => startedAtBlock <= row.startedAtBlock)]
    .map((left) => holdBlockOf(ledger, left))
    .filter((block) => block !== undefined);
  return held.length === 0 ? undefined : Math.max(...held);
}

/**
 * Rows whose block has come, oldest first and no more than `limit`; where more are due it is remembered from which block on. A
 * table may have rows that come by another group of blocks than `due`.
 */
export function takeDue<Row>(
  { dueBacklogs, block }: Ledger,
  {
    table,
    limit,
    group: kind = 'due',
  }: { readonly table: IndexedTable<Row>; readonly limit: number; readonly group?: string },
): readonly Row[] {
  const backlog = kind === 'due' ? table.name : `${table.name}/${kind}`;
  const behind = dueBacklogs.get(backlog);
  const due: Row[] = [];
  for (let at = behind ?? block; at <= block; at += 1) {
    const group = `${kind}/${at}`;
    const [count, room] = [table.count(group), limit - due.length];
    if (count > 0) due.push(...table.find(group, room));
    if (count <= room) continue;
    if (behind !== at) dueBacklogs.put(backlog, at);
    return due;
  }
  if (behind !== undefined) dueBacklogs.remove(backlog);
  return due;
}
