import { injectionCap, injectionOf } from '@subnetes/consensus/liquidity-injection';
import { U64F64, U96F32 } from '@subnetes/consensus/number-form';
import { quoteWeightAfter } from '@subnetes/consensus/pool-weights';
import { type Curve, spotPrice, tradeOn } from './curve.ts';

/** What a block puts into a pool, in whole units. */
export interface Injection {
  readonly tao: bigint;
  readonly alpha: bigint;
  /** TAO that bought the token instead, and what it got. */
  readonly spent: bigint;
  readonly bought: bigint;
  readonly quoteWeight: bigint;
}

/** What a block has for a pool. */
export interface InjectionTerms {
  /** Rao. */
  readonly tao: bigint;
  /** What the issuance curve gives of the token for this block, in units. */
  readonly alphaEmission: bigint;
  /** Part of it that may enter the pool (U96F32). */
  readonly rootProportion: bigint;
}

/**
 * TAO enters with as much of the token as it is worth, so that the price stays; what the token's cap leaves over buys from
 * the pool, without a fee. The order is the chain's: weights move first, then the buy sees the moved weights and the
 * reserves of before, then both reserves are credited. Where a weight would leave its bounds, or the pool cannot take the
 * buy, that part is left out, and not minted.
 */
export function injectionInto(curve: Curve, terms: InjectionTerms): Injection {
  const { tao, alpha, excess } = curve.type === 'Balancer' ? byPrice(curve, terms) : byReserves(curve, terms);
  const moved = curve.type === 'Balancer' ? quoteWeightAfter(curve, { tao, alpha }) : curve.quoteWeight;
  const quoteWeight = moved ?? curve.quoteWeight;
  const added = moved === undefined ? { tao: 0n, alpha: 0n } : { tao, alpha };
  const buy =
    excess === 0n ? undefined : tradeOn({ ...curve, quoteWeight }, { side: 'buy', amount: excess, feeU16: 0 });
  return buy?.ok === true
    ? { ...added, quoteWeight, spent: buy.input, bought: buy.payout }
    : { ...added, quoteWeight, spent: 0n, bought: 0n };
}

interface Parts {
  readonly tao: bigint;
  readonly alpha: bigint;
  readonly excess: bigint;
}

function byPrice(curve: Curve, { tao, alphaEmission, rootProportion }: InjectionTerms): Parts {
  const told = injectionOf({
    taoEmission: U96F32.fromInteger(tao),
    price: U96F32.from(spotPrice(curve), U64F64),
    alphaCap: injectionCap(rootProportion, U96F32.fromInteger(alphaEmission)),
  });
  return {
    tao: U96F32.toUnits(told.tao),
    alpha: U96F32.toUnits(told.alpha),
    excess: U96F32.toUnits(told.excessTao),
  };
}

/** A constant product has no weights to move: what enters has to have the proportion of the reserves, to the last unit. */
function byReserves(curve: Curve, { tao, alphaEmission, rootProportion }: InjectionTerms): Parts {
  const cap = U96F32.toUnits(injectionCap(rootProportion, U96F32.fromInteger(alphaEmission)));
  const wanted = (tao * curve.alpha) / curve.tao;
  if (wanted <= cap) return { tao, alpha: wanted, excess: 0n };
  const entering = (cap * curve.tao) / curve.alpha;
  return { tao: entering, alpha: cap, excess: tao - entering };
}
