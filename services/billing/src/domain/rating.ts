/** What can be sold by count. Token units enter with models that count tokens. */
export type Units = Readonly<Record<string, bigint>>;

/** One line of a model's price: `priceRao` for every `per` units. */
export interface PriceLine {
  readonly unit: string;
  readonly per: number;
  readonly priceRao: bigint;
}

/** More lines than this for one model is a bug of the policy's validation. */
export const PRICE_LINES_MAX = 16;

/**
 * What the units of one request cost, in rao: the lines are summed exactly, and the sum is rounded up to a whole rao
 * once. Units without a line cost nothing; nothing delivered costs nothing.
 */
export function rateUnits(units: Units, lines: readonly PriceLine[]): bigint {
  if (lines.length > PRICE_LINES_MAX) throw new RangeError(`a model has at most ${PRICE_LINES_MAX} price lines`);
  let numerator = 0n;
  let denominator = 1n;
  for (const { unit, per, priceRao } of lines) {
    if (per < 1 || priceRao < 0n) throw new RangeError(`price of ${unit}: ${priceRao} per ${per} is no price`);
    const count = units[unit] ?? 0n;
    if (count < 0n) throw new RangeError(`${count} units of ${unit} cannot be delivered`);
    numerator = numerator * BigInt(per) + count * priceRao * denominator;
    denominator *= BigInt(per);
  }
  return (numerator + denominator - 1n) / denominator;
}

/** What is charged: never more than was reserved for the request, whatever was delivered. */
export function chargeOf(units: Units, lines: readonly PriceLine[], maxRao: bigint): bigint {
  const cost = rateUnits(units, lines);
  return cost < maxRao ? cost : maxRao;
}

/** Whether a request delivered anything at all. */
export function isEmpty(units: Units): boolean {
  return Object.values(units).every((count) => count === 0n);
}
