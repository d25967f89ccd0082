import { unitsFromText } from '@subnetes/money/amount';
import type {
  ConditionChange,
  GovernanceChanges,
  NetworkChanges as WireNetwork,
  SlashingChange,
} from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { NetworkChanges } from '#domain/governance/proposal.ts';
import type { GovernanceTerms } from '#domain/governance/terms.ts';
import { isSlashType, type SlashCondition, type SlashingTerms } from '#domain/slashing/slashing-terms.ts';
import { isWallet } from './read-signed.ts';

/** What a proposal changes of the network, off the wire; bounds are the domain's. */
export function readNetworkChanges(wire: WireNetwork): Decision<NetworkChanges> {
  const { takeBounds, burnBounds, halving, symbol, blockTimeMs, unbondingBlocks, rootStakeWeightPpm } = wire;
  if (halving !== undefined && halving !== 'ByIssuance' && halving !== 'None') {
    return refuse('PROPOSAL_INVALID', `halving must be ByIssuance or None, not "${halving.slice(0, 40)}"`);
  }
  const creditMax = someRao('credit_max_rao', wire.creditMaxRao);
  if (!creditMax.ok) return creditMax;
  const blockReward = someRao('block_reward_rao', wire.blockRewardRao);
  if (!blockReward.ok) return blockReward;
  const minBelow = raoOf('burn_bounds.min_below_rao', burnBounds?.minBelowRao ?? '0');
  if (!minBelow.ok) return minBelow;
  const maxAbove = raoOf('burn_bounds.max_above_rao', burnBounds?.maxAboveRao ?? '0');
  if (!maxAbove.ok) return maxAbove;
  const governance = wire.governance === undefined ? accept(undefined) : readTerms(wire.governance);
  if (!governance.ok) return governance;
  const slashing = wire.slashing === undefined ? accept(undefined) : readSlashing(wire.slashing);
  if (!slashing.ok) return slashing;
  return accept({
    ...given({ blockTimeMs, unbondingBlocks, rootStakeWeightPpm }),
    ...(creditMax.value === undefined ? {} : { creditMax: creditMax.value }),
    ...(takeBounds === undefined ? {} : { takeBounds: { minU16: takeBounds.minU16, maxU16: takeBounds.maxU16 } }),
    ...(burnBounds === undefined ? {} : { burnBounds: { minBelow: minBelow.value, maxAbove: maxAbove.value } }),
    ...(governance.value === undefined ? {} : { governance: governance.value }),
    ...(blockReward.value === undefined ? {} : { blockReward: blockReward.value }),
    ...(halving === undefined ? {} : { halving }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(slashing.value === undefined ? {} : { slashing: slashing.value }),
  });
}

function readTerms({ depositRao, council, ...wire }: GovernanceChanges): Decision<Partial<GovernanceTerms>> {
  const deposit = someRao('governance.deposit_rao', depositRao);
  if (!deposit.ok) return deposit;
  const stranger = council?.members.find((member) => !isWallet(member));
  if (stranger !== undefined) {
    return refuse('PROPOSAL_INVALID', `governance.council.members: ${stranger} is no SS58 address with prefix 42`);
  }
  const { votingBlocks, timelockBlocks, quorumPpm, thresholdPpm, treasuryPpm } = wire;
  const numbers = given({ votingBlocks, timelockBlocks, quorumPpm, thresholdPpm, treasuryPpm });
  return accept({
    ...numbers,
    ...(deposit.value === undefined ? {} : { deposit: deposit.value }),
    ...(council === undefined ? {} : { council: { members: [...council.members], required: council.required } }),
  });
}

function readSlashing(wire: SlashingChange): Decision<SlashingTerms> {
  const { arbiters, arbitersRequired, burnPpm, reporterPpm, insurancePpm } = wire;
  const stranger = arbiters.find((arbiter) => !isWallet(arbiter));
  if (stranger !== undefined) {
    return refuse('PROPOSAL_INVALID', `slashing.arbiters: ${stranger} is no SS58 address with prefix 42`);
  }
  const reportDeposit = raoOf('slashing.report_deposit_rao', wire.reportDepositRao);
  if (!reportDeposit.ok) return reportDeposit;
  const conditions: SlashCondition[] = [];
  for (const each of wire.conditions) {
    const condition = readCondition(each);
    if (!condition.ok) return condition;
    conditions.push(condition.value);
  }
  const { disputeBlocks, decisionBlocks, windowBlocks, windowPpm } = wire;
  return accept({
    conditions,
    disputeBlocks,
    decisionBlocks,
    windowBlocks,
    windowPpm,
    reportDeposit: reportDeposit.value,
    deciders:
      arbiters.length === 0
        ? { type: 'StakeVote' }
        : { type: 'Arbiters', keys: [...arbiters], required: arbitersRequired },
    distribution: { burnPpm, reporterPpm, insurancePpm },
  });
}

function readCondition({ type, ppm, maxRao, epochs, atLeast }: ConditionChange): Decision<SlashCondition> {
  if (!isSlashType(type)) {
    return refuse(
      'PROPOSAL_INVALID',
      `slashing.conditions.type "${type.slice(0, 40)}" is none that neurons lose stake for`,
    );
  }
  const max = someRao(`slashing.conditions.${type}.max_rao`, maxRao);
  if (!max.ok) return max;
  return accept({ type, ppm, ...given({ epochs, atLeast }), ...(max.value === undefined ? {} : { max: max.value }) });
}

/** Members that were given: an absent one means that it stays. */
export function given<Name extends string>(
  members: Readonly<Record<Name, number | undefined>>,
): { [N in Name]?: number } {
  const some = Object.entries<number | undefined>(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(some) as { [N in Name]?: number };
}

function someRao(field: string, text: string | undefined): Decision<bigint | undefined> {
  return text === undefined ? accept(undefined) : raoOf(field, text);
}

export function raoOf(field: string, text: string): Decision<bigint> {
  const units = unitsFromText(text);
  if (!units.ok) return refuse('PROPOSAL_INVALID', `${field}: ${units.message}`);
  return units.value >= 0n ? accept(units.value) : refuse('PROPOSAL_INVALID', `${field} must not be negative`);
}
