/** Why billing says no; the code is stable, the message names what to change. */
export type RefusalCode =
  | 'INVALID_ARGUMENT'
  | 'ACCOUNT_UNKNOWN'
  | 'ACCOUNT_TAKEN'
  | 'KEY_UNKNOWN'
  | 'TOO_MANY_KEYS'
  | 'LEASE_TERMS_DIFFER'
  | 'LEASE_ENDED'
  | 'INSUFFICIENT_FUNDS';

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly message: string;
}

/** What a use case answers: its result, or why not. */
export type Decision<T> = { readonly ok: true; readonly value: T } | Refusal;

export function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}

export function accept<T>(value: T): Decision<T> {
  return { ok: true, value };
}
