/** A proposal as the ledger tells it. Rao. */
export interface ProposalView {
  readonly id: number;
  readonly title: string;
  readonly proposer: string;
  /** What it changes. */
  readonly action: string;
  /** Rules of the network that it changes. */
  readonly changes: readonly string[];
  readonly state: string;
  readonly startBlock: number;
  readonly endBlock: number;
  /** 0: not yet. */
  readonly executeBlock: number;
  readonly doneBlock: number;
  readonly stakedRao: bigint;
  readonly yesRao: bigint;
  readonly noRao: bigint;
  readonly abstainRao: bigint;
  readonly quorumPpm: number;
  readonly thresholdPpm: number;
  readonly isSimulated: boolean;
  readonly reason: string;
}

const PPM = 1_000_000n;
const REASON_CHARACTERS_MAX = 1000;
const CHANGES_MAX = 16;

/** Name of a proposal's object. */
export function proposalName(id: number): string {
  return `proposal-${id}`;
}

/** The status of a Proposal: votes as parts of all stake, so that little of it changes with a vote. */
export function proposalStatus(proposal: ProposalView): Record<string, unknown> {
  const { id, title, proposer, action, state, startBlock, endBlock, quorumPpm, thresholdPpm } = proposal;
  const part = (rao: bigint): number => (proposal.stakedRao === 0n ? 0 : Number((rao * PPM) / proposal.stakedRao));
  return {
    id,
    title,
    proposer,
    action,
    ...(proposal.changes.length === 0 ? {} : { changes: proposal.changes.slice(0, CHANGES_MAX) }),
    state,
    startBlock,
    endBlock,
    ...(proposal.executeBlock === 0 ? {} : { executeBlock: proposal.executeBlock }),
    ...(proposal.doneBlock === 0 ? {} : { doneBlock: proposal.doneBlock }),
    yesPpm: part(proposal.yesRao),
    noPpm: part(proposal.noRao),
    abstainPpm: part(proposal.abstainRao),
    quorumPpm,
    thresholdPpm,
    simulated: proposal.isSimulated,
    ...(proposal.reason === '' ? {} : { reason: proposal.reason.slice(0, REASON_CHARACTERS_MAX) }),
  };
}
