// oxlint-disable typescript/no-non-null-assertion -- every index is in bounds, and a default would be measured with the rest
import type { FloatArrays } from './float-arrays.ts';
import { averagePairs, payPairs } from './float-bonds.ts';
import { BLOCK } from './network.ts';

/**
 * The yardstick: the epoch of Yuma 3 with a flat alpha and full bonds penalty in float64 on typed arrays, tuned. Not exact,
 * and not for use: it decides ties of stake differently than the chain. What made it fast, measured: no branch in the
 * median and in clipping (`+(a > b)` as a factor, since the engine makes no conditional move of `a > b ? s : 0`), and old
 * bonds found by column instead of by walking over two rows at once.
 */
const CUTOFF = 5000;
const SEATS = 64;

export function runFloatEpoch(arrays: FloatArrays): void {
  prepareStake(arrays);
  placeSlots(arrays);
  readWeights(arrays);
  findConsensus(arrays, arrays.network.kappaU16 / 65_535);
  rankMiners(arrays);
  averagePairs(arrays);
  payPairs(arrays);
  for (const [from, to] of arrays.quantised) for (let uid = 0; uid < to.length; uid += 1) to[uid] = from[uid]! * 65_535;
}

function prepareStake({ network, units, stake, activeStake, votes, permits }: FloatArrays): void {
  const { neurons, lastUpdate, permit } = network;
  let total = 0;
  for (let uid = 0; uid < neurons; uid += 1) total += units[uid]!;
  let active = 0;
  for (let uid = 0; uid < neurons; uid += 1) {
    const share = units[uid]! / total;
    const counted = lastUpdate[uid]! + CUTOFF >= BLOCK && permit[uid] === 1 ? share : 0;
    stake[uid] = share;
    activeStake[uid] = counted;
    active += counted;
  }
  let sum = 0;
  for (let uid = 0; uid < neurons; uid += 1) {
    activeStake[uid] = activeStake[uid]! / active;
    sum += activeStake[uid]!;
  }
  for (let uid = 0; uid < neurons; uid += 1) votes[uid] = activeStake[uid]! / sum;
  const order: number[] = [];
  for (let uid = 0; uid < neurons; uid += 1) if (stake[uid]! > 0) order.push(uid);
  if (order.length > SEATS) order.sort((left, right) => stake[right]! - stake[left]! || right - left).length = SEATS;
  permits.fill(0);
  for (const uid of order) permits[uid] = 1;
}

function placeSlots({ network, weights, votes, slots }: FloatArrays): void {
  const { neurons } = network;
  const { starts, ends } = slots;
  const columns = weights.columns;
  ends.fill(0);
  for (let uid = 0; uid < neurons; uid += 1) {
    if (votes[uid] === 0) continue;
    const end = weights.starts[uid + 1]!;
    for (let entry = weights.starts[uid]!; entry < end; entry += 1) ends[columns[entry]!]! += 1;
  }
  let next = 0;
  for (let column = 0; column < neurons; column += 1) {
    const count = ends[column]!;
    starts[column] = next;
    ends[column] = next;
    next += count;
  }
}

function readWeights(arrays: FloatArrays): void {
  const { neurons, permit, registeredAt, lastUpdate } = arrays.network;
  let newest = -1;
  for (let uid = 0; uid < neurons; uid += 1) newest = Math.max(newest, registeredAt[uid]!);
  arrays.prerank.fill(0);
  let end = 0;
  for (let uid = 0; uid < neurons; uid += 1) {
    arrays.rows.starts[uid] = end;
    if (permit[uid] === 0) continue;
    if (lastUpdate[uid]! <= newest) throw new Error('the yardstick has no mask for miners registered since');
    end = readRow(arrays, uid, end);
  }
  arrays.rows.starts[neurons] = end;
}

