import type { Scheme } from '../keys/scheme.ts';

/** What a mandate may allow, as its document names it. */
export const OPERATIONS = [
  'Register',
  'Stake',
  'SetPolicy',
  'Deregister',
  'RemoveStake',
  'MoveStake',
  'Delegate',
  'SetTake',
  'Transfer',
  'SwapHotkey',
  'SetChildren',
  'CreateSubnet',
  'DissolveSubnet',
  'KeepSubnet',
  'MatchEviction',
  'SetAutoStake',
  'Rebond',
  'SwapBuy',
  'SwapSell',
  'TransferAlpha',
  'ReportDoubleSigning',
  'DisputeSlash',
  'VoteSlash',
  'Propose',
  'Vote',
  'DelegateVote',
  'ClaimGrant',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Operations that leave money with its owner: they are limited, and do not use a mandate up. */
export const KEEPS_MONEY: ReadonlySet<Operation> = new Set(['RemoveStake', 'MoveStake', 'Rebond']);

/**
 * What one operation may move, beside what the mandate allows altogether. Money in rao; of an operation that gives a subnet's token
 * in units of that token, for each token by itself.
 */
export interface OperationLimit {
  readonly operation: string;
  readonly maxPerOperation: bigint;
  readonly maxTotal: bigint;
}

/** A coldkey's permission for a namespace of a cluster to spend, after its signature was verified. Money in rao. */
export interface Mandate {
  /** Hex; the mandate's name in the journal. */
  readonly sha256: string;
  /** Of the signature; absent: sr25519. */
  readonly scheme?: Scheme;
  /** SS58 of the coldkey that signed and pays. */
  readonly payer: string;
  /** SS58 of the coldkey that will own what is made; another than the payer where that one sponsors it. */
  readonly owner: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly operations: readonly string[];
  /** Empty: every subnet. */
  readonly netuids: readonly number[];
  readonly maxPerOperation: bigint;
  readonly maxTotal: bigint;
  /** At most one an operation; absent in mandates that name none. */
  readonly limits?: readonly OperationLimit[];
  /** Accounts that Transfer and TransferAlpha may pay. */
  readonly transferTo?: readonly string[];
  readonly notAfterBlock: number;
}

/** What the ledger remembers of a mandate that was used or revoked. */
export interface MandateRecord {
  readonly payer: string;
  readonly used: bigint;
  readonly revoked: boolean;
  /** By operation, of those that the mandate limits: rao, or units of a token. */
  readonly usedBy?: Readonly<Record<string, bigint>>;
}

/** Which object of which cluster asked. */
export interface Cause {
  readonly cluster: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly objectUid: string;
  readonly generation: number;
}

/** How far a mandate is used up, for messages to people. */
export interface MandateUse {
  readonly used: bigint;
  readonly max: bigint;
  readonly notAfterBlock: number;
  readonly payer: string;
}

/** The payer is part of the key, so that nobody can revoke or use up a mandate that is not theirs. */
export function mandateKey(payer: string, sha256: string): string {
  return `${payer}/${sha256}`;
}

/** Under which name the use of a limit is kept that is counted in a token. */
export function limitName(operation: Operation, token: string | undefined): string {
  return token === undefined ? operation : `${operation}:${token}`;
}

export function useOf(mandate: Mandate, used: bigint): MandateUse {
  return { used, max: mandate.maxTotal, notAfterBlock: mandate.notAfterBlock, payer: mandate.payer };
}
