import { payPots, potsThatPay, type PotRule } from './emission.ts';
import type { EpochOutput, Formula } from './epoch-types.ts';
import { weightsOf } from './explain.ts';
import { divide, type Fixed, multiply, ONE, shareOf, subtract, sum, ZERO } from './fixed.ts';
import type { ScoredMechanism } from './miner-account.ts';
import type { Row } from './sparse.ts';

/** What a validator has of one miner. Shares in fixed point, money in smallest units. */
export interface ValidatorLine {
  readonly minerUid: number;
  /** Its weight after masks, what of it counted, and what was clipped. */
  readonly gave: Fixed;
  readonly counted: Fixed;
  readonly clipped: Fixed;
  /** The miner's consensus. */
  readonly consensus: Fixed;
  /** The bond that is kept for the next epoch. */
  readonly bond: Fixed;
  /** Its share of all bonds on the miner. */
  readonly bondShare: Fixed;
  /** The miner's incentive. */
  readonly incentive: Fixed;
  /** Bond share × incentive: what the miner adds to what the validator earned. */
  readonly earned: Fixed;
  /** The part of the dividends that comes of it, truncated. */
  readonly dividends: Fixed;
  /** The part of the pay that comes of it, floored. */
  readonly rao: bigint;
}

/**
 * Why a validator was paid what it was paid, adding up to the last unit: the lines' `earned` are `earned`; weighed by stake
 * (Yuma 3) it is `weighed`; weighed / weighedSum, truncated, are the dividends, and the lines' parts plus `dividendsRest`
 * are those; dividends × pot, floored, is the pay, and the lines' parts plus `byStake` and `raoRest` are that.
 */
export interface ValidatorAccount {
  /** One a miner on whom it has a weight or a bond, ascending by uid. */
  readonly lines: readonly ValidatorLine[];
  /** Its share of active stake. */
  readonly stakeShare: Fixed;
  readonly validatorTrust: Fixed;
  readonly earned: Fixed;
  /** Under Yuma 3 earned × stake share; under Yuma 2 what was earned, as stake counts in the bonds there. */
  readonly weighed: Fixed;
  /** Of all neurons together. */
  readonly weighedSum: Fixed;
  readonly dividends: Fixed;
  /** What truncating each line alone leaves of the dividends. */
  readonly dividendsRest: Fixed;
  readonly pot: bigint;
  readonly potRule: PotRule;
  readonly rao: bigint;
  /** Paid by stake, because nobody has incentive or dividends. */
  readonly byStake: bigint;
  readonly raoRest: bigint;
  /** What flooring leaves of both pots of the mechanism to nobody. */
  readonly unattributed: bigint;
}

/** Draws up a validator's account of an epoch. */
export function validatorAccount(uid: number, { input, output, pots }: ScoredMechanism): ValidatorAccount {
  const { formula } = input.parameters;
  const paying = potsThatPay(output, pots);
  const weigh = stakeWeigher(formula, output.activeStake[uid] ?? ZERO);
  const weighedSum = weighedSumOf(formula, output);
  const lines = ratedOrBonded(uid, output).map((line): ValidatorLine => {
    const earned = multiply(line.bondShare, line.incentive);
    const dividends = divide(weigh(earned), weighedSum);
    return { ...line, earned, dividends, rao: shareOf(dividends, paying.validators) };
  });
  const earned = sum(lines.map((line) => line.earned));
  const dividends = output.dividends[uid] ?? ZERO;
  const rao = shareOf(paying.dividendShares[uid] ?? ZERO, paying.validators);
  const byStake = paying.rule === 'by-stake' ? rao : 0n;
  return {
    lines,
    stakeShare: output.activeStake[uid] ?? ZERO,
    validatorTrust: output.validatorTrust[uid] ?? ZERO,
    earned,
    weighed: weigh(earned),
    weighedSum,
    dividends,
    dividendsRest: subtract(dividends, sum(lines.map((line) => line.dividends))),
    pot: paying.validators,
    potRule: paying.rule,
    rao,
    byStake,
    raoRest: lines.reduce((rest, line) => rest - line.rao, rao - byStake),
    unattributed: payPots(output, pots).unattributed,
  };
}

/** Under Yuma 3 stake counts in the dividends, under Yuma 2 it has counted in the bonds. */
function stakeWeigher(formula: Formula, stakeShare: Fixed): (earned: Fixed) => Fixed {
  const isYuma3 = formula === 'yuma3' || formula === 'yuma3-liquid';
  return (earned) => multiply(earned, isYuma3 ? stakeShare : ONE);
}

function weighedSumOf(formula: Formula, output: EpochOutput): Fixed {
  const weighed = output.bondShares.map((row, uid) =>
    stakeWeigher(formula, output.activeStake[uid] ?? ZERO)(earnedOf(row, output.incentive)),
  );
  return sum(weighed);
}

function earnedOf(bondShares: Row, incentive: readonly Fixed[]): Fixed {
  return sum(bondShares.map(([miner, share]) => multiply(share, incentive[miner] ?? ZERO)));
}

type RatedOrBonded = Omit<ValidatorLine, 'earned' | 'dividends' | 'rao'>;

function ratedOrBonded(uid: number, output: EpochOutput): RatedOrBonded[] {
  const weights = new Map(weightsOf(uid, output).map((weight) => [weight.minerUid, weight]));
  const shares = new Map(output.bondShares[uid]);
  const kept = new Map(output.bondsKept[uid]);
  const miners = [...new Set([...weights.keys(), ...shares.keys(), ...kept.keys()])].toSorted((a, b) => a - b);
  return miners.map((minerUid) => ({
    minerUid,
    gave: weights.get(minerUid)?.gave ?? ZERO,
    counted: weights.get(minerUid)?.counted ?? ZERO,
    clipped: weights.get(minerUid)?.clipped ?? ZERO,
    consensus: output.consensus[minerUid] ?? ZERO,
    bond: kept.get(minerUid) ?? ZERO,
    bondShare: shares.get(minerUid) ?? ZERO,
    incentive: output.incentive[minerUid] ?? ZERO,
  }));
}