function readRow(arrays: FloatArrays, uid: number, begin: number): number {
  const { weights, rows, slots, prerank } = arrays;
  const { columns, values } = rows;
  const { ends, scores, stakes } = slots;
  const units = weights.values;
  const last = weights.starts[uid + 1]!;
  let end = begin;
  let sum = 0;
  for (let entry = weights.starts[uid]!; entry < last; entry += 1) {
    const column = weights.columns[entry]!;
    const value = units[entry]!;
    const keeps = +(column !== uid);
    columns[end] = column;
    values[end] = value;
    sum += value * keeps;
    end += keeps;
  }
  const share = arrays.activeStake[uid]!;
  const vote = arrays.votes[uid]!;
  const divisor = sum > 0 ? sum : 1;
  for (let entry = begin; entry < end; entry += 1) {
    const column = columns[entry]!;
    const value = values[entry]! / divisor;
    values[entry] = value;
    prerank[column]! += share * value;
    const slot = ends[column]!;
    scores[slot] = value;
    stakes[slot] = vote;
    ends[column] = slot + +(value > 0);
  }
  return end;
}

function findConsensus(arrays: FloatArrays, kappa: number): void {
  const { starts, ends, stakes } = arrays.slots;
  for (let column = 0; column < arrays.network.neurons; column += 1) {
    const begin = starts[column]!;
    const end = ends[column]!;
    let total = 0;
    for (let vote = begin; vote < end; vote += 1) total += stakes[vote]!;
    arrays.consensus[column] = total < kappa || begin === end ? 0 : medianOf(arrays, { begin, end, kappa, column });
  }
}

/** Narrowing around pivots, the first of them the weighted mean. */
function medianOf(
  { slots, low, high, prerank }: FloatArrays,
  of: { readonly begin: number; readonly end: number; readonly kappa: number; readonly column: number },
): number {
  let { scores, stakes }: { scores: Float64Array; stakes: Float64Array } = slots;
  let from = of.begin;
  let count = of.end - from;
  let pivot = prerank[of.column]!;
  let above = 0;
  for (;;) {
    let lows = 0;
    let highs = 0;
    let stakeAbove = 0;
    let stakeFrom = 0;
    for (let vote = from; vote < from + count; vote += 1) {
      const score = scores[vote]!;
      const stake = stakes[vote]!;
      const isAbove = +(score > pivot);
      const isFrom = +(score >= pivot);
      low.scores[lows] = score;
      low.stakes[lows] = stake;
      high.scores[highs] = score;
      high.stakes[highs] = stake;
      lows += 1 - isFrom;
      highs += isAbove;
      stakeAbove += stake * isAbove;
      stakeFrom += stake * isFrom;
    }
    const isHigher = above + stakeAbove >= of.kappa && highs > 0;
    if (!isHigher && (above + stakeFrom >= of.kappa || lows === 0)) return pivot;
    if (!isHigher) above += stakeFrom;
    ({ scores, stakes } = isHigher ? high : low);
    count = isHigher ? highs : lows;
    from = 0;
    pivot = scores[count >> 1]!;
  }
}

function rankMiners(arrays: FloatArrays): void {
  const { rank, prerank, trust, incentive, consensus, activeStake, validatorTrust } = arrays;
  const { starts, columns, values } = arrays.rows;
  const { neurons } = arrays.network;
  rank.fill(0);
  for (let uid = 0; uid < neurons; uid += 1) {
    const end = starts[uid + 1]!;
    const share = activeStake[uid]!;
    let kept = 0;
    for (let entry = starts[uid]!; entry < end; entry += 1) {
      const column = columns[entry]!;
      const value = values[entry]!;
      const excess = value - consensus[column]!;
      const clipped = value - excess * +(excess > 0);
      rank[column]! += share * clipped;
      kept += clipped;
    }
    validatorTrust[uid] = kept;
  }
  let total = 0;
  for (let uid = 0; uid < neurons; uid += 1) {
    trust[uid] = prerank[uid]! > 0 ? rank[uid]! / prerank[uid]! : 0;
    total += rank[uid]!;
  }
  for (let uid = 0; uid < neurons; uid += 1) incentive[uid] = total > 0 ? rank[uid]! / total : 0;
}
