import { moneyView } from './subnet-view.ts';
import type { MoneyView } from './views.ts';

/** What the ledger says of a proposal. */
export interface ProposalRecord {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly proposer: string;
  /** What it changes, in a word. */
  readonly action: string;
  /** Rules of the network that it changes. */
  readonly changes: readonly string[];
  readonly state: string;
  readonly endBlock: number;
  readonly executeBlock: number;
  readonly doneBlock: number;
  readonly stakedRao: bigint;
  readonly yesRao: bigint;
  readonly noRao: bigint;
  readonly abstainRao: bigint;
  readonly quorumPpm: number;
  readonly thresholdPpm: number;
  readonly simulation: string | undefined;
  readonly reason: string;
}

/** Proposals and what they can spend; undefined where the network has no governance. */
export interface GovernanceRecord {
  readonly block: number;
  readonly symbol: string;
  readonly treasuryRao: bigint;
  readonly proposals: readonly ProposalRecord[];
}

/** One row of the proposals. */
export interface ProposalView {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly proposer: string;
  readonly action: string;
  readonly changes: readonly string[];
  readonly state: string;
  /** When something happens next, or happened last. */
  readonly when: string;
  /** Shares of all stake that could vote, of one. */
  readonly yes: number;
  readonly no: number;
  readonly abstain: number;
  readonly quorum: number;
  /** Of Yes and No, what Yes has to exceed. */
  readonly threshold: number;
  readonly simulation: string;
  readonly reason: string;
}

export interface ProposalsView {
  /** False: nothing of this network changes by proposals. */
  readonly governed: boolean;
  readonly treasury: MoneyView | null;
  readonly proposals: readonly ProposalView[];
}

const PPM = 1_000_000;

export function proposalsView(record: GovernanceRecord | undefined): ProposalsView {
  if (record === undefined) return { governed: false, treasury: null, proposals: [] };
  return {
    governed: true,
    treasury: moneyView(record.treasuryRao, record.symbol),
    proposals: record.proposals.map((proposal) => proposalView(proposal, record.block)),
  };
}

function proposalView(proposal: ProposalRecord, block: number): ProposalView {
  const { id, title, description, proposer, action, changes, state, reason, stakedRao } = proposal;
  // Parts per million are exact in a double; the page shows three decimals.
  const share = (rao: bigint): number => (stakedRao === 0n ? 0 : Number((rao * BigInt(PPM)) / stakedRao) / PPM);
  return {
    id,
    title,
    description,
    proposer,
    action,
    changes,
    state,
    when: whenText(proposal, block),
    yes: share(proposal.yesRao),
    no: share(proposal.noRao),
    abstain: share(proposal.abstainRao),
    quorum: proposal.quorumPpm / PPM,
    threshold: proposal.thresholdPpm / PPM,
    simulation: proposal.simulation ?? '',
    reason,
  };
}

function whenText({ state, endBlock, executeBlock, doneBlock }: ProposalRecord, block: number): string {
  if (state === 'Voting') return `votes for ${Math.max(0, endBlock - block)} blocks`;
  return state === 'Queued' ? `in ${Math.max(0, executeBlock - block)} blocks` : `at block ${doneBlock}`;
}
