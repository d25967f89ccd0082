import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { Decision, Refusal, RefusalCode } from '#domain/book/refusal.ts';
import { LedgerUnavailable, StoreUnavailable } from '#application/ports.ts';

/** The gRPC code of each refusal; the reason travels beside it as google.rpc.ErrorInfo. */
const CODES: Readonly<Record<RefusalCode, RpcCode>> = {
  INVALID_ARGUMENT: RpcCode.INVALID_ARGUMENT,
  INSUFFICIENT_FUNDS: RpcCode.FAILED_PRECONDITION,
  EXISTS_WITH_DIFFERENT_CONTENT: RpcCode.ALREADY_EXISTS,
  ACCOUNT_PROTECTED: RpcCode.PERMISSION_DENIED,
  BALANCE_LIMIT: RpcCode.OUT_OF_RANGE,
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

/** UNAVAILABLE for an outage of the ledger; anything else as it is. */
export function outageError(error: unknown): unknown {
  if (!(error instanceof LedgerUnavailable) && !(error instanceof StoreUnavailable)) return error;
  return new RpcError({ code: RpcCode.UNAVAILABLE, reason: 'UNAVAILABLE', message: `${error.message}: try again` });
}
