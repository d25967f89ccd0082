import { type Fixed, ONE } from '@subnetes/consensus/fixed';

/** One whole in millionths, the unit of every share in a policy. */
export const PPM = 1_000_000;
const PPM_BIG = 1_000_000n;

/** A share in millionths, truncated. */
export function toPpm(share: Fixed): number {
  return Number((share * PPM_BIG) / ONE);
}

/** Millionths as fixed point, truncated. */
export function fromPpm(ppm: number): Fixed {
  return (BigInt(ppm) * ONE) / PPM_BIG;
}

/** value * ppm / 10^6, truncated. Exact in between: no bit is lost before the division. */
export function timesPpm(value: Fixed, ppm: number): Fixed {
  return (value * BigInt(ppm)) / PPM_BIG;
}

/** value / (ppm / 10^6), truncated; the divisor must not be zero. */
export function overPpm(value: Fixed, ppm: number): Fixed {
  return (value * PPM_BIG) / BigInt(ppm);
}

/** part / whole in millionths, truncated; 0 when the whole is 0. */
export function ratioPpm(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * PPM_BIG) / whole);
}
