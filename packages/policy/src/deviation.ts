import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import { type Matrix, normalise } from '@subnetes/consensus/sparse';
import { totalVariation } from './distance.ts';
import { PPM, timesPpm, toPpm } from './ppm.ts';
import { contradiction, integerFaults, isRecord, type PolicyFault, type Ranges } from './ranges.ts';

/** What a validator that keeps deviating from consensus loses. */
export interface DeviationRules {
  /** Distance from consensus that counts as deviating, in millionths (0: the same row, 10^6: nothing in common). */
  readonly limitPpm: number;
  /** It must also exceed this many millionths of the network's own median distance: noise is nobody's fault. */
  readonly timesMedianPpm: number;
  /** Consecutive epochs beyond both from which dividends are reduced. */
  readonly reduceAfterEpochs: number;
  /** How much of the dividends is withheld then, in millionths. */
  readonly reductionPpm: number;
  /** Consecutive epochs after which evidence is given, and again after each so many more. */
  readonly evidenceAfterEpochs: number;
}

export const DEVIATION_RANGES: Ranges<DeviationRules> = {
  limitPpm: { min: 1, max: PPM },
  timesMedianPpm: { min: 0, max: 100 * PPM },
  reduceAfterEpochs: { min: 1, max: 100 },
  reductionPpm: { min: 0, max: PPM },
  evidenceAfterEpochs: { min: 1, max: 100 },
};

export function deviationFaults(member: string, value: unknown): PolicyFault[] {
  const faults = integerFaults(member, value, DEVIATION_RANGES);
  if (faults.length > 0 || !isRecord(value)) return faults;
  if (Number(value['evidenceAfterEpochs']) >= Number(value['reduceAfterEpochs'])) return [];
  return [contradiction(`${member}.evidenceAfterEpochs`, 'evidence cannot come before the reduction')];
}

/** One epoch in which a validator deviated. */
export interface DeviantEpoch {
  readonly index: number;
  /** Of the epoch's inputs, hex: whoever doubts the figure computes it again from them. */
  readonly inputsSha256: string;
  readonly deviationPpm: number;
}

/** Consecutive deviant epochs of one validator. `epochs` are those not yet given as evidence, the oldest first. */
export interface DeviationRun {
  readonly length: number;
  readonly epochs: readonly DeviantEpoch[];
}

/** What deviation is measured on, and what it costs. */
export interface DeviationView {
  /** Rows as their validators gave them, each summing to one: what a bound has held is not measured as if it were theirs. */
  readonly given: Matrix;
  readonly activeStake: readonly Fixed[];
  readonly consensus: readonly Fixed[];
  readonly dividends: readonly Fixed[];
}

export interface DeviationOutcome {
  readonly dividends: readonly Fixed[];
  /** By uid; undefined for a validator whose last counted epoch was within the limit. */
  readonly runs: readonly (DeviationRun | undefined)[];
  /** By uid, in millionths; null where it was not measured. */
  readonly deviationPpm: readonly (number | null)[];
  readonly proven: readonly { readonly uid: number; readonly epochs: readonly DeviantEpoch[] }[];
}

/**
 * Measures every voting validator's distance from consensus (total variation between its row and the normalised consensus:
 * the part of its weight that stands elsewhere). Past the limit for `reduceAfterEpochs` epochs in a row its dividends
 * shrink; after `evidenceAfterEpochs` the epochs are given as evidence for slashing.
 *
 * What is withheld goes to nobody: if it went to the others, a majority would earn by calling a minority deviant. An epoch
 * in which a validator did not vote, or in which there was no consensus, neither lengthens nor ends its run.
 */
export function punishDeviation(
  votes: DeviationView,
  before: readonly (DeviationRun | undefined)[],
  context: { readonly rules: DeviationRules; readonly index: number; readonly inputsSha256: string },
): DeviationOutcome {
  const { rules, index, inputsSha256 } = context;
  const deviationPpm = deviationsOf(votes);
  const limit = limitOf(deviationPpm, votes.activeStake, rules);
  const proven: { uid: number; epochs: readonly DeviantEpoch[] }[] = [];
  const runs = deviationPpm.map((own, uid): DeviationRun | undefined => {
    if (own === null) return before[uid];
    if (own <= limit) return undefined;
    const { length, epochs } = before[uid] ?? { length: 0, epochs: [] };
    const longer = { length: length + 1, epochs: [...epochs, { index, inputsSha256, deviationPpm: own }] };
    if (longer.epochs.length < rules.evidenceAfterEpochs) return longer;
    proven.push({ uid, epochs: longer.epochs });
    return { ...longer, epochs: [] };
  });
  const dividends = votes.dividends.map((share, uid) =>
    (runs[uid]?.length ?? 0) >= rules.reduceAfterEpochs ? timesPpm(share, PPM - rules.reductionPpm) : share,
  );
  return { dividends, runs, deviationPpm, proven };
}

/** Each voting validator's distance from the normalised consensus; null without a vote or without a consensus. */
function deviationsOf({ given, activeStake, consensus }: DeviationView): (number | null)[] {
  const target = normalise(consensus);
  const hasConsensus = target.some((share) => share > ZERO);
  return given.map((row, uid) => {
    const votes = hasConsensus && (activeStake[uid] ?? ZERO) > ZERO && row.some(([, share]) => share > ZERO);
    return votes ? toPpm(totalVariation(row, target)) : null;
  });
}

/** The larger of both limits. The network's level is the distance that half of the measured stake does not exceed. */
function limitOf(deviations: readonly (number | null)[], stake: readonly Fixed[], rules: DeviationRules): number {
  const measured = deviations.flatMap((own, uid) => (own === null ? [] : [{ own, stake: stake[uid] ?? ZERO }]));
  const half = measured.reduce((left, right) => left + right.stake, ZERO) / 2n;
  let below = ZERO;
  for (const { own, stake: weight } of measured.toSorted((left, right) => left.own - right.own)) {
    below += weight;
    if (below >= half) return Math.max(rules.limitPpm, Number(timesPpm(BigInt(own), rules.timesMedianPpm)));
  }
  return rules.limitPpm;
}
