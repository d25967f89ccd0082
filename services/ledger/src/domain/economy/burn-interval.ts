import { adjustByInterval } from '@subnetes/consensus/interval-adjustment';
import type { BurnInterval, BurnPrice, IntervalBurn } from './burn-terms.ts';

/** How far the interval is in which a registration counts. */
export interface RegistrationInterval {
  /** The block in which the price moves next. */
  readonly endsAtBlock: number;
  /** Registrations since it began. */
  readonly registrations: number;
  readonly targetRegistrations: number;
}

/**
 * The price in a block, with the block in which its interval began and who registered since. Every interval that ended on the
 * way moves it once; those without a registration that move it no more are passed over at once. Bounds hold from the first
 * block under them, not from the end of an interval.
 */
export function afterIntervals(
  from: BurnPrice,
  toBlock: number,
  { minRao, maxRao, interval }: IntervalBurn,
): BurnPrice {
  const terms = {
    target: interval.targetRegistrations,
    alpha: BigInt(interval.alphaU64),
    min: BigInt(minRao),
    max: BigInt(maxRao),
  };
  let { block, registrations = 0 } = from;
  let rao = from.rao < terms.min ? terms.min : from.rao > terms.max ? terms.max : from.rao;
  while (toBlock - block >= interval.blocks) {
    const next = adjustByInterval(rao, { ...terms, actual: registrations });
    const isAtRest = next === rao && registrations === 0;
    block += isAtRest ? toBlock - block - ((toBlock - block) % interval.blocks) : interval.blocks;
    rao = next;
    registrations = 0;
  }
  return { rao, block, ...(registrations === 0 ? {} : { registrations }) };
}

/** Whether an interval that runs goes on under other terms, or begins anew with them. */
export function isSameInterval(left: BurnInterval, right: BurnInterval): boolean {
  return (
    left.blocks === right.blocks &&
    left.targetRegistrations === right.targetRegistrations &&
    left.alphaU64 === right.alphaU64
  );
}
