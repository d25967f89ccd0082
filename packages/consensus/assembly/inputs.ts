import * as at from './memory';

/** Largest whole number that JavaScript's float64 holds exactly. */
const BLOCK_MAX: f64 = 9_007_199_254_740_991;

/** Whether the filled arrays are within the ranges on which the arithmetic rests; nothing is read by a uid before that. */
export function inputsAreValid(weightCapacity: u32, bondCapacity: u32): bool {
  return (
    rowsAreValid(at.weightStarts, at.weightColumns, weightCapacity) &&
    rowsAreValid(at.bondStarts, at.bondColumns, bondCapacity) &&
    neuronsAreValid()
  );
}

function rowsAreValid(starts: usize, columns: usize, capacity: u32): bool {
  let wrong: u32 = u32(load<u32>(starts) != 0);
  let begin: u32 = 0;
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    const end = load<u32>(starts + ((uid + 1) << 2));
    if (end < begin || end > capacity) return false;
    if (end > begin) {
      wrong |= u32(!ascends(columns + (begin << 1), columns + (end << 1)));
      wrong |= u32(<u32>load<u16>(columns + ((end - 1) << 1)) >= at.neurons);
    }
    begin = end;
  }
  return wrong == 0;
}

/** Whether each column is above the one before it, eight comparisons at a time. */
function ascends(first: usize, last: usize): bool {
  let falls = i16x8.splat(0);
  let entry = first;
  for (; entry + 18 <= last; entry += 16) {
    falls = v128.or(falls, i16x8.ge_u(v128.load(entry), v128.load(entry, 2)));
  }
  let wrong = u32(v128.any_true(falls));
  for (; entry + 4 <= last; entry += 2) wrong |= u32(load<u16>(entry) >= load<u16>(entry, 2));
  return wrong == 0;
}

/** Stake fits in 64 bits together; blocks are whole numbers, where Infinity stands for no commit. */
function neuronsAreValid(): bool {
  let wrong: u32 = 0;
  let total: u64 = 0;
  for (let offset: usize = 0; offset < at.neurons << 3; offset += 8) {
    const before = total;
    total += load<u64>(offset, at.stake);
    const commit = load<f64>(offset, at.oldestCommit);
    wrong |= u32(total < before);
    wrong |= u32(!isBlock(load<f64>(offset, at.lastUpdate)));
    wrong |= u32(!isBlock(load<f64>(offset, at.registeredAt)));
    wrong |= u32(!isBlock(commit) && commit != Infinity);
  }
  return wrong == 0;
}

function isBlock(value: f64): bool {
  return value >= 0 && value <= BLOCK_MAX && floor(value) == value;
}
