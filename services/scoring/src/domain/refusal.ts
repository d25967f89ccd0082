/** Why weights were not taken. Stable: clients branch on it, the docs list it. */
export type RefusalCode =
  | 'UNKNOWN_SUBNET'
  | 'UNKNOWN_MECHANISM'
  | 'NOT_REGISTERED'
  | 'NO_PERMIT'
  | 'STAKE_TOO_LOW'
  | 'ENVELOPE_EXPIRED'
  | 'ENVELOPE_REPLAYED'
  | 'WRONG_INTERVAL'
  | 'COMMIT_HASH_MALFORMED'
  | 'COMMIT_EXISTS'
  | 'NO_COMMIT'
  | 'REVEAL_TOO_EARLY'
  | 'REVEAL_EXPIRED'
  | 'REVEAL_MISMATCH'
  | 'WRONG_VERSION'
  | 'LENGTH_MISMATCH'
  | 'TOO_MANY_WEIGHTS'
  | 'TOO_FEW_WEIGHTS'
  | 'WEIGHT_OUT_OF_RANGE'
  | 'MAX_WEIGHT_EXCEEDED'
  | 'UIDS_NOT_ASCENDING'
  | 'DUPLICATE_UID'
  | 'UNKNOWN_UID'
  | 'SELF_WEIGHT'
  | 'REPORT_MALFORMED';

/** A refusal is a value: the message names what to change. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export function refuse(code: RefusalCode, message: string): { readonly refusal: Refusal } {
  return { refusal: { code, message } };
}
