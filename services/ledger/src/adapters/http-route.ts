import type { DescMessage, JsonObject } from '@bufbuild/protobuf';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Lifecycle } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import { Mandates } from '@subnetes/proto/gen/subnetes/ledger/v1/mandates_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { Preview } from '@subnetes/proto/gen/subnetes/ledger/v1/preview_pb';
import { Root } from '@subnetes/proto/gen/subnetes/ledger/v1/root_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import type { HttpParameter, HttpParameters } from './http-parameters.ts';

/** Calls of the gRPC services that people can make over HTTP too. */
export type HttpCall = LedgerCall | EntryCall | MarketCall | KeyCall | keyof typeof Pools.method;

/** Calls that read the journal's entries, and what proves them. */
type EntryCall = 'listEntries' | 'getInclusionProof' | 'getCheckpoint' | 'getConsistencyProof';

/** Calls of the ledger about markets, and what wallets have signed, that people can make over HTTP too. */
type MarketCall = 'listSubnets' | 'getSubnet' | 'listNeurons' | 'getRegistration' | 'getBalanceProof' | 'getSession';

/** Calls of the service for mandates and keys that people can make over HTTP too. */
type KeyCall = 'getMandateUse' | 'listAdmissions' | 'getLineage' | 'getColdkeySwap';

type LedgerCall =
  | 'getNetwork'
  | 'getAccount'
  | 'listAccounts'
  | 'getBalances'
  | 'listPostings'
  | 'listDelegations'
  | 'listUnbonding'
  | 'getSlashingTerms'
  | 'listSlashes'
  | 'getSlash'
  | 'listEvictionOrder'
  | 'listPendingEvictions'
  | 'getCreationCost'
  | 'getGovernance'
  | 'listProposals'
  | 'getProposal'
  | 'getVote'
  | 'listGrants'
  | 'submitOrder'
  | 'openSession'
  | 'submitSessionBatch'
  | keyof typeof Preview.method
  | keyof typeof Root.method
  | keyof typeof Calculators.method;

/** One operation: what it takes, and the message of the gRPC call that it stands for. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it. */
  readonly path: string;
  readonly summary: string;
  readonly call: HttpCall;
  readonly parameters: Readonly<Record<string, HttpParameter>>;
  /** What the payload of the signed envelope in the body is, as binary protobuf. */
  readonly signs?: DescMessage;
  /** Where the page of a call's answer is one message of a list: that one alone. */
  readonly first?: string;
  /** protobuf JSON of the request, out of parameters that fit their schemas. A body is the request itself. */
  readonly request: (parameters: HttpParameters) => JsonObject;
}

const METHODS = {
  ...Ledger.method,
  ...Pools.method,
  ...Governance.method,
  ...Mandates.method,
  ...Preview.method,
  ...Root.method,
  ...Slashing.method,
  ...Lifecycle.method,
  ...Calculators.method,
};

/** The gRPC method that a route stands for. */
export function methodOf({ call }: Pick<HttpRoute, 'call'>) {
  return METHODS[call];
}
