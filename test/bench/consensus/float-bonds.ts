// oxlint-disable typescript/no-non-null-assertion -- every index is in bounds, and a default would be measured with the rest
import type { FloatArrays } from './float-arrays.ts';

/** The bonds of the yardstick, see `float-epoch.ts`. */
const ALPHA = 0.1;
const REST_OF_UNIT = (1 - ALPHA) / 65_535;

/** What the epoch left becomes the next one's input. */
export function carryBonds(arrays: FloatArrays): void {
  [arrays.bonds, arrays.next] = [arrays.next, arrays.bonds];
}

export function averagePairs(arrays: FloatArrays): void {
  const { neurons } = arrays.network;
  arrays.pairSums.fill(0);
  let end = 0;
  for (let uid = 0; uid < neurons; uid += 1) {
    arrays.pairs.starts[uid] = end;
    end = averageRow(arrays, uid, end);
  }
  arrays.pairs.starts[neurons] = end;
}

function averageRow(arrays: FloatArrays, uid: number, begin: number): number {
  const { rows, pairs, bonds, held, pairSums, consensus } = arrays;
  const { columns, values } = rows;
  const bondEnd = bonds.starts[uid + 1]!;
  for (let bond = bonds.starts[uid]!; bond < bondEnd; bond += 1) {
    held[bonds.columns[bond]!] = bonds.values[bond]! * REST_OF_UNIT;
  }
  let end = begin;
  let met = 0;
  const rowEnd = rows.starts[uid + 1]!;
  for (let entry = rows.starts[uid]!; entry < rowEnd; entry += 1) {
    const column = columns[entry]!;
    const weight = values[entry]!;
    const old = held[column]!;
    held[column] = 0;
    met += +(old > 0);
    const excess = weight - consensus[column]!;
    const value = ALPHA * (weight - excess * +(excess > 0)) + old;
    pairs.columns[end] = column;
    pairs.values[end] = value;
    pairSums[column]! += value;
    end += +(value > 0);
  }
  return met === bondEnd - bonds.starts[uid]! ? end : addLeft(arrays, uid, begin, end);
}

/** Bonds that no weight met, merged in from the end. */
function addLeft({ pairs, bonds, held, pairSums }: FloatArrays, uid: number, begin: number, end: number): number {
  const bondBegin = bonds.starts[uid]!;
  const bondEnd = bonds.starts[uid + 1]!;
  let count = 0;
  for (let bond = bondBegin; bond < bondEnd; bond += 1) count += +(held[bonds.columns[bond]!]! > 0);
  let from = end;
  let to = end + count;
  for (let bond = bondEnd - 1; bond >= bondBegin; bond -= 1) {
    const column = bonds.columns[bond]!;
    const value = held[column]!;
    if (value === 0) continue;
    held[column] = 0;
    pairSums[column]! += value;
    while (from > begin && pairs.columns[from - 1]! > column) {
      from -= 1;
      to -= 1;
      pairs.columns[to] = pairs.columns[from]!;
      pairs.values[to] = pairs.values[from]!;
    }
    to -= 1;
    pairs.columns[to] = column;
    pairs.values[to] = value;
  }
  return end + count;
}

export function payPairs(arrays: FloatArrays): void {
  const { pairs, next, pairSums, incentive, permits, activeStake, dividends } = arrays;
  const { starts, columns, values } = pairs;
  const { neurons } = arrays.network;
  let total = 0;
  let stored = 0;
  for (let uid = 0; uid < neurons; uid += 1) {
    next.starts[uid] = stored;
    const end = starts[uid + 1]!;
    const keeps = permits[uid]!;
    let earned = 0;
    for (let pair = starts[uid]!; pair < end; pair += 1) {
      const column = columns[pair]!;
      const value = values[pair]!;
      earned += (value / pairSums[column]!) * incentive[column]!;
      const units = Math.floor(value * 65_535);
      next.columns[stored] = column;
      next.values[stored] = units;
      stored += keeps & +(units > 0);
    }
    dividends[uid] = earned * activeStake[uid]!;
    total += dividends[uid]!;
  }
  next.starts[neurons] = stored;
  for (let uid = 0; uid < neurons; uid += 1) dividends[uid] = total > 0 ? dividends[uid]! / total : 0;
}
