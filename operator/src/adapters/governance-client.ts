import { changedRules } from '@subnetes/proto/changed-rules';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { isOutage, RpcError } from '@subnetes/proto/rpc-error';
import type { Governance, Proposal } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { LedgerUnavailableError } from '#application/ports.ts';
import type { ProposalsPort } from '#application/reconcile-proposals.ts';
import type { ProposalView } from '#domain/proposal-status.ts';
import { rao } from './views.ts';

const ACTIONS = {
  network: 'Network',
  emission: 'Emission',
  hyperparameters: 'Hyperparameters',
  policy: 'Policy',
  spend: 'Spend',
  grant: 'Grant',
  revokeGrant: 'RevokeGrant',
  settleDispute: 'SettleDispute',
} as const;

/** The ledger's governance over gRPC. */
export function governanceClient(client: RpcClient<typeof Governance>): ProposalsPort {
  return {
    async newest(limit, signal) {
      try {
        const { proposals } = await client.listProposals({ page: { size: limit, token: '' } }, { signal });
        return proposals.map(proposalView);
      } catch (error) {
        if (isOutage(error)) throw new LedgerUnavailableError('the ledger does not answer', { cause: error });
        if (error instanceof RpcError && error.reason === 'GOVERNANCE_OFF') return undefined;
        throw error;
      }
    },
  };
}

function proposalView(proposal: Proposal): ProposalView {
  const { title, proposer, state, quorumPpm, thresholdPpm, reason, simulation } = proposal;
  const action = proposal.action?.action.case;
  return {
    id: Number(proposal.id),
    title,
    proposer,
    state,
    action: action === undefined ? 'Unknown' : ACTIONS[action],
    changes: proposal.action?.action.case === 'network' ? changedRules(proposal.action.action.value) : [],
    startBlock: Number(proposal.startBlock),
    endBlock: Number(proposal.endBlock),
    executeBlock: Number(proposal.executeBlock),
    doneBlock: Number(proposal.doneBlock),
    stakedRao: rao(proposal.stakedRao),
    yesRao: rao(proposal.yesRao),
    noRao: rao(proposal.noRao),
    abstainRao: rao(proposal.abstainRao),
    quorumPpm,
    thresholdPpm,
    isSimulated: simulation !== undefined,
    reason,
  };
}
