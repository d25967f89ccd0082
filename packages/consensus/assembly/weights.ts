import { factorOf, ONE, shiftOf } from './exact';
import * as at from './memory';

/** Adding it to a float64 below 2^51 puts the whole part in the low bits of its representation. */
const TWO_52: f64 = 4_503_599_627_370_496;
const TWO_32: f64 = 4_294_967_296;
const WHOLE_BITS: u64 = 0xf_ffff_ffff_ffff;

/** Room for each column's votes: one slot an entry of a voter, masked and zero ones included, so that none is ever left. */
export function placeSlots(): void {
  memory.fill(at.slotEnds, 0, at.neurons << 3);
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    if (load<u64>(uid << 3, at.votes) == 0) continue;
    const end = at.weightColumns + (load<u32>(at.weightStarts + ((uid + 1) << 2)) << 1);
    for (let entry = at.weightColumns + (load<u32>(at.weightStarts + (uid << 2)) << 1); entry < end; entry += 2) {
      const column = (<usize>load<u16>(entry)) << 3;
      store<u64>(column, load<u64>(column, at.slotEnds) + 1, at.slotEnds);
    }
  }
  let next: u64 = 0;
  for (let column: usize = 0; column < at.neurons << 3; column += 8) {
    const count = load<u64>(column, at.slotEnds);
    store<u64>(column, next, at.slotStarts);
    store<u64>(column, next, at.slotEnds);
    next += count;
  }
}

/** Rows after all masks, normalised; preranks; and the votes of each column. */
export function readWeights(owner: i32): void {
  memory.fill(at.prerank, 0, at.neurons << 3);
  const newest = newestRegistration();
  let end: u32 = 0;
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    const begin = end;
    store<u32>(at.rowStarts + (uid << 2), begin);
    if (load<u8>(uid, at.permitApplied) == 0) continue;
    const lastUpdate = load<f64>(uid << 3, at.lastUpdate);
    const commit = load<f64>(uid << 3, at.oldestCommit);
    const self = <i32>uid == owner ? -1 : <i32>uid;
    end = lastUpdate > newest && commit >= newest ? copyRow(uid, self, begin) : maskRow(uid, self, begin);
    if (load<u64>(uid << 3, at.votes) > 0) castVotes(uid, begin, end);
    else normaliseRow(begin, end);
  }
  store<u32>(at.rowStarts + (at.neurons << 2), end);
}

export function newestRegistration(): f64 {
  let newest: f64 = -1;
  for (let uid: u32 = 0; uid < at.neurons; uid++) newest = max(newest, load<f64>(uid << 3, at.registeredAt));
  return newest;
}

/** A row on which no registration mask acts, without the diagonal unless it is the owner's. Returns the row's end. */
function copyRow(uid: u32, self: i32, begin: u32): u32 {
  const first = load<u32>(at.weightStarts + (uid << 2));
  const last = load<u32>(at.weightStarts + ((uid + 1) << 2));
  const split = lowerBound(first, last, self);
  const skips = split < last && <i32>load<u16>(at.weightColumns + (split << 1)) == self;
  const middle = copyEntries(first, split, begin);
  return copyEntries(split + u32(skips), last, middle);
}

/** First entry whose column is at least `column`. */
function lowerBound(first: u32, last: u32, column: i32): u32 {
  let from = first;
  let to = last;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (<i32>load<u16>(at.weightColumns + (middle << 1)) < column) from = middle + 1;
    else to = middle;
  }
  return from;
}

function copyEntries(first: u32, last: u32, to: u32): u32 {
  memory.copy(at.rowColumns + (to << 1), at.weightColumns + (first << 1), (last - first) << 1);
  memory.copy(at.rowUnits + (to << 1), at.weightValues + (first << 1), (last - first) << 1);
  return to + (last - first);
}

/** The same with targets registered since the weights were set, or since the oldest hidden commit. */
function maskRow(uid: u32, self: i32, begin: u32): u32 {
  const lastUpdate = load<f64>(uid << 3, at.lastUpdate);
  const commit = load<f64>(uid << 3, at.oldestCommit);
  let end = begin;
  const last = load<u32>(at.weightStarts + ((uid + 1) << 2));
  for (let k = load<u32>(at.weightStarts + (uid << 2)); k < last; k++) {
    const column = <i32>load<u16>(at.weightColumns + (k << 1));
    const registered = load<f64>(column << 3, at.registeredAt);
    store<u16>(at.rowColumns + (end << 1), <u16>column);
    store<u16>(at.rowUnits + (end << 1), load<u16>(at.weightValues + (k << 1)));
    end += u32(column != self) & u32(lastUpdate > registered) & u32(commit >= registered);
  }
  return end;
}

function sumUnits(begin: u32, end: u32): u32 {
  let sums = i32x4.splat(0);
  let k = at.rowUnits + (begin << 1);
  const last = at.rowUnits + (end << 1);
  for (; k + 16 <= last; k += 16) sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(v128.load(k)));
  let sum: u32 = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
  sum += i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
  for (; k < last; k += 2) sum += load<u16>(k);
  return sum;
}

/**
 * v / sum of small integers: floor(v * 2^32 / sum). In float64 that is exact: the dividend is below 2^53, so a quotient
 * that is not whole never rounds up to a whole number. A row of zeros stays.
 */
function normaliseUnit(units: u32, divisor: f64): u64 {
  return reinterpret<u64>(floor((<f64>(<i32>units) * TWO_32) / divisor) + TWO_52) & WHOLE_BITS;
}

/** A row whose stake does not count. */
function normaliseRow(begin: u32, end: u32): void {
  const divisor = <f64>max(sumUnits(begin, end), 1);
  let value = at.rowValues + (begin << 3);
  const last = at.rowUnits + (end << 1);
  for (let unit = at.rowUnits + (begin << 1); unit < last; unit += 2, value += 8) {
    store<u64>(value, normaliseUnit(load<u16>(unit), divisor));
  }
}

/**
 * A voter's row: preranks and votes with it. A lone voter's stake is ONE, one bit too wide for a vote; its weight is the
 * median whatever its stake.
 */
function castVotes(uid: u32, begin: u32, end: u32): void {
  const divisor = <f64>max(sumUnits(begin, end), 1);
  const share = load<u64>(uid << 3, at.activeStake);
  const factor = factorOf(share);
  const shift = shiftOf(share);
  const vote = <u32>min(load<u64>(uid << 3, at.votes), ONE - 1);
  const slotValues = at.slotValues;
  const slotStakes = at.slotStakes;
  let unit = at.rowUnits + (begin << 1);
  let value = at.rowValues + (begin << 3);
  const last = at.rowColumns + (end << 1);
  for (let entry = at.rowColumns + (begin << 1); entry < last; entry += 2, unit += 2, value += 8) {
    const column = (<usize>load<u16>(entry)) << 3;
    const weight = normaliseUnit(load<u16>(unit), divisor);
    store<u64>(value, weight);
    store<u64>(column, load<u64>(column, at.prerank) + ((factor * weight) >> shift), at.prerank);
    const slot = <usize>load<u64>(column, at.slotEnds);
    store<u32>(slotValues + (slot << 2), <u32>(weight - 1));
    store<u32>(slotStakes + (slot << 2), vote);
    store<u64>(column, slot + usize(weight > 0), at.slotEnds);
  }
}
