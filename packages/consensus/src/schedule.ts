import { toUnits, UNITS_MAX } from './number-form.ts';

/** Blocks to an epoch that never comes. */
export const NEVER: bigint = UNITS_MAX;

/**
 * Blocks until the next automatic epoch: the last one's block plus the tempo, minus this block, never negative; `NEVER` when
 * the tempo is 0. Blocks are u64. Epochs asked for by hand come earlier, and a full block defers one.
 * Source: opentensor/subtensor coinbase/run_coinbase.rs, blocks_until_next_auto_epoch.
 */
export function blocksUntilEpoch(schedule: {
  readonly tempo: number;
  readonly lastEpochBlock: bigint;
  readonly block: bigint;
}): bigint {
  if (schedule.tempo === 0) return NEVER;
  const next = toUnits(schedule.lastEpochBlock + BigInt(schedule.tempo));
  return toUnits(next - schedule.block);
}
