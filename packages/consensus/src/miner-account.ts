import { payPots, potsThatPay, type Pots, type PotRule } from './emission.ts';
import type { EpochInput, EpochOutput } from './epoch-types.ts';
import { type CountedWeight, weightsOn } from './explain.ts';
import { divide, type Fixed, multiply, shareOf, subtract, sum, ZERO } from './fixed.ts';

/** An epoch of one mechanism with its pots: what an account is drawn up from. */
export interface ScoredMechanism {
  readonly input: EpochInput;
  readonly output: EpochOutput;
  /** Smallest units. */
  readonly pots: Pots;
}

/** What one validator added to a miner's rank, incentive and pay. Shares in fixed point, money in smallest units. */
export interface MinerLine extends CountedWeight {
  /** Stake share × what it gave: what it would have added without clipping. */
  readonly offered: Fixed;
  /** Stake share × what of it counted: what it added to the rank. */
  readonly contribution: Fixed;
  /** The part of the incentive that comes of it, truncated. */
  readonly incentive: Fixed;
  /** The part of the pay that comes of it, floored. */
  readonly rao: bigint;
}

/**
 * Why a miner was paid what it was paid, adding up to the last unit:
 * the lines' contributions are the rank; rank / rankSum, truncated, is the incentive, and the lines' parts plus
 * `incentiveRest` are that; incentive × pot, floored, is the pay, and the lines' parts plus `raoRest` are that.
 */
export interface MinerAccount {
  /** One a validator whose stake counted, ascending by uid; one that gave nothing has a line of zeros. */
  readonly lines: readonly MinerLine[];
  readonly consensus: Fixed;
  /** Sum of what was offered. */
  readonly prerank: Fixed;
  /** What clipping took of that: prerank - rank. */
  readonly clipped: Fixed;
  readonly rank: Fixed;
  /** Ranks of all neurons together. */
  readonly rankSum: Fixed;
  readonly incentive: Fixed;
  /** What truncating each line alone leaves of the incentive. */
  readonly incentiveRest: Fixed;
  /** What the incentive is paid of. */
  readonly pot: bigint;
  readonly potRule: PotRule;
  readonly rao: bigint;
  readonly raoRest: bigint;
  /** What flooring leaves of both pots of the mechanism to nobody. */
  readonly unattributed: bigint;
  /** 1 + how many have more incentive. */
  readonly place: number;
  /** How many have incentive at all. */
  readonly rated: number;
}

/** Draws up a miner's account of an epoch. */
export function minerAccount(uid: number, { output, pots }: ScoredMechanism): MinerAccount {
  const paying = potsThatPay(output, pots);
  const rankSum = sum(output.rank);
  const incentive = output.incentive[uid] ?? ZERO;
  const lines = weightsOn(uid, output).map((weight): MinerLine => {
    const contribution = multiply(weight.stakeShare, weight.counted);
    const part = divide(contribution, rankSum);
    return {
      ...weight,
      offered: multiply(weight.stakeShare, weight.gave),
      contribution,
      incentive: part,
      rao: shareOf(part, paying.miners),
    };
  });
  const prerank = sum(lines.map(({ offered }) => offered));
  const rank = sum(lines.map(({ contribution }) => contribution));
  const rao = shareOf(incentive, paying.miners);
  return {
    lines,
    consensus: output.consensus[uid] ?? ZERO,
    prerank,
    clipped: subtract(prerank, rank),
    rank,
    rankSum,
    incentive,
    incentiveRest: subtract(incentive, sum(lines.map((line) => line.incentive))),
    pot: paying.miners,
    potRule: paying.rule,
    rao,
    raoRest: lines.reduce((rest, line) => rest - line.rao, rao),
    unattributed: payPots(output, pots).unattributed,
    place: placeOf(incentive, output.incentive),
    rated: output.incentive.filter((value) => value > ZERO).length,
  };
}

/** 1 for whoever nobody is above; equals share a place. */
export function placeOf(incentive: Fixed, all: Iterable<Fixed>): number {
  let place = 1;
  for (const value of all) if (value > incentive) place += 1;
  return place;
}
