/** Every reason for which the ledger refuses something that it was asked for. Stable: programs match on it. */
export type RefusalCode =
  | 'INVALID_ARGUMENT'
  | 'INSUFFICIENT_FUNDS'
  | 'EXISTS_WITH_DIFFERENT_CONTENT'
  | 'EXISTS_WITH_DIFFERENT_ACCOUNT'
  | 'EXISTS_WITH_DIFFERENT_AMOUNT'
  | 'EXISTS_WITH_DIFFERENT_CODE'
  | 'EXISTS_WITH_DIFFERENT_EXPIRY'
  | 'EXISTS_WITH_DIFFERENT_HOLD'
  | 'EXISTS_WITH_DIFFERENT_PARTS'
  | 'EXISTS_WITH_DIFFERENT_CLOSE'
  | 'EXISTS_WITH_DIFFERENT_TIME'
  | 'EXISTS_WITH_DIFFERENT_REVERSES'
  | 'EXISTS_WITH_DIFFERENT_CHANGE'
  | 'ACCOUNT_PROTECTED'
  | 'ACCOUNT_EXISTS'
  | 'ACCOUNT_UNKNOWN'
  | 'ACCOUNT_FROZEN'
  | 'ACCOUNT_CLOSED'
  | 'ACCOUNT_LIMIT'
  | 'ACCOUNT_FLOOR'
  | 'ACCOUNT_NOT_EMPTY'
  | 'CREDIT_EXHAUSTED'
  | 'BALANCE_LIMIT'
  | 'ENTRY_UNKNOWN'
  | 'ARCHIVED'
  | 'NOT_REVERSIBLE'
  | 'ALREADY_REVERSED'
  | 'GROUP_FAILED'
  | 'GROUP_OPEN'
  | 'HOLD_UNKNOWN'
  | 'HOLD_CLOSED'
  | 'HOLD_EXCEEDED'
  | 'HOLD_EXPIRY_PAST'
  | 'NO_MANDATE'
  | 'MALFORMED_MANDATE'
  | 'MANDATE_NOT_GRANTED'
  | 'MANDATE_EXHAUSTED'
  | 'MANDATE_EXPIRED'
  | 'MANDATE_REVOKED'
  | 'SUBNET_UNKNOWN'
  | 'SUBNET_LIMIT'
  | 'HANDLE_TAKEN'
  | 'HANDLE_FIXED'
  | 'NOT_OWNER'
  | 'POLICY_INVALID'
  | 'REGISTRATION_CLOSED'
  | 'SUBNET_FULL'
  | 'ALREADY_MANAGED'
  | 'ALREADY_REGISTERED'
  | 'HOTKEY_OWNED_BY_OTHER'
  | 'COST_ABOVE_MAX'
  | 'ATTEMPT_STALE'
  | 'NOT_REGISTERED'
  | 'INSUFFICIENT_STAKE'
  | 'STAKE_TOO_SMALL'
  | 'DELEGATION_COUNT'
  | 'TAKE_RISES_LATER'
  | 'POOL_UNKNOWN'
  | 'POOL_TOO_SHALLOW'
  | 'SLIPPAGE_UNBOUNDED'
  | 'SLIPPAGE_TOO_HIGH'
  | 'SWAP_TOO_SMALL'
  | 'SWAP_TOO_LARGE'
  | 'ENVELOPE_MISSING'
  | 'WRONG_NETWORK'
  | 'WRONG_ENVELOPE_TYPE'
  | 'ENVELOPE_EXPIRED'
  | 'ENVELOPE_REPLAYED'
  | 'WRONG_REGISTRATION'
  | 'WRONG_SIGNER'
  | 'MALFORMED_ENVELOPE'
  | 'BAD_SIGNATURE'
  | 'SESSION_UNKNOWN'
  | 'SESSION_REVOKED'
  | 'SESSION_EXPIRED'
  | 'SESSION_SCOPE'
  | 'SESSION_LIMIT'
  | 'SESSION_EXHAUSTED'
  | 'SESSION_COUNT'
  | 'SIGNATURES_BUSY'
  | 'QUOTES_BUSY'
  | 'PROOFS_BUSY'
  | 'EPOCH_UNKNOWN'
  | 'EPOCH_CONFLICT'
  | 'EPOCH_MISMATCH'
  | 'EPOCH_OVERPAYS'
  | 'EPOCH_UNWITNESSED'
  | 'PAYOUTS_STOPPED';

/** A refusal is a value, not an exception: nothing was changed, and `message` names what to change. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly message: string;
  /** The field at fault, as the wire calls it, where there is one. */
  readonly field?: string;
}

/** What a decision of the domain comes to. */
export type Decision<T> = { readonly ok: true; readonly value: T } | Refusal;

export function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}

export function accept<T>(value: T): Decision<T> {
  return { ok: true, value };
}
