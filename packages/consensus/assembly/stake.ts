import { ONE, quotient, wideQuotient } from './exact';
import * as at from './memory';

/** Activity, permits that apply, stake shares, permits for the next epoch, active stake, votes. Returns how many vote. */
export function prepareStake(block: f64, cutoff: f64, owner: i32, minStake: u64, seats: u32, plain: bool): u32 {
  shareStake(owner, minStake);
  choosePermits(seats, plain, owner);
  const count = <i32>at.neurons;
  let total: u64 = 0;
  for (let uid = 0; uid < count; uid++) {
    const isActive = load<f64>(uid << 3, at.lastUpdate) + cutoff >= block;
    const holds = load<u8>(uid, at.permit) != 0 || uid == owner;
    const counted = isActive && holds ? load<u64>(uid << 3, at.stakeShare) : 0;
    store<u8>(uid, u8(isActive), at.active);
    store<u8>(uid, u8(holds), at.permitApplied);
    store<u64>(uid << 3, counted, at.activeStake);
    total += counted;
  }
  return normaliseVotes(total);
}

/** Active stake divided by its sum, and once more: the median takes its voters' stake normalised again. */
function normaliseVotes(total: u64): u32 {
  const bytes = at.neurons << 3;
  let voters: u32 = 0;
  let sum: u64 = 0;
  for (let offset: u32 = 0; total > 0 && offset < bytes; offset += 8) {
    const own = load<u64>(offset, at.activeStake);
    const normalised = own > 0 ? quotient(own, total) : 0;
    store<u64>(offset, normalised, at.activeStake);
    voters += u32(normalised > 0);
    sum += normalised;
  }
  for (let offset: u32 = 0; offset < bytes; offset += 8) {
    const own = load<u64>(offset, at.activeStake);
    store<u64>(offset, own > 0 ? quotient(own, sum) : 0, at.votes);
  }
  return voters;
}

/** Share of all stake, floored; stake below the minimum counts as zero unless it is the owner's. The sum is below 2^64. */
function shareStake(owner: i32, minStake: u64): void {
  const count = <i32>at.neurons;
  let total: u64 = 0;
  for (let uid = 0; uid < count; uid++) {
    const units = load<u64>(uid << 3, at.stake);
    total += units < minStake && uid != owner ? 0 : units;
  }
  for (let uid = 0; uid < count; uid++) {
    const units = load<u64>(uid << 3, at.stake);
    const counts = units > 0 && (units >= minStake || uid == owner);
    store<u64>(uid << 3, counts ? wideQuotient(units, total) : 0, at.stakeShare);
  }
}

/** The largest shares win; of equal ones the higher uid. Without `plain` nothing wins with nothing. */
function choosePermits(seats: u32, plain: bool, owner: i32): void {
  const count = <i32>at.neurons;
  const edge = seats < at.neurons ? lowestWinner(seats) : 0;
  let tied: i32 = seats < at.neurons ? <i32>seats - countAbove(edge) : count;
  for (let uid = count - 1; uid >= 0; uid--) {
    const share = load<u64>(uid << 3, at.stakeShare);
    const isTied = share == edge && tied > 0;
    tied -= i32(isTied);
    const wins = (share > edge || isTied) && (plain || share > 0);
    store<u8>(uid, u8(wins || uid == owner), at.nextPermit);
  }
}

/** Largest share that at least `seats` uids reach, by bisection. No seats: above every share. Seats for all stake: zero. */
function lowestWinner(seats: u32): u64 {
  if (seats == 0) return ONE + 1;
  if (<u32>countAbove(0) <= seats) return 0;
  let low: u64 = 0;
  let high: u64 = ONE;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (<u32>countAbove(middle - 1) >= seats) low = middle;
    else high = middle - 1;
  }
  return low;
}

function countAbove(bound: u64): i32 {
  const end = at.stakeShare + (at.neurons << 3);
  let count = 0;
  for (let address = at.stakeShare; address < end; address += 8) count += i32(load<u64>(address) > bound);
  return count;
}
