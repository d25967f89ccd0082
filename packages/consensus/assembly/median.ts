import * as at from './memory';

const LOW: u64 = 0xffff_ffff;

/**
 * Consensus of every column: the highest vote that stake of at least kappa gave or exceeded, which is where the chain's
 * narrowing around a middle vote ends, ties included. Silence and explicit zeros are votes for zero and have no entry: if
 * the stake of all entries is below kappa the answer is zero, or the lowest vote when nobody was silent.
 *
 * Columns are walked from the last, since a vector of four may read beyond its column, over which `medianOf` writes first.
 */
export function findConsensus(kappa: u64, voters: u32): bool {
  let any: u64 = 0;
  for (let column = <i32>at.neurons - 1; column >= 0; column--) {
    const begin = <u32>load<u64>(column << 3, at.slotStarts);
    const count = <u32>load<u64>(column << 3, at.slotEnds) - begin;
    const value = count == 0 ? 0 : medianOf(begin, count, kappa, voters, column);
    store<u64>(column << 3, value, at.consensus);
    any |= value;
  }
  return any != 0;
}

/**
 * Bisection of the values between the lowest and the highest vote, each step moved on to the next vote: at most 33 steps,
 * six as a rule. The first step is at the stake-weighted mean. Votes are weight - 1, so that ONE fits in 32 bits. A lane's
 * stake fits in them too, as two neighbouring votes are in different lanes and the sum of all is at most 2^32.
 */
function medianOf(begin: u32, count: u32, kappa: u64, voters: u32, column: u32): u64 {
  const values = at.slotValues + (begin << 2);
  const stakes = at.slotStakes + (begin << 2);
  const bytes = (<usize>count) << 2;
  const first = v128.load32_splat(values);
  v128.store(values + bytes, first);
  v128.store(stakes + bytes, i32x4.splat(0));
  let sums = i32x4.splat(0);
  let least = first;
  let most = first;
  for (let k: usize = 0; k < bytes; k += 16) {
    const votes = v128.load(values + k);
    sums = i32x4.add(sums, v128.load(stakes + k));
    least = i32x4.min_u(least, votes);
    most = i32x4.max_u(most, votes);
  }
  let low = lowestLane(least);
  if (sumOfLanes(sums) < kappa) return count < voters ? 0 : <u64>low + 1;
  let high = highestLane(most);
  let step = <u32>(max(load<u64>(column << 3, at.prerank), 1) - 1);
  while (low != high) {
    const from = i32x4.splat(step);
    let reached = i32x4.splat(0);
    let above = i32x4.splat(-1);
    let below = i32x4.splat(0);
    for (let k: usize = 0; k < bytes; k += 16) {
      const votes = v128.load(values + k);
      const reaches = i32x4.ge_u(votes, from);
      reached = i32x4.add(reached, v128.and(v128.load(stakes + k), reaches));
      above = i32x4.min_u(above, v128.or(votes, v128.not(reaches)));
      below = i32x4.max_u(below, v128.andnot(votes, reaches));
    }
    const enough = sumOfLanes(reached) >= kappa;
    low = enough ? lowestLane(above) : low;
    high = enough ? high : highestLane(below);
    step = high - ((high - low) >> 1);
  }
  return <u64>low + 1;
}

function sumOfLanes(lanes: v128): u64 {
  const pairs = i64x2.add(v128.and(lanes, i64x2.splat(LOW)), i64x2.shr_u(lanes, 32));
  return <u64>i64x2.extract_lane(pairs, 0) + <u64>i64x2.extract_lane(pairs, 1);
}

function lowestLane(lanes: v128): u32 {
  const pairs = i32x4.min_u(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
  return <u32>i32x4.extract_lane(i32x4.min_u(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

function highestLane(lanes: v128): u32 {
  const pairs = i32x4.max_u(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
  return <u32>i32x4.extract_lane(i32x4.max_u(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2)), 0);
}
