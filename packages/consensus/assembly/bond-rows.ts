import * as at from './memory';
import { newestRegistration } from './weights';

/** The stored bonds of one row that count, where `openBonds` left them. */
export let bondColumns: usize = 0;
export let bondValues: usize = 0;
export let bondCount: u32 = 0;

let since: f64 = 0;
let byRow: bool = false;
let newest: f64 = 0;

/** Bonds older than their miner's registration do not count: made since a block, or (`byRow`) at the row's last update. */
export function setBondMask(block: f64, row: bool): void {
  since = block;
  byRow = row;
  newest = newestRegistration();
}

export function openBonds(uid: u32): void {
  const begin = load<u32>(at.bondStarts + (uid << 2));
  bondCount = load<u32>(at.bondStarts + ((uid + 1) << 2)) - begin;
  bondColumns = at.bondColumns + (begin << 1);
  bondValues = at.bondValues + (begin << 1);
  const madeAt = byRow ? load<f64>(uid << 3, at.lastUpdate) : since;
  if (madeAt <= newest) maskBonds(madeAt);
}

function maskBonds(madeAt: f64): void {
  let kept: u32 = 0;
  for (let k: u32 = 0; k < bondCount; k++) {
    const column = <u32>load<u16>(bondColumns + (k << 1));
    store<u16>(kept << 1, <u16>column, at.maskedColumns);
    store<u16>(kept << 1, load<u16>(bondValues + (k << 1)), at.maskedValues);
    kept += u32(madeAt > load<f64>(column << 3, at.registeredAt));
  }
  bondColumns = at.maskedColumns;
  bondValues = at.maskedValues;
  bondCount = kept;
}

/** Whether a row of bonds is stored: with the next permit always, else by one of two rules. */
export function keepsBonds(uid: u32, clearsAll: bool): bool {
  return load<u8>(uid, at.nextPermit) != 0 || (!clearsAll && load<u8>(uid, at.permit) == 0);
}
