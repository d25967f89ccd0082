import { setBondMask } from './bond-rows';
import { averageShares, payShares } from './column-bonds';
import { fromU16, ONE, portion } from './exact';
import { quantiseShares, rankMiners } from './incentives';
import { inputsAreValid } from './inputs';
import { findConsensus } from './median';
import * as at from './memory';
import { averageLiquidPairs, averagePairs, payPairs, setLiquidAlpha } from './pair-bonds';
import { setPenalty } from './purchase';
import { prepareStake } from './stake';
import { placeSlots, readWeights } from './weights';

/** What the module exports. `src/kernel-module.ts` holds the same list as types. */
export {
  divide,
  exponential,
  fromU16,
  logistic,
  multiply,
  portion,
  product,
  quotient,
  toU16,
  wideQuotient,
} from './exact';
export {
  active,
  activeStake,
  bondColumns,
  bondStarts,
  bondValues,
  columnAlphas,
  consensus,
  consensusU16,
  dividends,
  dividendsU16,
  incentive,
  incentiveU16,
  lastUpdate,
  minerPayouts,
  nextColumns,
  nextPermit,
  nextStarts,
  nextValues,
  oldestCommit,
  pairColumns,
  pairStarts,
  pairValues,
  permit,
  permitApplied,
  prerank,
  rank,
  registeredAt,
  reserve,
  rowColumns,
  rowStarts,
  rowValues,
  stake,
  stakeShare,
  stakeU16,
  trust,
  trustU16,
  validatorPayouts,
  validatorTrust,
  validatorTrustU16,
  weightColumns,
  weightStarts,
  weightValues,
} from './memory';

/** Answers of `scoreMiners`. */
const NO_CONSENSUS = 0;
const CONSENSUS = 1;
const INVALID = 2;

/** First half of an epoch: from the inputs to incentives. `CONSENSUS` when some consensus is above zero. */
export function scoreMiners(
  block: f64,
  cutoff: f64,
  owner: i32,
  minStake: u64,
  seats: u32,
  plain: bool,
  kappaU16: u32,
): u32 {
  if (!inputsAreValid(at.weightCapacity, at.bondCapacity)) return INVALID;
  const voters = prepareStake(block, cutoff, owner, minStake, seats, plain);
  placeSlots();
  readWeights(owner);
  const any = findConsensus(fromU16(kappaU16), voters);
  rankMiners();
  return any ? CONSENSUS : NO_CONSENSUS;
}

/** Between the halves: one alpha for all columns. The first liquid alpha writes one a column instead. */
export function setColumnAlphas(movingAveragePpm: u32): void {
  const alpha = newWeight(movingAveragePpm);
  for (let uid: u32 = 0; uid < at.neurons; uid++) store<u64>(uid << 3, alpha, at.columnAlphas);
}

/** Second half under Yuma 2. */
export function buyColumns(penaltyU16: u32, since: f64, byRow: bool, clearsAll: bool): void {
  setBondMask(since, byRow);
  setPenalty(fromU16(penaltyU16));
  averageShares();
  payShares(clearsAll);
  quantiseShares();
}

/** Second half under Yuma 3. */
export function buyPairs(movingAveragePpm: u32, penaltyU16: u32, since: f64, byRow: bool, clearsAll: bool): void {
  setBondMask(since, byRow);
  setPenalty(fromU16(penaltyU16));
  averagePairs(newWeight(movingAveragePpm));
  payPairs(clearsAll);
  quantiseShares();
}

/** Second half under Yuma 3 with liquid alpha; only when there is some consensus, else the flat form runs. */
export function buyLiquidPairs(
  lowU16: u32,
  highU16: u32,
  steepnessHundredths: i32,
  penaltyU16: u32,
  since: f64,
  byRow: bool,
  clearsAll: bool,
): void {
  setBondMask(since, byRow);
  setPenalty(fromU16(penaltyU16));
  setLiquidAlpha(fromU16(lowU16), fromU16(highU16), steepnessHundredths);
  averageLiquidPairs();
  payPairs(clearsAll);
  quantiseShares();
}

/** 1 - ppm / 10^6 */
function newWeight(ppm: u32): u64 {
  return ONE - ((<u64>ppm) << 32) / 1_000_000;
}

/** floor(share * pot) of every uid; returns their sum, which is the pot at most as shares sum to ONE at most. */
export function pay(shares: usize, amounts: usize, pot: u64): u64 {
  let paid: u64 = 0;
  for (let offset: u32 = 0; offset < at.neurons << 3; offset += 8) {
    const amount = portion(load<u64>(shares + offset), pot);
    store<u64>(amounts + offset, amount);
    paid += amount;
  }
  return paid;
}
