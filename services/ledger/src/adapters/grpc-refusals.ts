import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { Decision, Refusal, RefusalCode } from '#domain/book/refusal.ts';
import { Archived, LedgerUnavailable, StoreUnavailable } from '#application/ports.ts';

/** The gRPC code of each refusal; the reason travels beside it as google.rpc.ErrorInfo. */
const CODES: Readonly<Record<RefusalCode, RpcCode>> = {
  INVALID_ARGUMENT: RpcCode.INVALID_ARGUMENT,
  INSUFFICIENT_FUNDS: RpcCode.FAILED_PRECONDITION,
  INSUFFICIENT_STAKE: RpcCode.FAILED_PRECONDITION,
  STAKE_TOO_SMALL: RpcCode.INVALID_ARGUMENT,
  DELEGATION_COUNT: RpcCode.RESOURCE_EXHAUSTED,
  TAKE_RISES_LATER: RpcCode.FAILED_PRECONDITION,
  EXISTS_WITH_DIFFERENT_CONTENT: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_ACCOUNT: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_AMOUNT: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_CODE: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_EXPIRY: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_HOLD: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_PARTS: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_CLOSE: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_TIME: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_REVERSES: RpcCode.ALREADY_EXISTS,
  EXISTS_WITH_DIFFERENT_CHANGE: RpcCode.ALREADY_EXISTS,
  ACCOUNT_PROTECTED: RpcCode.PERMISSION_DENIED,
  ACCOUNT_EXISTS: RpcCode.ALREADY_EXISTS,
  ACCOUNT_UNKNOWN: RpcCode.NOT_FOUND,
  ACCOUNT_FROZEN: RpcCode.FAILED_PRECONDITION,
  ACCOUNT_CLOSED: RpcCode.FAILED_PRECONDITION,
  ACCOUNT_LIMIT: RpcCode.FAILED_PRECONDITION,
  ACCOUNT_FLOOR: RpcCode.FAILED_PRECONDITION,
  ACCOUNT_NOT_EMPTY: RpcCode.FAILED_PRECONDITION,
  CREDIT_EXHAUSTED: RpcCode.RESOURCE_EXHAUSTED,
  BALANCE_LIMIT: RpcCode.OUT_OF_RANGE,
  ENTRY_UNKNOWN: RpcCode.NOT_FOUND,
  ARCHIVED: RpcCode.OUT_OF_RANGE,
  NOT_REVERSIBLE: RpcCode.FAILED_PRECONDITION,
  ALREADY_REVERSED: RpcCode.ALREADY_EXISTS,
  GROUP_FAILED: RpcCode.ABORTED,
  GROUP_OPEN: RpcCode.INVALID_ARGUMENT,
  HOLD_UNKNOWN: RpcCode.NOT_FOUND,
  HOLD_CLOSED: RpcCode.FAILED_PRECONDITION,
  HOLD_EXCEEDED: RpcCode.FAILED_PRECONDITION,
  HOLD_EXPIRY_PAST: RpcCode.INVALID_ARGUMENT,
  NO_MANDATE: RpcCode.PERMISSION_DENIED,
  MALFORMED_MANDATE: RpcCode.INVALID_ARGUMENT,
  MANDATE_NOT_GRANTED: RpcCode.PERMISSION_DENIED,
  MANDATE_EXHAUSTED: RpcCode.FAILED_PRECONDITION,
  MANDATE_EXPIRED: RpcCode.PERMISSION_DENIED,
  MANDATE_REVOKED: RpcCode.PERMISSION_DENIED,
  SUBNET_UNKNOWN: RpcCode.NOT_FOUND,
  SUBNET_LIMIT: RpcCode.RESOURCE_EXHAUSTED,
  HANDLE_TAKEN: RpcCode.ALREADY_EXISTS,
  HANDLE_FIXED: RpcCode.FAILED_PRECONDITION,
  NOT_OWNER: RpcCode.PERMISSION_DENIED,
  POLICY_INVALID: RpcCode.INVALID_ARGUMENT,
  REGISTRATION_CLOSED: RpcCode.FAILED_PRECONDITION,
  SUBNET_FULL: RpcCode.RESOURCE_EXHAUSTED,
  ALREADY_MANAGED: RpcCode.ALREADY_EXISTS,
  ALREADY_REGISTERED: RpcCode.ALREADY_EXISTS,
  HOTKEY_OWNED_BY_OTHER: RpcCode.PERMISSION_DENIED,
  COST_ABOVE_MAX: RpcCode.FAILED_PRECONDITION,
  ATTEMPT_STALE: RpcCode.FAILED_PRECONDITION,
  NOT_REGISTERED: RpcCode.NOT_FOUND,
  ENVELOPE_MISSING: RpcCode.INVALID_ARGUMENT,
  WRONG_NETWORK: RpcCode.UNAUTHENTICATED,
  WRONG_ENVELOPE_TYPE: RpcCode.INVALID_ARGUMENT,
  ENVELOPE_EXPIRED: RpcCode.UNAUTHENTICATED,
  ENVELOPE_REPLAYED: RpcCode.UNAUTHENTICATED,
  WRONG_REGISTRATION: RpcCode.UNAUTHENTICATED,
  WRONG_SIGNER: RpcCode.PERMISSION_DENIED,
  MALFORMED_ENVELOPE: RpcCode.INVALID_ARGUMENT,
  BAD_SIGNATURE: RpcCode.UNAUTHENTICATED,
  SESSION_UNKNOWN: RpcCode.NOT_FOUND,
  SESSION_REVOKED: RpcCode.PERMISSION_DENIED,
  SESSION_EXPIRED: RpcCode.PERMISSION_DENIED,
  SESSION_SCOPE: RpcCode.PERMISSION_DENIED,
  SESSION_LIMIT: RpcCode.PERMISSION_DENIED,
  SESSION_EXHAUSTED: RpcCode.FAILED_PRECONDITION,
  SESSION_COUNT: RpcCode.RESOURCE_EXHAUSTED,
  SIGNATURES_BUSY: RpcCode.RESOURCE_EXHAUSTED,
  PROOFS_BUSY: RpcCode.RESOURCE_EXHAUSTED,
  EPOCH_UNKNOWN: RpcCode.NOT_FOUND,
  EPOCH_CONFLICT: RpcCode.ALREADY_EXISTS,
  EPOCH_MISMATCH: RpcCode.INVALID_ARGUMENT,
  EPOCH_OVERPAYS: RpcCode.INVALID_ARGUMENT,
  EPOCH_UNWITNESSED: RpcCode.FAILED_PRECONDITION,
  PAYOUTS_STOPPED: RpcCode.FAILED_PRECONDITION,
};

/** Told of each refusal, for counting. */
export type CountRefusal = (code: RefusalCode) => void;

export function refusalError(refusal: Refusal): RpcError {
  return new RpcError({ code: CODES[refusal.code], reason: refusal.code, message: refusal.message });
}

/** The value of a decision; throws the RpcError of a refusal. */
export async function valueOf<T>(decision: Promise<Decision<T>>, count: CountRefusal): Promise<T> {
  const decided = await answered(decision);
  if (decided.ok) return decided.value;
  count(decided.code);
  throw refusalError(decided);
}

/** What a promise answers; an outage of the ledger becomes UNAVAILABLE, so that clients try again. */
export async function answered<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw outageError(error);
  }
}

/** UNAVAILABLE for an outage of the ledger, ARCHIVED for what it does not keep any more; anything else as it is. */
export function outageError(error: unknown): unknown {
  if (error instanceof Archived)
    return new RpcError({ code: RpcCode.OUT_OF_RANGE, reason: 'ARCHIVED', message: error.message });
  if (!(error instanceof LedgerUnavailable) && !(error instanceof StoreUnavailable)) return error;
  return new RpcError({ code: RpcCode.UNAVAILABLE, reason: 'UNAVAILABLE', message: `${error.message}: try again` });
}
