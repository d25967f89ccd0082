import { depositOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { checkAction } from './perform-action.ts';
import { addDue } from './proposals-due.ts';
import type { Proposal, ProposalAction, Simulation } from './proposal.ts';
import { noGovernance } from './vote-delegation.ts';
import { stakedNow } from './voting-power.ts';

/** Proposals that are voted on at once: each keeps a snapshot. */
export const VOTING_MAX = 16;
/** Of them, one wallet's. */
export const VOTING_OF_WALLET_MAX = 4;
/** Proposals that wait for their time lock. */
export const QUEUED_MAX = 64;

const TITLE_CHARACTERS_MAX = 120;
const DESCRIPTION_CHARACTERS_MAX = 4000;
const SUMMARY_CHARACTERS_MAX = 1000;

/** What would move the cursor, or turn the direction, of whoever reads it. */
const CONTROL = /[\p{Cc}\p{Bidi_Control}]/u;

/** What a coldkey proposes. */
export interface ProposalDraft {
  readonly title: string;
  readonly description: string;
  readonly action: ProposalAction;
  readonly simulation?: Simulation;
}

/**
 * Takes a proposal and begins its vote. Its snapshot is of this moment: what anybody stakes from now on has no voice in it.
 * Answers it without its entry, which the caller writes.
 */
export function propose(ledger: Ledger, proposer: string, draft: ProposalDraft): Decision<Omit<Proposal, 'sequence'>> {
  const terms = ledger.network.genesis.governance;
  if (terms === undefined) return noGovernance();
  const finding = textFinding(draft);
  if (finding !== undefined) return refuse('PROPOSAL_INVALID', finding);
  const room = checkRoom(ledger, proposer);
  if (!room.ok) return room;
  const checked = checkAction(ledger, draft.action);
  if (!checked.ok) return checked;
  const { governance, block } = ledger;
  const { record } = governance;
  const id = record.lastProposal + 1;
  const { deposit, quorumPpm, thresholdPpm, timelockBlocks } = terms;
  const parts = [{ to: depositOf(id), amount: deposit }];
  const paid = ledger.book.pay({ asset: ledger.asset, from: proposer, parts });
  if (!paid.ok) return paid;
  governance.history.open(id);
  governance.record = { ...record, lastProposal: id, voting: [...record.voting, id] };
  const endBlock = block + terms.votingBlocks;
  addDue(ledger, endBlock, id);
  return accept({
    id,
    proposer,
    ...draft,
    state: 'Voting',
    terms: { deposit, quorumPpm, thresholdPpm, timelockBlocks },
    startBlock: block,
    endBlock,
    staked: stakedNow(ledger),
    tally: { yes: 0n, no: 0n, abstain: 0n },
    vetoes: [],
    reason: '',
  });
}

function textFinding({ title, description, simulation }: ProposalDraft): string | undefined {
  if (title.trim() === '' || title.length > TITLE_CHARACTERS_MAX) {
    return `title must be 1 to ${TITLE_CHARACTERS_MAX} characters`;
  }
  if (description.length > DESCRIPTION_CHARACTERS_MAX) {
    return `description must be at most ${DESCRIPTION_CHARACTERS_MAX} characters`;
  }
  if (CONTROL.test(title) || CONTROL.test(description.replaceAll(/[\n\t]/g, ''))) {
    return 'title and description must have no control characters, but for line breaks and tabs of the description';
  }
  if (simulation === undefined) return undefined;
  if (CONTROL.test(simulation.summary)) return 'simulation.summary must have no control characters';
  if (!/^[0-9a-f]{64}$/.test(simulation.sha256)) return 'simulation.sha256 must be 32 bytes';
  if (simulation.firstEpoch > simulation.lastEpoch) return 'simulation.firstEpoch must be at most lastEpoch';
  return simulation.summary.length > SUMMARY_CHARACTERS_MAX
    ? `simulation.summary must be at most ${SUMMARY_CHARACTERS_MAX} characters`
    : undefined;
}

function checkRoom({ governance }: Ledger, proposer: string): Decision<undefined> {
  const { voting, queued } = governance.record;
  if (voting.length >= VOTING_MAX) {
    return refuse('PROPOSAL_COUNT', `${VOTING_MAX} proposals are voted on: wait for the end of one`);
  }
  if (voting.length + queued.length >= QUEUED_MAX) {
    return refuse('PROPOSAL_COUNT', `${QUEUED_MAX} proposals are open: wait for the end of one`);
  }
  const own = voting.filter((id) => governance.proposal(id)?.proposer === proposer).length;
  return own < VOTING_OF_WALLET_MAX
    ? accept(undefined)
    : refuse('PROPOSAL_COUNT', `${proposer} has ${VOTING_OF_WALLET_MAX} proposals that are voted on`);
}
