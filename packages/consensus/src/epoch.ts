import { classicBonds, pairBonds, penalisedWeights, quantiseBonds } from './bonds.ts';
import { checkInput } from './check-input.ts';
import type { EpochInput, EpochOutput, EpochOutputU16 } from './epoch-types.ts';
import {
  divide,
  type Fixed,
  fromInteger,
  fromU16Share,
  narrowQuotient,
  oneMinusPpm,
  toU16Share,
  ZERO,
} from './fixed.ts';
import { columnMedians } from './median.ts';
import { topStakes } from './permits.ts';
import {
  clipColumns,
  filterEntries,
  mapEntries,
  type Matrix,
  normalise,
  normaliseRows,
  rowSums,
  weightedColumnSums,
} from './sparse.ts';

/**
 * One epoch of Yuma, in the order of the chain and bit for bit in its arithmetic: activity, stake, permits, masks,
 * consensus, clipping, incentive, bonds, dividends. Pure: the same input gives the same output on every machine.
 *
 * Throws RangeError where the input is outside the ranges of `checkInput`.
 * Source: opentensor/subtensor 14bc6f9f964b, epoch/run_epoch.rs (the sparse form, which is the one that runs).
 */
export function runEpoch(input: EpochInput): EpochOutput {
  checkInput(input);
  const { parameters, neurons, ownerUid } = input;
  const columns = neurons.length;
  const kappa = fromU16Share(parameters.kappaU16);

  const active = neurons.map(({ lastUpdate }) => lastUpdate + parameters.activityCutoffBlocks >= input.block);
  const stake = stakeShares(input);
  const permitsApplied = neurons.map(({ permit }, uid) => permit || uid === ownerUid);
  const permits = topStakes(stake, parameters.maxValidators, parameters.permitRule).map(
    (wins, uid) => wins || uid === ownerUid,
  );
  const activeStake = normalise(
    stake.map((share, uid) => (active[uid] === true && permitsApplied[uid] === true ? share : ZERO)),
  );

  const weights = normaliseRows(countedWeights(input, permitsApplied));
  const prerank = weightedColumnSums(weights, activeStake, columns);
  const consensus = columnMedians(weights, activeStake, { columns, kappa });
  const clipped = clipColumns(weights, consensus);
  const rank = weightedColumnSums(clipped, activeStake, columns);
  const trust = rank.map((value, uid) => divide(value, prerank[uid] ?? ZERO));
  const incentive = normalise(rank);

  const yuma3 = parameters.formula === 'yuma3' || parameters.formula === 'yuma3-liquid';
  const liquid = parameters.formula === 'yuma2-liquid' || parameters.formula === 'yuma3-liquid';
  const bonds = (yuma3 ? pairBonds : classicBonds)({
    stored: countedBonds(input),
    target: penalisedWeights(weights, clipped, fromU16Share(parameters.bondsPenaltyU16)),
    activeStake,
    consensus,
    incentive,
    alpha: oneMinusPpm(parameters.bondsMovingAveragePpm),
    liquidAlpha: liquid ? parameters.liquidAlpha : undefined,
  });

  const { dividends } = bonds;
  const vectors = { stake, consensus, trust, validatorTrust: rowSums(clipped), incentive, dividends };
  return {
    ...vectors,
    active,
    permitsApplied,
    permits,
    activeStake,
    weights,
    clipped,
    prerank,
    rank,
    bondsObserved: bonds.observed,
    bondShares: bonds.shares,
    bondsKept: bonds.kept,
    bonds: storedBonds(input, bonds.kept, permits),
    u16: quantise(vectors),
  };
}

/** Outputs as the chain stores them. Rank is stored after normalisation, which makes it the incentive. */
function quantise(vectors: Pick<EpochOutput, Exclude<keyof EpochOutputU16, 'rank'>>): EpochOutputU16 {
  return {
    stake: vectors.stake.map(toU16Share),
    consensus: vectors.consensus.map(toU16Share),
    rank: vectors.incentive.map(toU16Share),
    trust: vectors.trust.map(toU16Share),
    validatorTrust: vectors.validatorTrust.map(toU16Share),
    incentive: vectors.incentive.map(toU16Share),
    dividends: vectors.dividends.map(toU16Share),
  };
}

/** Share of all stake; stake below the minimum counts as zero unless it is the owner's. */
function stakeShares({ neurons, parameters, ownerUid }: EpochInput): Fixed[] {
  const counted = neurons.map(({ stake }, uid) => (stake < parameters.minStake && uid !== ownerUid ? 0n : stake));
  const total = counted.reduce((left, right) => left + right, 0n);
  return counted.map((value) => narrowQuotient(value, total));
}

function countedWeights(input: EpochInput, permits: readonly boolean[]): Matrix {
  const rows = input.neurons.map(({ weights }) => weights);
  const counted = filterEntries(rows, (from, to) => permits[from] === true && mayRate(input, from, to));
  return mapEntries(counted, (value) => fromInteger(value));
}

/**
 * Whether a weight of one uid on another counts, given a permit, in the chain's order of masks (the order decides, since
 * rows are normalised afterwards): not on the diagonal (but the owner's), not on who registered since the weights were
 * set, not on who registered since the oldest commit that is still hidden.
 */
export function mayRate({ neurons, ownerUid }: EpochInput, from: number, to: number): boolean {
  const validator = neurons[from];
  const registeredAt = neurons[to]?.registeredAt;
  if (validator === undefined || registeredAt === undefined) return false;
  if (from === to && from !== ownerUid) return false;
  if (validator.lastUpdate <= registeredAt) return false;
  return validator.oldestCommit === null || validator.oldestCommit >= registeredAt;
}

/** Stored bonds without those on a uid whose occupant is newer than they are. */
function countedBonds({ neurons, parameters, block, lastEpochBlock }: EpochInput): Matrix<number> {
  const rows = neurons.map(({ bonds }) => bonds);
  // The chain reads a recorded block of 0 as none.
  const ranBefore = lastEpochBlock !== null && lastEpochBlock !== 0;
  const since = ranBefore ? lastEpochBlock + 1 : Math.max(0, block - parameters.tempo);
  return filterEntries(rows, (from, to) => {
    const registeredAt = neurons[to]?.registeredAt ?? 0;
    const madeAt = parameters.bondMask === 'epoch' ? since : (neurons[from]?.lastUpdate ?? 0);
    return madeAt > registeredAt;
  });
}

function storedBonds(input: EpochInput, kept: Matrix, permits: readonly boolean[]): Matrix<number> {
  return quantiseBonds(kept).map((row, uid) => {
    if (permits[uid] === true) return row;
    const heldOne = input.neurons[uid]?.permit === true;
    return input.parameters.clearBonds === 'without-next-permit' || heldOne ? [] : row;
  });
}
