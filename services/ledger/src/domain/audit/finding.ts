/** What the outside audit holds a ledger to; each is a metric's label and the name of an incident. */
export const CHECKS = [
  'sequence',
  'chain',
  'postings',
  'running_balance',
  'floor',
  'cap',
  'reward',
  'payout',
  'parents',
  'root',
  'delegators',
  'balances',
  'holds',
  'pools',
  'conservation',
  'tree',
] as const;
export type Check = (typeof CHECKS)[number];

/** Something that does not hold. */
export interface Finding {
  readonly check: Check;
  /** Entry at which it shows; 0 where it is no entry's. */
  readonly sequence: number;
  readonly message: string;
}

/** More would say the same again: after a break every later balance of the account is wrong as well. */
export const FINDINGS_MAX = 50;

/** Findings of one audit, the first ones of them. */
export class Findings {
  readonly #found: Finding[] = [];

  get all(): readonly Finding[] {
    return this.#found;
  }

  add(check: Check, sequence: number, message: string): void {
    if (this.#found.length < FINDINGS_MAX) this.#found.push({ check, sequence, message });
  }
}
