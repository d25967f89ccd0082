import type { Governance, Proposal } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { changedRules } from '@subnetes/proto/changed-rules';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcError } from '@subnetes/proto/rpc-error';
import { type GovernanceReader, MarketUnavailable } from '#application/ports.ts';
import type { ProposalRecord } from '#domain/proposals-view.ts';
import { raoOfText } from './rao.ts';

/** Proposals that the page shows. */
const PAGE = { size: 100, token: '' };

/** Reads the ledger's governance over gRPC. */
export function governanceReader(client: RpcClient<typeof Governance>): GovernanceReader {
  return {
    async governance(symbol, signal) {
      try {
        const [{ treasuryRao, block }, { proposals }] = await Promise.all([
          client.getGovernance({}, { signal }),
          client.listProposals({ page: PAGE }, { signal }),
        ]);
        const told = { block: Number(block), symbol, treasuryRao: raoOfText(treasuryRao) };
        return { ...told, proposals: proposals.map(proposalRecord) };
      } catch (cause) {
        if (cause instanceof RpcError && cause.reason === 'GOVERNANCE_OFF') return undefined;
        throw new MarketUnavailable('ledger', cause);
      }
    },
  };
}

function proposalRecord(proposal: Proposal): ProposalRecord {
  const { title, description, proposer, state, quorumPpm, thresholdPpm, reason, simulation } = proposal;
  return {
    id: Number(proposal.id),
    title,
    description,
    proposer,
    state,
    action: proposal.action?.action.case ?? 'unknown',
    changes: proposal.action?.action.case === 'network' ? changedRules(proposal.action.action.value) : [],
    endBlock: Number(proposal.endBlock),
    executeBlock: Number(proposal.executeBlock),
    doneBlock: Number(proposal.doneBlock),
    stakedRao: raoOfText(proposal.stakedRao),
    yesRao: raoOfText(proposal.yesRao),
    noRao: raoOfText(proposal.noRao),
    abstainRao: raoOfText(proposal.abstainRao),
    quorumPpm,
    thresholdPpm,
    simulation: simulation?.summary,
    reason,
  };
}
