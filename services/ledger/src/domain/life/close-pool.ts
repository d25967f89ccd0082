import { BURNED, poolOf } from '../book/account.ts';
import { kindOf } from '../book/account-terms.ts';
import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { tradeOn } from '../pools/curve.ts';
import { findPool, type OpenPool } from '../pools/pool.ts';
import { tokenOf } from '../pools/token-terms.ts';
import type { Buyout } from './subnet-life.ts';

/** Holders of a token that one block buys out. */
export const HOLDERS_PER_BLOCK = 250;

/**
 * Closes the pool of a subnet that has ended, a step a block. Whoever holds the token gets for it what the pool would pay for all
 * that is held, sold at once and without a fee: each the same price, so that neither who sells first nor who buys on the
 * last day gains. Answers what is still to do; undefined where there is no pool any more.
 */
export function closePool(
  ledger: Ledger,
  { netuid, owner }: { readonly netuid: number; readonly owner: string },
  buyout: Buyout | undefined,
): Decision<Buyout | undefined> {
  const pool = findPool(ledger, netuid);
  if (pool === undefined) return accept(undefined);
  if (buyout === undefined) return accept(begin(ledger, pool));
  if (buyout.slices > 0) return buySlice(ledger, netuid, buyout);
  // Who has followed another as a coldkey since the lists were made is in none of them.
  const slices = listHolders(ledger, netuid).slices;
  if (slices > 0) return accept({ ...buyout, slices });
  const closed = close(ledger, pool, { owner, buyout });
  return closed.ok ? accept(undefined) : closed;
}

function begin(ledger: Ledger, { record, curve }: OpenPool): Buyout {
  const { tokens, slices } = listHolders(ledger, record.netuid);
  const sold = tokens === 0n ? undefined : tradeOn(curve, { side: 'sell', amount: tokens, feeU16: 0 });
  // Where the curve has no price for so much, or for so little, they get all that there is.
  const tao = sold?.ok === true ? sold.payout : curve.tao;
  return { tokens, tao: sold === undefined ? 0n : tao, bought: 0n, slices };
}

/** Wallets that hold a token, in lists of a block's work each; one pass over that token's accounts. */
function listHolders(ledger: Ledger, netuid: number): { readonly tokens: bigint; readonly slices: number } {
  const holders: string[] = [];
  let tokens = 0n;
  for (const { id, posted } of ledger.book.accounts.ofAsset(tokenOf(netuid))) {
    if (posted <= 0n || kindOf(id) !== 'Wallet') continue;
    holders.push(id);
    tokens += posted;
  }
  holders.sort();
  const slices = Math.ceil(holders.length / HOLDERS_PER_BLOCK);
  for (let slice = 1; slice <= slices; slice += 1) {
    const from = (slice - 1) * HOLDERS_PER_BLOCK;
    ledger.dissolving.put(sliceKey(netuid, slice), holders.slice(from, from + HOLDERS_PER_BLOCK));
  }
  return { tokens, slices };
}

/** Each gets its part of what all have got up to it, less what they had before: to the rao, whatever the order. */
function buySlice(ledger: Ledger, netuid: number, buyout: Buyout): Decision<Buyout> {
  const { tokens, tao } = buyout;
  const [token, key] = [tokenOf(netuid), sliceKey(netuid, buyout.slices)];
  const holders = [];
  let { bought } = buyout;
  for (const wallet of ledger.dissolving.get(key) ?? []) {
    const amount = ledger.book.posted(token, wallet);
    if (amount === 0n) continue;
    const rao = ((bought + amount) * tao) / tokens - (bought * tao) / tokens;
    bought += amount;
    const ended = ledger.book.pay({ asset: token, from: wallet, parts: [{ to: BURNED, amount }] });
    if (!ended.ok) return ended;
    if (rao > 0n) {
      const parts = [{ to: wallet, amount: rao }];
      const paid = ledger.book.pay({ asset: ledger.asset, from: poolOf(netuid), parts });
      if (!paid.ok) return paid;
    }
    holders.push({ wallet, tokens: amount, rao });
  }
  ledger.dissolving.remove(key);
  const payload = { netuid, token, holders };
  if (holders.length > 0) ledger.journal.write({ block: ledger.block, kind: 'TokensBoughtOut', payload });
  return accept({ ...buyout, bought, slices: buyout.slices - 1 });
}

/** What nobody has a claim to is burned; the first liquidity of a pool that nobody and no block has used is its owner's. */
function close(
  ledger: Ledger,
  { record, curve }: OpenPool,
  { owner, buyout }: { readonly owner: string; readonly buyout: Buyout },
): Decision<undefined> {
  const { netuid, volume, firstEmissionBlock } = record;
  const isUnused = volume === 0n && firstEmissionBlock === null;
  for (const [asset, to, amount] of [
    [ledger.asset, isUnused ? owner : BURNED, curve.tao],
    [tokenOf(netuid), BURNED, curve.alpha],
  ] as const) {
    if (amount === 0n) continue;
    const paid = ledger.book.pay({ asset, from: poolOf(netuid), parts: [{ to, amount }] });
    if (!paid.ok) return paid;
  }
  ledger.pools.remove(String(netuid));
  const { tokens, tao } = buyout;
  const [burned, returned] = isUnused ? [0n, curve.tao] : [curve.tao, 0n];
  ledger.journal.write({
    block: ledger.block,
    kind: 'PoolClosed',
    payload: { netuid, tokens, tao, burned, returned },
  });
  return accept(undefined);
}

function sliceKey(netuid: number, slice: number): string {
  return `${netuid}/holders/${slice}`;
}
