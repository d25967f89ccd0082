import { Input, Output, outputFor } from './contract';
export { abi_version, allocate } from './contract';

/** Of a miner: u64 block of registration, u64 smoothed incentive. */
const ENTRY_BYTES: u32 = 16;

/**
 * A moving average over epochs, a quarter of the way each: one lucky epoch pays less, one bad epoch costs less. The state
 * holds the average beside the block of registration, so that who takes over a uid begins with nothing.
 */
export function incentives(input: Input, _bytes: u32): Output | null {
  const output = outputFor(input, input.neurons * ENTRY_BYTES);
  const known = input.stateBytes / ENTRY_BYTES;
  let total: u64 = 0;
  for (let uid: u32 = 0; uid < input.neurons; uid++) {
    const registeredAt = input.registeredAt(uid);
    const before =
      uid < known && load<u64>(input.state + uid * ENTRY_BYTES) === registeredAt ? averageOf(input, uid) : 0;
    const now = input.incentive(uid);
    const average = now >= before ? before + ((now - before) >> 2) : before - ((before - now) >> 2);
    const isVacant = (input.flags(uid) & 1) !== 0;
    store<u64>(output.state + uid * ENTRY_BYTES, registeredAt);
    store<u64>(output.state + uid * ENTRY_BYTES, isVacant ? 0 : average, 8);
    if (!isVacant) output.setShare(uid, average);
    if (!isVacant) total += average;
  }
  return total === 0 ? null : output;
}

function averageOf(input: Input, uid: u32): u64 {
  return load<u64>(input.state + uid * ENTRY_BYTES, 8);
}
