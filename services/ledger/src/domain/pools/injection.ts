import { injectionCap, injectionOf } from '@subnetes/consensus/liquidity-injection';
import { U64F64, U96F32 } from '@subnetes/consensus/number-form';
import { WEIGHT_ONE } from '@subnetes/consensus/pool-balancer';
import { quoteWeightAfter } from '@subnetes/consensus/pool-weights';
import { type Curve, spotPrice, tradeOn } from './curve.ts';
import type { SubnetTokens } from './token-terms.ts';

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
  readonly most: InjectionMost;
}

/** Rao that one block puts into a pool at most. */
export interface InjectionMost {
  readonly added: bigint;
  readonly spent: bigint;
}

/** What traders did to a pool since the last block, and at what fee. */
export interface Traded extends Pick<SubnetTokens, 'feeU16' | 'feeTo'> {
  /** Rao that they put in and took out. */
  readonly moved: bigint;
}

const U16 = 65_535n;

/**
 * So much that nobody gains by moving the price before a block and back after it: what that brings grows with what the block
 * puts in and is bounded, what it costs are two fees on all that was moved. The fee's part of the TAO reserve, or half of that
 * for a buy, or a part of each; and less where TAO weighs more than the token, as the price moves further then, and where fees stay in
 * the pool. Nothing without a fee.
 */
export function mostInjected(curve: Curve, { feeU16, feeTo, moved }: Traded): InjectionMost {
  const { tao, quoteWeight } = curve;
  const fee = (tao * BigInt(feeU16)) / U16;
  const base = WEIGHT_ONE - quoteWeight;
  const weighed = base < quoteWeight ? (fee * base) / quoteWeight : fee;
  const added = feeTo === 'Burned' ? weighed : (weighed * keptOfFees(curve, moved)) / WEIGHT_ONE;
  return { added, spent: added / 2n };
}

/**
 * Of fees that stay in a pool, the part that is still there when whoever traded since the last block trades back: the rest comes back to
 * them, the more the further they moved the price. Of 10^18, and never too much: where u is what entered by the reserve of before it is
 * one part in (1 + u). Nobody's trade began further away than all together have moved; what entered on the side of the token is seen
 * by the reserve of TAO, by the power that the weights say.
 */
function keptOfFees({ tao, quoteWeight }: Curve, moved: bigint): bigint {
  if (moved >= tao) return 0n;
  const ofBuy = ((tao - moved) * WEIGHT_ONE) / tao;
  const base = WEIGHT_ONE - quoteWeight;
  const powers = (quoteWeight + base - 1n) / base;
  let ofSale = WEIGHT_ONE;
  for (let power = 0n; power < powers; power += 1n) ofSale = (ofSale * tao) / (tao + moved);
  return least(ofBuy, ofSale);
}

/**
 * TAO enters with as much of the token as it is worth, so that the price stays; what the token's cap leaves over buys from
 * the pool, without a fee. The order is the chain's: weights move first, then the buy sees the moved weights and the
 * reserves of before, then both reserves are credited. Where a weight would leave its bounds, or the pool cannot take the
 * buy, or a part is more than the most, it is left out.
 */
export function injectionInto(curve: Curve, terms: InjectionTerms): Injection {
  const { most } = terms;
  const offered = { ...terms, tao: least(terms.tao, most.added + most.spent) };
  const parts = curve.type === 'Balancer' ? byPrice(curve, offered) : byReserves(curve, offered);
  const tao = least(parts.tao, most.added);
  // Cut with its TAO, so that the price stays.
  const alpha = parts.tao === tao ? parts.alpha : (parts.alpha * tao) / parts.tao;
  // Both bring the same kind of gain: what one has used of its most is gone for the other.
  const room = most.added === 0n ? 0n : (most.spent * (most.added - tao)) / most.added;
  const excess = least(parts.excess, room);
  const moved = weightAfter(curve, { tao, alpha });
  const quoteWeight = moved ?? curve.quoteWeight;
  const added = moved === undefined ? { tao: 0n, alpha: 0n } : { tao, alpha };
  const buy =
    excess === 0n ? undefined : tradeOn({ ...curve, quoteWeight }, { side: 'buy', amount: excess, feeU16: 0 });
  return buy?.ok === true
    ? { ...added, quoteWeight, spent: buy.input, bought: buy.payout }
    : { ...added, quoteWeight, spent: 0n, bought: 0n };
}

/** The quote weight at which what a block adds leaves the price as it is; undefined where a weight would leave its bounds. */
export function weightAfter(curve: Curve, added: Pick<Injection, 'tao' | 'alpha'>): bigint | undefined {
  return curve.type === 'Balancer' ? quoteWeightAfter(curve, added) : curve.quoteWeight;
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

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
