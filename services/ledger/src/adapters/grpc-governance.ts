import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Governance as GovernanceService } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { TREASURY } from '#domain/book/account.ts';
import type { Decision } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { listGrants, listProposals, proposalCounts } from '#domain/governance/lists.ts';
import { PROPOSAL_STATES, type Proposal, type ProposalState } from '#domain/governance/proposal.ts';
import type { GovernanceTerms } from '#domain/governance/terms.ts';
import { unknownProposal } from '#domain/governance/vote.ts';
import { noGovernance } from '#domain/governance/vote-delegation.ts';
import { voteView } from '#domain/governance/vote-view.ts';
import { stakedNow } from '#domain/governance/voting-power.ts';
import type { Sequencer } from '#application/sequencer.ts';
import { accountField, countField, sizeField } from './grpc-fields.ts';
import { answered, refusalError } from './grpc-refusals.ts';
import { pageToken, placeOfToken } from './page-token.ts';
import { emissionToWire, grantToWire, proposalToWire, termsToWire, voteToWire } from './wire-governance.ts';

type Handlers = RpcHandlers<typeof GovernanceService>;

/** What everybody may read of governance; all of it is committed state. */
export function governanceHandlers({ sequencer }: { readonly sequencer: Sequencer }): Handlers {
  const read = <T>(query: (ledger: Ledger, terms: GovernanceTerms) => T): Promise<T> =>
    answered(sequencer.read((ledger) => query(ledger, ledger.network.genesis.governance ?? refused(noGovernance()))));
  return {
    getGovernance: () => read(governanceToWire),
    getProposal: ({ id }) => read((ledger) => proposalToWire(proposalOf(ledger, countField('id', id)))),
    listProposals: async ({ page, state }) => {
      const wanted = stateField(state);
      const size = sizeField('page.size', page?.size ?? 0);
      const query = ['proposals', state];
      const before = placeOfToken(query, page?.token ?? '');
      return read((ledger) => {
        const found = listProposals(ledger, { state: wanted, before: numberOf(before), limit: size + 1 });
        const shown = found.slice(0, size);
        return {
          proposals: shown.map(proposalToWire),
          nextPageToken: found.length > size ? pageToken(query, String(shown.at(-1)?.id)) : '',
          block: BigInt(ledger.block),
        };
      });
    },
    getVote: async ({ proposal, wallet }) => {
      const voter = accountField('wallet', wallet);
      const id = countField('proposal', proposal);
      return read((ledger) => voteToWire(voteView(ledger, proposalOf(ledger, id), voter)));
    },
    listGrants: async ({ page, wallet }) => {
      if (wallet !== '') accountField('wallet', wallet);
      const size = sizeField('page.size', page?.size ?? 0);
      const query = ['grants', wallet];
      const after = placeOfToken(query, page?.token ?? '');
      return read((ledger) => {
        const found = listGrants(ledger, { wallet, after: numberOf(after), limit: size + 1 });
        const shown = found.slice(0, size);
        return {
          grants: shown.map((grant) => grantToWire(grant, ledger.block)),
          nextPageToken: found.length > size ? pageToken(query, String(shown.at(-1)?.id)) : '',
          block: BigInt(ledger.block),
        };
      });
    },
  };
}

function governanceToWire(ledger: Ledger, terms: GovernanceTerms) {
  const { nextEmission, grants } = ledger.governance.record;
  return {
    terms: termsToWire(terms),
    treasuryRao: ledger.book.posted(ledger.asset, TREASURY).toString(),
    stakedRao: stakedNow(ledger).toString(),
    proposals: proposalCounts(ledger).map(({ state, count }) => ({ state, count })),
    openGrants: grants.length,
    ...(nextEmission === undefined
      ? {}
      : { nextEmission: emissionToWire(nextEmission.policy), nextEmissionBlock: BigInt(nextEmission.fromBlock) }),
    block: BigInt(ledger.block),
  };
}

function proposalOf(ledger: Ledger, id: number): Proposal {
  return ledger.governance.proposal(id) ?? refused(unknownProposal(id));
}

function refused(refusal: Decision<never>): never {
  if (refusal.ok) throw new Error('a refusal was expected');
  throw refusalError(refusal);
}

function stateField(text: string): ProposalState | undefined {
  const state = PROPOSAL_STATES.find((each) => each === text);
  if (text !== '' && state === undefined) throw invalidField('state', `must be one of ${PROPOSAL_STATES.join(', ')}`);
  return state;
}

function numberOf(place: string | undefined): number | undefined {
  if (place === undefined) return undefined;
  const number = Number(place);
  if (Number.isSafeInteger(number)) return number;
  throw new RpcError({ code: RpcCode.INVALID_ARGUMENT, reason: 'INVALID_ARGUMENT', message: 'page.token is no place' });
}
