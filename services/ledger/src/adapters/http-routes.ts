import { type HttpParameter, account, count, given, page, pageOf } from './http-parameters.ts';
import type { HttpRoute } from './http-route.ts';
import { ENTRY_ROUTES } from './http-entry-routes.ts';
import { LIFE_ROUTES } from './http-life-routes.ts';
import { MARKET_ROUTES } from './http-market-routes.ts';
import { PROJECTION_ROUTES } from './http-projection-routes.ts';
import { POOL_ROUTES } from './http-pool-routes.ts';
import { KEY_ROUTES } from './http-key-routes.ts';
import { ROOT_ROUTES } from './http-root-routes.ts';
import { SIGNED_ROUTES } from './http-signed-routes.ts';
import { SLASHING_ROUTES } from './http-slashing-routes.ts';

const READS: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/network',
    summary: 'The network: token, block, issuance, emission',
    call: 'getNetwork',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'GET',
    path: '/v1/accounts',
    summary: 'Accounts by name',
    call: 'listAccounts',
    parameters: {
      ...page,
      prefix: {
        in: 'query',
        description: 'Beginning of the names',
        schema: { type: 'string', pattern: '^[A-Za-z0-9:-]{1,160}$' },
      },
    },
    request: (asked) => ({ ...given({ prefix: asked['prefix'] }), page: pageOf(asked) }),
  },
  {
    method: 'GET',
    path: '/v1/accounts/{account}',
    summary: 'Balance, terms and open holds of an account, all of one moment',
    call: 'getAccount',
    parameters: { account, ...page },
    request: (asked) => ({ ...given({ account: asked['account'] }), holds: pageOf(asked) }),
  },
  {
    method: 'GET',
    path: '/v1/accounts/{account}/balance',
    summary: 'The balance after an entry of the journal',
    call: 'getBalances',
    parameters: { account, atSequence: count('Number of the entry; the newest if not given') },
    request: (asked) => ({ accounts: [String(asked['account'])], ...given({ atSequence: asked['atSequence'] }) }),
  },
  {
    method: 'GET',
    path: '/v1/accounts/{account}/entries',
    summary: 'What moved on an account',
    call: 'listPostings',
    parameters: {
      account,
      ...page,
      fromSequence: count('First entry'),
      toSequence: count('Last entry'),
      fromBlock: count('First block'),
      toBlock: count('Last block'),
      asset: {
        in: 'query',
        description: 'Symbol, such as ALPHA1; the network’s token if not given',
        schema: { type: 'string', pattern: '^[A-Z]{2,10}[0-9]{0,5}$' },
      },
      newestFirst: { in: 'query', description: 'The newest first', schema: { type: 'boolean' } },
    },
    request: ({ pageSize, pageToken, ...range }) => ({ ...given(range), page: pageOf({ pageSize, pageToken }) }),
  },
  {
    method: 'GET',
    path: '/v1/accounts/{account}/delegations',
    summary: 'What a wallet has on neurons of others',
    call: 'listDelegations',
    parameters: { account },
    request: (asked) => given({ coldkey: asked['account'] }),
  },
];

const proposalId: HttpParameter = {
  in: 'path',
  description: 'Number of the proposal, from 1',
  schema: { type: 'string', pattern: '^[1-9][0-9]{0,15}$' },
};

const GOVERNANCE: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/governance',
    summary: 'By what the network governs itself, the treasury, and what is open',
    call: 'getGovernance',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'GET',
    path: '/v1/proposals',
    summary: 'Proposals, the newest first',
    call: 'listProposals',
    parameters: {
      ...page,
      state: {
        in: 'query',
        description: 'Only those in this state',
        schema: { type: 'string', pattern: '^[A-Za-z]{1,20}$' },
      },
    },
    request: (asked) => ({ ...given({ state: asked['state'] }), page: pageOf(asked) }),
  },
  {
    method: 'GET',
    path: '/v1/proposals/{proposal}',
    summary: 'One proposal',
    call: 'getProposal',
    parameters: { proposal: proposalId },
    request: (asked) => given({ id: asked['proposal'] }),
  },
  {
    method: 'GET',
    path: '/v1/proposals/{proposal}/votes/{account}',
    summary: 'How the stake of a wallet votes, and with how much it could',
    call: 'getVote',
    parameters: { proposal: proposalId, account },
    request: (asked) => given({ proposal: asked['proposal'], wallet: asked['account'] }),
  },
  {
    method: 'GET',
    path: '/v1/grants',
    summary: 'Grants of the treasury that are not paid out',
    call: 'listGrants',
    parameters: { ...page, wallet: { ...account, in: 'query', description: 'SS58 address of a beneficiary' } },
    request: (asked) => ({ ...given({ wallet: asked['wallet'] }), page: pageOf(asked) }),
  },
];

/** Everything that the facade serves. */
export const HTTP_ROUTES: readonly HttpRoute[] = [
  ...READS,
  ...MARKET_ROUTES,
  ...POOL_ROUTES,
  ...KEY_ROUTES,
  ...ROOT_ROUTES,
  ...SLASHING_ROUTES,
  ...LIFE_ROUTES,
  ...PROJECTION_ROUTES,
  ...ENTRY_ROUTES,
  ...GOVERNANCE,
  ...SIGNED_ROUTES,
];
