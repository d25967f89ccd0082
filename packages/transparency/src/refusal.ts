/** Every reason for which something is refused here. Stable: programs match on it. Meanings are in the README. */
export const REFUSAL_CODES = [
  'KEY_MALFORMED',
  'KEY_UNSUPPORTED',
  'NOTE_MALFORMED',
  'NOTE_TOO_LARGE',
  'SIGNATURE_INVALID',
  'SIGNATURE_MISSING',
  'CHECKPOINT_MALFORMED',
  'ORIGIN_UNKNOWN',
  'QUORUM_MISSED',
  'POLICY_INVALID',
  'RANGE_MALFORMED',
  'ROOT_MISMATCH',
  'PROOF_MALFORMED',
  'PROOF_WRONG',
  'TILE_MISSING',
  'TILE_MALFORMED',
  'BUNDLE_MALFORMED',
  'REQUEST_MALFORMED',
  'SIZE_CONFLICT',
  'ENTRY_MALFORMED',
  'ENTRY_MISMATCH',
  'PAYMENT_ABSENT',
  'BALANCES_MALFORMED',
  'BALANCE_ABSENT',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A refusal is a value, not an exception: bytes from outside are judged, never trusted. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly message: string;
}

export type Decision<T> = { readonly ok: true; readonly value: T } | Refusal;

export function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}

export function accept<T>(value: T): Decision<T> {
  return { ok: true, value };
}
