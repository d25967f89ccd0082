/** Why weights were not taken, or did not open. Stable: clients branch on them, docs/guides/weights.md explains each. */
export const REFUSAL_CODES = [
  // The envelope
  'ENVELOPE_MISSING',
  'MALFORMED_ENVELOPE',
  'WRONG_ENVELOPE_TYPE',
  'WRONG_NETWORK',
  'WRONG_SIGNER',
  'BAD_SIGNATURE',
  'ENVELOPE_EXPIRED',
  'ENVELOPE_EXPIRY_TOO_FAR',
  'ENVELOPE_REPLAYED',
  'PAYLOAD_TOO_LARGE',
  'PAYLOAD_MALFORMED',
  // Who sends it
  'UNKNOWN_SUBNET',
  'UNKNOWN_MECHANISM',
  'NOT_REGISTERED',
  'REGISTRATION_ENDED',
  'FOREIGN_REGISTRATION',
  'NO_PERMIT',
  'STAKE_TOO_LOW',
  'WRONG_COMMIT_REVEAL_TYPE',
  // When
  'WRONG_INTERVAL',
  'COMMIT_EXISTS',
  'NO_COMMIT',
  'REVEAL_TOO_EARLY',
  'REVEAL_EXPIRED',
  'REVEAL_MISMATCH',
  'NOT_REVEALED',
  'REVEALED_BY_BEACON',
  'TOO_FREQUENT',
  'COMMIT_HASH_MALFORMED',
  // Time-locked commits
  'TIMELOCK_MALFORMED',
  'TIMELOCK_WRONG_BEACON',
  'TIMELOCK_ROUND_PASSED',
  'TIMELOCK_ROUND_TOO_FAR',
  'TIMELOCK_UNAVAILABLE',
  'TIMELOCK_ROUND_UNKNOWN',
  'TIMELOCK_DECRYPT_FAILED',
  'TIMELOCK_PAYLOAD_MALFORMED',
  'TIMELOCK_MISMATCH',
  // The weights
  'WRONG_VERSION',
  'LENGTH_MISMATCH',
  'TOO_MANY_WEIGHTS',
  'TOO_FEW_WEIGHTS',
  'NOT_AN_INTEGER',
  'UID_OUT_OF_RANGE',
  'WEIGHT_OUT_OF_RANGE',
  'SALT_TOO_LONG',
  'SALT_OUT_OF_RANGE',
  'UIDS_NOT_ASCENDING',
  'DUPLICATE_UID',
  'UNKNOWN_UID',
  'UNKNOWN_NETUID',
  'SELF_WEIGHT',
  'ZERO_WEIGHTS',
  'MAX_WEIGHT_EXCEEDED',
  'REPORT_MALFORMED',
  'REPORT_NOT_A_NUMBER',
  // The call
  'BATCH_TOO_LARGE',
  'QUEUE_FULL',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A refusal is a value: the message names the field and the bound. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** First block at which the same would be taken, where time alone is missing. */
  readonly retryAtBlock?: number;
}

export function refuse(code: RefusalCode, message: string): { readonly refusal: Refusal } {
  return { refusal: { code, message } };
}
