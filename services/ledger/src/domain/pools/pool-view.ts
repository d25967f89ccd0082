import { I96F32 } from '@subnetes/consensus/number-form';
import { BURNED, protocolOf } from '../book/account.ts';
import type { Ledger } from '../economy/ledger.ts';
import { raoForToken, spotPrice, TOKEN_UNITS } from './curve.ts';
import { allPools, findPool, type OpenPool, tokenIssued } from './pool.ts';
import { type SubnetTokens, tokenOf } from './token-terms.ts';

/** A pool as everybody sees it. Prices are rao for one whole token. */
export interface PoolView extends Pick<SubnetTokens, 'type' | 'feeU16' | 'feeTo'> {
  readonly netuid: number;
  readonly handle: string;
  readonly token: string;
  readonly taoReserve: bigint;
  readonly alphaReserve: bigint;
  /** In 10^-18. */
  readonly quoteWeight: bigint;
  readonly price: bigint;
  readonly movingPrice: bigint;
  /** All of the token that there is, and of it: bought by blocks, burned. */
  readonly alphaIssued: bigint;
  readonly alphaProtocol: bigint;
  readonly alphaBurned: bigint;
  /** Rao that swaps have moved, ever. */
  readonly volume: bigint;
}

export function poolView(ledger: Ledger, { record, curve, terms }: OpenPool): PoolView {
  const { netuid } = record;
  const token = tokenOf(netuid);
  return {
    netuid,
    handle: ledger.subnet(netuid)?.handle ?? '',
    token,
    type: terms.type,
    feeU16: terms.feeU16,
    feeTo: terms.feeTo,
    taoReserve: curve.tao,
    alphaReserve: curve.alpha,
    quoteWeight: curve.quoteWeight,
    price: raoForToken(spotPrice(curve)),
    movingPrice: (record.movingPrice * TOKEN_UNITS) >> I96F32.fractionBits,
    alphaIssued: tokenIssued(ledger, netuid),
    alphaProtocol: ledger.book.posted(token, protocolOf(netuid)),
    alphaBurned: ledger.book.posted(token, BURNED),
    volume: record.volume,
  };
}

/** Ascending by netuid. */
export function poolViews(ledger: Ledger): readonly PoolView[] {
  return allPools(ledger)
    .map(({ netuid }) => findPool(ledger, netuid))
    .filter((pool) => pool !== undefined)
    .map((pool) => poolView(ledger, pool));
}

/** What an account has of one subnet's token. */
export interface Holding {
  readonly netuid: number;
  readonly token: string;
  readonly units: bigint;
  /** Rao at the spot price, which no sale of all of it would bring. */
  readonly worth: bigint;
}

/** Tokens of an account, ascending by netuid: one a subnet at most. */
export function holdingsOf(ledger: Ledger, account: string): readonly Holding[] {
  return poolViews(ledger)
    .map(({ netuid, token, price }) => {
      const units = ledger.book.posted(token, account);
      return { netuid, token, units, worth: (units * price) / TOKEN_UNITS };
    })
    .filter(({ units }) => units > 0n);
}
