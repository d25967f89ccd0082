/** What one answer is counted in. */
export type Units = Readonly<Record<string, bigint>>;

export interface PriceLine {
  readonly unit: string;
  readonly per: number;
  readonly priceRao: bigint;
}

/** Units that the gateway can count itself; token units need a model that counts tokens. */
const COUNTABLE: ReadonlySet<string> = new Set(['Request', 'Result', 'Second']);

/** Whether the gateway can sell at these prices. */
export function isSellable(lines: readonly PriceLine[]): boolean {
  return lines.length > 0 && lines.every(({ unit }) => COUNTABLE.has(unit));
}

/** What an answer after `elapsedMs` delivered, in the units that are priced. */
export function unitsDelivered(lines: readonly PriceLine[], elapsedMs: number): Units {
  const count = (unit: string): bigint => (unit === 'Second' ? BigInt(Math.max(1, Math.ceil(elapsedMs / 1000))) : 1n);
  return Object.fromEntries(lines.map(({ unit }) => [unit, count(unit)]));
}

/**
 * Rao for the units: lines are summed exactly and rounded up once, as billing rates them. The price is the policy's;
 * this only tells the client beforehand what billing will come to.
 */
export function quote(units: Units, lines: readonly PriceLine[]): bigint {
  let numerator = 0n;
  let denominator = 1n;
  for (const { unit, per, priceRao } of lines) {
    numerator = numerator * BigInt(per) + (units[unit] ?? 0n) * priceRao * denominator;
    denominator *= BigInt(per);
  }
  return (numerator + denominator - 1n) / denominator;
}
