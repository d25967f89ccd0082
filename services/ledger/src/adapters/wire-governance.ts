import { fromJson, type JsonValue, type MessageInitShape } from '@bufbuild/protobuf';
import type {
  EmissionPolicySchema,
  GovernanceTermsSchema,
  GrantSchema,
  NetworkChangesSchema,
  ProposalActionSchema,
  ProposalSchema,
  SlashingChangeSchema,
  VoteSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { PolicySchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { EmissionPolicy } from '#domain/economy/genesis.ts';
import { type Grant, vestedAt } from '#domain/governance/grant.ts';
import type { NetworkChanges, Proposal, ProposalAction } from '#domain/governance/proposal.ts';
import type { GovernanceTerms } from '#domain/governance/terms.ts';
import type { SlashingTerms } from '#domain/slashing/slashing-terms.ts';
import type { VoteView } from '#domain/governance/vote-view.ts';
import { bytesOfHex } from './wire.ts';

export function proposalToWire(proposal: Proposal): MessageInitShape<typeof ProposalSchema> {
  const { id, proposer, title, description, state, simulation, tally, terms, reason } = proposal;
  return {
    id: BigInt(id),
    proposer,
    title,
    description,
    state,
    reason,
    action: actionToWire(proposal.action),
    ...(simulation === undefined
      ? {}
      : {
          simulation: {
            netuid: simulation.netuid,
            firstEpoch: BigInt(simulation.firstEpoch),
            lastEpoch: BigInt(simulation.lastEpoch),
            sha256: bytesOfHex(simulation.sha256),
            summary: simulation.summary,
          },
        }),
    startBlock: BigInt(proposal.startBlock),
    endBlock: BigInt(proposal.endBlock),
    executeBlock: BigInt(proposal.executeBlock ?? 0),
    doneBlock: BigInt(proposal.doneBlock ?? 0),
    sequence: BigInt(proposal.sequence),
    stakedRao: proposal.staked.toString(),
    yesRao: tally.yes.toString(),
    noRao: tally.no.toString(),
    abstainRao: tally.abstain.toString(),
    quorumPpm: terms.quorumPpm,
    thresholdPpm: terms.thresholdPpm,
    depositRao: terms.deposit.toString(),
    vetoes: [...proposal.vetoes],
  };
}

export function termsToWire(terms: GovernanceTerms): MessageInitShape<typeof GovernanceTermsSchema> {
  const { deposit, votingBlocks, timelockBlocks, quorumPpm, thresholdPpm, treasuryPpm, council } = terms;
  return {
    depositRao: deposit.toString(),
    votingBlocks,
    timelockBlocks,
    quorumPpm,
    thresholdPpm,
    treasuryPpm,
    council: { members: [...council.members], required: council.required },
  };
}

export function emissionToWire({
  name,
  version: _version,
  ...terms
}: EmissionPolicy): MessageInitShape<typeof EmissionPolicySchema> {
  return { name, ...terms };
}

export function grantToWire(grant: Grant, block: number): MessageInitShape<typeof GrantSchema> {
  return {
    id: BigInt(grant.id),
    to: grant.to,
    amountRao: grant.amount.toString(),
    vestedRao: vestedAt(grant, block).toString(),
    claimedRao: grant.claimed.toString(),
    startBlock: BigInt(grant.startBlock),
    cliffBlocks: grant.cliffBlocks,
    vestingBlocks: grant.vestingBlocks,
    revokedBlock: BigInt(grant.revokedBlock ?? 0),
  };
}

export function voteToWire(vote: VoteView): MessageInitShape<typeof VoteSchema> {
  const { ballot } = vote;
  return {
    choice: ballot?.choice ?? '',
    by: ballot?.by ?? '',
    weightRao: (ballot?.weight ?? 0n).toString(),
    ownRao: vote.own.toString(),
    delegatedRao: vote.delegated.toString(),
    entrustedRao: vote.entrusted.toString(),
    delegate: vote.delegate ?? '',
  };
}

function actionToWire(action: ProposalAction): MessageInitShape<typeof ProposalActionSchema> {
  switch (action.type) {
    case 'Network':
      return { action: { case: 'network', value: networkToWire(action.changes) } };
    case 'Emission': {
      const { policy, fromBlock } = action;
      const value = { policy: emissionToWire(policy), fromBlock: BigInt(fromBlock) };
      return { action: { case: 'emission', value } };
    }
    case 'Hyperparameters':
      return { action: { case: 'hyperparameters', value: { netuid: action.netuid, ...action.changes } } };
    case 'Policy': {
      const policy = fromJson(PolicySchema, action.policy as unknown as JsonValue);
      return { action: { case: 'policy', value: { netuid: action.netuid, policy } } };
    }
    case 'Spend':
      return { action: { case: 'spend', value: { to: action.to, amountRao: action.amount.toString() } } };
    case 'Grant': {
      const { to, amount, cliffBlocks, vestingBlocks } = action;
      return { action: { case: 'grant', value: { to, amountRao: amount.toString(), cliffBlocks, vestingBlocks } } };
    }
    case 'RevokeGrant':
      return { action: { case: 'revokeGrant', value: { grant: BigInt(action.grant) } } };
    case 'SettleDispute':
      return { action: { case: 'settleDispute', value: { coldkey: action.coldkey } } };
  }
}

function networkToWire(changes: NetworkChanges): MessageInitShape<typeof NetworkChangesSchema> {
  const { creditMax, takeBounds, burnBounds, governance, blockReward, slashing, ...plain } = changes;
  const { deposit, council, ...numbers } = governance ?? {};
  return {
    ...plain,
    ...(blockReward === undefined ? {} : { blockRewardRao: blockReward.toString() }),
    ...(slashing === undefined ? {} : { slashing: slashingToWire(slashing) }),
    ...(creditMax === undefined ? {} : { creditMaxRao: creditMax.toString() }),
    ...(takeBounds === undefined ? {} : { takeBounds }),
    ...(burnBounds === undefined
      ? {}
      : { burnBounds: { minBelowRao: burnBounds.minBelow.toString(), maxAboveRao: burnBounds.maxAbove.toString() } }),
    ...(governance === undefined
      ? {}
      : {
          governance: {
            ...numbers,
            ...(deposit === undefined ? {} : { depositRao: deposit.toString() }),
            ...(council === undefined
              ? {}
              : { council: { members: [...council.members], required: council.required } }),
          },
        }),
  };
}

function slashingToWire(terms: SlashingTerms): MessageInitShape<typeof SlashingChangeSchema> {
  const { conditions, reportDeposit, deciders, distribution, ...blocks } = terms;
  return {
    ...blocks,
    ...distribution,
    reportDepositRao: reportDeposit.toString(),
    conditions: conditions.map(({ max, ...condition }) => ({
      ...condition,
      ...(max === undefined ? {} : { maxRao: max.toString() }),
    })),
    ...(deciders.type === 'Arbiters' ? { arbiters: [...deciders.keys], arbitersRequired: deciders.required } : {}),
  };
}
