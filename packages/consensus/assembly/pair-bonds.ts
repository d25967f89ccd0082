import { bondColumns, bondCount, bondValues, keepsBonds, openBonds } from './bond-rows';
import { divide, factorOf, fromU16, logistic, multiply, ONE, product, quotient, shiftOf, toU16 } from './exact';
import { normalise } from './incentives';
import * as at from './memory';
import { penalty, targetOf } from './purchase';

/**
 * Bonds of Yuma 3: one value in [0, 1] a pair; shares of a column decide dividends, stake counts in those alone.
 * Ranges: a pair is an average of two shares and so one; a column's pairs sum to less than 2^45; incentives sum to ONE at
 * most, and so does what the shares of all columns earn.
 */

const HALF: i64 = 1 << 31;

let slope: i64 = 0;
let alphaLow: u64 = 0;
let alphaRange: u64 = 0;
/** Alpha of every pair that buys at or below the consensus, as all do at full penalty. */
let alphaAtConsensus: u64 = 0;

export function setLiquidAlpha(low: u64, high: u64, steepnessHundredths: i32): void {
  slope = divide((<i64>steepnessHundredths) << 32, -100 << 32);
  alphaLow = low;
  alphaRange = high - low;
  alphaAtConsensus = alphaOfGap(0);
}

function alphaOfGap(gap: u64): u64 {
  return alphaLow + product(logistic(multiply(slope, <i64>gap - HALF)), alphaRange);
}

/** alpha * target + (1 - alpha) * bond over the entries of weights and bonds; what is zero is no pair. */
export function averagePairs(alpha: u64): void {
  memory.fill(at.pairSums, 0, at.neurons << 3);
  memory.fill(at.held, 0, at.neurons << 3);
  let end: u32 = 0;
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    const begin = end;
    store<u32>(at.pairStarts + (uid << 2), begin);
    openBonds(uid);
    const kept = holdBonds(ONE - alpha);
    end = averageRow(uid, alpha, begin);
    if (kept > met) end = addLeft(begin, end);
  }
  store<u32>(at.pairStarts + (at.neurons << 2), end);
}

/** What the last row met of the bonds held for it. */
let met: u32 = 0;

/** Puts what is left of the row's bonds, (1 - alpha) * bond, where its weights will meet it. Returns how many are not zero. */
function holdBonds(rest: u64): u32 {
  const factor = factorOf(rest);
  const shift = shiftOf(rest);
  let kept: u32 = 0;
  let value = bondValues;
  const last = bondColumns + (bondCount << 1);
  for (let entry = bondColumns; entry < last; entry += 2, value += 2) {
    const left = (factor * fromU16(load<u16>(value))) >> shift;
    store<u64>((<usize>load<u16>(entry)) << 3, left, at.held);
    kept += u32(left > 0);
  }
  return kept;
}

function averageRow(uid: u32, alpha: u64, begin: u32): u32 {
  const factor = factorOf(alpha);
  const shift = shiftOf(alpha);
  const row = load<u32>(at.rowStarts + (uid << 2));
  const last = at.rowColumns + (load<u32>(at.rowStarts + ((uid + 1) << 2)) << 1);
  let weight = at.rowValues + (row << 3);
  let pair = begin;
  let found: u32 = 0;
  const pairColumns = at.pairColumns;
  const pairValues = at.pairValues;
  for (let entry = at.rowColumns + (row << 1); entry < last; entry += 2, weight += 8) {
    const column = load<u16>(entry);
    const offset = (<usize>column) << 3;
    const old = load<u64>(offset, at.held);
    store<u64>(offset, 0, at.held);
    found += u32(old > 0);
    const value = ((factor * targetOf(load<u64>(weight), load<u64>(offset, at.consensus))) >> shift) + old;
    store<u64>(offset, load<u64>(offset, at.pairSums) + value, at.pairSums);
    store<u16>(pairColumns + (pair << 1), column);
    store<u64>(pairValues + (pair << 3), value);
    pair += u32(value > 0);
  }
  met = found;
  return pair;
}

/** Bonds that no weight met decay; they are merged in from the end, as the row ascends. */
function addLeft(begin: u32, end: u32): u32 {
  let count = gatherLeft();
  const after = end + count;
  const pairColumns = at.pairColumns;
  const pairValues = at.pairValues;
  let from = end;
  let to = after;
  while (count > 0) {
    count--;
    const column = load<u16>(count << 1, at.leftColumns);
    const offset = (<usize>column) << 3;
    const value = load<u64>(offset, at.held);
    store<u64>(offset, 0, at.held);
    store<u64>(offset, load<u64>(offset, at.pairSums) + value, at.pairSums);
    while (from > begin && load<u16>(pairColumns + ((from - 1) << 1)) > column) {
      from--;
      to--;
      store<u16>(pairColumns + (to << 1), load<u16>(pairColumns + (from << 1)));
      store<u64>(pairValues + (to << 3), load<u64>(pairValues + (from << 3)));
    }
    to--;
    store<u16>(pairColumns + (to << 1), column);
    store<u64>(pairValues + (to << 3), value);
  }
  return after;
}

