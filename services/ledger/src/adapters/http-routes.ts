import type { JsonObject } from '@bufbuild/protobuf';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';

/** Calls of the gRPC services that people can make over HTTP too. */
export type HttpCall =
  | 'getNetwork'
  | 'getAccount'
  | 'listAccounts'
  | 'getBalances'
  | 'listPostings'
  | 'listDelegations'
  | 'listEntries'
  | 'getInclusionProof'
  | 'getCheckpoint'
  | 'getConsistencyProof'
  | 'submitOrder'
  | 'openSession'
  | 'submitSessionBatch'
  | keyof typeof Calculators.method;

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

const netuid: HttpParameter = {
  in: 'path',
  description: 'Number of the subnet',
  schema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,4})$' },
};
const blocks: HttpParameter = {
  in: 'query',
  description: 'How far to look ahead; 7200 if not given',
  schema: { type: 'integer', maximum: 2_628_000 },
};
const lookAhead = (asked: Parameters): JsonObject => ({
  netuid: Number(asked['netuid']),
  blocks: Number(asked['blocks'] ?? 7200),
});

const PROJECTIONS: readonly HttpRoute[] = [
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/projected-emission',
    summary: 'What a subnet gets of the blocks to come',
    call: 'projectEmission',
    parameters: {
      netuid,
      blocks,
      points: { in: 'query', description: 'Evenly spaced, at most 64', schema: { type: 'integer', maximum: 64 } },
    },
    request: (asked) => ({ ...lookAhead(asked), ...given({ points: asked['points'] }) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/projected-registration',
    summary: 'What registering a miner costs, and when it has earned that',
    call: 'projectRegistration',
    parameters: { netuid, blocks },
    request: lookAhead,
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/outlook',
    summary: 'What projections of a subnet go by',
    call: 'getOutlook',
    parameters: { netuid },
    request: (asked) => ({ netuid: Number(asked['netuid']) }),
  },
  {
    method: 'GET',
    path: '/v1/subnets/{netuid}/neurons/{hotkey}/projected-stake',
    summary: 'What stake on a neuron earns',
    call: 'projectStake',
    parameters: {
      netuid,
      hotkey: { ...account, description: 'SS58 address of the neuron' },
      coldkey: { ...account, in: 'query', description: 'Whose stake; of somebody who has none there if not given' },
      addRao: count('Rao that it puts there now'),
      blocks,
      restake: { in: 'query', description: 'Whether its owner stakes what it was paid', schema: { type: 'boolean' } },
    },
    request: (asked) => {
      const { hotkey, coldkey, addRao, restake } = asked;
      return { ...lookAhead(asked), ...given({ hotkey, coldkey, addRao, restake }) };
    },
  },
];

/** Everything that the facade serves. */
export const HTTP_ROUTES: readonly HttpRoute[] = [...READS, ...PROJECTIONS, ...PROOFS, ...SIGNED];

const METHODS = { ...LedgerService.method, ...Calculators.method };

/** The gRPC method that a route stands for. */
export function methodOf({ call }: Pick<HttpRoute, 'call'>) {
  return METHODS[call];
}
