import { U96F32 } from './number-form.ts';

/** One hotkey that validates: what it has behind it and what the epoch gave it. Whole units. */
export interface DividendHolder {
  readonly alphaStake: bigint;
  readonly rootStake: bigint;
  /** Sets a proportion only. */
  readonly dividend: bigint;
}

/** Amounts by hotkey in U96F32: a delegate's take comes off before they become whole units. */
export interface DividendSplit {
  readonly alpha: readonly bigint[];
  readonly root: readonly bigint[];
}

/**
 * Each dividend is cut in two by how much of what stands behind the hotkey is root stake (TAO by its weight, U96F32), and the
 * two parts share two pots separately. A pot that nobody has a part in is not paid.
 * Source: opentensor/subtensor coinbase/run_coinbase.rs, calculate_dividend_distribution.
 */
export function splitDividends(
  holders: readonly DividendHolder[],
  pots: { readonly alpha: bigint; readonly root: bigint; readonly taoWeight: bigint },
): DividendSplit {
  const { add, divide, fromInteger, multiply, subtract } = U96F32;
  const parts = holders.map(({ alphaStake, rootStake, dividend }) => {
    const rootAlpha = multiply(fromInteger(rootStake), pots.taoWeight);
    const total = add(fromInteger(alphaStake), rootAlpha);
    const root = multiply(fromInteger(dividend), divide(rootAlpha, total));
    return { root, alpha: subtract(fromInteger(dividend), root) };
  });
  return {
    alpha: shareOut(
      pots.alpha,
      parts.map(({ alpha }) => alpha),
    ),
    root: shareOut(
      pots.root,
      parts.map(({ root }) => root),
    ),
  };
}

function shareOut(pot: bigint, parts: readonly bigint[]): bigint[] {
  const total = parts.reduce(U96F32.add, 0n);
  return parts.map((part) => U96F32.multiply(U96F32.fromInteger(pot), U96F32.divide(part, total)));
}

/** Amounts in U96F32 as whole units, each floored alone, and what that leaves of their pot. */
export function inWholeUnits(
  pot: bigint,
  amounts: readonly bigint[],
): { readonly amounts: readonly bigint[]; readonly unattributed: bigint } {
  const whole = amounts.map(U96F32.toUnits);
  return { amounts: whole, unattributed: whole.reduce((left, amount) => left - amount, pot) };
}
