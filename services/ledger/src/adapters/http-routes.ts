import type { JsonObject } from '@bufbuild/protobuf';
import { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Lifecycle } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';

/** Calls of the gRPC service that people can make over HTTP too. */
export type HttpCall =
  | 'getNetwork'
  | 'getAccount'
  | 'listAccounts'
  | 'getBalances'
  | 'listPostings'
  | 'listDelegations'
  | 'listEvictionOrder'
  | 'listPendingEvictions'
  | 'getCreationCost'
  | 'listEntries'
  | 'getInclusionProof'
  | 'getCheckpoint'
  | 'getConsistencyProof'
  | 'submitOrder'
  | 'openSession'
  | 'submitSessionBatch';

export interface HttpParameter {
  readonly in: 'path' | 'query';
  readonly description: string;
  readonly schema: {
    readonly type: 'string' | 'boolean' | 'integer';
    readonly pattern?: string;
    readonly maximum?: number;
  };
}

/** One operation: what it takes, and the message of the gRPC call that it stands for. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it. */
  readonly path: string;
  readonly summary: string;
  readonly call: HttpCall;
  readonly parameters: Readonly<Record<string, HttpParameter>>;
  /** Where the page of a call's answer is one message of a list: that one alone. */
  readonly first?: string;
  /** protobuf JSON of the request, out of parameters that fit their schemas. A body is the request itself. */
  readonly request: (parameters: Readonly<Record<string, string | number | boolean | undefined>>) => JsonObject;
}

const COUNT_PATTERN = '^(0|[1-9][0-9]{0,15})$';
const count = (description: string): HttpParameter => ({
  in: 'query',
  description,
  schema: { type: 'string', pattern: COUNT_PATTERN },
});
const account: HttpParameter = {
  in: 'path',
  description: 'SS58 address, or the name of an account of the system such as billing:acme or pot:1',
  schema: { type: 'string', pattern: '^[A-Za-z0-9:-]{1,160}$' },
};
const sequence: HttpParameter = {
  in: 'path',
  description: 'Number of the entry, from 1',
  schema: { type: 'string', pattern: '^[1-9][0-9]{0,15}$' },
};
const page = {
  pageSize: { in: 'query', description: 'At most 1000; 100 if not given', schema: { type: 'integer', maximum: 1000 } },
  pageToken: { in: 'query', description: 'nextPageToken of the answer before', schema: { type: 'string' } },
} satisfies Record<string, HttpParameter>;

type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;
const pageOf = ({ pageSize, pageToken }: Parameters): JsonObject => given({ size: pageSize, token: pageToken });

/** Members that were given. */
function given(members: Parameters): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}

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

const netuid: HttpParameter = {
  in: 'path',
  description: 'Subnet',
  schema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,4})$' },
};

const LIVES: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/eviction-order',
    summary: 'Who of a subnet is evicted next, and why',
    call: 'listEvictionOrder',
    parameters: { netuid },
    request: (asked) => given({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/pending-evictions',
    summary: 'Newcomers that wait, and the neurons that have notice for them',
    call: 'listPendingEvictions',
    parameters: { netuid },
    request: (asked) => given({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnet-creation-cost',
    summary: 'What a subnet costs now',
    call: 'getCreationCost',
    parameters: {},
    request: () => ({}),
  },
];

const PROOFS: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/entries/{sequence}',
    summary: 'One entry of the journal',
    call: 'listEntries',
    parameters: { sequence },
    first: 'entries',
    request: (asked) => ({ afterSequence: String(BigInt(String(asked['sequence'])) - 1n), limit: 1 }),
  },
  {
    method: 'GET',
    path: '/v1/entries/{sequence}/proof',
    summary: 'That the newest checkpoint covers an entry',
    call: 'getInclusionProof',
    parameters: { sequence },
    request: (asked) => given({ sequence: asked['sequence'] }),
  },
  {
    method: 'GET',
    path: '/v1/checkpoint',
    summary: 'The newest signed checkpoint',
    call: 'getCheckpoint',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'GET',
    path: '/v1/consistency',
    summary: 'That a newer tree continues an older one',
    call: 'getConsistencyProof',
    parameters: { firstSize: count('Entries of the older tree'), secondSize: count('Entries of the newer tree') },
    request: (asked) => given(asked),
  },
];

const SIGNED: readonly HttpRoute[] = [
  {
    method: 'POST',
    path: '/v1/orders',
    summary: 'Carries out what a wallet signed',
    call: 'submitOrder',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'POST',
    path: '/v1/sessions',
    summary: 'Opens a spending session that a wallet signed',
    call: 'openSession',
    parameters: {},
    request: () => ({}),
  },
  {
    method: 'POST',
    path: '/v1/session-batches',
    summary: 'Carries out orders that a session key signed: all of them or none',
    call: 'submitSessionBatch',
    parameters: {},
    request: () => ({}),
  },
];

/** Everything that the facade serves. */
export const HTTP_ROUTES: readonly HttpRoute[] = [...READS, ...LIVES, ...PROOFS, ...SIGNED];

const METHODS = { ...LedgerService.method, ...Lifecycle.method };

/** The gRPC method that a route stands for. */
export function methodOf({ call }: Pick<HttpRoute, 'call'>) {
  return METHODS[call];
}
