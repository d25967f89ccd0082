import {
  add,
  clamp,
  compare,
  divide,
  type Fixed,
  fromDecimal,
  fromInteger,
  fromU16Share,
  HALF,
  logarithm,
  logistic,
  multiply,
  ONE,
  subtract,
  ZERO,
} from './fixed.ts';

/** Bounds of a liquid alpha as they are set: u16 shares, steepness in hundredths. */
export interface LiquidAlphaSettings {
  readonly lowU16: number;
  readonly highU16: number;
  readonly steepnessHundredths: number;
}

/**
 * Alpha of one pair of validator and miner (Yuma 3). Buying (weight at or above the bond) is the faster the further the
 * weight is above the consensus, selling the faster the further the bond is above the weight.
 * Source: opentensor/subtensor epoch/run_epoch.rs, alpha_sigmoid.
 */
export function pairAlpha(
  pair: { readonly weight: Fixed; readonly bond: Fixed; readonly consensus: Fixed },
  settings: LiquidAlphaSettings,
): Fixed {
  const low = fromU16Share(settings.lowU16);
  const high = fromU16Share(settings.highU16);
  const gap = pair.weight >= pair.bond ? subtract(pair.weight, pair.consensus) : subtract(pair.bond, pair.weight);
  const slope = divide(fromInteger(settings.steepnessHundredths), fromInteger(-100));
  const sigmoid = logistic(multiply(slope, subtract(clamp(gap, ZERO, ONE), HALF)));
  return clamp(add(low, multiply(sigmoid, subtract(high, low))), low, high);
}

/** Parameters of the first liquid alpha: one logistic over the consensus through two of its quartiles. */
export interface LogisticParameters {
  readonly slope: Fixed;
  readonly offset: Fixed;
}

/** Slope and offset of 1/(1+e^(offset - slope*c)); both zero when the quartiles coincide or a bound is zero. */
export function logisticParameters(bounds: {
  readonly alphaLow: Fixed;
  readonly alphaHigh: Fixed;
  readonly consensusLow: Fixed;
  readonly consensusHigh: Fixed;
}): LogisticParameters {
  const { alphaLow, alphaHigh, consensusLow, consensusHigh } = bounds;
  if (consensusHigh <= consensusLow || alphaLow === ZERO || alphaHigh === ZERO) return { slope: ZERO, offset: ZERO };
  const atLow = logarithm(subtract(divide(ONE, alphaLow), ONE));
  const atHigh = logarithm(subtract(divide(ONE, alphaHigh), ONE));
  const slope = divide(subtract(atHigh, atLow), subtract(consensusLow, consensusHigh));
  return { slope, offset: add(atLow, multiply(slope, consensusLow)) };
}

/** 1/(1+e^(offset - slope*consensus)). */
export function logisticAlpha(consensus: Fixed, { slope, offset }: LogisticParameters): Fixed {
  return logistic(subtract(offset, multiply(slope, consensus)));
}

/** Value at `q` (0 to 1) of the sorted data, linear between the neighbours of place q * (n - 1); zero without data. */
export function quantile(data: readonly Fixed[], q: number): Fixed {
  const sorted = data.toSorted(compare);
  const place = q * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? ZERO;
  const high = sorted[Math.ceil(place)] ?? ZERO;
  return add(low, multiply(subtract(high, low), fromDecimal(place - Math.floor(place))));
}

/** Alpha of every miner in the first liquid alpha (2024), zeros of validators counted in the quartiles. */
export function columnAlphas(consensus: readonly Fixed[], settings: LiquidAlphaSettings): Fixed[] {
  const alphaLow = fromU16Share(settings.lowU16);
  const alphaHigh = fromU16Share(settings.highU16);
  const parameters = logisticParameters({
    alphaLow,
    alphaHigh,
    consensusLow: quantile(consensus, 0.25),
    consensusHigh: quantile(consensus, 0.75),
  });
  return consensus.map((value) => clamp(logisticAlpha(value, parameters), alphaLow, alphaHigh));
}
