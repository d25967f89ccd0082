import { type EmissionInputs, type Payout, payPots, type Pots, potsThatPay } from '@subnetes/consensus/emission';
import { add, shareOf } from '@subnetes/consensus/fixed';
import type { Adjustment, PolicyStep } from './adjustments.ts';

/** What one step gave or took of a neuron. Shares in fixed point, money in smallest units; both with a sign. */
export interface PaidChange {
  readonly step: PolicyStep;
  readonly incentive: bigint;
  readonly dividends: bigint;
  readonly incentivePaid: bigint;
  readonly dividendsPaid: bigint;
}

/**
 * What shares pay that a policy has shaped. Which pot pays what is decided as the chain decides it, but a pot goes to the
 * other kind only where neither the consensus nor the policy gives anybody of its own anything: what a countermeasure takes
 * from all miners or all validators goes to nobody, and those who abstain are not paid by stake for having failed.
 *
 * With the consensus's own shares it is `payPots`, to the unit.
 */
export function payShaped(
  consensus: EmissionInputs,
  shaped: Pick<EmissionInputs, 'incentive' | 'dividends'>,
  pots: Pots,
): Payout {
  const { incentive, dividends } = shaped;
  if (incentive === consensus.incentive && dividends === consensus.dividends) return payPots(consensus, pots);
  const either = potsThatPay(
    {
      ...consensus,
      incentive: incentive.map((share, uid) => add(share, consensus.incentive[uid] ?? 0n)),
      dividends: dividends.map((share, uid) => add(share, consensus.dividends[uid] ?? 0n)),
    },
    pots,
  );
  const shares = either.rule === 'by-stake' ? either.dividendShares : dividends;
  const paid = {
    incentive: incentive.map((share) => shareOf(share, either.miners)),
    dividends: shares.map((share) => shareOf(share, either.validators)),
  };
  const rest = [...paid.incentive, ...paid.dividends].reduce((left, own) => left - own, pots.miners + pots.validators);
  if (rest < 0n) throw new Error(`a policy would pay ${-rest} more than the pots hold`);
  return { ...paid, unattributed: rest };
}

/**
 * What each step changed of a neuron's pay, after the consensus's own: with what that pays, the sum is exactly what it is
 * paid. Empty where nothing stands around the consensus.
 */
export function paidChanges(
  uid: number,
  epoch: { readonly consensus: EmissionInputs; readonly adjustments: readonly Adjustment[]; readonly pots: Pots },
): PaidChange[] {
  const { consensus, adjustments, pots } = epoch;
  const of = (adjustment: Pick<Adjustment, 'incentive' | 'dividends'>) => {
    const paid = payShaped(consensus, adjustment, pots);
    return {
      incentive: adjustment.incentive[uid] ?? 0n,
      dividends: adjustment.dividends[uid] ?? 0n,
      incentivePaid: paid.incentive[uid] ?? 0n,
      dividendsPaid: paid.dividends[uid] ?? 0n,
    };
  };
  let before = of(consensus);
  return adjustments.slice(1).map((adjustment): PaidChange => {
    const after = of(adjustment);
    const change = {
      step: adjustment.step,
      incentive: after.incentive - before.incentive,
      dividends: after.dividends - before.dividends,
      incentivePaid: after.incentivePaid - before.incentivePaid,
      dividendsPaid: after.dividendsPaid - before.dividendsPaid,
    };
    before = after;
    return change;
  });
}
