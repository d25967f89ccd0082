import { bondColumns, bondCount, bondValues, keepsBonds, openBonds } from './bond-rows';
import { ONE, product, quotient, toU16 } from './exact';
import { normalise } from './incentives';
import * as at from './memory';
import { targetOf } from './purchase';

/**
 * Bonds of Yuma 2: shares of a miner's column, stake counted in the purchase, stored in a scale of each column's own.
 * Ranges: active stake sums to ONE at most and weights are shares, so a column's purchases sum to ONE at most; its stored
 * units to less than 2^28; observed and old shares, their average and its shares again each to ONE at most.
 */

const NO_COLUMN: u32 = 0xffff;

/** The moving average of observed and stored column shares; its own column sums are what the shares are taken of. */
export function averageShares(): void {
  memory.fill(at.purchaseSums, 0, at.neurons << 3);
  memory.fill(at.storedSums, 0, at.neurons << 3);
  memory.fill(at.pairSums, 0, at.neurons << 3);
  for (let uid: u32 = 0; uid < at.neurons; uid++) sumRow(uid);
  let end: u32 = 0;
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    store<u32>(at.pairStarts + (uid << 2), end);
    openBonds(uid);
    end = averageRow(uid, end);
  }
  store<u32>(at.pairStarts + (at.neurons << 2), end);
}

function sumRow(uid: u32): void {
  const share = load<u64>(uid << 3, at.activeStake);
  const rowEnd = load<u32>(at.rowStarts + ((uid + 1) << 2));
  for (let row = load<u32>(at.rowStarts + (uid << 2)); row < rowEnd; row++) {
    const column = (<u32>load<u16>(at.rowColumns + (row << 1))) << 3;
    const target = targetOf(load<u64>(at.rowValues + (row << 3)), load<u64>(column, at.consensus));
    store<u64>(column, load<u64>(column, at.purchaseSums) + product(share, target), at.purchaseSums);
  }
  openBonds(uid);
  for (let bond: u32 = 0; bond < bondCount; bond++) {
    const sum = at.storedSums + ((<usize>load<u16>(bondColumns + (bond << 1))) << 3);
    store<u64>(sum, load<u64>(sum) + <u64>load<u16>(bondValues + (bond << 1)));
  }
}

function averageRow(uid: u32, from: u32): u32 {
  const share = load<u64>(uid << 3, at.activeStake);
  const rowEnd = load<u32>(at.rowStarts + ((uid + 1) << 2));
  let row = load<u32>(at.rowStarts + (uid << 2));
  let bond: u32 = 0;
  let end = from;
  while (row < rowEnd || bond < bondCount) {
    const rowColumn = row < rowEnd ? <u32>load<u16>(at.rowColumns + (row << 1)) : NO_COLUMN;
    const bondColumn = bond < bondCount ? <u32>load<u16>(bondColumns + (bond << 1)) : NO_COLUMN;
    const column = min(rowColumn, bondColumn);
    const inRow = u32(rowColumn == column);
    const inBonds = u32(bondColumn == column);
    const weight = load<u64>(at.rowValues + (row << 3)) & (0 - <u64>inRow);
    const stored = <u64>load<u16>(bondValues + (bond << 1)) & (0 - <u64>inBonds);
    row += inRow;
    bond += inBonds;
    const bought = product(share, targetOf(weight, load<u64>(column << 3, at.consensus)));
    end = addAverage(end, column, bought, stored);
  }
  return end;
}

function addAverage(end: u32, column: u32, bought: u64, stored: u64): u32 {
  const alpha = load<u64>(column << 3, at.columnAlphas);
  const observed = bought > 0 ? quotient(bought, load<u64>(column << 3, at.purchaseSums)) : 0;
  const old = stored > 0 ? (stored << 32) / load<u64>(column << 3, at.storedSums) : 0;
  const value = product(alpha, observed) + product(ONE - alpha, old);
  store<u16>(at.pairColumns + (end << 1), <u16>column);
  store<u64>(at.pairValues + (end << 3), value);
  const sum = at.pairSums + (column << 3);
  store<u64>(sum, load<u64>(sum) + value);
  return end + u32(value > 0);
}

/** Shares of the averages' columns, dividends by them, and the shares as they are stored: of the column's largest. */
export function payShares(clearsAll: bool): void {
  memory.fill(at.largestShares, 0, at.neurons << 3);
  let total: u64 = 0;
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    const earned = shareRow(uid);
    store<u64>(uid << 3, earned, at.dividends);
    total += earned;
  }
  normalise(at.dividends, at.dividends, total);
  let stored: u32 = 0;
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    store<u32>(at.nextStarts + (uid << 2), stored);
    if (keepsBonds(uid, clearsAll)) stored = storeRow(uid, stored);
  }
  store<u32>(at.nextStarts + (at.neurons << 2), stored);
}

function shareRow(uid: u32): u64 {
  const end = load<u32>(at.pairStarts + ((uid + 1) << 2));
  let earned: u64 = 0;
  for (let k = load<u32>(at.pairStarts + (uid << 2)); k < end; k++) {
    const column = (<u32>load<u16>(at.pairColumns + (k << 1))) << 3;
    const share = quotient(load<u64>(at.pairValues + (k << 3)), load<u64>(column, at.pairSums));
    store<u64>(at.pairValues + (k << 3), share);
    store<u64>(column, max(share, load<u64>(column, at.largestShares)), at.largestShares);
    earned += product(share, load<u64>(column, at.incentive));
  }
  return earned;
}

function storeRow(uid: u32, from: u32): u32 {
  const end = load<u32>(at.pairStarts + ((uid + 1) << 2));
  let stored = from;
  for (let k = load<u32>(at.pairStarts + (uid << 2)); k < end; k++) {
    const column = <u32>load<u16>(at.pairColumns + (k << 1));
    const largest = load<u64>(column << 3, at.largestShares);
    const share = load<u64>(at.pairValues + (k << 3));
    const units = share > 0 ? toU16(quotient(share, largest)) : 0;
    store<u16>(at.nextColumns + (stored << 1), <u16>column);
    store<u16>(at.nextValues + (stored << 1), <u16>units);
    stored += u32(units > 0);
  }
  return stored;
}