/** Columns of the row's bonds that are still held. Returns how many. */
function gatherLeft(): u32 {
  let count: u32 = 0;
  const last = bondColumns + (bondCount << 1);
  for (let entry = bondColumns; entry < last; entry += 2) {
    const column = load<u16>(entry);
    store<u16>(count << 1, column, at.leftColumns);
    count += u32(load<u64>((<usize>column) << 3, at.held) > 0);
  }
  return count;
}

/**
 * Liquid alpha walks over the weights alone: a bond without a weight is gone, an explicit zero lets it decay. At full
 * penalty a weight on a miner without consensus is no entry; between the ends one that is above zero is.
 */
export function averageLiquidPairs(): void {
  memory.fill(at.pairSums, 0, at.neurons << 3);
  let end: u32 = 0;
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    store<u32>(at.pairStarts + (uid << 2), end);
    openBonds(uid);
    end = averageLiquidRow(uid, end);
  }
  store<u32>(at.pairStarts + (at.neurons << 2), end);
}

function averageLiquidRow(uid: u32, from: u32): u32 {
  const rowEnd = load<u32>(at.rowStarts + ((uid + 1) << 2));
  let bond: u32 = 0;
  let end = from;
  for (let row = load<u32>(at.rowStarts + (uid << 2)); row < rowEnd; row++) {
    const column = <u32>load<u16>(at.rowColumns + (row << 1));
    while (bond < bondCount && <u32>load<u16>(bondColumns + (bond << 1)) < column) bond++;
    const isHeld = bond < bondCount && <u32>load<u16>(bondColumns + (bond << 1)) == column;
    const old = isHeld ? fromU16(load<u16>(bondValues + (bond << 1))) : 0;
    const weight = load<u64>(at.rowValues + (row << 3));
    const ceiling = load<u64>(column << 3, at.consensus);
    const target = targetOf(weight, ceiling);
    if (isTarget(weight, target, ceiling)) end = addPair(end, column, liquidAverage(target, old, ceiling));
  }
  return end;
}

function addPair(end: u32, column: u32, value: u64): u32 {
  store<u16>(at.pairColumns + (end << 1), <u16>column);
  store<u64>(at.pairValues + (end << 3), value);
  store<u64>(column << 3, load<u64>(column << 3, at.pairSums) + value, at.pairSums);
  return end + u32(value > 0);
}

function isTarget(weight: u64, target: u64, ceiling: u64): bool {
  if (penalty == 0) return true;
  return penalty == ONE ? weight == 0 || ceiling > 0 : target > 0;
}

/** Buying, the gap is from the consensus up to the weight; selling, from the weight up to the bond. */
function liquidAverage(target: u64, old: u64, ceiling: u64): u64 {
  let alpha = alphaAtConsensus;
  if (target < old) alpha = alphaOfGap(old - target);
  else if (target > ceiling) alpha = alphaOfGap(target - ceiling);
  return min(ONE, product(ONE - alpha, old) + product(alpha, target));
}

/** Dividends of the pairs' column shares, and the pairs as they are stored. */
export function payPairs(clearsAll: bool): void {
  let total: u64 = 0;
  let stored: u32 = 0;
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    store<u32>(at.nextStarts + (uid << 2), stored);
    const earned = product(earnedBy(uid), load<u64>(uid << 3, at.activeStake));
    store<u64>(uid << 3, earned, at.dividends);
    total += earned;
    if (keepsBonds(uid, clearsAll)) stored = storeRow(uid, stored);
  }
  store<u32>(at.nextStarts + (at.neurons << 2), stored);
  normalise(at.dividends, at.dividends, total);
}

function earnedBy(uid: u32): u64 {
  const begin = load<u32>(at.pairStarts + (uid << 2));
  const last = at.pairColumns + (load<u32>(at.pairStarts + ((uid + 1) << 2)) << 1);
  let value = at.pairValues + (begin << 3);
  let earned: u64 = 0;
  for (let entry = at.pairColumns + (begin << 1); entry < last; entry += 2, value += 8) {
    const column = (<usize>load<u16>(entry)) << 3;
    const share = quotient(load<u64>(value), load<u64>(column, at.pairSums));
    earned += product(share, load<u64>(column, at.incentive));
  }
  return earned;
}

function storeRow(uid: u32, from: u32): u32 {
  const begin = load<u32>(at.pairStarts + (uid << 2));
  const last = at.pairColumns + (load<u32>(at.pairStarts + ((uid + 1) << 2)) << 1);
  let value = at.pairValues + (begin << 3);
  let stored = from << 1;
  const nextColumns = at.nextColumns;
  const nextValues = at.nextValues;
  for (let entry = at.pairColumns + (begin << 1); entry < last; entry += 2, value += 8) {
    const units = toU16(load<u64>(value));
    store<u16>(nextColumns + stored, load<u16>(entry));
    store<u16>(nextValues + stored, <u16>units);
    stored += u32(units > 0) << 1;
  }
  return stored >> 1;
}
