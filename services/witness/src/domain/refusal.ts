/** Every reason for which a witness does not sign. Stable: it is the label of a metric. */
export const REFUSAL_REASONS = [
  'INPUTS_HASH_DIFFERS',
  'INPUTS_UNREADABLE',
  'SEAL_UNKNOWN',
  'SEAL_DIFFERS',
  'POLICY_DIFFERS',
  'PREVIOUS_EPOCH_DIFFERS',
  'CARRIED_OVER_DIFFERS',
  'DRAW_DIFFERS',
  'WEIGHTS_IMPOSSIBLE',
  'WEIGHTS_UNSIGNED',
  'WEIGHTS_DIFFER',
  'WEIGHTS_OUTDATED',
  'OUTPUTS_DIFFER',
  'AMOUNTS_DIFFER',
  'SIGNATURE_REFUSED',
  'KEY_UNKNOWN',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Why an epoch is not signed. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The first field that differs; empty where it is no single one. */
  readonly field: string;
  /** For people: what scoring said, and what it should have been. */
  readonly message: string;
}
