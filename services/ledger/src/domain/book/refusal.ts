/** Every reason for which the ledger refuses something that it was asked for. Stable: programs match on it. */
export type RefusalCode =
  | 'INVALID_ARGUMENT'
  | 'INSUFFICIENT_FUNDS'
  | 'EXISTS_WITH_DIFFERENT_CONTENT'
  | 'ACCOUNT_PROTECTED'
  | 'BALANCE_LIMIT'
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
  | 'ENVELOPE_MISSING'
  | 'WRONG_NETWORK'
  | 'WRONG_ENVELOPE_TYPE'
  | 'ENVELOPE_EXPIRED'
  | 'ENVELOPE_REPLAYED'
  | 'WRONG_REGISTRATION'
  | 'WRONG_SIGNER'
  | 'MALFORMED_ENVELOPE'
  | 'BAD_SIGNATURE'
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
}

/** What a decision of the domain comes to. */
export type Decision<T> = { readonly ok: true; readonly value: T } | Refusal;

export function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}

export function accept<T>(value: T): Decision<T> {
  return { ok: true, value };
}
