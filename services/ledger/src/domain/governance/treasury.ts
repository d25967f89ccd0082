import { NETWORK, TREASURY } from '../book/account.ts';
import type { Ledger } from '../economy/ledger.ts';

/** Blocks from one look at the network's earnings to the next. */
export const TREASURY_EVERY_BLOCKS = 100;

const PPM = 1_000_000n;

/** Gives the treasury its part of what the network's account has earned since the last look; floored. */
export function fundTreasury(ledger: Ledger): void {
  const terms = ledger.network.genesis.governance;
  const { block, asset, book, governance } = ledger;
  if (terms === undefined || block % TREASURY_EVERY_BLOCKS !== 0) return;
  const has = book.posted(asset, NETWORK);
  const { record } = governance;
  // Sales that were taken back lower it: they are earned again before they count.
  const earned = has - record.feesSeen;
  if (earned <= 0n) return;
  const amount = (earned * BigInt(terms.treasuryPpm)) / PPM;
  if (amount > 0n) {
    const paid = book.pay({ asset, from: NETWORK, parts: [{ to: TREASURY, amount }] });
    if (!paid.ok) return; // nothing was moved; the next look finds it again
    ledger.journal.write({ block, kind: 'TreasuryFunded', payload: { earned, amount } });
  }
  governance.record = { ...record, feesSeen: has - amount };
}
