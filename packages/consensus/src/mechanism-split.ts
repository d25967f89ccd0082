import { U16_MAX } from './fixed.ts';

/**
 * A subnet's emission by mechanism, as the chain splits it: by u16 shares that sum to 65535, or evenly without them, each part
 * floored, and what flooring and missing shares leave on mechanism 0. The parts sum to `total`.
 *
 * Throws RangeError on a count below 1 and on shares that do not sum to 65535.
 * Source: opentensor/subtensor subnets/mechanism.rs, split_emissions.
 */
export function splitByMechanism(total: bigint, count: number, shares?: readonly number[]): bigint[] {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`cannot split between ${count} mechanisms`);
  if (shares !== undefined && shares.reduce((left, right) => left + right, 0) !== U16_MAX) {
    throw new RangeError(`shares of mechanisms do not sum to ${U16_MAX}`);
  }
  const parts = Array.from({ length: count }, (_, mechanism) =>
    shares === undefined ? total / BigInt(count) : (total * BigInt(shares[mechanism] ?? 0)) / BigInt(U16_MAX),
  );
  const placed = parts.reduce((left, right) => left + right, 0n);
  return parts.map((part, mechanism) => (mechanism === 0 ? part + total - placed : part));
}
