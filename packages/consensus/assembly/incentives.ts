import { factorOf, quotient, shiftOf, toU16 } from './exact';
import * as at from './memory';

/** Weights held to the consensus: ranks and validator trust; then trust and incentive. */
export function rankMiners(): void {
  memory.fill(at.rank, 0, at.neurons << 3);
  for (let uid: u32 = 0; uid < at.neurons; uid++) store<u64>(uid << 3, clipRow(uid), at.validatorTrust);
  let total: u64 = 0;
  for (let offset: usize = 0; offset < at.neurons << 3; offset += 8) {
    const ranked = load<u64>(offset, at.rank);
    const before = load<u64>(offset, at.prerank);
    store<u64>(offset, ranked > 0 ? quotient(ranked, before) : 0, at.trust); // clipping only lowers: ranked <= before
    total += ranked;
  }
  normalise(at.rank, at.incentive, total);
}

/** Adds a validator's clipped weights to the ranks; returns their sum. */
function clipRow(uid: u32): u64 {
  const share = load<u64>(uid << 3, at.activeStake);
  const factor = factorOf(share);
  const shift = shiftOf(share);
  const begin = load<u32>(at.rowStarts + (uid << 2));
  const last = at.rowColumns + (load<u32>(at.rowStarts + ((uid + 1) << 2)) << 1);
  let value = at.rowValues + (begin << 3);
  let kept: u64 = 0;
  for (let entry = at.rowColumns + (begin << 1); entry < last; entry += 2, value += 8) {
    const column = (<usize>load<u16>(entry)) << 3;
    const clipped = min(load<u64>(value), load<u64>(column, at.consensus));
    store<u64>(column, load<u64>(column, at.rank) + ((factor * clipped) >> shift), at.rank);
    kept += clipped;
  }
  return kept;
}

/** Shares of a total that none of them exceeds; zeros when it is zero. `to` may be `from`. */
export function normalise(from: usize, to: usize, total: u64): void {
  for (let offset: usize = 0; offset < at.neurons << 3; offset += 8) {
    const own = load<u64>(from + offset);
    store<u64>(to + offset, own > 0 ? quotient(own, total) : 0);
  }
}

/** What is stored of the shares. */
export function quantiseShares(): void {
  quantise(at.stakeShare, at.stakeU16);
  quantise(at.consensus, at.consensusU16);
  quantise(at.trust, at.trustU16);
  quantise(at.validatorTrust, at.validatorTrustU16);
  quantise(at.incentive, at.incentiveU16);
  quantise(at.dividends, at.dividendsU16);
}

function quantise(from: usize, to: usize): void {
  for (let uid: u32 = 0; uid < at.neurons; uid++) {
    store<u16>(to + (uid << 1), <u16>toU16(load<u64>(from + (uid << 3))));
  }
}
