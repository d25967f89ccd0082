import { RESERVE_MIN } from '@subnetes/consensus/pool-swap';
import { MINT, poolOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Cause, Mandate, MandateUse } from '../economy/mandate.ts';
import { spendMandate } from '../economy/spend-mandate.ts';
import { HALF_WEIGHT, raoForToken, spotPrice } from './curve.ts';
import { allPools, findPool, type PoolRecord, putPool } from './pool.ts';
import { tokenOf } from './token-terms.ts';

/**
 * Opens the pool of a subnet that begins: the owner's payer puts in the TAO that genesis names, and as much of the new token is
 * made as it is worth at the median of all prices (one for the first). All of the token is the pool's; the owner has none.
 * Undefined where subnets have no tokens.
 */
export function openPool(
  ledger: Ledger,
  netuid: number,
  { mandate, payer, cause }: { readonly mandate: Mandate | null; readonly payer: string; readonly cause: Cause },
): Decision<MandateUse | undefined> {
  const { subnetTokens, cap } = ledger.network.genesis;
  if (subnetTokens === undefined) return accept(undefined);
  const tao = subnetTokens.initialLiquidity;
  // Without a mandate the owner signed for it.
  const spent =
    mandate === null
      ? accept(undefined)
      : spendMandate(ledger, mandate, { operation: 'SetPolicy', netuid, cause, amount: tao });
  if (!spent.ok) return spent;
  const alpha = (tao << 64n) / medianPrice(ledger);
  if (alpha < RESERVE_MIN || alpha > cap) {
    return refuse('POOL_TOO_SHALLOW', `${tao} rao are worth ${alpha} of a new token at the median price`);
  }
  const [asset, account] = [ledger.asset, poolOf(netuid)];
  const paid = ledger.book.pay({ asset, from: payer, parts: [{ to: account, amount: tao }] });
  if (!paid.ok) return paid;
  const made = ledger.book.pay({ asset: tokenOf(netuid), from: MINT, parts: [{ to: account, amount: alpha }] });
  if (!made.ok) return made;
  const record: PoolRecord = {
    netuid,
    quoteWeight: HALF_WEIGHT,
    movingPrice: 0n,
    firstEmissionBlock: null,
    traded: 0n,
    moved: 0n,
    injected: 0n,
    userFlow: 0n,
    protocolFlow: 0n,
    volume: 0n,
  };
  putPool(ledger, record);
  const price = spotPrice({ type: subnetTokens.type, tao, alpha, quoteWeight: HALF_WEIGHT });
  ledger.journal.write({
    block: ledger.block,
    kind: 'PoolOpened',
    payload: { netuid, type: subnetTokens.type, payer, tao, alpha, price: raoForToken(price) },
  });
  return spent;
}

/** The lower one of the two in the middle where their number is even; U64F64, above zero. */
function medianPrice(ledger: Ledger): bigint {
  const prices = allPools(ledger)
    .map(({ netuid }) => findPool(ledger, netuid))
    .filter((pool) => pool !== undefined)
    .map(({ curve }) => spotPrice(curve))
    .filter((price) => price > 0n)
    .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return prices[Math.floor((prices.length - 1) / 2)] ?? 1n << 64n;
}
