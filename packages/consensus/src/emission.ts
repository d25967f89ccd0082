import type { EpochOutput } from './epoch-types.ts';
import { add, type Fixed, shareOf, sum, ZERO } from './fixed.ts';
import { divideAll, normalise } from './sparse.ts';

/** The outputs of an epoch that decide money. */
export type EmissionInputs = Pick<EpochOutput, 'incentive' | 'dividends' | 'activeStake' | 'stake'>;

/** What each uid gets of a pot, floored each alone, and what that leaves. Indexed by uid. */
export interface EmissionSplit {
  /** For incentive. */
  readonly servers: readonly bigint[];
  /** For dividends. */
  readonly validators: readonly bigint[];
  /** floor of the common share, as the chain reports it; may be a unit above servers + validators, so never paid from. */
  readonly combined: readonly bigint[];
  /** pot - servers - validators. */
  readonly unattributed: bigint;
}

/**
 * The chain's split of one pot: incentive and dividends are divided by their common sum (two, as a rule). If nobody earned
 * anything, validators get the pot by active stake, or by all stake when none is active, and servers nothing.
 */
export function splitEmission(inputs: EmissionInputs, pot: bigint): EmissionSplit {
  const { incentive, dividends } = inputs;
  const both = incentive.map((value, uid) => add(value, dividends[uid] ?? ZERO));
  const total = sum(both);
  const validatorShares = total === ZERO ? stakeThatCounts(inputs) : divideAll(dividends, total);
  const commonShares = total === ZERO ? stakeThatCounts(inputs) : normalise(both);
  const servers = divideAll(incentive, total).map((share) => shareOf(share, pot));
  const validators = validatorShares.map((share) => shareOf(share, pot));
  return {
    servers,
    validators,
    combined: commonShares.map((share) => shareOf(share, pot)),
    unattributed: rest(pot, [...servers, ...validators]),
  };
}

/** The two pots of an epoch, in smallest units. */
export interface Pots {
  readonly miners: bigint;
  readonly validators: bigint;
}

/** What each uid is paid of two pots, and what the flooring leaves of both. Indexed by uid. */
export interface Payout {
  readonly incentive: readonly bigint[];
  readonly dividends: readonly bigint[];
  readonly unattributed: bigint;
}

/** Whether each pot goes to its own kind, to the other as well, or both to validators by stake. */
export type PotRule = 'own' | 'miners-take-both' | 'validators-take-both' | 'by-stake';

/** What incentives and dividends are paid of, once it is known who earned anything. */
export interface PotsThatPay extends Pots {
  readonly rule: PotRule;
  /** What dividends are paid by: the dividends, or stake where nobody has any. Indexed by uid. */
  readonly dividendShares: readonly Fixed[];
}

/**
 * The chain's rule for two pots that were parted before: incentive and dividends set proportions, each of its own pot.
 * While no miner earned anything validators get the miners' pot too, and while nobody has dividends miners get the
 * validators'; if there is neither, validators get both by active stake, or by all stake when none is active.
 */
export function potsThatPay(inputs: EmissionInputs, pots: Pots): PotsThatPay {
  const both = pots.miners + pots.validators;
  const noIncentive = sum(inputs.incentive) === ZERO;
  const noDividends = sum(inputs.dividends) === ZERO;
  const isByStake = noIncentive && noDividends;
  return {
    rule: isByStake ? 'by-stake' : noIncentive ? 'validators-take-both' : noDividends ? 'miners-take-both' : 'own',
    miners: noDividends ? both : pots.miners,
    validators: noIncentive ? both : pots.validators,
    dividendShares: isByStake ? stakeThatCounts(inputs) : inputs.dividends,
  };
}

/** What an epoch pays out of its two pots, by the rule of `potsThatPay`. */
export function payPots(inputs: EmissionInputs, pots: Pots): Payout {
  const { miners, validators, dividendShares } = potsThatPay(inputs, pots);
  const incentive = inputs.incentive.map((share) => shareOf(share, miners));
  const dividends = dividendShares.map((share) => shareOf(share, validators));
  return { incentive, dividends, unattributed: rest(pots.miners + pots.validators, [...incentive, ...dividends]) };
}

function stakeThatCounts({ activeStake, stake }: EmissionInputs): readonly Fixed[] {
  return activeStake.every((value) => value === ZERO) ? stake : activeStake;
}

/** Shares are truncated and sum to one at most, so more than the pot would be a bug in them. */
function rest(pot: bigint, paid: readonly bigint[]): bigint {
  const left = paid.reduce((remaining, amount) => remaining - amount, pot);
  if (left < 0n) throw new Error(`an epoch would pay ${-left} more than its pot of ${pot}`);
  return left;
}
