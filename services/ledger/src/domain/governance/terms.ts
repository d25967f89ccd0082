import { accept, type Decision, refuse } from '../book/refusal.ts';

/** Who may stop what was voted for: so many of these coldkeys. No members: nobody. */
export interface Council {
  /** SS58. */
  readonly members: readonly string[];
  readonly required: number;
}

/** By what a network governs itself. A proposal is judged by the terms that held when it was made. */
export interface GovernanceTerms {
  /** Rao that a proposal's author puts down. */
  readonly deposit: bigint;
  readonly votingBlocks: number;
  /** Blocks from the end of a vote to what it decided, in which people can leave and the council can stop it. */
  readonly timelockBlocks: number;
  /** Of all stake of the snapshot, what has to vote. */
  readonly quorumPpm: number;
  /** Of Yes and No, what Yes has to exceed. */
  readonly thresholdPpm: number;
  /** Of what the network earns by fees, what goes to the treasury. */
  readonly treasuryPpm: number;
  readonly council: Council;
}

export const COUNCIL_MAX = 32;

const PPM = 1_000_000;
const BLOCKS_MAX = 10_000_000;

/** Blocks are of 12 s: a week to vote, two days until it is done. */
export const GOVERNANCE_DEFAULTS: GovernanceTerms = {
  deposit: 100_000_000_000n,
  votingBlocks: 50_400,
  timelockBlocks: 14_400,
  quorumPpm: 100_000,
  thresholdPpm: 500_000,
  treasuryPpm: 0,
  council: { members: [], required: 1 },
};

/** Whether terms are within their bounds; below half of Yes and No a minority would decide. */
export function checkTerms(terms: GovernanceTerms): Decision<undefined> {
  const { council } = terms;
  const bounds = [
    ['votingBlocks', terms.votingBlocks, 1, BLOCKS_MAX],
    ['timelockBlocks', terms.timelockBlocks, 1, BLOCKS_MAX],
    ['quorumPpm', terms.quorumPpm, 0, PPM],
    ['thresholdPpm', terms.thresholdPpm, PPM / 2, PPM - 1],
    ['treasuryPpm', terms.treasuryPpm, 0, PPM],
    ['council.required', council.required, 1, Math.max(1, council.members.length)],
  ] as const;
  for (const [name, value, low, high] of bounds) {
    if (!Number.isInteger(value) || value < low || value > high) {
      return refuse('PROPOSAL_INVALID', `governance.${name} must be ${low} to ${high}, not ${value}`);
    }
  }
  if (terms.deposit < 1n) return refuse('PROPOSAL_INVALID', 'governance.deposit must be at least 1 rao');
  if (council.members.length > COUNCIL_MAX || new Set(council.members).size < council.members.length) {
    return refuse('PROPOSAL_INVALID', `governance.council.members must be ${COUNCIL_MAX} different coldkeys at most`);
  }
  return accept(undefined);
}
