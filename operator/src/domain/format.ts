import { amountText } from '@subnetes/money/amount';

const DAY_MS = 86_400_000n;
const U16_ONE = 65_535;
const RAO_PER_TOKEN = 1_000_000_000n;

/** A share of one for a column: three decimals, `0.412`. */
export function shareText(u16: number): string {
  return (u16 / U16_ONE).toFixed(3);
}

/** What an epoch paid, projected to a day at the present tempo and block time. Rounded down to one rao. */
export function perDayRao(epochRao: bigint, tempo: number, blockTimeMs: number): bigint {
  const epochMs = BigInt(tempo) * BigInt(blockTimeMs);
  return epochMs === 0n ? 0n : (epochRao * DAY_MS) / epochMs;
}

/** For a column: whole tokens from 100 on, three decimals below, thousands apart. */
export function columnText(rao: bigint, asset: string): string {
  const step = rao >= 100n * RAO_PER_TOKEN ? RAO_PER_TOKEN : RAO_PER_TOKEN / 1000n;
  return amountText({ asset, units: (rao / step) * step });
}

/** Whole per cents, rounded half up; 0 of 0 is 0. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((100 * part) / whole);
}
